"""Failures of database drivers, and what they mean."""

import sqlite3
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.common.store_errors import store_error


def sqlite_failure(code: int) -> Exception:
    """Make a failure of SQLite with its extended code."""
    error = sqlite3.OperationalError("secret text")
    error.sqlite_errorcode = code
    return DBAPIError.instance("SELECT 1", None, error, sqlite3.Error)


def postgresql_failure(error: psycopg.Error) -> Exception:
    """Make a failure of PostgreSQL."""
    return DBAPIError.instance("SELECT 1", None, error, psycopg.Error)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda: sqlite_failure(5), "STORE_BUSY", id="sqlite-locked"),
        pytest.param(lambda: sqlite_failure(517), "STORE_BUSY", id="sqlite-busy-snapshot"),
        pytest.param(lambda: sqlite_failure(13), "STORE_UNAVAILABLE", id="sqlite-disk-full"),
        pytest.param(lambda: sqlite_failure(14), "STORE_UNAVAILABLE", id="sqlite-cannot-open"),
        pytest.param(
            lambda: postgresql_failure(psycopg.OperationalError("secret text")),
            "STORE_UNAVAILABLE",
            id="postgresql-connection-lost",
        ),
        pytest.param(
            lambda: postgresql_failure(psycopg.errors.LockNotAvailable("secret text")),
            "STORE_BUSY",
            id="postgresql-lock-timeout",
        ),
        pytest.param(
            lambda: postgresql_failure(psycopg.errors.SerializationFailure("secret text")),
            "CONCURRENT_CHANGE",
            id="postgresql-serialization",
        ),
        pytest.param(lambda: PoolTimeoutError("secret text"), "STORE_BUSY", id="pool-timeout"),
    ],
)
def test_a_failure_that_passes_is_named(make: Callable[[], Exception], reason: str) -> None:
    """What goes away by itself is told apart, and never in a driver's words."""
    error = store_error(make())

    assert error is not None
    assert error.reason == reason
    assert "secret" not in error.message


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: sqlite_failure(1), id="sqlite-no-such-table"),
        pytest.param(
            lambda: postgresql_failure(psycopg.errors.UndefinedTable("x")),
            id="postgresql-no-such-table",
        ),
        pytest.param(
            lambda: postgresql_failure(psycopg.errors.UniqueViolation("x")),
            id="postgresql-broken-constraint",
        ),
        pytest.param(lambda: ValueError("x"), id="no-driver's-error"),
    ],
)
def test_a_programmers_error_stays_one(make: Callable[[], Exception]) -> None:
    """A wrong statement does not come right by waiting."""
    assert store_error(make()) is None
