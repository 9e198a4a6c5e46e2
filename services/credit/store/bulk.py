"""Inserting many rows at the speed of the driver.

Core arranges the parameters of every single row anew, which costs an import more than the
database's own work does. Here the statement and the conversions of its columns are worked out once.
PostgreSQL takes the rows as COPY: any other way, its driver or the database itself takes
several times as long over them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Boolean, Connection, Date, Dialect, Table
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]
Conversions = tuple[tuple[int, Convert], ...]
Kept = TypeVar("Kept")


class BulkInsert(Generic[Kept]):
    """Inserts values of one kind as rows of one table."""

    def __init__(
        self,
        table: Table,
        paths: Mapping[str, str],
        *,
        conversions: Mapping[str, Convert] | None = None,
        constants: Mapping[str, object] | None = None,
    ) -> None:
        """Work out how a value becomes a row.

        Args:
            table: The table.
            paths: Attribute of the value, perhaps of a part of it, by column. Columns that are not
                named are left to their defaults.
            conversions: What becomes of an attribute that is not kept as it is, by column.
            constants: What all rows hold, by column.
        """
        self._table = table
        self._values = attrgetter(*paths.values())
        self._constants = tuple((constants or {}).values())
        self._columns = (*paths, *(constants or {}))
        given = conversions or {}
        self._conversions: Conversions = tuple(
            (position, given[name]) for position, name in enumerate(paths) if name in given
        )

    def __call__(self, connection: Connection, kept: Sequence[Kept]) -> None:
        """Insert values."""
        if not kept:
            return
        dialect = connection.dialect
        statement, conversions = _prepared(self._table, self._columns, dialect)
        rows = [[*self._values(one), *self._constants] for one in kept]
        for position, convert in (*self._conversions, *conversions):
            for row in rows:
                if row[position] is not None:
                    row[position] = convert(row[position])
        if dialect.name == "postgresql":
            # The writing engine knows what to do with it.
            connection.exec_driver_sql(statement, (rows,))
        else:
            connection.exec_driver_sql(statement, [tuple(row) for row in rows])


# Private functions -----------------------------------------------------------


@lru_cache(maxsize=64)
def _prepared(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, Conversions]:
    """Give the statement, and the conversions that the database needs."""
    quote = dialect.identifier_preparer.quote
    target = f"{quote(table.name)} ({', '.join(map(quote, columns))})"
    # Nothing in the statement comes from outside: tables and columns are the project's own.
    if dialect.name == "postgresql":
        statement = f"COPY {target} FROM STDIN"
    else:
        marks = ", ".join("?" for _ in columns)
        statement = f"INSERT INTO {target} VALUES ({marks})"  # noqa: S608 -- see above.
    types = (table.c[name].type for name in columns)
    converters = ((position, _conversion(one, dialect)) for position, one in enumerate(types))
    return statement, tuple(
        (position, convert) for position, convert in converters if convert is not None
    )


def _conversion(column_type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """Find out what the database needs of a column's values; nothing if the driver knows it.

    SQLAlchemy's own conversions of days and truths, of which every record has several, give the
    same and take many times as long.
    """
    if isinstance(column_type, Boolean):
        return None
    if isinstance(column_type, Date) and dialect.name == "sqlite":
        return date.isoformat
    return column_type.dialect_impl(dialect).bind_processor(dialect)
