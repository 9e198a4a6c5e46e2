"""The terms of the policy language: expressions, conditions and windows, as values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Place = tuple[int, int]
"""Line and column in the file, from 1."""


# Expressions ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, code word, day or truth written in the file."""

    value: Decimal | int | str | bool | date
    place: Place


@dataclass(frozen=True, slots=True)
class Name:
    """An input, indicator, value, total or parameter by name; in a record, an attribute."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Lookup:
    """One output of a table."""

    table: str
    output: str
    place: Place


@dataclass(frozen=True, slots=True)
class Operation:
    """Arithmetic over operands, in order.

    Attributes:
        operator: ``add``, ``subtract``, ``multiply``, ``divide``, ``power``, ``min``, ``max`` or
            ``round``.
        operands: The operands; exactly one for ``round``, two for ``subtract``, ``divide`` and
            ``power``.
        places: Decimal places of a ``divide``, ``power`` or ``round``.
        rounding: Name of the rounding mode of these.
        each: Set of words of a ``sum``: its operand is added up over all of them, see `each_word`.
    """

    operator: str
    operands: tuple["Expression", ...]
    place: Place
    places: int = 0
    rounding: str = ""
    each: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of two expressions, by a condition."""

    when: "Condition"
    then: "Expression"
    otherwise: "Expression"
    place: Place


@dataclass(frozen=True, slots=True)
class PeriodStart:
    """First day of a calendar period, seen from the as-of day.

    Attributes:
        unit: ``year``, ``half_year``, ``quarter`` or ``month``.
        offset: 0 for the present period, -1 for the one before.
    """

    unit: str
    offset: int
    place: Place


@dataclass(frozen=True, slots=True)
class MovedDay:
    """A day moved by calendar years, months or days.

    Attributes:
        day: The day; the name ``as_of`` stands for the day asked for.
        unit: ``years``, ``months`` or ``days``.
        length: How far, negative for back.
    """

    day: "Expression"
    unit: str
    length: int
    place: Place


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Full days, months or years from one day to another.

    Attributes:
        unit: ``days``, ``months`` or ``years``.
        start: The first day.
        end: The last day; none for the day asked for.
    """

    unit: str
    start: "Expression"
    end: "Expression | None"
    place: Place


Expression = Literal | Name | Lookup | Operation | Choice | PeriodStart | MovedDay | Elapsed


# Conditions -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; with no parts, always."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Something named compared with operands; a missing value compares false.

    Attributes:
        name: What is compared.
        comparator: ``is``, ``in``, ``at_least``, ``above``, ``at_most``, ``below``,
            ``includes_any``, ``includes_all``, ``includes_none``, ``within``, ``known``,
            ``on_or_before``, ``before``, ``on_or_after`` or ``after``.
        operands: What it is compared with; several for the comparators of sets.
    """

    name: str
    comparator: str
    operands: tuple["Expression", ...]
    place: Place


Condition = Every | Either | Negation | Comparison


# Records ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which days count, seen from the as-of day.

    Attributes:
        form: ``ever``, ``last`` (rolling), ``calendar`` (periods with reset), ``anniversary``
            (periods from a day of the subject), ``back`` (periods before such a day, whatever day
            is asked for), ``valid`` (from one day of the record to another) or ``by_record``
            (rolling, length by a code of the record).
        unit: ``years``, ``months`` or ``days`` for ``last``; ``year``, ``half_year``,
            ``quarter`` or ``month`` for ``calendar``; empty otherwise.
        length: Number of units for ``last``, months of a period for ``anniversary`` and ``back``;
            a name stands for a value that is a whole number.
        first: First period for ``calendar`` and ``anniversary``, 0 is the present one; for
            ``back``, -1 is the one that ends with the day.
        last: Last period, included.
        day: Name of the day that counts: an attribute of the record.
        until: Attribute with the day after the last, for ``valid``.
        code: Attribute whose code sets the length, for ``by_record``.
        lengths: Months by code, for ``by_record``; a name as for ``length``.
        start: Name of the day from which the periods of ``anniversary`` and ``back`` are counted.
    """

    form: str
    unit: str = ""
    length: int | Name = 0
    first: int = 0
    last: int = 0
    day: str = "event_date"
    until: str = ""
    code: str = ""
    lengths: tuple[tuple[str, int | Name], ...] = ()
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Which earlier records a record repeats.

    Attributes:
        same: Names that both have equal; none where any record is repeated by any other.
        window: Which earlier ones count, seen from the day of the record that may repeat them.
    """

    same: tuple[str, ...]
    window: Window
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A number that a count or a sum comes to.

    Attributes:
        number: The number, of names of the subject.
        again: When it is reached once more: ``from_below``, after it fell below; ``from_zero``,
            counted without the records by which it was reached before; ``with_each_record``, on
            every later day of a record on which it is not below.
    """

    number: Expression
    again: str
    place: Place


def compared(condition: Condition) -> tuple[str, ...]:
    """Name what a condition compares, in the order in which it stands there."""
    match condition:
        case Comparison():
            return (condition.name,)
        case Negation(part):
            return compared(part)
        case Every(parts) | Either(parts):
            return tuple(dict.fromkeys(name for part in parts for name in compared(part)))
