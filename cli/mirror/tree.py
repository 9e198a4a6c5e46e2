"""The digests of a list's entries in memory, by bucket: what tells whether a copy is right.

Thirty-two bytes an entry. An application changes the buckets that it touches, and no others.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from struct import unpack
from typing import Final

from services.scoring.domain.list_digest import (
    BUCKETS,
    DIGEST_BYTES,
    EMPTY_BUCKETS,
    bucket_slice,
    list_digest,
)

Replacement = tuple[bytes | None, bytes | None]
"""Digest of an entry before and after a change; nothing where there is no entry."""

_DIGEST: Final = f"{DIGEST_BYTES}s"


class DigestTree:
    """One list: the digests of its entries in order, and those of its buckets."""

    __slots__ = ("_buckets", "_digests", "entry_count")

    def __init__(self) -> None:
        """Begin with the empty list."""
        self._buckets: list[bytes] = [b""] * BUCKETS
        self._digests = EMPTY_BUCKETS
        self.entry_count = 0

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
        return self._with(
            {
                number: _replaced(self._buckets[number], replacements)
                for number, replacements in changes.items()
            }
        )

    def with_buckets(self, buckets: Mapping[int, Iterable[bytes]]) -> "DigestTree":
        """Give the tree after whole buckets were replaced, and leave this one as it is.

        Args:
            buckets: Digests of their entries, in any order.
        """
        return self._with(
            {number: b"".join(sorted(entries)) for number, entries in buckets.items()}
        )

    # Private methods -------------------------------------------------------------

    def _with(self, buckets: Mapping[int, bytes]) -> "DigestTree":
        after = DigestTree()
        after._buckets = list(self._buckets)
        digests = bytearray(self._digests)
        growth = 0
        for number, bucket in buckets.items():
            growth += len(bucket) - len(self._buckets[number])
            after._buckets[number] = bucket
            digests[bucket_slice(number)] = sha256(bucket).digest()
        after._digests = bytes(digests)
        after.entry_count = self.entry_count + growth // DIGEST_BYTES
        return after


# Private functions -----------------------------------------------------------


def _replaced(bucket: bytes, replacements: Iterable[Replacement]) -> bytes:
    """Give a bucket after changes, its digests in order.

    A digest to take out that is not there shows in the digest of the list, which is looked at
    afterwards.
    """
    digests = list(unpack(_DIGEST * (len(bucket) // DIGEST_BYTES), bucket))
    for before, now in replacements:
        if before is not None:
            place = bisect_left(digests, before)
            if digests[place : place + 1] == [before]:
                del digests[place]
        if now is not None:
            insort(digests, now)
    return b"".join(digests)
