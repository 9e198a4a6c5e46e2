"""Conditions on values, told as conditions on what the values are made of.

Two values that are made of one thing may exclude each other, which nobody sees who tries them
apart: one is 1 for those with many employees, and another is 1 for those with few.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from services.engine.language import (
    Choice,
    Comparison,
    Condition,
    Either,
    Every,
    Expression,
    Literal,
    Lookup,
    Name,
    Negation,
    Operation,
    Table,
    Version,
)

PARTS_MOST: Final = 500
"""House limit: comparisons that one condition is told by; beyond, it is left as it is."""


def unfolded(condition: Condition, version: Version) -> Condition:
    """Tell a condition by what its values are made of, as far as that says the same.

    Followed are names, choices, tables, sums with constants, and the least and greatest of
    something and constants. Anything else is compared as it is.

    Args:
        condition: The condition.
        version: The version in which it stands, which compiles.
    """
    try:
        return _Unfolder(version).condition(condition)
    except _TooLongError:
        return condition


# Private functions and classes --------------------------------------------------

_FLIPPED: Final = {
    "at_least": "at_most",
    "above": "below",
    "at_most": "at_least",
    "below": "above",
}
_PLAIN: Final = frozenset({*_FLIPPED, "is", "in"})
_ALWAYS: Final = Every(())
_NEVER: Final = Either(())


class _TooLongError(Exception):
    """A condition would become too long; never leaves this module."""


class _Unfolder:
    def __init__(self, version: Version) -> None:
        self._version = version
        self._left = PARTS_MOST

    def condition(self, condition: Condition) -> Condition:
        match condition:
            case Every(parts):
                return Every(tuple(self.condition(part) for part in parts))
            case Either(parts):
                return Either(tuple(self.condition(part) for part in parts))
            case Negation(part):
                return Negation(self.condition(part))
            case Comparison(name, _, _, place):
                found = self._compared(Name(name, place), condition)
                return condition if found is None else found

    def _compared(self, expression: Expression, comparison: Comparison) -> Condition | None:
        """Tell that an expression compares so; nothing where that takes more than is known here."""
        self._left -= 1
        if self._left < 0:
            raise _TooLongError
        match expression:
            case Name(name):
                value = self._version.values.get(name)
                plain = value is not None and value.if_none is None
                found = self._compared(value.expression, comparison) if value and plain else None
                return replace(comparison, name=name) if found is None else found
            case Literal():
                return self._settled(expression, comparison)
            case Choice(when, then, otherwise):
                test = self.condition(when)
                yes, no = self._compared(then, comparison), self._compared(otherwise, comparison)
                if yes is None or no is None:
                    return None
                return Either((Every((test, yes)), Every((Negation(test), no))))
            case Lookup():
                return self._looked_up(expression, comparison)
            case Operation():
                return self._calculated(expression, comparison)
            case _:
                return None

    def _settled(self, literal: Literal, comparison: Comparison) -> Condition | None:
        number = self._constant(literal)
        if number is None:
            return None
        if comparison.comparator == "known":
            return _ALWAYS if _asks_known(comparison) else _NEVER
        operands = self._constants(comparison)
        if operands is None:
            return None
        holds = any(_compares(comparison.comparator, number, one) for one in operands)
        return _ALWAYS if holds else _NEVER

    def _looked_up(self, lookup: Lookup, comparison: Comparison) -> Condition | None:
        table = self._version.tables[lookup.table]
        names = [name for name, _ in table.outputs]
        output = names.index(lookup.output) if lookup.output else 0
        found: list[Condition] = []
        above: list[Condition] = []
        for row in table.rows:
            fits = Every(tuple(self.condition(cell) for cell in row.cells))
            given = self._compared(row.outputs[output], comparison)
            if given is None:
                return None
            # Of rows that do not overlap no other fits where one does.
            found.append(Every((*(above if table.overlap else ()), fits, given)))
            above.append(Negation(fits))
        rest = self._otherwise(table, output, comparison)
        return None if rest is None else Either((*found, Every((*above, rest))))

    def _otherwise(self, table: Table, output: int, comparison: Comparison) -> Condition | None:
        if not isinstance(table.otherwise, str):
            return self._compared(table.otherwise[output], comparison)
        # What is missing compares false; that it is missing, is what `known` may ask.
        unknown = comparison.comparator == "known" and not _asks_known(comparison)
        return _ALWAYS if unknown else _NEVER

    def _calculated(self, operation: Operation, comparison: Comparison) -> Condition | None:
        constants = [self._constant(operand) for operand in operation.operands]
        open_ones = [place for place, one in enumerate(constants) if one is None]
        if len(open_ones) != 1:
            return None
        operand = operation.operands[open_ones[0]]
        numbers = [one for one in constants if one is not None]
        if operation.operator not in {"add", "subtract", "min", "max"}:
            return None
        if comparison.comparator == "known":
            return self._compared(operand, comparison)
        if operation.operator in {"min", "max"}:
            return self._extreme(operation.operator, operand, numbers, comparison)
        if operation.operator == "add":
            return self._moved(operand, comparison, -sum(numbers, Decimal(0)), sign=1)
        first = open_ones[0] == 0
        return self._moved(operand, comparison, numbers[0], sign=1 if first else -1)

    def _moved(
        self, operand: Expression, comparison: Comparison, by: Decimal, *, sign: int
    ) -> Condition | None:
        """Compare an operand with what it would have to be: so much more, or less it from that."""
        numbers = self._constants(comparison)
        if numbers is None:
            return None
        word = comparison.comparator
        place = comparison.place
        moved = tuple(Literal(one + by if sign > 0 else by - one, place) for one in numbers)
        word = word if sign > 0 else _FLIPPED.get(word, word)
        return self._compared(operand, replace(comparison, comparator=word, operands=moved))

    def _extreme(
        self,
        operator: str,
        operand: Expression,
        numbers: Sequence[Decimal],
        comparison: Comparison,
    ) -> Condition | None:
        """Compare the least or greatest of an operand and numbers."""
        word = comparison.comparator
        if word in {"is", "in"}:
            each = [
                self._extreme(operator, operand, numbers, replace(comparison, **side))
                for side in _sides(comparison)
            ]
            pairs = zip(each[::2], each[1::2], strict=True)
            both = [Every((low, high)) for low, high in pairs if low and high]
            return Either(tuple(both)) if 2 * len(both) == len(each) else None
        limits = self._constants(comparison)
        held = self._compared(operand, comparison)
        there = self._compared(operand, _known(comparison))
        if limits is None or held is None or there is None:
            return None
        plain = [_ALWAYS if _compares(word, one, limits[0]) else _NEVER for one in numbers]
        if (word in {"at_least", "above"}) == (operator == "max"):
            return Every((there, Either((held, *plain))))
        return Every((there, held, *plain))

    # Constants ----------------------------------------------------------------------

    def _constants(self, comparison: Comparison) -> list[Decimal] | None:
        """Give the numbers that a comparison names; nothing where they are something else."""
        found = [self._constant(operand) for operand in comparison.operands]
        numbers = [one for one in found if one is not None]
        there = comparison.comparator in _PLAIN and len(numbers) == len(found)
        return numbers if there else None

    def _constant(self, operand: Expression) -> Decimal | None:
        if isinstance(operand, Name) and operand.name in self._version.values:
            # A number that is written down is never missing, whatever would stand in for it.
            operand = self._version.values[operand.name].expression
        if not isinstance(operand, Literal) or not isinstance(operand.value, int | Decimal):
            return None
        return Decimal(operand.value)


def _sides(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Give what changes a comparison that is one of some numbers into two for each of them."""
    for operand in comparison.operands:
        for side in ("at_least", "at_most"):
            yield {"comparator": side, "operands": (operand,)}


def _asks_known(comparison: Comparison) -> bool:
    (operand,) = comparison.operands
    return isinstance(operand, Literal) and operand.value is True


def _known(comparison: Comparison) -> Comparison:
    """Ask of the same name whether it is known."""
    yes = Literal(value=True, place=comparison.place)
    return replace(comparison, comparator="known", operands=(yes,))


def _compares(comparator: str, number: Decimal, other: Decimal) -> bool:
    match comparator:
        case "at_least":
            return number >= other
        case "above":
            return number > other
        case "at_most":
            return number <= other
        case "below":
            return number < other
        case _:
            return number == other
