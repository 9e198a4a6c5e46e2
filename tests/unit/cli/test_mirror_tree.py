"""The digests of a copy in memory: after changes they are what they would be from nothing."""

from collections.abc import Mapping
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.mirror.leaves import NO_LEAVES, Leaves, bucket_of_place, places_of
from cli.mirror.tree import DigestTree
from services.scoring.domain.list_digest import (
    BUCKETS,
    EMPTY_LIST,
    bucket_digest,
    bucket_of,
    list_digest,
)

TEXTS = st.sampled_from(("a", "b"))


def in_few_buckets(count: int) -> list[str]:
    """Find names that share three buckets."""
    names = (f"l-{number}" for number in range(100_000))
    return [name for _, name in zip(range(count), filter(few, names), strict=False)]


def few(name: str) -> bool:
    """Say whether a name lies in the first three buckets."""
    return bucket_of(name) < 3


NAMES = in_few_buckets(30)


def digest_of(name: str, text: str) -> bytes:
    """Digest an entry; no two of them are equal, as each holds its own identifier."""
    return sha256(f"{name}{text}".encode()).digest()


def leaves_of(texts: Mapping[str, str]) -> Leaves:
    """Make leaves of entries."""
    digests = [digest_of(name, text) for name, text in texts.items()]
    return Leaves.of(places_of(list(texts)), digests)


def expected_digest(texts: Mapping[str, str]) -> bytes:
    """Digest a list by the rule of list_sync_service.proto."""
    buckets: list[list[bytes]] = [[] for _ in range(BUCKETS)]
    for name, text in texts.items():
        buckets[bucket_of(name)].append(digest_of(name, text))
    return list_digest(b"".join(map(bucket_digest, buckets)))


def test_a_tree_of_nothing_is_the_empty_list() -> None:
    """It begins where every list began."""
    for tree in (DigestTree(), DigestTree.of(NO_LEAVES)):
        assert tree.digest == EMPTY_LIST
        assert tree.entry_count == 0


@given(
    st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=25),
    st.dictionaries(st.sampled_from(NAMES), TEXTS | st.none(), max_size=25),
)
@settings(max_examples=50)
def test_a_changed_tree_is_the_tree_of_what_there_is_then(
    before: dict[str, str], changes: dict[str, str | None]
) -> None:
    """Any number of entries may come, change and go in one bucket at once.

    It tells how each of them stood, and the tree before stays what it was.
    """
    put = {name: text for name, text in changes.items() if text is not None}
    names_gone = [name for name, text in changes.items() if text is None]
    after = {name: text for name, text in before.items() if name not in names_gone} | put
    tree, now, gone = DigestTree.of(leaves_of(before)), leaves_of(put), places_of(names_gone)
    gone.sort()

    changed, standing = tree.changed(now, gone)

    assert (changed.digest, changed.entry_count) == (expected_digest(after), len(after))
    assert (tree.digest, tree.entry_count) == (expected_digest(before), len(before))
    known = set(places_of(list(before)).tolist())
    assert standing.known.tolist() == [place in known for place in now.places.tolist()]
    assert standing.gone.tolist() == [place in known for place in gone.tolist()]


def test_replaced_buckets_leave_the_others_as_they_are() -> None:
    """A repaired bucket counts anew, also when it becomes empty; the tree before stays."""
    one, two = (next(name for name in NAMES if bucket_of(name) == number) for number in (0, 1))
    before = DigestTree.of(leaves_of({one: "a", two: "a"}))
    repaired = leaves_of({one: "b"})
    assert bucket_of_place(repaired.places[0]) == 0

    replaced = before.with_buckets({0: repaired, 1: NO_LEAVES})

    assert (replaced.digest, replaced.entry_count) == (expected_digest({one: "b"}), 1)
    assert before.entry_count == 2
