"""Results in the binary form of PostgreSQL, for statements that read many bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import pq
from sqlalchemy import Connection


@contextmanager
def binary_results(connection: Connection) -> Iterator[None]:
    """Get what is read inside a block in binary form, from PostgreSQL; elsewhere it is so anyway.

    As text, bytes come in hexadecimal digits: twice as many on the way, and several times the work.
    Values with a form of their own, such as instants, are better left to the driver's default.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        yield
        return
    before = driver.cursor_factory
    driver.cursor_factory = _BinaryCursor
    try:
        yield
    finally:
        driver.cursor_factory = before


class _BinaryCursor(psycopg.Cursor[Any]):
    """A cursor that asks for results in binary form."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:  # noqa: ANN401 -- the driver's.
        super().__init__(*arguments, **keywords)
        self.format = pq.Format.BINARY
