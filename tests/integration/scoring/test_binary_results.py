"""Results in binary form: the same values as in any other, and the connection stays as it was."""

import pytest
from sqlalchemy import BigInteger, LargeBinary, bindparam, select, text
from sqlalchemy.exc import DBAPIError

from services.common.database import Database
from services.scoring.store.binary_results import binary_results

BYTES = b"\\x41\x00\xff"
"""Begins as PostgreSQL writes bytes as text."""


def test_values_come_as_they_are(database: Database) -> None:
    """Bytes, numbers of eight bytes, and nothing."""
    wanted = select(
        bindparam("body", BYTES, LargeBinary),
        bindparam("number", 2**40, BigInteger),
        bindparam("nothing", None, BigInteger),
    )

    with database.read() as reading:
        with binary_results(reading.connection):
            binary = reading.connection.execute(wanted).one()
        usual = reading.connection.execute(wanted).one()

    assert tuple(binary) == tuple(usual) == (BYTES, 2**40, None)


def test_a_refused_statement_leaves_the_connection_as_it_was(database: Database) -> None:
    """What the driver raises comes as from any statement, and cursors are as before."""
    with database.read() as reading:
        driver = reading.connection.connection.driver_connection
        before = getattr(driver, "cursor_factory", None)

        with pytest.raises(DBAPIError), binary_results(reading.connection):
            reading.connection.execute(text("SELECT nothing_of_this_name"))

        assert getattr(driver, "cursor_factory", None) is before
