"""Put an approved risk model in force, in the place of another of its name."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.risk.risk_asking import MODEL
from services.scoring.commands.risk.risk_ports import ModelReader, RiskStore, RiskWriting
from services.scoring.commands.risk.risk_steps import StepDetails, StoredModel, take_step
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.risk_errors import (
    RiskModelNotInForceError,
    RiskModelOtherInForceError,
)
from services.scoring.domain.risk_model import Action


@dataclass(frozen=True, slots=True)
class PutRiskModelInForce:
    """Puts a model in force; one model of a name is in force at a time.

    Attributes:
        store: Where models are stored.
        reader: Checks their files.
    """

    store: RiskStore
    reader: ModelReader

    def __call__(
        self,
        call: WriteCall[StoredModel],
        model_id: int,
        details: StepDetails,
        *,
        replaces: int | None = None,
    ) -> Answer:
        """Take the step, and retire the model that it replaces.

        Args:
            call: Who takes it, and how the answer is encoded.
            model_id: The model.
            details: What the step says for itself.
            replaces: The model of the same name that is in force; none where none is.

        Raises:
            RiskModelUnknownError: There is no such model.
            RiskModelStepSkippedError: The model is not approved.
            RiskModelOtherInForceError: Another of its name is in force.
            RiskModelNotInForceError: The model to be replaced is not the one in force.
            SafetyCreditError: A file fails a check, as `ModelReader.summary` says.
        """

        def work(write: RiskWriting) -> StoredModel:
            stored = take_step(
                write, model_id, Action.PUT_IN_FORCE, caller=call.caller, details=details
            )
            self.reader.summary(write.models.files(model_id))
            self._replace(write, stored, call=call, details=details, replaces=replaces)
            return stored

        return write_once(self.store, call, work)

    # Private methods -------------------------------------------------------------

    def _replace(
        self,
        write: RiskWriting,
        stored: StoredModel,
        *,
        call: WriteCall[StoredModel],
        details: StepDetails,
        replaces: int | None,
    ) -> None:
        """Retire what was in force before this write."""
        before = write.models.in_force(stored.model.name, revision=write.point.revision - 1)
        if before is None:
            if replaces is not None:
                raise RiskModelNotInForceError(
                    f"{name_of(MODEL, replaces)} is not in force; leave it out",
                    model_id=name_of(MODEL, replaces),
                )
            return
        named = name_of(MODEL, before.model_id)
        if replaces != before.model_id:
            raise RiskModelOtherInForceError(
                f"{named} is the model {before.name} in force; name it as the one replaced",
                model_id=named,
                name=before.name,
            )
        take_step(write, before.model_id, Action.RETIRE, caller=call.caller, details=details)
        write.predictions.withdraw(before.model_id)
