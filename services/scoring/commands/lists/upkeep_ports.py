"""What the upkeep of the lists asks of the store: where something changed, or is due.

It also keeps there how far it has looked, so that whoever goes on looks at what came after.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

BASIS: Final = "basis"
"""The chore that goes over cases; every other one goes over entries."""

REDLISTING: Final = "redlisting"


@dataclass(frozen=True, slots=True)
class Backlog:
    """Something for which everybody is looked at, little by little.

    Attributes:
        chore: The chore.
        policies: By which policies; none for any.
        after: The number up to which everybody has been.
    """

    chore: str
    policies: frozenset[str] | None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where everything has been looked at.

    Attributes:
        edition: Edition of the program that looked.
        revision: Revision up to which all that was written about was looked at.
        day: Day by which all that was due was.
        laws: What each list policy said and took in, as digests.
        backlog: What is left to look at besides.
    """

    edition: int
    revision: int
    day: date
    laws: Mapping[str, str]
    backlog: tuple[Backlog, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedWork:
    """Something that could not be kept right.

    Attributes:
        chore: What could not be done.
        number: The case or entry of which.
        reason: Reason of the refusal.
        message: What was refused.
    """

    chore: str
    number: int
    reason: str
    message: str

    @property
    def key(self) -> tuple[str, int]:
        """Tell it from other work."""
        return self.chore, self.number


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of cases or entries, by their numbers.

    Attributes:
        subjects: Of whom; none for everybody.
        after: The number after which it begins.
        limit: How many at most.
        policies: By which policies; none for any.
    """

    subjects: frozenset[int] | None
    after: int
    limit: int
    policies: frozenset[str] | None = None


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

    def counting(self, of: Stretch) -> Sequence[int]:
        """Give blacklist cases whose entries count, of everybody."""
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

    def due(self, day: date, of: Stretch) -> Sequence[int]:
        """Give the redlistings that time alone may have ended by a day."""
        ...

    def moved(self, day: date, of: Stretch) -> Sequence[int]:
        """Give entries in force whose enterprise is in another division, or renamed, on a day.

        Of a person's own case it may be any enterprise in which the person has or had a role.
        """
        ...

    def named_since(self, of: Stretch) -> Sequence[int]:
        """Give entries beside whose subjects somebody became known since their cases."""
        ...

    def mark(self) -> Mark | None:
        """Say up to where everything has been looked at; nothing where nobody looked yet."""
        ...

    def failed(self) -> Sequence[FailedWork]:
        """Give what could not be done the last time."""
        ...


class UpkeepLease(Protocol):
    """Lets one replica at a time keep the lists right, and keeps how far it came.

    That takes no revision: nothing more is known after it.
    """

    def claim(self) -> str | None:
        """Take the lease; nothing if another holds it."""
        ...

    def release(self, lease: str) -> None:
        """Give the lease back."""
        ...

    def keep(self, lease: str, dues: Mapping[int, date | None], mark: Mark | None) -> bool:
        """Hold the lease on, and keep what was found meanwhile.

        Args:
            lease: The lease.
            dues: From which day on redlistings are to be looked at again; none for never.
            mark: Up to where everything has been looked at by now; none while it is not yet.

        Returns:
            Whether the lease was still held; otherwise nothing was kept.
        """
        ...


class FailureWrites(Protocol):
    """Keeps what could not be done."""

    def note(self, failed: Collection[FailedWork], mended: Collection[tuple[str, int]]) -> None:
        """Note what fails now, or for another reason, and what fails no more."""
        ...
