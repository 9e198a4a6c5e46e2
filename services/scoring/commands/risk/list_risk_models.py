"""List risk models in order of their identifiers, as known at an instant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.common.tokens import (
    MalformedPageTokenError,
    PageScope,
    StorePoint,
    StoreToken,
)
from services.scoring.commands.risk.get_risk_model import registry_point, registry_token
from services.scoring.commands.risk.risk_ports import RegisteredModel, RiskStore
from services.scoring.commands.standpoint import PageRequest, Standpoint

_NUMBER_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPage:
    """A page of models.

    Attributes:
        models: The models.
        next_token: Token of the next page; empty on the last.
        point: Where the answer stands.
    """

    models: tuple[RegisteredModel, ...]
    next_token: str
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ListRiskModels:
    """Lists models.

    Attributes:
        store: Where models are stored.
    """

    store: RiskStore

    def __call__(self, name: str, standpoint: Standpoint, page: PageRequest) -> ModelPage:
        """Give a page; later pages keep the point of the first.

        Raises:
            MalformedPageTokenError: The page token is damaged.
            PageTokenMismatchError: It belongs to another method, filter or store.
            SafetyCreditError: As `registry_point` and `RiskStore.read` say.
        """
        store_id = self.store.point().store_id
        scope = PageScope(page.method, page.filter_bytes, store_id)
        after, begun = _position(scope, page.token, store_id) if page.token else (0, None)
        token = registry_token(self.store, standpoint)
        if begun is not None and (token is None or token.revision < begun.revision):
            token = StoreToken(store_id, begun.revision)
        with self.store.read(at_least=token) as reading:
            point = begun or registry_point(reading, standpoint, token)
            found = reading.models.page(
                name=name, after=after, limit=page.size + 1, revision=point.revision
            )
        models = tuple(found[: page.size])
        more = len(found) > page.size
        recorded = point.recorded_time.isoformat()
        following = scope.encode((point.revision, recorded, models[-1].model_id)) if more else ""
        return ModelPage(models=models, next_token=following, point=point)


# Private functions -----------------------------------------------------------


def _position(scope: PageScope, text: str, store_id: str) -> tuple[int, StorePoint]:
    """Read a page token; its digest is no signature, so nothing in it is believed."""
    match scope.decode(text):
        case (int() as revision, str() as recorded, int() as after) if (
            0 <= revision <= _NUMBER_MAX and 0 <= after <= _NUMBER_MAX
        ):
            try:
                instant = datetime.fromisoformat(recorded)
            except ValueError as error:
                raise _unusable() from error
            if instant.tzinfo is not None:
                return after, StorePoint(store_id, revision, instant)
    raise _unusable()


def _unusable() -> MalformedPageTokenError:
    return MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
