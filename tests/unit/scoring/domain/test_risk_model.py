"""The steps of a risk model: none skipped, none twice, and never by one person alone."""

from datetime import UTC, datetime

import pytest

from services.scoring.domain.risk_errors import RiskModelFourEyesError, RiskModelStepSkippedError
from services.scoring.domain.risk_model import Action, ModelState, ModelStep, next_state, state_of

PATH = (
    (Action.REGISTER, "trainer"),
    (Action.VALIDATE, "validator"),
    (Action.APPROVE, "first"),
    (Action.APPROVE, "second"),
    (Action.PUT_IN_FORCE, "chief"),
    (Action.RETIRE, "chief"),
)
STATES = (
    ModelState.TRAINED,
    ModelState.VALIDATED,
    ModelState.VALIDATED,
    ModelState.APPROVED,
    ModelState.IN_FORCE,
    ModelState.RETIRED,
)


def steps(count: int) -> list[ModelStep]:
    """Give the first so many steps of the straight path."""
    return [
        ModelStep(
            action=action,
            state=state,
            actor=actor,
            authority="",
            document_number="1",
            note="",
            recorded_time=datetime(2025, 1, 1, tzinfo=UTC),
        )
        for (action, actor), state in list(zip(PATH, STATES, strict=True))[:count]
    ]


@pytest.mark.parametrize("count", range(1, len(PATH)))
def test_the_straight_path_is_open(count: int) -> None:
    """Trained, validated, approved by two, in force, retired."""
    action, actor = PATH[count]

    assert next_state(steps(count), action, actor=actor) is STATES[count]
    assert state_of(steps(count)) is STATES[count - 1]


RIGHT = {
    (1, Action.VALIDATE),
    (2, Action.APPROVE),
    (3, Action.APPROVE),
    (4, Action.PUT_IN_FORCE),
    *((count, Action.RETIRE) for count in range(1, 6)),
}


@pytest.mark.parametrize("action", [one for one in Action if one is not Action.REGISTER])
@pytest.mark.parametrize("count", range(1, len(PATH) + 1))
def test_no_step_is_skipped_or_repeated(count: int, action: Action) -> None:
    """Every step begins at one state; out of the way a model can be taken from all but the last."""
    if (count, action) in RIGHT:
        next_state(steps(count), action, actor="somebody")
        return
    with pytest.raises(RiskModelStepSkippedError) as error:
        next_state(steps(count), action, actor="somebody")

    assert error.value.facts["action"] == action.name


@pytest.mark.parametrize(
    ("count", "action", "actor"),
    [
        pytest.param(1, Action.VALIDATE, "trainer", id="validates-own-model"),
        pytest.param(2, Action.APPROVE, "trainer", id="approves-own-model"),
        pytest.param(3, Action.APPROVE, "trainer", id="approves-own-model-second"),
        pytest.param(3, Action.APPROVE, "first", id="approves-twice"),
    ],
)
def test_nobody_does_two_parts_that_belong_to_two(count: int, action: Action, actor: str) -> None:
    """Who trained neither validates nor approves; nobody approves twice."""
    with pytest.raises(RiskModelFourEyesError) as error:
        next_state(steps(count), action, actor=actor)

    assert error.value.facts["actor"] == actor


def test_the_validator_may_be_one_of_the_approvers() -> None:
    """Two approvals are two people, whoever validated."""
    assert next_state(steps(2), Action.APPROVE, actor="validator") is ModelState.VALIDATED
    assert next_state(steps(3), Action.APPROVE, actor="validator") is ModelState.APPROVED
