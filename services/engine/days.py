"""Civil days as whole numbers: days since 1970-01-01."""

from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.errors import NumberTooLargeError
from services.engine.numbers import MISSING, Cell, pick, present

NEVER: Final = int(np.iinfo(np.int32).max)
"""A day that never comes."""

UNKNOWN_DAY: Final = int(np.iinfo(np.int32).min)
"""Stands for a day that nobody knows."""

_EPOCH: Final = date(1970, 1, 1).toordinal()
_MONTHS_A_YEAR: Final = 12
_PERIOD_MONTHS: Final = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
# Below this many days the cached scalar calculation is quicker than the column one.
_FEW: Final = 16


def day_number(day: date) -> int:
    """Give a day as a number."""
    return day.toordinal() - _EPOCH


def day_date(number: int) -> date:
    """Give a number as a day.

    Raises:
        NumberTooLargeError: The calendar has no such day.
    """
    try:
        return date.fromordinal(number + _EPOCH)
    except (ValueError, OverflowError) as error:
        raise _outside() from error


def _outside() -> NumberTooLargeError:
    return NumberTooLargeError("a day lies outside the years 1 to 9999; look less far back or on")


def _first_of_month(year: int, month: int) -> int:
    """Give the first day of a month, counted from 0."""
    try:
        return date(year, month + 1, 1).toordinal() - _EPOCH
    except (ValueError, OverflowError) as error:
        raise _outside() from error


@lru_cache(maxsize=65_536)
def add_months(day: int, months: int) -> int:
    """Add calendar months to a day.

    A day that the target month does not have becomes its last day.

    Raises:
        NumberTooLargeError: The calendar has no such day.

    Source:
        民法典 art. 202: a period in months ends on the same day of the last month, or on its
        last day where it has none.
    """
    start = day_date(day)
    count = start.year * _MONTHS_A_YEAR + start.month - 1 + months
    year, month = divmod(count, _MONTHS_A_YEAR)
    next_year, next_month = divmod(count + 1, _MONTHS_A_YEAR)
    last = _first_of_month(next_year, next_month) - 1
    return min(_first_of_month(year, month) + start.day - 1, last)


def add_months_each(days: NDArray[np.int32], months: int | NDArray[np.int64]) -> NDArray[np.int32]:
    """Add calendar months to each day, as `add_months` does."""
    if days.size <= _FEW:
        each = np.broadcast_to(months, days.shape).tolist()
        pairs = zip(days.tolist(), each, strict=True)
        return np.array([add_months(day, length) for day, length in pairs], dtype=np.int32)
    stamps = days.astype("datetime64[D]")
    month = stamps.astype("datetime64[M]")
    day_of_month = (stamps - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.asarray(months).astype("timedelta64[M]")
    first = target.astype("datetime64[D]")
    length = ((target + np.timedelta64(1, "M")).astype("datetime64[D]") - first).astype(np.int64)
    moved = first.astype(np.int64) + np.minimum(day_of_month, length - 1)
    return np.asarray(moved, dtype=np.int32)


def first_within(as_of: int, unit: str, length: int) -> int:
    """Give the earliest day that still counts on ``as_of`` in a rolling window.

    An event counts from its day until the same day ``length`` units later, that day excluded.

    Args:
        as_of: The day asked for.
        unit: ``years``, ``months`` or ``days``.
        length: Number of units, at least 1.
    """
    if unit == "days":
        return as_of - length + 1
    months = length * (_MONTHS_A_YEAR if unit == "years" else 1)
    # The end of a period rises with its start, so the first start whose end lies after the day
    # asked for is found by walking the few days around the same day of the earlier month.
    day = add_months(as_of, -months) - 3
    while add_months(day, months) <= as_of:
        day += 1
    return day


def leaves_after(days: NDArray[np.int32], unit: str, length: int) -> NDArray[np.int32]:
    """Give for each event the first day on which it has left a rolling window."""
    if unit == "days":
        return days + np.int32(length)
    return add_months_each(days, length * (_MONTHS_A_YEAR if unit == "years" else 1))


def move_day(day: Cell, unit: str, length: int) -> Cell:
    """Move a day, or a column of days, keeping missing ones missing.

    Args:
        day: Days since 1970-01-01, 64 bits wide, `numbers.MISSING` where unknown.
        unit: ``years``, ``months`` or ``days``.
        length: How far, negative for back.
    """
    known = present(day)
    base = pick(known, day, 0)
    if unit == "days":
        moved = base + length
    else:
        months = length * (_MONTHS_A_YEAR if unit == "years" else 1)
        if isinstance(base, int):
            moved = add_months(base, months)
        else:
            moved = add_months_each(base.astype(np.int32), months).astype(np.int64)
    return pick(known, moved, MISSING)


def elapsed(start: Cell, end: Cell, unit: str) -> Cell:
    """Give the full days, months or years from one day to another.

    A month is full on the same day of a later month, or on its last day where it has none.

    Args:
        start: Days since 1970-01-01, 64 bits wide, `numbers.MISSING` where unknown.
        end: As ``start``; before it there is no value.
        unit: ``years``, ``months`` or ``days``.

    Returns:
        Whole numbers from 0, `numbers.MISSING` where a day is unknown or the end lies before.
    """
    known = present(start) & present(end)
    known = known & (end >= start)
    first, last = pick(known, start, 0), pick(known, end, 0)
    if unit == "days":
        return pick(known, last - first, MISSING)
    months: Cell
    if isinstance(first, int) and isinstance(last, int):
        months = months_between(first, last)
    else:
        months = _months_between_each(
            np.asarray(first, dtype=np.int32), np.asarray(last, dtype=np.int32)
        )
    return pick(known, months // (_MONTHS_A_YEAR if unit == "years" else 1), MISSING)


def next_full(start: int, as_of: int, unit: str) -> int:
    """Give the first day after ``as_of`` on which one more unit since a day is full.

    Args:
        start: The day; one that lies ahead begins to count on itself.
        as_of: The day asked for.
        unit: ``years``, ``months`` or ``days``.
    """
    if start > as_of:
        return start
    if unit == "days":
        return as_of + 1
    step = _MONTHS_A_YEAR if unit == "years" else 1
    return add_months(start, (months_between(start, as_of) // step + 1) * step)


def next_full_each(starts: NDArray[np.int32], as_of: int, unit: str) -> NDArray[np.int32]:
    """Give for each day what `next_full` gives."""
    if unit == "days":
        return np.where(starts > as_of, starts, np.int32(as_of + 1)).astype(np.int32)
    step = _MONTHS_A_YEAR if unit == "years" else 1
    begun = np.minimum(starts, np.int32(as_of))
    months = _months_between_each(begun, np.asarray(as_of, dtype=np.int32))
    turn = add_months_each(begun, (months // step + 1) * step)
    return np.where(starts > as_of, starts, turn).astype(np.int32)


def months_between(first: int, last: int) -> int:
    """Give the full months from one day to another, negative for one before it."""
    start, end = day_date(first), day_date(last)
    months = (end.year - start.year) * _MONTHS_A_YEAR + end.month - start.month
    return months if add_months(first, months) <= last else months - 1


def _months_between_each(first: NDArray[np.int32], last: NDArray[np.int32]) -> NDArray[np.int64]:
    starts = np.broadcast_to(first, np.broadcast_shapes(first.shape, last.shape))
    months = (
        last.astype("datetime64[D]").astype("datetime64[M]")
        - starts.astype("datetime64[D]").astype("datetime64[M]")
    ).astype(np.int64)
    late = add_months_each(np.asarray(starts), months) > last
    return np.asarray(months - late, dtype=np.int64)


@lru_cache(maxsize=4096)
def period_start(as_of: int, unit: str, offset: int) -> int:
    """Give the first day of a calendar period.

    Args:
        as_of: A day of the present period.
        unit: ``year``, ``half_year``, ``quarter`` or ``month``.
        offset: 0 for the present period, -1 for the one before.

    Raises:
        NumberTooLargeError: The calendar has no such day.
    """
    day = day_date(as_of)
    months = _PERIOD_MONTHS[unit]
    period = (day.year * _MONTHS_A_YEAR + day.month - 1) // months + offset
    year, month = divmod(period * months, _MONTHS_A_YEAR)
    return _first_of_month(year, month)
