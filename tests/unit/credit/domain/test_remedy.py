"""Objections and repairs: which step may follow which, by whom and when."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import SafetyCreditError
from services.credit.domain.remedy import Remedy, RemedyAct, RemedyState
from services.credit.domain.remedy_errors import (
    ExtensionNotProvidedError,
    ExtensionRepeatedError,
    ExtensionTooLateError,
    StepBeforePreviousError,
    StepOutOfOrderError,
    WrongAuthorityError,
)
from tests.fakes.credit_remedies import AUTHORITY, BEGUN, procedure, remedy, step

S = RemedyState


WAYS = (
    (S.FILED, S.UPHELD),
    (S.FILED, S.REJECTED),
    (S.APPLIED, S.DECLINED),
    (S.APPLIED, S.ACCEPTED, S.REFUSED),
    (S.APPLIED, S.ACCEPTED, S.GRANTED, S.WITHDRAWN),
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[-1].label)
def test_the_steps_of_the_law_follow_each_other(way: tuple[RemedyState, ...]) -> None:
    """Every way of the procedure can be walked to its end, and its steps are numbered."""
    walked = remedy(*way)

    assert [one.state for one in walked.steps] == list(way)
    assert [one.number for one in walked.steps] == list(range(1, len(way) + 1))


@pytest.mark.parametrize(
    ("way", "wanted", "missing"),
    [
        pytest.param((S.APPLIED,), S.GRANTED, "accepted", id="granted-before-accepted"),
        pytest.param((S.APPLIED, S.ACCEPTED), S.ACCEPTED, "", id="accepted-twice"),
        pytest.param((S.APPLIED, S.DECLINED), S.ACCEPTED, "", id="accepted-once-declined"),
        pytest.param((S.APPLIED, S.DECLINED), S.GRANTED, "accepted", id="granted-once-declined"),
        pytest.param((S.APPLIED, S.ACCEPTED), S.WITHDRAWN, "granted", id="withdrawn-before"),
        pytest.param((S.APPLIED, S.ACCEPTED, S.REFUSED), S.GRANTED, "", id="granted-once-refused"),
        pytest.param((S.FILED, S.UPHELD), S.REJECTED, "", id="rejected-once-upheld"),
    ],
)
def test_no_step_is_skipped_or_taken_twice(
    way: tuple[RemedyState, ...], wanted: RemedyState, missing: str
) -> None:
    """The refusal says which step is missing, and which clause asks for it."""
    with pytest.raises(StepOutOfOrderError) as error:
        remedy(*way).advanced(step(wanted), procedure())

    assert error.value.facts["missing"] == missing
    assert error.value.facts["clause"] == "《测试办法》（测试1号）第一条"


def test_another_authority_cannot_decide() -> None:
    """谁认定、谁修复: whoever made the decision decides on its repair."""
    with pytest.raises(WrongAuthorityError) as error:
        remedy(S.APPLIED).advanced(step(S.ACCEPTED, authority="别的局"), procedure())

    assert error.value.facts["authority"] == AUTHORITY


def test_a_policy_may_let_another_authority_decide() -> None:
    """The rule is the policy's, not the program's."""
    accepted = remedy(S.APPLIED).advanced(
        step(S.ACCEPTED, authority="别的局"), procedure(same_authority_required=False)
    )

    assert accepted.state is S.ACCEPTED


def test_a_step_may_be_of_the_day_of_the_step_before() -> None:
    """Two steps on one day are in order."""
    assert remedy(S.APPLIED).advanced(step(S.ACCEPTED, BEGUN), procedure()).state is S.ACCEPTED


def test_a_step_of_the_day_before_the_step_before_is_refused() -> None:
    """What is dated before the step before it cannot have followed it."""
    with pytest.raises(StepBeforePreviousError):
        remedy(S.APPLIED).advanced(step(S.ACCEPTED, date(2026, 8, 31)), procedure())


@settings(max_examples=60)
@given(wanted=st.lists(st.sampled_from(list(RemedyState)[1:]), max_size=8))
def test_only_the_ways_of_the_law_are_ever_walked(wanted: list[RemedyState]) -> None:
    """Whatever is tried, what was taken is the beginning of one of the ways."""
    walked = remedy(S.APPLIED)
    for state in wanted:
        if state is S.APPLIED:
            continue
        try:
            walked = walked.advanced(step(state), procedure())
        except SafetyCreditError:
            continue

    taken = tuple(one.state for one in walked.steps)
    assert any(way[: len(taken)] == taken for way in WAYS)


DUE = date(2026, 9, 15)


def extended(
    one: Remedy, on: date = BEGUN, told: date | None = None, extension_days: int = 10
) -> Remedy:
    """Extend a period that ends on 15 September."""
    law = procedure(extension_days=extension_days)
    return one.extended(replace(step(one.state, on), told_date=told), law, DUE)


def test_an_extension_leaves_the_state_and_the_next_steps_as_they_were() -> None:
    """An extended repair is still to be decided, and its grant is the fourth step."""
    longer = extended(remedy(S.APPLIED, S.ACCEPTED), DUE, DUE)

    granted = longer.advanced(step(S.GRANTED, date(2026, 9, 20)), procedure())

    assert (longer.state, longer.acts) == (S.ACCEPTED, frozenset({RemedyAct.EXTEND}))
    assert (granted.state, granted.last.number, granted.acts) == (S.GRANTED, 4, frozenset())


@pytest.mark.parametrize(
    ("on", "told"),
    [
        pytest.param(date(2026, 9, 16), None, id="made-too-late"),
        pytest.param(DUE, date(2026, 9, 16), id="told-too-late"),
    ],
)
def test_an_extension_after_the_period_mends_nothing(on: date, told: date | None) -> None:
    """Both the extension and the telling lie within the period; the clause is named."""
    with pytest.raises(ExtensionTooLateError) as error:
        extended(remedy(S.APPLIED, S.ACCEPTED), on, told)

    assert error.value.facts["due_date"] == "2026-09-15"
    assert error.value.facts["clause"] == "《测试办法》（测试1号）延长条款"


@pytest.mark.parametrize("provisional", [True, False])
def test_a_refusal_says_whether_the_last_day_may_still_move(*, provisional: bool) -> None:
    """Its year may not be announced; then the extension may be tried again."""
    accepted = remedy(S.APPLIED, S.ACCEPTED)
    late = step(S.ACCEPTED, date(2026, 9, 16))

    with pytest.raises(ExtensionTooLateError) as error:
        accepted.extended(late, procedure(), DUE, provisional=provisional)

    assert error.value.facts["provisional"] == str(provisional).lower()
    assert ("may still move" in str(error.value)) is provisional


def test_a_period_is_extended_once() -> None:
    """A second extension is refused, with the clause."""
    with pytest.raises(ExtensionRepeatedError) as error:
        extended(extended(remedy(S.APPLIED, S.ACCEPTED)))

    assert error.value.facts["clause"] == "《测试办法》（测试1号）延长条款"


def test_a_period_is_not_extended_where_no_text_gives_that() -> None:
    """Zero days are no extension."""
    with pytest.raises(ExtensionNotProvidedError):
        extended(remedy(S.APPLIED, S.ACCEPTED), extension_days=0)


@pytest.mark.parametrize(
    ("way", "missing"),
    [
        pytest.param((S.APPLIED,), "accepted", id="before-acceptance"),
        pytest.param((S.APPLIED, S.ACCEPTED, S.REFUSED), "", id="once-decided"),
    ],
)
def test_only_a_pending_decision_is_extended(way: tuple[RemedyState, ...], missing: str) -> None:
    """Before the acceptance nothing runs, and after the decision nothing does."""
    with pytest.raises(StepOutOfOrderError) as error:
        extended(remedy(*way))

    assert error.value.facts["missing"] == missing


@pytest.mark.parametrize(
    "way",
    [way for way in WAYS if way[-1] is not S.DECLINED],
    ids=lambda way: way[-1].label,
)
def test_every_result_is_shared_once(way: tuple[RemedyState, ...]) -> None:
    """What was shared keeps its state, and is not shared again."""
    shared = remedy(*way).shared(step(way[-1]), procedure())

    assert (shared.state, shared.last.number, shared.acts) == (
        way[-1],
        len(way),
        frozenset({RemedyAct.SHARE}),
    )
    with pytest.raises(StepOutOfOrderError):
        shared.shared(step(way[-1]), procedure())


@pytest.mark.parametrize(
    ("way", "missing"),
    [
        pytest.param((S.APPLIED, S.ACCEPTED), "decided", id="undecided"),
        pytest.param((S.APPLIED, S.DECLINED), "decided", id="declined"),
    ],
)
def test_there_is_no_result_to_share_before_the_decision(
    way: tuple[RemedyState, ...], missing: str
) -> None:
    """What is not decided, or was not taken in, has no result."""
    with pytest.raises(StepOutOfOrderError) as error:
        remedy(*way).shared(step(way[-1]), procedure())

    assert error.value.facts["missing"] == missing


def test_a_withdrawal_after_the_sharing_is_a_result_of_its_own() -> None:
    """The other systems were told of the grant, and are to be told of its withdrawal."""
    shared = remedy(S.APPLIED, S.ACCEPTED, S.GRANTED).shared(step(S.GRANTED), procedure())

    withdrawn = shared.advanced(step(S.WITHDRAWN), procedure())

    assert withdrawn.acts == frozenset()
    assert withdrawn.shared(step(S.WITHDRAWN), procedure()).acts == {RemedyAct.SHARE}


def test_acts_are_taken_by_who_decides_and_in_order_of_days() -> None:
    """谁认定、谁修复 holds for them, and so does the order of days."""
    granted = remedy(S.APPLIED, S.ACCEPTED, S.GRANTED)

    with pytest.raises(WrongAuthorityError):
        granted.shared(step(S.GRANTED, authority="别的局"), procedure())
    with pytest.raises(StepBeforePreviousError):
        granted.shared(step(S.GRANTED, date(2026, 8, 31)), procedure())
