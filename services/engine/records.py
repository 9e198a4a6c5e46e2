"""Compiling over records: filters, sums and windows of one source of records, or of several."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.assembly import Assembly, Ref
from services.engine.conditions import Scope, member_of
from services.engine.days import NEVER, next_full, next_full_each
from services.engine.few import Few, holding, spread
from services.engine.frames import Frame, Step
from services.engine.language import Expression, Lookup, Place
from services.engine.numbers import MISSING, Cell
from services.engine.operations import Function, text_of
from services.engine.population import Sources
from services.engine.unrolled import TERMS_MOST, Line, quoted
from services.engine.vocabulary import Attribute, AttributeType, Vocabulary

ALWAYS_THERE: Final = "event_date"
"""Attribute that every record has."""

EARLIER: Final = "earlier"
"""Name of how many records a record repeats, where an indicator asks, see `repeats`."""

_OPTIONAL: Final = frozenset(
    {AttributeType.DAY, AttributeType.NUMBER, AttributeType.INDUSTRY, AttributeType.DIVISION}
)


class RecordScope(Scope):
    """Names inside a filter or a measure: attributes of the records, then those of the subject."""

    def __init__(
        self,
        assembly: Assembly,
        sources: Sources,
        *,
        of_subject: Callable[[str, Place], Ref | None],
        table: Callable[[Lookup, Scope], Ref],
        each: Mapping[str, Expression] | None = None,
    ) -> None:
        """Compile over records.

        Args:
            assembly: Where the steps go.
            sources: Which records, all known to the vocabulary.
            of_subject: Finds a name of the subject; nothing where there is none.
            table: Compiles a table's output in a scope.
            each: Expressions over the record by their names here.
        """
        super().__init__(assembly)
        self.sources = sources
        self.used: set[str] = set()
        # Names of the subject that the records are compared with, or measured by.
        self.asked: set[str] = set()
        # Values of records without which there is no result, and what gives them.
        self.demanded: list[tuple[str, int]] = []
        # Slots of the records of which an indicator chooses some in the end; none where it has all.
        self.considered: list[int] = []
        # Days of records that the day asked for is compared with: slot, and how much later.
        self.watched: list[tuple[int, int]] = []
        self._of_subject = of_subject
        self._table = table
        self._each = dict(each or {})
        self._words = common_attributes(assembly.vocabulary, sources)
        self._open: list[str] = []
        # Gives how many of its like came before a record; none where an indicator does not ask.
        self.repeated: Callable[[], Ref] | None = None

    def resolve(self, name: str, place: Place) -> Ref:
        """Find an attribute of the record, an expression over it, or a name of the subject."""
        if name == EARLIER and self.repeated is not None:
            return self.repeated()
        if name in self._each:
            return self._named(name, place)
        attribute = self._words.get(name)
        if attribute is None:
            return self._spread(name, place)
        self.used.add(name)
        sources = self.sources
        key = f"{'+'.join(sources)}.{name}"

        def step(frame: Frame) -> Cell:
            return frame.population.column(key, sources, name)

        line = Line("found", when=f"(found := few.get({quoted(key)})) is not None")
        slot = self.assembly.emit(("record", key), step, line)
        optional = name != ALWAYS_THERE and (attribute.optional or attribute.type in _OPTIONAL)
        return Ref(slot, attribute, optional=optional, narrow=True)

    def _named(self, name: str, place: Place) -> Ref:
        if name in self._open:
            raise self.assembly.refuse(place, "cycle", f"{name!r} is worked out from itself")
        self._open.append(name)
        try:
            return self.expression(self._each[name])
        finally:
            self._open.pop()

    def _spread(self, name: str, place: Place) -> Ref:
        """Give every record what its subject has."""
        ref = self._of_subject(name, place)
        if ref is None:
            known = ", ".join([*self._words, *self._each])
            kinds = " and ".join(self.sources)
            raise self.assembly.refuse(
                place, "unknown-name", f"{kinds} has no {name!r}; it has {known}"
            )
        self.asked.add(name)
        slot, sources = ref.slot, self.sources

        def step(frame: Frame) -> Cell:
            values = frame.slots[slot]
            if isinstance(values, np.ndarray) and values.ndim:
                return values[frame.population.of(sources).subjects]
            return values

        spread_slot = self.assembly.emit(("of subject", sources, slot), step)
        return Ref(
            spread_slot,
            ref.type,
            ref.scale,
            ref.optional,
            ref.selections,
            constant=ref.constant,
            narrow=ref.narrow,
            bound=ref.bound,
        )

    def of_subject(self, name: str, place: Place) -> Ref | None:
        """Find a name of the subject, as wide as numbers are; nothing where there is none."""
        ref = self._of_subject(name, place)
        if ref is None:
            return None
        self.asked.add(name)
        return self.widened(ref)

    def demand(self, name: str, slot: int) -> None:
        """Note a value that every record that counts must have."""
        self.demanded.append((name, slot))
        self.assembly.keep(slot, whole=True)

    def has_code(self, name: str) -> bool:
        """Say whether a name is an attribute of the record that is a code or a truth."""
        return self.has(name) and self._words[name].type in {AttributeType.CODE, AttributeType.FLAG}

    def find_table(self, lookup: Lookup) -> Ref:
        """Compile a table's output for each record."""
        return self._table(lookup, self)

    def calculate(self, key: tuple[Any, ...], slots: tuple[int, ...], function: Function) -> int:
        """Add a step: numbers of records as a function of numbers."""
        return self.assembly.emit(key, _over_records(slots, function, spread))

    def decide(
        self,
        key: tuple[Any, ...],
        slots: tuple[int, ...],
        function: Function,
        *,
        text: str = "",
        shared: str = "",
    ) -> int:
        """Add a step: records for which a truth holds, as a function of numbers.

        Args:
            key: Stands for the step.
            slots: What the function takes.
            function: The truth.
            text: As in `Scope.decide`.
            shared: Name by which plans share it; empty where they do not.
        """
        if len(slots) == 1:
            step = _holding_one(slots[0], function, self.sources)
        elif len(slots) == 2:  # noqa: PLR2004 -- most of the others compare with the day asked for.
            step = _holding_two(slots[0], slots[1], function, self.sources)
        elif len(slots) == 3:  # noqa: PLR2004 -- windows of two columns on the day asked for.
            step = _holding_three(slots, function, self.sources)
        else:
            step = _held(_over_records(slots, function, holding), self.sources)
        if shared:
            return self.assembly.share(key, step, shared)
        return self.assembly.emit(key, step, _held_by(text or text_of(function), slots))

    def has(self, name: str) -> bool:
        """Say whether a name is an attribute of the record, and nothing else."""
        return name in self._words and name not in self._each

    def of_record(self, name: str) -> bool:
        """Say whether a name is an attribute of the record, or worked out for each."""
        return name in self._words or name in self._each

    def equal(self, key: tuple[Any, ...], slot: int, constant: int) -> int:
        """Add a step: records that have a number."""
        sources = self.sources

        def step(frame: Frame) -> Cell:
            values = frame.slots[slot]
            if type(values) is Few:
                return values.get(constant, 0)
            found = values == constant
            return frame.population.every(sources, found) if type(found) is bool else found

        return self.assembly.emit(key, step, _of_few((constant,), slot))

    def among(self, key: tuple[Any, ...], slot: int, constants: tuple[int, ...]) -> int:
        """Add a step: records that have one of some numbers."""
        sources, member = self.sources, member_of(constants)

        def step(frame: Frame) -> Cell:
            values = frame.slots[slot]
            if type(values) is Few:
                held = 0
                for number in constants:
                    held |= values.get(number, 0)
                return held
            found = member(values)
            return frame.population.every(sources, found) if type(found) is bool else found

        return self.assembly.emit(key, step, _of_few(constants, slot))

    def watch(self, ref: Ref, comparator: str) -> None:
        """Note that records change sides as the as-of day passes their day."""
        # "X before as_of" and "as_of on or before X" change on the day after X, the others on X.
        late = 1 if comparator in {"before", "on_or_after"} else 0
        self.watched.append((ref.slot, late))
        self.assembly.keep(ref.slot, whole=not ref.narrow)
        self._change(("passed", late), ref, partial(_after, late=late), late=late)

    def watch_age(self, ref: Ref, unit: str) -> None:
        """Note that the time elapsed since a day of a record changes as time goes on."""
        self.assembly.keep(ref.slot, whole=True)

        def turn(days: Cell, as_of: int) -> Cell:
            if isinstance(days, int):
                return next_full(days, as_of, unit)
            return next_full_each(days.astype(np.int32), as_of, unit)

        self._change(("age", unit), ref, turn)

    def _change(
        self,
        key: tuple[Any, ...],
        ref: Ref,
        turn: Callable[[Cell, int], Cell],
        *,
        late: int | None = None,
    ) -> None:
        """Note a change with the days of records; of few, that of plain lateness is quicker."""
        slot, sources = ref.slot, self.sources

        def change(frame: Frame) -> Cell:
            days = frame.slots[slot]
            if type(days) is Few:
                as_of = frame.as_of
                if late is not None:
                    return min([day + late for day in days if day + late > as_of], default=NEVER)
                turned = [turn(day, as_of) for day in days if day != MISSING]
                return min([day for day in turned if day > as_of], default=NEVER)
            if isinstance(days, int):
                return NEVER if days == MISSING else turn(days, frame.as_of)
            known = np.flatnonzero(days > np.iinfo(days.dtype).min)
            turned = turn(days[known], frame.as_of)
            ahead = turned > frame.as_of
            subjects = frame.population.of(sources).subjects
            return earliest(frame, subjects[known][ahead], turned[ahead])

        self.assembly.change((*key, slot, sources), change, told=late is not None)


def common_attributes(vocabulary: Vocabulary, sources: Sources) -> Mapping[str, Attribute]:
    """Give the attributes that the records of all sources have, of one type in all of them."""
    first, *others = (vocabulary.record_attributes(source) for source in sources)
    return {
        name: attribute
        for name, attribute in first.items()
        if all(other.get(name) == attribute for other in others)
    }


def earliest(
    frame: Frame, subjects: NDArray[np.int64], days: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Give for each subject the earliest of its days, or never."""
    found = np.full(frame.population.size, NEVER, dtype=np.int32)
    if days.size:
        np.minimum.at(found, subjects, days)
    return found


# Private functions -----------------------------------------------------------


def _of_few(constants: tuple[int, ...], slot: int) -> Line | None:
    """Write out which of few records have one of some numbers; nothing for many numbers."""
    if len(constants) > TERMS_MOST:
        return None
    having = " | ".join(f"{{0}}.get({number}, 0)" for number in constants)
    return Line(having, (slot,), "type({0}) is Few")


def _held_by(text: str, slots: tuple[int, ...]) -> Line | None:
    """Write out for which of few records a truth holds, of their numbers and a plain one."""
    match text, slots:
        case "", _:
            return None
        case _, (_,):
            test, when = text.format("one"), "type({0}) is Few"
        case _, (_, _):
            test, when = text.format("one", "{1}"), "type({0}) is Few and type({1}) is int"
        case _:
            return None
    loop = (
        "held = 0",
        "for one, rows in {0}.items():",
        f"    if {test}:",
        "        held |= rows",
    )
    return Line("held", slots, when, loop)


def _after(days: Cell, as_of: int, late: int) -> Cell:
    """Give the day on which the as-of day passes another; that day itself where it has passed."""
    if isinstance(days, int):
        return max(as_of, days + late)
    return np.maximum(days + np.int32(late), np.int32(as_of))


def _held(step: Step, sources: Sources) -> Step:
    """Let a truth of the subject's be one of each record."""

    def held(frame: Frame) -> Cell:
        found = step(frame)
        return frame.population.every(sources, found) if type(found) is bool else found

    return held


def _holding_one(slot: int, function: Function, sources: Sources) -> Step:
    """Make the step of most conditions; quicker than the general one."""

    def step(frame: Frame) -> Cell:
        cell = frame.slots[slot]
        if type(cell) is Few:
            held = 0
            for number, rows in cell.items():
                if function(number):
                    held |= rows
            return held
        found = function(cell)
        return frame.population.every(sources, found) if type(found) is bool else found

    return step


def _holding_two(one: int, other: int, function: Function, sources: Sources) -> Step:
    """Make the step of a comparison; quicker than the general one where only one side varies."""

    def step(frame: Frame) -> Cell:
        left, right = frame.slots[one], frame.slots[other]
        if type(left) is Few:
            if type(right) is Few:
                return holding(function, (left, right))
            held = 0
            for number, rows in left.items():
                if function(number, right):
                    held |= rows
            return held
        if type(right) is Few:
            return holding(function, (left, right))
        found = function(left, right)
        return frame.population.every(sources, found) if type(found) is bool else found

    return step


def _holding_three(slots: tuple[int, ...], function: Function, sources: Sources) -> Step:
    """Make the step of a window of two columns; quicker than the general one where both vary."""
    one, other, last = slots
    general = _held(_over_records(slots, function, holding), sources)

    def step(frame: Frame) -> Cell:
        left, right, plain = frame.slots[one], frame.slots[other], frame.slots[last]
        if type(left) is not Few or type(right) is not Few or type(plain) is Few:
            return general(frame)
        held, columns = 0, right.items()
        for number, rows in left.items():
            for another, having in columns:
                both = rows & having
                if both and function(number, another, plain):
                    held |= both
        return held

    return step


def _over_records(
    slots: tuple[int, ...], function: Function, each: Callable[..., Cell]
) -> Callable[[Frame], Cell]:
    if len(slots) == 1:
        (only,) = slots

        def single(frame: Frame) -> Cell:
            cell = frame.slots[only]
            return each(function, (cell,)) if type(cell) is Few else function(cell)

        return single

    def several(frame: Frame) -> Cell:
        cells = [frame.slots[slot] for slot in slots]
        if Few in map(type, cells):
            return each(function, cells)
        return function(*cells)

    return several
