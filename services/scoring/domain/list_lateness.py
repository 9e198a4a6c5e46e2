"""Which steps of a ledger were taken after their last day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.scoring.domain.entry_course import early_due
from services.scoring.domain.list_case import ListCase, Step, StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_procedure import DueDay, WorkingCalendar

_CIVIL_ZONE: Final = ZoneInfo("Asia/Shanghai")


def late_steps(case: ListCase, steps: Sequence[Step], calendar: WorkingCalendar) -> frozenset[int]:
    """Give the places in the ledger of the steps that were late.

    A step counts as late by the ledger before it. A decision is late, too, when it was recorded
    after the day by which the procedure wants it entered in the system.

    Args:
        case: The case.
        steps: Its ledger, oldest first.
        calendar: Counts working days.

    Source:
        The periods of the case's procedure; ``entry_period`` for the record of the decision.
    """
    late: set[int] = set()
    for place, step in enumerate(steps):
        if step.kind is StepKind.COLLECT:
            continue
        due = _due(case, step, steps[:place], calendar)
        if due is not None and step.day > due.date:
            late.add(step.number)
        if step.kind is StepKind.DECIDE and _entered_late(case, step, calendar):
            late.add(step.number)
    return frozenset(late)


# Private functions -----------------------------------------------------------


def _due(
    case: ListCase, step: Step, before: Sequence[Step], calendar: WorkingCalendar
) -> DueDay | None:
    if not step.entry_id:
        return CaseCourse(case, before, calendar).due(step)
    of_entry = [one for one in before if one.entry_id == step.entry_id]
    return early_due(step.kind, of_entry, case.procedure, calendar=calendar)


def _entered_late(case: ListCase, step: Step, calendar: WorkingCalendar) -> bool:
    period = case.procedure.clause("entry_period")
    if period is None or step.recorded_time is None:
        return False
    return _day_of(step.recorded_time) > period.end(step.day, calendar).date


def _day_of(instant: datetime) -> date:
    return instant.astimezone(_CIVIL_ZONE).date()
