"""Reading typed parts out of a located document, collecting every problem on the way."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Final, NoReturn, TypeVar

from services.engine.document import Entries, Items, Scalar
from services.engine.errors import Problem
from services.engine.language import (
    Choice,
    Comparison,
    Condition,
    Either,
    Elapsed,
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

_T = TypeVar("_T")

Part = Scalar | Items | Entries
"""Anything that can stand in a document."""

ROUNDINGS: Final = ("half_up", "half_even", "up", "down")
"""Named rounding modes; ``up`` and ``down`` are away from and towards zero."""

PERIODS: Final = ("year", "half_year", "quarter", "month")
"""Calendar periods."""

NUMBER_END: Final = 1 << 62
"""First whole number, its decimals taken in, that a file cannot have: sums need one more bit."""

_LIKE_A_NUMBER: Final = re.compile(r"[-+]?[.,_:]?\d[\d.,_:]*(e[-+]?\d+)?\s*[%‰％]?", re.IGNORECASE)
"""What a number may look like elsewhere, and is not here."""

_CODE: Final = re.compile(r"\d+(\.\d+)*")
"""What is a word for all its digits, in quotes: a division, a grade."""

_SEVERAL: Final = ("in", "includes_any", "includes_all", "includes_none", "within")
_SINGLE: Final = (
    "is",
    "at_least",
    "above",
    "at_most",
    "below",
    "known",
    "on_or_before",
    "before",
    "on_or_after",
    "after",
)
COMPARATORS: Final = frozenset(_SEVERAL + _SINGLE)
"""Every comparator of the language."""

_OTHER_OPERATIONS: Final = ("round", "sum", "lookup", "if", "period_start", "day", "elapsed")
_ROUNDED: Final = ("divide", "power")
_OPERATORS: Final = {
    "add": 0,
    "multiply": 0,
    "min": 0,
    "max": 0,
    "subtract": 2,
    **dict.fromkeys(_ROUNDED, 2),
}


class PartSkippedError(Exception):
    """Leaves one part of a file after its problem has been noted; never leaves the engine."""


class Reader:
    """Reads parts of one file; every fault becomes a `Problem` with its place.

    Attributes:
        file: Name for problems.
        problems: What keeps the file from being understood.
        objections: What is understood, and should not be written so: a file that is law already
            stays law, and no other comes to be.
    """

    def __init__(self, file: str) -> None:
        """Start without problems.

        Args:
            file: Name for problems.
        """
        self.file = file
        self.problems: list[Problem] = []
        self.objections: list[Problem] = []

    @property
    def found(self) -> tuple[Problem, ...]:
        """Give everything that is wrong."""
        return (*self.problems, *self.objections)

    def report(self, place: Place, code: str, message: str) -> None:
        """Note a problem and go on."""
        self.problems.append(Problem(self.file, *place, code, message))

    def object(self, place: Place, code: str, message: str) -> None:
        """Note what should not be written so, though it is understood."""
        self.objections.append(Problem(self.file, *place, code, message))

    def refuse(self, place: Place, code: str, message: str) -> NoReturn:
        """Note a problem and leave the part."""
        self.report(place, code, message)
        raise PartSkippedError

    @contextmanager
    def part(self) -> Iterator[None]:
        """Go on after a part that had to be left."""
        try:
            yield
        except PartSkippedError:
            return

    def each(self, keys: Iterable[str], read: Callable[[str], _T]) -> dict[str, _T]:
        """Read several named parts, leaving out those with problems."""
        found: dict[str, _T] = {}
        for key in keys:
            with self.part():
                found[key] = read(key)
        return found

    # Leaves ---------------------------------------------------------------------

    def known_keys(self, entries: Entries, *keys: str) -> None:
        """Report every key that the language does not have."""
        for key in entries:
            if key not in keys:
                known = ", ".join(keys)
                message = f"{key!r} is not known here; known are {known}"
                self.unknown_key(entries.places[key], message)

    def unknown_key(self, place: Place, message: str) -> None:
        """Note a key that the language does not have: nobody knows what it would change."""
        self.report(place, "unknown-key", message)

    def entries(self, parent: Entries, key: str) -> Entries:
        """Read a mapping that must be there."""
        value = self.required(parent, key)
        if not isinstance(value, Entries):
            self.refuse(parent.places[key], "syntax", f"{key!r} must be a mapping")
        return value

    def optional_entries(self, parent: Entries, key: str) -> Entries:
        """Read a mapping that may be left out."""
        return self.entries(parent, key) if key in parent else Entries(parent.place)

    def items(self, parent: Entries, key: str) -> Items:
        """Read a list that must be there."""
        value = self.required(parent, key)
        if not isinstance(value, Items):
            self.refuse(parent.places[key], "syntax", f"{key!r} must be a list")
        return value

    def required(self, parent: Entries, key: str) -> Part:
        """Read whatever stands under a key that must be there."""
        if key not in parent:
            self.refuse(parent.place, f"missing-{key.replace('_', '-')}", f"{key!r} is missing")
        return parent[key]

    def text(self, parent: Entries, key: str, default: str | None = None) -> str:
        """Read a text; one that may be left out has a default."""
        if default is not None and key not in parent:
            return default
        value = self.required(parent, key)
        message = f"{key!r} must be a text"
        if isinstance(value, str) and (value or default is not None):
            if default is None and not value.strip():
                self.object(parent.places[key], "syntax", message)
            return value
        if isinstance(value, bool | int | Decimal | date):
            message += f'; write it in quotes, "{str(value).lower()}"'
        return self.refuse(parent.places[key], "syntax", message)

    def word(self, parent: Entries, key: str, allowed: Iterable[str], default: str = "") -> str:
        """Read one of several words."""
        value = self.text(parent, key, default or None)
        if value not in (words := tuple(allowed)):
            place = parent.places.get(key, parent.place)
            self.refuse(place, "unknown-word", f"{key!r} must be one of {', '.join(words)}")
        return value

    def whole(self, parent: Entries, key: str, default: int | None = None) -> int:
        """Read a whole number."""
        value = parent.get(key, default) if default is not None else self.required(parent, key)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(parent.places[key], "syntax", f"{key!r} must be a whole number")
        return value

    def day(self, parent: Entries, key: str) -> date | None:
        """Read a day, or null."""
        value = parent.get(key)
        if value is not None and not isinstance(value, date):
            self.refuse(parent.places[key], "syntax", f"{key!r} must be a day, 2026-01-31, or null")
        return value

    # Expressions ----------------------------------------------------------------

    def expression(self, part: Part, place: Place) -> Expression:
        """Read an expression.

        A number is itself, a word is a name, and a mapping with one key is an operation.
        """
        if isinstance(part, bool | date):
            return Literal(part, place)
        if isinstance(part, int | Decimal):
            if abs(int(format(Decimal(part), "f").replace(".", ""))) >= NUMBER_END:
                message = f"{part} is beyond 64-bit whole numbers; use larger units"
                self.object(place, "number-too-large", message)
            return Literal(part, place)
        if isinstance(part, str):
            if _LIKE_A_NUMBER.fullmatch(part) and not _CODE.fullmatch(part):
                message = f"{part!r} is no number here; write digits, 0.1 for 10%, 20 for 2e1"
                self.object(place, "syntax", message)
            return Name(part, place)
        if isinstance(part, Entries):
            return self._operation(part)
        return self.refuse(place, "syntax", "an expression is a number, a name or an operation")

    def _operation(self, entries: Entries) -> Expression:
        if "period_start" in entries:
            self.known_keys(entries, "period_start", "offset")
            unit = self.word(entries, "period_start", PERIODS)
            return PeriodStart(unit, self.whole(entries, "offset", 0), entries.place)
        if "elapsed" in entries:
            return self._elapsed(entries)
        if "day" in entries:
            return self._moved(entries)
        if "if" in entries:
            return self._choice(entries)
        return self._calculation(entries)

    def _elapsed(self, entries: Entries) -> Elapsed:
        self.known_keys(entries, "elapsed", "from", "to")
        unit = self.word(entries, "elapsed", ("days", "months", "years"))
        start = self.expression(self.required(entries, "from"), entries.places["from"])
        end = entries.get("to", "as_of")
        if end == "as_of":
            return Elapsed(unit, start, None, entries.place)
        return Elapsed(unit, start, self.expression(end, entries.places["to"]), entries.place)

    def _choice(self, entries: Entries) -> Choice:
        self.known_keys(entries, "if", "then", "else")
        return Choice(
            self.condition(self.required(entries, "if"), entries.places["if"]),
            self.expression(self.required(entries, "then"), entries.place),
            self.expression(self.required(entries, "else"), entries.place),
            entries.place,
        )

    def _calculation(self, entries: Entries) -> Expression:
        if "lookup" in entries:
            self.known_keys(entries, "lookup", "output")
            table = self.text(entries, "lookup")
            return Lookup(table, self.text(entries, "output", ""), entries.place)
        if "sum" in entries:
            self.known_keys(entries, "sum", "each")
            of = self.expression(entries["sum"], entries.places["sum"])
            return Operation("sum", (of,), entries.place, each=self.text(entries, "each"))
        if "round" in entries:
            operand = Items(entries.places["round"])
            operand.append(entries["round"])
            operand.places.append(entries.places["round"])
            return self._rounded(entries, "round", operand)
        for operator, count in _OPERATORS.items():
            if operator in entries:
                return self._arithmetic(entries, operator, count)
        return self.refuse(
            entries.place,
            "unknown-operation",
            f"{', '.join(entries) or 'nothing'} is no operation; there are"
            f" {', '.join((*_OPERATORS, *_OTHER_OPERATIONS))}",
        )

    def _moved(self, entries: Entries) -> Expression:
        self.known_keys(entries, "day", "years", "months", "days")
        units = [unit for unit in ("years", "months", "days") if unit in entries]
        if len(units) != 1:
            self.refuse(entries.place, "syntax", "give one of years, months or days")
        day = self.expression(entries["day"], entries.places["day"])
        return MovedDay(day, units[0], self.whole(entries, units[0]), entries.place)

    def _rounded(self, entries: Entries, operator: str, operands: Items) -> Operation:
        self.known_keys(entries, operator, "places", "rounding")
        return Operation(
            operator,
            self._listed(operands),
            entries.place,
            places=self.whole(entries, "places"),
            rounding=self.word(entries, "rounding", ROUNDINGS),
        )

    def _arithmetic(self, entries: Entries, operator: str, count: int) -> Operation:
        operands = self.items(entries, operator)
        if (count and len(operands) != count) or not operands:
            wanted = count or "one or more"
            self.refuse(entries.place, "syntax", f"{operator!r} takes {wanted} operands")
        if operator in _ROUNDED:
            return self._rounded(entries, operator, operands)
        self.known_keys(entries, operator)
        return Operation(operator, self._listed(operands), entries.place)

    # Conditions -----------------------------------------------------------------

    def condition(self, part: Part, place: Place) -> Condition:
        """Read a condition: a mapping whose entries must all hold."""
        if part is True:
            return Every(())
        if not isinstance(part, Entries):
            return self.refuse(place, "syntax", "a condition is a mapping of names to comparisons")
        return Every(tuple(self._conjunct(part, key) for key in part))

    def _conjunct(self, entries: Entries, key: str) -> Condition:
        part, place = entries[key], entries.places[key]
        if key in {"all", "any"}:
            items = self.items(entries, key)
            pairs = zip(items, items.places, strict=True)
            parts = tuple(self.condition(one, at) for one, at in pairs)
            return Every(parts) if key == "all" else Either(parts)
        if key == "not":
            return Negation(self.condition(part, place))
        return self.comparison(key, part, place)

    def comparison(self, name: str, part: Part, place: Place) -> Condition:
        """Read what a name is compared with.

        A plain value means ``is``, a list means ``in``, a mapping names its comparators, all of
        which must hold.
        """
        if isinstance(part, Items):
            return Comparison(name, "in", self._listed(part), place)
        if not isinstance(part, Entries):
            return Comparison(name, "is", (self.expression(part, place),), place)
        self.known_keys(part, *sorted(COMPARATORS))
        return Every(
            tuple(
                self._compared(name, comparator, part)
                for comparator in part
                if comparator in COMPARATORS
            )
        )

    def _compared(self, name: str, comparator: str, entries: Entries) -> Comparison:
        part, place = entries[comparator], entries.places[comparator]
        if comparator in _SEVERAL:
            several = part if isinstance(part, Items) else None
            operands = self._listed(several) if several else (self.expression(part, place),)
            return Comparison(name, comparator, operands, place)
        return Comparison(name, comparator, (self.expression(part, place),), place)

    def _listed(self, items: Items) -> tuple[Expression, ...]:
        # A word among them is a code or a name: which one, the thing compared decides.
        pairs = zip(items, items.places, strict=True)
        return tuple(self.expression(part, place) for part, place in pairs)
