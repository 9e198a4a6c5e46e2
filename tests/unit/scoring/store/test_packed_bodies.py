"""Bodies of buckets that are packed: what comes back is what was given, or nothing."""

from hashlib import sha256
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.store.packed_bodies import (
    BodyDamagedError,
    BodyUnsealedError,
    packer,
    seal,
    sound_frame,
    unpacked_size,
    unpacked_unsealed,
    unpacker,
)

BODIES = st.lists(st.binary(max_size=300) | st.binary(max_size=3).map(lambda few: few * 1000))
REPEATED = b"\x0a\x05abcde" * 1000
DIGEST = sha256(REPEATED).digest()
SEAL = seal(7, DIGEST)


@given(bodies=BODIES)
def test_bodies_come_back_joined_as_they_were_given(bodies: list[bytes]) -> None:
    """Empty and incompressible ones too; each frame says how long its body is."""
    pack, unpack = packer(), unpacker()

    frames = [sound_frame(pack(body, SEAL), SEAL) for body in bodies]

    assert unpack(frames) == b"".join(bodies)
    assert [unpacked_size(frame) for frame in frames] == [len(body) for body in bodies]


def test_a_body_is_unpacked_whatever_its_seal() -> None:
    """The sum is not asked; bytes that are no frame, and none at all, are refused."""
    kept = packer()(REPEATED, SEAL)

    assert unpacked_unsealed(bytes(4) + kept[4:]) == REPEATED
    for rubbish in (b"", kept[:4], kept[:-1], kept[:4] + b"rubbish"):
        with pytest.raises(BodyDamagedError):
            unpacked_unsealed(rubbish)


@given(data=st.data(), bit=st.integers(0, 7))
def test_a_body_of_which_one_bit_is_wrong_is_refused(data: st.DataObject, bit: int) -> None:
    """Wherever it is: in the sum, in the frame's head, or in what is packed."""
    kept = bytearray(packer()(REPEATED, SEAL))
    kept[data.draw(st.integers(0, len(kept) - 1))] ^= 1 << bit

    with pytest.raises(BodyDamagedError):
        sound_frame(bytes(kept), SEAL)


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(bytes(4), id="a-sum-of-nothing"),
        pytest.param(packer()(REPEATED, SEAL)[:3], id="less-than-the-sum"),
        pytest.param(packer()(REPEATED, SEAL)[:-1], id="one-byte-short"),
        pytest.param(packer()(REPEATED, SEAL) + b"\0", id="one-byte-more"),
        pytest.param(packer()(REPEATED, seal(6, DIGEST)), id="of-another-version"),
        pytest.param(packer()(REPEATED, seal(7, bytes(32))), id="of-another-bucket"),
        pytest.param(REPEATED, id="never-packed"),
    ],
)
def test_what_was_not_packed_so_is_refused(kept: bytes) -> None:
    """Also bytes that a program from before the packing wrote."""
    with pytest.raises(BodyDamagedError, match="the sum is not that of the body under its seal"):
        sound_frame(kept, SEAL)


def test_a_packed_body_is_small_and_led_by_the_sum_of_seal_and_frame() -> None:
    """Four bytes of CRC-32 over version, digest and frame, and a frame with its magic number."""
    kept = packer()(REPEATED, SEAL)

    assert len(kept) < 100
    assert kept[4:8] == bytes.fromhex("28b52ffd")
    sealed = bytes(7) + b"\x07" + DIGEST
    assert int.from_bytes(kept[:4], "big") == crc32(sealed + kept[4:])


def test_a_body_from_before_the_seals_is_told_from_a_damaged_one() -> None:
    """Its sum is over the frame alone, as a migration and servers of that time wrote it."""
    frame = packer()(REPEATED, SEAL)[4:]
    kept = crc32(frame).to_bytes(4, "big") + frame

    with pytest.raises(BodyUnsealedError, match="the body has no seal"):
        sound_frame(kept, SEAL)
