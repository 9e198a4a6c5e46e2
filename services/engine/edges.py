"""What a policy version compares its names with: the values at which a result may change."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import prod
from typing import Any, Final

from services.engine.days import day_number, first_within, period_start
from services.engine.language import (
    Choice,
    Clause,
    Comparison,
    Expression,
    Indicator,
    Literal,
    Lookup,
    MovedDay,
    Name,
    Operation,
    Source,
    Version,
    Window,
    Wording,
)
from services.engine.plan import Plan

_PLAIN: Final = frozenset({Clause, Literal, Name, Source, Wording})
_SUMMED: Final = frozenset({"sum", "max", "min"})
_MOST: Final = 10**12
"""Amounts beyond this are not worth trying."""
_EACH_MOST: Final = 200
"""Of what is compared with more numbers than this, no more are carried to what it is made of."""


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
        if not isinstance(part, Comparison):
            days.update(_days_of(plan, part, as_of))
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
    _carry_down(plan, numbers)
    _reach_records(plan, numbers)
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


def reached_of(plan: Plan, indicator: Indicator) -> frozenset[Decimal]:
    """Give the number that an indicator is to reach; nothing if only a run knows it."""
    if indicator.reached is None:
        return frozenset()
    number = constant_of(plan, indicator.reached.number)
    return frozenset({number} if isinstance(number, Decimal) else ())


# Private functions -----------------------------------------------------------


def _parts(version: Version) -> Iterator[Comparison | Window | MovedDay]:
    """Give every comparison, window and moved day of a version, however deep it stands."""
    stack: list[Any] = [version]
    known: dict[type, tuple[str, ...]] = {}
    while stack:
        one = stack.pop()
        if isinstance(one, Comparison | Window | MovedDay):
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


def _reach_records(plan: Plan, numbers: dict[str, set[Decimal]]) -> None:
    """Let attributes be tried at the numbers with which what is measured of them is compared."""
    version = plan.version
    measured = [*version.indicators.values()]
    measured += [one for group in version.children.values() for one in group.measures.values()]
    for indicator in measured:
        edges = frozenset(numbers.get(indicator.name, ()))
        if indicator.measure not in _SUMMED:
            edges = reached_of(plan, indicator)
        if indicator.of is not None and edges:
            for name, below in _below(plan, indicator.of, edges):
                numbers.setdefault(name, set()).update(_worth_trying(below))


def _carry_down(plan: Plan, numbers: dict[str, set[Decimal]]) -> None:
    """Let what a value or a total is worked out of be tried where it is compared."""
    made = _worked_out(plan.version)
    carried: dict[str, frozenset[Decimal]] = {}
    waiting = [name for name in made if name in numbers]
    while waiting:
        name = waiting.pop()
        fresh = frozenset(numbers[name]) - carried.get(name, frozenset())
        carried[name] = frozenset(numbers[name])
        for expression in made[name]:
            for one, below in _below(plan, expression, fresh):
                held = numbers.setdefault(one, set())
                kept = below if one in made else _worth_trying(below)
                if one in made and not kept <= held and len(held) < _EACH_MOST:
                    waiting.append(one)
                held |= kept


def _worked_out(version: Version) -> dict[str, tuple[Expression, ...]]:
    """Give what is worked out under a name: a value, and each amount of a total as if alone."""
    groups = version.children.values()
    found: dict[str, tuple[Expression, ...]] = {
        name: (one.expression,)
        for values in (*(group.values for group in groups), version.values)
        for name, one in values.items()
    }
    for name, total in version.totals.items():
        rules = (one for one in version.rules if one.total == name)
        amounts = [one.amount for one in rules if one.amount is not None]
        join = _JOINED.get(total.combine)
        found[name] = tuple(
            one if join is None else Operation(join, (total.start, one), total.place)
            for one in amounts
        )
    return found


def _worth_trying(numbers: frozenset[Decimal]) -> frozenset[Decimal]:
    return frozenset(one for one in numbers if 0 <= one <= _MOST)


def _below(
    plan: Plan, expression: Expression, edges: frozenset[Decimal]
) -> Iterator[tuple[str, frozenset[Decimal]]]:
    """Give what the names in an expression are where it comes to some numbers, one by one.

    Of several that only a run knows, each is taken as if the others changed nothing.
    """
    match expression:
        case Name(name):
            yield name, edges
        case Choice(_, then, otherwise):
            yield from _below(plan, then, edges)
            yield from _below(plan, otherwise, edges)
        case Lookup():
            for given in _given_by(plan.version, expression):
                yield from _below(plan, given, edges)
        case Operation(operator, operands) if operator in _TURNED:
            known = [_number(plan, one) for one in operands]
            # By what is divided, says nothing while nobody knows what.
            last = 1 if operator == "divide" and known[0] is None else len(operands)
            for place, operand in enumerate(operands[:last]):
                if known[place] is None:
                    others = [None if at == place else one for at, one in enumerate(known)]
                    turned = {_TURNED[operator](edge, others) for edge in edges if edge}
                    yield from _below(plan, operand, frozenset(turned))
        case _:
            return


def _given_by(version: Version, lookup: Lookup) -> list[Expression]:
    """Give what the rows of a table give."""
    table = version.tables[lookup.table]
    names = [name for name, _ in table.outputs]
    output = names.index(lookup.output) if lookup.output else 0
    given = [row.outputs[output] for row in table.rows]
    return given if isinstance(table.otherwise, str) else [*given, table.otherwise[output]]


def _number(plan: Plan, operand: Expression) -> Decimal | None:
    constant = constant_of(plan, operand)
    return constant if isinstance(constant, Decimal) and constant else None


_Others = Sequence[Decimal | None]
"""The numbers of an operation that are known; none for the one looked for, and for others."""


def _sum(numbers: _Others) -> Decimal:
    return sum((one for one in numbers if one is not None), Decimal(0))


def _same(edge: Decimal, _others: _Others) -> Decimal:
    return edge


def _factor(edge: Decimal, others: _Others) -> Decimal:
    return edge / prod((one for one in others if one is not None), start=Decimal(1))


def _minuend_or_subtrahend(edge: Decimal, others: _Others) -> Decimal:
    first, second = others
    return first - edge if first is not None else edge + (second or 0)


def _dividend_or_divisor(edge: Decimal, others: _Others) -> Decimal:
    first, second = others
    if first is not None:
        return first / edge
    return edge * (second or 1)


def _base_or_exponent(edge: Decimal, others: _Others) -> Decimal:
    """Give the root, or the logarithm; -1, which nobody tries, where there is none."""
    base, exponent = others
    if edge > 0 and exponent is not None:
        return edge ** (1 / exponent)
    if edge > 0 and base is not None and base > 1:
        return edge.ln() / base.ln()
    return Decimal(-1)


_JOINED: Final[Mapping[str, str]] = {"sum": "add", "product": "multiply"}
"""How an amount is joined with the start of its total; elsewhere it stands for the total itself."""

_TURNED: Final[Mapping[str, Callable[[Decimal, _Others], Decimal]]] = {
    "add": lambda edge, others: edge - _sum(others),
    "subtract": _minuend_or_subtrahend,
    "multiply": _factor,
    "divide": _dividend_or_divisor,
    "power": _base_or_exponent,
    "round": _same,
    "min": _same,
    "max": _same,
}
"""What one operand is where an operation comes to a number, by the others that are known."""


def _days_of(plan: Plan, part: Window | MovedDay, as_of: int) -> Iterator[int]:
    """Give the days on which a window begins, or from which something lasts just until now."""
    if isinstance(part, Window):
        yield from _window_days(plan, part, as_of)
    elif part.length > 0:
        yield first_within(as_of, part.unit, part.length)


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
