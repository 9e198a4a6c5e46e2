"""The course of a case: no step skipped, repeated, early, late, or by the wrong hands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.common.errors import SafetyCreditError
from services.scoring.domain.list_case import CaseState, Opinion, Step, StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_errors import StepTooEarlyError
from services.scoring.domain.list_lateness import step_times
from services.scoring.domain.list_ledger import Ledger
from services.scoring.domain.list_procedure import Clause
from tests.fakes.list_course import BUREAU, FIRE, OPENED, Weekends, case, numbered, step

CALENDAR = Weekends()
NOTIFIED = date(2025, 6, 4)
# Five weekdays after Wednesday 4 June end on Wednesday 11 June.
HEARD = date(2025, 6, 12)

COLLECT = step(StepKind.COLLECT)
REPORT = step(StepKind.REPORT, date(2025, 6, 3))
NOTIFY = step(StepKind.NOTIFY, NOTIFIED)
REVIEWS = [
    step(StepKind.REVIEW, HEARD, field=1),
    step(StepKind.REVIEW, HEARD, field=2, authority=FIRE),
]
APPLIED = step(StepKind.APPLY_EARLY, date(2026, 6, 3), entry_id=5)
ACCEPTED = step(StepKind.ACCEPT_EARLY, date(2026, 6, 4), entry_id=5)
WHOLE = [
    COLLECT,
    REPORT,
    NOTIFY,
    *REVIEWS,
    step(StepKind.APPROVE, HEARD),
    step(StepKind.DECIDE, HEARD),
    step(StepKind.SERVE, HEARD),
    step(StepKind.PUBLISH, HEARD),
]
"""A case from its collection to its publication, whose parties let their periods pass."""


def reason(ledger: list[Step], wanted: Step, **of: Any) -> str:  # noqa: ANN401 -- parts of a case.
    """Say why a step may not be taken; nothing if it may."""
    try:
        CaseCourse(case(**of), ledger, CALENDAR).require(wanted)
    except SafetyCreditError as error:
        return error.reason
    return ""


def test_the_whole_course_is_open_step_by_step() -> None:
    """Each step may be taken after those before it, and the states follow."""
    states = []
    for place, one in enumerate(WHOLE[1:], start=1):
        assert reason(WHOLE[:place], one) == "", one.kind
        states.append(Ledger(case(), WHOLE[: place + 1]).state())

    assert states == [
        CaseState.REPORTED,
        CaseState.NOTIFIED,
        CaseState.NOTIFIED,
        CaseState.REVIEWED,
        CaseState.APPROVED,
        CaseState.DECIDED,
        CaseState.SERVED,
        CaseState.LISTED,
    ]


@pytest.mark.parametrize("left_out", range(1, len(WHOLE) - 1))
def test_whatever_step_is_left_out_nothing_is_published(left_out: int) -> None:
    """Every later step of the course names the one that is missing."""
    ledger = [one for place, one in enumerate(WHOLE) if place != left_out]

    for place in range(left_out, len(ledger)):
        assert reason(ledger[:place], ledger[place]) in {"STEP_MISSING", ""}
    assert reason(ledger[:-1], ledger[-1]) == "STEP_MISSING"


@pytest.mark.parametrize("place", range(1, len(WHOLE)))
def test_a_step_is_taken_once(place: int) -> None:
    """Taken again at once, it is refused; after the publication the case is over."""
    taken = reason(WHOLE[: place + 1], WHOLE[place])

    assert taken == ("CASE_OVER" if place == len(WHOLE) - 1 else "STEP_REPEATED")


@pytest.mark.parametrize(
    ("place", "kind"), [(1, "REPORT"), (2, "NOTIFY"), (5, "APPROVE"), (6, "DECIDE"), (8, "PUBLISH")]
)
def test_another_authority_is_refused(place: int, kind: str) -> None:
    """The collecting authority reports; from then on the deciding one acts."""
    assert WHOLE[place].kind.name == kind
    foreign = step(WHOLE[place].kind, WHOLE[place].day, authority="区住建委", field=0)

    assert reason(WHOLE[:place], foreign) == "WRONG_AUTHORITY"


def test_the_review_waits_for_the_end_of_the_period() -> None:
    """On the last day of the period it is a day too early."""
    ledger = [COLLECT, REPORT, NOTIFY]
    early = step(StepKind.REVIEW, HEARD - timedelta(days=1), field=1)

    with pytest.raises(StepTooEarlyError) as error:
        CaseCourse(case(), ledger, CALENDAR).require(early)

    assert error.value.facts["earliest_date"] == "2025-06-12"
    assert reason(ledger, step(StepKind.REVIEW, HEARD, field=1)) == ""


def test_a_statement_is_in_time_until_the_last_day() -> None:
    """The last day counts, the next does not, and no statement is made before the notice."""
    ledger = [COLLECT, REPORT, NOTIFY]
    last = HEARD - timedelta(days=1)

    assert reason(ledger, step(StepKind.STATE, last, party=100)) == ""
    assert reason(ledger, step(StepKind.STATE, HEARD, party=100)) == "PERIOD_OVER"
    assert reason(ledger, step(StepKind.STATE, date(2025, 6, 3), party=100)) == "STEP_TOO_EARLY"


def test_waivers_open_the_review_once_everybody_made_one() -> None:
    """One party's waiver does not shorten another's period."""
    waived = step(StepKind.WAIVE, date(2025, 6, 5), party=100)
    other = step(StepKind.WAIVE, date(2025, 6, 6), party=101)
    review = step(StepKind.REVIEW, date(2025, 6, 6), field=1)

    assert reason([COLLECT, REPORT, NOTIFY, waived], review) == "STEP_TOO_EARLY"
    assert reason([COLLECT, REPORT, NOTIFY, waived, other], review) == ""
    assert reason([COLLECT, REPORT, NOTIFY, waived], waived) == "STEP_REPEATED"


def test_a_party_that_names_nobody_waived_for_itself_alone() -> None:
    """Without an authority a step is the subject's; of an authority and no party it is of all."""
    by_party = step(StepKind.WAIVE, date(2025, 6, 5), authority="")
    by_authority = step(StepKind.WAIVE, date(2025, 6, 5))

    told = [COLLECT, REPORT, NOTIFY]
    of_party, of_all = Ledger(case(), [*told, by_party]), Ledger(case(), [*told, by_authority])

    assert [of_party.waiver(number) is not None for number in (100, 101)] == [True, False]
    assert [of_all.waiver(number) is not None for number in (100, 101)] == [True, True]


def test_every_party_has_a_notice_of_its_own() -> None:
    """A case with two parties, one of them told, is not reviewed."""
    told = step(StepKind.NOTIFY, NOTIFIED, party=100)
    ledger = [COLLECT, REPORT, told]

    assert reason(ledger, step(StepKind.REVIEW, HEARD, field=1)) == "STEP_MISSING"
    assert reason(ledger, step(StepKind.STATE, NOTIFIED, party=101)) == "STEP_MISSING"
    assert reason(ledger, told) == "STEP_REPEATED"
    assert reason(ledger, step(StepKind.NOTIFY, NOTIFIED, party=101)) == ""
    assert reason(ledger, step(StepKind.NOTIFY, NOTIFIED, party=9)) == "PARTY_UNKNOWN"


def test_a_statement_is_answered_before_another_party_has_its_notice() -> None:
    """Who was told first is heard first; the review waits for both."""
    told = step(StepKind.NOTIFY, NOTIFIED, party=100)
    stated = step(StepKind.STATE, NOTIFIED, party=100)
    answered = step(StepKind.ANSWER, date(2025, 6, 6))
    ledger = [COLLECT, REPORT, told, stated]

    assert reason([COLLECT, REPORT, told], answered) == "STEP_MISSING"
    assert reason(ledger, answered) == ""
    assert reason([*ledger, answered], step(StepKind.REVIEW, HEARD, field=1)) == "STEP_MISSING"


@pytest.mark.parametrize(
    ("waived", "kind", "expected"),
    [
        pytest.param([100], StepKind.WAIVE, "", id="the-rest-waives"),
        pytest.param([100, 101], StepKind.WAIVE, "STEP_REPEATED", id="nobody-is-left-to-waive"),
        pytest.param([0], StepKind.WAIVE, "STEP_REPEATED", id="all-waived-together"),
        pytest.param([], StepKind.STATE, "", id="all-state"),
        pytest.param([100], StepKind.STATE, "STEP_REPEATED", id="one-of-them-waived"),
    ],
)
def test_all_parties_together_say_nothing_that_one_of_them_gave_up(
    waived: list[int], kind: StepKind, expected: str
) -> None:
    """They waive as long as one is left that has not, and state as long as none has."""
    day = date(2025, 6, 5)
    before = [step(StepKind.WAIVE, day, party=party) for party in waived]

    assert reason([COLLECT, REPORT, NOTIFY, *before], step(kind, day)) == expected


@pytest.mark.parametrize("redlist", [False, True], ids=["blacklist", "redlist"])
def test_a_changed_opinion_is_not_dated_before_the_first(*, redlist: bool) -> None:
    """A dissent of 20 June is changed on that day or later, whatever else is over by then."""
    ledger = [COLLECT, REPORT] if redlist else [COLLECT, REPORT, NOTIFY]
    first = step(StepKind.REVIEW, date(2025, 6, 20), field=1, opinion=Opinion.DISAGREE)

    def changed(day: date) -> str:
        course = CaseCourse(case(redlist=redlist), [*ledger, first], CALENDAR)
        try:
            course.require(step(StepKind.REVIEW, day, field=1))
        except SafetyCreditError as error:
            return error.reason
        return ""

    assert changed(date(2025, 6, 19)) == "STEP_TOO_EARLY"
    assert changed(date(2025, 6, 20)) == ""


def test_a_statement_must_be_answered_before_the_review() -> None:
    """Also the one that came after an answer."""
    stated = step(StepKind.STATE, NOTIFIED, party=100)
    answered = step(StepKind.ANSWER, date(2025, 6, 6))
    review = step(StepKind.REVIEW, HEARD, field=1)
    ledger = [COLLECT, REPORT, NOTIFY, stated]

    assert reason([COLLECT, REPORT, NOTIFY], answered) == "STEP_MISSING"
    assert reason(ledger, review) == "STEP_MISSING"
    assert reason([*ledger, answered], answered) == "STEP_REPEATED"
    assert reason([*ledger, answered], review) == ""
    assert reason([*ledger, answered, stated], review) == "STEP_MISSING"


def test_a_rejected_case_can_only_be_closed() -> None:
    """Nothing is decided that was not approved."""
    rejected = step(StepKind.APPROVE, HEARD, opinion=Opinion.DISAGREE)
    ledger = [*WHOLE[:5], rejected]

    assert Ledger(case(), ledger).state() is CaseState.REJECTED
    assert reason(ledger, step(StepKind.DECIDE, HEARD)) == "STEP_MISSING"
    assert reason(ledger, step(StepKind.CLOSE, HEARD)) == ""
    assert reason(ledger, step(StepKind.CLOSE, HEARD, contents={})) == "CONTENT_MISSING"


@pytest.mark.parametrize(
    ("place", "missing"), [(2, "cause"), (2, "rights"), (6, "cause"), (6, "remedies")]
)
def test_mandatory_contents_are_named(place: int, missing: str) -> None:
    """A notice and a decision say all that the procedure wants."""
    whole = WHOLE[place]
    contents = {name: text for name, text in whole.contents.items() if name != missing}

    with pytest.raises(SafetyCreditError) as error:
        CaseCourse(case(), WHOLE[:place], CALENDAR).require(
            step(whole.kind, whole.day, contents=contents)
        )

    assert error.value.reason == "CONTENT_MISSING"
    assert (error.value.facts["missing"], error.value.facts["clause"]) == (missing, "测试办法")


def test_a_redlist_waits_for_its_publicity() -> None:
    """Five weekdays of publicity from Thursday 5 June end on Thursday 12 June."""
    day = date(2025, 6, 5)
    ledger = [
        COLLECT,
        REPORT,
        step(StepKind.REVIEW, day, field=1),
        step(StepKind.APPROVE, day),
    ]
    announced = [*ledger, step(StepKind.ANNOUNCE, day)]
    of: dict[str, Any] = {"redlist": True, "fields": (1,)}

    assert reason(ledger, step(StepKind.DECIDE, date(2025, 6, 20)), **of) == "STEP_MISSING"
    assert reason(announced, step(StepKind.DECIDE, date(2025, 6, 12)), **of) == "STEP_TOO_EARLY"
    assert reason(announced, step(StepKind.DECIDE, date(2025, 6, 13)), **of) == ""
    assert reason(announced, NOTIFY, **of) == "WRONG_LIST"
    assert reason([COLLECT, REPORT], step(StepKind.ANNOUNCE, day)) == "WRONG_LIST"


def test_next_steps_say_who_and_when() -> None:
    """Every step that may follow, its first day, its last, and at whom it is."""
    course = CaseCourse(case(persons=0), [COLLECT], CALENDAR)
    report, close = course.next_steps(OPENED)
    decided = CaseCourse(case(persons=0), WHOLE[:7], CALENDAR)
    serve, _ = decided.next_steps(HEARD)

    assert (report.kind, report.authority, report.earliest.date) == (
        StepKind.REPORT,
        BUREAU,
        OPENED,
    )
    # Ten weekdays after Monday 2 June.
    assert report.due is not None
    assert report.due.date == date(2025, 6, 16)
    assert (report.overdue(date(2025, 6, 16)), report.overdue(date(2025, 6, 17))) == (False, True)
    assert close.kind is StepKind.CLOSE
    # Seven weekdays after Thursday 12 June.
    assert serve.due is not None
    assert (serve.kind, serve.due.date) == (StepKind.SERVE, date(2025, 6, 23))


def test_late_steps_are_told() -> None:
    """A report on the day after its last is late, on the last it is not."""
    in_time = step(StepKind.REPORT, date(2025, 6, 16))
    late = step(StepKind.REPORT, date(2025, 6, 17))

    assert step_times(case(), numbered([COLLECT, in_time]), CALENDAR).late == frozenset()
    assert step_times(case(), numbered([COLLECT, late]), CALENDAR).late == frozenset({2})


@pytest.mark.parametrize(
    ("kind", "before", "last"),
    [
        pytest.param(StepKind.ACCEPT_EARLY, [APPLIED], date(2026, 6, 10), id="acceptance"),
        pytest.param(StepKind.DECIDE_EARLY, [APPLIED, ACCEPTED], date(2026, 7, 2), id="decision"),
    ],
)
def test_late_steps_of_an_early_removal_are_told(
    kind: StepKind, before: list[Step], last: date
) -> None:
    """Five weekdays from Wednesday 3 June 2026 to accept, twenty from the next day to decide."""
    in_time = step(kind, last, entry_id=5)
    # What happens to the entry of another party of the case begins no period of this one.
    of_another = step(StepKind.APPLY_EARLY, last, entry_id=6)
    late = step(kind, last + timedelta(days=1), entry_id=5)

    assert (
        step_times(case(), numbered([*before, of_another, in_time]), CALENDAR).late == frozenset()
    )
    number = len(before) + 2
    assert step_times(case(), numbered([*before, of_another, late]), CALENDAR).late == {number}


def test_only_the_department_that_dissented_may_think_better_of_it() -> None:
    """Another authority of the field cannot overturn what was said; who is due is told."""
    first = step(StepKind.REVIEW, HEARD, field=2, authority=FIRE, opinion=Opinion.DISAGREE)
    again = step(StepKind.REVIEW, HEARD, field=2, authority=FIRE)
    ledger = WHOLE[:4]

    def due(steps: list[Step]) -> list[str]:
        ahead = CaseCourse(case(), steps, CALENDAR).next_steps(HEARD)
        return [one.authority for one in ahead if one.kind is StepKind.REVIEW]

    assert reason([*ledger, first], replace(again, authority="第三部门")) == "WRONG_AUTHORITY"
    assert reason([*ledger, first], again) == ""
    assert reason(ledger, replace(again, authority="第三部门")) == ""
    assert (due(ledger), due([*ledger, first])) == ([""], [FIRE])


@pytest.mark.parametrize(
    ("unit", "length", "day", "end"),
    [
        pytest.param("day", 30, date(2025, 1, 31), date(2025, 3, 2), id="days"),
        pytest.param("month", 1, date(2025, 1, 31), date(2025, 2, 28), id="shorter-month"),
        pytest.param("month", 12, date(2025, 6, 3), date(2026, 6, 3), id="months"),
        pytest.param("year", 3, date(2024, 2, 29), date(2027, 2, 28), id="leap-day"),
        pytest.param("working_day", 1, date(2025, 6, 6), date(2025, 6, 9), id="over-a-weekend"),
    ],
)
def test_periods_end_by_the_calendar(unit: str, length: int, day: date, end: date) -> None:
    """Months and years end on the same number, or the last day of a shorter month."""
    period = Clause(value=length, unit=unit, citation="", confidence="assumed")

    assert period.end(day, CALENDAR).date == end


def test_a_day_that_nobody_announced_is_provisional() -> None:
    """What is counted over such a year is marked."""
    period = Clause(value=1, unit="working_day", citation="", confidence="assumed")

    assert period.end(date(2029, 12, 31), CALENDAR).provisional
    assert not period.end(date(2029, 12, 28), CALENDAR).provisional


KINDS = st.sampled_from(
    [
        *(one for one in StepKind if one <= StepKind.CLOSE and one is not StepKind.COLLECT),
        StepKind.REVIEW,
        StepKind.NOTIFY,
        StepKind.SERVE,
    ]
)
TRIED = st.tuples(
    KINDS,
    st.sampled_from([BUREAU, BUREAU, FIRE]),
    st.sampled_from([1, 2]),
    st.sampled_from([0, 100, 101]),
    st.sampled_from([Opinion.AGREE, Opinion.AGREE, Opinion.DISAGREE]),
    st.integers(0, 6),
    st.sampled_from(["clerk", "chief"]),
)


ONWARD = (None,) * 12
"""Enough of what comes next to publish a case."""


def onward(ledger: list[Step], day: date) -> Step | None:
    """Make the step that a case says comes next, on its first day; none when it is over."""
    course = CaseCourse(case(), ledger, CALENDAR)
    passing = {StepKind.STATE, StepKind.WAIVE, StepKind.CLOSE}
    for one in course.next_steps(day):
        if one.kind not in passing:
            authority = FIRE if one.field == 2 else BUREAU
            first = max(day, one.earliest.date)
            parts = {"authority": authority, "field": one.field, "party": one.party}
            return step(one.kind, first, **parts)
    return None


def attempt(
    day: date,
    kind: StepKind,
    authority: str,
    field: int,
    party: int,
    opinion: Opinion,
    days: int,
    who: str,
) -> Step:
    """Make any step, some days later."""
    parties = {StepKind.NOTIFY, StepKind.STATE, StepKind.SERVE}
    return step(
        kind,
        day + timedelta(days=days),
        authority=authority,
        field=field if kind is StepKind.REVIEW else 0,
        party=party if kind in parties else 0,
        opinion=opinion,
        caller=who,
        person=who,
    )


@settings(max_examples=120)
@example(ONWARD)
@given(st.lists(st.one_of(st.none(), st.none(), TRIED), min_size=8, max_size=40))
def test_no_sequence_publishes_without_every_step(tried: Sequence[Any]) -> None:
    """However steps are tried, what was published has its whole ledger, in order and in time.

    Between tries of any kind the case is brought onward by what it says may come next.
    """
    ledger = [COLLECT]
    day = OPENED
    for one in tried:
        wanted = onward(ledger, day) if one is None else attempt(day, *one)
        if wanted is not None and not reason(ledger, wanted):
            ledger.append(wanted)
            day = max(day, wanted.day)
    if tried == ONWARD:
        assert ledger[-1].kind is StepKind.PUBLISH

    kinds = [one.kind for one in ledger]
    assert kinds.count(StepKind.PUBLISH) <= 1
    if StepKind.PUBLISH in kinds:
        read = Ledger(case(), ledger)
        order = [kinds.index(kind) for kind in (StepKind.REPORT, StepKind.NOTIFY)]
        order += [kinds.index(kind) for kind in (StepKind.APPROVE, StepKind.DECIDE)]
        assert order == sorted(order)
        assert not read.left_to_notify()
        assert not read.unanswered()
        assert not read.dissenting()
        assert set(read.opinions()) == {1, 2}
        assert len({one.authority for one in read.opinions().values()}) == 2
        assert read.left_to_serve() == ()
        approval = read.last(StepKind.APPROVE)
        assert approval is not None
        assert approval.caller != "clerk"
        first = min(one.day for one in read.opinions().values())
        for party in (100, 101):
            notice = read.notice(party)
            assert notice is not None
            waived = read.waiver(party)
            ended = CALENDAR.after(notice.day, 5).date
            assert first > ended or (waived is not None and waived.day <= first)


@pytest.mark.parametrize(
    ("served", "fallen", "missing"),
    [([100], [101], ""), ([100], [], "STEP_MISSING"), ([101], [101], "STEP_MISSING")],
    ids=["the-fallen-one-is-not", "nobody-fell", "the-standing-one-is-not"],
)
def test_a_publication_waits_for_the_service_on_whoever_stands(
    served: list[int], fallen: list[int], missing: str
) -> None:
    """Whom it leaves out need not be told of a listing that is none; every other party must."""
    ledger = [*WHOLE[:7], *(step(StepKind.SERVE, HEARD, party=one) for one in served)]
    course = CaseCourse(case(), ledger, CALENDAR, fallen=fallen)

    found = ""
    try:
        course.require(WHOLE[8])
    except SafetyCreditError as error:
        found = error.reason

    assert found == missing
    asked = {one.party for one in course.next_steps(HEARD) if one.kind is StepKind.SERVE}
    assert asked == {100, 101} - {*served, *fallen}
