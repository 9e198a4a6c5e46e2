"""What a mirror knows in memory of entries: where they stand, and their digests.

Columns rather than objects: forty bytes an entry, and a bucket is changed in a few steps.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from services.scoring.domain.list_digest import DIGEST_BYTES

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

_PLACES_BITS: Final = 63 - 12

_WORD: Final = np.dtype(">u8")
_WORDS: Final = DIGEST_BYTES // _WORD.itemsize


def places_of(names: Sequence[str]) -> Numbers:
    """Give the places of entries in the file: the first 63 bits of SHA-256 of their identifiers.

    So the entries of a bucket lie together, and changes that come bucket by bucket touch pages that
    lie together too. Two entries in one place are not to be expected within the age of the world;
    the digest of the list would show it.
    """
    words = _words([sha256(name.encode()).digest() for name in names])
    return (words[:, 0].astype(np.uint64) >> np.uint64(1)).astype(np.int64)


def bucket_of_place(place: int) -> int:
    """Give the bucket that a place lies in."""
    return place >> _PLACES_BITS


def places_in(bucket: int) -> tuple[int, int]:
    """Give the first place of a bucket, and the first after it."""
    return bucket << _PLACES_BITS, (bucket + 1) << _PLACES_BITS


def stretches(places: Numbers) -> Iterator[tuple[int, int, int]]:
    """Give the buckets that places in order lie in, each with its first position and its end."""
    if not len(places):
        return
    buckets = places >> _PLACES_BITS
    firsts = [0, *(np.flatnonzero(buckets[1:] != buckets[:-1]) + 1).tolist()]
    yield from zip(buckets[firsts].tolist(), firsts, [*firsts[1:], len(places)], strict=True)


class Leaves(NamedTuple):
    """Entries in order of their places, in two columns.

    Attributes:
        places: Their places.
        digests: Their digests, as four words each, which compare as their bytes do.
    """

    places: Numbers
    digests: NDArray[Any]

    @classmethod
    def of(cls, places: Numbers, digests: Sequence[bytes]) -> Self:
        """Put entries in order."""
        order = places.argsort()
        return cls(places[order], _words(digests)[order])

    @classmethod
    def joined(cls, parts: Sequence["Leaves"]) -> Self:
        """Put the entries of several parts in order."""
        places, digests = (
            # NumPy would turn the words around to the machine's own order.
            np.concatenate(column, dtype=column[0].dtype)
            for column in zip(NO_LEAVES, *parts, strict=True)
        )
        order = places.argsort()
        return cls(places[order], digests[order])

    def part(self, start: int, end: int) -> "Leaves":
        """Give those from one position to another."""
        return Leaves(self.places[start:end], self.digests[start:end])

    def copied(self) -> "Leaves":
        """Give them by themselves, so that what they are a part of need not be kept."""
        return Leaves(self.places.copy(), self.digests.copy())

    def found(self, places: Numbers) -> tuple[Numbers, Flags]:
        """Say where places stand, or would, and which of them are there."""
        positions = self.places.searchsorted(places)
        if not len(self.places):
            return positions, np.zeros(len(places), np.bool_)
        return positions, self.places.take(positions, mode="clip") == places

    def with_put(self, now: "Leaves") -> tuple["Leaves", Flags]:
        """Put entries in, or in the place of those that are there.

        Returns:
            What there is then, and which were there.
        """
        at, known = self.found(now.places)
        digests = self.digests.copy()
        digests[at[known]] = now.digests[known]
        after = Leaves(self.places, digests)
        if np.count_nonzero(known) == len(known):
            return after, known
        new = ~known
        inserted = (
            np.insert(column, at[new], coming[new], axis=0)
            for column, coming in zip(after, now, strict=True)
        )
        return Leaves(*inserted), known

    def without(self, gone: Numbers) -> tuple["Leaves", Flags]:
        """Take entries out; say which of them were there."""
        at, known = self.found(gone)
        return Leaves(*(np.delete(column, at[known], axis=0) for column in self)), known

    def digest(self) -> bytes:
        """Give SHA-256 of the digests in ascending order."""
        first = self.digests[:, 0].astype(np.uint64)
        order = first.argsort()
        first = first[order]
        if np.count_nonzero(first[1:] == first[:-1]):
            # The first word decides, but where two of them are equal.
            whole = self.digests
            order = np.lexsort(tuple(whole[:, word] for word in reversed(range(_WORDS))))
        return sha256(self.digests.take(order, axis=0).data).digest()


NO_LEAVES: Final = Leaves(np.empty(0, np.int64), np.empty((0, _WORDS), _WORD))


# Private functions -----------------------------------------------------------


def _words(digests: Sequence[bytes]) -> NDArray[Any]:
    return np.frombuffer(b"".join(digests), _WORD).reshape(-1, _WORDS)
