"""Register a trained risk model with its files."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.risk.risk_asking import MODEL
from services.scoring.commands.risk.risk_ports import (
    ModelFiles,
    ModelReader,
    RiskStore,
    RiskWriting,
)
from services.scoring.commands.risk.risk_steps import StepDetails, StoredModel, append_step
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.risk_errors import RiskModelExistsError
from services.scoring.domain.risk_model import Action, ModelState


@dataclass(frozen=True, slots=True)
class RegisterRiskModel:
    """Registers a model: the first of its steps.

    Attributes:
        store: Where models are stored.
        reader: Checks their files.
    """

    store: RiskStore
    reader: ModelReader

    def __call__(
        self, call: WriteCall[StoredModel], files: ModelFiles, details: StepDetails
    ) -> Answer:
        """Check the files and keep them.

        Raises:
            RiskModelExistsError: The same files are registered already.
            SafetyCreditError: A file fails a check, as `ModelReader.summary` says.
        """
        # Checked before the store is locked: walking the trees takes its time.
        summary = self.reader.summary(files)

        def work(write: RiskWriting) -> StoredModel:
            known = write.models.with_digest(summary.digest, revision=write.point.revision)
            if known is not None:
                named = name_of(MODEL, known.model_id)
                raise RiskModelExistsError(
                    f"these files are registered as {named} already", model_id=named
                )
            model_id = write.new_id()
            write.models.add(model_id, summary, files)
            return append_step(
                write,
                model_id,
                Action.REGISTER,
                ModelState.TRAINED,
                caller=call.caller,
                details=details,
            )

        return write_once(self.store, call, work)
