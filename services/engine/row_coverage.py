"""Which values the rows of a table cover: gaps, overlaps, and rows that nothing reaches.

Every cell compares its own key alone, so the samples of one key say which rows fit it there, and
rows are held against each other key by key: no combination of all keys need be tried.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.extents import comparisons
from services.engine.formulas import Formula
from services.engine.language import Table
from services.engine.sampling import STATES_MOST, Sampler, Samplers, TooManyError


@dataclass(frozen=True, slots=True)
class _Point:
    """One sample of a key.

    Attributes:
        rows: Bit n where row n fits it.
        shown: The sample as it would be written.
        order: Place among the numbers of the key; none where it is no number.
    """

    rows: int
    shown: str
    order: int | None


@dataclass(frozen=True, slots=True)
class _Key:
    """All samples of a key, and whether each of them is sure to be possible."""

    name: str
    points: tuple[_Point, ...]
    sure: bool


def check_rows(table: Table, samplers: Samplers, file: str) -> Iterator[Problem]:
    """Look for rows that nothing reaches, rows that overlap, and values between rows.

    Args:
        table: The table.
        samplers: Give samples of its keys.
        file: Name for problems.
    """
    try:
        positions = range(len(table.keys))
        wide = [_key(table, position, samplers.wide) for position in positions]
        yield from _dead(table, wide, file)
        keys = [_key(table, position, samplers.added_up) for position in positions]
        if table.overlap != "first":
            yield from _overlaps(table, keys, file)
        yield from _gaps(table, keys, file)
    except TooManyError:
        message = f"{table.name!r} has too many combinations to look for gaps and overlaps; part it"
        yield replace(problem_at(file, table.place, "not-checked", message), warning=True)


# Private functions -----------------------------------------------------------


def _key(table: Table, position: int, sampler: Sampler) -> _Key:
    name = table.keys[position]
    sampled = sampler.sample([row.cells[position] for row in table.rows])
    # Many rows have equal cells.
    rows_of: dict[Formula, int] = {}
    for number, formula in enumerate(sampled.formulas):
        rows_of[formula] = rows_of.get(formula, 0) | 1 << number
    asked = [
        # What is missing is tried where a row asks for it alone.
        range(1 if one.about == "known" and one.name not in sampled.asked else len(one.samples))
        for one in sampled.variables
    ]
    if prod(len(one) for one in asked) > STATES_MOST:
        raise TooManyError
    points: list[_Point] = []
    for samples in product(*asked):
        rows, order = 0, None
        witness = dict(enumerate(samples))
        if sampled.value(sampled.allowed, witness) is False:
            continue
        for formula, having in rows_of.items():
            rows |= having if sampled.value(formula, witness) is True else 0
        for variable, sample in witness.items():
            one = sampled.variables[variable]
            if one.about == "value" and one.ordered:
                order = one.samples[sample]
        points.append(_Point(rows, sampled.describe(witness), order))
    against = sum(one.about == "against" for one in sampled.variables)
    values = sum(one.about == "value" for one in sampled.variables)
    sure = against == 0 or against + values == 1
    return _Key(name, tuple(points), sure)


def _dead(table: Table, keys: Sequence[_Key], file: str) -> Iterator[Problem]:
    for number, row in enumerate(table.rows):
        if not _reached(keys, number, earlier=0):
            message = "no value reaches this row of the table"
            yield problem_at(file, row.place, "dead-row", message)
        elif not _reached(keys, number, earlier=(1 << number) - 1):
            message = "no value reaches this row of the table: the rows before it take them all"
            yield problem_at(file, row.place, "dead-row", message)


def _reached(keys: Sequence[_Key], row: int, *, earlier: int) -> bool:
    """Say whether some value fits a row and none of some others."""
    left = {earlier}
    for key in keys:
        fitting = {point.rows for point in key.points if point.rows >> row & 1}
        left = {others & rows for others in left for rows in fitting}
        if len(left) > STATES_MOST:
            raise TooManyError
    return 0 in left


def _overlaps(table: Table, keys: Sequence[_Key], file: str) -> Iterator[Problem]:
    for later, row in enumerate(table.rows):
        doubled = (1 << later) - 1
        for key in keys:
            beside = 0
            for point in key.points:
                beside |= point.rows if point.rows >> later & 1 else 0
            doubled &= beside
        if not doubled:
            continue
        wanted = doubled & -doubled | 1 << later
        fits = [next(one for one in key.points if one.rows & wanted == wanted) for key in keys]
        shown = ", ".join(point.shown for point in fits if point.shown)
        problem = problem_at(
            file,
            row.place,
            "table-overlap",
            f"{shown or 'every value'} fits two rows; part them, or say overlap: first",
        )
        yield replace(problem, warning=not all(key.sure for key in keys))


def _gaps(table: Table, keys: Sequence[_Key], file: str) -> Iterator[Problem]:
    """Look for numbers that no row fits, though rows fit below and above them.

    Where outputs stand in for what no row fits, rows may be few and far between: there only what
    lies between a row that ends with a bound and one that begins with one is taken for a slip.
    """
    stands_in = not isinstance(table.otherwise, str)
    for position, key in enumerate(keys):
        others = [other for other in keys if other is not key]
        for rows, shown in _lines(len(table.rows), others).items():
            line = sorted(
                (point.order, point.rows & rows, point.shown)
                for point in key.points
                if point.order is not None
            )
            hole = next(_holes(table, position, line, bounded=stands_in), "")
            if hole:
                where = f" (with {shown})" if shown else ""
                advice = "; 'otherwise' counts there: write a row for it if that is meant"
                problem = problem_at(
                    file,
                    table.place,
                    "table-gap",
                    f"no row of {table.name!r} fits {hole}{where},"
                    f" though rows fit below and above it{advice if stands_in else ''}",
                )
                yield replace(problem, warning=stands_in or not all(one.sure for one in keys))
                return


def _holes(
    table: Table, position: int, line: Sequence[tuple[int, int, str]], *, bounded: bool
) -> Iterator[str]:
    """Give what no row fits between two that do; between two bounds alone, where that is wanted."""
    for place, (_, fits, shown) in enumerate(line):
        below = next((rows for _, rows, _ in reversed(line[:place]) if rows), 0)
        above = next((rows for _, rows, _ in line[place + 1 :] if rows), 0)
        if fits or not below or not above:
            continue
        if not bounded or (
            _ends_with(_UP_TO, table, position, below) and _ends_with(_FROM, table, position, above)
        ):
            yield shown


def _ends_with(comparators: frozenset[str], table: Table, position: int, rows: int) -> bool:
    """Say whether the cell of one of some rows is bounded by a comparison on one side."""
    return any(
        one.comparator in comparators
        for number, row in enumerate(table.rows)
        if rows >> number & 1
        for one in comparisons(row.cells[position])
    )


_UP_TO: Final = frozenset({"at_most", "below", "on_or_before", "before"})
_FROM: Final = frozenset({"at_least", "above", "on_or_after", "after"})


def _lines(count: int, keys: Sequence[_Key]) -> dict[int, str]:
    """Give which rows are left for a key where the others have samples; samples for each."""
    lines = {(1 << count) - 1: ""}
    for key in keys:
        found: dict[int, str] = {}
        for rows, shown in lines.items():
            for point in key.points:
                words = ", ".join(word for word in (shown, point.shown) if word)
                found.setdefault(rows & point.rows, words)
        if len(found) > STATES_MOST:
            raise TooManyError
        lines = found
    return lines
