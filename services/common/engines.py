"""SQLAlchemy engines for the two databases: how they connect and begin."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from services.common.errors import Category, SafetyCreditError

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"

_CONNECT_SECONDS: Final = 5
"""House decision: a database that takes longer to answer is down."""

_JOURNAL_SECONDS: Final = 5
_JOURNAL_PAUSE_SECONDS: Final = 0.01
"""How long, and how often, to try to give a SQLite file its write-ahead log."""

_WAL_BYTES_MAX: Final = 64 * 2**20
"""House decision: size to which SQLite cuts its write-ahead log back."""


class StoreUrlError(SafetyCreditError):
    """The store's URL names no database that this program can use."""

    reason = "STORE_URL_UNSUPPORTED"
    category = Category.INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseOptions:
    """How a process uses its database.

    Attributes:
        connections_max: Read connections, and on PostgreSQL as many again for
            writing; at least 1.
        busy_seconds: How long to wait for a connection or for another writer.
        token_wait_seconds: How long a read waits for a replica to catch up with
            a token before it gives up.
    """

    connections_max: int = 8
    busy_seconds: float = 10.0
    token_wait_seconds: float = 1.0


def store_url(text: str) -> URL:
    """Read the URL of a store.

    Raises:
        StoreUrlError: It is no URL, or of an unsupported database.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreUrlError(
            "write the store's URL as sqlite:///PATH or postgresql://USER@HOST/NAME"
        ) from error
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        if url.database in {None, "", ":memory:"}:
            raise StoreUrlError("give SQLite a file: a store in memory cannot be shared")
        return url.set(drivername="sqlite+pysqlite")
    if url.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return url.set(drivername="postgresql+psycopg")
    raise StoreUrlError("use a store on sqlite or postgresql", drivername=url.drivername)


def sqlite_path(url: URL) -> Path:
    """Give the file of a SQLite store."""
    assert url.database is not None, "store_url refuses SQLite without a file"
    return Path(url.database)


def postgresql_conninfo(url: URL) -> str:
    """Give the libpq connection string of a PostgreSQL store."""
    parts: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "safetycredit",
    }
    parts.update(url.query)
    return psycopg.conninfo.make_conninfo(
        **{name: part for name, part in parts.items() if part is not None}
    )


def reading_engine(url: URL, options: DatabaseOptions) -> Engine:
    """Build the engine whose transactions are consistent, read-only snapshots."""
    if url.get_backend_name() == POSTGRESQL:
        return _postgresql_engine(url, options, read_only=True)
    engine = _sqlite_engine(url, options, connections_max=options.connections_max)
    event.listen(engine, "connect", _keep_sqlite_read_only)
    event.listen(engine, "begin", _begin_sqlite_snapshot)
    return engine


def writing_engine(url: URL, options: DatabaseOptions) -> Engine:
    """Build the engine whose transactions write."""
    if url.get_backend_name() == POSTGRESQL:
        engine = _postgresql_engine(url, options, read_only=False)
        event.listen(engine, "do_execute", _copy_rows)
        return engine
    # SQLite has one writer at a time. One connection makes the pool the queue of
    # this process's writers, which is fairer and quicker than SQLite's polling.
    engine = _sqlite_engine(url, options, connections_max=1)
    event.listen(engine, "begin", _begin_sqlite_write)
    return engine


def altering_engine(url: URL, lock_seconds: int) -> Engine:
    """Build the engine of the one connection that alters the schema.

    Args:
        url: The store.
        lock_seconds: How long to wait for another process that alters it.
    """
    options = DatabaseOptions(connections_max=1, busy_seconds=lock_seconds)
    if url.get_backend_name() == POSTGRESQL:
        return _postgresql_engine(url, options, read_only=False)
    engine = _sqlite_engine(url, options, connections_max=1)
    event.listen(engine, "connect", _prepare_sqlite_altering)
    event.listen(engine, "begin", _begin_sqlite_write)
    return engine


# Private functions -----------------------------------------------------------

# Writers look up the rows of the keys that they were sent. The planner, which cannot see how many
# keys there are, would read whole tables, into a hash or for every key, instead of following the
# index.
_BY_KEY: Final = " -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off"


def _sqlite_engine(url: URL, options: DatabaseOptions, *, connections_max: int) -> Engine:
    engine = create_engine(
        url,
        # An error of the driver is logged; names and numbers of persons must not be.
        hide_parameters=True,
        # Without an isolation level the driver begins nothing by itself; the
        # "begin" listeners say how each transaction begins.
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            "cached_statements": 512,
            "timeout": options.busy_seconds,
        },
        pool_size=connections_max,
        max_overflow=0,
        pool_timeout=options.busy_seconds,
    )
    event.listen(engine, "connect", _set_sqlite_up)
    _close_what_comes_back(engine)
    return engine


def _close_what_comes_back(engine: Engine) -> None:
    """Close the connections that threads give back after the engine was disposed of.

    Their pool is gone by then, and would keep them open for nobody.
    """
    disposals = 0

    def count(_engine: Engine) -> None:
        nonlocal disposals
        disposals += 1

    def mark(_connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["disposals"] = disposals

    def compare(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        # Without a connection it was lost, and closed, before.
        if connection is not None and entry.info["disposals"] != disposals:
            entry.invalidate()

    event.listen(engine, "engine_disposed", count)
    event.listen(engine, "connect", mark)
    event.listen(engine, "checkin", compare)


def _set_sqlite_up(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    for pragma in (
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        f"journal_size_limit = {_WAL_BYTES_MAX}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _keep_sqlite_read_only(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only = ON")


def _prepare_sqlite_altering(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # SQLite cannot change this inside a transaction.
    connection.execute("PRAGMA foreign_keys = OFF")
    # The file remembers its journal mode, so this is the one place that sets it. Unlike
    # everything else it does not wait for another process that does the same.
    give_up_seconds = monotonic() + _JOURNAL_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if monotonic() >= give_up_seconds:
                raise
            sleep(_JOURNAL_PAUSE_SECONDS)
        else:
            return


def _begin_sqlite_snapshot(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN DEFERRED")


def _begin_sqlite_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _copy_rows(
    cursor: psycopg.Cursor[Any], statement: str, parameters: Sequence[Any], _context: object
) -> bool:
    """Run COPY with the rows that are its one parameter; leave other statements alone.

    Here, and not where rows are written, so that SQLAlchemy sees its errors as those of others.
    """
    if not statement.startswith("COPY "):
        return False
    (rows,) = parameters
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return True


def _postgresql_engine(url: URL, options: DatabaseOptions, *, read_only: bool) -> Engine:
    lock_ms = int(options.busy_seconds * 1000)
    engine = create_engine(
        url,
        # An error of the driver is logged; names and numbers of persons must not be.
        hide_parameters=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "safetycredit",
            "options": f"-c timezone=UTC -c lock_timeout={lock_ms}{'' if read_only else _BY_KEY}",
        },
        pool_size=options.connections_max,
        max_overflow=0,
        pool_timeout=options.busy_seconds,
        # The connection used last has its statements prepared and its process's caches warm.
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "do_connect")
    def _connect(
        _dialect: Dialect,
        _entry: ConnectionPoolEntry,
        arguments: list[Any],
        keywords: dict[str, Any],
    ) -> psycopg.Connection:
        connection = psycopg.connect(*arguments, **keywords)
        # Set once on the connection, so that no transaction pays for it.
        if read_only:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
        else:
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection

    _close_what_comes_back(engine)
    return engine
