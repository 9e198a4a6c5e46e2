"""What the upkeep of the lists asks of the store: where something changed, or is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of cases or entries, by their numbers.

    Attributes:
        subjects: Of whom; none for everybody.
        after: The number after which it begins.
        limit: How many at most.
    """

    subjects: frozenset[int] | None
    after: int
    limit: int


class UpkeepReads(Protocol):
    """Gives numbers of cases or entries to look at, ascending.

    Each costs as much as there is to find: of some subjects what they have, of everybody all.
    """

    def fallen(self, of: Stretch) -> Sequence[int]:
        """Give blacklist cases whose entries count.

        Of some subjects all of theirs are given; of everybody those in which a record or a role is
        not as when the case was opened.
        """
        ...

    def expired(self, day: date, of: Stretch) -> Sequence[int]:
        """Give entries in force whose term ended by a day."""
        ...

    def endless(self, of: Stretch) -> Sequence[int]:
        """Give entries in force that have no end now."""
        ...

    def ended_before_hazards(self, of: Stretch) -> Sequence[int]:
        """Give blacklist entries that expired before all was known of their hazards.

        A hazard from before the end, or its removal, was written about since the entry was.
        """
        ...

    def redlisted(self, of: Stretch) -> Sequence[int]:
        """Give entries of redlists that are in force, expired, or were lost by a condition."""
        ...

    def moved(self, day: date, of: Stretch) -> Sequence[int]:
        """Give entries in force whose enterprise is in another division on a day."""
        ...
