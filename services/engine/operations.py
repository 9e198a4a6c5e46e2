"""Arithmetic of expressions as functions of cells: exact, and with missing values kept missing."""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from math import prod
from typing import Final

import numpy as np

from services.engine.assembly import RANGE, Ref
from services.engine.language import Operation
from services.engine.numbers import (
    MISSING,
    Cell,
    add,
    divide_rounded,
    lacking,
    larger,
    multiply,
    pick,
    present,
    rescale,
    smaller,
    subtract,
)
from services.engine.powers import powers
from services.engine.unrolled import TERMS_MOST, Line

Function = Callable[..., Cell]
"""A function of cells."""


def line_of(function: Function, slots: tuple[int, ...]) -> Line | None:
    """Write a function of plain numbers out; nothing for most of them."""
    if isinstance(function, Guarded):
        plain = None if function.divides else line_of(function.function, slots)
        if plain is None:
            return None
        absent = " or ".join(f"{{{place}}} == MISSING" for place in function.looked_at)
        return Line(f"MISSING if {absent} else {plain.value}", slots)
    if function is add_up and len(slots) <= TERMS_MOST:
        return Line(" + ".join(f"{{{place}}}" for place in range(len(slots))), slots)
    value = text_of(function)
    return Line(value, slots) if value else None


def text_of(function: Function) -> str:
    """Give a function of plain numbers as the expression of a `Line`; empty for most of them."""
    return _WRITTEN.get(function, "")


def add_up(start: Cell, *parts: Cell) -> Cell:
    """Add up what is sure to stay within 64 bits; columns in place."""
    if not parts or type(parts[-1]) is int:
        return start + sum(parts)
    total = start + parts[-1]
    for part in parts[:-1]:
        total += part
    return total


def operation_function(operation: Operation, operands: Sequence[Ref]) -> Function:
    """Give the function of an operation over its operands, all of a scale where it adds."""
    word = operation.operator
    bound = bound_of(word, operands)
    safe = bound is not None and bound < RANGE
    function = _FUNCTIONS[word](operation, operands, safe=safe)
    maybe = tuple(place for place, operand in enumerate(operands) if operand.optional)
    return guarded(function, maybe, divides=word == "divide")


class Guarded:
    """A function in whose result is missing what is missing in an operand."""

    def __init__(self, function: Function, looked_at: tuple[int, ...], *, divides: bool) -> None:
        """Guard a function.

        Args:
            function: Takes the operands.
            looked_at: Positions of those that may have missing values.
            divides: Whether the second operand divides: by zero there is no value.
        """
        self.function = function
        self.looked_at = looked_at
        self.divides = divides

    def __call__(self, *operands: Cell) -> Cell:
        """Calculate where nothing is missing."""
        known: Cell = True
        for place in self.looked_at:
            known = known & present(operands[place])
        if self.divides:
            known = known & (operands[1] != 0)
        if known is True or np.all(known):
            return self.function(*operands)
        if known is False:
            return MISSING
        filled = [pick(known, operand, 1) for operand in operands]
        return pick(known, self.function(*filled), MISSING)


def guarded(function: Function, maybe: tuple[int, ...], *, divides: bool = False) -> Function:
    """Let what is missing in an operand be missing in the result.

    Args:
        function: Takes the operands.
        maybe: Positions of those that may have missing values.
        divides: Whether the second operand divides: by zero there is no value.
    """
    if not maybe and not divides:
        return function
    looked_at = maybe if not divides or 1 in maybe else (*maybe, 1)
    return Guarded(function, looked_at, divides=divides)


def bound_of(word: str, operands: Sequence[Ref]) -> int | None:
    """Give the greatest size of an operation's result; none when nobody knows."""
    bounds = [operand.bound for operand in operands if operand.bound is not None]
    if len(bounds) < len(operands) or word in {"divide", "power", "round"}:
        return None
    if word == "multiply":
        return prod(bounds)
    return max(bounds) if word in {"min", "max"} else sum(bounds)


# Private functions -----------------------------------------------------------


def _folded(
    combine: Callable[[Cell, Cell], Cell], unchecked: Callable[[Cell, Cell], Cell]
) -> Callable[..., Function]:
    def build(_operation: Operation, refs: Sequence[Ref], *, safe: bool) -> Function:
        function = unchecked if safe else combine
        if len(refs) == 2:  # noqa: PLR2004 -- most operations; quicker without a loop.
            return function
        return lambda *operands: reduce(function, operands)

    return build


def _division(operation: Operation, refs: Sequence[Ref], *, safe: bool) -> Function:
    del safe
    up = operation.places + refs[1].scale - refs[0].scale
    factor, divisor = 10 ** max(up, 0), 10 ** max(-up, 0)
    return lambda number, by: divide_rounded(
        multiply(number, factor), multiply(by, divisor), operation.rounding
    )


def _power(operation: Operation, refs: Sequence[Ref], *, safe: bool) -> Function:
    del safe
    scales = refs[0].scale, refs[1].scale
    return partial(powers, scales=scales, places=operation.places, rounding=operation.rounding)


def _round(operation: Operation, refs: Sequence[Ref], *, safe: bool) -> Function:
    del safe
    scale = refs[0].scale
    return lambda number: rescale(number, scale, operation.places, operation.rounding)


_WRITTEN: Final[Mapping[Function, str]] = {
    operator.add: "{0} + {1}",
    operator.sub: "{0} - {1}",
    operator.mul: "{0} * {1}",
    smaller: "{0} if {0} < {1} else {1}",
    larger: "{0} if {0} > {1} else {1}",
    present: "{0} != MISSING",
    lacking: "{0} == MISSING",
}

_FUNCTIONS: Final[Mapping[str, Callable[..., Function]]] = {
    "add": _folded(add, operator.add),
    "subtract": _folded(subtract, operator.sub),
    "multiply": _folded(multiply, operator.mul),
    "min": _folded(smaller, smaller),
    "max": _folded(larger, larger),
    "divide": _division,
    "power": _power,
    "round": _round,
}
