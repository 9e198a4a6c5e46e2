"""Compiling expressions and conditions: names resolved, codes to numbers, nothing twice."""

import operator
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.engine.assembly import DAY, FLAG, NUMBER, Assembly, Ref, Truth, largest_bound
from services.engine.days import day_number, elapsed, move_day, period_start
from services.engine.few import choose, first_of
from services.engine.frames import Frame
from services.engine.language import (
    Choice,
    Condition,
    Elapsed,
    Expression,
    Literal,
    Lookup,
    MovedDay,
    Name,
    Operation,
    PeriodStart,
    Place,
)
from services.engine.numbers import MISSING, Cell, multiply, pick, widen
from services.engine.operations import Function, bound_of, guarded, operation_function
from services.engine.powers import EXPONENT_PLACES
from services.engine.unrolled import TERMS_MOST, Line
from services.engine.vocabulary import AttributeType


class ExpressionScope(ABC):
    """Compiles expressions over the names of subjects, or of kinds of records."""

    def __init__(self, assembly: Assembly) -> None:
        """Compile into an assembly."""
        self.assembly = assembly
        self.vocabulary = assembly.vocabulary

    @abstractmethod
    def resolve(self, name: str, place: Place) -> Ref:
        """Find what a name means here."""

    @abstractmethod
    def condition(self, condition: Condition) -> Truth:
        """Compile a condition."""

    @abstractmethod
    def find_table(self, lookup: Lookup) -> Ref:
        """Compile a table's output here."""

    @abstractmethod
    def watch_age(self, ref: Ref, unit: str) -> None:
        """Note that the time elapsed since a day changes as time goes on."""

    @abstractmethod
    def calculate(self, key: tuple[Any, ...], slots: tuple[int, ...], function: Function) -> int:
        """Add a step: numbers as a function of numbers; give its slot."""

    # Expressions ----------------------------------------------------------------

    def expression(self, expression: Expression) -> Ref:
        """Compile an expression."""
        match expression:
            case Literal():
                return self.literal(expression)
            case Name(name, place):
                return self.widened(self.resolve(name, place))
            case Lookup():
                return self.find_table(expression)
            case Choice():
                pair = self.expression(expression.then), self.expression(expression.otherwise)
                return self.chosen(expression, *pair)
            case Operation():
                return self._operation(expression)
            case PeriodStart():
                return self._period_start(expression)
            case MovedDay():
                return self._moved(expression)
            case Elapsed():
                return self._elapsed(expression)

    def widened(self, ref: Ref) -> Ref:
        """Give an attribute as 64-bit numbers, whatever the width of its column."""
        if not ref.narrow:
            return ref
        slot = ref.slot
        line = Line("{0}", (slot,), "type({0}) is not column")
        wide = self.assembly.emit(("wide", slot), lambda frame: widen(frame.slots[slot]), line)
        return replace(ref, slot=wide, narrow=False)

    def number(self, expression: Expression) -> Ref:
        """Compile an expression that must be a number."""
        ref = self.expression(expression)
        if ref.type.type not in {AttributeType.NUMBER, AttributeType.FLAG}:
            raise self.assembly.refuse(expression.place, "not-a-number", "a number is needed here")
        return ref

    def day(self, expression: Expression) -> Ref:
        """Compile an expression that must be a day."""
        ref = self.expression(expression)
        if ref.type.type is not AttributeType.DAY:
            raise self.assembly.refuse(expression.place, "type", "a day is needed here")
        return ref

    def literal(self, literal: Literal) -> Ref:
        """Compile a number, truth or day written in the file."""
        value = literal.value
        if isinstance(value, bool):
            number, scale, kind = int(value), 0, FLAG
        elif isinstance(value, int):
            number, scale, kind = value, 0, NUMBER
        elif isinstance(value, Decimal):
            scale = max(0, -int(value.as_tuple().exponent))
            number, kind = int(value.scaleb(scale)), NUMBER
        elif isinstance(value, date):
            number, scale, kind = day_number(value), 0, DAY
        else:
            raise self.assembly.refuse(literal.place, "not-a-number", "a number is needed here")
        return Ref(self.assembly.constant(number), kind, scale, constant=number, bound=abs(number))

    def at_scale(self, ref: Ref, scale: int) -> Ref:
        """Express a number with at least as many decimals."""
        if ref.scale == scale:
            return ref
        ref = self.widened(ref)
        factor = 10 ** (scale - ref.scale)
        bound = None if ref.bound is None else ref.bound * factor
        if ref.constant is not None:
            number = ref.constant * factor
            slot = self.assembly.constant(number)
            return Ref(slot, ref.type, scale, constant=number, bound=abs(number))
        scaled = replace(ref, scale=scale, bound=bound)
        grow = operator.mul if scaled.safe else multiply
        function = guarded(lambda values: grow(values, factor), (0,) if ref.optional else ())
        slot = self.calculate(("scale", ref.slot, ref.scale, scale), (ref.slot,), function)
        return replace(scaled, slot=slot)

    def _period_start(self, start: PeriodStart) -> Ref:
        unit, offset = start.unit, start.offset

        def change(frame: Frame) -> NDArray[np.int32]:
            turn = period_start(frame.as_of, unit, 1)
            return np.full(frame.population.size, turn, dtype=np.int32)

        self.assembly.change(("period", unit), change)
        slot = self.assembly.emit(
            ("period", unit, offset), lambda frame: period_start(frame.as_of, unit, offset)
        )
        return Ref(slot, DAY)

    def _moved(self, moved: MovedDay) -> Ref:
        if isinstance(moved.day, Name) and moved.day.name == "as_of":
            raise self.assembly.refuse(
                moved.place, "type", "move the other day instead, and compare it with as_of"
            )
        ref, unit = self.day(moved.day), moved.unit
        length = moved.length
        shifted = self.calculate(
            ("moved", ref.slot, unit, length),
            (ref.slot,),
            lambda days: move_day(days, unit, length),
        )
        return replace(ref, slot=shifted, constant=None)

    def _elapsed(self, span: Elapsed) -> Ref:
        first, unit = self.day(span.start), span.unit
        if span.end is None:
            last = Ref(self.as_of(), DAY)
            self.watch_age(first, unit)
        else:
            last = self.day(span.end)
        slot = self.calculate(
            ("elapsed", unit, first.slot, last.slot),
            (first.slot, last.slot),
            lambda start, end: elapsed(start, end, unit),
        )
        return Ref(slot, NUMBER, 0, optional=True, selections=first.selections | last.selections)

    def as_of(self) -> int:
        """Give the slot of the day asked for."""
        return self.assembly.emit(("as_of",), lambda frame: frame.as_of, Line("frame.as_of"))

    def chosen(self, choice: Choice, then: Ref, other: Ref) -> Ref:
        """Compile a choice between two expressions that are compiled."""
        when = self.condition(choice.when)
        scale = max(then.scale, other.scale)
        then, other = self.at_scale(then, scale), self.at_scale(other, scale)
        test, yes, no = when.slot, then.slot, other.slot
        slot = self.assembly.emit(
            ("choice", test, yes, no),
            lambda frame: choose(frame.slots[test], frame.slots[yes], frame.slots[no]),
        )
        return Ref(
            slot,
            then.type,
            scale,
            then.optional or other.optional,
            when.selections | then.selections | other.selections,
            bound=largest_bound((then, other)),
        )

    def _operation(self, operation: Operation) -> Ref:
        word = operation.operator
        if word == "sum":
            message = (
                f"the version has no codes {operation.each!r} whose words could be added up here"
            )
            raise self.assembly.refuse(operation.place, "each", message)
        return self.worked_out(operation, [self.number(one) for one in operation.operands])

    def worked_out(self, operation: Operation, operands: list[Ref]) -> Ref:
        """Compile an operation on operands that are compiled; what it gives is a number."""
        word = operation.operator
        if word == "power":
            self._check_exponent(operands[1], operation)
        if word == "multiply":
            scale = sum(operand.scale for operand in operands)
        elif word in {"divide", "power", "round"}:
            scale = operation.places
        else:
            scale = max(operand.scale for operand in operands)
            operands = [self.at_scale(operand, scale) for operand in operands]
        optional = any(operand.optional for operand in operands) or word in {"divide", "power"}
        slots = tuple(operand.slot for operand in operands)
        function = operation_function(operation, operands)
        key = (word, operation.places, operation.rounding, slots)
        slot = self.calculate(key, slots, function)
        selections = frozenset[int]().union(*(operand.selections for operand in operands))
        return Ref(slot, NUMBER, scale, optional, selections, bound=bound_of(word, operands))

    def _check_exponent(self, exponent: Ref, operation: Operation) -> None:
        """Refuse a power that is neither a whole number nor a short one written in the file."""
        if exponent.scale > (0 if exponent.constant is None else EXPONENT_PLACES):
            raise self.assembly.refuse(
                operation.operands[1].place,
                "exponent",
                "a power is a whole number, or one written here with at most"
                f" {EXPONENT_PLACES} decimals; 0.5 is the square root",
            )


def first_number(
    numbers: Sequence[object], tests: tuple[int, ...], otherwise: str, slots: tuple[int, ...] = ()
) -> Line | None:
    """Write out what the first truth that holds gives; nothing for many of them.

    Args:
        numbers: What each gives.
        tests: Slots of the truths, of a subject.
        otherwise: What stands in where none holds.
        slots: Slots that the numbers name, after those of the truths.
    """
    if len(tests) > TERMS_MOST:
        return None
    rows = "".join(f"{number} if {{{row}}} else " for row, number in enumerate(numbers))
    return Line(rows + otherwise, (*tests, *slots))


def picked_rows(
    assembly: Assembly,
    tests: tuple[int, ...],
    values: tuple[int, ...],
    otherwise: int | None,
    *,
    of_subject: bool,
) -> int:
    """Add a step: the value of the first test that holds; give its slot.

    Args:
        assembly: Where the step goes.
        tests: Slots of truths, in order.
        values: Slots of what each gives.
        otherwise: Slot of what stands in where none holds; none where nothing does.
        of_subject: Whether the truths are those of subjects, not of records.
    """
    pairs = tuple(zip(tests, values, strict=True))

    def step(frame: Frame) -> Cell:
        slots = frame.slots
        found: Cell = MISSING if otherwise is None else slots[otherwise]
        if frame.population.size == 1:
            chosen = first_of(pairs, slots, found)
            if chosen is not None:
                return chosen
        for test, value in reversed(pairs):
            found = pick(slots[test], slots[value], found)
        return found

    count, last = len(tests), () if otherwise is None else (otherwise,)
    cells = [f"{{{count + row}}}" for row in range(count)]
    end = f"{{{2 * count}}}" if last else "MISSING"
    written = first_number if of_subject else _first_of_few
    line = written(cells, tests, end, (*values, *last))
    return assembly.emit(("rows", tests, values, otherwise), step, line)


# Private functions -----------------------------------------------------------


def _first_of_few(
    numbers: Sequence[str], tests: tuple[int, ...], otherwise: str, slots: tuple[int, ...]
) -> Line | None:
    """Write out the same for few records, where the tests are sets of them."""
    if len(tests) > TERMS_MOST:
        return None
    text = ["found, left = Few(), -1"]
    for row, number in enumerate(numbers):
        text += [
            f"rows = {{{row}}} & left",
            "if rows:",
            f"    found[{number}] = found.get({number}, 0) | rows",
            "    left &= ~rows",
        ]
    text += ["if found:", f"    found[{otherwise}] = found.get({otherwise}, 0) | left"]
    sets = [f"type({{{row}}}) is int" for row in range(len(tests))]
    plain = [f"type({cell}) is int" for cell in (*numbers, otherwise)]
    return Line(
        f"found or {otherwise}", (*tests, *slots), " and ".join([*sets, *plain]), tuple(text)
    )
