"""Entries as they stand in the file of a copy: encoded, digested, and in order of their places."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from typing import Self

from cli.mirror.leaves import Flags, Leaves, places_of
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry


@dataclass(frozen=True, slots=True)
class Encoded:
    """Entries of one list.

    Attributes:
        field: Field of the list.
        bodies: What they are encoded as.
        leaves: What is known of them in memory.
    """

    field: int
    bodies: Sequence[bytes]
    leaves: Leaves

    @classmethod
    def of(cls, field: int, entries: Iterable[ListEntry]) -> Self:
        """Encode entries; what a later release added to one is kept."""
        given = list(entries)
        # Not one object an entry, and no name looked up twice: this runs a million times.
        places = places_of([entry.entry_id for entry in given])
        bodies = [entry.SerializeToString(deterministic=True) for entry in given]
        digests = [sha256(body).digest() for body in bodies]
        order = places.argsort().tolist()
        return cls(
            field=field,
            bodies=[bodies[position] for position in order],
            leaves=Leaves.of(places, digests),
        )

    def rows(self) -> Iterator[tuple[int, int, bytes]]:
        """Give the place, the field and the body of each."""
        return zip(self.leaves.places.tolist(), repeat(self.field), self.bodies)

    def only(self, chosen: Flags) -> "Encoded":
        """Give some of them."""
        positions = chosen.nonzero()[0].tolist()
        return Encoded(
            field=self.field,
            bodies=[self.bodies[position] for position in positions],
            leaves=Leaves(*(column[chosen] for column in self.leaves)),
        )
