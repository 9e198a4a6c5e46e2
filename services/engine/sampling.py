"""Conditions over samples: a few values of each name that stand for all the values it can have.

Between two edges a condition gives one answer, so one value of each stretch stands for all of it.
What only a run knows (the day asked for, what a caller says) is sampled too: a name lies below it,
on it or above it. So a condition is a formula over a few variables, each with a few samples.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Final

from services.engine.conditions import OWN
from services.engine.days import day_date
from services.engine.extents import Extents, comparisons
from services.engine.formulas import Atom, Formula, assigned, joined, opposite
from services.engine.language import (
    Comparison,
    Condition,
    Either,
    Every,
    Expression,
    Literal,
    Name,
    Negation,
    compared,
)
from services.engine.scales import Scales, code_numbers
from services.engine.vocabulary import AttributeType, division_range, industry_range

STATES_MOST: Final = 10_000
"""More partly answered conditions than these are given up."""

_PARTS: Final = {
    "at_least": "at_least",
    "on_or_after": "at_least",
    "above": "above",
    "after": "above",
    "at_most": "at_most",
    "on_or_before": "at_most",
    "below": "below",
    "before": "below",
}
_BETTER: Final = {
    "at_least": "at_most",
    "above": "below",
    "at_most": "at_least",
    "below": "above",
}
_CODE_DIGITS: Final = 10_000
_DAY_MOST: Final = 2_932_896


class TooManyError(Exception):
    """Conditions have more combinations than anybody wants to try."""


# Variables --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variable:
    """Something about a name that has one of a few samples.

    Attributes:
        name: The name.
        about: ``value``, ``known`` (whether it is), ``code`` (whether a set has one) or ``against``
            (below, on or above what only a run knows).
        detail: The code, or a key of what it is compared with.
        samples: Numbers, in ascending order for a value.
        shown: Each sample as it would be written.
        rests_on: Inputs and kinds of records that it is made from.
        ordered: Whether its samples go from low to high.
    """

    name: str
    about: str
    detail: object
    samples: tuple[int, ...]
    shown: tuple[str, ...]
    rests_on: frozenset[str]
    ordered: bool


Witness = Mapping[int, int]
"""Samples of variables."""


class Sampler:
    """Turns conditions into formulas over samples of the names that they compare."""

    def __init__(self, extents: Extents, scales: Scales, field: str) -> None:
        """Start without variables.

        Args:
            extents: What the names can be.
            scales: Ladders and statuses of policies and of groups of children.
            field: The policy's own field; empty for every field.
        """
        self._extents = extents
        self._scales = scales
        self._field = field

    def sample(self, conditions: Sequence[Condition]) -> "Sampled":
        """Turn conditions into formulas."""
        allowed = self._allowed(conditions)
        every = [one for condition in (*conditions, allowed) for one in comparisons(condition)]
        sampling = _Sampling(self._extents, self._scales, self._field, every)
        formulas = tuple(sampling.formula(condition) for condition in conditions)
        asked = frozenset(
            one.name
            for condition in conditions
            for one in comparisons(condition)
            if one.comparator == "known"
        )
        always = sampling.formula(allowed)
        return Sampled(formulas, always, tuple(sampling.variables), asked)

    def _allowed(self, conditions: Sequence[Condition]) -> Condition:
        """Give what holds for all inputs that some conditions compare."""
        names = dict.fromkeys(name for one in conditions for name in compared(one))
        parts: list[Condition] = []
        for name in names:
            allowed = self._extents.allowed(name)
            if allowed is not None:
                # A value that is missing is not refused.
                unknown = Comparison(name, "known", (Literal(value=False, place=(0, 0)),), (0, 0))
                parts.append(Either((unknown, allowed)))
        return Every(tuple(parts))


@dataclass(frozen=True, slots=True)
class Samplers:
    """Two views of what names can be.

    Attributes:
        added_up: Totals end where their rules can bring them: for gaps and overlaps.
        wide: They end at their floor and cap: for what can never count.
    """

    added_up: Sampler
    wide: Sampler


@dataclass(frozen=True, slots=True)
class Sampled:
    """Conditions as formulas.

    Attributes:
        formulas: One for each condition, in order.
        allowed: What always holds.
        variables: What they are made of.
        asked: Names of which a condition asks whether they are known.
    """

    formulas: tuple[Formula, ...]
    allowed: Formula
    variables: tuple[Variable, ...]
    asked: frozenset[str]

    def value(self, formula: Formula, witness: Witness) -> Formula:
        """Give what a formula comes to where variables have samples."""
        for variable, sample in witness.items():
            formula = assigned(formula, variable, sample)
        return formula

    def spread(
        self, formulas: Sequence[Formula], variables: Iterable[int]
    ) -> dict[tuple[Formula, ...], Witness]:
        """Give what formulas come to, by all samples of some variables; samples for each.

        Raises:
            TooManyError: There are too many different answers.
        """
        states: dict[tuple[Formula, ...], Witness] = {tuple(formulas): {}}
        for variable in variables:
            found: dict[tuple[Formula, ...], Witness] = {}
            for state, witness in states.items():
                for sample in range(len(self.variables[variable].samples)):
                    after = tuple(assigned(one, variable, sample) for one in state)
                    found.setdefault(after, {**witness, variable: sample})
            if len(found) > STATES_MOST:
                raise TooManyError
            states = found
        return states

    def describe(self, witness: Witness, *, names: Iterable[str] | None = None) -> str:
        """Write samples as ``name = value``, those of some names or of all.

        Only what a formula asks for is written; what is not known of a name stands for its value.
        """
        wanted = None if names is None else set(names)
        lacking = {
            one.name
            for number, sample in witness.items()
            if (one := self.variables[number]).about == "known" and not one.samples[sample]
        }
        parts: list[str] = []
        for number, sample in witness.items():
            variable = self.variables[number]
            if wanted is not None and variable.name not in wanted:
                continue
            if variable.name in lacking and variable.about != "known":
                continue
            if variable.about == "known" and variable.samples[sample] and not self._asks(variable):
                continue
            parts.append(variable.shown[sample])
        return ", ".join(parts)

    def _asks(self, variable: Variable) -> bool:
        return variable.name in self.asked


# Private functions and classes --------------------------------------------------


class _Sampling:
    def __init__(
        self, extents: Extents, scales: Scales, field: str, compared: Sequence[Comparison]
    ) -> None:
        self.variables: list[Variable] = []
        self._extents = extents
        self._scales = scales
        self._field = field
        self._compared = compared
        self._numbers: dict[tuple[str, str, object], int] = {}
        self._found: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {}
        self._formulas: dict[object, Formula] = {}

    def formula(self, condition: Condition) -> Formula:
        match condition:
            case Every(parts):
                return joined((self.formula(part) for part in parts), every=True)
            case Either(parts):
                return joined((self.formula(part) for part in parts), every=False)
            case Negation(part):
                return opposite(self.formula(part))
            case Comparison():
                return self._comparison(condition)

    def _comparison(self, comparison: Comparison) -> Formula:
        key = _key(comparison)
        if key not in self._formulas:
            self._formulas[key] = self._compared_with(comparison)
        return self._formulas[key]

    def _compared_with(self, comparison: Comparison) -> Formula:
        # What is missing compares false.
        known = self._known(comparison.name)
        if comparison.comparator == "known":
            operand = comparison.operands[0]
            wanted = isinstance(operand, Literal) and operand.value is True
            return known if wanted else opposite(known)
        if comparison.comparator.startswith("includes"):
            held = self._includes(comparison)
        else:
            several = comparison.operands
            held = joined((self._one(comparison, operand) for operand in several), every=False)
        return joined((known, held), every=True)

    def _includes(self, comparison: Comparison) -> Formula:
        has: list[Formula] = []
        for operand in comparison.operands:
            word = operand.name if isinstance(operand, Name) else "this"
            shown = (f"{comparison.name} without {word}", f"{comparison.name} with {word}")
            number = self._variable(comparison.name, "code", word, ((0, 1), shown))
            has.append(Atom(number, 0b10))
        if comparison.comparator == "includes_all":
            return joined(has, every=True)
        some = joined(has, every=False)
        return some if comparison.comparator == "includes_any" else opposite(some)

    def _one(self, comparison: Comparison, operand: Expression) -> Formula:
        """Give the formula of a comparison with one operand."""
        name, comparator = comparison.name, self._comparator(comparison)
        stretch = self._stretch(name, operand)
        if stretch is None:
            return self._against(name, comparator, operand)
        values = self._values(name)
        held = 0
        for sample, value in enumerate(values[0]):
            if _compares(comparator, value, stretch):
                held |= 1 << sample
        if held == 0:
            return False
        if held + 1 == 1 << len(values[0]):
            return True
        return Atom(self._variable(name, "value", None, values), held)

    def _comparator(self, comparison: Comparison) -> str:
        word = _PARTS.get(comparison.comparator, "is")
        found = self._extents.type_of(comparison.name)
        # Grades count from the best: a better grade has the smaller number.
        if found is not None and found[0].codes in self._scales:
            return _BETTER.get(word, word)
        return word

    def _known(self, name: str) -> Formula:
        if not self._extents.of(name).lacking:
            return True
        shown = (f"{name} is not known", f"{name} is known")
        return Atom(self._variable(name, "known", None, ((1, 0), shown[::-1])), 0b01)

    def _against(self, name: str, comparator: str, operand: Expression) -> Formula:
        """Compare with what only a run knows."""
        mine, other = self._extents.of(name), self._extents.expression(operand)
        sides = [-1, 0, 1]
        if mine.low is not None and other.high is not None:
            sides = [side for side in sides if side >= _side(mine.low, other.high)]
        if mine.high is not None and other.low is not None:
            sides = [side for side in sides if side <= _side(mine.high, other.low)]
        what = _written(operand)
        words = {-1: f"{name} below {what}", 0: f"{name} = {what}", 1: f"{name} above {what}"}
        samples, shown = tuple(sides), tuple(words[side] for side in sides)
        if other.lacking:
            # Neither below nor above what is missing.
            samples, shown = (*samples, 2), (*shown, f"{what} not known")
        number = self._variable(name, "against", _key(operand), (samples, shown))
        held = {"is": {0}, "at_least": {0, 1}, "above": {1}, "at_most": {-1, 0}, "below": {-1}}
        bits = sum(1 << n for n, one in enumerate(samples) if one in held[comparator])
        return Atom(number, bits)

    def _variable(
        self, name: str, about: str, detail: object, values: tuple[tuple[int, ...], tuple[str, ...]]
    ) -> int:
        key = (name, about, detail)
        if key not in self._numbers:
            self._numbers[key] = len(self.variables)
            rests_on = self._extents.of(name).rests_on
            if about == "against":
                operands = [
                    operand
                    for one in self._compared
                    if one.name == name
                    for operand in one.operands
                    if _key(operand) == detail
                ]
                rests_on = rests_on.union(
                    *(self._extents.expression(operand).rests_on for operand in operands)
                )
            ordered = about == "against" or (about == "value" and self._is_ordered(name))
            self.variables.append(Variable(name, about, detail, *values, rests_on, ordered))
        return self._numbers[key]

    def _is_ordered(self, name: str) -> bool:
        found = self._extents.type_of(name)
        if found is None or found[0].type in {AttributeType.NUMBER, AttributeType.DAY}:
            return True
        codes = found[0].codes
        return codes in self._extents.vocabulary.ordered or codes in self._scales

    # Values -------------------------------------------------------------------------------

    def _values(self, name: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Give values that stand for all, and how each is written."""
        if name not in self._found:
            self._found[name] = self._tried(name)
        return self._found[name]

    def _tried(self, name: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
        found = self._extents.type_of(name)
        kind = None if found is None else found[0].type
        if found is not None and kind is AttributeType.CODE:
            codes = self._codes(found[0].codes)
            ordered = sorted(codes.items(), key=lambda pair: pair[1])
            return tuple(number for _, number in ordered), tuple(
                f"{name} = {word}" for word, _ in ordered
            )
        if kind is AttributeType.FLAG:
            return (0, 1), (f"{name} = false", f"{name} = true")
        numbers = self._stretches(name)
        return numbers, tuple(f"{name} = {self._plain(name, number)}" for number in numbers)

    def _stretches(self, name: str) -> tuple[int, ...]:
        """Give one value of each stretch between edges that the name can be in."""
        edges = {
            edge
            for one in self._compared
            if one.name == name
            and one.comparator != "known"
            and not one.comparator.startswith("includes")
            for operand in one.operands
            for edge in self._stretch(name, operand) or ()
        }
        extent, scale = self._extents.of(name), self._scale(name)
        low = None if extent.low is None else ceil(extent.low * 10**scale)
        high = None if extent.high is None else floor(extent.high * 10**scale)
        if low is not None:
            edges = {edge for edge in edges if edge > low} | {low}
        if high is not None:
            edges = {edge for edge in edges if edge <= high} | {high + 1}
        ordered = sorted(edges)
        # The lowest of each stretch stands for it; below the first edge, what is next to it.
        first = () if low is not None or not ordered else (ordered[0] - 1,)
        middle = tuple(start for start, _ in pairwise(ordered))
        last = () if high is not None or not ordered else (ordered[-1],)
        return (*first, *middle, *last)

    def _stretch(self, name: str, operand: Expression) -> tuple[int, int] | None:
        """Give the half-open range of numbers that an operand is; nothing where a run knows it."""
        found = self._extents.type_of(name)
        kind = None if found is None else found[0].type
        if found is not None and isinstance(operand, Name):
            if kind is AttributeType.INDUSTRY:
                return industry_range(operand.name)
            if kind is AttributeType.DIVISION:
                return division_range(operand.name)
            if kind is AttributeType.CODE:
                word = self._field if operand.name == OWN else operand.name
                number = self._codes(found[0].codes).get(word)
                return None if number is None else (number, number + 1)
        number_of = self._extents.expression(operand).constant
        if number_of is None:
            return None
        scaled = number_of * 10 ** self._scale(name)
        return ceil(scaled), floor(scaled) + 1

    def _scale(self, name: str) -> int:
        found = self._extents.type_of(name)
        if found is not None:
            return found[1]
        # The decimals of what is worked out for each record are those that the file writes.
        written = [
            operand.value
            for one in self._compared
            if one.name == name
            for operand in one.operands
            if isinstance(operand, Literal) and isinstance(operand.value, Decimal)
        ]
        return max((max(0, -int(one.as_tuple().exponent)) for one in written), default=0)

    def _codes(self, codes: str) -> Mapping[str, int]:
        own = code_numbers(self._scales, codes)
        return self._extents.vocabulary.code_numbers.get(codes, {}) if own is None else own

    def _plain(self, name: str, value: int) -> str:
        found = self._extents.type_of(name)
        kind = AttributeType.NUMBER if found is None else found[0].type
        if kind is AttributeType.DAY and abs(value) < _DAY_MOST:
            return day_date(value).isoformat()
        if kind is AttributeType.INDUSTRY:
            letter, digits = divmod(value, _CODE_DIGITS)
            return chr(ord("A") + letter - 1) + f"{digits:04}".rstrip("0")
        if kind is AttributeType.DIVISION:
            return f"{value:06}"
        return str(Decimal(value).scaleb(-self._scale(name)))


def _compares(comparator: str, value: int, stretch: tuple[int, int]) -> bool:
    first, after = stretch
    match comparator:
        case "at_least":
            return value >= first
        case "above":
            return value >= after
        case "at_most":
            return value < after
        case "below":
            return value < first
        case _:
            return first <= value < after


def _side(one: Fraction, other: Fraction) -> int:
    return (one > other) - (one < other)


def _key(part: object) -> object:
    """Give a key that is equal for expressions that differ in nothing but where they stand."""
    if is_dataclass(part):
        held = [one.name for one in fields(part) if one.name != "place"]
        return type(part).__name__, *(_key(getattr(part, name)) for name in held)
    return tuple(_key(one) for one in part) if isinstance(part, tuple) else part


def _written(operand: Expression) -> str:
    match operand:
        case Name(name):
            return "the day asked for" if name == "as_of" else name
        case Literal(value):
            return str(value)
        case _:
            return "what it is compared with"
