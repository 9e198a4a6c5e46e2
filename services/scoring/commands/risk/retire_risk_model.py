"""Retire a risk model for ever; its kept predictions count no more."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.risk.risk_ports import RiskStore, RiskWriting
from services.scoring.commands.risk.risk_steps import StepDetails, StoredModel, take_step
from services.scoring.domain.risk_model import Action


@dataclass(frozen=True, slots=True)
class RetireRiskModel:
    """Retires a model.

    Attributes:
        store: Where models are stored.
    """

    store: RiskStore

    def __call__(self, call: WriteCall[StoredModel], model_id: int, details: StepDetails) -> Answer:
        """Take the step.

        Raises:
            RiskModelUnknownError: There is no such model.
            RiskModelStepSkippedError: The model is retired already.
        """

        def work(write: RiskWriting) -> StoredModel:
            stored = take_step(write, model_id, Action.RETIRE, caller=call.caller, details=details)
            write.predictions.withdraw(model_id)
            return stored

        return write_once(self.store, call, work)
