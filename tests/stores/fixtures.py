"""Fixtures of stores: a fresh, migrated one for every test, on both databases.

A store is migrated once by each worker; every test gets a copy of it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.database import Database, DatabaseOptions
from services.common.schema import migrate
from tests.fakes.clock import FixedClock
from tests.stores.postgresql import Server, running_server

OPTIONS = DatabaseOptions(connections_max=4, busy_seconds=10, token_wait_seconds=0)
"""Patient with writers, since tests race them; never with a token."""

BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
]
"""Parameters of a fixture that runs its tests on both databases."""

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Mark of a test of what is refused before any database is asked: one is enough."""


@pytest.fixture
def clock() -> FixedClock:
    """Stand at noon of 2025-06-01, Shanghai; the clock of the test's stores."""
    return FixedClock()


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a fresh, migrated store; the test runs on both databases."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a fresh, migrated store; the test runs on both databases."""
    opened = Database(database_url, clock=clock, options=OPTIONS)
    yield opened
    opened.close()


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a database without a schema; the test runs on both."""
    url: str = request.getfixturevalue(f"empty_{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the URL of a fresh, migrated store on SQLite."""
    path = tmp_path / "store.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """Give the URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def postgresql_url(postgresql_server: Server, postgresql_template: str) -> Iterator[str]:
    """Give the URL of a fresh, migrated store on PostgreSQL."""
    name = postgresql_server.create(template=postgresql_template)
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture
def empty_postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database."""
    name = postgresql_server.create()
    yield postgresql_server.url(name)
    postgresql_server.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate the SQLite file that every test copies."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    _migrate(f"sqlite:///{path}")
    # The last connection to close folds the write-ahead log into the file.
    assert not path.with_name("store.db-wal").exists()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """Run a PostgreSQL for the session."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Server) -> Iterator[str]:
    """Migrate the PostgreSQL database that every test copies."""
    name = postgresql_server.create()
    _migrate(postgresql_server.url(name))
    yield name
    postgresql_server.drop(name)


def _migrate(url: str) -> None:
    database = Database(url, clock=FixedClock())
    migrate(database)
    database.close()
