"""What a database driver's failure means to a caller."""

import sqlite3
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.common.errors import Category, SafetyCreditError
from services.common.points import StoreUnavailableError


class StoreBusyError(SafetyCreditError):
    """Other writers kept the store busy for longer than a call waits."""

    reason = "STORE_BUSY"
    category = Category.UNAVAILABLE


class ConcurrentChangeError(SafetyCreditError):
    """The database undid the transaction in favour of another."""

    reason = "CONCURRENT_CHANGE"
    category = Category.ABORTED


def store_error(error: Exception) -> SafetyCreditError | None:
    """Translate a failure that comes and goes; nothing for a programmer's error."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(error, PoolTimeoutError) or _busy(cause):
        return StoreBusyError("the store is busy with other writers; try again shortly")
    if isinstance(cause, _UNDONE):
        return ConcurrentChangeError("a concurrent change got in the way; try again")
    if _unavailable(cause):
        return StoreUnavailableError("the store cannot be reached; try again shortly")
    return None


# Private functions -----------------------------------------------------------

_UNDONE: Final = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
_SQLITE_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_UNAVAILABLE: Final = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


def _busy(cause: BaseException | None) -> bool:
    return isinstance(cause, psycopg.errors.LockNotAvailable) or (
        isinstance(cause, sqlite3.OperationalError) and _sqlite_code(cause) in _SQLITE_BUSY
    )


def _unavailable(cause: BaseException | None) -> bool:
    return isinstance(cause, psycopg.OperationalError) or (
        isinstance(cause, sqlite3.OperationalError) and _sqlite_code(cause) in _SQLITE_UNAVAILABLE
    )


def _sqlite_code(cause: sqlite3.OperationalError) -> int:
    # The low byte is the primary code; the rest says more than is needed here.
    return cause.sqlite_errorcode & 0xFF
