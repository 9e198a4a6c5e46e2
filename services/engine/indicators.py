"""Compiling indicators: records of a kind, filtered, in a window, measured for each subject."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from services.engine.compiling import DAY, NUMBER, Assembly, Ref, Scope
from services.engine.days import (
    NEVER,
    add_months_each,
    first_within,
    leaves_after,
    period_start,
)
from services.engine.language import Indicator, Lookup, Place, Window
from services.engine.numbers import MISSING, Cell, least
from services.engine.plan import Frame, Selection
from services.engine.population import RecordColumns
from services.engine.vocabulary import AttributeType, RecordKind

_LARGEST: Final = int(np.iinfo(np.int64).max)
_EMPTY: Final = np.zeros(0, dtype=np.int64)
_NO_RECORDS: Final = RecordColumns(_EMPTY, _EMPTY, {})
_DAYS_KEPT: Final = 256
# More records than any memory holds.
_RECORDS_MOST: Final = 1 << 40
_ALWAYS_THERE: Final = "event_date"


class RecordScope(Scope):
    """Names inside a filter or a sum: the attributes of one kind of record."""

    def __init__(
        self, assembly: Assembly, kind: str, table: Callable[[Lookup, Scope], Ref]
    ) -> None:
        """Compile over the records of a kind.

        Args:
            assembly: Where the steps go.
            kind: Name of the kind, known to the vocabulary.
            table: Compiles a table's output in a scope.
        """
        super().__init__(assembly)
        self.kind = kind
        self.used: set[str] = set()
        self._words: RecordKind = assembly.vocabulary.kinds[kind]
        self._table = table

    def resolve(self, name: str, place: Place) -> Ref:
        """Find an attribute of the record."""
        attribute = self._words.attributes.get(name)
        if attribute is None:
            known = ", ".join(self._words.attributes)
            raise self.assembly.refuse(
                place, "unknown-name", f"{self.kind} has no {name!r}; it has {known}"
            )
        self.used.add(name)
        kind = self.kind

        def step(frame: Frame) -> Cell:
            records = frame.population.records.get(kind)
            return _EMPTY if records is None else records.columns[name]

        slot = self.assembly.emit(("record", kind, name), step)
        optional = attribute.type in _OPTIONAL and name != _ALWAYS_THERE
        return Ref(slot, attribute, optional=optional, narrow=True)

    def find_table(self, lookup: Lookup) -> Ref:
        """Compile a table's output for each record."""
        return self._table(lookup, self)

    def watch(self, ref: Ref, comparator: str) -> None:
        """Note that records change sides as the as-of day passes their day."""
        slot, kind = ref.slot, self.kind
        # "X before as_of" and "as_of on or before X" change on the day after X, the others on X.
        late = comparator in {"before", "on_or_after"}

        def change(frame: Frame) -> NDArray[np.int32]:
            days: NDArray[np.int32] = frame.slots[slot]
            records = _records(frame, kind)
            ahead = days >= frame.as_of if late else days > frame.as_of
            moved = days[ahead] + np.int32(1 if late else 0)
            return earliest(frame, records.subjects[ahead], moved)

        self.assembly.changes.append(change)


_OPTIONAL: Final = frozenset(
    {AttributeType.DAY, AttributeType.NUMBER, AttributeType.INDUSTRY, AttributeType.DIVISION}
)


def earliest(
    frame: Frame, subjects: NDArray[np.int64], days: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Give for each subject the earliest of its days, or never."""
    found = np.full(frame.population.size, NEVER, dtype=np.int32)
    if days.size:
        np.minimum.at(found, subjects, days)
    return found


def compile_indicator(
    indicator: Indicator, scope: RecordScope, selections: list[Selection]
) -> tuple[Ref, int]:
    """Compile an indicator over a scope of its kind.

    Returns:
        The measure for each subject, and the position of the indicator's selection. What stands
        in where there is no record is for the caller to put in.
    """
    assembly = scope.assembly
    where = scope.condition(indicator.where)
    window = _window(indicator.window, scope, indicator.place)
    held, inside = where.slot, window.slot
    mask = assembly.emit(
        ("select", indicator.kind, held, inside),
        lambda frame: frame.slots[inside] & frame.slots[held],
    )
    leaving = partial(window.leaving, mask=mask, held=held)
    selections.append(Selection(indicator.kind, mask, leaving))
    position = len(selections) - 1
    return _measure(indicator, scope, mask, position), position


# Private functions -----------------------------------------------------------


def _records(frame: Frame, kind: str) -> RecordColumns:
    return frame.population.records.get(kind, _NO_RECORDS)


class _WindowPlan:
    """Which records a window holds, and when that changes."""

    def __init__(self, slot: int, leaving: Callable[..., NDArray[np.int32]]) -> None:
        self.slot = slot
        self.leaving = leaving


def _window(window: Window, scope: RecordScope, place: Place) -> _WindowPlan:
    day = scope.resolve(window.day, place)
    if day.type.type is not AttributeType.DAY:
        _refuse(scope, place, f"{window.day!r} is no day")
    if window.form == "valid":
        return _valid(window, scope, day, place)
    if window.form == "by_record":
        return _by_record(window, scope, day, place)
    bounds = _bounds_of(window)
    slot, kind = day.slot, scope.kind
    unguarded = window.day == _ALWAYS_THERE

    def step(frame: Frame) -> Cell:
        days = frame.slots[slot]
        first, last = bounds(frame.as_of)
        if first is None:
            inside = days <= last
            return inside if unguarded else inside & (days != least(days))
        return (days >= first) & (days <= last)

    def leaving(frame: Frame, mask: int, held: int) -> NDArray[np.int32]:
        records, days = _records(frame, kind), frame.slots[slot]
        selected = frame.slots[mask]
        ahead = (days > frame.as_of) & frame.slots[held]
        found = earliest(frame, records.subjects[ahead], days[ahead])
        leave = _leaving_days(window, frame.as_of, days[selected])
        return np.minimum(found, earliest(frame, records.subjects[selected], leave))

    inside = scope.assembly.emit(("window", kind, window), step)
    return _WindowPlan(inside, _calendar(window, kind, slot) or leaving)


def _leaving_days(window: Window, as_of: int, days: NDArray[np.int32]) -> NDArray[np.int32]:
    if window.form == "last":
        return leaves_after(days, window.unit, window.length)
    del as_of
    return np.full(days.shape, NEVER, dtype=np.int32)


def _calendar(window: Window, kind: str, slot: int) -> Callable[..., NDArray[np.int32]] | None:
    if window.form != "calendar":
        return None
    bounds = _bounds_of(window)

    def leaving(frame: Frame, mask: int, held: int) -> NDArray[np.int32]:
        del mask
        records, days = _records(frame, kind), frame.slots[slot]
        # A record in or after the window's periods moves at the next turn of the calendar at the
        # earliest; one ahead in the present period on its own day.
        first, _ = bounds(frame.as_of)
        concerned = (days >= (first if first is not None else 0)) & frame.slots[held]
        turn = np.int32(period_start(frame.as_of, window.unit, 1))
        moves = np.where(days > frame.as_of, np.minimum(days, turn), turn)
        return earliest(frame, records.subjects[concerned], moves[concerned])

    return leaving


def _bounds_of(window: Window) -> Callable[[int], tuple[int | None, int]]:
    # The same few days are asked for again and again.
    return lru_cache(maxsize=_DAYS_KEPT)(partial(_BOUNDS[window.form], window))


def _ever_bounds(_window: Window, as_of: int) -> tuple[int | None, int]:
    return None, as_of


def _last_bounds(window: Window, as_of: int) -> tuple[int | None, int]:
    return first_within(as_of, window.unit, window.length), as_of


def _calendar_bounds(window: Window, as_of: int) -> tuple[int | None, int]:
    first = period_start(as_of, window.unit, window.first)
    after = period_start(as_of, window.unit, window.last + 1)
    return first, min(after - 1, as_of)


_BOUNDS: Final = {"ever": _ever_bounds, "last": _last_bounds, "calendar": _calendar_bounds}


def _valid(window: Window, scope: RecordScope, day: Ref, place: Place) -> _WindowPlan:
    until = scope.resolve(window.until, place)
    begin, end, kind = day.slot, until.slot, scope.kind

    def step(frame: Frame) -> NDArray[np.bool_]:
        first, after = frame.slots[begin], frame.slots[end]
        lasts = (after > frame.as_of) | (after == least(after))
        inside: NDArray[np.bool_] = (first <= frame.as_of) & (first != least(first)) & lasts
        return inside

    def leaving(frame: Frame, mask: int, held: int) -> NDArray[np.int32]:
        del mask
        records, first, after = _records(frame, kind), frame.slots[begin], frame.slots[end]
        coming = (first > frame.as_of) & frame.slots[held]
        going = (after > frame.as_of) & frame.slots[held]
        return np.minimum(
            earliest(frame, records.subjects[coming], first[coming]),
            earliest(frame, records.subjects[going], after[going]),
        )

    return _WindowPlan(scope.assembly.emit(("window", kind, window), step), leaving)


def _by_record(window: Window, scope: RecordScope, day: Ref, place: Place) -> _WindowPlan:
    code = scope.resolve(window.code, place)
    if code.type.type is not AttributeType.CODE:
        _refuse(scope, place, f"{window.code!r} is no code")
    numbers = scope.codes(code.type.codes)
    if unknown := [name for name, _ in window.lengths if name not in numbers]:
        _refuse(scope, place, f"no codes of {window.code!r}: {', '.join(unknown)}")
    months = np.zeros(max(numbers.values()) + 1, dtype=np.int64)
    for name, length in window.lengths:
        months[numbers[name]] = length
    begin, length_code, kind = day.slot, code.slot, scope.kind
    until = scope.assembly.emit(
        ("until", kind, window),
        lambda frame: add_months_each(
            frame.slots[begin], months[frame.slots[length_code].astype(np.int64)]
        ),
    )

    def step(frame: Frame) -> NDArray[np.bool_]:
        first, after = frame.slots[begin], frame.slots[until]
        inside: NDArray[np.bool_] = (first <= frame.as_of) & (after > frame.as_of)
        return inside

    def leaving(frame: Frame, mask: int, held: int) -> NDArray[np.int32]:
        records, first = _records(frame, kind), frame.slots[begin]
        selected = frame.slots[mask]
        coming = (first > frame.as_of) & frame.slots[held]
        return np.minimum(
            earliest(frame, records.subjects[coming], first[coming]),
            earliest(frame, records.subjects[selected], frame.slots[until][selected]),
        )

    return _WindowPlan(scope.assembly.emit(("window", kind, window), step), leaving)


def _measure(indicator: Indicator, scope: RecordScope, mask: int, position: int) -> Ref:
    kind, measure = indicator.kind, indicator.measure
    selections = frozenset({position})
    if measure == "count":
        slot = scope.assembly.emit(("count", mask), partial(_count, kind=kind, mask=mask))
        return Ref(slot, NUMBER, selections=selections, bound=_RECORDS_MOST)
    if measure in {"first_day", "last_day"}:
        of = scope.widened(scope.resolve(indicator.window.day, indicator.place))
        kind_of, scale = DAY, 0
    else:
        assert indicator.of is not None, "the reader gives every other measure its operand"
        of = scope.expression(indicator.of)
        kind_of, scale = of.type, of.scale
    function = _MEASURES[measure]
    slot = scope.assembly.emit(
        (measure, mask, of.slot), partial(function, kind=kind, mask=mask, of=of.slot)
    )
    if measure == "distinct":
        return Ref(slot, NUMBER, selections=selections, bound=_RECORDS_MOST)
    bound = None if measure == "sum" else of.bound
    return Ref(slot, kind_of, scale, measure != "sum", selections, bound=bound)


def _count(frame: Frame, kind: str, mask: int) -> Cell:
    if frame.population.size == 1:
        return int(np.count_nonzero(frame.slots[mask]))
    subjects = _records(frame, kind).subjects
    return np.bincount(subjects[frame.slots[mask]], minlength=frame.population.size)


def _chosen(frame: Frame, kind: str, mask: int, of: int) -> tuple[Any, Any]:
    selected = frame.slots[mask]
    subjects = _records(frame, kind).subjects[selected]
    values = frame.slots[of]
    if isinstance(values, int):
        values = np.full(selected.shape, values, dtype=np.int64)
    values = values[selected]
    present = values != MISSING
    if present.all():
        return subjects, values
    return subjects[present], values[present]


def _sum(frame: Frame, kind: str, mask: int, of: int) -> Cell:
    subjects, values = _chosen(frame, kind, mask, of)
    if frame.population.size == 1:
        return sum(values.tolist())
    sums = np.zeros(frame.population.size, dtype=np.int64)
    np.add.at(sums, subjects, values)
    return sums


def _greatest(frame: Frame, kind: str, mask: int, of: int) -> Cell:
    subjects, values = _chosen(frame, kind, mask, of)
    if frame.population.size == 1:
        return max(values.tolist(), default=MISSING)
    found = np.full(frame.population.size, MISSING, dtype=np.int64)
    np.maximum.at(found, subjects, values)
    return found


def _smallest(frame: Frame, kind: str, mask: int, of: int) -> Cell:
    subjects, values = _chosen(frame, kind, mask, of)
    if frame.population.size == 1:
        return min(values.tolist(), default=MISSING)
    found = np.full(frame.population.size, _LARGEST, dtype=np.int64)
    np.minimum.at(found, subjects, values)
    return np.where(found == _LARGEST, MISSING, found)


def _distinct(frame: Frame, kind: str, mask: int, of: int) -> Cell:
    subjects, values = _chosen(frame, kind, mask, of)
    if frame.population.size == 1:
        return len(set(values.tolist()))
    pairs = np.unique(np.stack([subjects, values], axis=1), axis=0)
    return np.bincount(pairs[:, 0], minlength=frame.population.size)


_MEASURES: Final[dict[str, Callable[..., Cell]]] = {
    "sum": _sum,
    "distinct": _distinct,
    "max": _greatest,
    "min": _smallest,
    "last_day": _greatest,
    "first_day": _smallest,
}


def _refuse(scope: RecordScope, place: Place, message: str) -> NoReturn:
    raise scope.assembly.refuse(place, "type", message)
