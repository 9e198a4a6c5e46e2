"""The schema's revision: bringing it to head, and refusing to serve elsewhere.

Migrations run by Alembic in one transaction, under a lock, so that replicas that
start together do not race: the second finds the work done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Final
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, insert, inspect, select
from sqlalchemy.exc import IntegrityError

import migrations
from models.store_state import STORE_ROW_ID, StoreRow
from services.common.database import Database
from services.common.engines import POSTGRESQL, SQLITE, altering_engine, sqlite_path
from services.common.errors import Category, SafetyCreditError

_LOCK_KEY: Final = int.from_bytes(b"safetycr", "big") >> 1
"""Key of PostgreSQL's advisory lock; any number that nobody else uses."""

_LOCK_SECONDS: Final = 120
"""House decision: a migration that takes longer is run by hand, not by servers."""


class SchemaMissingError(SafetyCreditError):
    """The store has no schema yet."""

    reason = "SCHEMA_MISSING"
    category = Category.UNAVAILABLE


class SchemaOlderError(SafetyCreditError):
    """The store's schema is older than this program."""

    reason = "SCHEMA_OLDER"
    category = Category.UNAVAILABLE


class SchemaNewerError(SafetyCreditError):
    """The store's schema is newer than this program."""

    reason = "SCHEMA_NEWER"
    category = Category.UNAVAILABLE


class SchemaState(Enum):
    """How the store's schema compares with this program's migrations."""

    MISSING = "missing"
    OLDER = "older"
    AT_HEAD = "at_head"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """The state of the schema, with the revisions behind it.

    Attributes:
        state: How the two compare.
        current: Revision of the store; empty if it has no schema.
        head: Last revision that this program knows.
    """

    state: SchemaState
    current: str
    head: str


def schema_status(database: Database) -> SchemaStatus:
    """Compare the store's schema with this program's migrations."""
    with database.inspect() as connection:
        current = MigrationContext.configure(connection).get_current_revision() or ""
    head, known = _migrations_known()
    if not current:
        state = SchemaState.MISSING
    elif current == head:
        state = SchemaState.AT_HEAD
    else:
        state = SchemaState.OLDER if current in known else SchemaState.NEWER
    return SchemaStatus(state, current, head)


def require_schema_head(database: Database) -> None:
    """Refuse to go on unless the schema is exactly this program's.

    Raises:
        SchemaMissingError: The store has no schema yet.
        SchemaOlderError: It must be migrated first.
        SchemaNewerError: This program is too old for it.
    """
    status = schema_status(database)
    facts = {"current": status.current, "head": status.head}
    match status.state:
        case SchemaState.AT_HEAD:
            return
        case SchemaState.MISSING:
            raise SchemaMissingError("the store has no schema; run safetycredit migrate", **facts)
        case SchemaState.OLDER:
            raise SchemaOlderError(
                f"the store's schema {status.current} is older than this program's"
                f" {status.head}; run safetycredit migrate",
                **facts,
            )
        case SchemaState.NEWER:
            raise SchemaNewerError(
                f"the store's schema {status.current} is unknown to this program, whose"
                f" last is {status.head}; start the newer program",
                **facts,
            )


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema forward, and give a new store its identity.

    Raises:
        SchemaNewerError: This program is too old for the store.
    """
    with altering(database) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in _migrations_known()[1]:
            require_schema_head(database)
        command.upgrade(_config(connection), revision)
        ensure_store_row(connection, database.clock.now())


def downgrade(database: Database, revision: str) -> None:
    """Bring the schema back to an earlier revision; ``base`` drops everything."""
    with altering(database) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def altering(database: Database) -> Iterator[Connection]:
    """Open the one transaction that may alter the schema, under its lock.

    On SQLite foreign keys rest meanwhile, because altering a table there replaces
    it; they are checked before the commit.
    """
    if database.dialect == SQLITE:
        sqlite_path(database.url).parent.mkdir(parents=True, exist_ok=True)
    engine = altering_engine(database.url, _LOCK_SECONDS)
    try:
        with engine.connect() as connection:
            if database.dialect == POSTGRESQL:
                # The lock is the session's: it outlives the transaction that takes it,
                # and it goes with the connection, whatever happens.
                connection.execute(select(func.pg_advisory_lock(_LOCK_KEY)))
                connection.commit()
            with connection.begin():
                yield connection
                if database.dialect == SQLITE:
                    _check_foreign_keys(connection)
    finally:
        engine.dispose()


def ensure_store_row(connection: Connection, now: datetime) -> None:
    """Give a store that has just been made its identity; an older one keeps its own."""
    if not inspect(connection).has_table(StoreRow.__tablename__):
        return
    if connection.execute(select(StoreRow.id)).first() is None:
        connection.execute(
            insert(StoreRow).values(
                id=STORE_ROW_ID, store_id=uuid4().hex, revision=0, recorded_time=now
            )
        )


# Private functions -----------------------------------------------------------


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    folder = str(Path(migrations.__path__[0]))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@lru_cache(maxsize=1)
def _migrations_known() -> tuple[str, frozenset[str]]:
    """Give this program's last revision, and all of them."""
    scripts = ScriptDirectory.from_config(_config())
    head = scripts.get_current_head() or ""
    return head, frozenset(script.revision for script in scripts.walk_revisions())


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise IntegrityError(
            "PRAGMA foreign_key_check",
            None,
            ValueError(f"the migration broke a foreign key of the table {broken[0]}"),
        )
