"""Get a risk model with its steps, as known at an instant."""

from dataclasses import dataclass

from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.risk.risk_asking import known_model
from services.scoring.commands.risk.risk_ports import (
    ModelFiles,
    ModelReader,
    ModelSummary,
    RegisteredModel,
    RiskReading,
    RiskStore,
)
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.errors import KnownAtBeforeTokenError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """A model as it is shown.

    Attributes:
        model: The model with its steps.
        summary: What its manifest says.
        files: Its files; none unless asked for.
        point: Where the answer stands.
    """

    model: RegisteredModel
    summary: ModelSummary
    files: ModelFiles | None
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetRiskModel:
    """Gets a model.

    Attributes:
        store: Where models are stored.
        reader: Reads their manifests.
    """

    store: RiskStore
    reader: ModelReader

    def __call__(self, model_id: int, standpoint: Standpoint, *, with_files: bool) -> ModelView:
        """Find it.

        Raises:
            RiskModelUnknownError: None of that number was known.
            SafetyCreditError: As `registry_point` and `RiskStore.read` say.
        """
        token = registry_token(self.store, standpoint)
        with self.store.read(at_least=token) as reading:
            point = registry_point(reading, standpoint, token)
            model = known_model(reading.models, model_id, revision=point.revision)
            files = reading.models.files(model_id)
        return ModelView(
            model=model,
            summary=self.reader.described(files.manifest),
            files=files if with_files else None,
            point=point,
        )


def registry_token(store: RiskStore, standpoint: Standpoint) -> StoreToken | None:
    """Read the token of a question about the registry.

    Raises:
        SafetyCreditError: It is damaged, or another store's.
    """
    if not standpoint.token:
        return None
    return StoreToken.decode(standpoint.token, store_id=store.point().store_id)


def registry_point(
    reading: RiskReading, standpoint: Standpoint, token: StoreToken | None
) -> StorePoint:
    """Find the point at which the registry is read.

    Raises:
        KnownAtBeforeTokenError: It lies before the token's write.
        SafetyCreditError: The instant lies in the future, or before the first write.
    """
    if standpoint.known_at is None:
        return reading.point
    point = reading.point_at(standpoint.known_at)
    if token is not None and point.revision < token.revision:
        raise KnownAtBeforeTokenError(
            "ask for a known-at at or after the write of the token, or send no token",
            known_at=standpoint.known_at.isoformat(),
            token_revision=token.revision,
        )
    return point
