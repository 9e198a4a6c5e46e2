"""Where values lie: bins fixed in training, so that a later population can be compared."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.scoring.commands.risk.risk_ports import Bins

_TENTHS: Final = np.linspace(0.1, 0.9, 9)
_SHARE_MIN: Final = 1e-4
"""House decision: an empty bin counts as a hair, since its logarithm would be endless."""


def make_bins(values: NDArray[np.float64]) -> Bins:
    """Cut a column at its tenths; equal cuts are one."""
    there = values[~np.isnan(values)]
    edges = np.unique(np.quantile(there, _TENTHS)) if there.size else np.zeros(0)
    # A cut at the very least value would leave a bin without anything below it.
    edges = edges[edges > there.min()] if there.size else edges
    bare = Bins(edges=tuple(edges.tolist()), shares=(0.0,) * (edges.size + 2))
    counts = count_bins(bare, values)
    return Bins(edges=bare.edges, shares=tuple((counts / max(values.size, 1)).tolist()))


def count_bins(bins: Bins, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Count the values in each bin, and last the missing ones; counts of parts can be added."""
    missing = np.isnan(values)
    places = np.searchsorted(np.array(bins.edges), values[~missing], side="right")
    counts = np.bincount(places, minlength=len(bins.edges) + 1).astype(np.float64)
    return np.append(counts, float(missing.sum()))


def stability_index(reference: NDArray[np.float64], present: NDArray[np.float64]) -> float:
    """Give the population stability index of two distributions over the same bins.

    Args:
        reference: Shares of the bins in training.
        present: Shares of the bins now.

    Returns:
        At least 0. As is usual, below 0.1 is read as stable and above 0.25 as another population.
    """
    first, second = np.maximum(reference, _SHARE_MIN), np.maximum(present, _SHARE_MIN)
    return float(np.sum((second - first) * np.log(second / first)))
