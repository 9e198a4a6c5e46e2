"""Columns of the few records that one subject has, as plain numbers.

NumPy's cost for a call is larger than the whole work on a handful of records. So in a population of
one the records of a kind, while they are few, are kept the other way round: for each number the
records that have it, a set of records being the bits of one whole number. The same functions of
plain numbers that steps are made of run over them, once for each number that occurs.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.numbers import MISSING, Cell, least, pick, widen

FEW_MOST: Final = 48
"""Records of a kind up to which they are few; beyond, NumPy's columns are quicker (measured)."""


class Few(dict[int, int]):
    """Which records have each number: the first record is the lowest bit."""


def few_of(values: Iterable[int], missing: int) -> Few:
    """Make a column of few records.

    Args:
        values: A number for each record.
        missing: The number that stands for a missing value in them.
    """
    found, bit = Few(), 1
    for number in values:
        found[number] = found.get(number, 0) | bit
        bit <<= 1
    if missing != MISSING and missing in found:
        found[MISSING] = found.pop(missing)
    return found


def spread(function: Callable[..., Any], cells: Sequence[Any]) -> Few:
    """Calculate for each record: a function of numbers, some of which are columns of records."""
    found = Few()
    for numbers, rows in combined(cells):
        result = function(*numbers)
        found[result] = found.get(result, 0) | rows
    return found


def holding(function: Callable[..., Any], cells: Sequence[Any]) -> int:
    """Give the records for which a truth holds: a function of numbers, as for `spread`."""
    held = 0
    for numbers, rows in combined(cells):
        if function(*numbers):
            held |= rows
    return held


def choose(test: Cell, yes: Cell, no: Cell) -> Cell:
    """Give one of two numbers, by a truth, or by a set of few records for each of them."""
    if type(test) is not int:
        return pick(test, yes, no)
    found = Few()
    _lay(found, yes, test)
    _lay(found, no, ~test)
    return found


def first_of(
    pairs: Iterable[tuple[int, int]], slots: Sequence[Any], otherwise: Cell
) -> Cell | None:
    """Give the value of the first test that holds, for plain numbers or few records.

    Args:
        pairs: Slots of a test and of what it gives, in order.
        slots: Truths or sets of few records, and values, by slot.
        otherwise: What stands in where none holds.

    Returns:
        Nothing if a test is a column.
    """
    found, left = None, -1
    for test, value in pairs:
        held = slots[test]
        if held is True:
            otherwise = slots[value]
            break
        if held is False:
            continue
        if type(held) is not int:
            return None
        if held:
            if found is None:
                found = Few()
            _lay(found, slots[value], held & left)
            left &= ~held
    if found is None:
        return otherwise
    _lay(found, otherwise, left)
    return found


def united(slots: Sequence[Any], sets: Iterable[int]) -> Cell:
    """Give the records of any of some sets, by slot; of few records -1 for all there are.

    A set is a truth where it is the same for every record, and nothing where it was left out for
    want of records.
    """
    found: Cell = 0
    for slot in sets:
        held = slots[slot]
        if held is True:
            return -1
        if held is not None and held is not False:
            found = found | held
    return found


def first_turn(turns: Iterable[tuple[int, int]], rows: int, before: int) -> int:
    """Give the first day on which a record of a set changes sides of a window.

    Args:
        turns: Days in order, each with the few records that change sides then.
        rows: The set.
        before: What it is if none of them is earlier.
    """
    for day, having in turns:
        if day >= before:
            break
        if having & rows:
            return day
    return before


def _lay(found: Few, cell: Cell, rows: int) -> None:
    """Put the numbers of some records into a column."""
    if type(cell) is Few:
        for number, having in cell.items():
            both = having & rows
            if both:
                found[number] = found.get(number, 0) | both
    elif rows:
        found[cell] = found.get(cell, 0) | rows


def number_at(cell: Cell, row: int) -> int:
    """Give the number of one record, from a column of records or one number for all."""
    if type(cell) is Few:
        for number, rows in cell.items():
            if rows >> row & 1:
                return number
    if not isinstance(cell, np.ndarray):
        return int(cell)
    number = int(cell[row])
    return MISSING if number == least(cell) else number


def numbers_at(cell: Cell, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the 64-bit numbers of some records, from a column of records or one number for all."""
    if not isinstance(cell, np.ndarray) or not cell.ndim:
        return np.full(rows.shape, int(cell), dtype=np.int64)
    column: NDArray[np.int64] = widen(cell[rows])
    return column


def positions(rows: int) -> list[int]:
    """Give the positions of the records of a set, in order."""
    found: list[int] = []
    while rows:
        lowest = rows & -rows
        found.append(lowest.bit_length() - 1)
        rows ^= lowest
    return found


def combined(cells: Sequence[Any]) -> list[tuple[tuple[int, ...], int]]:
    """Give every combination of numbers that some record has, and the records that have it."""
    first, *others = cells
    having_first = first.items() if type(first) is Few else ((first, -1),)
    found: list[tuple[tuple[int, ...], int]] = [((number,), rows) for number, rows in having_first]
    for cell in others:
        if type(cell) is Few:
            columns = cell.items()
            found = [
                ((*numbers, number), both)
                for numbers, rows in found
                for number, having in columns
                if (both := rows & having)
            ]
        else:
            found = [((*numbers, cell), rows) for numbers, rows in found]
    return found
