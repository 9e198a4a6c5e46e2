"""Fetching rows of whole numbers straight into NumPy."""

from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from sqlalchemy import Connection, Select

from services.common.engines import POSTGRESQL
from services.common.points import StoreUnavailableError

Numbers = NDArray[np.int64]
"""int64[rows, columns]."""

# Every row of the binary format of COPY that holds n 64-bit numbers and no null has one shape:
# the count of its fields in two bytes, then for each field its length in four and the number.
_HEADER_BYTES: Final = len(b"PGCOPY\n\xff\r\n\0") + 4 + 4
_TRAILER_BYTES: Final = 2


def few_numbers(
    connection: Connection, statement: Select[Any], parameters: Mapping[str, Any]
) -> Numbers:
    """Fetch a few rows."""
    cursor = connection.execute(statement, dict(parameters)).cursor
    assert cursor is not None, "a select has rows"
    rows = cursor.fetchall()
    width = len(statement.selected_columns)
    if not rows:
        return np.empty((0, width), dtype=np.int64)
    return np.array(rows, dtype=np.int64)


def many_numbers(
    connection: Connection, statement: Select[Any], parameters: Mapping[str, Any]
) -> Numbers:
    """Fetch many rows; every column of the statement is a 64-bit number and never null."""
    width = len(statement.selected_columns)
    if connection.dialect.name == POSTGRESQL:
        return _copied(connection, statement, parameters, width=width)
    cursor = connection.execute(statement, dict(parameters)).cursor
    assert cursor is not None, "a select has rows"
    rows = cursor.fetchall()
    flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width)
    return flat.reshape(-1, width)


# Private functions -----------------------------------------------------------


def _copied(
    connection: Connection, statement: Select[Any], parameters: Mapping[str, Any], *, width: int
) -> Numbers:
    compiled = statement.compile(dialect=connection.dialect)
    query = f"COPY ({compiled}) TO STDOUT (FORMAT BINARY)"
    driver: Any = connection.connection.driver_connection
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(query, compiled.construct_params(dict(parameters))) as copy,
        ):
            content = b"".join(bytes(block) for block in copy)
    except psycopg.OperationalError as error:
        raise StoreUnavailableError("the store cannot be reached; try again shortly") from error
    return _decoded(content, width)


def _decoded(content: bytes, width: int) -> Numbers:
    row = np.dtype(
        [
            ("fields", ">i2"),
            ("cells", np.dtype([("bytes", ">i4"), ("number", ">i8")]), (width,)),
        ]
    )
    body = memoryview(content)[_HEADER_BYTES : len(content) - _TRAILER_BYTES]
    rows = np.frombuffer(body, dtype=row)
    cells = rows["cells"]
    assert bool(np.all(cells["bytes"] == np.dtype(np.int64).itemsize)), "no column is null"
    return cells["number"].astype(np.int64)
