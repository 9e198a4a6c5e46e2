"""Foretell the accidents of many enterprises at one point of the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.common.errors import SafetyCreditError
from services.scoring.commands.choosing import unknown_subject
from services.scoring.commands.risk.risk_asking import ModelChoice, RiskAsking, RiskBasis
from services.scoring.commands.risk.risk_scoring import Prediction, predictions_of, score_population
from services.scoring.commands.risk.risk_standpoint import reading_risk
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.subject import SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskBatch:
    """Predictions of many.

    Attributes:
        results: A prediction, or why there is none, for each enterprise asked about.
        basis: What they stand on.
    """

    results: tuple[Prediction | SafetyCreditError, ...]
    basis: RiskBasis


@dataclass(frozen=True, slots=True)
class BatchPredictRisk:
    """Foretells for many enterprises.

    Attributes:
        asking: What it takes to ask a model.
    """

    asking: RiskAsking

    def __call__(
        self,
        refs: Sequence[SubjectRef],
        standpoint: Standpoint,
        *,
        choice: ModelChoice,
        contributions: bool,
        today: date,
    ) -> RiskBatch:
        """Ask the model.

        Raises:
            SafetyCreditError: As `reading_risk` and `RiskAsking` say.
        """
        asking = self.asking
        with reading_risk(asking.store, standpoint, today=today) as opened:
            model = asking.choose(opened, choice)
            loaded = asking.loaded(opened, model)
            found = opened.reading.subjects.find(refs, opened.at)
            # One enterprise may be named twice, in two ways even; a population holds it once.
            subjects = list({one.subject_id: one for one in found.values()}.values())
            population = opened.reading.facts.population(subjects, asking.features.needs, opened.at)
            basis = asking.basis(opened, model)
        scores = score_population(loaded, asking.features, population, standpoint.as_of)
        told = predictions_of(loaded, scores, subjects, contributions=contributions)
        by_number = {one.subject.subject_id: one for one in told}
        results = tuple(
            by_number[found[ref].subject_id] if ref in found else unknown_subject(ref)
            for ref in refs
        )
        return RiskBatch(results=results, basis=basis)
