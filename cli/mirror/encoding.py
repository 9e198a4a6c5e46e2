"""Entries as they stand in the file of a copy: encoded, digested, and in order of their places."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cli.mirror.leaves import Flags, Leaves, mark_of, places_of
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry


@dataclass(frozen=True, slots=True)
class Encoded:
    """Entries of one list.

    Attributes:
        field: Field of the list.
        entries: The entries.
        bodies: What they are encoded as.
        leaves: What is known of them in memory.
    """

    field: int
    entries: Sequence[ListEntry]
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
        marks = [mark_of(entry.credit_code, entry.subject_id) for entry in given]
        order = places.argsort().tolist()
        return cls(
            field=field,
            entries=[given[position] for position in order],
            bodies=[bodies[position] for position in order],
            leaves=Leaves.of(places, digests, marks),
        )

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """Give the place and the body of each."""
        return zip(self.leaves.places.tolist(), self.bodies, strict=True)

    def key_rows(self) -> Iterator[tuple[int, str, int, str, str]]:
        """Give what each is found by, as the file keeps it."""
        for place, entry in zip(self.leaves.places.tolist(), self.entries, strict=True):
            yield place, entry.entry_id, self.field, entry.credit_code, entry.subject_id

    def only(self, chosen: Flags) -> "Encoded":
        """Give some of them."""
        positions = chosen.nonzero()[0].tolist()
        return Encoded(
            field=self.field,
            entries=[self.entries[position] for position in positions],
            bodies=[self.bodies[position] for position in positions],
            leaves=Leaves(*(column[chosen] for column in self.leaves)),
        )
