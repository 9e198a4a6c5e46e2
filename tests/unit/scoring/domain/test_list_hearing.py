"""Hearings: asked for in time, held before the review, and not by who investigated."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import SafetyCreditError
from services.scoring.domain.list_case import ListCase, Step, StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_procedure import ListProcedure
from tests.fakes.list_course import BUREAU, OPENED, PROCEDURE, Weekends, case, clause, step

CALENDAR = Weekends()
NOTIFIED = date(2025, 6, 4)
ASKED = date(2025, 6, 6)
COLLECT = step(StepKind.COLLECT)
REPORT = step(StepKind.REPORT, date(2025, 6, 3))
NOTIFY = step(StepKind.NOTIFY, NOTIFIED)
LEDGER = [COLLECT, REPORT, NOTIFY]
ASK = step(StepKind.ASK_HEARING, ASKED, party=100)
# Seven weekdays after Friday 6 June end on Tuesday 17 June.
HELD = date(2025, 6, 17)
HOLD = step(StepKind.HOLD_HEARING, HELD, contents={"outcome": "维持"})
CLAUSES = {
    "statement_period": clause(3, "working_day"),
    "hearing_period": clause(5, "working_day"),
    "hearing_notice_period": clause(7, "working_day"),
    "hearing_within": clause(30, "day"),
}


def hearing_case(**clauses: Any) -> ListCase:  # noqa: ANN401 -- requirements by name.
    """Make a case of two parties whose procedure provides for hearings."""
    whole = case()
    given = {**PROCEDURE, **CLAUSES, **clauses}
    kept = {name: one for name, one in given.items() if one is not None}
    return replace(whole, procedure=ListProcedure(whole.procedure.kind, kept))


def reason(ledger: list[Step], wanted: Step, **clauses: Any) -> str:  # noqa: ANN401 -- requirements.
    """Say why a step may not be taken; nothing if it may."""
    try:
        CaseCourse(hearing_case(**clauses), ledger, CALENDAR).require(wanted)
    except SafetyCreditError as error:
        return error.reason
    return ""


def review(day: date) -> Step:
    """Make the first opinion of the joint review."""
    return step(StepKind.REVIEW, day, field=1)


def test_a_list_without_the_requirement_has_no_hearing() -> None:
    """Neither step may be taken, and neither is offered."""
    assert reason(LEDGER, ASK, hearing_period=None) == "HEARING_NOT_PROVIDED"
    assert reason(LEDGER, HOLD, hearing_period=None) == "HEARING_NOT_PROVIDED"
    course = CaseCourse(hearing_case(hearing_period=None), LEDGER, CALENDAR)
    kinds = {one.kind for one in course.next_steps(NOTIFIED)}
    assert kinds == {StepKind.STATE, StepKind.WAIVE, StepKind.REVIEW, StepKind.CLOSE}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2025, 6, 3), "STEP_TOO_EARLY", id="before-the-notice"),
        pytest.param(NOTIFIED, "", id="on-the-day-of-the-notice"),
        # Five weekdays after Wednesday 4 June end on Wednesday 11 June.
        pytest.param(date(2025, 6, 11), "", id="on-the-last-day"),
        pytest.param(date(2025, 6, 12), "PERIOD_OVER", id="a-day-late"),
    ],
)
def test_a_hearing_is_asked_for_within_its_period(day: date, expected: str) -> None:
    """The period is counted from the notice, whatever that for statements is."""
    assert reason(LEDGER, step(StepKind.ASK_HEARING, day, party=100)) == expected


def test_the_review_waits_for_the_longer_of_both_periods() -> None:
    """Three weekdays for statements end on the 9th, five for asking on the 11th."""
    assert reason(LEDGER, review(date(2025, 6, 11))) == "STEP_TOO_EARLY"
    assert reason(LEDGER, review(date(2025, 6, 12))) == ""
    assert reason(LEDGER, review(date(2025, 6, 10)), hearing_period=None) == ""


def test_no_review_before_a_demanded_hearing_was_held() -> None:
    """Not even long after every period; the refusal names the step and its clause."""
    asked = [*LEDGER, ASK]

    with pytest.raises(SafetyCreditError) as error:
        CaseCourse(hearing_case(), asked, CALENDAR).require(review(date(2025, 9, 1)))

    assert error.value.reason == "STEP_MISSING"
    assert (error.value.facts["step"], error.value.facts["clause"]) == ("hold_hearing", "测试办法")
    assert reason([*asked, HOLD], review(HELD)) == ""
    assert reason([*asked, HOLD], review(date(2025, 6, 16))) == "STEP_TOO_EARLY"


def test_every_party_that_asked_is_heard() -> None:
    """A hearing of one party is none of the other's."""
    other = step(StepKind.ASK_HEARING, ASKED, party=101)
    first = step(StepKind.HOLD_HEARING, HELD, party=100, contents={"outcome": "维持"})
    ledger = [*LEDGER, ASK, other, first]

    assert reason(ledger, review(HELD)) == "STEP_MISSING"
    assert reason(ledger, first) == "STEP_REPEATED"
    assert reason([*ledger, HOLD], review(HELD)) == ""
    assert reason([*LEDGER, ASK], replace(first, party=101)) == "STEP_MISSING"


def test_a_hearing_is_asked_for_once() -> None:
    """By one party, or by all of them together."""
    together = step(StepKind.ASK_HEARING, ASKED)

    assert reason([*LEDGER, ASK], ASK) == "STEP_REPEATED"
    assert reason([*LEDGER, together], replace(ASK, party=101)) == "STEP_REPEATED"
    assert reason([*LEDGER, ASK], together) == ""
    assert reason([COLLECT, REPORT], ASK) == "STEP_MISSING"


def test_a_waiver_withdraws_the_hearing() -> None:
    """Who waives gives up the rest of both periods, and the hearing that it asked for."""
    waived = step(StepKind.WAIVE, date(2025, 6, 10))

    assert reason([*LEDGER, ASK, waived], review(date(2025, 6, 10))) == ""
    assert reason([*LEDGER, waived], replace(ASK, day=date(2025, 6, 11))) == "STEP_REPEATED"
    assert reason([*LEDGER, ASK, waived], HOLD) == "STEP_MISSING"
    # Waiving is in time as long as asking would be.
    assert reason(LEDGER, step(StepKind.WAIVE, date(2025, 6, 12))) == "PERIOD_OVER"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, "", id="right"),
        pytest.param({"day": date(2025, 6, 16)}, "STEP_TOO_EARLY", id="notified-too-late"),
        pytest.param({"contents": {}}, "CONTENT_MISSING", id="no-outcome"),
        pytest.param({"person": "赵"}, "INVESTIGATOR_MAY_NOT_PRESIDE", id="who-reported-it"),
        pytest.param({"person": "赵 "}, "INVESTIGATOR_MAY_NOT_PRESIDE", id="who-with-a-blank"),
        pytest.param({"authority": "区住建委"}, "WRONG_AUTHORITY", id="another-authority"),
        pytest.param({"party": 9}, "PARTY_UNKNOWN", id="no-party"),
    ],
)
def test_a_hearing_is_held_by_the_rules(given: dict[str, Any], expected: str) -> None:
    """By the deciding authority, not before it could be notified, by somebody else."""
    assert reason([*LEDGER, ASK], replace(HOLD, **given)) == expected


def test_the_hearing_is_due() -> None:
    """At the deciding authority, within 30 days of the request: by 6 July."""
    course = CaseCourse(hearing_case(), [*LEDGER, ASK], CALENDAR)

    held = [one for one in course.next_steps(ASKED) if one.kind is StepKind.HOLD_HEARING]

    (one,) = held
    assert (one.party, one.authority, one.earliest.date) == (100, BUREAU, HELD)
    assert one.due is not None
    assert one.due.date == date(2025, 7, 6)
    assert (one.overdue(date(2025, 7, 6)), one.overdue(date(2025, 7, 7))) == (False, True)


def test_the_right_to_ask_is_shown_with_its_last_day() -> None:
    """For each party, until its period is over."""
    course = CaseCourse(hearing_case(), LEDGER, CALENDAR)

    def asking(day: date) -> list[tuple[int, date]]:
        return [
            (one.party, one.due.date)
            for one in course.next_steps(day)
            if one.kind is StepKind.ASK_HEARING and one.due is not None
        ]

    last = date(2025, 6, 11)
    assert asking(last) == [(100, last), (101, last)]
    assert asking(date(2025, 6, 12)) == []


def test_a_redlist_has_no_hearing() -> None:
    """It is applied for; nobody is accused of anything."""
    red = case(redlist=True)

    with pytest.raises(SafetyCreditError) as error:
        CaseCourse(red, [COLLECT, REPORT], CALENDAR).require(replace(ASK, day=OPENED))

    assert error.value.reason == "WRONG_LIST"


TRIED = st.tuples(
    st.sampled_from(
        [
            StepKind.STATE,
            StepKind.ANSWER,
            StepKind.WAIVE,
            StepKind.ASK_HEARING,
            StepKind.ASK_HEARING,
            StepKind.HOLD_HEARING,
            StepKind.HOLD_HEARING,
            StepKind.REVIEW,
        ]
    ),
    st.sampled_from([0, 100, 101]),
    st.integers(0, 5),
)


@settings(max_examples=100)
@given(st.lists(TRIED, min_size=3, max_size=20))
def test_no_sequence_reviews_before_whoever_asked_was_heard(
    tried: list[tuple[StepKind, int, int]],
) -> None:
    """However steps are tried, at the first review whoever asked was heard, or had waived."""
    ledger, day = list(LEDGER), NOTIFIED
    for kind, party, days in tried:
        named = 0 if kind in {StepKind.REVIEW, StepKind.ANSWER} else party
        field = 1 if kind is StepKind.REVIEW else 0
        contents = {"outcome": "维持", "statement": "文", "answer": "文"}
        wanted = step(kind, day + timedelta(days=days), party=named, field=field, contents=contents)
        if not reason(ledger, wanted):
            ledger.append(wanted)
            day = wanted.day

    kinds = [one.kind for one in ledger]
    before = ledger[: kinds.index(StepKind.REVIEW)] if StepKind.REVIEW in kinds else []
    for party in (100, 101):
        of_party = [one.kind for one in before if one.party in {0, party}]
        if StepKind.ASK_HEARING in of_party:
            # Who had waived before is not among those for whom all parties together ask.
            assert {StepKind.HOLD_HEARING, StepKind.WAIVE} & set(of_party)
    # Nothing of a hearing comes after the review began.
    after = kinds[kinds.index(StepKind.REVIEW) :] if StepKind.REVIEW in kinds else []
    assert not {StepKind.ASK_HEARING, StepKind.HOLD_HEARING} & set(after)
