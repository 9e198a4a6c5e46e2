"""Measures of a frequency model on rows with exposure, each cheap enough for a bootstrap."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.risk.dataset import FloatColumn

DECILES: Final = 10

_TINY: Final = 1e-12


def deviance_terms(events: FloatColumn, expected: FloatColumn) -> FloatColumn:
    """Give each row's share in the Poisson deviance; 0 where the expectation is met."""
    expected = np.maximum(expected, _TINY)
    safe = np.where(events > 0, events, 1.0)
    logarithm = np.where(events > 0, events * np.log(safe / expected), 0.0)
    terms: FloatColumn = 2.0 * (logarithm - (events - expected))
    return terms


def gini_of(across: FloatColumn, up: FloatColumn) -> float:
    """Give the Gini coefficient of a Lorenz curve."""
    area = float(np.sum(np.diff(across) * (up[1:] + up[:-1])) / 2.0)
    return 1.0 - 2.0 * area


class Ranking:
    """Rows in order of a score, equal scores together."""

    def __init__(self, score: FloatColumn) -> None:
        """Sort once; every measure after that is a pass over the rows."""
        self._order: NDArray[np.intp] = np.argsort(score, kind="stable")
        ranked = score[self._order]
        new = np.concatenate(([True], ranked[1:] != ranked[:-1]))
        self._starts: NDArray[np.intp] = np.flatnonzero(new)

    def gini(self, share: FloatColumn, events: FloatColumn) -> float:
        """Give the Gini coefficient of events over shares, rows in ascending order of the score.

        Args:
            share: float64[n], what each row takes of the horizontal axis: exposure, or 1.
            events: float64[n], what each row takes of the vertical axis.

        Returns:
            0 for a score that says nothing, 1 at most; not a number without any event.
        """
        return gini_of(*self.curve(share, events))

    def curve(self, share: FloatColumn, events: FloatColumn) -> tuple[FloatColumn, FloatColumn]:
        """Give the Lorenz curve: cumulated shares and cumulated events, from 0 to 1."""
        across = np.add.reduceat(share[self._order], self._starts).cumsum()
        up = np.add.reduceat(events[self._order], self._starts).cumsum()
        total: Any = up[-1] if up[-1] > 0 else np.nan
        zero = np.zeros(1)
        return np.concatenate((zero, across / across[-1])), np.concatenate((zero, up / total))

    def deciles(self, exposure: FloatColumn) -> NDArray[np.int64]:
        """Give each row's tenth of the exposure, 0 for the lowest scores; equal scores together."""
        sums = np.add.reduceat(exposure[self._order], self._starts)
        middle = (sums.cumsum() - sums / 2.0) / sums.sum()
        tenth = np.minimum((middle * DECILES).astype(np.int64), DECILES - 1)
        lengths = np.diff(np.append(self._starts, self._order.size))
        deciles = np.empty(self._order.size, dtype=np.int64)
        deciles[self._order] = np.repeat(tenth, lengths)
        return deciles
