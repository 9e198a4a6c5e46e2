"""What decisions on objections and repairs ask of entries, from the credit service's tables."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from models.lists import ListEntryRow
from models.remedies import RemedyRow, RemedyStepRow
from models.store_state import RevisionRow
from services.scoring.commands.lists.list_case_ports import DueFilter
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.entry_duty import OF_REMEDIES, EntryDuty
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_entry import RemovalReason
from services.scoring.store.columns import table_of, visible

_ENTRIES: Final = table_of(ListEntryRow)
_REMEDIES: Final = table_of(RemedyRow)
_STEPS: Final = table_of(RemedyStepRow)
_REVISIONS: Final = table_of(RevisionRow)

# Plain numbers, so that SQLite goes from the remedies of entries to their steps and entries:
# neither through all entries nor through the steps of the remedies of records.
_CASE: Final[ColumnElement[int]] = _ENTRIES.c.case_id + 0
_ENTRY: Final[ColumnElement[int]] = _REMEDIES.c.entry_id + 0
_REMEDY: Final[ColumnElement[int]] = _REMEDIES.c.remedy_id + 0

_KINDS: Final = {5: StepKind.CORRECT, 6: StepKind.DECIDE_EARLY, 7: StepKind.WITHDRAW_EARLY}
"""Steps by the numbers of the DueStep action that asks for them."""


def entry_duties(
    connection: Connection, entry_ids: Collection[int], revision: int
) -> Mapping[int, tuple[EntryDuty, ...]]:
    """Give what is asked of entries, by their numbers, oldest decision first."""
    if not entry_ids:
        return {}
    rows = connection.execute(
        select(
            _REMEDIES.c.entry_id,
            _STEPS.c.follow_up,
            _STEPS.c.document_number,
            _STEPS.c.step_date,
            _REVISIONS.c.caller,
            _REMEDIES.c.policy_id,
            _REMEDIES.c.policy_version,
        )
        .select_from(
            _REMEDIES.join(_STEPS, _STEPS.c.remedy_id == _REMEDIES.c.remedy_id).join(
                _REVISIONS, _REVISIONS.c.revision == _STEPS.c.recorded_revision
            )
        )
        .where(_REMEDIES.c.entry_id.in_(list(entry_ids)), _asked(revision))
        .order_by(_STEPS.c.recorded_revision)
    )
    found: dict[int, list[EntryDuty]] = {}
    for row in rows:
        duty = EntryDuty(
            entry_id=row.entry_id,
            kind=_KINDS[row.follow_up],
            document_number=row.document_number,
            day=row.step_date,
            caller=row.caller,
            policy_id=row.policy_id,
            policy_version=row.policy_version,
        )
        found.setdefault(row.entry_id, []).append(duty)
    return {entry_id: tuple(duties) for entry_id, duties in found.items()}


def cases_of_duties(
    connection: Connection, wanted: DueFilter, revision: int, *, after: int, limit: int
) -> Sequence[int]:
    """Give numbers of cases after another, ascending, of whose entries something wanted is asked.

    Decisions on entries are few, so they are read all; cases that ended are among theirs.
    """
    if wanted.step is not None and wanted.step not in OF_REMEDIES:
        return []
    statement = (
        select(_CASE)
        .distinct()
        .select_from(
            _REMEDIES.join(_STEPS, _STEPS.c.remedy_id == _REMEDY).join(
                _ENTRIES, _ENTRIES.c.entry_id == _ENTRY
            )
        )
        .where(
            _REMEDIES.c.entry_id.is_not(None),
            _asked(revision),
            visible(_ENTRIES, revision),
            _open(),
            after < _CASE,
        )
        .order_by(_CASE)
        .limit(limit)
    )
    if wanted.kind is not None:
        statement = statement.where(_ENTRIES.c.list_kind == int(wanted.kind))
    if wanted.field:
        statement = statement.where(_ENTRIES.c.field == wanted.field)
    if wanted.authority:
        statement = statement.where(_ENTRIES.c.authority == wanted.authority)
    if wanted.before is not None:
        # Nothing is due before the day on which it was decided.
        statement = statement.where(_STEPS.c.step_date < wanted.before)
    return list(connection.execute(statement).scalars())


# Private functions -----------------------------------------------------------


def _open() -> ColumnElement[bool]:
    """Select what is still to be done, as `EntryDuty.open` says it of one entry."""
    by_kind = {
        StepKind.CORRECT: _ENTRIES.c.state != int(EntryState.CORRECTED),
        StepKind.DECIDE_EARLY: _ENTRIES.c.state == int(EntryState.IN_FORCE),
        StepKind.WITHDRAW_EARLY: and_(
            _ENTRIES.c.state == int(EntryState.REMOVED),
            _ENTRIES.c.removal_reason == int(RemovalReason.EARLY),
            _ENTRIES.c.removal_date <= _STEPS.c.step_date,
        ),
    }
    return or_(
        *(and_(_STEPS.c.follow_up == number, by_kind[kind]) for number, kind in _KINDS.items())
    )


def _asked(revision: int) -> ColumnElement[bool]:
    """Select the steps that ask something of an entry and led to the state that still holds."""
    later: Any = _STEPS.alias("later")
    overtaken = (
        select(later.c.number)
        .where(
            later.c.remedy_id == _STEPS.c.remedy_id,
            later.c.number > _STEPS.c.number,
            later.c.act == 0,
            later.c.recorded_revision <= revision,
        )
        .exists()
    )
    return and_(
        or_(*(_STEPS.c.follow_up == number for number in _KINDS)),
        _STEPS.c.recorded_revision <= revision,
        ~overtaken,
    )
