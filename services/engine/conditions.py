"""Compiling conditions: comparisons of names with codes, numbers and days, joined."""

import operator
import re
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from services.engine.assembly import DAY, Ref, Truth
from services.engine.compiling import ExpressionScope
from services.engine.frames import Step
from services.engine.language import (
    Choice,
    Comparison,
    Condition,
    Either,
    Every,
    Expression,
    Literal,
    Name,
    Negation,
    Operation,
    Place,
)
from services.engine.numbers import MISSING, Cell, flip, lacking, present
from services.engine.operations import Function
from services.engine.unrolled import TERMS_MOST, Line
from services.engine.vocabulary import Attribute, AttributeType, division_range, industry_range

OWN: Final = "own"
"""Stands for the policy's own field where a code of a field is wanted."""

# Up to so many codes one comparison after the other is quicker than looking up in a table.
_COMPARED_MOST: Final = 6


class Scope(ExpressionScope):
    """Compiles expressions and conditions over the names of subjects, or of kinds of records."""

    @abstractmethod
    def watch(self, ref: Ref, comparator: str) -> None:
        """Note that a comparison of a day with the as-of day changes by time alone."""

    @abstractmethod
    def decide(
        self, key: tuple[Any, ...], slots: tuple[int, ...], function: Function, *, text: str = ""
    ) -> int:
        """Add a step: truths as a function of numbers; give its slot.

        Args:
            key: Stands for the step.
            slots: What the function takes.
            function: The truth.
            text: The same of plain numbers as a Python expression, ``{0}``, ``{1}`` and so on
                standing for them; empty where none is written.
        """

    @abstractmethod
    def equal(self, key: tuple[Any, ...], slot: int, constant: int) -> int:
        """Add a step: whether a number is a constant; give its slot."""

    def among(self, key: tuple[Any, ...], slot: int, constants: tuple[int, ...]) -> int:
        """Add a step: whether a number is one of some constants; give its slot."""
        return self.decide(key, (slot,), member_of(constants))

    def demand(self, name: str, slot: int) -> None:
        """Note a value without which there is no result, with the name of what gives it."""
        del name, slot  # Only records are gone through one by one, and counted or not.

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
                return self._negated(self.condition(part))
            case Comparison():
                return self._comparison(condition)

    def _negated(self, inner: Truth) -> Truth:
        if inner.constant is not None:
            return self._settled(held=not inner.constant)
        held = inner.slot
        line = Line("not {0}", (held,), "type({0}) is bool")
        slot = self.assembly.emit(("not", held), lambda frame: flip(frame.slots[held]), line)
        return Truth(slot, inner.selections)

    def _settled(self, *, held: bool) -> Truth:
        return Truth(self.assembly.constant(held), constant=held)

    def joined_all(self, parts: Sequence[Truth]) -> Truth:
        """Give the condition that all parts hold."""
        return self._joined(parts, operator.and_, empty=True)

    def _joined(
        self, parts: Sequence[Truth], join: Callable[[Cell, Cell], Cell], *, empty: bool
    ) -> Truth:
        # What always holds says nothing among conditions that must all hold, and settles those of
        # which one must; sets of few records have no way to say it either.
        if any(part.constant is (not empty) for part in parts):
            return self._settled(held=not empty)
        open_parts = [part for part in parts if part.constant is None]
        if not open_parts:
            return self._settled(held=empty)
        joined = open_parts[0]
        for part in open_parts[1:]:
            joined = Truth(
                self._join(joined.slot, part.slot, join), joined.selections | part.selections
            )
        return joined

    def _join(self, one: int, other: int, join: Callable[[Cell, Cell], Cell]) -> int:
        left, right = sorted((one, other))
        if left == right:
            return left
        step, sign = _JOINS[join]
        line = Line(f"{{0}} {sign} {{1}}", (left, right))
        return self.assembly.emit((join.__name__, left, right), step(left, right), line)

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
            return self._in(ref, operands)
        if ref.type.codes in self.ladders():
            # Grades count from the best: a better grade has the smaller number.
            comparator = _BETTER_WORDS.get(comparator, comparator)
        return self._compared(ref, _ORDER_WORDS.get(comparator, comparator), operands[0])

    def ladders(self) -> Mapping[str, Any]:
        """Give the ladders of other policies whose grades may be compared."""
        return {}

    def _in(self, ref: Ref, operands: Sequence[Ref]) -> Truth:
        numbers = sorted({one.constant for one in operands if one.constant is not None})
        if ref.type.type is not AttributeType.CODE or len(numbers) < 2:  # noqa: PLR2004 -- a set.
            parts = [self._compared(ref, "is", one) for one in operands]
            return self._joined(parts, operator.or_, empty=False)
        key = ("in", ref.slot, tuple(numbers))
        return Truth(self.among(key, ref.slot, tuple(numbers)), ref.selections)

    def _compared(self, ref: Ref, comparator: str, operand: Ref) -> Truth:
        scale = max(ref.scale, operand.scale)
        left, right = self.at_scale(ref, scale), self.at_scale(operand, scale)
        selections = ref.selections | operand.selections
        compare, sign, low_side = _COMPARE[comparator]
        constant = right.constant
        key = ("compare", comparator, left.slot, right.slot)
        if constant is not None:
            if comparator == "is":
                return Truth(self.equal(key, left.slot, constant), selections)
            guard = low_side and left.optional
            against = _against(compare, constant, guard=guard)
            text = f"{{0}} {sign} {constant}" + (_KNOWN.format(0) if guard else "")
            return Truth(self.decide(key, (left.slot,), against, text=text), selections)
        guards = low_side and left.optional, operand.optional
        function = _between_both(compare, left_guard=guards[0], right_guard=guards[1])
        known = [_KNOWN.format(place) for place, guard in enumerate(guards) if guard]
        text = "".join((f"{{0}} {sign} {{1}}", *known))
        return Truth(self.decide(key, (left.slot, right.slot), function, text=text), selections)

    def _operand(self, operand: Expression, ref: Ref, comparison: Comparison) -> Ref:
        kind = ref.type.type
        if kind is AttributeType.CODE:
            return self._code(operand, ref, comparison)
        if isinstance(operand, Name) and operand.name == "as_of":
            if kind is not AttributeType.DAY:
                raise self.assembly.refuse(operand.place, "type", "only a day compares with as_of")
            self.watch(ref, comparison.comparator)
            return Ref(self.as_of(), DAY)
        right = self.expression(operand)
        if (right.type.type is AttributeType.DAY) != (kind is AttributeType.DAY):
            raise self.assembly.refuse(operand.place, "type", "a day compares with a day only")
        return right

    def _code(self, operand: Expression, ref: Ref, comparison: Comparison) -> Ref:
        ordering = comparison.comparator not in {"is", "in"}
        codes = ref.type.codes
        if ordering and codes not in self.vocabulary.ordered and codes not in self.ladders():
            raise self.assembly.refuse(
                comparison.place, "not-ordered", f"the codes of {comparison.name!r} have no order"
            )
        number = self._code_number(operand, ref, comparison)
        return Ref(self.assembly.constant(number), ref.type, constant=number)

    def _code_number(self, operand: Expression, ref: Ref, comparison: Comparison) -> int:
        numbers = self.codes(ref.type.codes)
        if not isinstance(operand, Name):
            raise self.assembly.refuse(
                operand.place,
                "unknown-code",
                f"{comparison.name!r} is a code and compares with codes, not with what is"
                f" calculated; write one of {', '.join(numbers)}",
            )
        word = operand.name
        if word == OWN and ref.type.codes == "field":
            word = self.assembly.field
            if not word:
                raise self.assembly.refuse(
                    operand.place, "unknown-code", "a policy of every field has no field of its own"
                )
        if word not in numbers:
            raise self.assembly.refuse(
                operand.place,
                "unknown-code",
                f"{word!r} is no code of {comparison.name!r}; known are {', '.join(numbers)}",
            )
        return numbers[word]

    def coded(self, expression: Expression, codes: str, place: Place) -> Ref:
        """Compile an expression that gives a word of a code set."""
        if codes not in self.vocabulary.code_numbers:
            raise self.assembly.refuse(place, "unknown-code", f"no code set {codes!r}")
        match expression:
            case Literal(str(word)) | Name(word) if word in (numbers := self.codes(codes)):
                type_ = Attribute(AttributeType.CODE, codes)
                return Ref(self.assembly.constant(numbers[word]), type_, constant=numbers[word])
            case Choice(_, then, otherwise):
                pair = self.coded(then, codes, place), self.coded(otherwise, codes, place)
                return self.chosen(expression, *pair)
            case Operation("max" | "min", operands) if codes in self.vocabulary.ordered:
                words = [self.widened(self.coded(one, codes, place)) for one in operands]
                type_ = Attribute(AttributeType.CODE, codes)
                return replace(self.worked_out(expression, words), type=type_)
            case Literal():
                ref = None
            case _:
                ref = self.expression(expression)
        if ref is None or ref.type.type is not AttributeType.CODE or ref.type.codes != codes:
            known = ", ".join(self.codes(codes))
            raise self.assembly.refuse(
                expression.place, "unknown-code", f"a word of {codes!r} is needed here: {known}"
            )
        return ref

    def codes(self, name: str) -> Mapping[str, int]:
        """Give the numbers of a code set."""
        return self.vocabulary.code_numbers[name]

    def _known(self, ref: Ref, comparison: Comparison) -> Truth:
        operand = comparison.operands[0]
        if not isinstance(operand, Literal) or not isinstance(operand.value, bool):
            raise self.assembly.refuse(comparison.place, "syntax", "known takes true or false")
        key, function = ("known", ref.slot, operand.value), present if operand.value else lacking
        return Truth(self.decide(key, (ref.slot,), function), ref.selections)

    def _includes(self, ref: Ref, comparison: Comparison) -> Truth:
        if ref.type.type is not AttributeType.CODES:
            raise self.assembly.refuse(
                comparison.place, "type", f"{comparison.name!r} is no set of codes"
            )
        bits = 0
        for operand in comparison.operands:
            bits |= 1 << self._code_number(operand, ref, comparison)
        comparator = comparison.comparator
        wanted = bits if comparator == "includes_all" else 0
        guard = ref.optional

        def included(values: Cell) -> Cell:
            if guard and isinstance(values, int) and values == MISSING:
                return False
            common = values & bits
            held = common != 0 if comparator == "includes_any" else common == wanted
            return held if isinstance(values, int) or not guard else held & present(values)

        text = f"{{0}} & {bits} {'!=' if comparator == 'includes_any' else '=='} {wanted}"
        slot = self.decide(
            (comparator, ref.slot, bits),
            (ref.slot,),
            included,
            text=text + (_KNOWN.format(0) if guard else ""),
        )
        return Truth(slot, ref.selections)

    def _within(self, ref: Ref, comparison: Comparison) -> Truth:
        industry = ref.type.type is AttributeType.INDUSTRY
        bounds = _industry_bounds if industry else _division_bounds
        form = (
            "a letter A to T and its digits, C26" if industry else 'six digits in quotes, "110105"'
        )
        ranges: list[tuple[int, int]] = []
        for operand in comparison.operands:
            pair = bounds(operand)
            if pair is None or comparison.comparator not in {"is", "in", "within"}:
                raise self.assembly.refuse(
                    operand.place,
                    "unknown-code",
                    f"no code that {comparison.name!r} can have; write {form}",
                )
            ranges.append(pair)
        if not ranges:
            return self._settled(held=False)

        edges = _edges(ranges)

        def inside(values: Cell) -> Cell:
            if isinstance(values, int):
                return bisect_right(edges, values) % 2 == 1
            found: Cell = False
            for first, after in ranges:
                found = found | ((values >= first) & (values < after))
            return found

        pairs = list(zip(edges[::2], edges[1::2], strict=True))
        text = " or ".join(f"{first} <= {{0}} < {after}" for first, after in pairs)
        slot = self.decide(
            ("within", ref.slot, tuple(ranges)),
            (ref.slot,),
            inside,
            text=text if len(pairs) <= TERMS_MOST else "",
        )
        return Truth(slot, ref.selections)


def member_of(numbers: tuple[int, ...]) -> Function:
    """Make a test for a set of code numbers, none of them negative.

    Args:
        numbers: In ascending order.
    """
    bits = sum(1 << number for number in numbers)
    # One place more than the greatest, so that what is cut down to it is no member.
    table = np.zeros(numbers[-1] + 2, dtype=np.bool_)
    table[list(numbers)] = True

    def member(values: Cell) -> Cell:
        if isinstance(values, int):
            return values >= 0 and bits >> values & 1 == 1
        if len(numbers) <= _COMPARED_MOST:
            held = values == numbers[0]
            for number in numbers[1:]:
                held |= values == number
            return held
        return np.take(table, values, mode="clip") & (values >= 0)

    return member


# Private functions -----------------------------------------------------------


def _edges(ranges: Sequence[tuple[int, int]]) -> list[int]:
    """Give where half-open ranges begin and end, in turns and in order; what overlaps is one."""
    edges: list[int] = []
    for first, after in sorted(ranges):
        if edges and first <= edges[-1]:
            edges[-1] = max(edges[-1], after)
        else:
            edges += [first, after]
    return edges


def _against(compare: Function, constant: int, *, guard: bool) -> Function:
    if not guard:
        return lambda values: compare(values, constant)
    return lambda values: compare(values, constant) & present(values)


def _between_both(compare: Function, *, left_guard: bool, right_guard: bool) -> Function:
    def compared(left: Cell, right: Cell) -> Cell:
        held = compare(left, right)
        if left_guard:
            held = held & present(left)
        return held & present(right) if right_guard else held

    return compared


def _industry_bounds(operand: Expression) -> tuple[int, int] | None:
    word = operand.name if isinstance(operand, Name) else ""
    fits = re.fullmatch(r"[A-T]\d{0,4}", word)
    return industry_range(word) if fits else None


def _division_bounds(operand: Expression) -> tuple[int, int] | None:
    if isinstance(operand, Name) and operand.name.isdigit() and len(operand.name) == len("110105"):
        return division_range(operand.name)
    return None


# Written out, since a call more for each of them is much for one subject.
_JOINS: Final[Mapping[Function, tuple[Callable[[int, int], Step], str]]] = {
    operator.and_: (lambda one, other: lambda frame: frame.slots[one] & frame.slots[other], "&"),
    operator.or_: (lambda one, other: lambda frame: frame.slots[one] | frame.slots[other], "|"),
}

_ORDER_WORDS: Final = {
    "on_or_before": "at_most",
    "before": "below",
    "on_or_after": "at_least",
    "after": "above",
}
_BETTER_WORDS: Final = {
    "at_least": "at_most",
    "above": "below",
    "at_most": "at_least",
    "below": "above",
}

_KNOWN: Final = " and {{{}}} != MISSING"

# Each with whether a missing value, the least number there is, would pass.
_COMPARE: Final[Mapping[str, tuple[Callable[[Cell, Cell], Cell], str, bool]]] = {
    "is": (operator.eq, "==", False),
    "at_least": (operator.ge, ">=", False),
    "above": (operator.gt, ">", False),
    "at_most": (operator.le, "<=", True),
    "below": (operator.lt, "<", True),
}
