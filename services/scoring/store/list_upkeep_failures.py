"""What the upkeep of the lists could not do, on both axes of time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from models.list_upkeep import ListUpkeepFailureRow
from models.lists import ListCaseRow, ListEntryRow
from models.store_state import RevisionRow
from services.common.database import WriteTransaction
from services.scoring.commands.lists.list_case_ports import DueFilter, WorkFailure
from services.scoring.commands.lists.upkeep_ports import BASIS, FailedWork
from services.scoring.store.columns import table_of, visible

_FAILURES: Final = table_of(ListUpkeepFailureRow)
_CASES: Final = table_of(ListCaseRow)
_ENTRIES: Final = table_of(ListEntryRow)
_REVISIONS: Final = table_of(RevisionRow)


class SqlUpkeepFailures:
    """Keeps what could not be done; implements `FailureWrites`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        self._transaction = transaction

    def note(self, failed: Collection[FailedWork], mended: Collection[tuple[str, int]]) -> None:
        """Note what fails now, or for another reason, and what fails no more."""
        write = self._transaction
        connection = write.connection
        if mended:
            keys = [{"the_chore": chore, "the_number": number} for chore, number in mended]
            connection.execute(_MENDED.values(superseded_revision=write.revision), keys)
        cases = _cases_of(connection, [one.number for one in failed if one.chore != BASIS])
        rows = [
            {
                "row_id": write.new_id(),
                "chore": one.chore,
                "number": one.number,
                "case_id": one.number if one.chore == BASIS else cases[one.number],
                "entry_id": None if one.chore == BASIS else one.number,
                "reason": one.reason,
                "message": one.message,
                "recorded_revision": write.revision,
            }
            for one in failed
        ]
        if rows:
            connection.execute(insert(_FAILURES), rows)


def failed_now(connection: Connection) -> Sequence[FailedWork]:
    """Read what could not be done the last time."""
    rows = connection.execute(select(_FAILURES).where(_FAILURES.c.superseded_revision.is_(None)))
    return [FailedWork(row.chore, row.number, row.reason, row.message) for row in rows]


def failing_numbers(
    connection: Connection, wanted: DueFilter, revision: int, *, after: int, limit: int
) -> Sequence[int]:
    """Give numbers of cases after another, ascending, in which the upkeep fails.

    At whom is not asked. What fails is no step, and has no day; it is overdue as long as it fails.
    """
    if wanted.step is not None:
        return []
    number = _FAILURES.c.case_id
    query = (
        select(number)
        .distinct()
        .join(_CASES, _CASES.c.case_id == number)
        .where(number > after, visible(_FAILURES, revision))
        .order_by(number)
        .limit(limit)
    )
    if wanted.kind is not None:
        query = query.where(_CASES.c.list_kind == int(wanted.kind))
    if wanted.field:
        query = query.where(_CASES.c.field == wanted.field)
    return list(connection.execute(query).scalars())


def failures_of(
    connection: Connection, case_ids: Collection[int], revision: int
) -> Mapping[int, tuple[WorkFailure, ...]]:
    """Give what the upkeep cannot do in cases."""
    found: dict[int, tuple[WorkFailure, ...]] = {}
    rows = connection.execute(
        select(_FAILURES, _REVISIONS.c.recorded_time)
        .join(_REVISIONS, _REVISIONS.c.revision == _FAILURES.c.recorded_revision)
        .where(_FAILURES.c.case_id.in_(list(case_ids)), visible(_FAILURES, revision))
        .order_by(_FAILURES.c.row_id)
    )
    for row in rows:
        failure = WorkFailure(
            chore=row.chore,
            case_id=row.case_id,
            entry_id=row.entry_id,
            reason=row.reason,
            message=row.message,
            since_time=row.recorded_time,
        )
        found[row.case_id] = (*found.get(row.case_id, ()), failure)
    return found


# Private functions and statements ---------------------------------------------

_AT_ONCE: Final = 1000
"""Entries that are asked for in one statement."""

_MENDED: Final = update(_FAILURES).where(
    _FAILURES.c.superseded_revision.is_(None),
    _FAILURES.c.chore == bindparam("the_chore"),
    _FAILURES.c.number == bindparam("the_number"),
)


def _cases_of(connection: Connection, entry_ids: Sequence[int]) -> Mapping[int, int]:
    """Give the case of each entry."""
    found: dict[int, int] = {}
    for first in range(0, len(entry_ids), _AT_ONCE):
        some = entry_ids[first : first + _AT_ONCE]
        columns = select(_ENTRIES.c.entry_id, _ENTRIES.c.case_id)
        rows = connection.execute(columns.where(_ENTRIES.c.entry_id.in_(some)).distinct())
        found |= {row.entry_id: row.case_id for row in rows}
    return found
