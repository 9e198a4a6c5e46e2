"""Compiling "so many within twelve months": the records that lie closest together."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import add_months, leaves_after
from services.engine.few import Few
from services.engine.frames import Frame
from services.engine.language import Place, Window
from services.engine.numbers import Cell
from services.engine.records import RecordScope

_MONTHS: Final = {"years": 12, "months": 1}
_SUBJECT_STEP: Final = 1 << 32
"""More days than a day's number has."""


def closest_records(
    scope: RecordScope, mask: int, within: Window, *, place: Place, length: int
) -> int:
    """Compile which of some records lie within so many days, months or years of each other.

    A stretch begins on the day of a record and ends on the same day so much later, that day
    excluded, as a rolling window does. Of those with the most records the last one counts.

    Args:
        scope: The records.
        mask: Slot of the set that counts, all of whose days are known.
        within: A rolling window: its unit, and the day of a record that counts.
        place: Where it stands.
        length: Its length, at least 1.

    Returns:
        Slot of the records of that stretch.
    """
    sources, unit = scope.sources, within.unit
    slot = scope.resolve(within.day, place).slot

    def step(frame: Frame) -> Cell:
        rows, days = frame.slots[mask], frame.slots[slot]
        if isinstance(rows, int):
            return _of_few(rows, days, unit, length) if type(days) is Few else rows
        chosen = np.flatnonzero(rows)
        own = np.broadcast_to(np.asarray(days), rows.shape)[chosen].astype(np.int32)
        subjects = frame.population.of(sources).subjects[chosen]
        found = np.zeros(rows.shape, dtype=np.bool_)
        found[chosen[_closest(subjects, own, leaves_after(own, unit, length))]] = True
        return found

    return scope.assembly.emit(("closest", sources, mask, slot, unit, length), step)


# Private functions -----------------------------------------------------------


def _of_few(rows: int, days: Few, unit: str, length: int) -> int:
    months = _MONTHS.get(unit, 0) * length
    held = sorted((day, both) for day, having in days.items() if (both := having & rows))
    most, found = 0, 0
    for first, _ in held:
        after = add_months(first, months) if months else first + length
        stretch = 0
        for day, having in held:
            if first <= day < after:
                stretch |= having
        if stretch.bit_count() >= most:
            most, found = stretch.bit_count(), stretch
    return found


def _closest(
    subjects: NDArray[np.int64], days: NDArray[np.int32], after: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Give the positions of the records of each subject's stretch.

    Args:
        subjects: int64[n], whose each record is.
        days: int32[n], its day.
        after: int32[n], the first day after the stretch that begins with it.
    """
    order = np.lexsort((days, subjects))
    owners = subjects[order]
    base = owners * _SUBJECT_STEP
    ends = np.searchsorted(base + days[order], base + after[order], side="left")
    counts = ends - np.arange(ends.size)
    # The last of each subject's stretches with the most records comes last of all its own.
    ranked = np.lexsort((np.arange(ends.size), counts, owners))
    best = ranked[np.flatnonzero(np.append(np.diff(owners[ranked]) != 0, True))[: ends.size]]
    edges = np.zeros(ends.size + 1, dtype=np.int64)
    edges[best] += 1
    edges[ends[best]] -= 1
    return order[np.cumsum(edges[:-1]) > 0]
