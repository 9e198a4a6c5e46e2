"""Places among peers: how many of a population are better, read off a pinned table.

A place needs the whole population, so it is worked out in two steps. First the values of all
subjects are put into a table, as of a day and a stated revision; then every subject, alone or in a
population, finds its place in that table. So one and many get the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.numbers import MISSING, Cell

PLACES_AMONG: Final = ("rank", "percentile", "count")
"""What may be asked: the rank, 1 is the greatest value; the percentage of peers with a smaller
value, with two decimals, cut off; the number of peers."""

PERCENT_PLACES: Final = 2
"""Decimals of a percentage of peers."""

_HUNDRED_PERCENT: Final = 100 * 10**PERCENT_PLACES

Values = Sequence[int] | NDArray[np.int64]
"""Whole numbers in ascending order."""


@dataclass(frozen=True, slots=True)
class PeerTable:
    """The values of a population, by group of peers.

    Attributes:
        groups: Values in ascending order, by the numbers that peers have in common.
        everybody: Values for whatever group is not among them; none for no such place.
    """

    groups: Mapping[tuple[int, ...], Values]
    everybody: Values | None = None

    def places(self, measure: str, value: Cell, group: Sequence[Cell]) -> Cell:
        """Give the place of a value, or of a column of values, among its peers.

        Args:
            measure: One of `PLACES_AMONG`.
            value: Values, `numbers.MISSING` where unknown.
            group: What peers have in common, a number or column each.
        """
        cells = (value, *group)
        if all(isinstance(cell, int) for cell in cells):
            return self._place(measure, value, tuple(group))
        columns = np.stack(np.broadcast_arrays(*cells), axis=1)
        found = np.full(len(columns), MISSING, dtype=np.int64)
        kinds, which = np.unique(columns[:, 1:], axis=0, return_inverse=True)
        for number, kind in enumerate(kinds):
            peers = self._peers(tuple(kind.tolist()))
            if peers is not None:
                rows = np.flatnonzero(which.reshape(-1) == number)
                found[rows] = _placed(measure, columns[rows, 0], np.asarray(peers, dtype=np.int64))
        return found

    def _peers(self, group: tuple[int, ...]) -> Values | None:
        return self.groups.get(group, self.everybody)

    def _place(self, measure: str, value: int, group: tuple[int, ...]) -> int:
        peers = self._peers(group)
        if peers is None:
            return MISSING
        one = np.array([value], dtype=np.int64)
        return int(_placed(measure, one, np.asarray(peers, dtype=np.int64))[0])


def peer_table(values: NDArray[Any], group: Sequence[NDArray[Any]]) -> PeerTable:
    """Put the values of a population into a table.

    Args:
        values: int64[n], `numbers.MISSING` where a subject has no value and is nobody's peer.
        group: What peers have in common, int64[n] each.
    """
    there = values != MISSING
    columns = np.stack([values, *group], axis=1)[there]
    columns = columns[np.lexsort(columns.T)]
    kinds, firsts = np.unique(columns[:, 1:], axis=0, return_index=True)
    # Rows are sorted by the last column first; the groups of `unique` need not be in that order.
    order = np.argsort(firsts)
    edges = [*firsts[order].tolist(), len(columns)]
    groups = {
        tuple(kinds[kind].tolist()): columns[edges[place] : edges[place + 1], 0].tolist()
        for place, kind in enumerate(order.tolist())
    }
    return PeerTable(groups)


# Private functions -----------------------------------------------------------


def _placed(measure: str, values: NDArray[np.int64], peers: NDArray[np.int64]) -> NDArray[np.int64]:
    known = values != MISSING
    if not peers.size:
        return np.full(values.shape, MISSING, dtype=np.int64)
    if measure == "rank":
        place = peers.size - np.searchsorted(peers, values, side="right") + 1
    elif measure == "percentile":
        below = np.searchsorted(peers, values, side="left")
        place = below * _HUNDRED_PERCENT // peers.size
    else:
        place = np.full(values.shape, peers.size)
    return np.where(known, place, MISSING)
