"""The store: consistent reads, ordered writes, and the point where it stands.

Every write transaction takes the next revision from the single row of ``store``
and holds that row's lock to its commit, so that the order of revisions is the
order of commits. Every read transaction is a snapshot that knows its revision.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Final

import psycopg
from sqlalchemy import Connection, Engine, RootTransaction, Select, insert, select, update

from models.store_state import RevisionRow, StoreRow
from services.common.clock import Clock, SystemClock
from services.common.deadline import check_deadline
from services.common.engines import (
    DatabaseOptions,
    reading_engine,
    store_url,
    writing_engine,
)
from services.common.errors import Category, SafetyCreditError
from services.common.identity import Caller
from services.common.points import PointReader, point_reader
from services.common.tokens import StorePoint, StoreToken

__all__ = [
    "Database",
    "DatabaseOptions",
    "ReadTransaction",
    "StorePoint",
    "WriteTransaction",
]

IDS_PER_REVISION: Final = 2**20
"""Identifiers that one write transaction may take; a house limit."""

_MICROSECOND: Final = timedelta(microseconds=1)
_CATCH_UP_SECONDS: Final = 0.01
"""Pause between two looks at a replica that lags behind a token."""


class TokenNotReachedError(SafetyCreditError):
    """The store has not reached the point of a token yet."""

    reason = "TOKEN_NOT_REACHED"
    category = Category.UNAVAILABLE


class KnownAtInFutureError(SafetyCreditError):
    """A known-at instant lies in the future."""

    reason = "KNOWN_AT_IN_FUTURE"
    category = Category.INVALID


class KnownAtTooEarlyError(SafetyCreditError):
    """A known-at instant lies before anything was recorded."""

    reason = "KNOWN_AT_BEFORE_FIRST_REVISION"
    category = Category.OUT_OF_RANGE


class TransactionTooLargeError(SafetyCreditError):
    """A write transaction wants more identifiers than one may take."""

    reason = "TRANSACTION_TOO_LARGE"
    category = Category.EXHAUSTED


@dataclass(frozen=True, slots=True)
class ReadTransaction:
    """A consistent, read-only snapshot of the store.

    Attributes:
        connection: Sees the snapshot and nothing later.
        point: Where the store stood; the default known-at of every read.
        clock: Tells a known-at in the past from one in the future.
    """

    connection: Connection
    point: StorePoint
    clock: Clock

    def revision_at(self, known_at: datetime) -> StorePoint:
        """Find the last revision recorded at or before an instant.

        An instant after the last commit gives the last commit. Answers name the
        recorded time of the point, not the instant that was asked for, because
        only the former stays reproducible while writers are at work.

        Args:
            known_at: Timezone-aware.

        Raises:
            KnownAtInFutureError: The instant has not come yet.
            KnownAtTooEarlyError: Nothing had been recorded by then.
        """
        if known_at >= self.point.recorded_time:
            if known_at > self.point.recorded_time and known_at > self.clock.now():
                raise KnownAtInFutureError(
                    "ask for a known-at that is not in the future",
                    known_at=known_at.isoformat(),
                )
            return self.point
        row = self.connection.execute(
            select(RevisionRow.revision, RevisionRow.recorded_time)
            .where(RevisionRow.recorded_time <= known_at)
            .order_by(RevisionRow.recorded_time.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            raise KnownAtTooEarlyError(
                "ask for a known-at at or after the first recorded fact",
                known_at=known_at.isoformat(),
            )
        return StorePoint(self.point.store_id, row.revision, row.recorded_time)

    def has_passed(self, point: StorePoint) -> bool:
        """Say whether the store was ever at a point.

        One that was put back from a copy was not where it stood after the copy was made, even
        where it has come to the same revision again.
        """
        if point.store_id != self.point.store_id or point.revision > self.point.revision:
            return False
        recorded = self.connection.scalar(
            select(RevisionRow.recorded_time).where(RevisionRow.revision == point.revision)
        )
        # Before the first revision there was nothing that could have been another way.
        return recorded == point.recorded_time or point.revision == 0


class WriteTransaction:
    """A write transaction that has the store to itself; undone unless committed.

    Attributes:
        connection: Where to write.
        store_id: The store that is written to.
        revision: What every fact row written here carries.
        recorded_time: Instant of the revision, UTC, later than any before.
        caller: Who writes.
        method: Full name of the RPC or command that writes.
    """

    __slots__ = (
        "_ids_taken",
        "_transaction",
        "caller",
        "connection",
        "method",
        "recorded_time",
        "revision",
        "store_id",
    )

    def __init__(
        self,
        connection: Connection,
        transaction: RootTransaction,
        *,
        point: StorePoint,
        caller: Caller,
        method: str,
    ) -> None:
        """Take the revision; ``point`` is this transaction's own."""
        self.connection = connection
        self.store_id = point.store_id
        self.revision = point.revision
        self.recorded_time = point.recorded_time
        self.caller = caller
        self.method = method
        self._transaction = transaction
        self._ids_taken = 0

    @property
    def token(self) -> StoreToken:
        """Give the token that the write's answer carries."""
        return StoreToken(self.store_id, self.revision)

    def new_id(self) -> int:
        """Take one identifier: unique in the store, ascending in time.

        Raises:
            TransactionTooLargeError: The transaction has taken all of its own.
        """
        return self.new_ids(1)[0]

    def new_ids(self, count: int) -> range:
        """Take ``count`` consecutive identifiers.

        Raises:
            TransactionTooLargeError: The transaction has not so many left.
        """
        start = self.revision * IDS_PER_REVISION + self._ids_taken
        self._ids_taken += count
        if self._ids_taken > IDS_PER_REVISION:
            raise TransactionTooLargeError(
                f"write at most {IDS_PER_REVISION} rows at once",
                ids_max=IDS_PER_REVISION,
            )
        return range(start, start + count)

    def commit(self) -> StoreToken:
        """Make everything durable and give the token of the write.

        Raises:
            DeadlinePassedError: Nobody waits any more; nothing was written.
        """
        check_deadline()
        self.connection.execute(
            _MOVE_POINT, {"revision": self.revision, "recorded_time": self.recorded_time}
        )
        self._transaction.commit()
        return self.token


class Database:
    """One store, by its URL; shared by all threads of a process."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        options: DatabaseOptions | None = None,
    ) -> None:
        """Prepare to connect; nothing is opened yet.

        Args:
            url: ``sqlite:///PATH`` or ``postgresql://USER@HOST/NAME``.
            clock: The machine's by default.
            options: Connections and patience.

        Raises:
            StoreUrlError: The URL is of no supported database.
        """
        self.url = store_url(url)
        self.dialect = self.url.get_backend_name()
        self.clock: Clock = clock or SystemClock()
        self.options = options or DatabaseOptions()
        self._reading: Engine = reading_engine(self.url, self.options)
        self._writing: Engine = writing_engine(self.url, self.options)
        self._points: PointReader = point_reader(self.url)

    def close(self) -> None:
        """Close every connection."""
        self._points.close()
        self._reading.dispose()
        self._writing.dispose()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[ReadTransaction]:
        """Open a consistent snapshot of the last commit.

        Args:
            at_least: Token of this store; the snapshot is never from before it.

        Raises:
            TokenNotReachedError: This replica has not caught up in time.
        """
        revision_min = at_least.revision if at_least else 0
        give_up_seconds = monotonic() + self.options.token_wait_seconds
        while True:
            with self._reading.connect() as connection, connection.begin():
                point = _point(connection, _POINT)
                if point.revision >= revision_min:
                    yield ReadTransaction(connection, point, self.clock)
                    return
            if monotonic() >= give_up_seconds:
                raise _not_reached(point, revision_min)
            sleep(_CATCH_UP_SECONDS)

    @contextmanager
    def read_once(self) -> Iterator[Connection]:
        """Open a connection for a single statement, which is a snapshot by itself.

        On PostgreSQL it costs one round trip instead of five: nothing begins or ends around it,
        and the point of the store is not read. Two statements would be two snapshots.
        """
        with self._reading.connect() as connection:
            driver = connection.connection.driver_connection
            if not isinstance(driver, psycopg.Connection):
                yield connection
                return
            driver.autocommit = True
            try:
                yield connection
            finally:
                # One that was lost is thrown away by the pool.
                if not driver.closed:
                    driver.autocommit = False

    @contextmanager
    def inspect(self) -> Iterator[Connection]:
        """Open a snapshot that needs no schema; for looking at the schema."""
        with self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[WriteTransaction]:
        """Begin a write; it is undone unless ``commit`` is called inside.

        A transaction that is left without a commit uses up no revision.

        Args:
            caller: Who writes; kept with the revision.
            method: Full name of the RPC or command; kept with the revision.
        """
        with self._writing.connect() as connection, connection.begin() as transaction:
            last = _point(connection, _POINT_LOCKED)
            now = self.clock.now()
            point = StorePoint(
                last.store_id,
                last.revision + 1,
                max(now, last.recorded_time + _MICROSECOND),
            )
            # Written first, so that fact rows may refer to it.
            connection.execute(
                _TAKE_REVISION,
                {
                    "revision": point.revision,
                    "recorded_time": point.recorded_time,
                    "caller": caller.identity,
                    "method": method,
                },
            )
            write = WriteTransaction(
                connection, transaction, point=point, caller=caller, method=method
            )
            yield write
            if transaction.is_active:
                transaction.rollback()

    def point(self) -> StorePoint:
        """Give the point of the last commit, cheaply, from any thread."""
        return self._points.point()

    async def fresh_point(self, *, at_least: StoreToken | None = None) -> StorePoint:
        """Give a point that was read after this call began, on the event loop.

        Concurrent callers share one read; a caller that arrives while a read is
        under way waits for the next one, so that no answer is ever stale.

        Args:
            at_least: Token of this store that the point must have reached.

        Raises:
            TokenNotReachedError: This replica has not caught up with the token.
        """
        point = await self._points.fresh_point()
        if at_least is not None and point.revision < at_least.revision:
            raise _not_reached(point, at_least.revision)
        return point


# Private functions and statements ---------------------------------------------

# Built once: every transaction runs them, and building costs more than running.
_POINT: Final[Select[str, int, datetime]] = select(
    StoreRow.store_id, StoreRow.revision, StoreRow.recorded_time
)
# SQLite has no row locks and needs none: BEGIN IMMEDIATE locked the store.
_POINT_LOCKED: Final = _POINT.with_for_update()
_MOVE_POINT: Final = update(StoreRow)
_TAKE_REVISION: Final = insert(RevisionRow)


def _point(connection: Connection, query: Select[str, int, datetime]) -> StorePoint:
    row = connection.execute(query).one()
    return StorePoint(row.store_id, row.revision, row.recorded_time)


def _not_reached(point: StorePoint, revision: int) -> TokenNotReachedError:
    return TokenNotReachedError(
        "this replica has not reached the token yet; try again shortly",
        revision=point.revision,
        token_revision=revision,
    )
