"""Migrations: models and schema agree, forward and back, however many start at once."""

import importlib
import pkgutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import CommandLine
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

import models
from models.metadata import Base
from services.common.database import Database
from services.common.schema import (
    SchemaMissingError,
    SchemaNewerError,
    SchemaOlderError,
    SchemaState,
    altering,
    downgrade,
    migrate,
    require_schema_head,
    schema_status,
)
from tests.fakes.clock import FixedClock

ROOT = Path(__file__).parents[3]


@pytest.fixture
def empty(empty_database_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a database without a schema."""
    database = Database(empty_database_url, clock=clock)
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    """Name the tables that there are."""
    with database.inspect() as connection:
        return set(inspect(connection).get_table_names())


def set_revision(database: Database, revision: str) -> None:
    """Pretend that the store was migrated by another program."""
    with altering(database) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})


@pytest.mark.migrations
def test_models_and_migrations_agree(database: Database) -> None:
    """The schema that the migrations make is the one that the models describe."""
    for module in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"models.{module.name}")

    with database.inspect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


@pytest.mark.migrations
def test_alembic_finds_nothing_to_change(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alembic's own command line works on the store of the settings, and agrees."""
    monkeypatch.setenv("SAFETYCREDIT_DATABASE_URL", sqlite_url)

    CommandLine(prog="alembic").main(["--config", str(ROOT / "alembic.ini"), "check"])


@pytest.mark.migrations
def test_every_table_names_its_writer_and_its_columns() -> None:
    """Tables and columns say what they are for, and each table has one writer."""
    for module in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"models.{module.name}")

    assert len(Base.metadata.tables) >= 3
    for table in Base.metadata.tables.values():
        assert table.info.get("writer") in {"common", "credit", "scoring"}, table.name
        assert table.comment, table.name
        for column in table.columns:
            assert column.comment, f"{table.name}.{column.name}"


@pytest.mark.migrations
def test_up_down_up(empty: Database) -> None:
    """The way up, down to nothing, and up again is open on both databases."""
    migrate(empty)
    after_up = tables(empty)
    downgrade(empty, "base")
    after_down = tables(empty)
    migrate(empty)

    assert after_down == {"alembic_version"}
    assert tables(empty) == after_up == {*Base.metadata.tables, "alembic_version"}
    require_schema_head(empty)


def test_a_new_store_gets_an_identity_and_keeps_it(empty: Database) -> None:
    """The identity is made with the store; migrating again changes nothing."""
    migrate(empty)
    first = empty.point()
    migrate(empty)

    assert empty.point() == first
    assert (first.revision, len(first.store_id)) == (0, 32)


@pytest.mark.migrations
def test_replicas_that_start_together_do_not_race(empty: Database, empty_database_url: str) -> None:
    """One of them migrates, the others find it done; there is one store."""
    start = Barrier(4)

    def start_up(_: int) -> str:
        replica = Database(empty_database_url)
        start.wait()
        migrate(replica)
        store_id = replica.point().store_id
        replica.close()
        return store_id

    with ThreadPoolExecutor(4) as threads:
        identities = set(threads.map(start_up, range(4)))

    assert len(identities) == 1
    require_schema_head(empty)


def test_a_store_without_a_schema_is_refused(empty: Database) -> None:
    """A server does not serve a store that has never been migrated."""
    with pytest.raises(SchemaMissingError, match="run safetycredit migrate"):
        require_schema_head(empty)

    assert schema_status(empty).state is SchemaState.MISSING


def test_a_newer_store_is_refused(database: Database) -> None:
    """A program refuses a schema that it does not know, and does not migrate it."""
    set_revision(database, "9999_from_the_future")

    assert schema_status(database).state is SchemaState.NEWER
    with pytest.raises(SchemaNewerError, match="start the newer program"):
        require_schema_head(database)
    with pytest.raises(SchemaNewerError):
        migrate(database)


def test_an_older_store_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program refuses a schema that it has migrations for, until they have run."""
    current = schema_status(database).current
    monkeypatch.setattr(
        "services.common.schema._migrations_known",
        lambda: ("9999_next", frozenset({current, "9999_next"})),
    )

    with pytest.raises(SchemaOlderError) as error:
        require_schema_head(database)

    assert error.value.facts == {"current": current, "head": "9999_next"}


def test_a_migration_that_breaks_a_reference_is_undone(sqlite_url: str) -> None:
    """On SQLite references rest while tables are altered, and are checked at the end."""
    database = Database(sqlite_url)
    with altering(database) as connection:
        connection.execute(text("CREATE TABLE kettles (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE lids (kettle INTEGER REFERENCES kettles (id))"))

    with pytest.raises(IntegrityError, match="lids"), altering(database) as connection:
        connection.execute(text("INSERT INTO lids VALUES (7)"))

    with database.inspect() as connection:
        assert connection.execute(text("SELECT * FROM lids")).all() == []
    database.close()
