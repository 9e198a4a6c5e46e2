"""From when something is due: at or before every deadline, by whatever calendar."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import ListCase, Opinion, Step, StepKind
from services.scoring.domain.list_due import (
    NOTHING_DUE,
    TRACES,
    EveryDayWorked,
    deadlines,
    due_from,
    steps_ahead,
)
from services.scoring.domain.list_procedure import DueDay, ListProcedure
from tests.fakes.list_course import (
    BUREAU,
    FIRE,
    OPENED,
    PROCEDURE,
    Weekends,
    case,
    clause,
    step,
)
from tests.fakes.list_entries import entry

HEARD = date(2025, 6, 12)
CASE = replace(
    case(),
    procedure=ListProcedure(
        case().procedure.kind,
        {
            **PROCEDURE,
            "review_period": clause(20, "working_day"),
            "hearing_period": clause(5, "working_day"),
            "hearing_within": clause(15, "working_day"),
            "decision_period": clause(30, "working_day"),
        },
    ),
)
REDLIST = replace(
    case(redlist=True, persons=0),
    procedure=ListProcedure(case(redlist=True).procedure.kind, dict(CASE.procedure.clauses)),
)
WHOLE = [
    step(StepKind.COLLECT),
    step(StepKind.REPORT, date(2025, 6, 3)),
    step(StepKind.NOTIFY, date(2025, 6, 4)),
    step(StepKind.ASK_HEARING, date(2025, 6, 5), party=100),
    step(StepKind.HOLD_HEARING, HEARD),
    step(StepKind.REVIEW, HEARD, field=1),
    step(StepKind.REVIEW, HEARD, field=2, authority=FIRE),
    step(StepKind.APPROVE, HEARD),
    step(StepKind.DECIDE, HEARD),
    step(StepKind.SERVE, HEARD),
    step(StepKind.PUBLISH, HEARD),
    step(StepKind.APPLY_EARLY, date(2026, 7, 1), entry_id=1),
]


class DaysOff:
    """A calendar whose days off are any."""

    def __init__(self, days: frozenset[int]) -> None:
        """Rest on these days of each month."""
        self._days = days

    def after(self, day: date, count: int) -> DueDay:
        """Give the ``count``-th day after a day that is none of those."""
        while count:
            day += timedelta(days=1)
            count -= day.day not in self._days
        return DueDay(day)


def held(**given: Any) -> HeldEntry:  # noqa: ANN401 -- any attribute.
    """Make an entry of the case in force."""
    attributes = {"authority": BUREAU, "end_date": date(2028, 6, 12), **given}
    return HeldEntry(entry=entry(1, **attributes), case_id=1, publish_date=HEARD)


def due_days(steps: list[Step], calendar: Any, entries: tuple[HeldEntry, ...]) -> list[date]:  # noqa: ANN401 -- any calendar.
    """Give every deadline of a case by a calendar."""
    ahead = steps_ahead(CASE, steps, entries, calendar=calendar, day=OPENED)
    return [one.due.date for one in deadlines(ahead) if one.due is not None]


@settings(max_examples=60)
@given(st.integers(1, len(WHOLE)), st.frozensets(st.integers(1, 31), max_size=25))
def test_nothing_is_due_before_the_day_that_is_kept(length: int, days: frozenset[int]) -> None:
    """Whatever days are announced as days off, at every step of a case."""
    steps = WHOLE[:length]
    entries = (held(),) if length > 10 else ()

    kept = due_from(CASE, steps, entries).date

    assert all(kept <= day for day in due_days(steps, DaysOff(days), entries))
    assert all(kept <= day for day in due_days(steps, Weekends(), entries))
    # By the calendar that it is counted with it is the first deadline itself.
    assert kept == min(due_days(steps, EveryDayWorked(), entries), default=NOTHING_DUE)


def test_the_day_is_that_of_the_next_step() -> None:
    """Ten days after the collection; no text says by when a notice is served."""
    assert due_from(CASE, WHOLE[:1], ()).date == date(2025, 6, 12)
    assert due_from(CASE, WHOLE[:2], ()).date == NOTHING_DUE
    # Five days for statements from 4 June.
    assert due_from(CASE, WHOLE[:3], ()).date == date(2025, 6, 9)


def test_an_entry_in_force_is_due_at_its_end() -> None:
    """Then nothing is; and an application for early removal is due before."""
    assert due_from(CASE, WHOLE[:11], (held(),)).date == date(2028, 6, 12)
    assert due_from(CASE, WHOLE[:12], (held(),)).date == date(2026, 7, 6)
    removed = replace(held(), state=EntryState.REMOVED)
    assert due_from(CASE, WHOLE[:11], (removed,)).date == NOTHING_DUE
    assert due_from(CASE, WHOLE[:11], (held(end_date=None),)).date == NOTHING_DUE


def test_a_publication_that_a_service_holds_up_may_be_due_first() -> None:
    """Whoever is left to serve may fall: then two days after Thursday 12 June count, not seven."""
    clauses = {**CASE.procedure.clauses, "publication_period": clause(2, "working_day")}
    soon = replace(CASE, procedure=ListProcedure(CASE.procedure.kind, clauses))

    assert due_from(CASE, WHOLE[:9], ()).date == date(2025, 6, 19)
    assert due_from(soon, WHOLE[:9], ()).date == date(2025, 6, 14)


def test_the_authority_is_kept_where_it_is_one_alone() -> None:
    """The collecting one reports; a review is of departments that nobody names beforehand."""
    assert due_from(CASE, WHOLE[:1], ()).authority == BUREAU
    assert due_from(CASE, WHOLE[:3], ()).authority == ""
    assert due_from(CASE, WHOLE[:9], ()).authority == BUREAU
    assert due_from(CASE, WHOLE[:11], (held(authority="市应急局"),)).authority == "市应急局"


# What the ledger says of it --------------------------------------------------------


ENDS = frozenset({StepKind.CLOSE, StepKind.EXPIRE})
"""Steps that are possible throughout, and after which nothing is left to walk."""


def leaves_its_trace(kind: StepKind, steps: list[Step]) -> bool:
    """Say whether a ledger holds what it always holds where a step is due."""
    taken, trace = {one.kind for one in steps}, TRACES[kind]
    return (trace.after is None or trace.after in taken) and not taken & trace.without


def due_kinds(of: ListCase, steps: list[Step]) -> set[StepKind]:
    """Give every step that is due; an entry is in force once the case is published."""
    entries = (held(),) if any(one.kind is StepKind.PUBLISH for one in steps) else ()
    ahead = steps_ahead(of, steps, entries, calendar=EveryDayWorked(), day=date.min)
    return {one.kind for one in deadlines(ahead)}


def test_every_step_that_can_be_due_has_a_trace_and_is_due_somewhere() -> None:
    """Step by step through a whole case with a hearing and an early removal."""
    whole = [*WHOLE, step(StepKind.ACCEPT_EARLY, date(2026, 7, 2), entry_id=1)]
    ledgers = [whole[:length] for length in range(1, len(whole) + 1)]

    found = [(kind, steps) for steps in ledgers for kind in due_kinds(CASE, steps)]

    assert {kind for kind, _ in found} == TRACES.keys()
    assert all(leaves_its_trace(kind, steps) for kind, steps in found)


@settings(max_examples=60)
@given(
    st.sampled_from([CASE, REDLIST]),
    st.lists(st.tuples(st.integers(0, 11), st.booleans()), min_size=1, max_size=20),
)
def test_nothing_is_due_in_a_ledger_without_its_trace(
    of: ListCase, choices: list[tuple[int, bool]]
) -> None:
    """Whatever is done next, and whoever does not agree, in blacklist and redlist cases."""
    steps = [step(StepKind.COLLECT)]
    for choice, agrees in choices:
        assert all(leaves_its_trace(kind, steps) for kind in due_kinds(of, steps))
        published = any(one.kind is StepKind.PUBLISH for one in steps)
        ahead = steps_ahead(
            of, steps, (held(),) if published else (), calendar=Weekends(), day=date.min
        )
        options = [one for one in ahead if one.kind not in ENDS] or ahead
        if not options:
            return
        taken = options[choice % len(options)]
        done = step(
            taken.kind,
            taken.earliest.date,
            field=taken.field,
            party=taken.party,
            entry_id=taken.entry_id,
        )
        if done.opinion is Opinion.AGREE and not agrees:
            done = replace(done, opinion=Opinion.DISAGREE)
        if done.kind is StepKind.EXPIRE:
            return
        steps.append(done)
