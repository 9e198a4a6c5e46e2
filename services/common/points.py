"""Where the store stands, asked so cheaply that every warm answer can ask.

SQLite counts the commits of other connections (``PRAGMA data_version``), so a
connection that never writes needs to read the store's row only after one. On
PostgreSQL one prepared statement outside any transaction reads it; on the event
loop it is sent through libpq's non-blocking interface, and concurrent callers
share it. Notifications were not used: one that is still under way would make an
answer stale.
"""

import asyncio
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from threading import Lock
from time import monotonic
from typing import Final, Protocol

import psycopg
from psycopg import pq
from sqlalchemy import URL

from services.common.engines import POSTGRESQL, postgresql_conninfo, sqlite_path
from services.common.errors import Category, SafetyCreditError
from services.common.tokens import StorePoint

ANSWER_SECONDS: Final = 5.0
"""House decision: a server that takes longer over its one row has stopped or is cut off."""


class StoreUnavailableError(SafetyCreditError):
    """The store cannot be reached."""

    reason = "STORE_UNAVAILABLE"
    category = Category.UNAVAILABLE


class PointReader(Protocol):
    """Reads the current point of one store."""

    def point(self) -> StorePoint:
        """Give the point of the last commit; from any thread."""
        ...

    async def fresh_point(self) -> StorePoint:
        """Give a point read after the call began; on one event loop."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


def point_reader(url: URL) -> PointReader:
    """Give the reader for a store's database; nothing is opened yet."""
    if url.get_backend_name() == POSTGRESQL:
        return PostgresqlPointReader(postgresql_conninfo(url))
    return SqlitePointReader(sqlite_path(url))


class SqlitePointReader:
    """Reads the point of a SQLite store, only after a commit."""

    def __init__(self, path: Path) -> None:
        """Remember the file; it is opened by the first question."""
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._data_version = -1
        self._point: StorePoint | None = None

    def point(self) -> StorePoint:
        """Give the point of the last commit."""
        with self._lock:
            try:
                return self._read()
            except sqlite3.OperationalError as error:
                self._close()
                raise _unavailable() from error

    async def fresh_point(self) -> StorePoint:
        """Give the point of the last commit.

        The question takes a few microseconds and waits for no writer, so it is
        asked on the event loop itself.
        """
        return self.point()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._close()

    def _read(self) -> StorePoint:
        if self._connection is None:
            self._connection = _open_sqlite(self._path)
        execute = self._connection.execute
        (data_version,) = execute("PRAGMA data_version").fetchone()
        # The version is asked first: a commit between the two questions gives a
        # newer point under the older version, and the next call reads it again.
        if data_version != self._data_version or self._point is None:
            self._point = _sqlite_point(execute(_POINT_SQLITE).fetchone())
            self._data_version = data_version
        return self._point

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._point = None


class PostgresqlPointReader:
    """Reads the point of a PostgreSQL store with one prepared statement."""

    def __init__(self, conninfo: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Remember where to connect; the first question connects.

        Args:
            conninfo: Connection string of libpq.
            answer_seconds: How long questions wait for the server.
        """
        self._conninfo = conninfo
        self._answer_seconds = answer_seconds
        self._lock = Lock()
        self._blocking: psycopg.Connection | None = None
        self._decoder = _PointDecoder()
        self._shared: _SharedRead | None = None

    def point(self) -> StorePoint:
        """Give the point of the last commit, through a blocking connection."""
        with self._lock:
            try:
                return self._ask()
            except psycopg.OperationalError:
                # The server may have been restarted since the last question.
                self._close()
            try:
                return self._ask()
            except psycopg.OperationalError as error:
                self._close()
                raise _unavailable() from error

    async def fresh_point(self) -> StorePoint:
        """Give a point read after this call began, sharing reads."""
        loop = asyncio.get_running_loop()
        if self._shared is not None and self._shared.loop is not loop:
            self._shared.close()
            self._shared = None
        if self._shared is None:
            self._shared = _SharedRead(loop, self._conninfo, self._answer_seconds)
        return await self._shared.read()

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            self._close()
        if self._shared is not None:
            self._shared.close()
            self._shared = None

    def _ask(self) -> StorePoint:
        if self._blocking is None:
            self._blocking = _open_postgresql(self._conninfo, self._answer_seconds)
        asked = self._blocking.pgconn
        asked.send_query_prepared(_STATEMENT_NAME, [], result_format=pq.Format.BINARY)
        return self._decoder.point(_answer_within(asked, self._answer_seconds))

    def _close(self) -> None:
        if self._blocking is not None:
            self._blocking.close()
        self._blocking = None


# Private functions and classes ------------------------------------------------

_POINT_SQLITE: Final = "SELECT store_id, revision, recorded_time FROM store"
_POINT_POSTGRESQL: Final = b"SELECT store_id, revision, recorded_time FROM store"
_STATEMENT_NAME: Final = b"safetycredit_point"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# PostgreSQL's binary instants count from here.
_POSTGRESQL_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def _unavailable() -> StoreUnavailableError:
    return StoreUnavailableError("the store cannot be reached; try again shortly")


def _open_sqlite(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _sqlite_point(row: tuple[str, int, int]) -> StorePoint:
    store_id, revision, recorded_us = row
    return StorePoint(store_id, revision, _EPOCH + recorded_us * _MICROSECOND)


def _open_postgresql(conninfo: str, answer_seconds: float) -> psycopg.Connection:
    # Not libpq's own blocking call: psycopg holds the interpreter's lock while that waits, and a
    # server that takes a connection and says nothing would stop every thread of the process.
    connection = psycopg.connect(conninfo, autocommit=True)
    try:
        connection.pgconn.send_prepare(_STATEMENT_NAME, _POINT_POSTGRESQL)
        _checked(_answer_within(connection.pgconn, answer_seconds))
    except psycopg.OperationalError:
        connection.close()
        raise
    return connection


def _answer_within(asked: pq.abc.PGconn, seconds: float) -> pq.abc.PGresult:
    """Wait for an answer to its end, and no longer than it may take.

    Not by libpq's own waiting, which holds the interpreter's lock and knows no end.

    Raises:
        OperationalError: The server says nothing, or has gone.
    """
    end_seconds = monotonic() + seconds
    answer: pq.abc.PGresult | None = None
    with DefaultSelector() as selector:
        selector.register(asked.socket, EVENT_READ)
        while True:
            while asked.is_busy():
                left_seconds = end_seconds - monotonic()
                if left_seconds <= 0 or not selector.select(left_seconds):
                    raise psycopg.OperationalError("the server does not answer")
                asked.consume_input()
            result = asked.get_result()
            if result is None:
                break
            answer = result
    if answer is None:
        raise psycopg.OperationalError("the server answered nothing")
    return answer


async def _opened_by_a_thread(conninfo: str, answer_seconds: float) -> psycopg.Connection:
    """Connect without stopping the loop; what nobody waits for any more is closed."""
    threads = ThreadPoolExecutor(max_workers=1)
    opening = threads.submit(_open_postgresql, conninfo, answer_seconds)
    threads.shutdown(wait=False)
    try:
        return await asyncio.wrap_future(opening)
    except (asyncio.CancelledError, GeneratorExit):
        opening.add_done_callback(_close_unwanted)
        raise


def _close_unwanted(opening: Future[psycopg.Connection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _checked(result: pq.abc.PGresult) -> pq.abc.PGresult:
    if result.status in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
        return result
    raise psycopg.OperationalError(result.error_message.decode(errors="replace"))


class _PointDecoder:
    """Decodes the one row, and only if it is another than the last one."""

    def __init__(self) -> None:
        self._row: tuple[bytes | None, ...] = ()
        self._point: StorePoint | None = None

    def point(self, result: pq.abc.PGresult) -> StorePoint:
        # The whole row: a store that was put back may come to the same revision another way.
        row = tuple(map(partial(_checked(result).get_value, 0), range(3)))
        if self._point is None or row != self._row:
            store_id, revision, recorded = row
            if store_id is None or revision is None or recorded is None:
                raise _unavailable()
            recorded_us = int.from_bytes(recorded, "big", signed=True)
            self._point = StorePoint(
                store_id.decode(),
                int.from_bytes(revision, "big"),
                _POSTGRESQL_EPOCH + recorded_us * _MICROSECOND,
            )
            self._row = row
        return self._point


class _SharedRead:
    """One non-blocking read at a time on an event loop, shared by its waiters."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, conninfo: str, answer_seconds: float
    ) -> None:
        self.loop = loop
        self._conninfo = conninfo
        self._answer_seconds = answer_seconds
        self._decoder = _PointDecoder()
        self._connection: psycopg.Connection | None = None
        self._socket = -1
        # Its row has come, and the end not yet.
        self._answer: pq.abc.PGresult | None = None
        # A connection that has answered before may have been lost since; a new one not.
        self._connection_new = False
        self._connecting: asyncio.Task[None] | None = None
        self._arrived: list[asyncio.Future[StorePoint]] = []
        self._sharing: list[asyncio.Future[StorePoint]] = []
        self._under_way = False
        self._closed = False
        self._limit: asyncio.TimerHandle | None = None

    async def read(self) -> StorePoint:
        waiter: asyncio.Future[StorePoint] = self.loop.create_future()
        self._arrived.append(waiter)
        if not self._under_way:
            self._under_way = True
            # Once round the loop, so that everybody who is there already shares.
            self.loop.call_soon(self._begin)
        return await waiter

    def close(self) -> None:
        self._closed = True
        self._abandon()

    def _abandon(self) -> None:
        if self._connecting is not None and not self.loop.is_closed():
            self._connecting.cancel()
        self._disconnect()

    def _disconnect(self) -> None:
        self._answer = None
        connection, self._connection = self._connection, None
        if connection is not None:
            # By its number, which libpq does not tell of a connection that it has given up.
            self.loop.remove_reader(self._socket)
            connection.close()

    def _begin(self) -> None:
        self._sharing, self._arrived = self._arrived, []
        if self._closed:
            self._finish(None)
            return
        self._limit = self.loop.call_later(self._answer_seconds, self._give_up)
        if self._connection is None:
            self._connecting = self.loop.create_task(self._connect_and_send())
        else:
            self._send(self._connection)

    async def _connect_and_send(self) -> None:
        try:
            connection = await _opened_by_a_thread(self._conninfo, self._answer_seconds)
        except psycopg.OperationalError:
            self._finish(None)
            return
        connection.pgconn.nonblocking = 1
        self._connection, self._socket = connection, connection.pgconn.socket
        self.loop.add_reader(self._socket, self._receive)
        self._connection_new = True
        self._send(connection)

    def _send(self, connection: psycopg.Connection) -> None:
        sending = connection.pgconn
        try:
            sending.send_query_prepared(_STATEMENT_NAME, [], result_format=pq.Format.BINARY)
            sending.flush()
        except psycopg.OperationalError:
            self._lose()

    def _receive(self) -> None:
        if self._connection is None:
            return
        try:
            result = self._read(self._connection.pgconn)
            if result is None:
                return
            point = self._decoder.point(result)
        except (psycopg.OperationalError, StoreUnavailableError):
            self._lose()
            return
        self._connection_new = False
        self._finish(point)

    def _read(self, receiving: pq.abc.PGconn) -> pq.abc.PGresult | None:
        """Take in what has come; give the answer once its end has come, too.

        What is still under way is not waited for: libpq would, and stop every thread.
        """
        receiving.consume_input()
        while not receiving.is_busy():
            result = receiving.get_result()
            if result is None:
                answer, self._answer = self._answer, None
                return answer
            self._answer = result
        return None

    def _lose(self) -> None:
        """Close a broken connection; connect again once if somebody waits."""
        self._disconnect()
        if not self._sharing:
            # The server closed an idle connection; the next question reconnects.
            return
        if self._connection_new:
            self._finish(None)
        else:
            self._connecting = self.loop.create_task(self._connect_and_send())

    def _give_up(self) -> None:
        """Stop waiting for a server that says nothing, not even that it has gone."""
        self._abandon()
        self._finish(None)

    def _finish(self, point: StorePoint | None) -> None:
        """Answer those who share the read; nothing means that it failed."""
        if self._limit is not None:
            self._limit.cancel()
        for waiter in self._sharing:
            if waiter.done():
                continue
            if point is not None:
                waiter.set_result(point)
            else:
                waiter.set_exception(_unavailable())
        self._sharing = []
        if self._arrived:
            self.loop.call_soon(self._begin)
        else:
            self._under_way = False
