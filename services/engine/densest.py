"""Compiling "so many within twelve months": the records that lie closest together."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.engine.days import add_months, leaves_after
from services.engine.few import Few
from services.engine.frames import Frame
from services.engine.language import Place, Window
from services.engine.numbers import Cell
from services.engine.population import Sources
from services.engine.records import RecordScope

_MONTHS: Final = {"years": 12, "months": 1}
_SUBJECT_STEP: Final = 1 << 32
"""More days than a day's number has."""


Days = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Whose each of some records is, and its day."""


class Held(NamedTuple):
    """Records of which a stretch must hold one.

    Attributes:
        sources: Which records.
        mask: Slot of the set that counts, all of whose days are known.
        day: Slot of their days.
    """

    sources: Sources
    mask: int
    day: int


def closest_records(  # noqa: PLR0913 -- a stretch is as long as it is, and holds what it must.
    scope: RecordScope,
    mask: int,
    within: Window,
    *,
    place: Place,
    length: int,
    holding: Held | None = None,
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
        holding: Records on the day of one of which it must lie; without them any stretch counts.

    Returns:
        Slot of the records of that stretch.
    """
    sources, unit = scope.sources, within.unit
    slot = scope.resolve(within.day, place).slot

    def step(frame: Frame) -> Cell:
        rows, days = frame.slots[mask], frame.slots[slot]
        held = None if holding is None else _days(frame, holding)
        if isinstance(rows, int):
            if not rows or type(days) is not Few:
                return rows
            return _of_few(rows, days, (unit, length), held)
        chosen = np.flatnonzero(rows)
        own = np.broadcast_to(np.asarray(days), rows.shape)[chosen].astype(np.int32)
        subjects = frame.population.of(sources).subjects[chosen]
        found = np.zeros(rows.shape, dtype=np.bool_)
        found[chosen[_closest(subjects, own, leaves_after(own, unit, length), held)]] = True
        return found

    return scope.assembly.emit(("closest", sources, mask, slot, unit, length, holding), step)


# Private functions -----------------------------------------------------------


def _days(frame: Frame, of: Held) -> Days:
    """Give whose the records are of which a stretch must hold one, and their days."""
    rows, days = frame.slots[of.mask], frame.slots[of.day]
    if isinstance(rows, int):
        # Where there are none, nobody may have looked at their days.
        having = days.items() if rows and type(days) is Few else ()
        found = np.array([day for day, those in having if those & rows], dtype=np.int64)
        return np.zeros(found.size, dtype=np.int64), found
    chosen = np.flatnonzero(rows)
    own = np.broadcast_to(np.asarray(days), rows.shape)[chosen].astype(np.int64)
    return frame.population.of(of.sources).subjects[chosen].astype(np.int64), own


def _of_few(rows: int, days: Few, stretch: tuple[str, int], held: Days | None) -> int:
    unit, length = stretch
    must = None if held is None else held[1].tolist()
    months = _MONTHS.get(unit, 0) * length
    counted = sorted((day, both) for day, having in days.items() if (both := having & rows))
    most, found = 0, 0
    for first, _ in counted:
        after = add_months(first, months) if months else first + length
        if must is not None and not any(first <= day < after for day in must):
            continue
        together = 0
        for day, having in counted:
            if first <= day < after:
                together |= having
        if together.bit_count() >= most:
            most, found = together.bit_count(), together
    return found


def _closest(
    subjects: NDArray[np.int64],
    days: NDArray[np.int32],
    after: NDArray[np.int32],
    held: Days | None,
) -> NDArray[np.int64]:
    """Give the positions of the records of each subject's stretch.

    Args:
        subjects: int64[n], whose each record is.
        days: int32[n], its day.
        after: int32[n], the first day after the stretch that begins with it.
        held: Of what a stretch must hold a day; none where it need not.
    """
    order = np.lexsort((days, subjects))
    owners = subjects[order]
    base = owners * _SUBJECT_STEP
    ends = np.searchsorted(base + days[order], base + after[order], side="left")
    counts = ends - np.arange(ends.size)
    if held is not None:
        must = np.sort(held[0] * _SUBJECT_STEP + held[1])
        since = np.searchsorted(must, base + days[order], side="left")
        counts[np.searchsorted(must, base + after[order], side="left") == since] = 0
    # The last of each subject's stretches with the most records comes last of all its own.
    ranked = np.lexsort((np.arange(ends.size), counts, owners))
    best = ranked[np.flatnonzero(np.append(np.diff(owners[ranked]) != 0, True))[: ends.size]]
    best = best[counts[best] > 0]
    edges = np.zeros(ends.size + 1, dtype=np.int64)
    edges[best] += 1
    edges[ends[best]] -= 1
    return order[np.cumsum(edges[:-1]) > 0]
