"""Record one of the two approvals of a risk model."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.risk.risk_ports import ModelReader, RiskStore, RiskWriting
from services.scoring.commands.risk.risk_steps import StepDetails, StoredModel, take_step
from services.scoring.domain.risk_model import Action


@dataclass(frozen=True, slots=True)
class ApproveRiskModel:
    """Approves a model; the second approval, by another person, makes it approved.

    Attributes:
        store: Where models are stored.
        reader: Checks their files.
    """

    store: RiskStore
    reader: ModelReader

    def __call__(self, call: WriteCall[StoredModel], model_id: int, details: StepDetails) -> Answer:
        """Check the files and take the step.

        Raises:
            RiskModelUnknownError: There is no such model.
            RiskModelStepSkippedError: The model is not where the step begins.
            RiskModelFourEyesError: The step needs somebody else.
            SafetyCreditError: A file fails a check, as `ModelReader.summary` says.
        """

        def work(write: RiskWriting) -> StoredModel:
            stored = take_step(write, model_id, Action.APPROVE, caller=call.caller, details=details)
            self.reader.summary(write.models.files(model_id))
            return stored

        return write_once(self.store, call, work)
