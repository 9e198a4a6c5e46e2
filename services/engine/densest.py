"""Compiling "so much within twelve months": the records that lie closest together."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.engine.assembly import RANGE
from services.engine.days import add_months, leaves_after
from services.engine.few import Few, numbers_at
from services.engine.frames import Frame
from services.engine.language import Place, Window
from services.engine.numbers import MISSING, Cell
from services.engine.population import Sources
from services.engine.records import RecordScope

_MONTHS: Final = {"years": 12, "months": 1}
_SUBJECT_STEP: Final = 1 << 32
"""More days than a day's number has."""


Days = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Whose each of some records is, and its day."""


class Stretch(NamedTuple):
    """How long records count together, and by what.

    Attributes:
        within: A rolling window: its unit, and the day of a record that counts.
        length: Its length, at least 1.
        of: Slot of what is added up; -1 where records are counted.
    """

    within: Window
    length: int
    of: int = -1


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


def closest_records(
    scope: RecordScope,
    mask: int,
    stretch: Stretch,
    *,
    place: Place,
    holding: Held | None = None,
) -> int:
    """Compile which of some records lie within so many days, months or years of each other.

    A stretch begins on the day of a record and ends on the same day so much later, that day
    excluded, as a rolling window does. Of those with the most records, or with the greatest sum,
    the last one counts.

    Args:
        scope: The records.
        mask: Slot of the set that counts, all of whose days are known.
        stretch: How long, and by what.
        place: Where it stands.
        holding: Records on the day of one of which it must lie; without them any stretch counts.

    Returns:
        Slot of the records of that stretch.
    """
    sources, unit, length, of = scope.sources, stretch.within.unit, stretch.length, stretch.of
    slot = scope.resolve(stretch.within.day, place).slot

    def step(frame: Frame) -> Cell:
        rows, days = frame.slots[mask], frame.slots[slot]
        held = None if holding is None else _days(frame, holding)
        if isinstance(rows, int):
            if not rows or type(days) is not Few:
                return rows
            weights = None if of < 0 else frame.slots[of]
            return _of_few(rows, days, (unit, length), held=held, weights=weights)
        chosen = np.flatnonzero(rows)
        own = numbers_at(days, chosen).astype(np.int32)
        subjects = frame.population.of(sources).subjects[chosen]
        weights = None if of < 0 else amounts_of(frame.slots[of], chosen)
        best = _closest(subjects, own, leaves_after(own, unit, length), held=held, weights=weights)
        found = np.zeros(rows.shape, dtype=np.bool_)
        found[chosen[best]] = True
        return found

    return scope.assembly.emit(("closest", sources, mask, slot, unit, length, of, holding), step)


def amounts_of(cell: Cell, rows: NDArray[np.int64]) -> NDArray[Any]:
    """Give what some records add: nothing for what is missing, exact however much they come to."""
    amounts = numbers_at(cell, rows)
    amounts = np.where(amounts == MISSING, 0, amounts)
    most = int(np.abs(amounts).max(initial=0))
    return amounts if most * amounts.size < RANGE else amounts.astype(object)


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


def _of_few(
    rows: int, days: Few, stretch: tuple[str, int], *, held: Days | None, weights: Cell
) -> int:
    unit, length = stretch
    must = None if held is None else held[1].tolist()
    months = _MONTHS.get(unit, 0) * length
    counted = sorted((day, both) for day, having in days.items() if (both := having & rows))
    most, found = None, 0
    for first, _ in counted:
        after = add_months(first, months) if months else first + length
        if must is not None and not any(first <= day < after for day in must):
            continue
        together = 0
        for day, having in counted:
            if first <= day < after:
                together |= having
        weight = together.bit_count() if weights is None else _sum(weights, together)
        if most is None or weight >= most:
            most, found = weight, together
    return found


def _sum(weights: Cell, rows: int) -> int:
    """Add up what few records have."""
    if type(weights) is not Few:
        return 0 if weights == MISSING else int(weights) * rows.bit_count()
    each = weights.items()
    return sum(number * (having & rows).bit_count() for number, having in each if number != MISSING)


def _closest(
    subjects: NDArray[np.int64],
    days: NDArray[np.int32],
    after: NDArray[np.int32],
    *,
    held: Days | None,
    weights: NDArray[Any] | None,
) -> NDArray[np.int64]:
    """Give the positions of the records of each subject's stretch.

    Args:
        subjects: int64[n], whose each record is.
        days: int32[n], its day.
        after: int32[n], the first day after the stretch that begins with it.
        held: Of what a stretch must hold a day; none where it need not.
        weights: What each adds; none where records are counted.
    """
    order = np.lexsort((days, subjects))
    owners = subjects[order]
    base = owners * _SUBJECT_STEP
    ends = np.searchsorted(base + days[order], base + after[order], side="left")
    starts = np.arange(ends.size)
    counts = ends - starts
    if weights is not None:
        # All records of the day on which a stretch begins belong to it, those that add nothing too.
        starts = np.searchsorted(base + days[order], base + days[order], side="left")
        sums = np.zeros(ends.size + 1, dtype=weights.dtype)
        np.cumsum(weights[order], out=sums[1:])
        # Of equal numbers equal places, whatever size they have.
        _, counts = np.unique(sums[ends] - sums[starts], return_inverse=True)
    stretches = np.arange(ends.size)
    if held is not None:
        must = np.sort(held[0] * _SUBJECT_STEP + held[1])
        since = np.searchsorted(must, base + days[order], side="left")
        stretches = np.flatnonzero(np.searchsorted(must, base + after[order], side="left") != since)
    # The last of each subject's stretches with the most comes last of all its own.
    ranked = stretches[np.lexsort((stretches, counts[stretches], owners[stretches]))]
    last = np.append(np.diff(owners[ranked]) != 0, True)[: ranked.size]
    best = ranked[np.flatnonzero(last)]
    edges = np.zeros(ends.size + 1, dtype=np.int64)
    edges[starts[best]] += 1
    edges[ends[best]] -= 1
    return order[np.cumsum(edges[:-1]) > 0]
