"""Compiling "the day on which so many points were reached": the records by which that was so.

Seen from each day, the records of a window come to a number; what matters are the days of records,
for nothing else brings a number up. Whatever the as-of day is, the days of before stay as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import groupby, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.engine.days import NEVER
from services.engine.densest import amounts_of
from services.engine.few import number_at, numbers_at, positions
from services.engine.frames import Frame
from services.engine.numbers import MISSING, Cell
from services.engine.population import Sources
from services.engine.records import RecordScope
from services.engine.repeats import days_each
from services.engine.windows import WindowPlan


@dataclass(frozen=True, slots=True)
class Reaching:
    """What is reached, and how.

    Attributes:
        window: Which records count on a day.
        of: Slot of what each adds; -1 where they are counted.
        number: Slot of the number, of each subject.
        again: When it is reached once more, see `terms.Reached`.
    """

    window: WindowPlan
    of: int
    number: int
    again: str


class Part(NamedTuple):
    """What a record adds, from a day until the day before another, and its place."""

    since: int
    until: int
    amount: int
    row: int


def reaching_records(scope: RecordScope, mask: int, reaching: Reaching) -> int:
    """Compile by which of some records a number was reached the last time.

    Args:
        scope: The records.
        mask: Slot of the set of those up to the day asked for.
        reaching: What is reached.

    Returns:
        Slot of the records that counted on that day.
    """
    sources, window = scope.sources, reaching.window

    def step(frame: Frame) -> Cell:
        slots = frame.slots
        rows, number = slots[mask], slots[reaching.number]
        if isinstance(rows, int):
            parts = [_part(frame, reaching, row) for row in positions(rows)]
            known = number != MISSING
            return sum(1 << row for row in last_reached(parts, number, reaching.again)) * known
        chosen = np.flatnonzero(rows)
        found = np.zeros(rows.shape, dtype=np.bool_)
        found[chosen[_many(frame, reaching, sources, chosen=chosen)]] = True
        return found

    key = ("reached", sources, mask, window.slot, window.columns, reaching.of, reaching.number)
    return scope.assembly.emit((*key, reaching.again), step)


def last_reached(parts: Sequence[Part], number: int, again: str) -> list[int]:
    """Give the places of the records by which a number was reached the last time.

    Args:
        parts: What each record adds, and when; in any order.
        number: The number.
        again: When it is reached once more, see `terms.Reached`.

    Returns:
        Those that counted on the last day on which it was reached; none where it never was.
    """
    total, found = 0, list[int]()
    counting: list[tuple[int, int, int]] = []
    ordered = sorted(part for part in parts if part.since < part.until)
    for day, begun in groupby(ordered, key=lambda part: part.since):
        while counting and counting[0][0] <= day:
            total -= heappop(counting)[2]
        before = total
        for part in begun:
            heappush(counting, (part.until, part.row, part.amount))
            total += part.amount
        if total >= number and (before < number or again == "with_each_record"):
            found = [row for _, row, _ in counting]
            if again == "from_zero":
                counting, total = [], 0
    return found


# Private functions -----------------------------------------------------------

_NOWHERE: Final = 1 << 33
"""More days than lie between any two."""


def _part(frame: Frame, reaching: Reaching, row: int) -> Part:
    first, *others = (number_at(frame.slots[slot], row) for slot in reaching.window.columns)
    since, until = reaching.window.days(first, *others)
    amount = 1 if reaching.of < 0 else number_at(frame.slots[reaching.of], row)
    return Part(since, until, 0 if amount == MISSING else amount, row)


def _many(
    frame: Frame, reaching: Reaching, sources: Sources, *, chosen: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the places among chosen records of many subjects of those that `last_reached` gives."""
    slots = frame.slots
    subjects = frame.population.of(sources).subjects[chosen].astype(np.int64)
    columns = [numbers_at(slots[slot], chosen) for slot in reaching.window.columns]
    since, until = days_each(reaching.window.days, columns)
    amounts = np.ones(chosen.size, dtype=np.int64)
    if reaching.of >= 0:
        amounts = amounts_of(slots[reaching.of], chosen)
    wanted = np.broadcast_to(np.asarray(slots[reaching.number]), (frame.population.size,))
    number = wanted[subjects].astype(np.int64)
    there = (since < until) & (number != MISSING)
    if amounts.dtype != np.object_:
        counted = np.where(there, amounts, 0)
        before, so_far = _running(subjects, (since, until), counted)
        again = reaching.again == "with_each_record"
        reached = there & (so_far >= number) & ((before < number) | again)
        last = np.full(frame.population.size, -NEVER, dtype=np.int64)
        np.maximum.at(last, subjects[reached], since[reached])
        own = last[subjects]
        if reaching.again != "from_zero":
            return np.flatnonzero(there & (since <= own) & (own < until))
        # What is counted anew hangs on all reachings before; few subjects have any.
        there &= own > -NEVER
    rows = np.flatnonzero(there)
    numbers = (one[rows].tolist() for one in (since, until, amounts))
    parts = [Part(*one) for one in zip(*numbers, rows.tolist(), strict=True)]
    found: list[int] = []
    for owned in _each_subject(subjects[rows], parts):
        found += last_reached(owned, int(number[owned[0].row]), reaching.again)
    return np.array(found, dtype=np.int64)


def _running(
    subjects: NDArray[np.int64],
    days: tuple[NDArray[np.int64], NDArray[np.int64]],
    amounts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give what a subject's records come to on the day on which each of them begins to count.

    Args:
        subjects: int64[n], whose each record is.
        days: int64[n] twice, the first day on which it counts, and the first after it.
        amounts: int64[n], what it adds, 0 for what never counts.

    Returns:
        int64[n] twice: without and with the records that begin on that day.
    """
    since, until = days
    here, ends = (subjects * _NOWHERE + np.clip(one, -NEVER, NEVER) for one in (since, until))
    begun, gone = np.argsort(here, kind="stable"), np.argsort(ends, kind="stable")
    came, went = (np.append(0, np.cumsum(amounts[order])) for order in (begun, gone))
    left = went[np.searchsorted(ends[gone], here, side="right")]
    before = came[np.searchsorted(here[begun], here, side="left")] - left
    return before, came[np.searchsorted(here[begun], here, side="right")] - left


def _each_subject(subjects: NDArray[np.int64], parts: list[Part]) -> Iterator[list[Part]]:
    """Give the parts of each subject together, in the order of the records, which are sorted."""
    edges = np.flatnonzero(np.diff(subjects)) + 1
    starts = [0, *edges.tolist(), len(parts)]
    for first, after in pairwise(starts):
        if first < after:
            yield parts[first:after]
