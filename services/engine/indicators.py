"""Compiling indicators: records, filtered, in a window, measured for each subject."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from services.engine.assembly import DAY, NUMBER, RANGE, Ref
from services.engine.few import Few
from services.engine.frames import Frame
from services.engine.language import (
    Comparison,
    Every,
    Indicator,
    Name,
    Window,
)
from services.engine.narrowing import Narrowing, OfSubject
from services.engine.numbers import MISSING, Cell, add, sum_each
from services.engine.plan import Selection, Turn
from services.engine.population import Sources
from services.engine.records import RecordScope
from services.engine.repeats import compile_filter
from services.engine.runs import Period, Periods, compile_run, unbroken_records
from services.engine.unrolled import Line
from services.engine.vocabulary import kept_by_scoring
from services.engine.windows import compile_window

_LARGEST: Final = int(np.iinfo(np.int64).max)
RECORDS_MOST: Final = 1 << 40
"""More records than any memory holds."""

Whole = Callable[[int | Name], int]
"""Gives a length that may be named."""


def compile_indicator(
    indicator: Indicator,
    scope: RecordScope,
    selections: list[Selection],
    *,
    subject: OfSubject,
) -> Ref:
    """Compile an indicator over a scope of its records.

    Args:
        indicator: What the file says.
        scope: Its records.
        selections: What the indicators so far count; gets the records of this one.
        subject: Compiles what it asks of its subject.

    Returns:
        The measure for each subject; what stands in where there is no record is for the caller to
        put in.
    """
    # What others count is worked out before anything is left out for want of records.
    narrowing = Narrowing(indicator, scope, selections, subject=subject)
    if indicator.run is None:
        with _skipped(indicator, scope) as skipped:
            looked_at = narrowing.looked_at(indicator)
            inside = select_records(looked_at, scope, selections=selections, whole=subject.whole)
            mask = narrowing.narrowed(indicator, inside)
            selections[-1] = replace(selections[-1], mask=mask)
            measured = _measure(indicator, scope, mask, len(selections) - 1)
            if skipped:
                nothing = MISSING if measured.optional else 0
                scope.assembly.empty(((mask, 0), (measured.slot, nothing)))
        return replace(measured, selections=measured.selections | narrowing.selections)
    return _run(indicator, scope, selections, subject=subject, narrowing=narrowing)


def window_turns(selections: Iterable[Selection]) -> tuple[Turn, ...]:
    """Give what tells when selections change by time alone: one for all those of one window."""
    held: dict[tuple[int, Sources], list[int]] = {}
    first: dict[tuple[int, Sources], Selection] = {}
    for one in selections:
        key = one.window, one.sources
        held.setdefault(key, []).append(one.held)
        first.setdefault(key, one)
    return tuple(
        Turn(one.turning, one.sources, tuple(dict.fromkeys(held[key])), one.key)
        for key, one in first.items()
    )


def demanded(
    ref: Ref, scope: RecordScope, selections: Sequence[Selection]
) -> list[tuple[str, int]]:
    """Give what every record of an indicator must have, with the slot of whether one lacks it.

    Args:
        ref: The indicator, compiled.
        scope: Its records.
        selections: What all indicators so far count.
    """
    return [
        (name, _lacks_any(scope, mask, slot))
        for name, slot in scope.demanded
        for mask in dict.fromkeys(_demanding(ref, scope, selections))
    ]


# Private functions -----------------------------------------------------------


def _demanding(ref: Ref, scope: RecordScope, selections: Sequence[Selection]) -> Iterator[int]:
    """Give the slots of the records that decide what an indicator comes to."""
    if scope.considered:
        # Those that are left out in the end were compared with those that are not.
        yield from scope.considered
        return
    for position in ref.selections:
        if selections[position].sources == scope.sources:
            yield selections[position].mask


@contextmanager
def _skipped(indicator: Indicator, scope: RecordScope) -> Iterator[bool]:
    """Let one subject do without an indicator where no record has the codes that it asks for."""
    parts = indicator.where.parts if isinstance(indicator.where, Every) else ()
    codes = [
        part
        for part in parts
        if isinstance(part, Comparison)
        and part.comparator in {"is", "in"}
        and scope.has_code(part.name)
    ]
    guard = scope.condition(Every(tuple(codes))) if codes else None
    if guard is None or guard.constant is not None:
        yield False
        return
    with scope.assembly.block(guard.slot):
        yield True


def _only(window: Window, period: int) -> Window:
    return replace(window, first=period, last=period)


def select_records(
    indicator: Indicator,
    scope: RecordScope,
    *,
    selections: list[Selection],
    whole: Whole,
) -> int:
    """Compile which records count, and note them; give the slot of their set."""
    before = len(scope.watched)
    where, repeated = compile_filter(indicator, scope, whole=whole)
    watched = tuple(dict.fromkeys(scope.watched[before:]))
    window = compile_window(indicator.window, scope, indicator.place, whole=whole)
    held, inside, sources = where.slot, window.slot, scope.sources
    mask = inside
    if where.constant is not True:
        mask = scope.assembly.emit(
            ("select", sources, held, inside),
            lambda frame: frame.slots[inside] & frame.slots[held],
            Line("{0} & {1}", (inside, held)),
        )
    selections.append(
        Selection(
            sources,
            mask,
            inside,
            held,
            window.turning,
            window.key,
            window.span,
            watched,
            kept_by_scoring(sources),
            before=repeated,
            day=window.columns[0],
        )
    )
    return mask


def _run(
    indicator: Indicator,
    scope: RecordScope,
    selections: list[Selection],
    *,
    subject: OfSubject,
    narrowing: Narrowing,
) -> Ref:
    assert indicator.run is not None, "asked only of runs"
    whole = subject.whole
    existing = Periods(indicator, scope, whole=whole)
    select_records(indicator, scope, selections=selections, whole=whole)
    position = len(selections) - 1
    # Periods come and go by time alone, those without records too.
    scope.assembly.moved += 1
    periods: list[Period] = []
    for number in range(indicator.window.last, indicator.window.first - 1, -1):
        one = replace(indicator, window=_only(indicator.window, number))
        inside = select_records(one, scope, selections=[], whole=whole)
        inside = narrowing.narrowed(one, inside)
        truth = subject.test(_measure(one, scope, inside, position), indicator.run)
        periods.append(Period(existing.counted(number, truth), inside))
    # What broke the run is not what the run rests on.
    behind = unbroken_records(periods, scope)
    selections[position] = replace(selections[position], mask=behind)
    return compile_run(periods, scope, existing.selections | {position})


def _lacks_any(scope: RecordScope, mask: int, of: int) -> int:
    """Add a step: whether a record that counts lacks a value; give its slot."""
    sources = scope.sources

    def step(frame: Frame) -> Cell:
        rows, values = frame.slots[mask], frame.slots[of]
        if isinstance(rows, int):
            lacking = values.get(MISSING, 0) if type(values) is Few else -(values == MISSING)
            return rows & lacking != 0
        lacks = np.flatnonzero(rows & (values == MISSING))
        if frame.population.size == 1:
            return lacks.size > 0
        chosen = frame.population.of(sources).subjects.take(lacks)
        return np.bincount(chosen, minlength=frame.population.size) > 0

    return scope.assembly.emit(("lacks", sources, mask, of), step)


def _measure(indicator: Indicator, scope: RecordScope, mask: int, position: int) -> Ref:
    sources, measure = scope.sources, indicator.measure
    selections = frozenset({position})
    if measure == "count":
        line = Line("{0}.bit_count()", (mask,), "type({0}) is int")
        slot = scope.assembly.emit(("count", mask), _counting(sources, mask), line)
        return Ref(slot, NUMBER, selections=selections, bound=RECORDS_MOST)
    if measure in {"first_day", "last_day"}:
        of = scope.widened(scope.resolve(indicator.window.day, indicator.place))
        kind_of, scale = DAY, 0
    else:
        assert indicator.of is not None, "the reader gives every other measure its operand"
        of = scope.expression(indicator.of)
        kind_of, scale = of.type, of.scale
    function = _MEASURES[measure]
    bound = of.bound
    if measure == "sum" and bound is not None:
        bound *= RECORDS_MOST
    slot = scope.assembly.emit(
        (measure, mask, of.slot),
        partial(function, sources=sources, mask=mask, of=of.slot),
        _of_few(measure, mask, of.slot, safe=bound is not None and bound < RANGE),
    )
    if measure == "distinct":
        return Ref(slot, NUMBER, selections=selections, bound=RECORDS_MOST)
    return Ref(slot, kind_of, scale, measure != "sum", selections, bound=bound)


def _counting(sources: Sources, mask: int) -> Callable[[Frame], Cell]:
    def step(frame: Frame) -> Cell:
        rows = frame.slots[mask]
        if isinstance(rows, int):
            return rows.bit_count()
        if frame.population.size == 1:
            return int(np.count_nonzero(rows))
        subjects = frame.population.of(sources).subjects
        # Rows by their positions are taken three times as fast as by a truth for each.
        chosen = subjects.take(np.flatnonzero(rows))
        return np.bincount(chosen, minlength=frame.population.size)

    return step


def _few(frame: Frame, mask: int, of: int) -> Few:
    """Give the numbers of the records that count, and which of them have each."""
    rows, values = frame.slots[mask], frame.slots[of]
    found = Few()
    if type(values) is not Few:
        values = {values: rows} if rows else found
    for number, having in values.items():
        both = having & rows
        if both and number != MISSING:
            found[number] = both
    return found


def _of_few(measure: str, mask: int, of: int, *, safe: bool) -> Line | None:
    """Write a measure of few records out; nothing for a sum that may be too large."""
    if measure == "sum" and not safe:
        return None
    start, test, counted = _WRITTEN[measure]
    loop = (
        f"found = {start}",
        "for one, rows in {1}.items():",
        f"    if rows & {{0}} and one != MISSING{test}:",
        f"        found {counted}",
    )
    return Line("found", (mask, of), "type({0}) is int and type({1}) is Few", loop)


def _chosen(frame: Frame, sources: Sources, mask: int, of: int) -> tuple[Any, Any]:
    selected = np.flatnonzero(frame.slots[mask])
    subjects = frame.population.of(sources).subjects[selected]
    values = frame.slots[of]
    if isinstance(values, int):
        values = np.full(selected.shape, values, dtype=np.int64)
    else:
        values = values[selected]
    present = values != MISSING
    if present.all():
        return subjects, values
    return subjects[present], values[present]


def _sum(frame: Frame, sources: Sources, mask: int, of: int) -> Cell:
    if isinstance(frame.slots[mask], int):
        total = 0
        for number, rows in _few(frame, mask, of).items():
            total += number * rows.bit_count()
        return add(total, 0)
    subjects, values = _chosen(frame, sources, mask, of)
    if frame.population.size == 1:
        return add(sum(values.tolist()), 0)
    return sum_each(subjects, values, frame.population.size)


def _greatest(frame: Frame, sources: Sources, mask: int, of: int) -> Cell:
    if isinstance(frame.slots[mask], int):
        return max(_few(frame, mask, of), default=MISSING)
    subjects, values = _chosen(frame, sources, mask, of)
    if frame.population.size == 1:
        return max(values.tolist(), default=MISSING)
    found = np.full(frame.population.size, MISSING, dtype=np.int64)
    np.maximum.at(found, subjects, values)
    return found


def _smallest(frame: Frame, sources: Sources, mask: int, of: int) -> Cell:
    if isinstance(frame.slots[mask], int):
        return min(_few(frame, mask, of), default=MISSING)
    subjects, values = _chosen(frame, sources, mask, of)
    if frame.population.size == 1:
        return min(values.tolist(), default=MISSING)
    found = np.full(frame.population.size, _LARGEST, dtype=np.int64)
    np.minimum.at(found, subjects, values)
    return np.where(found == _LARGEST, MISSING, found)


def _distinct(frame: Frame, sources: Sources, mask: int, of: int) -> Cell:
    if isinstance(frame.slots[mask], int):
        return len(_few(frame, mask, of))
    subjects, values = _chosen(frame, sources, mask, of)
    if frame.population.size == 1:
        return len(set(values.tolist()))
    pairs = np.unique(np.stack([subjects, values], axis=1), axis=0)
    return np.bincount(pairs[:, 0], minlength=frame.population.size)


_FIRST: Final = ("MISSING", " and (found == MISSING or one < found)", "= one")
_LAST: Final = ("MISSING", " and one > found", "= one")
# What a measure of few records begins with, when it takes one in besides, and how.
_WRITTEN: Final[dict[str, tuple[str, str, str]]] = {
    "sum": ("0", "", "+= one * (rows & {0}).bit_count()"),
    "distinct": ("0", "", "+= 1"),
    "max": _LAST,
    "min": _FIRST,
    "last_day": _LAST,
    "first_day": _FIRST,
}

_MEASURES: Final[dict[str, Callable[..., Cell]]] = {
    "sum": _sum,
    "distinct": _distinct,
    "max": _greatest,
    "min": _smallest,
    "last_day": _greatest,
    "first_day": _smallest,
}
