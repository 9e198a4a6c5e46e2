"""The digests of a copy in memory: after changes they are what they would be from nothing."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.mirror.copy_file import bucket_of_place, place_of, places_of
from cli.mirror.tree import DigestTree, Replacement
from services.scoring.domain.list_digest import EMPTY_LIST, bucket_of

DIGESTS = [sha256(bytes([number])).digest() for number in range(40)]


def digest_of(number: int, text: str) -> bytes:
    """Digest an entry; no two of them are equal, as each holds its own identifier."""
    return sha256(f"{number}{text}".encode()).digest()


def tree_of(entries: dict[int, bytes]) -> DigestTree:
    """Make the tree of entries from nothing; they all lie in two buckets."""
    buckets: dict[int, list[bytes]] = {0: [], 1: []}
    for number, digest in entries.items():
        buckets[number % 2].append(digest)
    return DigestTree().with_buckets(buckets)


def test_a_tree_of_nothing_is_the_empty_list() -> None:
    """It begins where every list began."""
    assert DigestTree().digest == EMPTY_LIST
    assert DigestTree().entry_count == 0


@given(
    st.dictionaries(st.integers(0, 30), st.sampled_from("ab"), max_size=25),
    st.dictionaries(st.integers(0, 30), st.sampled_from(("a", "b", None)), max_size=25),
)
@settings(max_examples=50, deadline=None)
def test_a_changed_tree_is_the_tree_of_what_there_is_then(
    texts: dict[int, str], changes: dict[int, str | None]
) -> None:
    """Any number of entries may come, change and go in one bucket at once."""
    before = {number: digest_of(number, text) for number, text in texts.items()}
    after = dict(before)
    by_bucket: dict[int, list[Replacement]] = {}
    for number, text in changes.items():
        digest = None if text is None else digest_of(number, text)
        after.pop(number, None)
        if digest is not None:
            after[number] = digest
        by_bucket.setdefault(number % 2, []).append((before.get(number), digest))

    changed = tree_of(before).changed(by_bucket)

    expected = tree_of(after)
    assert (changed.digest, changed.entry_count) == (expected.digest, expected.entry_count)


def test_a_digest_that_is_not_there_shows_in_the_digest() -> None:
    """Nothing else is taken out instead, so that a damaged tree has one entry too many."""
    tree = tree_of({0: DIGESTS[0], 2: DIGESTS[2]})

    changed = tree.changed({0: [(DIGESTS[5], DIGESTS[6])]})

    expected = tree_of({0: DIGESTS[0], 2: DIGESTS[2], 4: DIGESTS[6]})
    assert (changed.digest, changed.entry_count) == (expected.digest, 3)


def test_replaced_buckets_leave_the_others_as_they_are() -> None:
    """A repaired bucket counts anew, also when it becomes empty; the tree before stays."""
    before = tree_of({0: DIGESTS[0], 1: DIGESTS[1], 2: DIGESTS[2]})

    replaced = before.with_buckets({0: [DIGESTS[4]], 1: []})

    expected = tree_of({0: DIGESTS[4]})
    assert (replaced.digest, replaced.entry_count) == (expected.digest, 1)
    assert before.entry_count == 3


@pytest.mark.parametrize("entry_id", ["l-1", "l-2", "l-300001"])
def test_a_place_lies_in_the_bucket_of_its_entry(entry_id: str) -> None:
    """The file keeps the entries of a bucket together."""
    bucket = bucket_of(entry_id)

    first, end = places_of(bucket)

    assert first <= place_of(entry_id) < end
    assert bucket_of_place(place_of(entry_id)) == bucket
