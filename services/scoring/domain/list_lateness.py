"""Which steps of a ledger were taken after their last day, or before their first.

Both are told by the calendar as it is known now: a step was in order by what was known then, and is
found too early, or late, once the holidays of a year are announced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.scoring.domain.entry_course import early_due
from services.scoring.domain.list_case import ListCase, Step, StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_procedure import DueDay, WorkingCalendar

_CIVIL_ZONE: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Places in a ledger of the steps that were not taken in their time.

    Attributes:
        late: Those after their last day.
        early: Those before their first day.
        provisional: Those of which either may still change, in time or not.
    """

    late: frozenset[int] = frozenset()
    early: frozenset[int] = frozenset()
    provisional: frozenset[int] = frozenset()

    def union(self, other: "StepTimes") -> "StepTimes":
        """Give the steps of both."""
        return StepTimes(
            late=self.late | other.late,
            early=self.early | other.early,
            provisional=self.provisional | other.provisional,
        )


def step_times(case: ListCase, steps: Sequence[Step], calendar: WorkingCalendar) -> StepTimes:
    """Give the steps that were late or too early.

    A step counts so by the ledger before it. A decision is late, too, when it was recorded after
    the day by which the procedure wants it entered in the system.

    Args:
        case: The case.
        steps: Its ledger, oldest first.
        calendar: Counts working days.

    Source:
        The periods of the case's procedure; ``entry_period`` for the record of the decision.
    """
    late: set[int] = set()
    early: set[int] = set()
    provisional: set[int] = set()
    for place, step in enumerate(steps):
        if step.kind is StepKind.COLLECT:
            continue
        first, ends = _limits(case, step, steps[:place], calendar)
        if any(taken > due.date for taken, due in ends):
            late.add(step.number)
        if step.day < first.date:
            early.add(step.number)
        if first.provisional or any(due.provisional for _, due in ends):
            provisional.add(step.number)
    return StepTimes(frozenset(late), frozenset(early), frozenset(provisional))


# Private functions -----------------------------------------------------------


def _limits(
    case: ListCase, step: Step, before: Sequence[Step], calendar: WorkingCalendar
) -> tuple[DueDay, list[tuple[date, DueDay]]]:
    """Give the first day of a step, and every day on which it was taken with its last one."""
    ends: list[tuple[date, DueDay]] = []
    if step.entry_id:
        of_entry = [one for one in before if one.entry_id == step.entry_id]
        due = early_due(step.kind, of_entry, case.procedure, calendar=calendar)
        # Nothing about an entry waits for working days.
        first = DueDay(step.day)
    else:
        course = CaseCourse(case, before, calendar)
        due, (first, _) = course.due(step), course.earliest(step)
    if due is not None:
        ends.append((step.day, due))
    entered = case.procedure.clause("entry_period") if step.kind is StepKind.DECIDE else None
    if entered is not None and step.recorded_time is not None:
        ends.append((_day_of(step.recorded_time), entered.end(step.day, calendar)))
    return first, ends


def _day_of(instant: datetime) -> date:
    return instant.astimezone(_CIVIL_ZONE).date()
