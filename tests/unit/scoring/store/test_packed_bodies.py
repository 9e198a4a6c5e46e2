"""Bodies of buckets that are packed: what comes back is what was given, or nothing."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.store.packed_bodies import (
    BodyDamagedError,
    packer,
    sound_frame,
    unpacked_size,
    unpacker,
)

BODIES = st.lists(st.binary(max_size=300) | st.binary(max_size=3).map(lambda few: few * 1000))
REPEATED = b"\x0a\x05abcde" * 1000


@given(bodies=BODIES)
def test_bodies_come_back_joined_as_they_were_given(bodies: list[bytes]) -> None:
    """Empty and incompressible ones too; each frame says how long its body is."""
    pack, unpack = packer(), unpacker()

    frames = [sound_frame(pack(body)) for body in bodies]

    assert unpack(frames) == b"".join(bodies)
    assert [unpacked_size(frame) for frame in frames] == [len(body) for body in bodies]


@given(data=st.data(), bit=st.integers(0, 7))
def test_a_body_of_which_one_bit_is_wrong_is_refused(data: st.DataObject, bit: int) -> None:
    """Wherever it is: in the sum, in the frame's head, or in what is packed."""
    kept = bytearray(packer()(REPEATED))
    kept[data.draw(st.integers(0, len(kept) - 1))] ^= 1 << bit

    with pytest.raises(BodyDamagedError):
        sound_frame(bytes(kept))


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(packer()(REPEATED)[:3], id="less-than-the-sum"),
        pytest.param(packer()(REPEATED)[:-1], id="one-byte-short"),
        pytest.param(packer()(REPEATED) + b"\0", id="one-byte-more"),
        pytest.param(REPEATED, id="never-packed"),
    ],
)
def test_what_was_not_packed_so_is_refused(kept: bytes) -> None:
    """Also bytes that a program from before the packing wrote."""
    with pytest.raises(BodyDamagedError, match="the sum is not that of the body"):
        sound_frame(kept)


def test_a_packed_body_is_small_and_led_by_the_sum_of_its_frame() -> None:
    """The form that a migration wrote: four bytes of CRC-32, and a frame with its magic number."""
    kept = packer()(REPEATED)

    assert len(kept) < 100
    assert kept[4:8] == bytes.fromhex("28b52ffd")
    assert int.from_bytes(kept[:4], "big") == crc32(kept[4:])
