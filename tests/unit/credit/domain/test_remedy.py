"""Objections and repairs: which step may follow which, by whom and when."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import SafetyCreditError
from services.credit.domain.remedy import RemedyState
from services.credit.domain.remedy_errors import (
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
