"""Which model answers, and what its predictions stand on."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.common.tokens import StorePoint
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.risk.risk_ports import (
    FeatureSet,
    LoadedModel,
    ModelReader,
    RegisteredModel,
    RiskModelReads,
    RiskStore,
)
from services.scoring.commands.risk.risk_standpoint import RiskStandpoint
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.risk_errors import RiskModelNotInForceError, RiskModelUnknownError
from services.scoring.domain.risk_model import ModelState, state_of

MODEL: Final = "m"
"""Letter of a model's identifier."""

NAME_DEFAULT: Final = "accident-frequency"
"""Name of the model that is meant when none is given."""

PREDICTION: Final = "risk_prediction"
"""Kind of record that a rate plan names to use predictions."""

_RATE: Final = "rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """Which model a caller wants to ask.

    Attributes:
        name: Name of the model in force.
        model_id: A model whatever its state; none for the one in force.
    """

    name: str = NAME_DEFAULT
    model_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskBasis:
    """What predictions stand on.

    Attributes:
        model: The model, as known.
        as_of: Day that they look from.
        point: Point of the store at which features were read.
        named_by: Rate plans in force on the day that name predictions.
    """

    model: RegisteredModel
    as_of: date
    point: StorePoint
    named_by: tuple[CompiledVersion, ...]

    @property
    def advisory(self) -> bool:
        """Say whether the predictions are advice only."""
        return state_of(self.model.steps) is not ModelState.IN_FORCE or not self.named_by


@dataclass(frozen=True, slots=True)
class RiskAsking:
    """Everything that it takes to ask a model.

    Attributes:
        store: Where facts and models are stored.
        reader: Reads models.
        features: What models read.
        library: The policies, for who names predictions.
    """

    store: RiskStore
    reader: ModelReader
    features: FeatureSet
    library: PolicyLibrary

    def choose(self, opened: RiskStandpoint, choice: ModelChoice) -> RegisteredModel:
        """Find the model that answers.

        Raises:
            RiskModelUnknownError: No model of that number was known.
            RiskModelNotInForceError: No model of the name is in force.
        """
        models = opened.reading.models
        if choice.model_id is not None:
            return known_model(models, choice.model_id, revision=opened.reading.point.revision)
        found = models.in_force(choice.name, revision=opened.registry_revision)
        if found is None:
            raise RiskModelNotInForceError(
                f"no model {choice.name} is in force, or none was by then; put one in force, or"
                " name a model",
                name=choice.name,
            )
        return found

    def loaded(self, opened: RiskStandpoint, model: RegisteredModel) -> LoadedModel:
        """Give a model ready to be asked; its files are read once.

        Raises:
            SafetyCreditError: Its files fail a check, as `ModelReader.loaded` says.
        """
        kept = self.reader.kept(model.digest)
        return kept or self.reader.loaded(opened.reading.models.files(model.model_id))

    def basis(self, opened: RiskStandpoint, model: RegisteredModel) -> RiskBasis:
        """Say what answers of a model stand on."""
        as_of = opened.at.as_of
        return RiskBasis(
            model=model, as_of=as_of, point=opened.point, named_by=naming(self.library, as_of)
        )


def known_model(models: RiskModelReads, model_id: int, *, revision: int) -> RegisteredModel:
    """Find a model.

    Raises:
        RiskModelUnknownError: None of that number was known.
    """
    found = models.find(model_id, revision=revision)
    if found is None:
        named = name_of(MODEL, model_id)
        raise RiskModelUnknownError(
            f"no risk model {named} is registered, or was by then; list them", model_id=named
        )
    return found


def naming(library: PolicyLibrary, as_of: date) -> tuple[CompiledVersion, ...]:
    """Give the rate plans in force on a day whose files name predictions."""
    return tuple(
        pinned.compiled
        for pinned in library.in_force_of_kind(_RATE, as_of)
        if PREDICTION in pinned.needs.records
    )
