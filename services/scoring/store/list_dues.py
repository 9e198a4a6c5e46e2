"""Cases in which something may be due, found by index without meeting those that ended."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, select

from models.lists import ListCaseRow, ListCaseStepRow
from services.scoring.commands.lists.list_case_ports import DueFilter
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_due import NOBODY_LOOKED, NOTHING_DUE, TRACES
from services.scoring.store.columns import table_of

_CASES: Final = table_of(ListCaseRow)
_STEPS: Final = table_of(ListCaseStepRow)


def due_numbers(
    connection: Connection, wanted: DueFilter, revision: int, *, after: int, limit: int
) -> Sequence[int]:
    """Give numbers of cases after another, ascending, in which something wanted may be due.

    What is kept of a case holds from the revision on that touched it last. One that was touched
    after the revision asked for is given in any case: nobody knows any more what was due in it. The
    ledger is append-only, so which steps it holds is known for every revision.
    """
    if wanted.step is not None and wanted.step not in TRACES:
        return []
    found = {
        *connection.execute(_open(wanted, revision, after=after, limit=limit)).scalars(),
        *connection.execute(_touched_since(wanted, revision, after=after, limit=limit)).scalars(),
    }
    return sorted(found)[:limit]


def unlooked_numbers(connection: Connection, *, limit: int) -> Sequence[int]:
    """Give open cases of which is not known yet from when something is due."""
    statement = (
        select(_CASES.c.case_id)
        .where(_CASES.c.ended_revision.is_(None), _CASES.c.due_date == NOBODY_LOOKED)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


# Private functions -----------------------------------------------------------


def _open(wanted: DueFilter, revision: int, *, after: int, limit: int) -> Select[*tuple[Any, ...]]:
    # Without a filter the open cases are read in order; with one they are found by it.
    filtered = wanted.before is not None or bool(wanted.authority)
    statement = _of_list(wanted, revision, after=after, limit=limit, ordered=not filtered).where(
        _CASES.c.ended_revision.is_(None),
        _plain(_CASES.c.due_revision) <= revision,
        # A case in which nothing is due is passed over, and not looked up.
        _CASES.c.due_date != NOTHING_DUE,
    )
    if wanted.before is not None:
        statement = statement.where(_CASES.c.due_date < wanted.before)
    if wanted.authority:
        # Where it is not one authority alone, it may be this one.
        statement = statement.where(_CASES.c.due_authority.in_(("", wanted.authority)))
    return statement


def _touched_since(
    wanted: DueFilter, revision: int, *, after: int, limit: int
) -> Select[*tuple[Any, ...]]:
    return _of_list(wanted, revision, after=after, limit=limit, ordered=False).where(
        _CASES.c.due_revision > revision, _plain(_CASES.c.recorded_revision) <= revision
    )


def _of_list(
    wanted: DueFilter, revision: int, *, after: int, limit: int, ordered: bool
) -> Select[*tuple[Any, ...]]:
    """Select cases of a list after one, by their order or by what else is asked of them."""
    number = _CASES.c.case_id if ordered else _plain(_CASES.c.case_id)
    statement = select(_CASES.c.case_id).where(number > after).order_by(number).limit(limit)
    if wanted.kind is not None:
        statement = statement.where(_CASES.c.list_kind == int(wanted.kind))
    if wanted.field:
        statement = statement.where(_CASES.c.field == wanted.field)
    if wanted.step is not None:
        trace = TRACES[wanted.step]
        if trace.after is not None:
            statement = statement.where(_taken({trace.after}, revision))
        if trace.without:
            statement = statement.where(~_taken(trace.without, revision))
    return statement


def _taken(kinds: Collection[StepKind], revision: int) -> ColumnElement[bool]:
    """Say whether one of some steps had been taken in a case by a revision."""
    return (
        select(_STEPS.c.step_id)
        .where(
            _STEPS.c.case_id == _CASES.c.case_id,
            _STEPS.c.kind.in_(sorted(kinds)),
            _plain(_STEPS.c.recorded_revision) <= revision,
        )
        .exists()
    )


def _plain(column: ColumnElement[int]) -> ColumnElement[int]:
    """Give a column as a number that no index is looked up for.

    SQLite keeps no statistics of a table that it did not analyse, and would follow the order of the
    numbers through every case that ended.
    """
    return column + 0
