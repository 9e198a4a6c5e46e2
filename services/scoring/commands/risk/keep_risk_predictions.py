"""Keep predictions of the model in force, so that rate plans that name them can read them."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.ports import Scan
from services.scoring.commands.risk.risk_asking import ModelChoice, RiskAsking, RiskBasis
from services.scoring.commands.risk.risk_ports import KeptPrediction, RiskWriting
from services.scoring.commands.risk.risk_scoring import score_population
from services.scoring.commands.risk.risk_standpoint import reading_risk
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.risk_errors import RiskModelNotInForceError

DAYS_VALID: Final = 366
"""House decision: a prediction is for the year after its day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepWanted:
    """Which predictions are to be kept.

    Attributes:
        name: Name of the model in force.
        as_of: Day that they look from and hold from.
        after: Number of the enterprise before the first of the stretch.
        size: Enterprises of the stretch.
    """

    name: str
    as_of: date
    after: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was kept.

    Attributes:
        considered: Enterprises of the stretch.
        kept: Predictions that differ from what held before.
        next_after: Number of the enterprise to go on after; none at the end.
        basis: What the predictions stand on.
        point: Where the store stands after the write.
    """

    considered: int
    kept: int
    next_after: int | None
    basis: RiskBasis
    point: StorePoint


@dataclass(frozen=True, slots=True)
class KeepRiskPredictions:
    """Keeps predictions of a stretch of the enterprises.

    Attributes:
        asking: What it takes to ask a model.
    """

    asking: RiskAsking

    def __call__(self, call: WriteCall[Kept], wanted: KeepWanted) -> Answer:
        """Ask the model in force, and keep what it says.

        Raises:
            RiskModelNotInForceError: No model of the name is in force, or no longer.
            SafetyCreditError: As `reading_risk` and `RiskAsking` say.
        """
        # Asked before the store is locked: writers wait for the writing alone.
        basis, predictions = self._asked(call.today, wanted)

        def work(write: RiskWriting) -> Kept:
            model = write.models.in_force(wanted.name, revision=write.point.revision)
            if model is None or model.model_id != basis.model.model_id:
                raise RiskModelNotInForceError(
                    f"the model {wanted.name} was replaced while it was asked; ask again",
                    name=wanted.name,
                )
            kept = write.predictions.keep(model.model_id, predictions, days=DAYS_VALID)
            more = len(predictions) == wanted.size
            return Kept(
                considered=len(predictions),
                kept=kept,
                next_after=predictions[-1].subject_id if more else None,
                basis=basis,
                point=write.point,
            )

        return write_once(self.asking.store, call, work)

    # Private methods -------------------------------------------------------------

    def _asked(self, today: date, wanted: KeepWanted) -> tuple[RiskBasis, list[KeptPrediction]]:
        asking = self.asking
        with reading_risk(asking.store, Standpoint(as_of=wanted.as_of), today=today) as opened:
            model = asking.choose(opened, ModelChoice(name=wanted.name))
            loaded = asking.loaded(opened, model)
            scan = Scan(after=wanted.after, limit=wanted.size)
            chunk = opened.reading.facts.chunk(scan, asking.features.needs, opened.at)
            basis = asking.basis(opened, model)
        scores = score_population(loaded, asking.features, chunk.population, wanted.as_of)
        return basis, [
            KeptPrediction(
                subject_id=subject_id,
                start_date=wanted.as_of,
                relativity_hundredths=relativity,
                credibility_hundredths=credibility,
                known_revision=opened.point.revision,
            )
            for subject_id, relativity, credibility in zip(
                chunk.subject_ids.tolist(),
                scores.relativity_hundredths.tolist(),
                scores.credibility_hundredths.tolist(),
                strict=True,
            )
        ]
