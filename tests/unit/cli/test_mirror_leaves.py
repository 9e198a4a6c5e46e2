"""What a mirror knows of entries, in columns: their order, their buckets, their digest."""

from hashlib import sha256

import numpy as np
import pytest

from cli.mirror.leaves import (
    NO_LEAVES,
    Leaves,
    bucket_of_place,
    places_in,
    places_of,
    stretches,
)
from services.scoring.domain.list_digest import EMPTY_BUCKET, bucket_of

FIRST_OF_2 = places_in(2)[0]


def leaves(*entries: tuple[int, bytes]) -> Leaves:
    """Make leaves of places and digests."""
    places = np.array([place for place, _ in entries], np.int64)
    return Leaves.of(places, [digest for _, digest in entries])


@pytest.mark.parametrize("entry_id", ["l-1", "l-2", "l-300001"])
def test_a_place_is_the_first_63_bits_of_the_digest_of_a_name(entry_id: str) -> None:
    """So the entries of a bucket lie together in the file."""
    (place,) = places_of([entry_id]).tolist()

    first, end = places_in(bucket_of(entry_id))
    assert place == int.from_bytes(sha256(entry_id.encode()).digest()[:8], "big") // 2
    assert first <= place < end
    assert bucket_of_place(place) == bucket_of(entry_id)


def test_nothing_has_no_places() -> None:
    """Changes may hold no entry that goes, and a list no entry at all."""
    assert places_of([]).tolist() == []
    assert list(stretches(places_of([]))) == []


def test_places_are_parted_by_bucket() -> None:
    """The last place of a bucket and the first of the next are of two, whatever lies between."""
    places = np.array([0, 5, FIRST_OF_2 - 1, FIRST_OF_2, FIRST_OF_2 + 1], np.int64)

    assert list(stretches(places)) == [(0, 0, 2), (1, 2, 3), (2, 3, 5)]


@pytest.mark.parametrize(
    ("digests", "ordered"),
    [
        pytest.param([b"b" * 32, b"a" * 32], [b"a" * 32, b"b" * 32], id="by-the-first-byte"),
        pytest.param(
            [b"\xff" * 32, b"\x7f" * 32], [b"\x7f" * 32, b"\xff" * 32], id="bytes-have-no-sign"
        ),
        pytest.param(
            [b"a" * 8 + b"c" * 24, b"a" * 31 + b"b", b"a" * 32],
            [b"a" * 32, b"a" * 31 + b"b", b"a" * 8 + b"c" * 24],
            id="equal-first-words",
        ),
        pytest.param([], [], id="nothing"),
    ],
)
def test_a_digest_is_over_digests_in_ascending_order(
    digests: list[bytes], ordered: list[bytes]
) -> None:
    """The rule of list_sync_service.proto, whatever the places say."""
    one = leaves(*enumerate(digests))

    assert one.digest() == sha256(b"".join(ordered)).digest()
    assert NO_LEAVES.digest() == EMPTY_BUCKET


def test_parts_are_joined_in_order_of_places() -> None:
    """Entries keep their digests, to the byte, wherever they came from."""
    parts = [leaves((9, b"c" * 32), (1, b"a" * 32)), leaves((4, b"b" * 32))]

    joined = Leaves.joined(parts)

    assert joined.places.tolist() == [1, 4, 9]
    assert joined.digests.tobytes() == b"a" * 32 + b"b" * 32 + b"c" * 32
    assert Leaves.joined([]).places.tolist() == []
