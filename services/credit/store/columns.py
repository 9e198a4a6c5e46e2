"""Expressions that the tables of facts have in common."""

from collections.abc import Collection, Iterable
from enum import IntEnum
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, FromClause, Table, and_, or_
from sqlalchemy.orm import DeclarativeBase

Code = TypeVar("Code", bound=IntEnum)


def table_of(row: type[DeclarativeBase]) -> Table:
    """Give the Core table of a row class."""
    table = row.__table__
    assert isinstance(table, Table), "every row class has a table of its own"
    return table


def visible(table: FromClause, revision: int) -> ColumnElement[bool]:
    """Select the rows that were current at a revision."""
    superseded = table.c.superseded_revision
    return and_(
        table.c.recorded_revision <= revision,
        or_(superseded.is_(None), superseded > revision),
    )


def bits_of(codes: Iterable[int]) -> int:
    """Write a set of codes as bit n for the code of number n."""
    return sum(1 << code for code in codes)


@lru_cache(maxsize=4096)
def codes_of(bits: int, code: type[Code]) -> frozenset[Code]:
    """Read a set of codes."""
    return frozenset(one for one in code if bits >> one & 1)


def among(column: Column[Any], values: Collection[int]) -> ColumnElement[bool]:
    """Select the rows whose column has one of the values."""
    return column.in_(sorted(values))
