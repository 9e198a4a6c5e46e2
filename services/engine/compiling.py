"""Compiling a policy version into a plan: names resolved, codes to numbers, nothing twice.

Every calculation is a step with a key; a step whose key was seen before is not calculated again, so
that rules which share filters or windows share their columns.
"""

import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import reduce
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import day_number, move_day, period_start
from services.engine.errors import PolicyRefusedError, Problem
from services.engine.language import (
    Choice,
    Comparison,
    Condition,
    Either,
    Every,
    Expression,
    Literal,
    Lookup,
    MovedDay,
    Name,
    Negation,
    Operation,
    PeriodStart,
    Place,
)
from services.engine.numbers import (
    MISSING,
    Cell,
    add,
    divide_rounded,
    flip,
    larger,
    multiply,
    pick,
    present,
    rescale,
    smaller,
    subtract,
    widen,
)
from services.engine.plan import Frame, Step
from services.engine.vocabulary import (
    Attribute,
    AttributeType,
    Vocabulary,
    division_range,
    industry_range,
)

NUMBER: Final = Attribute(AttributeType.NUMBER)
"""Type of a plain number."""

DAY: Final = Attribute(AttributeType.DAY)
"""Type of a day."""

RANGE: Final = 1 << 62
"""Half of what 64 bits hold: a bound below it leaves room for one more sum."""

_NO_SELECTIONS: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Ref:
    """A compiled expression.

    Attributes:
        slot: Where its column is.
        type: What its whole numbers mean.
        scale: Decimals of a number.
        optional: Whether a value may be missing.
        selections: Indicators that it rests on.
        constant: Its value when it is a literal.
        narrow: Whether its column may be of fewer than 64 bits.
        bound: Greatest size that it can have, missing values aside; none when nobody knows.
    """

    slot: int
    type: Attribute
    scale: int = 0
    optional: bool = False
    selections: frozenset[int] = _NO_SELECTIONS
    constant: int | None = None
    narrow: bool = False
    bound: int | None = None

    @property
    def safe(self) -> bool:
        """Say whether it is sure to be within 64 bits, so that nothing need be checked."""
        return self.bound is not None and self.bound < RANGE


@dataclass(frozen=True, slots=True)
class Truth:
    """A compiled condition."""

    slot: int
    selections: frozenset[int] = _NO_SELECTIONS


class RefusedPartError(Exception):
    """Leaves one part of a version after its problem has been noted; never leaves the engine."""


class Assembly:
    """Steps of a plan in the making, each calculated once."""

    def __init__(self, file: str, vocabulary: Vocabulary) -> None:
        """Start empty.

        Args:
            file: Name for problems.
            vocabulary: The words that a policy may use.
        """
        self.file = file
        self.vocabulary = vocabulary
        self.constants: list[int | bool | None] = []
        self.steps: list[tuple[int, Step]] = []
        self.problems: list[Problem] = []
        self.changes: list[Callable[[Frame], Any]] = []
        self._seen: dict[tuple[Any, ...], int] = {}

    def emit(self, key: tuple[Any, ...], step: Step) -> int:
        """Add a step, or find the equal one; give its slot."""
        slot = self._seen.get(key)
        if slot is None:
            slot = self._seen[key] = len(self.constants)
            self.constants.append(None)
            self.steps.append((slot, step))
        return slot

    def constant(self, value: int | bool) -> int:  # noqa: FBT001 -- a truth is a value here.
        """Give the slot of a whole number or truth; it costs nothing in a run."""
        key = ("constant", type(value), value)
        slot = self._seen.get(key)
        if slot is None:
            slot = self._seen[key] = len(self.constants)
            self.constants.append(value)
        return slot

    def refuse(self, place: Place, code: str, message: str) -> RefusedPartError:
        """Note a problem; the caller raises what this returns."""
        self.problems.append(Problem(self.file, *place, code, message))
        return RefusedPartError(message)

    def finish(self) -> None:
        """Refuse the version if anything was wrong.

        Raises:
            PolicyRefusedError: At least one problem was noted.
        """
        if self.problems:
            raise PolicyRefusedError(tuple(set(self.problems)))


class Scope(ABC):
    """Compiles expressions and conditions over the names of subjects, or of one kind of record."""

    def __init__(self, assembly: Assembly) -> None:
        """Compile into an assembly."""
        self.assembly = assembly
        self.vocabulary = assembly.vocabulary

    @abstractmethod
    def resolve(self, name: str, place: Place) -> Ref:
        """Find what a name means here."""

    @abstractmethod
    def find_table(self, lookup: Lookup) -> Ref:
        """Compile a table's output here."""

    @abstractmethod
    def watch(self, ref: Ref, comparator: str) -> None:
        """Note that a comparison of a day with the as-of day changes by time alone."""

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
                return self._choice(expression)
            case Operation():
                return self._operation(expression)
            case PeriodStart():
                return self._period_start(expression)
            case MovedDay():
                return self._moved(expression)

    def widened(self, ref: Ref) -> Ref:
        """Give an attribute as 64-bit numbers, whatever the width of its column."""
        if not ref.narrow:
            return ref
        slot = ref.slot
        wide = self.assembly.emit(("wide", slot), lambda frame: widen(frame.slots[slot]))
        return replace(ref, slot=wide, narrow=False)

    def number(self, expression: Expression) -> Ref:
        """Compile an expression that must be a number."""
        ref = self.expression(expression)
        if ref.type.type not in {AttributeType.NUMBER, AttributeType.FLAG}:
            raise self.assembly.refuse(expression.place, "not-a-number", "a number is needed here")
        return ref

    def literal(self, literal: Literal) -> Ref:
        """Compile a number, truth or day written in the file."""
        value = literal.value
        if isinstance(value, bool):
            number, scale, kind = int(value), 0, Attribute(AttributeType.FLAG)
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
        if ref.constant is not None:
            number = ref.constant * 10 ** (scale - ref.scale)
            return Ref(
                self.assembly.constant(number),
                ref.type,
                scale,
                constant=number,
                bound=abs(number),
            )
        slot, old, optional = ref.slot, ref.scale, ref.optional
        factor = 10 ** (scale - old)
        bound = None if ref.bound is None else ref.bound * factor
        scaled = replace(ref, scale=scale, bound=bound)
        grow = operator.mul if scaled.safe else multiply

        def step(frame: Frame) -> Cell:
            values = frame.slots[slot]
            if not optional:
                return grow(values, factor)
            known = present(values)
            return pick(known, grow(pick(known, values, 0), factor), MISSING)

        return replace(scaled, slot=self.assembly.emit(("scale", slot, old, scale), step))

    def _period_start(self, start: PeriodStart) -> Ref:
        unit, offset = start.unit, start.offset

        def change(frame: Frame) -> NDArray[np.int32]:
            turn = period_start(frame.as_of, unit, 1)
            return np.full(frame.population.size, turn, dtype=np.int32)

        self.assembly.changes.append(change)
        slot = self.assembly.emit(
            ("period", unit, offset), lambda frame: period_start(frame.as_of, unit, offset)
        )
        return Ref(slot, DAY)

    def _moved(self, moved: MovedDay) -> Ref:
        if isinstance(moved.day, Name) and moved.day.name == "as_of":
            raise self.assembly.refuse(
                moved.place, "type", "move the other day instead, and compare it with as_of"
            )
        ref = self.expression(moved.day)
        if ref.type.type is not AttributeType.DAY:
            raise self.assembly.refuse(moved.place, "type", "only a day can be moved")
        slot, unit, length = ref.slot, moved.unit, moved.length
        shifted = self.assembly.emit(
            ("moved", slot, unit, length), lambda frame: move_day(frame.slots[slot], unit, length)
        )
        return replace(ref, slot=shifted, constant=None)

    def _choice(self, choice: Choice) -> Ref:
        when = self.condition(choice.when)
        then, other = self.expression(choice.then), self.expression(choice.otherwise)
        scale = max(then.scale, other.scale)
        then, other = self.at_scale(then, scale), self.at_scale(other, scale)
        test, yes, no = when.slot, then.slot, other.slot
        slot = self.assembly.emit(
            ("choice", test, yes, no),
            lambda frame: pick(frame.slots[test], frame.slots[yes], frame.slots[no]),
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
        operands = [self.number(operand) for operand in operation.operands]
        word = operation.operator
        if word == "multiply":
            scale = sum(operand.scale for operand in operands)
        elif word in {"divide", "round"}:
            scale = operation.places
        else:
            scale = max(operand.scale for operand in operands)
            operands = [self.at_scale(operand, scale) for operand in operands]
        bound = _bound(word, operands)
        safe = bound is not None and bound < RANGE
        function = _FUNCTIONS[word](operation, operands, safe=safe)
        optional = any(operand.optional for operand in operands) or word == "divide"
        slots = tuple(operand.slot for operand in operands)
        maybe = tuple(operand.slot for operand in operands if operand.optional)
        if word == "divide":
            maybe = (*maybe, slots[1])
        key = (word, operation.places, operation.rounding, slots)
        slot = self.assembly.emit(key, guarded(function, slots, maybe, divides=word == "divide"))
        selections = frozenset[int]().union(*(operand.selections for operand in operands))
        return Ref(slot, NUMBER, scale, optional, selections, bound=bound)

    # Conditions -----------------------------------------------------------------

    def condition(self, condition: Condition) -> Truth:
        """Compile a condition."""
        match condition:
            case Every(parts):
                return self.joined_all([self.condition(part) for part in parts])
            case Either(parts):
                return self._joined(
                    [self.condition(part) for part in parts], operator.or_, empty=False
                )
            case Negation(part):
                inner = self.condition(part)
                held = inner.slot
                slot = self.assembly.emit(("not", held), lambda frame: flip(frame.slots[held]))
                return Truth(slot, inner.selections)
            case Comparison():
                return self._comparison(condition)

    def joined_all(self, parts: list[Truth]) -> Truth:
        """Give the condition that all parts hold."""
        return self._joined(parts, operator.and_, empty=True)

    def _joined(
        self, parts: list[Truth], join: Callable[[Cell, Cell], Cell], *, empty: bool
    ) -> Truth:
        if not parts:
            return Truth(self.assembly.constant(empty))
        joined = parts[0]
        for part in parts[1:]:
            joined = Truth(
                self._join(joined.slot, part.slot, join), joined.selections | part.selections
            )
        return joined

    def _join(self, one: int, other: int, join: Callable[[Cell, Cell], Cell]) -> int:
        left, right = sorted((one, other))
        return self.assembly.emit(
            (join.__name__, left, right),
            lambda frame: join(frame.slots[left], frame.slots[right]),
        )

    def _comparison(self, comparison: Comparison) -> Truth:
        ref = self.resolve(comparison.name, comparison.place)
        comparator = comparison.comparator
        if comparator == "known":
            return self._known(ref, comparison)
        if comparator.startswith("includes"):
            return self._includes(ref, comparison)
        if ref.type.type in {AttributeType.INDUSTRY, AttributeType.DIVISION}:
            return self._within(ref, comparison)
        operands = [self._operand(operand, ref, comparison) for operand in comparison.operands]
        if comparator == "in":
            return self._joined(
                [self._compared(ref, "is", one) for one in operands], operator.or_, empty=False
            )
        return self._compared(ref, _ORDER_WORDS.get(comparator, comparator), operands[0])

    def _compared(self, ref: Ref, comparator: str, operand: Ref) -> Truth:
        scale = max(ref.scale, operand.scale)
        left, right = self.at_scale(ref, scale), self.at_scale(operand, scale)
        selections = ref.selections | operand.selections
        compare, low_side = _COMPARE[comparator]
        a, b = left.slot, right.slot
        guards = tuple(
            one.slot
            for one, needed in ((left, low_side), (right, operand.optional))
            if needed and one.optional
        )
        constant = right.constant

        def step(frame: Frame) -> Cell:
            values = frame.slots[a]
            held = compare(values, constant if constant is not None else frame.slots[b])
            for guard in guards:
                held = held & present(frame.slots[guard])
            return held

        return Truth(self.assembly.emit(("compare", comparator, a, b), step), selections)

    def _operand(self, operand: Expression, ref: Ref, comparison: Comparison) -> Ref:
        kind = ref.type.type
        if kind is AttributeType.CODE:
            return self._code(operand, ref, comparison)
        if isinstance(operand, Name) and operand.name == "as_of":
            if kind is not AttributeType.DAY:
                raise self.assembly.refuse(operand.place, "type", "only a day compares with as_of")
            self.watch(ref, comparison.comparator)
            return Ref(self.assembly.emit(("as_of",), lambda frame: frame.as_of), DAY)
        right = self.expression(operand)
        if (right.type.type is AttributeType.DAY) != (kind is AttributeType.DAY):
            raise self.assembly.refuse(operand.place, "type", "a day compares with a day only")
        return right

    def _code(self, operand: Expression, ref: Ref, comparison: Comparison) -> Ref:
        numbers = self.codes(ref.type.codes)
        ordering = comparison.comparator not in {"is", "in"}
        if ordering and ref.type.codes not in self.vocabulary.ordered:
            raise self.assembly.refuse(
                comparison.place, "not-ordered", f"the codes of {comparison.name!r} have no order"
            )
        if not isinstance(operand, Name) or operand.name not in numbers:
            word = operand.name if isinstance(operand, Name) else "this"
            raise self.assembly.refuse(
                operand.place,
                "unknown-code",
                f"{word!r} is no code of {comparison.name!r}; known are {', '.join(numbers)}",
            )
        number = numbers[operand.name]
        return Ref(self.assembly.constant(number), ref.type, constant=number)

    def codes(self, name: str) -> Mapping[str, int]:
        """Give the numbers of a code set."""
        return self.vocabulary.code_numbers[name]

    def _known(self, ref: Ref, comparison: Comparison) -> Truth:
        operand = comparison.operands[0]
        if not isinstance(operand, Literal) or not isinstance(operand.value, bool):
            raise self.assembly.refuse(comparison.place, "syntax", "known takes true or false")
        wanted, slot = operand.value, ref.slot

        def step(frame: Frame) -> Cell:
            known = present(frame.slots[slot])
            return known if wanted else flip(known)

        return Truth(self.assembly.emit(("known", slot, wanted), step), ref.selections)

    def _includes(self, ref: Ref, comparison: Comparison) -> Truth:
        if ref.type.type is not AttributeType.CODES:
            raise self.assembly.refuse(
                comparison.place, "type", f"{comparison.name!r} is no set of codes"
            )
        numbers = self.codes(ref.type.codes)
        bits = 0
        for operand in comparison.operands:
            if not isinstance(operand, Name) or operand.name not in numbers:
                raise self.assembly.refuse(
                    operand.place, "unknown-code", f"known are {', '.join(numbers)}"
                )
            bits |= 1 << numbers[operand.name]
        slot, comparator = ref.slot, comparison.comparator
        wanted = bits if comparator == "includes_all" else 0

        def step(frame: Frame) -> Cell:
            common = frame.slots[slot] & bits
            return common != 0 if comparator == "includes_any" else common == wanted

        return Truth(self.assembly.emit((comparator, slot, bits), step), ref.selections)

    def _within(self, ref: Ref, comparison: Comparison) -> Truth:
        bounds = _industry_bounds if ref.type.type is AttributeType.INDUSTRY else _division_bounds
        parts: list[Truth] = []
        for operand in comparison.operands:
            pair = bounds(operand)
            if pair is None or comparison.comparator not in {"is", "in", "within"}:
                raise self.assembly.refuse(
                    operand.place, "unknown-code", f"no code that {comparison.name!r} can have"
                )
            parts.append(self._between(ref, *pair))
        return self._joined(parts, operator.or_, empty=False)

    def _between(self, ref: Ref, first: int, after: int) -> Truth:
        slot = ref.slot

        def step(frame: Frame) -> Cell:
            values = frame.slots[slot]
            return (values >= first) & (values < after)

        return Truth(self.assembly.emit(("between", slot, first, after), step), ref.selections)


def guarded(
    function: Callable[[list[Cell]], Cell],
    slots: tuple[int, ...],
    maybe: tuple[int, ...],
    *,
    divides: bool = False,
) -> Step:
    """Make a step of a function; what is missing in an operand is missing in the result.

    Args:
        function: Takes the operands.
        slots: The operands.
        maybe: Those that may have missing values.
        divides: Whether the second operand divides: by zero there is no value.
    """
    if not maybe and len(slots) == 2:  # noqa: PLR2004 -- most operations; quicker without a loop.
        first, second = slots
        return lambda frame: function([frame.slots[first], frame.slots[second]])
    if not maybe:
        return lambda frame: function([frame.slots[slot] for slot in slots])

    def step(frame: Frame) -> Cell:
        operands = [frame.slots[slot] for slot in slots]
        known: Cell = True
        for slot in maybe:
            known = known & present(frame.slots[slot])
        if divides:
            known = known & (operands[1] != 0)
        if np.all(known):
            return function(operands)
        filled = [pick(known, operand, 1) for operand in operands]
        return pick(known, function(filled), MISSING)

    return step


def largest_bound(refs: Sequence[Ref]) -> int | None:
    """Give the greatest bound of several expressions; none when one has none."""
    bounds = [ref.bound for ref in refs if ref.bound is not None]
    return max(bounds) if len(bounds) == len(refs) else None


# Private functions -----------------------------------------------------------


def _industry_bounds(operand: Expression) -> tuple[int, int] | None:
    word = operand.name if isinstance(operand, Name) else ""
    fits = re.fullmatch(r"[A-T]\d{0,4}", word)
    return industry_range(word) if fits else None


def _division_bounds(operand: Expression) -> tuple[int, int] | None:
    if isinstance(operand, Name) and operand.name.isdigit() and len(operand.name) == len("110105"):
        return division_range(operand.name)
    return None


_ORDER_WORDS: Final = {
    "on_or_before": "at_most",
    "before": "below",
    "on_or_after": "at_least",
    "after": "above",
}

# Comparators that a missing value, the least number there is, would pass.
_COMPARE: Final[Mapping[str, tuple[Callable[[Cell, Cell], Cell], bool]]] = {
    "is": (operator.eq, False),
    "at_least": (operator.ge, False),
    "above": (operator.gt, False),
    "at_most": (operator.le, True),
    "below": (operator.lt, True),
}


def _bound(word: str, operands: Sequence[Ref]) -> int | None:
    bounds = [operand.bound for operand in operands if operand.bound is not None]
    if len(bounds) < len(operands) or word in {"divide", "round"}:
        return None
    if word == "multiply":
        return prod(bounds)
    return max(bounds) if word in {"min", "max"} else sum(bounds)


_Fold = Callable[[list[Cell]], Cell]


def _folded(
    combine: Callable[[Cell, Cell], Cell], unchecked: Callable[[Cell, Cell], Cell]
) -> Callable[..., _Fold]:
    def build(_operation: Operation, refs: list[Ref], *, safe: bool) -> _Fold:
        function = unchecked if safe else combine
        if len(refs) == 2:  # noqa: PLR2004 -- most operations; quicker without a loop.
            return lambda operands: function(operands[0], operands[1])
        return lambda operands: reduce(function, operands)

    return build


def _division(operation: Operation, refs: list[Ref], *, safe: bool) -> _Fold:
    del safe
    up = operation.places + refs[1].scale - refs[0].scale
    factor, divisor = 10 ** max(up, 0), 10 ** max(-up, 0)
    return lambda operands: divide_rounded(
        multiply(operands[0], factor), multiply(operands[1], divisor), operation.rounding
    )


def _round(operation: Operation, refs: list[Ref], *, safe: bool) -> _Fold:
    del safe
    scale = refs[0].scale
    return lambda operands: rescale(operands[0], scale, operation.places, operation.rounding)


_FUNCTIONS: Final[Mapping[str, Callable[..., _Fold]]] = {
    "add": _folded(add, operator.add),
    "subtract": _folded(subtract, operator.sub),
    "multiply": _folded(multiply, operator.mul),
    "min": _folded(smaller, smaller),
    "max": _folded(larger, larger),
    "divide": _division,
    "round": _round,
}
