"""What the commands about objections and repairs need of the world."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.common.identity import Caller
from services.common.tokens import StorePoint, StoreToken
from services.common.working_days import Deadline
from services.credit.commands.ports import Reading, RecordReads, Slice, SubjectFacts, Writing
from services.credit.domain.record import Edition
from services.credit.domain.remedied_entry import RemediedEntry
from services.credit.domain.remedy import Decided, Remedy, RemedyState, RemedyStep, Target
from services.credit.domain.repair_law import CaseLaw, ProcedureLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """An entry of a list, as far as a remedy needs it.

    Attributes:
        decided: The decision behind it.
        favourable: Whether the list is a redlist.
        corrected: Whether it was corrected: it never counted.
        removal_date: Day from which it is off the list; none while it is on it.
    """

    decided: Decided
    favourable: bool
    corrected: bool
    removal_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyFilter:
    """Which remedies are listed; what is none or empty does not narrow.

    Attributes:
        authority: Name of the authority at which they lie, whole.
        target: Record or entry that they are about.
        state: How far they have come.
    """

    authority: str = ""
    target: Target | None = None
    state: RemedyState | None = None


class RemedyReads(Protocol):
    """Reads remedies, and the entries of the lists."""

    def remedy(self, remedy_id: int, *, revision: int, as_of: date) -> Remedy | None:
        """Give a remedy with its steps up to a day; nothing if it was unknown."""
        ...

    def about(self, target: Target, *, revision: int, as_of: date) -> Sequence[Remedy]:
        """Give the remedies about a record or entry, oldest first."""
        ...

    def page(self, wanted: RemedyFilter, part: Slice) -> Sequence[Remedy]:
        """List remedies by ascending number.

        ``part.after`` is the number of the remedy before the first.
        """
        ...

    def entry(self, entry_id: int, *, revision: int) -> ListedEntry | None:
        """Give an entry of a list; nothing if it was unknown."""
        ...

    def decided_divisions(self, decided: Decided, *, revision: int) -> frozenset[int]:
        """Give the divisions in which what was decided lay then, wherever its subject is now."""
        ...

    def records_behind(self, entry_id: int, *, revision: int) -> Sequence[int]:
        """Give the records on which the listing of an entry's subject rests."""
        ...

    def listed_since(self, decided: Decided, *, revision: int, day: date) -> int | None:
        """Give another entry of a blacklist of the field, decided on since; none if there is none.

        Args:
            decided: The decision, on whose day or after it.
            revision: Revision by which entries are known.
            day: Last day on which it may have been decided on.
        """
        ...

    def decided_listing(self, decided: Decided, *, revision: int, day: date) -> int | None:
        """Give a case of a blacklist of the field in which a listing is decided, and not published.

        The arguments are those of `listed_since`.
        """
        ...

    def withdrawal_dates(self, entry_id: int, *, revision: int) -> Sequence[date]:
        """Give the days on which an early removal of an entry was withdrawn for deceit."""
        ...

    def remedied(self, entry_ids: Collection[int], *, revision: int) -> Mapping[int, RemediedEntry]:
        """Give what became of entries by what was known at a revision, by their numbers."""
        ...


class RemedyWrites(RemedyReads, Protocol):
    """Reads and writes remedies."""

    def open(self, remedy: Remedy) -> None:
        """Store a new remedy with its first step."""
        ...

    def append(self, remedy: Remedy) -> None:
        """Store the latest step of a remedy."""
        ...

    def repair(self, remedy: Remedy, *, row_id: int) -> None:
        """Store that the record of a remedy is repaired from the day of the latest step."""
        ...

    def unrepair(self, remedy: Remedy) -> None:
        """Store that this repair of the record does not hold any more."""
        ...


class RemedyFacts(SubjectFacts, Protocol):
    """What stands behind a remedy, within a snapshot or a write."""

    @property
    def records(self) -> RecordReads:
        """Read records."""
        ...

    @property
    def remedies(self) -> RemedyReads:
        """Read remedies."""
        ...


class RemedyReading(Reading, Protocol):
    """A consistent snapshot."""

    @property
    def remedies(self) -> RemedyReads:
        """Read remedies."""
        ...


class RemedyWriting(Writing, Protocol):
    """A write transaction that has the store to itself; undone unless committed."""

    @property
    def remedies(self) -> RemedyWrites:
        """Read and write remedies."""
        ...


class RemedyStore(Protocol):
    """The store of facts, with remedies."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[RemedyReading]:
        """Open a snapshot.

        Raises:
            SafetyCreditError: This replica has not reached the token in time.
        """
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[RemedyWriting]:
        """Begin a write, kept with its caller and method."""
        ...


class RepairLaw(Protocol):
    """What the policy of repairs says."""

    def publications(self, edition: Edition, start_date: date) -> Sequence[CaseLaw]:
        """Give class and periods of a penalty by every version, oldest first.

        Args:
            edition: The penalty.
            start_date: Day from which the periods run.
        """
        ...

    def entry_publications(self, start_date: date) -> Sequence[CaseLaw]:
        """Give class and periods of a blacklist entry by every version, oldest first."""
        ...

    def procedure(self, day: date, *, listed: bool) -> ProcedureLaw:
        """Give the procedure in force on a day.

        Raises:
            PeriodsUndefinedError: No version was in force.
        """
        ...

    def kept_procedure(self, version: str, *, listed: bool) -> ProcedureLaw:
        """Give the procedure of a version that a remedy keeps.

        Raises:
            PeriodsUndefinedError: The version is gone.
        """
        ...


class RepairLaws(Protocol):
    """Knows the policy of repairs, whatever is published."""

    def at(self, revision: int) -> RepairLaw:
        """Give what was published up to a revision: one committed, or a write's own."""
        ...


class Calendar(Protocol):
    """Counts working days."""

    def after(self, day: date, count: int) -> Deadline:
        """Give the last day of a period of working days after a day."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDraft:
    """A step as somebody wants it recorded.

    Attributes:
        step_date: Civil day of it.
        document_number: Its document; empty for none.
        text: Ground, reasons or commitment.
    """

    step_date: date
    document_number: str = ""
    text: str = ""


def step_of(
    write: RemedyWriting, draft: StepDraft, state: RemedyState, *, authority: str = ""
) -> RemedyStep:
    """Give the step that a draft is, in a write."""
    return RemedyStep(
        number=1,
        state=state,
        step_date=draft.step_date,
        authority=authority,
        document_number=draft.document_number,
        text=draft.text,
        recorded_revision=write.point.revision,
        recorded_time=write.point.recorded_time,
    )
