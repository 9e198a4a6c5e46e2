"""What the commands about measures need of the world."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.common.identity import Caller
from services.common.once import OnceWriting
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.lists.list_case_ports import CaseFile, PersonReads
from services.scoring.commands.ports import Reading
from services.scoring.domain.entry_course import HeldEntry
from services.scoring.domain.entry_texts import Hiding
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.measure_reports import CarryingEntry, MeasureReport, ReportOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """Which reports are wanted; what is none or empty does not narrow.

    Attributes:
        entry_id: The entry.
        measure: Code of the measure.
        department: The department, whole.
        outcome: What was done.
    """

    entry_id: int | None = None
    measure: str = ""
    department: str = ""
    outcome: ReportOutcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSlice:
    """Which part of the reports is wanted, and as known and made when.

    Attributes:
        revision: What had been recorded by then.
        as_of: Last day of a report.
        after: Number of the report before the first.
        limit: Reports at most; none for all.
    """

    revision: int
    as_of: date
    after: int = 0
    limit: int | None = None


class ReportReads(Protocol):
    """Reads reports of measures."""

    def page(self, wanted: ReportFilter, part: ReportSlice) -> Sequence[MeasureReport]:
        """List reports by ascending number."""
        ...

    def carrying(
        self, kind: ListKind | None, field: int, *, revision: int, as_of: date
    ) -> Iterable[CarryingEntry]:
        """Give every entry of lists as it stands on a day; field 0 for all."""
        ...


class ReportWrites(ReportReads, Protocol):
    """Reads and writes reports of measures."""

    def add(self, report: MeasureReport) -> None:
        """Store a report."""
        ...


class HeldEntries(Protocol):
    """Reads entries of the lists."""

    def entries(self, entry_ids: Collection[int], revision: int) -> Mapping[int, HeldEntry]:
        """Read entries; unknown ones are left out."""
        ...

    def hiding(self, entries: Collection[HeldEntry]) -> Mapping[int, Hiding]:
        """Give what masks persons who are known by now in texts about entries, by entry."""
        ...


class CaseFiles(Protocol):
    """Reads cases with their ledgers."""

    def files(self, case_ids: Collection[int], revision: int) -> Mapping[int, CaseFile]:
        """Read cases; unknown ones are left out."""
        ...


class MeasureReading(Reading, Protocol):
    """A consistent snapshot."""

    @property
    def reports(self) -> ReportReads:
        """Read reports of measures."""
        ...

    @property
    def entries(self) -> HeldEntries:
        """Read entries of the lists."""
        ...


class MeasureWriting(OnceWriting, Protocol):
    """A write transaction; undone unless committed."""

    @property
    def point(self) -> StorePoint:
        """Say where the store will stand once this is committed."""
        ...

    @property
    def entries(self) -> HeldEntries:
        """Read entries of the lists."""
        ...

    @property
    def cases(self) -> CaseFiles:
        """Read cases of the lists."""
        ...

    @property
    def persons(self) -> PersonReads:
        """Read persons, and who has a role where."""
        ...

    @property
    def reports(self) -> ReportWrites:
        """Read and write reports of measures."""
        ...

    def new_id(self) -> int:
        """Take an identifier: unique in the store, ascending in time."""
        ...


class MeasureStore(Protocol):
    """The store of reports."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[MeasureReading]:
        """Open a snapshot."""
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[MeasureWriting]:
        """Begin a write, kept with its caller and method."""
        ...
