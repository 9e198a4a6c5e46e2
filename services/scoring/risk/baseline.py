"""The readable baseline: a Poisson GLM by scikit-learn, kept as numbers in JSON."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import PoissonRegressor

from services.scoring.domain.risk_model import RiskFeature
from services.scoring.risk.dataset import FloatColumn, RiskData
from services.scoring.risk.linear import LinearModel, transformed

_PENALTY: Final = 1e-3
_ITERATIONS_MAX: Final = 300
_SPREAD_MIN: Final = 1e-9
_CLASS_CREDIBILITY_EVENTS: Final = 10.0
"""House decision: a class with so many expected events is believed half."""


def fit_linear(data: RiskData) -> LinearModel:
    """Fit the baseline to rows; adverse features may get whatever sign the data give them."""
    return _fit(data.features, data.values, data)


class RateCurve:
    """The rate by one simple measure, fitted like the baseline: what the model must beat."""

    def __init__(self, measure: FloatColumn, data: RiskData) -> None:
        """Fit it to the rows that are learned from."""
        self._feature = (RiskFeature(name="measure", meaning="", logarithmic=True),)
        self._model = _fit(self._feature, measure[:, None], data)

    def rates(self, measure: FloatColumn) -> FloatColumn:
        """Give the rate for each row."""
        return self._model.rates(measure[:, None])


class ClassRates:
    """The rate of each class, drawn to the overall one where there is little experience."""

    def __init__(self, classes: NDArray[np.int64], data: RiskData) -> None:
        """Count the rows that are learned from."""
        self._known, places = np.unique(classes, return_inverse=True)
        self._base = float(data.events.sum() / data.exposure.sum())
        events = np.bincount(places, data.events)
        expected = np.bincount(places, data.exposure) * self._base
        relative = (events + _CLASS_CREDIBILITY_EVENTS) / (expected + _CLASS_CREDIBILITY_EVENTS)
        self._rates: FloatColumn = self._base * relative

    def rates(self, classes: NDArray[np.int64]) -> FloatColumn:
        """Give the rate for each row; the overall one for a class never seen."""
        places = np.minimum(np.searchsorted(self._known, classes), self._known.size - 1)
        found: FloatColumn = np.where(
            self._known[places] == classes, self._rates[places], self._base
        )
        return found


# Private functions -----------------------------------------------------------


def _fit(
    features: Sequence[RiskFeature], values: NDArray[np.float64], data: RiskData
) -> LinearModel:
    columns = transformed(values, features)
    centres = np.nanmean(np.where(np.isfinite(columns), columns, np.nan), axis=0)
    columns = np.where(np.isnan(columns), centres, columns)
    spreads = columns.std(axis=0)
    spreads[spreads < _SPREAD_MIN] = 1.0
    model: Any = PoissonRegressor(
        alpha=_PENALTY, solver="newton-cholesky", max_iter=_ITERATIONS_MAX
    )
    # The rate with its exposure as weight has the likelihood of the counts with an offset.
    model.fit(
        (columns - centres) / spreads, data.events / data.exposure, sample_weight=data.exposure
    )
    return LinearModel(
        features=tuple(features),
        centres=centres,
        spreads=spreads,
        weights=np.asarray(model.coef_, dtype=np.float64),
        constant=float(model.intercept_),
    )
