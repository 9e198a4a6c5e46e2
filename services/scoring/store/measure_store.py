"""Reports of measures on the tables."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from models.lists import ListCaseStepRow, ListEntryRow
from models.measures import MeasureReportRow
from services.common.database import Database, ReadTransaction, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.measures.measure_ports import ReportFilter, ReportSlice
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.entry_gaps import EntryStep, off_on
from services.scoring.domain.list_case import Opinion, StepKind
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.measure_reports import CarryingEntry, MeasureReport, ReportOutcome
from services.scoring.store.columns import table_of, visible
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.list_cases import SqlListCases
from services.scoring.store.list_entries import SqlListEntries
from services.scoring.store.list_grounds import SqlGrounds
from services.scoring.store.sql_store import SqlReading

_REPORTS: Final = table_of(MeasureReportRow)
_ENTRIES: Final = table_of(ListEntryRow)
_STEPS: Final = table_of(ListCaseStepRow)
_ROWS_AT_ONCE: Final = 10_000


class SqlMeasureReports:
    """Reads and writes reports; implements `ReportWrites`."""

    def __init__(self, connection: Connection) -> None:
        """Work on a connection, in its transaction."""
        self._connection = connection

    def page(self, wanted: ReportFilter, part: ReportSlice) -> Sequence[MeasureReport]:
        """List reports by ascending number."""
        query = select(_REPORTS).where(
            _REPORTS.c.recorded_revision <= part.revision,
            _REPORTS.c.report_date <= part.as_of,
            _REPORTS.c.report_id > part.after,
        )
        if wanted.entry_id is not None:
            query = query.where(_REPORTS.c.entry_id == wanted.entry_id)
        if wanted.measure:
            query = query.where(_REPORTS.c.measure == wanted.measure)
        if wanted.department:
            query = query.where(_REPORTS.c.department == wanted.department)
        if wanted.outcome is not None:
            query = query.where(_REPORTS.c.outcome == int(wanted.outcome))
        ordered = query.order_by(_REPORTS.c.report_id).limit(part.limit)
        return [_report(row) for row in self._connection.execute(ordered)]

    def carrying(
        self, kind: ListKind | None, field: int, *, revision: int, as_of: date
    ) -> Iterable[CarryingEntry]:
        """Give every entry of lists as it stands on a day."""
        query = select(
            _ENTRIES.c.entry_id,
            _ENTRIES.c.measures,
            _ENTRIES.c.state,
            _ENTRIES.c.start_date,
            _ENTRIES.c.end_date,
            _ENTRIES.c.publish_date,
        ).where(visible(_ENTRIES, revision))
        if kind is not None:
            query = query.where(_ENTRIES.c.list_kind == int(kind))
        if field:
            query = query.where(_ENTRIES.c.field == field)
        off = self._off(revision, as_of)
        for row in self._connection.execute(query).yield_per(_ROWS_AT_ONCE):
            begun = max(row.start_date, row.publish_date) <= as_of and row.entry_id not in off
            counts = begun and row.state != EntryState.CORRECTED
            yield CarryingEntry(
                entry_id=row.entry_id,
                measures=tuple(json.loads(row.measures)),
                on_list=counts and (row.end_date is None or as_of < row.end_date),
            )

    def add(self, report: MeasureReport) -> None:
        """Store a report."""
        self._connection.execute(
            insert(_REPORTS).values(
                report_id=report.report_id,
                entry_id=report.entry_id,
                measure=report.measure,
                department=report.department,
                outcome=int(report.outcome),
                report_date=report.report_date,
                document_number=report.document_number,
                reason=report.reason,
                recorded_revision=report.recorded_revision,
            )
        )

    # Private methods -------------------------------------------------------------

    def _off(self, revision: int, day: date) -> frozenset[int]:
        """Give the entries that were off their lists on a day, and came back later."""
        # Who was off has an edition that says so, and that another one replaced.
        left = select(_ENTRIES.c.case_id).where(
            _ENTRIES.c.superseded_revision <= revision,
            _ENTRIES.c.state == int(EntryState.REMOVED),
            _ENTRIES.c.removal_date <= day,
        )
        columns = _STEPS.c.entry_id, _STEPS.c.kind, _STEPS.c.opinion, _STEPS.c.step_date
        steps = self._connection.execute(
            select(*columns)
            .where(
                _STEPS.c.case_id.in_(left),
                _STEPS.c.entry_id.is_not(None),
                _STEPS.c.recorded_revision <= revision,
            )
            .order_by(_STEPS.c.case_id, _STEPS.c.number)
        )
        return off_on((EntryStep(e, StepKind(k), Opinion(o), d) for e, k, o, d in steps), day)


class SqlMeasureReading(SqlReading):
    """A consistent snapshot; implements `MeasureReading`."""

    def __init__(self, transaction: ReadTransaction, columns: FactColumns) -> None:
        """Read in a transaction."""
        super().__init__(transaction, columns)
        self.entries = SqlListEntries(transaction.connection)
        self.reports = SqlMeasureReports(transaction.connection)


class SqlMeasureWriting(OnceTransaction):
    """A write transaction; implements `MeasureWriting`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self.entries = SqlListEntries(transaction.connection)
        self.cases = SqlListCases(transaction.connection)
        # No identity number is shown where reports are made.
        self.persons = SqlGrounds(transaction.connection, None)
        self.reports = SqlMeasureReports(transaction.connection)


@dataclass(frozen=True, slots=True)
class SqlMeasureStore:
    """The store of reports; implements `MeasureStore`.

    Attributes:
        database: The database.
        columns: Columns behind the vocabulary.
    """

    database: Database
    columns: FactColumns

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self.database.point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlMeasureReading]:
        """Open a snapshot."""
        with self.database.read(at_least=at_least) as transaction:
            yield SqlMeasureReading(transaction, self.columns)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlMeasureWriting]:
        """Begin a write."""
        with self.database.write(caller=caller, method=method) as transaction:
            yield SqlMeasureWriting(transaction)


# Private functions -----------------------------------------------------------


def _report(row: Row[Any]) -> MeasureReport:
    return MeasureReport(
        report_id=row.report_id,
        entry_id=row.entry_id,
        measure=row.measure,
        department=row.department,
        outcome=ReportOutcome(row.outcome),
        report_date=row.report_date,
        document_number=row.document_number,
        reason=row.reason,
        recorded_revision=row.recorded_revision,
    )
