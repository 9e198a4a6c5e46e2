"""The lease on the periodic work on the lists.

A lease takes no revision: after it nothing is known that was not known before.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from models.grades import LeaseRow
from services.common.database import Database, DatabaseOptions
from services.common.engines import POSTGRESQL, writing_engine
from services.common.store_errors import ConcurrentChangeError, StoreBusyError, store_error
from services.scoring.store.columns import table_of

LEASE_SECONDS: Final = 60
"""House decision: after so long without a sign of life another replica takes over."""

RELEASE_TRIES: Final = 20
"""House decision: each waits for a quarter of a second at most, so all of them for 5 s."""

LISTS: Final = "lists"
"""Lease on keeping the lists right."""

FEED: Final = "list-feed"
"""Lease on keeping their feed fit."""

_LEASES: Final = table_of(LeaseRow)
_PATIENCE: Final = DatabaseOptions(connections_max=1, busy_seconds=0.25)
"""House decision: the work can wait; other writers cannot."""


class SqlListLease:
    """Lets one replica at a time work on the lists; implements `ListLease`."""

    def __init__(self, database: Database, name: str = LISTS) -> None:
        """Write to a database, on a connection of its own; nothing is opened yet.

        Args:
            database: Where the lease stands.
            name: Name of the lease: each kind of work has its own.
        """
        self._name = name
        self._clock = database.clock
        self._engine = writing_engine(database.url, _PATIENCE)
        insert: Any = postgresql.insert if database.dialect == POSTGRESQL else sqlite.insert
        self._insert = insert

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()

    def claim(self) -> str | None:
        """Take the lease; nothing if another holds it."""
        holder, now = uuid4().hex, self._clock.now()
        expiry = now + timedelta(seconds=LEASE_SECONDS)
        insert = self._insert(_LEASES).values(name=self._name, holder=holder, expiry_time=expiry)
        taken = insert.on_conflict_do_update(
            index_elements=[_LEASES.c.name],
            set_={"holder": holder, "expiry_time": expiry},
            where=_LEASES.c.expiry_time <= now,
        ).returning(_LEASES.c.holder)
        found: str | None = self._run(lambda connection: connection.execute(taken).scalar())
        return found

    def release(self, lease: str) -> None:
        """Give the lease back; a busy store is asked for it `RELEASE_TRIES` times.

        Raises:
            StoreBusyError: It was busy all the time: the lease ends by itself.
            ConcurrentChangeError: It undid each try: likewise.
        """
        given = delete(_LEASES).where(_LEASES.c.name == self._name, _LEASES.c.holder == lease)
        # Whoever cannot give it back stops everybody's work, its own too, until the lease ends.
        for _ in range(RELEASE_TRIES - 1):
            with suppress(StoreBusyError, ConcurrentChangeError):
                self._run(lambda connection: connection.execute(given))
                return
        self._run(lambda connection: connection.execute(given))

    # Private methods -------------------------------------------------------------

    def _run(self, work: Any) -> Any:  # noqa: ANN401 -- takes a connection, gives what it reads.
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            meant = store_error(error)
            if meant is None:
                raise
            raise meant from error
