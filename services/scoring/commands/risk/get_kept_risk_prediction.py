"""Get a prediction that was kept, by the identifier that explanations name it by."""

from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.scoring.commands.risk.get_risk_model import registry_point, registry_token
from services.scoring.commands.risk.risk_ports import HeldPrediction, RiskStore
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.identifiers import PREDICTION, name_of
from services.scoring.domain.risk_errors import RiskPredictionUnknownError


@dataclass(frozen=True, slots=True)
class KeptPredictionView:
    """A kept prediction as it is shown.

    Attributes:
        held: The prediction.
        point: Where the answer stands.
    """

    held: HeldPrediction
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetKeptRiskPrediction:
    """Gets a kept prediction.

    Attributes:
        store: Where predictions are kept.
    """

    store: RiskStore

    def __call__(self, prediction_id: int, standpoint: Standpoint) -> KeptPredictionView:
        """Find it.

        Raises:
            RiskPredictionUnknownError: None of that number counted, as known then.
            SafetyCreditError: As `registry_point` and `RiskStore.read` say.
        """
        token = registry_token(self.store, standpoint)
        with self.store.read(at_least=token) as reading:
            point = registry_point(reading, standpoint, token)
            held = reading.predictions.find(prediction_id, revision=point.revision)
        if held is None:
            named = name_of(PREDICTION, prediction_id)
            raise RiskPredictionUnknownError(
                f"no prediction {named} counted then; give the known-at of the explanation",
                prediction_id=named,
            )
        return KeptPredictionView(held, point)
