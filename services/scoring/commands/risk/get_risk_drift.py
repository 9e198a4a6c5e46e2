"""Compare the population with that of training, and what a model expected with what happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import day_date, day_number, period_start
from services.scoring.commands.ports import Chunk, Scan
from services.scoring.commands.risk.risk_asking import ModelChoice, RiskAsking, RiskBasis
from services.scoring.commands.risk.risk_bins import count_bins, stability_index
from services.scoring.commands.risk.risk_ports import LoadedModel
from services.scoring.commands.risk.risk_scoring import ANNOUNCED, score_population
from services.scoring.commands.risk.risk_standpoint import RiskStandpoint, point_then, reading_risk
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.amount import Amount
from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.domain.viewpoint import Viewpoint

_STRETCH: Final = 20_000
_DAYS_A_YEAR: Final = 365.25
_SCORE: Final = ""
_INDEX_PLACES: Final = 4
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """How far the values of a feature, or the score under the empty name, have moved.

    Attributes:
        feature: Name of the feature.
        index: Population stability index.
        reference: Shares of the bins in training; the last is that of missing values.
        present: Shares of the bins now.
    """

    feature: str
    index: Amount
    reference: tuple[Amount, ...]
    present: tuple[Amount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month, as it was expected and as it came.

    Attributes:
        start_date: Its first day.
        enterprises: Enterprises with a known exposure.
        expected: Events expected, with what was known at the end of the day before.
        events: Events that happened, as known now.
        unknown: Whether nothing had been recorded by then.
    """

    start_date: date
    enterprises: int
    expected: Amount
    events: int
    unknown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How a model's world has moved.

    Attributes:
        stability: The score first, then every feature.
        months: Months in order.
        enterprises: Enterprises compared.
        basis: What the comparison stands on.
    """

    stability: tuple[Stability, ...]
    months: tuple[Month, ...]
    enterprises: int
    basis: RiskBasis


@dataclass(frozen=True, slots=True)
class GetRiskDrift:
    """Watches a model's world.

    Attributes:
        asking: What it takes to ask a model.
    """

    asking: RiskAsking

    def __call__(
        self, standpoint: Standpoint, *, choice: ModelChoice, months: int, today: date
    ) -> Drift:
        """Compare.

        Args:
            standpoint: Day whose population is compared, and what was known by its end.
            choice: The model.
            months: Calendar months before the day's to look at.
            today: Civil day of the call.

        Raises:
            RiskDataTooFewError: There is nobody to compare.
            SafetyCreditError: As `reading_risk` and `RiskAsking` say.
        """
        with reading_risk(self.asking.store, standpoint, today=today) as opened:
            model = self.asking.choose(opened, choice)
            loaded = self.asking.loaded(opened, model)
            stability, enterprises = self._stability(opened, loaded)
            first = day_number(standpoint.as_of)
            passed = [
                self._month(
                    opened,
                    loaded,
                    day_date(period_start(first, "month", -back)),
                    day_date(period_start(first, "month", 1 - back)),
                )
                for back in range(months, 0, -1)
            ]
            basis = self.asking.basis(opened, model)
        return Drift(
            stability=stability, months=tuple(passed), enterprises=enterprises, basis=basis
        )

    # Private methods -------------------------------------------------------------

    def _stability(
        self, opened: RiskStandpoint, model: LoadedModel
    ) -> tuple[tuple[Stability, ...], int]:
        bins = model.summary.reference
        names = [_SCORE, *(one.name for one in model.summary.features)]
        counts = {name: np.zeros(len(bins[name].shares)) for name in names}
        enterprises = 0
        for chunk in self._chunks(opened, opened.at):
            scores = score_population(
                model, self.asking.features, chunk.population, opened.at.as_of
            )
            # Training saw only those whose exposure is known; the others are no part of it.
            there = scores.exposure > 0
            enterprises += int(there.sum())
            counts[_SCORE] += count_bins(bins[_SCORE], scores.logarithms[there])
            for place, name in enumerate(names[1:]):
                counts[name] += count_bins(bins[name], scores.values[there, place])
        if not enterprises:
            raise RiskDataTooFewError(
                f"no enterprise with a known headcount on {opened.at.as_of}; nothing to compare",
                as_of=opened.at.as_of,
            )
        found = tuple(
            _stability(name, np.array(bins[name].shares), counts[name] / enterprises)
            for name in names
        )
        return found, enterprises

    def _month(self, opened: RiskStandpoint, model: LoadedModel, start: date, end: date) -> Month:
        before = start - _ONE_DAY
        # A model of the rule "announced" looks at what is known now, from the day it was public.
        announced = model.summary.knowledge == ANNOUNCED
        point = opened.point if announced else point_then(opened.reading, before)
        if point is None:
            return Month(
                start_date=start,
                enterprises=0,
                expected=Amount(0, _INDEX_PLACES),
                events=0,
                unknown=True,
            )
        features, expected, events, enterprises = self.asking.features, 0.0, 0, 0
        share = (end - start).days / _DAYS_A_YEAR
        for chunk in self._chunks(opened, Viewpoint(point.revision, before)):
            scores = score_population(model, features, chunk.population, before)
            there = scores.exposure > 0
            rates = model.summary.base_rate * np.exp(scores.logarithms)
            expected += float((rates * scores.exposure)[there].sum()) * share
            happened = opened.reading.facts.chunk_of(
                chunk.subject_ids[there].tolist(),
                features.needs,
                Viewpoint(opened.at.revision, end),
            )
            events += int(features.events(happened.population, start, end).sum())
            enterprises += int(there.sum())
        return Month(
            start_date=start,
            enterprises=enterprises,
            expected=_amount(expected),
            events=events,
            unknown=False,
        )

    def _chunks(self, opened: RiskStandpoint, at: Viewpoint) -> Iterator[Chunk]:
        after = 0
        while True:
            scan = Scan(after=after, limit=_STRETCH)
            chunk = opened.reading.facts.chunk(scan, self.asking.features.needs, at)
            if chunk.subject_ids.size:
                yield chunk
            if chunk.subject_ids.size < _STRETCH:
                return
            after = int(chunk.subject_ids[-1])


# Private functions -----------------------------------------------------------


def _stability(
    name: str, reference: NDArray[np.float64], present: NDArray[np.float64]
) -> Stability:
    return Stability(
        feature=name,
        index=_amount(stability_index(reference, present)),
        reference=tuple(_amount(one) for one in reference.tolist()),
        present=tuple(_amount(one) for one in present.tolist()),
    )


def _amount(number: float) -> Amount:
    return Amount(round(number * 10**_INDEX_PLACES), _INDEX_PLACES)
