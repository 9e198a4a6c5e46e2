"""Places among peers, and figures of theirs, read off a pinned table.

Both need the whole population, so they are worked out in two steps. First the values of all
subjects are put into a table, as of a day and a stated revision; then every subject, alone or in a
population, finds its place in that table, or the mean of its peers. So one and many get the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.numbers import MISSING, Cell, add, divide_rounded

PLACES_AMONG: Final = ("rank", "percentile", "count")
"""Where a value stands: the rank, 1 is the greatest value; the percentage of peers with a smaller
value, with two decimals, cut off; the number of peers."""

ROUNDED_FIGURES: Final = ("mean", "median")
"""Figures that may lie between two values, and are rounded; the median of an even number is half
way between the two in the middle."""

FIGURES_AMONG: Final = (*ROUNDED_FIGURES, "sum", "least", "greatest")
"""What the values of all peers give, whatever the subject's own is."""

MEASURES_AMONG: Final = (*PLACES_AMONG, *FIGURES_AMONG)
"""What may be asked of peers."""

PERCENT_PLACES: Final = 2
"""Decimals of a percentage of peers."""

_HUNDRED_PERCENT: Final = 100 * 10**PERCENT_PLACES

Values = Sequence[int] | NDArray[np.int64]
"""Whole numbers in ascending order."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is asked of the values of all peers.

    Attributes:
        measure: One of `FIGURES_AMONG`.
        of_places: Decimals of the values.
        places: Decimals of the figure.
        rounding: Rounding mode of one of `ROUNDED_FIGURES`; empty for the others, which keep the
            decimals of the values.
    """

    measure: str
    of_places: int
    places: int
    rounding: str

    def finished(self, numerator: int, divisor: int) -> int:
        """Give the figure from the exact number.

        Raises:
            NumberTooLargeError: It is beyond 64 bits.
        """
        if not self.rounding:
            return int(add(numerator, 0))
        up = self.places - self.of_places
        return int(
            add(
                divide_rounded(
                    numerator * 10 ** max(up, 0), divisor * 10 ** max(-up, 0), self.rounding
                ),
                0,
            )
        )


@dataclass(frozen=True, slots=True)
class PeerTable:
    """The values of a population, by group of peers.

    Attributes:
        groups: Values in ascending order, by the numbers that peers have in common.
        everybody: Values for whatever group is not among them; none for no such place.
    """

    groups: Mapping[tuple[int, ...], Values]
    everybody: Values | None = None
    # Exact figures by measure and group: a group may have a million values.
    _exact: dict[tuple[str, tuple[int, ...]], tuple[int, int]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

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

    def figure(self, figure: Figure, group: Sequence[Cell]) -> Cell:
        """Give a figure of the peers of a subject, or of a column of subjects.

        Args:
            figure: What is asked.
            group: What peers have in common, a number or column each.

        Raises:
            NumberTooLargeError: It is beyond 64 bits.
        """
        if all(isinstance(cell, int) for cell in group):
            return self._figure(figure, tuple(group))
        columns = np.stack(np.broadcast_arrays(*group), axis=1)
        kinds, which = np.unique(columns, axis=0, return_inverse=True)
        found = [self._figure(figure, tuple(kind)) for kind in kinds.tolist()]
        return np.array(found, dtype=np.int64)[which.reshape(-1)]

    def _figure(self, figure: Figure, group: tuple[int, ...]) -> int:
        key = (figure.measure, group)
        exact = self._exact.get(key)
        if exact is None:
            peers = self._peers(group)
            if peers is None or not len(peers):
                return MISSING
            exact = self._exact[key] = _exact_figure(figure.measure, peers)
        return figure.finished(*exact)

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

_HALF_BITS: Final = 32
_LOW_HALF: Final = (1 << _HALF_BITS) - 1


def _exact_figure(measure: str, peers: Values) -> tuple[int, int]:
    """Give a figure of some values as a number and what it is divided by."""
    count = len(peers)
    if measure == "least":
        return int(peers[0]), 1
    if measure == "greatest":
        return int(peers[-1]), 1
    if measure == "median":
        return int(peers[(count - 1) // 2]) + int(peers[count // 2]), 2
    column = np.asarray(peers, dtype=np.int64)
    # Neither half of the numbers can leave 64 bits, however many there are.
    high, low = int((column >> _HALF_BITS).sum()), int((column & _LOW_HALF).sum())
    return (high << _HALF_BITS) + low, count if measure == "mean" else 1


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
