"""A period that ends in a year nobody has announced: nothing is decided by it against a party.

The notice is of Wednesday 26 December 2029. Five weekdays end on 2 January 2030, a year that nobody
has announced; once the first two days of January are days off, on the 4th.
"""

from datetime import date, timedelta

import pytest

from services.common.errors import SafetyCreditError
from services.scoring.domain.list_case import ListCase, Step, StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_errors import PeriodOverError, StepTooEarlyError
from services.scoring.domain.list_lateness import step_times
from services.scoring.domain.list_next_step import NextStep
from services.scoring.domain.list_procedure import DueDay, WorkingCalendar
from tests.fakes.list_course import Weekends, case, numbered, step

LAST, NEXT = date(2030, 1, 2), date(2030, 1, 3)
SETTLED_LAST = date(2030, 1, 4)
REVIEWABLE = date(2030, 1, 5)


class Announced:
    """The same calendar once the first two days of January 2030 are announced as days off."""

    def after(self, day: date, count: int) -> DueDay:
        """Give the ``count``-th working day after a day."""
        while count:
            day += timedelta(days=1)
            count -= day.weekday() < 5 and not date(2030, 1, 1) <= day <= LAST
        return DueDay(day)


CASE: ListCase = case(persons=0, fields=(1,))
LEDGER = [
    step(StepKind.COLLECT, date(2029, 12, 24)),
    step(StepKind.REPORT, date(2029, 12, 24)),
    step(StepKind.NOTIFY, date(2029, 12, 26)),
]


def reason(ledger: list[Step], wanted: Step, calendar: WorkingCalendar) -> str:
    """Say why a step may not be taken; nothing if it may."""
    try:
        CaseCourse(CASE, ledger, calendar).require(wanted)
    except SafetyCreditError as error:
        return error.reason
    return ""


def statement(day: date) -> Step:
    """Make the statement of the party."""
    return step(StepKind.STATE, day, party=100)


def review(day: date) -> Step:
    """Make the only opinion of the joint review."""
    return step(StepKind.REVIEW, day, field=1)


def offered(kind: StepKind, day: date, calendar: WorkingCalendar) -> list[NextStep]:
    """Give the next steps of a kind on a day."""
    course = CaseCourse(CASE, LEDGER, calendar)
    return [one for one in course.next_steps(day) if one.kind is kind]


def test_no_right_ends_on_a_day_that_may_still_move() -> None:
    """The party speaks, and is told that it may, until the last day is settled and over."""
    later = date(2030, 1, 7)

    (still,) = offered(StepKind.STATE, later, Weekends())

    assert still.due == DueDay(LAST, provisional=True)
    assert [reason(LEDGER, statement(day), Weekends()) for day in (LAST, NEXT, later)] == [""] * 3
    assert [reason(LEDGER, statement(day), Announced()) for day in (SETTLED_LAST, REVIEWABLE)] == [
        "",
        "PERIOD_OVER",
    ]
    assert offered(StepKind.STATE, SETTLED_LAST, Announced())
    assert not offered(StepKind.STATE, REVIEWABLE, Announced())


def test_what_waits_for_such_a_day_begins_when_it_is_settled() -> None:
    """However long after; the refusal says that the day may move, and what settles it."""
    with pytest.raises(StepTooEarlyError) as error:
        CaseCourse(CASE, LEDGER, Weekends()).require(review(date(2030, 2, 1)))

    assert error.value.facts["provisional"] == "true"
    assert "calendar.yaml" in str(error.value)
    assert reason(LEDGER, review(SETTLED_LAST), Announced()) == "STEP_TOO_EARLY"
    assert reason(LEDGER, review(REVIEWABLE), Announced()) == ""


def test_a_waiver_makes_the_day_matter_no_more() -> None:
    """Who waived waits for nothing, whatever the calendar will be."""
    waived = step(StepKind.WAIVE, date(2029, 12, 28), party=100)

    assert reason([*LEDGER, waived], review(date(2029, 12, 28)), Weekends()) == ""


def test_another_step_after_such_a_day_does_not_settle_it() -> None:
    """One party's waiver of 7 January leaves the other's period where it is: still moving."""
    both = case(fields=(1,))
    ledger = [*LEDGER, step(StepKind.WAIVE, date(2030, 1, 7), party=101)]

    with pytest.raises(StepTooEarlyError):
        CaseCourse(both, ledger, Weekends()).require(review(date(2030, 1, 8)))
    CaseCourse(both, ledger, Announced()).require(review(date(2030, 1, 8)))


def test_a_review_that_turns_out_too_early_takes_nothing_from_the_party() -> None:
    """It still speaks and is answered, and nobody approves before its period is over."""
    early = [*LEDGER, review(NEXT)]
    approval = step(StepKind.APPROVE, SETTLED_LAST)
    spoken = [*early, statement(SETTLED_LAST)]

    assert reason(early, statement(SETTLED_LAST), Announced()) == ""
    assert reason(early, approval, Announced()) == "STEP_TOO_EARLY"
    assert reason(early, step(StepKind.APPROVE, REVIEWABLE), Announced()) == ""
    assert reason(early, step(StepKind.APPROVE, REVIEWABLE), Weekends()) == "STEP_TOO_EARLY"
    assert reason(spoken, step(StepKind.APPROVE, REVIEWABLE), Announced()) == "STEP_MISSING"
    answered = [*spoken, step(StepKind.ANSWER, REVIEWABLE)]
    assert reason(answered, step(StepKind.APPROVE, REVIEWABLE), Announced()) == ""


def test_whoever_never_spoke_is_told_that_its_period_is_over() -> None:
    """Not that it has spoken; and once it is decided, that the decision came first."""
    reviewed = [*LEDGER, review(REVIEWABLE)]
    approved = [*reviewed, step(StepKind.APPROVE, REVIEWABLE)]
    decided = [*approved, step(StepKind.DECIDE, REVIEWABLE)]

    with pytest.raises(PeriodOverError, match="ended on 2030-01-04"):
        CaseCourse(CASE, reviewed, Announced()).require(statement(REVIEWABLE))
    with pytest.raises(PeriodOverError, match="before the decision, which is of 2030-01-05"):
        CaseCourse(CASE, decided, Announced()).require(statement(SETTLED_LAST))
    waived = [*LEDGER, step(StepKind.WAIVE, date(2029, 12, 28), party=100)]
    assert reason(waived, statement(date(2029, 12, 28)), Announced()) == "STEP_REPEATED"


def test_a_step_that_the_settled_calendar_finds_too_early_or_late_is_told() -> None:
    """Until then it may still change, and is told so."""
    steps = numbered([*LEDGER, statement(NEXT), step(StepKind.ANSWER, NEXT), review(NEXT)])

    moving, settled = (step_times(CASE, steps, one) for one in (Weekends(), Announced()))

    # By weekends alone the statement of the 3rd is a day late, and the review in time.
    assert (set(moving.late), set(moving.early)) == ({4}, set())
    assert moving.provisional >= {4, 6}
    assert (set(settled.late), set(settled.early), set(settled.provisional)) == (set(), {6}, set())


def test_a_redlist_is_not_decided_on_a_day_that_may_still_move() -> None:
    """The publicity period is everybody's: it ends once it is settled."""
    red = case(redlist=True, persons=0, fields=(1,))
    ledger = [
        step(StepKind.COLLECT, date(2029, 12, 24)),
        step(StepKind.REPORT, date(2029, 12, 24)),
        review(date(2029, 12, 24)),
        step(StepKind.APPROVE, date(2029, 12, 24)),
        step(StepKind.ANNOUNCE, date(2029, 12, 26)),
    ]
    decision = step(StepKind.DECIDE, date(2030, 1, 7), authority=ledger[1].addressee)

    with pytest.raises(StepTooEarlyError):
        CaseCourse(red, ledger, Weekends()).require(decision)
    CaseCourse(red, ledger, Announced()).require(decision)
