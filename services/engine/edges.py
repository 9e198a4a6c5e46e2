"""What a policy version compares its names with: the values at which a result may change."""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from services.engine.days import day_number, first_within, period_start
from services.engine.language import (
    Clause,
    Comparison,
    Expression,
    Literal,
    Name,
    Source,
    Version,
    Window,
    Wording,
)
from services.engine.plan import Plan

_PLAIN: Final = frozenset({Clause, Literal, Name, Source, Wording})
_SUMMED: Final = frozenset({"sum", "max", "min"})


@dataclass(frozen=True, slots=True)
class Edges:
    """What the conditions of a version compare.

    Attributes:
        numbers: Numbers that each name is compared with, in its unit; days as numbers of days.
        words: Code words, industries and divisions that each name is compared with.
        days: Days on which some window of the version begins or ends, or that it names.
    """

    numbers: Mapping[str, frozenset[Decimal]]
    words: Mapping[str, frozenset[str]]
    days: tuple[int, ...]

    def numbers_of(self, name: str) -> frozenset[Decimal]:
        """Give the numbers that a name is compared with."""
        return self.numbers.get(name, frozenset())

    def words_of(self, name: str) -> frozenset[str]:
        """Give the words that a name is compared with."""
        return self.words.get(name, frozenset())


def edges_of(plan: Plan, as_of: int) -> Edges:
    """Read the edges off a version.

    Args:
        plan: The compiled version.
        as_of: The day from which its windows are seen.
    """
    version = plan.version
    numbers: dict[str, set[Decimal]] = {}
    words: dict[str, set[str]] = {}
    days: set[int] = set()
    for part in _parts(version):
        if isinstance(part, Window):
            days.update(_window_days(plan, part, as_of))
            continue
        for operand in part.operands:
            constant = constant_of(plan, operand)
            if isinstance(constant, date):
                days.add(day_number(constant))
                numbers.setdefault(part.name, set()).add(Decimal(day_number(constant)))
            elif isinstance(constant, Decimal):
                numbers.setdefault(part.name, set()).add(constant)
            elif constant is not None:
                words.setdefault(part.name, set()).add(constant)
    measured = [*version.indicators.values()]
    measured += [one for group in version.children.values() for one in group.measures.values()]
    for indicator in measured:
        if indicator.measure in _SUMMED and isinstance(indicator.of, Name):
            numbers.setdefault(indicator.of.name, set()).update(numbers.get(indicator.name, ()))
    return Edges(
        {name: frozenset(found) for name, found in numbers.items()},
        {name: frozenset(found) for name, found in words.items()},
        tuple(sorted(days)),
    )


def constant_of(plan: Plan, operand: Expression) -> Decimal | date | str | None:
    """Give what an operand stands for: a number, a day or a word; nothing if only a run knows."""
    if isinstance(operand, Name):
        value = plan.version.values.get(operand.name)
        if value is not None and isinstance(value.expression, Literal):
            operand = value.expression
        elif (ref := plan.types.get(operand.name)) is not None:
            known = ref.constant
            return None if known is None else Decimal(known).scaleb(-ref.scale)
        else:
            return operand.name
    if not isinstance(operand, Literal):
        return None
    written = operand.value
    return Decimal(written) if isinstance(written, int | Decimal) else written


# Private functions -----------------------------------------------------------


def _parts(version: Version) -> Iterator[Comparison | Window]:
    """Give every comparison and window of a version, however deep it stands."""
    stack: list[Any] = [version]
    known: dict[type, tuple[str, ...]] = {}
    while stack:
        one = stack.pop()
        if isinstance(one, Comparison | Window):
            yield one
        kind = type(one)
        if kind not in known:
            known[kind] = _names(kind)
        names = known[kind]
        if names:
            stack += [getattr(one, name) for name in names]
        elif isinstance(one, Mapping):
            stack += one.values()
        elif isinstance(one, tuple):
            stack += one


def _names(kind: type) -> tuple[str, ...]:
    """Name the fields of a part in which comparisons can stand."""
    if kind in _PLAIN or not dataclasses.is_dataclass(kind):
        return ()
    return tuple(field.name for field in dataclasses.fields(kind))


def _window_days(plan: Plan, window: Window, as_of: int) -> Iterator[int]:
    """Give the first days of a window's periods, as far as the day asked for settles them."""
    if window.form == "last":
        length = _whole(plan, window.length)
        if length:
            yield first_within(as_of, window.unit, length)
    elif window.form == "calendar":
        for period in range(window.first, window.last + 2):
            yield period_start(as_of, window.unit, period)
    elif window.form == "by_record":
        for _, months in window.lengths:
            length = _whole(plan, months)
            if length:
                yield first_within(as_of, "months", length)


def _whole(plan: Plan, length: int | Name) -> int:
    if isinstance(length, int):
        return length
    constant = constant_of(plan, length)
    return int(constant) if isinstance(constant, Decimal) else 0


def near(numbers: frozenset[Decimal], places: int = 0) -> list[int]:
    """Give numbers of a scale at which something may change, and their neighbours.

    Args:
        numbers: In their unit.
        places: Decimals of the numbers given.
    """
    scaled = sorted({int(one.scaleb(places)) for one in numbers})
    between = [(low + high) // 2 for low, high in pairwise(scaled)]
    return sorted({one + step for one in scaled for step in (-1, 0, 1)} | {*between})
