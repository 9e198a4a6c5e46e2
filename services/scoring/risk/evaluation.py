"""Trying a model on rows that it has not seen: measures with confidence intervals.

Intervals are those of a bootstrap that draws whole groups (enterprises, mines) again, because the
years of one of them are not independent. Everything drawn comes from one seed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.domain.risk_errors import RiskDataTooFewError
from services.scoring.risk.dataset import FloatColumn, RiskData
from services.scoring.risk.metrics import DECILES, Ranking, deviance_terms, gini_of

MODEL: Final = "LightGBM, monotone"
BASELINE: Final = "Poisson GLM"
CONSTANT: Final = "one rate for all"

REPLICATES_DEFAULT: Final = 500
"""House decision: enough for the ends of an interval of 95 %."""

_ENDS: Final = (2.5, 97.5)
_DRAWS_MIN: Final = 2

Advance = Callable[[int], None]
"""Told how many replicates were done since it was told last."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure with its interval of 95 %."""

    value: float
    low: float
    high: float

    def text(self, places: int = 3) -> str:
        """Write it as ``0.645 [0.590, 0.701]``."""
        return f"{self.value:.{places}f} [{self.low:.{places}f}, {self.high:.{places}f}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How one way of rating did.

    Attributes:
        calibration: Events over expected events: 1 is right, below 1 too many were expected.
        deviance: Poisson deviance of a row.
        explained: Share of the deviance of one rate for all that is gone.
        gini_rate: Gini of events over exposure, in order of the rate: size taken out.
        gini_count: Gini of events over rows, in order of the expected events: size included.
        top_share: Share of the events in the tenth of the exposure with the highest rates.
    """

    calibration: Estimate
    deviance: Estimate
    explained: Estimate
    gini_rate: Estimate
    gini_count: Estimate
    top_share: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Decile:
    """A tenth of the exposure, in order of the rate.

    Attributes:
        number: 1 for the lowest rates.
        rows: Rows in it.
        exposure: Exposure in it.
        events: What happened.
        expected: What was expected.
        calibration: Events over expected events.
        lift: Rate of the tenth over the overall rate.
    """

    number: int
    rows: int
    exposure: float
    events: float
    expected: float
    calibration: Estimate
    lift: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much better the model is than another way of rating; above zero is better."""

    explained: Estimate
    gini_rate: Estimate
    gini_count: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What trying a model gave.

    Attributes:
        rows: Rows tried on.
        groups: Groups among them.
        events: Events in them.
        exposure: Exposure in them.
        measures: By way of rating.
        deciles: Of the model and of the baseline.
        differences: Of the model to every other way of rating.
        curves: Lorenz curve by way of rating, over exposure.
        replicates: Draws behind the intervals.
        seed: Seed of the draws.
    """

    rows: int
    groups: int
    events: float
    exposure: float
    measures: Mapping[str, Measures]
    deciles: Mapping[str, tuple[Decile, ...]]
    differences: Mapping[str, Difference]
    curves: Mapping[str, tuple[FloatColumn, FloatColumn]]
    replicates: int
    seed: int


def evaluate_rates(
    data: RiskData,
    rates: Mapping[str, FloatColumn],
    *,
    replicates: int,
    seed: int,
    advance: Advance,
) -> Evaluation:
    """Measure ways of rating on rows.

    Args:
        data: Rows that none of them has seen.
        rates: Rate of each row by way of rating; `MODEL` and `CONSTANT` among them.
        replicates: Draws, at least 2.
        seed: Seed of the draws.
        advance: Told of every draw.

    Raises:
        RiskDataTooFewError: The rows have no event, or one group alone.
    """
    groups, group = np.unique(data.groups, return_inverse=True)
    if not data.events.sum() or groups.size < _DRAWS_MIN:
        raise RiskDataTooFewError(
            f"{int(data.events.sum())} events of {groups.size} groups to try the model on;"
            " take in more years or hold out more",
            events=int(data.events.sum()),
            groups=groups.size,
        )
    sample = _Sample(data, rates)
    value = sample.measured(np.ones(data.size))
    generator = np.random.default_rng(seed)
    draws: list[NDArray[np.float64]] = []
    while len(draws) < replicates:
        counts = np.bincount(
            generator.integers(0, groups.size, groups.size), minlength=groups.size
        ).astype(np.float64)
        weights = counts[group]
        # A draw without any event has no rate to speak of.
        if weights @ data.events > 0:
            draws.append(sample.measured(weights))
            advance(1)
    return sample.evaluation(
        _estimates(value, np.stack(draws)),
        groups=int(groups.size),
        replicates=replicates,
        seed=seed,
    )


# Private functions and classes ------------------------------------------------

_SCALARS: Final = (
    "calibration",
    "deviance",
    "explained",
    "gini_rate",
    "gini_count",
    "top_share",
)
_COMPARED: Final = ("explained", "gini_rate", "gini_count")
_BY_DECILE: Final = (MODEL, BASELINE)


@dataclass(frozen=True, slots=True)
class _Estimates:
    """Flat columns of values with their ends, read one after the other."""

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def at(self, place: int) -> Estimate:
        return Estimate(float(self.value[place]), float(self.low[place]), float(self.high[place]))


def _estimates(value: NDArray[np.float64], draws: NDArray[np.float64]) -> _Estimates:
    """Give the ends of every measure; what no draw could tell has none."""
    nowhere = np.isnan(draws).all(axis=0)
    low, high = np.nanpercentile(np.where(nowhere, 0.0, draws), _ENDS, axis=0)
    low[nowhere] = high[nowhere] = np.nan
    return _Estimates(value, low, high)


class _Sample:
    """Rows with everything sorted once, so that a draw is a few passes over them."""

    def __init__(self, data: RiskData, rates: Mapping[str, FloatColumn]) -> None:
        self._data = data
        self._names = tuple(rates)
        self._expected = {name: rate * data.exposure for name, rate in rates.items()}
        self._terms = {
            name: deviance_terms(data.events, expected) for name, expected in self._expected.items()
        }
        self._rate_order = {name: Ranking(rate) for name, rate in rates.items()}
        self._count_order = {name: Ranking(one) for name, one in self._expected.items()}
        self._deciles = {
            name: ranking.deciles(data.exposure) for name, ranking in self._rate_order.items()
        }

    def measured(self, weights: FloatColumn) -> NDArray[np.float64]:
        """Give every measure in one flat column: scalars, deciles, differences."""
        events, exposure = self._data.events * weights, self._data.exposure * weights
        flat: list[float] = []
        for name in self._names:
            flat.extend(self._scalars(name, weights, events=events, exposure=exposure))
        for name in _BY_DECILE:
            if name in self._names:
                flat.extend(self._by_decile(name, weights, events=events, exposure=exposure))
        width = len(_SCALARS)
        model = self._names.index(MODEL) * width
        for other in range(len(self._names)):
            for measure in _COMPARED:
                place = _SCALARS.index(measure)
                flat.append(flat[model + place] - flat[other * width + place])
        return np.array(flat)

    def _scalars(
        self, name: str, weights: FloatColumn, *, events: FloatColumn, exposure: FloatColumn
    ) -> list[float]:
        deviance = weights @ self._terms[name]
        constant = weights @ self._terms[CONSTANT]
        across, up = self._rate_order[name].curve(exposure, events)
        return [
            float(events.sum() / (weights @ self._expected[name])),
            float(deviance / weights.sum()),
            float(1.0 - deviance / constant),
            gini_of(across, up),
            self._count_order[name].gini(weights, events),
            # Within equal rates the events spread evenly.
            float(1.0 - np.interp(1.0 - 1.0 / DECILES, across, up)),
        ]

    def _by_decile(
        self, name: str, weights: FloatColumn, *, events: FloatColumn, exposure: FloatColumn
    ) -> list[float]:
        deciles = self._deciles[name]
        found = np.bincount(deciles, events, DECILES)
        wanted = np.bincount(deciles, self._expected[name] * weights, DECILES)
        worked = np.bincount(deciles, exposure, DECILES)
        with np.errstate(divide="ignore", invalid="ignore"):
            calibration = found / wanted
            lift = found / worked / (events.sum() / exposure.sum())
        return [*calibration.tolist(), *lift.tolist()]

    def evaluation(
        self, estimates: _Estimates, *, groups: int, replicates: int, seed: int
    ) -> Evaluation:
        """Put names to the flat columns."""
        data, width = self._data, len(_SCALARS)
        measures = {
            name: Measures(**{one: estimates.at(i * width + j) for j, one in enumerate(_SCALARS)})
            for i, name in enumerate(self._names)
        }
        place = len(self._names) * width
        deciles: dict[str, tuple[Decile, ...]] = {}
        for name in _BY_DECILE:
            if name in self._names:
                deciles[name] = self._named_deciles(name, estimates, place)
                place += 2 * DECILES
        differences: dict[str, Difference] = {}
        for name in self._names:
            if name != MODEL:
                differences[name] = Difference(
                    **{one: estimates.at(place + j) for j, one in enumerate(_COMPARED)}
                )
            place += len(_COMPARED)
        return Evaluation(
            rows=data.size,
            groups=groups,
            events=float(data.events.sum()),
            exposure=float(data.exposure.sum()),
            measures=measures,
            deciles=deciles,
            differences=differences,
            curves={
                name: self._rate_order[name].curve(data.exposure, data.events)
                for name in self._names
            },
            replicates=replicates,
            seed=seed,
        )

    def _named_deciles(self, name: str, estimates: _Estimates, place: int) -> tuple[Decile, ...]:
        data, number = self._data, self._deciles[name]
        return tuple(
            Decile(
                number=one + 1,
                rows=int((number == one).sum()),
                exposure=float(data.exposure[number == one].sum()),
                events=float(data.events[number == one].sum()),
                expected=float(self._expected[name][number == one].sum()),
                calibration=estimates.at(place + one),
                lift=estimates.at(place + DECILES + one),
            )
            for one in range(DECILES)
        )
