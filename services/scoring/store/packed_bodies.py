"""Bodies of buckets as they are kept: packed with Zstandard, behind a sum that finds damage."""

from collections.abc import Callable, Sequence
from typing import Final
from zlib import crc32

from zstandard import ZstdCompressor, ZstdDecompressor, frame_content_size

LEVEL: Final = -1
"""House decision: takes a sixth more room than level 1, and two thirds of the work to unpack."""


class BodyDamagedError(ValueError):
    """A body is not as it was packed."""


def packer() -> Callable[[bytes], bytes]:
    """Give what packs bodies as they are kept, for one thread at a time."""
    pack = ZstdCompressor(level=LEVEL).compress

    def packed(body: bytes) -> bytes:
        frame = pack(body)
        return _sum(frame) + frame

    return packed


def sound_frame(kept: bytes) -> bytes:
    """Give the Zstandard frame of a body that is kept.

    Raises:
        BodyDamagedError: It is not as it was packed.
    """
    frame = kept[_SUM_BYTES:]
    if kept[:_SUM_BYTES] != _sum(frame):
        raise BodyDamagedError("the sum is not that of the body")
    return frame


def unpacked_size(frame: bytes) -> int:
    """Say how many bytes the body of a frame takes."""
    return frame_content_size(frame)


def unpacker() -> Callable[[Sequence[bytes]], bytes]:
    """Give what unpacks frames and joins their bodies, for one thread at a time."""
    unpack = ZstdDecompressor().decompress
    return lambda frames: b"".join([unpack(frame) for frame in frames])


# Private values and functions --------------------------------------------------

_SUM_BYTES: Final = 4


def _sum(frame: bytes) -> bytes:
    return crc32(frame).to_bytes(_SUM_BYTES, "big")
