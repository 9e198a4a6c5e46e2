"""Exact arithmetic on whole numbers, one or a column of them.

A number with decimals is a whole number of its smallest unit; its scale, the count of decimals, is
known when a plan is compiled. No float ever holds a result.

A population of one runs on plain Python numbers, a larger one on NumPy columns, through the same
steps: each function here takes either, and gives what it took. NumPy's cost for a call is larger
than a Python number's, and an enterprise asked for alone must cost microseconds.
"""

from typing import Any, Final

import numpy as np

from services.engine.errors import NumberTooLargeError

Cell = Any
"""A whole number or truth, or a NumPy column of them."""

MISSING: Final = int(np.iinfo(np.int64).min)
"""Stands for a value that nobody knows; columns of smaller types use their own least number."""

# By the bytes of a number, which are told sooner than its type.
_LEAST: Final = {
    np.dtype(width).itemsize: int(np.iinfo(width).min)
    for width in (np.int8, np.int16, np.int32, np.int64)
}
_LARGEST: Final = int(np.iinfo(np.int64).max)
# A product of columns is checked against the 64-bit range in floating point, whose error at this
# size is far below the margin left here.
_RANGE_CHECKED: Final = 9.2e18


def pick(test: Cell, yes: Cell, no: Cell) -> Cell:
    """Give one of two numbers, by a truth."""
    if isinstance(test, bool):
        return yes if test else no
    if type(yes) is int and _whole_column(no) and no.shape == np.shape(test):
        # Put in by position: half the time of choosing for each (measured).
        found = no.copy()
        found[np.flatnonzero(test)] = yes
        return found
    return np.where(test, yes, no)


def only_where(test: Cell, number: Cell) -> Cell:
    """Give a number where a truth holds, and 0 elsewhere; quicker than `pick`."""
    if isinstance(test, bool):
        return number if test else 0
    return np.multiply(number, test, dtype=np.int64)


def or_else(values: Cell, other: Cell) -> Cell:
    """Let another number stand where one is missing."""
    if isinstance(values, int):
        return other if values == MISSING else values
    # Most columns miss nothing, and their least number says so soonest.
    if not values.size or int(values.min()) != _LEAST[values.itemsize]:
        return values
    return np.where(present(values), values, other)


def flip(truth: Cell) -> Cell:
    """Give the opposite of a truth, or of a set of few records (see `few`)."""
    if isinstance(truth, bool):
        return not truth
    return ~truth if isinstance(truth, int) else np.logical_not(truth)


def smaller(left: Cell, right: Cell) -> Cell:
    """Give the smaller of two numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return min(left, right)
    return np.minimum(left, right)


def larger(left: Cell, right: Cell) -> Cell:
    """Give the larger of two numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return max(left, right)
    return np.maximum(left, right)


def least(column: Cell) -> int:
    """Give the number that stands for a missing value in a column of this width."""
    return _LEAST[column.itemsize]


def present(values: Cell) -> Cell:
    """Say where a value is known."""
    if isinstance(values, int):
        return values != MISSING
    return values != _LEAST[values.itemsize]


def lacking(values: Cell) -> Cell:
    """Say where nobody knows a value."""
    return flip(present(values))


def widen(values: Cell) -> Cell:
    """Give 64-bit numbers, whatever the width of the column."""
    if not isinstance(values, np.ndarray) or values.dtype == np.int64:
        return values
    return np.where(present(values), values.astype(np.int64), MISSING)


def add(left: Cell, right: Cell) -> Cell:
    """Add exactly.

    Raises:
        NumberTooLargeError: A sum leaves the 64-bit range.
    """
    if isinstance(left, int) and isinstance(right, int):
        return _in_range(left + right)
    total = np.add(left, right)
    (least_left, most_left), (least_right, most_right) = _extent(left), _extent(right)
    if _fits(least_left + least_right) and _fits(most_left + most_right):
        return total
    # A sum of two numbers of one sign that has the other sign went round the end of the range.
    if np.any(((left ^ total) & (right ^ total)) < 0):
        raise _too_large()
    return total


def subtract(left: Cell, right: Cell) -> Cell:
    """Subtract exactly.

    Raises:
        NumberTooLargeError: A difference leaves the 64-bit range.
    """
    return add(left, -right)


def multiply(left: Cell, right: Cell) -> Cell:
    """Multiply exactly.

    Raises:
        NumberTooLargeError: A product leaves the 64-bit range.
    """
    if isinstance(left, int) and isinstance(right, int):
        return _in_range(left * right)
    ends = [one * other for one in _extent(left) for other in _extent(right)]
    if not all(_fits(end) for end in ends):
        size = np.abs(np.multiply(left, right, dtype=np.float64))
        if float(size.max()) > _RANGE_CHECKED:
            raise _too_large()
    return np.multiply(left, right)


def sum_each(subjects: Cell, values: Cell, size: int) -> Cell:
    """Add up the values of each subject exactly.

    Args:
        subjects: int64[m], position of each value's subject.
        values: int64[m].
        size: Number of subjects.

    Raises:
        NumberTooLargeError: A sum leaves the 64-bit range.
    """
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, subjects, values)
    least_one, most = _extent(values)
    if not _fits(max(-least_one, most) * len(values)):
        sizes = np.bincount(subjects, weights=np.abs(values.astype(np.float64)), minlength=size)
        if float(sizes.max()) > _RANGE_CHECKED:
            raise _too_large()
    return sums


def divide_rounded(numerator: Cell, divisor: Cell, rounding: str) -> Cell:
    """Divide and round to a whole number.

    Args:
        numerator: What is divided.
        divisor: Never zero.
        rounding: ``half_up`` (ties away from zero), ``half_even``, ``up`` (away from zero) or
            ``down`` (towards zero).
    """
    negative = (numerator < 0) ^ (divisor < 0)
    by = abs(divisor)
    quotient, rest = divmod(abs(numerator), by)
    if rounding == "half_up":
        quotient = quotient + (rest >= by - rest)
    elif rounding == "half_even":
        odd = (quotient & 1) == 1
        quotient = quotient + ((rest > by - rest) | ((rest == by - rest) & odd))
    elif rounding == "up":
        quotient = quotient + (rest > 0)
    return pick(negative, -quotient, quotient)


def rescale(values: Cell, scale: int, to: int, rounding: str = "") -> Cell:
    """Express a number with other decimals.

    Args:
        values: Whole numbers of ``10**-scale``.
        scale: Decimals they have.
        to: Decimals wanted; fewer need a rounding mode.
        rounding: As for `divide_rounded`.
    """
    if to == scale:
        return values
    if to > scale:
        return multiply(values, 10 ** (to - scale))
    assert rounding, "dropping decimals needs a rounding mode"
    return divide_rounded(values, 10 ** (scale - to), rounding)


# Private functions -----------------------------------------------------------


def _whole_column(cell: Cell) -> bool:
    return isinstance(cell, np.ndarray) and cell.dtype == np.int64


def _extent(values: Cell) -> tuple[int, int]:
    if isinstance(values, int):
        return values, values
    return (int(values.min()), int(values.max())) if values.size else (0, 0)


def _fits(number: int) -> bool:
    return MISSING < number <= _LARGEST


def _in_range(number: int) -> int:
    if not _fits(number):
        raise _too_large()
    return number


def _too_large() -> NumberTooLargeError:
    return NumberTooLargeError("a number is beyond 64-bit whole numbers; use larger units")
