"""Foretell the accidents of one enterprise, with what every feature adds."""

from dataclasses import dataclass
from datetime import date

from services.scoring.commands.choosing import find_subject
from services.scoring.commands.risk.risk_asking import ModelChoice, RiskAsking, RiskBasis
from services.scoring.commands.risk.risk_scoring import Prediction, predictions_of, score_population
from services.scoring.commands.risk.risk_standpoint import reading_risk
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.subject import SubjectRef


@dataclass(frozen=True, slots=True)
class PredictRisk:
    """Foretells for one enterprise.

    Attributes:
        asking: What it takes to ask a model.
    """

    asking: RiskAsking

    def __call__(
        self, ref: SubjectRef, standpoint: Standpoint, *, choice: ModelChoice, today: date
    ) -> tuple[Prediction, RiskBasis]:
        """Ask the model.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            SafetyCreditError: As `reading_risk` and `RiskAsking` say.
        """
        asking = self.asking
        with reading_risk(asking.store, standpoint, today=today) as opened:
            model = asking.choose(opened, choice)
            loaded = asking.loaded(opened, model)
            subject = find_subject(opened.reading.subjects, ref, opened.at)
            population = opened.reading.facts.population(
                [subject], asking.features.needs, opened.at
            )
            basis = asking.basis(opened, model)
        scores = score_population(loaded, asking.features, population, standpoint.as_of)
        (prediction,) = predictions_of(loaded, scores, [subject], contributions=True)
        return prediction, basis
