"""The digests of a list's entries in memory, by bucket: what tells whether a copy is right.

It knows where each entry stands, so that the file need not be read to tell what changes there. An
application changes the buckets that it touches, and no others.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from cli.mirror.leaves import NO_LEAVES, Flags, Leaves, Numbers, stretches
from services.scoring.domain.list_digest import (
    BUCKETS,
    EMPTY_BUCKETS,
    bucket_slice,
    list_digest,
)


class Standing(NamedTuple):
    """How changed entries stood before.

    Attributes:
        known: Which of those that are put were there.
        gone: Which of those that go were there.
    """

    known: Flags
    gone: Flags


class DigestTree:
    """One list: its entries in order of their places, and the digests of its buckets."""

    __slots__ = ("_buckets", "_digests", "entry_count")

    def __init__(self) -> None:
        """Begin with the empty list."""
        self._buckets: list[Leaves] = [NO_LEAVES] * BUCKETS
        self._digests = EMPTY_BUCKETS
        self.entry_count = 0

    @classmethod
    def of(cls, leaves: Leaves) -> "DigestTree":
        """Give the tree of entries."""
        parts = {
            bucket: leaves.part(start, end).copied()
            for bucket, start, end in stretches(leaves.places)
        }
        return cls().with_buckets(parts)

    @property
    def bucket_digests(self) -> bytes:
        """Give the digests of the buckets, one after the other."""
        return self._digests

    @property
    def digest(self) -> bytes:
        """Give the digest of the list."""
        return list_digest(self._digests)

    def changed(self, now: Leaves, gone: Numbers) -> tuple["DigestTree", Standing]:
        """Give the tree after changes, and leave this one as it is.

        Args:
            now: Entries that are new or changed.
            gone: Places of entries that go, in order; none of those.

        Returns:
            The tree, and how the entries stood in this one.
        """
        after: dict[int, Leaves] = {}
        known, were_there = np.empty(len(now.places), np.bool_), np.empty(len(gone), np.bool_)
        for bucket, start, end in stretches(gone):
            after[bucket], were_there[start:end] = self._buckets[bucket].without(gone[start:end])
        for bucket, start, end in stretches(now.places):
            before = after.get(bucket, self._buckets[bucket])
            after[bucket], known[start:end] = before.with_put(now.part(start, end))
        return self.with_buckets(after), Standing(known, were_there)

    def with_buckets(self, buckets: Mapping[int, Leaves]) -> "DigestTree":
        """Give the tree after whole buckets were replaced, and leave this one as it is.

        Args:
            buckets: What is in each of them then.
        """
        after = DigestTree()
        after._buckets = list(self._buckets)
        digests = bytearray(self._digests)
        growth = 0
        for number, bucket in buckets.items():
            growth += len(bucket.places) - len(self._buckets[number].places)
            after._buckets[number] = bucket
            digests[bucket_slice(number)] = bucket.digest()
        after._digests = bytes(digests)
        after.entry_count = self.entry_count + growth
        return after
