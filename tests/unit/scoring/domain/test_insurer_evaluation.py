"""What may be done about an evaluation, and when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from services.common.errors import SafetyCreditError
from services.scoring.domain.insurer_evaluation import (
    Appraisal,
    DisputeDecidedError,
    DisputePeriodOverError,
    DisputePeriodRunningError,
    Evaluation,
    EvaluationDisputedError,
    EvaluationKey,
    EvaluationPublishedError,
    EvaluationState,
    EvaluationStep,
    NoDisputeError,
    StepKind,
)

END = date(2026, 2, 10)
BEFORE = date(2026, 2, 9)
EVALUATION = Evaluation(
    evaluation_id=7,
    edition=2,
    key=EvaluationKey(
        insurer_code="91110102YY9900014F",
        division=110102,
        start_date=date(2025, 1, 1),
        end_date=date(2026, 1, 1),
    ),
    insurer="甲财产保险",
    evaluation_date=date(2026, 1, 26),
    appraisal=Appraisal(
        policy_id="p",
        policy_version="1",
        policy_digest="",
        figures={},
        status=1,
        grade="good",
        score=8_000,
        score_places=2,
        missing=(),
        dispute_days=10,
    ),
    dispute_end_date=END,
    dispute_end_provisional=False,
    revision=3,
)


def after(*kinds: StepKind, edition: int = 2) -> Evaluation:
    """Let things be done about the evaluation, in order."""
    steps = tuple(
        EvaluationStep(
            kind=kind,
            edition=edition,
            step_date=date(2026, 2, 1),
            authority="西城区应急管理局",
            document_number="1号",
        )
        for kind in kinds
    )
    return replace(EVALUATION, steps=steps)


def refused(require: Callable[[date], None], day: date) -> type[SafetyCreditError] | None:
    """Give the error that a requirement ends in; none if it holds."""
    try:
        require(day)
    except SafetyCreditError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("evaluation", "state"),
    [
        pytest.param(after(), EvaluationState.OPEN, id="nothing-done"),
        pytest.param(after(StepKind.DISPUTED), EvaluationState.DISPUTED, id="disputed"),
        pytest.param(
            after(StepKind.DISPUTED, StepKind.REJECTED), EvaluationState.OPEN, id="rejected"
        ),
        pytest.param(
            after(StepKind.DISPUTED, StepKind.ACCEPTED), EvaluationState.OPEN, id="accepted"
        ),
        pytest.param(after(StepKind.PUBLISHED), EvaluationState.PUBLISHED, id="published"),
    ],
)
def test_the_last_step_decides_where_it_stands(
    evaluation: Evaluation, state: EvaluationState
) -> None:
    """The state follows from what was done."""
    assert evaluation.state is state
    assert evaluation.name == "v-7"


@pytest.mark.parametrize(
    ("evaluation", "day", "error"),
    [
        pytest.param(after(), BEFORE, None, id="the-last-day"),
        pytest.param(
            after(StepKind.DISPUTED, StepKind.ACCEPTED, edition=1),
            BEFORE,
            None,
            id="the-next-edition",
        ),
        pytest.param(after(), END, DisputePeriodOverError, id="a-day-late"),
        pytest.param(after(StepKind.DISPUTED), BEFORE, EvaluationDisputedError, id="twice"),
        pytest.param(
            after(StepKind.DISPUTED, StepKind.REJECTED), BEFORE, DisputeDecidedError, id="decided"
        ),
        pytest.param(after(StepKind.PUBLISHED), BEFORE, EvaluationPublishedError, id="published"),
    ],
)
def test_it_can_be_disputed_until_the_period_ends(
    evaluation: Evaluation, day: date, error: type[SafetyCreditError] | None
) -> None:
    """Each edition once; not too late, and not about what is final."""
    assert refused(evaluation.require_disputable, day) is error


@pytest.mark.parametrize(
    ("evaluation", "day", "error"),
    [
        pytest.param(after(), END, None, id="the-period-is-over"),
        pytest.param(after(StepKind.DISPUTED, StepKind.REJECTED), BEFORE, None, id="decided"),
        pytest.param(after(), BEFORE, DisputePeriodRunningError, id="a-day-early"),
        pytest.param(
            after(StepKind.DISPUTED, StepKind.ACCEPTED, edition=1),
            BEFORE,
            DisputePeriodRunningError,
            id="the-next-edition",
        ),
        pytest.param(after(StepKind.DISPUTED), END, EvaluationDisputedError, id="disputed"),
        pytest.param(after(StepKind.PUBLISHED), END, EvaluationPublishedError, id="published"),
    ],
)
def test_it_is_published_once_nobody_can_dispute_it(
    evaluation: Evaluation, day: date, error: type[SafetyCreditError] | None
) -> None:
    """The period is over, or the one dispute is decided; and only once."""
    assert refused(evaluation.require_publishable, day) is error


def test_only_a_dispute_is_decided() -> None:
    """Nothing is decided that nobody disputes."""
    after(StepKind.DISPUTED).require_disputed()
    with pytest.raises(NoDisputeError):
        after().require_disputed()
