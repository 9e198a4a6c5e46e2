"""Compiling repeats: how many of its like there were on earlier days before a record.

Records of one day are not earlier than each other, so nothing hangs on the order in which they are
recorded. Which earlier ones count is seen from the day of the record itself; so a record stays a
repeat when the one before it has long left the window of the indicator.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from services.engine.assembly import NUMBER, Ref, Truth
from services.engine.days import NEVER
from services.engine.few import Few, number_at, numbers_at, positions
from services.engine.frames import Frame, Slots
from services.engine.language import Condition, Every, Indicator, Name, Place, Repeats
from services.engine.numbers import MISSING, Cell
from services.engine.population import Sources
from services.engine.records import EARLIER, RecordScope
from services.engine.vocabulary import AttributeType
from services.engine.windows import Spanned, WindowPlan, compile_window

EARLIER_MOST: Final = 1 << 40
"""More records than any memory holds."""

Before = Callable[[Frame, Sequence[int]], list[int]]
"""Gives the places of the records that some records of a subject repeat, by their places."""


def compile_filter(
    indicator: Indicator, scope: RecordScope, *, whole: Callable[[int | Name], int]
) -> tuple[Truth, Before | None]:
    """Compile which records pass the filter of an indicator, and what gives those they repeat.

    What the filter says of `EARLIER` is asked last; what else it says must hold of earlier records
    as well.

    Args:
        indicator: What the file says.
        scope: Its records.
        whole: Gives a length that may be named.
    """
    repeats = indicator.repeats
    if repeats is None:
        return scope.condition(indicator.where), None
    if scope.has(EARLIER) or EARLIER in indicator.each:
        message = f"{EARLIER!r} is what 'repeats' counts; call what you have in 'each' otherwise"
        raise scope.assembly.refuse(repeats.place, "duplicate-name", message)
    scope.repeated = _unknown_yet
    first: list[Truth] = []
    last: list[Condition] = []
    for part in _parts(indicator.where):
        demanded, watched = len(scope.demanded), len(scope.watched)
        try:
            first.append(scope.condition(part))
        except _EarlierAskedError:
            del scope.demanded[demanded:], scope.watched[watched:]
            last.append(part)
    counted = scope.joined_all(first)
    like = _like(repeats, indicator, scope, counted=counted, whole=whole)
    slot = scope.assembly.emit(
        ("earlier", scope.sources, like.candidates, like.day, like.columns, like.window.slot),
        partial(_earlier, like),
    )
    ref = Ref(slot, NUMBER, selections=counted.selections, bound=EARLIER_MOST)
    scope.repeated = lambda: ref
    return scope.joined_all([counted, *map(scope.condition, last)]), like.before


def days_each(
    spanned: Spanned, columns: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the days between which each record counts, of which few are different.

    Args:
        spanned: Gives them for the numbers of a record.
        columns: int64[n] each, those numbers.
    """
    code = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        kinds, which = np.unique(column, return_inverse=True)
        code = code * kinds.size + which.reshape(-1)
    _, firsts, which = np.unique(code, return_index=True, return_inverse=True)
    pairs = zip(*(column[firsts].tolist() for column in columns), strict=True)
    days = np.array([spanned(*numbers) for numbers in pairs], dtype=np.int64).reshape(-1, 2)
    found = days[which.reshape(-1)]
    return found[:, 0], found[:, 1]


# Private functions and classes --------------------------------------------------

_NOWHERE: Final = 1 << 33
"""More days than lie between any two."""


class _EarlierAskedError(Exception):
    """A part of the filter asks how many earlier records there were; never leaves this module."""


def _unknown_yet() -> NoReturn:
    raise _EarlierAskedError


class _Fact(NamedTuple):
    """What decides about a record: its place, its day, and when it is an earlier one."""

    row: int
    day: int
    since: int
    until: int

    def repeats(self, other: "_Fact") -> bool:
        """Say whether another of its like is an earlier one."""
        return other.since <= self.day < other.until and self.row != other.row


@dataclass(frozen=True, slots=True)
class _Like:
    """Which records are alike, and which count as earlier ones.

    Attributes:
        candidates: Slot of the records that are counted at all.
        day: Slot of the day of a record that may repeat others.
        columns: Slots of what those alike have in common.
        window: Which earlier ones count, with the slots of what decides about one.
    """

    sources: Sources
    candidates: int
    day: int
    columns: tuple[int, ...]
    window: WindowPlan

    def alike(self, frame: Frame, rows: Iterable[int]) -> list[list[_Fact]]:
        """Give what decides about some records of a subject, those alike together."""
        slots = frame.slots
        kinds: dict[tuple[int, ...], list[int]] = {}
        for row in rows:
            kind = tuple([number_at(slots[slot], row) for slot in self.columns])
            if MISSING not in kind:
                kinds.setdefault(kind, []).append(row)
        # Most records have nothing like them.
        return [
            [self._fact(slots, row) for row in several]
            for several in kinds.values()
            if len(several) > 1
        ]

    def _fact(self, slots: Slots, row: int) -> _Fact:
        first, *others = (number_at(slots[slot], row) for slot in self.window.columns)
        return _Fact(row, number_at(slots[self.day], row), *self.days(first, *others))

    def days(self, first: int, *others: int) -> tuple[int, int]:
        """Give the days on which a record repeats one of these numbers: the day after it, or on."""
        since, until = self.window.days(first, *others)
        return max(since, first + 1), until

    def before(self, frame: Frame, rows: Sequence[int]) -> list[int]:
        """Give the places of the records that some records of one subject repeat."""
        held = frame.slots[self.candidates]
        subjects = frame.population.of(self.sources).subjects
        own = np.searchsorted(subjects, [subjects[rows[0]], subjects[rows[0]] + 1])
        every = range(*own.tolist())
        wanted, found = set(rows), list[int]()
        for facts in self.alike(frame, (row for row in every if _has(held, row))):
            repeating = [one for one in facts if one.row in wanted]
            found += [one.row for one in facts if any(other.repeats(one) for other in repeating)]
        return found


def _parts(condition: Condition) -> Iterator[Condition]:
    """Give the conditions that must all hold."""
    if isinstance(condition, Every):
        for part in condition.parts:
            yield from _parts(part)
    else:
        yield condition


def _like(
    repeats: Repeats,
    indicator: Indicator,
    scope: RecordScope,
    *,
    counted: Truth,
    whole: Callable[[int | Name], int],
) -> _Like:
    try:
        columns = tuple(_same(name, scope, repeats.place) for name in dict.fromkeys(repeats.same))
        window = compile_window(repeats.window, scope, repeats.place, whole=whole)
        day = scope.resolve(indicator.window.day, indicator.place)
    except _EarlierAskedError:
        message = f"{EARLIER!r} is worked out from itself: what is the same cannot rest on it"
        raise scope.assembly.refuse(repeats.place, "cycle", message) from None
    return _Like(scope.sources, counted.slot, day.slot, columns, window)


def _same(name: str, scope: RecordScope, place: Place) -> int:
    """Give the slot of what records alike have in common."""
    if not scope.of_record(name):
        kinds = " and ".join(scope.sources)
        message = f"{kinds} has no {name!r} that two records could have the same"
        raise scope.assembly.refuse(place, "unknown-name", message)
    ref = scope.resolve(name, place)
    if ref.type.type is AttributeType.CODES:
        message = f"{name!r} is a set of codes, of which two records may share some; name one code"
        raise scope.assembly.refuse(place, "type", message)
    return ref.slot


def _has(held: Cell, row: int) -> bool:
    """Say whether a record is in a set, a column of truths, or a truth for all."""
    if isinstance(held, np.ndarray):
        return bool(held[row])
    return held if isinstance(held, bool) else held >> row & 1 == 1


def _earlier(like: _Like, frame: Frame) -> Cell:
    """Give how many records each record repeats; 0 for those that are not counted."""
    held, records = frame.slots[like.candidates], frame.population.of(like.sources)
    if isinstance(held, bool):
        held = frame.population.every(like.sources, held)
    count = records.record_ids.size
    if type(held) is int:
        return _of_few(like, frame, held, count)
    found = np.zeros(count, dtype=np.int64)
    rows = np.flatnonzero(np.broadcast_to(held, (count,)))
    kinds = [records.subjects[rows], *(numbers_at(frame.slots[one], rows) for one in like.columns)]
    known = np.all([column != MISSING for column in kinds], axis=0)
    groups = _groups([column[known] for column in kinds])
    # Most records have nothing like them.
    several = np.bincount(groups)[groups] > 1
    rows, groups = rows[known][several], groups[several]
    if rows.size:
        columns = [numbers_at(frame.slots[one], rows) for one in like.window.columns]
        since, until = days_each(like.days, columns)
        found[rows] = _counted(groups, numbers_at(frame.slots[like.day], rows), since, until)
    return found


def _of_few(like: _Like, frame: Frame, held: int, count: int) -> Few:
    left, found = (1 << count) - 1, Few()
    for facts in like.alike(frame, positions(held)):
        for one in facts:
            number = sum([one.repeats(other) for other in facts])
            if number:
                found[number] = found.get(number, 0) | 1 << one.row
                left ^= 1 << one.row
    if left:
        found[0] = left
    return found


def _groups(columns: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Give those a number in common that have the same in every column, from 0."""
    groups, *others = columns
    for column in others:
        _, which = np.unique(column, return_inverse=True)
        count = int(which.max(initial=0)) + 1
        _, groups = np.unique(groups * count + which.reshape(-1), return_inverse=True)
    return groups.reshape(-1)


def _counted(
    groups: NDArray[np.int64],
    days: NDArray[np.int64],
    since: NDArray[np.int64],
    until: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Count for each record those of its group, itself left out, that count on its day.

    Args:
        groups: int64[n], of which kind of which subject each is.
        days: int64[n], its day; `numbers.MISSING` is before every other.
        since: int64[n], first day on which it counts as an earlier one.
        until: int64[n], first day on which it does so no more.
    """
    after = np.maximum(since, until)
    there = (days > -NEVER) & (days < NEVER)
    base = groups * _NOWHERE
    asked = base + np.where(there, days, -NEVER)
    begun, gone = np.sort(base + since), np.sort(base + after)
    counts = np.searchsorted(begun, asked, side="right")
    counts -= np.searchsorted(gone, asked, side="right")
    return np.asarray(counts - ((since <= days) & (days < after)), dtype=np.int64)
