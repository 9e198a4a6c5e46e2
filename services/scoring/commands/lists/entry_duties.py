"""Show beside the steps of cases what decisions on objections and repairs ask of their entries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from services.engine.population import Population
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.lists.list_case_ports import ListReading
from services.scoring.commands.lists.list_desk import CaseView, ListDesk
from services.scoring.commands.lists.list_grounds import citation
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.entry_duty import EntryDuty
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_lateness import StepTimes
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.list_procedure import DueDay


def with_duties(
    desk: ListDesk, reading: ListReading, views: Iterable[CaseView], *, revision: int
) -> tuple[CaseView, ...]:
    """Give cases with what is asked of their entries among their next steps.

    Args:
        desk: Where cases are worked on.
        reading: Where to read the decisions.
        views: The cases.
        revision: Revision by which they are known.
    """
    views = tuple(views)
    entry_ids = [held.entry.entry_id for view in views for held in view.entries]
    duties = reading.entries.duties(entry_ids, revision)
    if not duties:
        return views
    library = desk.library.at(revision)
    return tuple(
        replace(
            view,
            next_steps=(
                *(one for one in view.next_steps if not _barred(one, duties)),
                *_asked(desk, library, view, duties),
            ),
            times=view.times.union(_times(desk, library, view, duties)),
        )
        for view in views
    )


def with_late_duties(desk: ListDesk, reading: ListReading, view: CaseView) -> CaseView:
    """Give a case as a write leaves it, with the steps that did late what was asked of entries.

    Args:
        desk: Where cases are worked on.
        reading: Where to read the decisions.
        view: The case.
    """
    revision = reading.point.revision
    entry_ids = [held.entry.entry_id for held in view.entries]
    duties = reading.entries.duties(entry_ids, revision)
    # What was published up to now is law; a write to a case publishes none.
    library = desk.library.at(revision - 1)
    return replace(view, times=view.times.union(_times(desk, library, view, duties)))


# Private functions and values --------------------------------------------------


def _barred(step: NextStep, duties: Mapping[int, Sequence[EntryDuty]]) -> bool:
    """Say whether a repair that stands bars a step: it goes before its entry is restored."""
    standing = (one.kind is StepKind.DECIDE_EARLY for one in duties.get(step.entry_id, ()))
    return step.kind is StepKind.WITHDRAW_EARLY and any(standing)


def _asked(
    desk: ListDesk,
    library: PolicyLibrary,
    view: CaseView,
    duties: Mapping[int, Sequence[EntryDuty]],
) -> Iterator[NextStep]:
    for held in view.entries:
        for duty in duties.get(held.entry.entry_id, ()):
            if duty.open(held):
                due, clause = _due(desk, library, duty)
                yield duty.step(held, due=due, clause=clause)


def _times(
    desk: ListDesk,
    library: PolicyLibrary,
    view: CaseView,
    duties: Mapping[int, Sequence[EntryDuty]],
) -> StepTimes:
    """Give the steps that did what was asked, by its document, after the last day for it."""
    late: set[int] = set()
    provisional: set[int] = set()
    for duty in (one for held in view.entries for one in duties.get(held.entry.entry_id, ())):
        done = next((step for step in view.steps if duty.done_by(step)), None)
        if done is not None:
            due, _ = _due(desk, library, duty)
            late.update({done.number} if done.day > due.date else ())
            provisional.update({done.number} if due.provisional else ())
    return StepTimes(late=frozenset(late), provisional=frozenset(provisional))


def _due(desk: ListDesk, library: PolicyLibrary, duty: EntryDuty) -> tuple[DueDay, str]:
    """Give the last day by the version that the remedy keeps; where that is gone, the day itself.

    Source:
        The policy of kind ``repair``: the days to correct what an upheld objection found wrong, and
        to pass on the result of a repair.
    """
    found = library.find(duty.policy_id, duty.policy_version)
    if found is None:
        return DueDay(duty.day), ""
    name = _PERIODS[duty.kind]
    pinned = library.named(_REPAIR, duty.policy_id, version=duty.policy_version, as_of=duty.day)
    evaluation = evaluate(pinned, Population(1, {}), duty.day, {"listed": 1}).evaluation
    count = int(evaluation.output(name)[0])
    last = desk.calendar.after(duty.day, count)
    return DueDay(last.date, last.provisional), citation(found.version.values[name].source)


_REPAIR: Final = "repair"
_PERIODS: Final = {
    StepKind.CORRECT: "correction_working_days",
    StepKind.DECIDE_EARLY: "sharing_working_days",
    StepKind.WITHDRAW_EARLY: "sharing_working_days",
}
