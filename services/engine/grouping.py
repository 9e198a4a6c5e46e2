"""Child subjects in a run: who they are, which records are whose, and numbers over them.

Everything here is a column over children or over records, whether one subject is asked for or a
population: a group of children is too small for speed to matter, and too many sides for two ways.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.few import Few, positions
from services.engine.numbers import (
    MISSING,
    Cell,
    divide_rounded,
    multiply,
    present,
    sum_each,
    widen,
)
from services.engine.population import RecordColumns

Column = NDArray[np.int64]
"""Whole numbers, one for each child or record."""

_NONE: Final = np.zeros(0, dtype=np.int64)
_LARGEST: Final = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Roster:
    """The children of a population's subjects, in order of subject and key.

    Attributes:
        subjects: int64[c], position of each child's subject.
        keys: int64[c], what names the child among those of its subject.
        known: int64[k], the keys that occur, ascending.
        codes: int64[c], subject and key as one number, ascending.
    """

    subjects: Column
    keys: Column
    known: Column
    codes: Column

    @property
    def size(self) -> int:
        """Give the number of children."""
        return self.keys.size

    def places(self, subjects: Column, keys: Column) -> Column:
        """Give the child that each record belongs to; -1 for a record of no child."""
        if not self.size:
            return np.full(keys.shape, -1, dtype=np.int64)
        rank = np.minimum(np.searchsorted(self.known, keys), self.known.size - 1)
        code = subjects * self.known.size + rank
        place = np.minimum(np.searchsorted(self.codes, code), self.size - 1)
        fits = (self.known[rank] == keys) & (self.codes[place] == code)
        return np.where(fits, place, -1)


def roster_of(subjects: Column, keys: Column) -> Roster:
    """Give the children that records name, each once."""
    known, rank = np.unique(keys, return_inverse=True)
    codes = np.unique(subjects * known.size + rank)
    if not codes.size:
        return Roster(_NONE, _NONE, _NONE, _NONE)
    return Roster(codes // known.size, known[codes % known.size], known, codes)


def keys_of(records: RecordColumns, name: str) -> Column:
    """Give an attribute of all records as 64-bit numbers."""
    if not records.record_ids.size:
        return _NONE
    column: Column = widen(records.columns[name])
    return column


def rows_of(mask: Cell, records: RecordColumns) -> NDArray[np.intp]:
    """Give the rows of a set of records: of few records, or of a column of truths."""
    if isinstance(mask, int):
        return np.array(_places(mask, records.record_ids.size), dtype=np.intp)
    return np.flatnonzero(mask)


def values_of(cell: Cell, rows: NDArray[np.intp]) -> Column:
    """Give the numbers of some records, out of few records, a column, or one for all."""
    if type(cell) is Few:
        column = np.full(1 + int(rows.max(initial=0)), MISSING, dtype=np.int64)
        for number, having in cell.items():
            column[_places(having, column.size)] = number
        return column[rows]
    if isinstance(cell, np.ndarray):
        return np.asarray(cell[rows], dtype=np.int64)
    return np.full(rows.shape, cell, dtype=np.int64)


def _places(rows: int, size: int) -> list[int]:
    """Give the positions of a set of few records, which may stand for all but some."""
    return positions(rows & ((1 << size) - 1))


def as_set(held: NDArray[np.bool_]) -> int:
    """Give a set of few records."""
    return sum(1 << row for row in np.flatnonzero(held).tolist())


# What records come to for each child, or children for each subject -------------------


def count_each(owners: Column, size: int) -> Column:
    """Count what each owner has."""
    return np.bincount(owners, minlength=size).astype(np.int64)


def _sum(owners: Column, values: Column, size: int) -> Column:
    column: Column = sum_each(owners, values, size)
    return column


def _greatest(owners: Column, values: Column, size: int) -> Column:
    found = np.full(size, MISSING, dtype=np.int64)
    np.maximum.at(found, owners, values)
    return found


def _smallest(owners: Column, values: Column, size: int) -> Column:
    found = np.full(size, _LARGEST, dtype=np.int64)
    np.minimum.at(found, owners, values)
    return np.where(found == _LARGEST, MISSING, found)


def _distinct(owners: Column, values: Column, size: int) -> Column:
    pairs = np.unique(np.stack([owners, values], axis=1), axis=0)
    return count_each(pairs[:, 0], size)


_MEASURES: Final[Mapping[str, Callable[[Column, Column, int], Column]]] = {
    "sum": _sum,
    "max": _greatest,
    "min": _smallest,
    "worst": _greatest,
    "last_day": _greatest,
    "first_day": _smallest,
    "distinct": _distinct,
}


def measure_each(measure: str, owners: Column, values: Column, size: int) -> Column:
    """Measure the values of each owner; values that are not known are left out.

    Args:
        measure: ``sum``, ``max``, ``min``, ``worst``, ``last_day``, ``first_day`` or ``distinct``.
        owners: Owner of each value.
        values: The values.
        size: Number of owners.
    """
    there = present(values)
    return _MEASURES[measure](owners[there], values[there], size)


def share_each(part: Column, whole: Column, places: int, rounding: str) -> Column:
    """Give one count as a part of another; missing where there is nothing to be a part of."""
    return _divided(multiply(part, 10**places), whole, rounding)


def mean_each(sums: Column, counts: Column, *, scale: int, places: int, rounding: str) -> Column:
    """Give the mean of values; missing where there are none.

    Args:
        sums: Sums, whole numbers of ``10**-scale``.
        counts: How many values each is the sum of.
        scale: Decimals of the sums.
        places: Decimals of the mean.
        rounding: Rounding mode.
    """
    grown = multiply(sums, 10 ** max(places - scale, 0))
    return _divided(grown, multiply(counts, 10 ** max(scale - places, 0)), rounding)


def _divided(numerators: Any, divisors: Any, rounding: str) -> Column:  # noqa: ANN401 -- columns.
    some = divisors > 0
    found = divide_rounded(numerators, np.where(some, divisors, 1), rounding)
    return np.where(some, found, MISSING)
