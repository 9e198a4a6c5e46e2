"""The digests of a list's entries in memory, by bucket: what tells whether a copy is right.

Thirty-two bytes an entry. An application changes the buckets that it touches, and no others.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from services.scoring.domain.list_digest import (
    BUCKETS,
    DIGEST_BYTES,
    EMPTY_BUCKETS,
    bucket_slice,
    list_digest,
)

Replacement = tuple[bytes | None, bytes | None]
"""Digest of an entry before and after a change; nothing where there is no entry."""


class DigestTree:
    """One list: the digests of its entries in order, and those of its buckets."""

    __slots__ = ("_buckets", "_digests", "entry_count")

    def __init__(self) -> None:
        """Begin with the empty list."""
        self._buckets: list[bytes] = [b""] * BUCKETS
        self._digests = EMPTY_BUCKETS
        self.entry_count = 0

    @classmethod
    def of(cls, buckets: Sequence[Sequence[bytes]]) -> "DigestTree":
        """Make the tree of a list from the digests in each of its buckets, in any order."""
        tree = cls()
        tree._buckets = [b"".join(sorted(bucket)) for bucket in buckets]
        tree._digests = b"".join(sha256(bucket).digest() for bucket in tree._buckets)
        tree.entry_count = sum(map(len, buckets))
        return tree

    @property
    def bucket_digests(self) -> bytes:
        """Give the digests of the buckets, one after the other."""
        return self._digests

    @property
    def digest(self) -> bytes:
        """Give the digest of the list."""
        return list_digest(self._digests)

    def changed(self, changes: Mapping[int, Sequence[Replacement]]) -> "DigestTree":
        """Give the tree after changes, and leave this one as it is.

        Args:
            changes: What changed in each bucket.
        """
        after = DigestTree()
        after._buckets = list(self._buckets)
        digests = bytearray(self._digests)
        for number, replacements in changes.items():
            bucket = _replaced(self._buckets[number], replacements)
            after._buckets[number] = bucket
            digests[bucket_slice(number)] = sha256(bucket).digest()
        after._digests = bytes(digests)
        after.entry_count = self.entry_count + sum(
            (now is not None) - (before is not None)
            for replacements in changes.values()
            for before, now in replacements
        )
        return after

    def with_buckets(self, buckets: Mapping[int, Iterable[bytes]]) -> "DigestTree":
        """Give the tree after whole buckets were replaced, and leave this one as it is."""
        after = DigestTree()
        after._buckets = list(self._buckets)
        for number, entries in buckets.items():
            after._buckets[number] = b"".join(sorted(entries))
        after._digests = b"".join(sha256(bucket).digest() for bucket in after._buckets)
        after.entry_count = sum(map(len, after._buckets)) // DIGEST_BYTES
        return after


# Private functions -----------------------------------------------------------


def _replaced(bucket: bytes, replacements: Iterable[Replacement]) -> bytes:
    """Give a bucket after changes, its digests in order; what does not change is copied whole.

    A digest to take out that is not there shows in the digest of the list, which is looked at
    afterwards.
    """
    edits: list[tuple[int, int, bytes]] = []
    for before, now in replacements:
        if before is not None:
            place = bucket.find(before)
            if place >= 0:
                # Behind what is put in at the same place: that is smaller.
                edits.append((place, 1, b""))
        if now is not None:
            edits.append((_place(bucket, now), 0, now))
    edits.sort()
    parts: list[bytes] = []
    start = 0
    for place, gone, now in edits:
        parts += (bucket[start:place], now)
        start = place + gone * DIGEST_BYTES
    parts.append(bucket[start:])
    return b"".join(parts)


def _place(bucket: bytes, digest: bytes) -> int:
    """Find the place of the first digest that is not below one."""
    low, high = 0, len(bucket) // DIGEST_BYTES
    while low < high:
        middle = (low + high) // 2
        start = middle * DIGEST_BYTES
        if bucket[start : start + DIGEST_BYTES] < digest:
            low = middle + 1
        else:
            high = middle
    return low * DIGEST_BYTES
