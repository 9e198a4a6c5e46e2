"""What the tests of the command line share: a running system, a store, a place for a copy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.database import Database
from tests.fakes.clock import FixedClock
from tests.integration.cli.running_system import System, environment_of, start


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Run the system for the tests of this folder, with a small sample in its store."""
    folder = tmp_path_factory.mktemp("system")
    running = start(folder, environment_of(folder))
    yield running
    if running.process.poll() is None:
        running.end()
    elif running.process.stdout is not None:
        running.process.stdout.close()


@pytest.fixture
def store(sqlite_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a fresh store on SQLite."""
    opened = Database(sqlite_url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Say where the copy is to be."""
    return tmp_path / "blacklist.db"
