"""Risk models: what they read, and the steps from training to retirement (M25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from services.scoring.domain.risk_errors import (
    RiskModelFourEyesError,
    RiskModelStepSkippedError,
)

APPROVERS: Final = 2
"""House decision: a model is approved once so many different people have approved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFeature:
    """One thing that a risk model reads.

    Attributes:
        name: Name, stable for ever; the order of names is part of a model.
        meaning: What it is, in English, with its unit and window.
        adverse: Whether more of it speaks against the subject, so that a prediction may never fall
            with it.
        logarithmic: Whether the readable baseline takes its logarithm (of it and one).
    """

    name: str
    meaning: str
    adverse: bool = False
    logarithmic: bool = False


class ModelState(IntEnum):
    """How far a model has come; the numbers are those of the wire and of the tables."""

    TRAINED = 1
    """Registered with its files; nobody else has looked at it."""

    VALIDATED = 2
    """Looked at by somebody who did not train it."""

    APPROVED = 3
    """Approved by two different people, neither of whom trained it."""

    IN_FORCE = 4
    """Gives the predictions that are kept; one model of a name at a time."""

    RETIRED = 5
    """Out of use for ever."""


class Action(IntEnum):
    """What a step did; the numbers are those of the wire and of the tables."""

    REGISTER = 1
    VALIDATE = 2
    APPROVE = 3
    PUT_IN_FORCE = 4
    RETIRE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStep:
    """One step of a model: who did what, when, by which document.

    Attributes:
        action: What was done.
        state: How far the model came by it.
        actor: Identity of the person.
        authority: Authority that the person acted for; empty for none.
        document_number: Document behind the step.
        note: What was looked at or why, in words; empty for none.
        recorded_time: When, UTC.
    """

    action: Action
    state: ModelState
    actor: str
    authority: str
    document_number: str
    note: str
    recorded_time: datetime


def state_of(steps: Sequence[ModelStep]) -> ModelState:
    """Give how far a model has come."""
    return steps[-1].state


def next_state(steps: Sequence[ModelStep], action: Action, *, actor: str) -> ModelState:
    """Give the state that an action leads to.

    Args:
        steps: All steps so far, in order; the first registered the model.
        action: What is to be done.
        actor: Who wants to do it.

    Raises:
        RiskModelStepSkippedError: The model is not where the action begins.
        RiskModelFourEyesError: The action needs somebody else.

    Source:
        House decision: issue 5, "trained → validated → approved (two people) → in force → retired".
    """
    state = state_of(steps)
    if state not in _BEGINS[action]:
        wanted = " or ".join(one.name for one in sorted(_BEGINS[action]))
        raise RiskModelStepSkippedError(
            f"the model is {state.name}; {action.name} begins at {wanted}",
            state=state.name,
            action=action.name,
            wanted=wanted,
        )
    if action in {Action.VALIDATE, Action.APPROVE}:
        _require_somebody_else(steps, action, actor)
    if action is Action.APPROVE:
        approved = {step.actor for step in steps if step.action is Action.APPROVE} | {actor}
        return ModelState.APPROVED if len(approved) >= APPROVERS else ModelState.VALIDATED
    return _LEADS_TO[action]


# Private functions -----------------------------------------------------------

_BEGINS: Final = {
    Action.VALIDATE: frozenset({ModelState.TRAINED}),
    Action.APPROVE: frozenset({ModelState.VALIDATED}),
    Action.PUT_IN_FORCE: frozenset({ModelState.APPROVED}),
    # Whatever is found out, a model can be taken out of the way at any time.
    Action.RETIRE: frozenset(ModelState) - {ModelState.RETIRED},
}
_LEADS_TO: Final = {
    Action.VALIDATE: ModelState.VALIDATED,
    Action.PUT_IN_FORCE: ModelState.IN_FORCE,
    Action.RETIRE: ModelState.RETIRED,
}


def _require_somebody_else(steps: Sequence[ModelStep], action: Action, actor: str) -> None:
    barred = {step.actor: step.action for step in steps if step.action in {Action.REGISTER, action}}
    if actor in barred:
        raise RiskModelFourEyesError(
            f"{actor} did {barred[actor].name} of this model; {action.name} needs somebody else",
            actor=actor,
            earlier_action=barred[actor].name,
            action=action.name,
        )
