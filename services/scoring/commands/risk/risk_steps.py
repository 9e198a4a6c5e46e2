"""What the steps of a model's governance have in common."""

from dataclasses import dataclass

from services.common.identity import Caller
from services.common.tokens import StorePoint
from services.scoring.commands.risk.risk_asking import known_model
from services.scoring.commands.risk.risk_ports import RegisteredModel, RiskWriting
from services.scoring.domain.risk_model import Action, ModelState, ModelStep, next_state


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDetails:
    """What a step says for itself.

    Attributes:
        document_number: Document behind it.
        note: What was looked at or why; empty for none.
    """

    document_number: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """A model after a write.

    Attributes:
        model: The model.
        point: Where the store stands after it.
    """

    model: RegisteredModel
    point: StorePoint


def take_step(
    write: RiskWriting, model_id: int, action: Action, *, caller: Caller, details: StepDetails
) -> StoredModel:
    """Take one step of a registered model.

    Args:
        write: Where to write.
        model_id: The model.
        action: The step.
        caller: Who takes it.
        details: What it says for itself.

    Raises:
        RiskModelUnknownError: There is no such model.
        RiskModelStepSkippedError: The model is not where the step begins.
        RiskModelFourEyesError: The step needs somebody else.
    """
    model = known_model(write.models, model_id, revision=write.point.revision)
    state = next_state(model.steps, action, actor=caller.identity)
    return append_step(write, model_id, action, state, caller=caller, details=details)


def append_step(  # noqa: PLR0913 -- who, what, to which model, how far, by which document.
    write: RiskWriting,
    model_id: int,
    action: Action,
    state: ModelState,
    *,
    caller: Caller,
    details: StepDetails,
) -> StoredModel:
    """Append a step that was found right, and give the model as it is then."""
    write.models.add_step(
        model_id,
        ModelStep(
            action=action,
            state=state,
            actor=caller.identity,
            authority=caller.authority,
            document_number=details.document_number,
            note=details.note,
            recorded_time=write.point.recorded_time,
        ),
    )
    model = known_model(write.models, model_id, revision=write.point.revision)
    return StoredModel(model=model, point=write.point)
