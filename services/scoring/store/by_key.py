"""Reading rows that are named one by one, at a cost that follows them and not the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection

from services.common.engines import POSTGRESQL


@contextmanager
def by_key(connection: Connection) -> Iterator[None]:
    """Let PostgreSQL follow the index for each row that is named.

    It takes the reading of rows one by one for dear, and would rather go through a whole table of
    some hundred thousand rows, so that a night with a thousand grades due took longer the more
    enterprises there are.

    Args:
        connection: A connection in a transaction; with its end everything is as it was.
    """
    if connection.dialect.name != POSTGRESQL:
        yield
        return
    connection.exec_driver_sql(_ON)
    yield
    # After an error the transaction takes no statement, and needs none.
    for name in _JOINS:
        connection.exec_driver_sql(f"SET LOCAL {name} TO DEFAULT")


# Private values ---------------------------------------------------------------

_JOINS: Final = ("enable_hashjoin", "enable_mergejoin")
_ON: Final = "SELECT " + ", ".join(f"set_config('{name}', 'off', true)" for name in _JOINS)
