"""Formulas over variables that have a few samples each, and what is left of them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Atom:
    """Whether a variable has one of some samples.

    Attributes:
        variable: Its number.
        held: Bit n for sample n.
    """

    variable: int
    held: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Every part, or some part; without parts the one always and the other never holds."""

    parts: tuple["Formula", ...]
    every: bool


@dataclass(frozen=True, slots=True)
class Opposite:
    """The part does not hold."""

    part: "Formula"


Formula = Atom | Joined | Opposite | bool


def assigned(formula: Formula, variable: int, sample: int) -> Formula:
    """Give what is left of a formula where a variable has a sample."""
    match formula:
        case Atom(number, held):
            return formula if number != variable else bool(held >> sample & 1)
        case Joined(parts, every):
            return joined((assigned(part, variable, sample) for part in parts), every=every)
        case Opposite(part):
            return opposite(assigned(part, variable, sample))
        case _:
            return formula


def joined(parts: Iterable[Formula], *, every: bool) -> Formula:
    """Give that every part holds, or that some does, as short as can be."""
    left: list[Formula] = []
    for part in parts:
        if isinstance(part, bool):
            if part is not every:
                return part
        else:
            left.append(part)
    if not left:
        return every
    return left[0] if len(left) == 1 else Joined(tuple(left), every)


def opposite(part: Formula) -> Formula:
    """Give that a part does not hold."""
    return (not part) if isinstance(part, bool) else Opposite(part)
