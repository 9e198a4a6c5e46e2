"""From when something is due in a case, whatever the calendar will be.

Deadlines settle by themselves when the holidays of a year are announced, so none of them is kept.
What is kept of a case is a day before which nothing in it can be due: counted as if nobody ever
rested, it lies at or before every deadline by any calendar, and never hides one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from services.scoring.domain.entry_course import EntryCourse, HeldEntry
from services.scoring.domain.list_case import ListCase, Step, StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.list_procedure import DueDay, WorkingCalendar

NOBODY_LOOKED = date.min
"""Stands for a day that was not found yet: anything may be due."""

NOTHING_DUE = date.max
"""Stands for a case in which no text sets a last day for anything."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a ledger says wherever a step is due; so where it says otherwise, the step is not.

    Attributes:
        after: Step that has been taken; none where none need be.
        without: Steps that have not.
    """

    after: StepKind | None
    without: frozenset[StepKind] = frozenset()


_OVER: Final = frozenset({StepKind.PUBLISH, StepKind.CLOSE})
_UNDECIDED: Final = _OVER | {StepKind.DECIDE}

TRACES: Final[Mapping[StepKind, Trace]] = {
    StepKind.REPORT: Trace(None, _OVER | {StepKind.REPORT}),
    StepKind.STATE: Trace(StepKind.NOTIFY, _UNDECIDED),
    StepKind.ASK_HEARING: Trace(StepKind.NOTIFY, _UNDECIDED),
    StepKind.HOLD_HEARING: Trace(StepKind.ASK_HEARING, _OVER),
    StepKind.REVIEW: Trace(StepKind.REPORT, _OVER | {StepKind.APPROVE}),
    StepKind.DECIDE: Trace(StepKind.APPROVE, _UNDECIDED),
    StepKind.SERVE: Trace(StepKind.DECIDE, _OVER),
    StepKind.PUBLISH: Trace(StepKind.DECIDE, _OVER),
    StepKind.EXPIRE: Trace(StepKind.PUBLISH),
    StepKind.ACCEPT_EARLY: Trace(StepKind.APPLY_EARLY),
    StepKind.DECIDE_EARLY: Trace(StepKind.ACCEPT_EARLY),
}
"""Every step that can be due, by any procedure."""


@dataclass(frozen=True, slots=True)
class DueFrom:
    """What is kept of the deadlines of a case.

    Attributes:
        date: No step is due before this day.
        authority: Authority at which every step that is due is; empty where that is not one alone.
    """

    date: date
    authority: str


class EveryDayWorked:
    """A calendar in which nobody ever rests: by no other does a period end earlier."""

    def after(self, day: date, count: int) -> DueDay:
        """Give the ``count``-th day after a day."""
        return DueDay(day + timedelta(days=count))


def steps_ahead(  # noqa: PLR0913 -- what may be done follows from all of these.
    case: ListCase,
    steps: Sequence[Step],
    held: Iterable[HeldEntry],
    *,
    calendar: WorkingCalendar,
    day: date,
    fallen: Collection[int] = (),
) -> tuple[NextStep, ...]:
    """Give what may be done next in a case and about its entries.

    Args:
        case: The case.
        steps: Its ledger, oldest first.
        held: Its entries.
        calendar: Counts working days.
        day: A party that let its period pass by then owes nothing.
        fallen: Parties whose listing nothing carries any more.
    """
    found = list(CaseCourse(case, steps, calendar, fallen=fallen).next_steps(day))
    for one in held:
        course = EntryCourse(one, case.procedure, steps=steps, calendar=calendar)
        found.extend(course.next_steps())
    return tuple(found)


def deadlines(steps: Iterable[NextStep]) -> tuple[NextStep, ...]:
    """Give the steps that are due by some day, as they are shown."""
    # To waive is a party's choice beside its statement; it would stand here twice.
    return tuple(step for step in steps if step.due is not None and step.kind is not StepKind.WAIVE)


def due_from(case: ListCase, steps: Sequence[Step], held: Iterable[HeldEntry]) -> DueFrom:
    """Find from when something is due in a case, and at whom.

    Args:
        case: The case.
        steps: Its ledger, oldest first.
        held: Its entries.
    """
    held = tuple(held)
    # On the first of all days no party has let its period pass.
    looked = partial(steps_ahead, case, steps, held, calendar=EveryDayWorked(), day=date.min)
    ahead = looked()
    if any(one.kind is StepKind.SERVE for one in ahead):
        # Whoever is left to serve may fall, and the publication wait for nobody.
        ahead += looked(fallen=[party.subject_id for party in case.parties])
    due = deadlines(ahead)
    days = [step.due.date for step in due if step.due is not None]
    authorities = {step.authority for step in due}
    return DueFrom(
        date=min(days, default=NOTHING_DUE),
        authority=authorities.pop() if len(authorities) == 1 else "",
    )
