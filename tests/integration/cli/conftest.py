"""The running system that the tests of the command line share."""

from collections.abc import Iterator

import pytest

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
