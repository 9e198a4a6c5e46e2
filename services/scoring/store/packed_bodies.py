"""Bodies of buckets as they are kept: packed with Zstandard, behind a sum that finds damage.

The sum is also over a seal, which says what the body is of: the version that changed its bucket
last, and the digest of the bucket. So a body that belongs to another bucket, or to an earlier
version, is found as one is that was damaged.
"""

from collections.abc import Callable, Sequence
from typing import Final
from zlib import crc32

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError, frame_content_size

LEVEL: Final = -1
"""House decision: takes a sixth more room than level 1, and two thirds of the work to unpack."""


class BodyDamagedError(ValueError):
    """A body is not as it was packed, or not that of its bucket at its version."""


class BodyUnsealedError(BodyDamagedError):
    """A body is as it was packed, but nothing says what it is of: one from before the seals."""


def seal(version: int, digest: bytes) -> bytes:
    """Say what a body is of.

    Args:
        version: Version that changed the bucket last.
        digest: Digest of the bucket at it.
    """
    return version.to_bytes(_VERSION_BYTES, "big") + digest


def packer() -> Callable[[bytes, bytes], bytes]:
    """Give what packs a body, under its seal, as it is kept; for one thread at a time."""
    pack = ZstdCompressor(level=LEVEL).compress

    def packed(body: bytes, sealed: bytes) -> bytes:
        frame = pack(body)
        return _sum(frame, sealed) + frame

    return packed


def sound_frame(kept: bytes, sealed: bytes) -> bytes:
    """Give the Zstandard frame of a body that is kept under a seal.

    Raises:
        BodyUnsealedError: It is from before the seals.
        BodyDamagedError: It is not as it was packed, or has another seal.
    """
    frame = kept[_SUM_BYTES:]
    kept_sum = kept[:_SUM_BYTES]
    if kept_sum == _sum(frame, sealed):
        return frame
    if frame and kept_sum == _sum(frame, b""):
        raise BodyUnsealedError("the body has no seal")
    raise BodyDamagedError("the sum is not that of the body under its seal")


def unpacked_size(frame: bytes) -> int:
    """Say how many bytes the body of a frame takes."""
    return frame_content_size(frame)


def unpacked_unsealed(kept: bytes) -> bytes:
    """Give a body whatever its seal, for whoever holds what is in it against digests of its own.

    Raises:
        BodyDamagedError: It cannot be unpacked.
    """
    try:
        return ZstdDecompressor().decompress(kept[_SUM_BYTES:], max_output_size=_BODY_BYTES_MAX)
    except ZstdError as error:
        raise BodyDamagedError("the frame cannot be unpacked") from error


def unpacker() -> Callable[[Sequence[bytes]], bytes]:
    """Give what unpacks frames and joins their bodies, for one thread at a time."""
    unpack = ZstdDecompressor().decompress
    return lambda frames: b"".join([unpack(frame) for frame in frames])


# Private values and functions --------------------------------------------------

_SUM_BYTES: Final = 4
_VERSION_BYTES: Final = 8
_BODY_BYTES_MAX: Final = 2**28
"""House limit: a damaged frame may say of itself that it needs any amount of memory."""


def _sum(frame: bytes, sealed: bytes) -> bytes:
    return crc32(frame, crc32(sealed)).to_bytes(_SUM_BYTES, "big")
