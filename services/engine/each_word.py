"""Amounts for each word of a set, as a caller gives them: payroll by class of work, and its sums.

An input that is asked ``each`` word is as many inputs, and a sum over ``each`` is as many terms. So
a version is written out when it is compiled, and whatever looks at plans sees plain inputs, tables
and sums. An input of a word is called ``payroll.clerical``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Final

from services.engine.language import (
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
    Place,
    Table,
    TableRow,
    Version,
)

SUM: Final = "sum"
"""Operation that adds up what an expression is for each word of a set."""


def each_name(name: str, word: str) -> str:
    """Name the input of one word."""
    return f"{name}.{word}"


def written_out(version: Version) -> tuple[Version, tuple[tuple[Place, str], ...]]:
    """Write out the inputs and the sums of each word.

    Args:
        version: The version, complete.

    Returns:
        The version without any, and the place and message of what has no meaning.
    """
    if not version.codes and not any(one.each for one in version.inputs.values()):
        return version, ()
    if not any(one.each for one in version.inputs.values()) and not any(_sums(version)):
        return version, ()
    writer = _Writer(version)
    whole = replace(
        version,
        inputs=writer.inputs(),
        indicators=writer.part(version.indicators),
        values=writer.part(version.values),
        totals=writer.part(version.totals),
        outputs=writer.part(version.outputs),
        rules=writer.part(version.rules),
        grade=writer.part(version.grade),
    )
    # Which tables sums look up by a word, is known when all of them are written out.
    tables = {
        key: writer.part(one) for key, one in version.tables.items() if not writer.by_word(one)
    }
    return replace(whole, tables={**tables, **writer.tables}), tuple(writer.problems)


# Private functions -----------------------------------------------------------


class _UnfitError(Exception):
    """Leaves a sum that has no meaning; never leaves this module."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.problem = place, message


def _sums(part: object) -> Iterator[Operation]:
    """Give every sum over words in a part of a version, however deep it stands."""
    if isinstance(part, Operation) and part.operator == SUM:
        yield part
    if isinstance(part, Mapping):
        for one in part.values():
            yield from _sums(one)
    elif isinstance(part, tuple):
        for one in part:
            yield from _sums(one)
    elif is_dataclass(part):
        for each in fields(part):
            yield from _sums(getattr(part, each.name))


@dataclass(slots=True)
class _Writer:
    version: Version
    problems: list[tuple[Place, str]] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)

    def inputs(self) -> dict[str, Any]:
        """Give the inputs, one for each word where words are asked for."""
        found: dict[str, Any] = {}
        for name, one in self.version.inputs.items():
            codes = self.version.codes.get(one.each)
            if not one.each:
                found[name] = one
            elif codes is None:
                self.problems.append((one.place, f"the version has no codes {one.each!r}"))
            for word in () if codes is None else codes.words:
                own = each_name(name, word)
                allowed = None if one.allowed is None else _renamed(one.allowed, name, own)
                found[own] = replace(one, name=own, each="", allowed=allowed)
        return found

    def by_word(self, table: Table) -> bool:
        """Say whether a table is looked up by a word of a set, so that sums alone can use it."""
        version = self.version
        named = (version.inputs, version.indicators, version.values, version.totals)
        return any(
            key in version.codes and not any(key in part for part in named) for key in table.keys
        )

    def part(self, part: Any) -> Any:  # noqa: ANN401 -- any part of a version.
        """Write out the sums in a part; a part without any is the same."""
        if isinstance(part, Operation) and part.operator == SUM:
            try:
                return self._sum(part)
            except _UnfitError as error:
                self.problems.append(error.problem)
                return Literal(0, part.place)
        if isinstance(part, Mapping):
            return {key: self.part(one) for key, one in part.items()}
        if isinstance(part, tuple):
            return tuple(self.part(one) for one in part)
        if is_dataclass(part) and not isinstance(part, type) and any(_sums(part)):
            return replace(
                part, **{each.name: self.part(getattr(part, each.name)) for each in fields(part)}
            )
        return part

    # Private methods -------------------------------------------------------------

    def _sum(self, operation: Operation) -> Expression:
        codes = self.version.codes.get(operation.each)
        if codes is None:
            raise _UnfitError(operation.place, f"the version has no codes {operation.each!r}")
        terms = tuple(self._of(operation.operands[0], operation.each, word) for word in codes.words)
        return Operation("add", terms, operation.place)

    def _of(self, part: Any, codes: str, word: str) -> Any:  # noqa: ANN401 -- any expression or condition.
        """Give what an expression is for one word."""
        match part:
            case Operation(operator=operator, place=place) if operator == SUM:
                raise _UnfitError(place, "a sum over words has no other inside of it")
            case Name(name, place) if name in self.version.inputs:
                each = self.version.inputs[name].each
                if each and each != codes:
                    raise _UnfitError(place, f"{name!r} is asked for each of {each!r}")
                return Name(each_name(name, word), place) if each else part
            case Comparison(name=name) if name == codes:
                return Every(()) if self._holds(part, codes, word) else Either(())
            case Comparison(name=name) if self._asked_each(name, codes):
                operands = tuple(self._of(one, codes, word) for one in part.operands)
                return replace(part, name=each_name(name, word), operands=operands)
            case Lookup():
                return self._looked_up(part, codes, word)
            case tuple():
                return tuple(self._of(one, codes, word) for one in part)
            case _:
                return self._inside(part, codes, word)

    def _inside(self, part: Any, codes: str, word: str) -> Any:  # noqa: ANN401 -- as for `_of`.
        """Give a part with what stands in it for one word."""
        if not is_dataclass(part) or isinstance(part, Name | Literal | type):
            return part
        inside = {
            one.name: self._of(getattr(part, one.name), codes, word)
            for one in fields(part)
            if one.name != "place"
        }
        return replace(part, **inside)

    def _asked_each(self, name: str, codes: str) -> bool:
        given = self.version.inputs.get(name)
        return given is not None and given.each == codes

    def _looked_up(self, lookup: Lookup, codes: str, word: str) -> Expression:
        """Give the column of a table for one word: an expression, or a table of the other keys."""
        table = self.version.tables.get(lookup.table)
        if table is None or codes not in table.keys:
            return lookup
        column = table.keys.index(codes)
        rows = [row for row in table.rows if self._holds(row.cells[column], codes, word)]
        keys = (*table.keys[:column], *table.keys[column + 1 :])
        if keys and rows:
            name = each_name(table.name, word)
            self.tables[name] = replace(
                table, name=name, keys=keys, rows=tuple(_without(row, column) for row in rows)
            )
            return replace(lookup, table=name)
        names = [name for name, _ in table.outputs]
        output = names.index(lookup.output) if lookup.output in names else 0
        if len(rows) > 1 and not table.overlap:
            raise _UnfitError(rows[1].place, f"two rows of {table.name!r} are for {word!r}")
        if rows:
            return rows[0].outputs[output]
        if isinstance(table.otherwise, str):
            raise _UnfitError(table.place, f"no row of {table.name!r} is for {word!r} of {codes!r}")
        return table.otherwise[output]

    def _holds(self, condition: Condition, codes: str, word: str) -> bool:
        match condition:
            case Every(parts):
                return all(self._holds(part, codes, word) for part in parts)
            case Either(parts):
                return any(self._holds(part, codes, word) for part in parts)
            case Negation(part):
                return not self._holds(part, codes, word)
            case Comparison(_, "is" | "in", operands, place):
                named = [one.name if isinstance(one, Name) else "" for one in operands]
                words = self.version.codes[codes].words
                for one in named:
                    if one not in words:
                        known = ", ".join(words)
                        raise _UnfitError(place, f"{one!r} is no word of {codes!r}: {known}")
                return word in named
            case Comparison(place=place):
                raise _UnfitError(place, f"name the words of {codes!r} that are meant")


def _renamed(condition: Condition, name: str, own: str) -> Condition:
    match condition:
        case Every(parts):
            return Every(tuple(_renamed(part, name, own) for part in parts))
        case Either(parts):
            return Either(tuple(_renamed(part, name, own) for part in parts))
        case Negation(part):
            return Negation(_renamed(part, name, own))
        case Comparison() if condition.name == name:
            return replace(condition, name=own)
        case Comparison():
            return condition


def _without(row: TableRow, column: int) -> TableRow:
    return replace(row, cells=(*row.cells[:column], *row.cells[column + 1 :]))
