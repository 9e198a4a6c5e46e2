"""Columns of tables as the whole numbers that plans run over.

Everything becomes a whole number inside the database: days count from 1970-01-01, industries follow
`industry_range`, and what is null becomes the least number of the column's width. So rows need no
conversion one by one on the way into NumPy.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Column, ColumnElement, Integer, Table, and_, cast, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql import literal_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from services.engine.population import IntColumn
from services.engine.vocabulary import Attribute, AttributeType

Width = type[np.signedinteger[Any]]
"""Type of the numbers of a NumPy column."""

_WIDTHS: Final[dict[AttributeType, Width]] = {
    AttributeType.NUMBER: np.int64,
    AttributeType.CODE: np.int16,
    AttributeType.CODES: np.int32,
    AttributeType.DAY: np.int32,
    AttributeType.FLAG: np.int8,
    AttributeType.INDUSTRY: np.int32,
    AttributeType.DIVISION: np.int32,
}

_LEAST_INT64: Final[ColumnElement[Any]] = literal_column("(-9223372036854775807 - 1)")
"""Written as a sum: the number itself is one too large once its sign is taken off."""


class day_number(FunctionElement[int]):  # noqa: N801 -- it reads as a function of SQL.
    """A day as days since 1970-01-01."""

    type = Integer()
    inherit_cache = True


class first_character(FunctionElement[int]):  # noqa: N801 -- as above.
    """Code point of the first character of a text."""

    type = Integer()
    inherit_cache = True


@compiles(day_number, "sqlite")
def _day_number_sqlite(element: day_number, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own.
    # Julian days begin at noon; SQLite keeps days as text.
    inner = compiler.process(element.clauses, **options)
    return f"CAST(julianday({inner}) - 2440587.5 AS INTEGER)"


@compiles(day_number, "postgresql")
def _day_number_postgresql(element: day_number, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own.
    inner = compiler.process(element.clauses, **options)
    return f"({inner} - DATE '1970-01-01')"


@compiles(first_character, "sqlite")
def _first_character_sqlite(element: first_character, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own.
    return f"unicode({compiler.process(element.clauses, **options)})"


@compiles(first_character, "postgresql")
def _first_character_postgresql(
    element: first_character,
    compiler: SQLCompiler,
    **options: Any,  # noqa: ANN401 -- SQLAlchemy's own.
) -> str:
    return f"ascii({compiler.process(element.clauses, **options)})"


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column as plans read it.

    Attributes:
        name: Name of the attribute.
        expression: Gives a 64-bit whole number, never null.
        width: Width of its NumPy column.
    """

    name: str
    expression: ColumnElement[Any]
    width: Width

    def narrowed(self, values: NDArray[np.int64]) -> IntColumn:
        """Give the NumPy column of values that the expression gave."""
        column: IntColumn = values.astype(self.width)
        return column


def number_column(
    name: str, attribute: Attribute, column: Column[Any], *, nullable: bool = False
) -> NumberColumn:
    """Give the column of an attribute.

    Args:
        name: Name of the attribute.
        attribute: What its numbers mean.
        column: Where it is kept.
        nullable: Whether it may be null where the column itself may not, as in an outer join.
    """
    expression = _as_number(attribute, column)
    if nullable or column.nullable:
        expression = func.coalesce(expression, _least(attribute))
    return NumberColumn(name, cast(expression, BigInteger), width_of(attribute))


def width_of(attribute: Attribute) -> Width:
    """Give the width of an attribute's column."""
    return _WIDTHS[attribute.type]


def least_of(attribute: Attribute) -> int:
    """Give the number that stands for a missing value of an attribute."""
    return int(np.iinfo(width_of(attribute)).min)


def table_of(row: type[DeclarativeBase]) -> Table:
    """Give the Core table of a row class."""
    table = row.__table__
    assert isinstance(table, Table), "every row class has a table of its own"
    return table


def visible(table: Any, revision: Any) -> ColumnElement[bool]:  # noqa: ANN401 -- a table or an alias; a number or a parameter.
    """Select the rows that were current at a revision."""
    superseded = table.c.superseded_revision
    return and_(
        table.c.recorded_revision <= revision,
        or_(superseded.is_(None), superseded > revision),
    )


# Private functions -----------------------------------------------------------


def _as_number(attribute: Attribute, column: Column[Any]) -> ColumnElement[Any]:
    if attribute.type is AttributeType.DAY:
        return day_number(column)
    if attribute.type is AttributeType.INDUSTRY:
        digits = func.substr(column.concat("0000"), 2, 4)
        letter = first_character(column) - (ord("A") - 1)
        return letter * 10_000 + cast(digits, Integer)
    # PostgreSQL makes no 64-bit number of a truth at once.
    return cast(column, Integer) if attribute.type is AttributeType.FLAG else column


def _least(attribute: Attribute) -> ColumnElement[Any]:
    if width_of(attribute) is np.int64:
        return _LEAST_INT64
    return literal_column(str(least_of(attribute)))
