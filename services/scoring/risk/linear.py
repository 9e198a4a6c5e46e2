"""A log-linear frequency model as it is kept: numbers anybody can read, used with NumPy alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.scoring.domain.risk_model import RiskFeature
from services.scoring.risk.dataset import FloatColumn


@dataclass(frozen=True, slots=True)
class LinearModel:
    """The logarithm of a rate as a weighted sum of standardised features.

    Attributes:
        features: The features in order.
        centres: What is taken off each feature; stands in for a missing value.
        spreads: What it is divided by then, above zero.
        weights: What one spread more adds to the logarithm of the rate.
        constant: Logarithm of the rate where every feature is at its centre.
    """

    features: tuple[RiskFeature, ...]
    centres: FloatColumn
    spreads: FloatColumn
    weights: FloatColumn
    constant: float

    def rates(self, values: NDArray[np.float64]) -> FloatColumn:
        """Give the rate for each row of features."""
        columns = transformed(values, self.features)
        columns = np.where(np.isnan(columns), self.centres, columns)
        rates: FloatColumn = np.exp(
            (columns - self.centres) / self.spreads @ self.weights + self.constant
        )
        return rates

    def falling(self) -> tuple[str, ...]:
        """Name the adverse features whose weight is below zero."""
        return tuple(
            one.name
            for one, weight in zip(self.features, self.weights, strict=True)
            if one.adverse and weight < 0
        )

    def document(self) -> dict[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "kind": "poisson-glm",
            "constant": self.constant,
            "features": [
                {
                    "name": one.name,
                    "logarithmic": one.logarithmic,
                    "centre": centre,
                    "spread": spread,
                    "weight": weight,
                }
                for one, centre, spread, weight in zip(
                    self.features,
                    self.centres.tolist(),
                    self.spreads.tolist(),
                    self.weights.tolist(),
                    strict=True,
                )
            ],
        }

    @classmethod
    def of(cls, document: Any, features: Sequence[RiskFeature]) -> "LinearModel":  # noqa: ANN401 -- a tree of plain values.
        """Read it from plain values.

        Args:
            document: What `document` gave.
            features: The features that it must have, in order.

        Raises:
            KeyError: A part is missing.
            TypeError: A part is of another form.
            ValueError: A part is no number, or the features are others.
        """
        rows = document["features"]
        found = [(row["name"], row["logarithmic"]) for row in rows]
        if found != [(one.name, one.logarithmic) for one in features]:
            raise ValueError("the features are others")

        def column(name: str) -> FloatColumn:
            numbers = np.array([float(row[name]) for row in rows], dtype=np.float64)
            if not np.isfinite(numbers).all():
                raise ValueError(f"a {name} is no number")
            return numbers

        return cls(
            features=tuple(features),
            centres=column("centre"),
            spreads=column("spread"),
            weights=column("weight"),
            constant=float(document["constant"]),
        )


def transformed(
    values: NDArray[np.float64], features: Sequence[RiskFeature]
) -> NDArray[np.float64]:
    """Take logarithms of the features that are logarithmic."""
    columns = np.array(values, dtype=np.float64)
    for place, one in enumerate(features):
        if one.logarithmic:
            columns[:, place] = np.log1p(np.maximum(columns[:, place], 0.0))
    return columns
