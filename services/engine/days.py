"""Civil days as whole numbers: days since 1970-01-01."""

from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

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
    """Give a number as a day."""
    return date.fromordinal(number + _EPOCH)


@lru_cache(maxsize=65_536)
def add_months(day: int, months: int) -> int:
    """Add calendar months to a day.

    A day that the target month does not have becomes its last day.

    Source:
        民法典 art. 202: a period in months ends on the same day of the last month, or on its
        last day where it has none.
    """
    start = day_date(day)
    count = start.year * _MONTHS_A_YEAR + start.month - 1 + months
    year, month = divmod(count, _MONTHS_A_YEAR)
    next_month = date(year + (month + 1) // _MONTHS_A_YEAR, (month + 1) % _MONTHS_A_YEAR + 1, 1)
    first = day_number(date(year, month + 1, 1))
    return min(first + start.day - 1, day_number(next_month) - 1)


def add_months_each(days: NDArray[np.int32], months: int | NDArray[np.int64]) -> NDArray[np.int32]:
    """Add calendar months to each day, as `add_months` does."""
    if days.size <= _FEW and isinstance(months, int):
        return np.array([add_months(int(day), months) for day in days], dtype=np.int32)
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


@lru_cache(maxsize=4096)
def period_start(as_of: int, unit: str, offset: int) -> int:
    """Give the first day of a calendar period.

    Args:
        as_of: A day of the present period.
        unit: ``year``, ``half_year``, ``quarter`` or ``month``.
        offset: 0 for the present period, -1 for the one before.
    """
    day = day_date(as_of)
    months = _PERIOD_MONTHS[unit]
    period = (day.year * _MONTHS_A_YEAR + day.month - 1) // months + offset
    year, month = divmod(period * months, _MONTHS_A_YEAR)
    return day_number(date(year, month + 1, 1))
