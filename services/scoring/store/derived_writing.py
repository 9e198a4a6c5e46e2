"""Writing what is derived: it takes no revision, for nothing more is known after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from services.common.database import Database, DatabaseOptions
from services.common.engines import POSTGRESQL, writing_engine
from services.common.store_errors import store_error

LEASE_SECONDS: Final = 60
"""House decision: after so long without a sign of life the work counts as interrupted."""

_PATIENCE: Final = DatabaseOptions(connections_max=3, busy_seconds=5)
"""House decision: background work waits for writers of facts, and they wait for none of its own."""


class DerivedWriter:
    """Opens write transactions of their own on a store."""

    def __init__(self, database: Database) -> None:
        """Write to a database, on connections of its own; nothing is opened yet."""
        self._clock = database.clock
        self._engine: Engine = writing_engine(database.url, _PATIENCE)
        self._insert: Any = postgresql.insert if database.dialect == POSTGRESQL else sqlite.insert

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def now(self) -> datetime:
        """Give the instant of the store's clock, UTC."""
        return self._clock.now()

    def expiry(self) -> datetime:
        """Give the instant at which a lease taken now ends by itself."""
        return self.now() + timedelta(seconds=LEASE_SECONDS)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that commits at its end.

        Raises:
            IntegrityError: A row stands in the way.
            SafetyCreditError: The store is busy or cannot be reached.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            meant = store_error(error)
            if meant is None:
                raise
            raise meant from error

    def upsert(self, table: Any) -> Insert:  # noqa: ANN401 -- a table; the dialects' inserts share no type.
        """Insert rows, each in the place of the one with its key."""
        insert = self._insert(table)
        keys = {column.name for column in table.primary_key}
        upsert: Insert = insert.on_conflict_do_update(
            index_elements=sorted(keys),
            set_={
                column.name: insert.excluded[column.name]
                for column in table.columns
                if column.name not in keys
            },
        )
        return upsert
