"""Which values tables, bands and rules cover: gaps, overlaps, and what can never hold.

Between two edges a condition gives one answer, so the edges and their neighbours stand for all
values. Every combination of such values is tried, for as many names as a condition has.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import product
from math import prod
from typing import Final

from services.engine.assembly import Ref
from services.engine.days import day_number
from services.engine.errors import Problem, problem_at
from services.engine.language import (
    Comparison,
    Condition,
    Either,
    Every,
    Expression,
    Literal,
    Name,
    Negation,
    Place,
    Table,
    Version,
)
from services.engine.vocabulary import (
    AttributeType,
    Vocabulary,
    division_range,
    industry_range,
)

Types = Mapping[str, Ref]
"""What each name of a version is."""

_POINTS_MOST: Final = 200_000
_COUNTED: Final = {"count", "distinct"}


class _UndecidedError(Exception):
    """A condition compares with something that only a run knows."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """Values that stand for all values of some names."""

    names: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]

    def points(self) -> Iterator[dict[str, int]]:
        for point in product(*self.values):
            yield dict(zip(self.names, point, strict=True))


def check_coverage(
    version: Version, types: Types, vocabulary: Vocabulary, file: str
) -> tuple[Problem, ...]:
    """Look for gaps, overlaps, and rows, bands and rules that can never count.

    A condition that compares with something only a run knows is passed over.
    """
    checker = _Checker(version, types, vocabulary, file)
    for table in version.tables.values():
        checker.table(table)
    checker.bands()
    checker.rules()
    for group in version.children.values():
        own = {
            name: types[f"{group.name}.{name}"]
            for name in (group.each, *group.measures, *group.values)
        }
        ladder = replace(version, grade=group.grade, indicators=group.measures)
        children = _Checker(ladder, {**types, **own}, vocabulary, file)
        children.bands()
        checker.problems += children.problems
    return tuple(checker.problems)


# Private functions -----------------------------------------------------------


class _Checker:
    def __init__(self, version: Version, types: Types, vocabulary: Vocabulary, file: str) -> None:
        self._version = version
        self._types = types
        self._vocabulary = vocabulary
        self._file = file
        self.problems: list[Problem] = []

    def _report(self, place: Place, code: str, message: str) -> None:
        self.problems.append(problem_at(self._file, place, code, message))

    def table(self, table: Table) -> None:
        rows = [Every(row.cells) for row in table.rows]
        try:
            grid = self._grid(rows, table.keys)
            fits = [
                (point, [number for number, row in enumerate(rows) if self._holds(row, point)])
                for point in grid.points()
            ]
        except _UndecidedError:
            return
        used = {fit[0] for _, fit in fits if fit}
        for number, row in enumerate(table.rows):
            if number not in used:
                self._report(row.place, "dead-row", "no value reaches this row of the table")
        self._overlaps(table, fits)
        if isinstance(table.otherwise, str):
            self._gaps(table, fits)

    def _overlaps(self, table: Table, fits: Sequence[tuple[dict[str, int], list[int]]]) -> None:
        if table.overlap == "first":
            return
        for point, fit in fits:
            if len(fit) > 1:
                self._report(
                    table.rows[fit[1]].place,
                    "table-overlap",
                    f"{_shown(point)} fits two rows; part them, or say overlap: first",
                )
                return

    def _gaps(self, table: Table, fits: Sequence[tuple[dict[str, int], list[int]]]) -> None:
        for key in table.keys:
            if self._kind(key) not in {AttributeType.NUMBER, AttributeType.DAY}:
                continue
            lines: dict[tuple[tuple[str, int], ...], list[tuple[int, bool]]] = {}
            for point, fit in fits:
                others = tuple((name, value) for name, value in point.items() if name != key)
                lines.setdefault(others, []).append((point[key], bool(fit)))
            for line in lines.values():
                covered = [value for value, fit in line if fit]
                holes = [
                    v for v, fit in line if not fit and covered and min(covered) < v < max(covered)
                ]
                if holes:
                    self._report(
                        table.place,
                        "table-gap",
                        f"no row of {table.name!r} fits {key} = {self._plain(key, holes[0])},"
                        " though rows fit below and above it",
                    )
                    return

    def bands(self) -> None:
        grade = self._version.grade
        if grade is None or not grade.start:
            return
        try:
            conditions = [band.when for band in grade.start]
            grid = self._grid(conditions, ())
            firsts = [
                next((n for n, one in enumerate(conditions) if self._holds(one, point)), None)
                for point in grid.points()
            ]
        except _UndecidedError:
            return
        for number, band in enumerate(grade.start):
            if number not in firsts:
                self._report(band.place, "dead-band", f"nothing ever starts at {band.grade!r}")
        if None in firsts:
            self._report(
                grade.place, "grade-gap", "some values have no starting grade; close the last band"
            )

    def rules(self) -> None:
        for rule in self._version.rules:
            try:
                grid = self._grid([rule.when], ())
                if not any(self._holds(rule.when, point) for point in grid.points()):
                    self._report(rule.place, "never-holds", f"{rule.id} can never hold")
            except _UndecidedError:
                continue

    # Values -----------------------------------------------------------------------

    def _grid(self, conditions: Sequence[Condition], keys: Sequence[str]) -> _Grid:
        edges: dict[str, set[int]] = {key: set() for key in keys}
        for condition in conditions:
            for comparison in _comparisons(condition):
                edges.setdefault(comparison.name, set()).update(self._edges(comparison))
        values = tuple(self._values(name, found) for name, found in edges.items())
        if prod(len(one) for one in values) > _POINTS_MOST:
            raise _UndecidedError
        return _Grid(tuple(edges), values)

    def _kind(self, name: str) -> AttributeType:
        return self._ref(name).type.type

    def _ref(self, name: str) -> Ref:
        if name in self._types:
            return self._types[name]
        for kind in self._vocabulary.kinds.values():
            if name in kind.attributes:
                return Ref(-1, kind.attributes[name])
        raise _UndecidedError

    def _plain(self, name: str, value: int) -> str:
        return str(Decimal(value).scaleb(-self._ref(name).scale))

    def _values(self, name: str, edges: set[int]) -> tuple[int, ...]:
        ref = self._ref(name)
        if ref.type.type is AttributeType.CODE:
            return tuple(self._codes(ref).values())
        if ref.type.type is AttributeType.FLAG:
            return (0, 1)
        if ref.type.type is AttributeType.CODES:
            raise _UndecidedError
        around = {near for edge in edges for near in (edge - 1, edge, edge + 1)} or {0}
        indicator = self._version.indicators.get(name)
        if indicator is not None and (indicator.run or indicator.measure in _COUNTED):
            around = {value for value in around if value >= 0} | {0}
        return tuple(sorted(around))

    def _codes(self, ref: Ref) -> Mapping[str, int]:
        codes = self._vocabulary.code_numbers.get(ref.type.codes)
        if codes is None:
            raise _UndecidedError
        return codes

    def _edges(self, comparison: Comparison) -> set[int]:
        found: set[int] = set()
        for operand in comparison.operands:
            first, after = self._range(comparison, operand)
            found |= {first, after - 1}
        return found

    def _range(self, comparison: Comparison, operand: Expression) -> tuple[int, int]:
        """Give the half-open range of numbers that an operand stands for."""
        ref = self._ref(comparison.name)
        kind = ref.type.type
        if isinstance(operand, Name):
            if kind is AttributeType.INDUSTRY:
                return industry_range(operand.name)
            if kind is AttributeType.DIVISION:
                return division_range(operand.name)
            if kind is AttributeType.CODE and operand.name in self._codes(ref):
                number = self._codes(ref)[operand.name]
                return number, number + 1
            operand = self._value_of(operand)
        if not isinstance(operand, Literal):
            raise _UndecidedError
        value = operand.value
        if isinstance(value, date):
            return day_number(value), day_number(value) + 1
        if isinstance(value, str):
            raise _UndecidedError
        scaled = Decimal(value).scaleb(ref.scale)
        if scaled != int(scaled) or kind is AttributeType.CODE:
            raise _UndecidedError
        return int(scaled), int(scaled) + 1

    def _value_of(self, name: Name) -> Expression:
        """Give what a named value is, where it is a number written in the file."""
        value = self._version.values.get(name.name)
        if value is None:
            raise _UndecidedError
        return value.expression

    def _holds(self, condition: Condition, point: Mapping[str, int]) -> bool:
        match condition:
            case Every(parts):
                return all(self._holds(part, point) for part in parts)
            case Either(parts):
                return any(self._holds(part, point) for part in parts)
            case Negation(part):
                return not self._holds(part, point)
            case Comparison():
                return self._compares(condition, point[condition.name])

    def _compares(self, comparison: Comparison, value: int) -> bool:
        comparator = comparison.comparator
        if comparator == "known" or comparator.startswith("includes"):
            raise _UndecidedError
        ranges = [self._range(comparison, operand) for operand in comparison.operands]
        first, after = ranges[0]
        match comparator:
            case "at_least" | "on_or_after":
                return value >= first
            case "above" | "after":
                return value >= after
            case "at_most" | "on_or_before":
                return value < after
            case "below" | "before":
                return value < first
            case _:
                return any(low <= value < high for low, high in ranges)


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    match condition:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _comparisons(part)
        case Negation(part):
            yield from _comparisons(part)
        case Comparison():
            yield condition


def _shown(point: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in point.items())
