"""Rows from PostgreSQL that are read at once, as the bytes they come in; for many bytes."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import pq
from sqlalchemy import Connection

from services.common.points import StoreUnavailableError


def rows_at_once(
    connection: Connection, driver: "psycopg.Connection[Any]", query: str
) -> Iterator[Sequence[bytes]]:
    """Give the rows of a query, every column in PostgreSQL's binary format.

    The whole answer is awaited without the interpreter, which is busy sending meanwhile. The
    driver's own way asks for it again with every packet, of which there are thousands.

    Args:
        connection: Inside a transaction that has begun, or outside any.
        driver: The same, as the driver has it.
        query: A query without parameters, none of whose columns is ever null.

    Raises:
        StoreUnavailableError: The store cannot be reached, or the query was refused.
    """
    result = driver.pgconn.exec_params(query.encode(), None, result_format=pq.Format.BINARY)
    if result.status != pq.ExecStatus.TUPLES_OK:
        error = psycopg.OperationalError(result.error_message.decode(errors="replace"))
        connection.invalidate(error)
        raise StoreUnavailableError("the store cannot be reached; try again shortly") from error
    value, columns = result.get_value, range(result.nfields)
    for row in range(result.ntuples):
        yield [value(row, column) or b"" for column in columns]
