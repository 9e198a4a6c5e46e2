"""Compiling windows: which records count on the day asked for, and when that changes."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from services.engine.assembly import Ref
from services.engine.days import (
    NEVER,
    add_months,
    add_months_each,
    elapsed,
    first_within,
    leaves_after,
    months_between,
    move_day,
    period_start,
)
from services.engine.few import Few, first_turn, number_at, united
from services.engine.frames import Frame, Step
from services.engine.language import Name, Place, Window
from services.engine.numbers import MISSING, Cell, flip, least, pick, present
from services.engine.population import Sources
from services.engine.records import ALWAYS_THERE, RecordScope, earliest
from services.engine.unrolled import Line
from services.engine.vocabulary import AttributeType

_DAYS_KEPT: Final = 256
_MONTHS: Final = {"years": 12, "months": 1}


Turned = Callable[..., Cell]
"""Gives for as-of day and columns the next day on which a record changes sides, or one past."""

Spanned = Callable[..., tuple[int, int]]
"""Gives for the numbers of a record the first day on which it is inside, and the first after."""


class Moves(NamedTuple):
    """How records move into a window and out of it.

    Attributes:
        turn: Gives the day on which a record that is not before the floor changes sides.
        span: Gives the days between which a record is inside, whatever day is asked for.
        floor: Gives for an as-of day the first day of records that may still change.
    """

    turn: Turned
    span: Spanned
    floor: Callable[[int], int | None] = lambda _as_of: None


class WindowPlan:
    """Which records a window holds, and when that changes."""

    def __init__(self, slot: int, key: str, columns: tuple[int, ...], moves: Moves) -> None:
        """Keep what compiling found.

        Args:
            slot: Slot of the records inside.
            key: Stands for the window, and for where the days of one subject's records are kept;
                empty where its records do not settle it.
            columns: Slots of what decides about a record, its day first; kept.
            moves: How records move.
        """
        self.slot = slot
        self.key = key
        self.columns = columns
        self._turn, self._span, self._floor = moves

    def span(self, frame: Frame, row: int) -> tuple[int, int]:
        """Give the first day on which a record is inside, and the first on which it is no more.

        Args:
            frame: A run.
            row: Place of the record among those of its sources.
        """
        return self.days(*[number_at(frame.slots[slot], row) for slot in self.columns])

    def days(self, first: int, *others: int) -> tuple[int, int]:
        """Give the same of a record by its numbers, whatever day is asked for.

        Args:
            first: Its day; without one it is never inside.
            others: What else `columns` name.
        """
        return (NEVER, NEVER) if first == MISSING else self._span(first, *others)

    def turning(self, frame: Frame, sources: Sources, held: tuple[int, ...]) -> Cell:
        """Give for each subject the first later day on which a record changes sides.

        Args:
            frame: A run.
            sources: Which records.
            held: Slots of those that pass a filter; any of them is enough.
        """
        as_of, passing = frame.as_of, united(frame.slots, held)
        if type(passing) is int and not passing:
            return NEVER
        cells = [frame.slots[slot] for slot in self.columns]
        if type(cells[0]) is Few:
            return first_turn(self._few_turns(frame, cells), passing, NEVER)
        days, floor = cells[0], self._floor(as_of)
        concerned = days > np.iinfo(days.dtype).min if floor is None else days >= floor
        rows = np.flatnonzero(concerned if type(passing) is int else concerned & passing)
        turned = self._turn(
            as_of, *(cell[rows] if isinstance(cell, np.ndarray) else cell for cell in cells)
        )
        ahead = turned > as_of
        subjects = frame.population.of(sources).subjects
        return earliest(frame, subjects[rows][ahead], turned[ahead].astype(np.int32))

    def _few_turns(self, frame: Frame, cells: list[Cell]) -> list[tuple[int, int]]:
        """Give the days on which few records change sides, in order, and the records."""
        shared = frame.memory if self.key and frame.memory is not None else {}
        found: list[tuple[int, int]] | None = shared.get(self.key)
        if found is None:
            found = shared[self.key] = self._turns(frame.as_of, *cells)
        return found

    def _turns(
        self, as_of: int, days: Few, other: Few | int | None = None
    ) -> list[tuple[int, int]]:
        turn, floor = self._turn, self._floor(as_of)
        found: list[tuple[int, int]] = []
        for day, rows in days.items():
            if day == MISSING or (floor is not None and day < floor):
                continue
            if other is None:
                found.append((turn(as_of, day), rows))
                continue
            for number, having in other.items() if type(other) is Few else ((other, -1),):
                both = rows & having
                if both:
                    found.append((turn(as_of, day, number), both))
        return sorted([one for one in found if one[0] > as_of])


def compile_window(
    window: Window, scope: RecordScope, place: Place, *, whole: Callable[[int | Name], int]
) -> WindowPlan:
    """Compile a window over the records of a scope.

    Args:
        window: What the file says.
        scope: The records.
        place: Where it stands.
        whole: Gives a length that may be named.
    """
    day = scope.resolve(window.day, place)
    if day.type.type is not AttributeType.DAY:
        _refuse(scope, place, f"{window.day!r} is no day")
    match window.form:
        case "valid":
            return _valid(window, scope, day, place)
        case "by_record":
            lengths = tuple((code, whole(length)) for code, length in window.lengths)
            return _by_record(window, scope, day, place=place, lengths=lengths)
        case "anniversary" | "back":
            compile_periods = _back if window.form == "back" else _anniversary
            return compile_periods(window, scope, day, place=place, months=whole(window.length))
        case _:
            length = whole(window.length)
            if window.form == "last" and length < 1:
                _refuse(scope, place, "a rolling window has at least one day, month or year")
            return _plain(window, scope, day, length=length)


def anniversary_edge(starts: Cell, as_of: int, periods: int, *, months: int) -> Cell:
    """Give the first day of a period that is counted from a day.

    Args:
        starts: The day, or a column of days; before it there is no period.
        as_of: The day asked for.
        periods: Which one: 0 for the one that holds the day asked for.
        months: How long each is.
    """
    count = elapsed(starts, as_of, "months")
    known = present(count)
    moved = (pick(known, count, 0) // months + periods) * months
    if isinstance(starts, int):
        return add_months(starts, moved) if known else MISSING
    begun = np.where(known, starts, 0).astype(np.int32)
    return np.where(known, add_months_each(begun, moved).astype(np.int64), MISSING)


# Private functions -----------------------------------------------------------


def _refuse(scope: RecordScope, place: Place, message: str) -> NoReturn:
    raise scope.assembly.refuse(place, "type", message)


# Windows with the same bounds for all records ---------------------------------------


def _plain(window: Window, scope: RecordScope, day: Ref, *, length: int) -> WindowPlan:
    # The same few days are asked for again and again.
    bounds = lru_cache(maxsize=_DAYS_KEPT)(partial(_BOUNDS[window.form], window, length))
    slot = day.slot
    unguarded = window.day == ALWAYS_THERE
    line = Line("None", (slot,), "type({0}) is Few")
    past = scope.assembly.emit(("past", slot), _past(slot), line)

    key = _key(scope, window, length)

    def step(frame: Frame) -> Cell:
        days = frame.slots[slot]
        first, last = bounds(frame.as_of)
        if type(days) is Few:
            rows, lowest = 0, MISSING + 1 if first is None else first
            for number, having in days.items():
                if lowest <= number <= last:
                    rows |= having
            return rows
        inside = frame.slots[past] if last == frame.as_of else days <= last
        if first is not None:
            return (days >= first) & inside
        return inside if unguarded else inside & (days != least(days))

    inside = scope.assembly.share(("window", scope.sources, window, length), step, _shared(key))
    moves = Moves(
        _TURNS[window.form](window, length),
        partial(_SPANS[window.form], window, length),
        lambda as_of: bounds(as_of)[0],
    )
    return WindowPlan(inside, key, (slot,), moves)


def _key(scope: RecordScope, window: Window, lengths: object) -> str:
    """Name a window that attributes of the record alone decide; empty for any other."""
    names = (window.day, window.until, window.code)
    if any(name and not scope.has(name) for name in names) or window.start:
        return ""
    return f"{scope.sources} {window} {lengths}"


def _shared(key: str) -> str:
    """Name the records inside a window for all plans; empty where they cannot share them."""
    return f"in {key}" if key else ""


def _past(slot: int) -> Step:
    """Make a step that says which days have come, once for all windows over a column."""

    def step(frame: Frame) -> Cell:
        days = frame.slots[slot]
        return None if type(days) is Few else days <= frame.as_of

    return step


def _ever_bounds(_window: Window, _length: int, as_of: int) -> tuple[int | None, int]:
    return None, as_of


def _last_bounds(window: Window, length: int, as_of: int) -> tuple[int | None, int]:
    return first_within(as_of, window.unit, length), as_of


def _calendar_bounds(window: Window, _length: int, as_of: int) -> tuple[int | None, int]:
    first = period_start(as_of, window.unit, window.first)
    after = period_start(as_of, window.unit, window.last + 1)
    return first, min(after - 1, as_of)


def _ever_turn(_window: Window, _length: int) -> Turned:
    return lambda _as_of, days: days


def _last_turn(window: Window, length: int) -> Turned:
    months = _MONTHS.get(window.unit, 0) * length

    def turn(as_of: int, days: Cell) -> Cell:
        if isinstance(days, int):
            if days > as_of:
                return days
            return add_months(days, months) if months else days + length
        after = leaves_after(days.astype(np.int32), window.unit, length)
        return np.where(days > as_of, days, after)

    return turn


def _calendar_turn(window: Window, _length: int) -> Turned:
    def turn(as_of: int, days: Cell) -> Cell:
        # A record in or after the window's periods moves at the next turn of the calendar at the
        # earliest; one ahead in the present period on its own day.
        turned = period_start(as_of, window.unit, 1)
        if isinstance(days, int):
            return min(days, turned) if days > as_of else turned
        return np.where(days > as_of, np.minimum(days, np.int32(turned)), np.int32(turned))

    return turn


_BOUNDS: Final = {"ever": _ever_bounds, "last": _last_bounds, "calendar": _calendar_bounds}


def _ever_span(_window: Window, _length: int, day: int) -> tuple[int, int]:
    return day, NEVER


def _last_span(window: Window, length: int, day: int) -> tuple[int, int]:
    months = _MONTHS.get(window.unit, 0) * length
    return day, add_months(day, months) if months else day + length


def _calendar_span(window: Window, _length: int, day: int) -> tuple[int, int]:
    begins = period_start(day, window.unit, -window.last)
    return max(day, begins), period_start(day, window.unit, 1 - window.first)


_TURNS: Final = {"ever": _ever_turn, "last": _last_turn, "calendar": _calendar_turn}
_SPANS: Final = {"ever": _ever_span, "last": _last_span, "calendar": _calendar_span}


# Windows with bounds of each record's own ---------------------------------------------


def _valid(window: Window, scope: RecordScope, day: Ref, place: Place) -> WindowPlan:
    until = scope.resolve(window.until, place)
    if until.type.type is not AttributeType.DAY:
        _refuse(scope, place, f"{window.until!r} is no day")

    def inside(first: Cell, after: Cell, as_of: int) -> Cell:
        if isinstance(first, int) and isinstance(after, int):
            return MISSING < first <= as_of and (after > as_of or after == MISSING)
        lasts = (after > as_of) | flip(present(after))
        return present(first) & (first <= as_of) & lasts

    def turn(as_of: int, first: Cell, after: Cell) -> Cell:
        if isinstance(first, int) and isinstance(after, int):
            return first if first > as_of else after
        return pick(first > as_of, first, pick(present(after), after, as_of))

    def span(first: int, after: int) -> tuple[int, int]:
        return first, NEVER if after == MISSING else after

    key = _key(scope, window, ())
    slot = scope.decide(
        ("window", scope.sources, window),
        (day.slot, until.slot, scope.as_of()),
        inside,
        shared=_shared(key),
    )
    return WindowPlan(slot, key, (day.slot, until.slot), Moves(turn, span))


def _months_of(
    window: Window,
    scope: RecordScope,
    code: Ref,
    *,
    place: Place,
    lengths: tuple[tuple[str, int], ...],
) -> NDArray[np.int64]:
    """Give the months of each code of records, by its number."""
    if code.type.type is not AttributeType.CODE:
        _refuse(scope, place, f"{window.code!r} is no code")
    if code.optional:
        _refuse(scope, place, f"not every record has {window.code!r}")
    numbers = scope.codes(code.type.codes)
    if unknown := [name for name, _ in lengths if name not in numbers]:
        _refuse(scope, place, f"no codes of {window.code!r}: {', '.join(unknown)}")
    given = {name for name, _ in lengths}
    if left_out := [name for name in numbers if name not in given]:
        raise scope.assembly.refuse(
            place,
            "missing-length",
            f"'months' says nothing of {', '.join(left_out)}; give 0 for what never counts",
        )
    months = np.zeros(max(numbers.values()) + 1, dtype=np.int64)
    for name, length in lengths:
        months[numbers[name]] = length
    return months


def _by_record(
    window: Window,
    scope: RecordScope,
    day: Ref,
    *,
    place: Place,
    lengths: tuple[tuple[str, int], ...],
) -> WindowPlan:
    code = scope.resolve(window.code, place)
    months = _months_of(window, scope, code, place=place, lengths=lengths)
    counted: list[int] = months.tolist()

    @lru_cache(maxsize=_DAYS_KEPT)
    def firsts(as_of: int) -> tuple[list[int], NDArray[np.int64]]:
        # No day that counts is as late as the day after the one asked for.
        days = [first_within(as_of, "months", int(one)) if one else as_of + 1 for one in months]
        return days, np.array(days, dtype=np.int64)

    def inside(days: Cell, codes: Cell, as_of: int) -> Cell:
        one, each = firsts(as_of)
        if isinstance(days, int) and isinstance(codes, int):
            return one[codes] <= days <= as_of
        return (days >= (one if isinstance(codes, int) else each)[codes]) & (days <= as_of)

    def turn(as_of: int, days: Cell, codes: Cell) -> Cell:
        if isinstance(days, int):
            return days if days > as_of else add_months(days, counted[codes])
        after = add_months_each(days.astype(np.int32), months[codes.astype(np.int64)])
        return np.where(days > as_of, days, after)

    def span(day: int, code: int) -> tuple[int, int]:
        return day, add_months(day, counted[code])

    key = _key(scope, window, lengths)
    slot = scope.decide(
        ("window", scope.sources, window, lengths),
        (day.slot, code.slot, scope.as_of()),
        inside,
        shared=_shared(key),
    )
    moves = Moves(turn, span, lambda as_of: min(firsts(as_of)[0]))
    return WindowPlan(slot, key, (day.slot, code.slot), moves)


def _start(window: Window, scope: RecordScope, place: Place, months: int) -> Ref:
    """Find the day from which periods are counted."""
    start = scope.widened(scope.resolve(window.start, place))
    if start.type.type is not AttributeType.DAY:
        _refuse(scope, place, f"{window.start!r} is no day")
    if months < 1:
        _refuse(scope, place, "a period has at least one month")
    # Where the day hangs on records, a further one moves the window, and others out of it.
    scope.assembly.moved += bool(start.selections)
    return start


def _back(window: Window, scope: RecordScope, day: Ref, *, place: Place, months: int) -> WindowPlan:
    start = _start(window, scope, place, months)
    first, after = window.first * months, (window.last + 1) * months

    def inside(days: Cell, starts: Cell, as_of: int) -> Cell:
        began = move_day(starts, "months", first)
        ended = move_day(starts, "months", after)
        return (days >= began) & (days < ended) & (days <= as_of) & present(began)

    def turn(as_of: int, days: Cell, _starts: Cell) -> Cell:
        return pick(days > as_of, days, as_of)

    def span(day: int, start: int) -> tuple[int, int]:
        there = start != MISSING and add_months(start, first) <= day < add_months(start, after)
        return (day, NEVER) if there else (NEVER, NEVER)

    slot = scope.decide(
        ("window", scope.sources, window, months), (day.slot, start.slot, scope.as_of()), inside
    )
    return WindowPlan(slot, "", (day.slot, start.slot), Moves(turn, span))


def _anniversary(
    window: Window, scope: RecordScope, day: Ref, *, place: Place, months: int
) -> WindowPlan:
    start = _start(window, scope, place, months)
    edges = partial(anniversary_edge, months=months)

    def inside(days: Cell, starts: Cell, as_of: int) -> Cell:
        first = edges(starts, as_of, window.first)
        after = edges(starts, as_of, window.last + 1)
        return (days >= first) & (days < after) & (days <= as_of) & present(first)

    def turn(as_of: int, days: Cell, starts: Cell) -> Cell:
        after = edges(starts, as_of, 1)
        begins = pick(present(starts) & (starts > as_of), starts, as_of)
        turned = pick(present(after), after, begins)
        ahead = (days > as_of) & (days < turned)
        return pick(ahead, days, turned)

    def span(day: int, begun: int) -> tuple[int, int]:
        if begun == MISSING:
            return NEVER, NEVER
        period = months_between(begun, day) // months
        begins = add_months(begun, (period - window.last) * months)
        # Before the first period there is none.
        return max(day, begins, begun), add_months(begun, (period + 1 - window.first) * months)

    slot = scope.decide(
        ("window", scope.sources, window, months), (day.slot, start.slot, scope.as_of()), inside
    )
    return WindowPlan(slot, "", (day.slot, start.slot), Moves(turn, span))
