"""The file of a copy: its tables, and how a new one takes the place of an old one."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from cli.errors import CliError

FORMAT: Final = "2"
"""Form of the file; a file of another form is loaded anew."""

TABLES: Final = (
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE lists (field INTEGER PRIMARY KEY, version INTEGER NOT NULL,
    entry_count INTEGER NOT NULL, digest BLOB NOT NULL)""",
    # Most changes are of bodies alone, so what entries are found by stands beside them: more
    # bodies share a page, and no index is in the way.
    "CREATE TABLE entries (place INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    """CREATE TABLE keys (place INTEGER PRIMARY KEY, entry_id TEXT NOT NULL,
    field INTEGER NOT NULL, credit_code TEXT NOT NULL, subject_id TEXT NOT NULL)""",
)
INDEXES: Final = (
    "CREATE INDEX keys_code ON keys (credit_code)",
    "CREATE INDEX keys_subject ON keys (subject_id)",
)
INSERT: Final = "INSERT INTO entries VALUES (?, ?)"
REPLACE: Final = "REPLACE INTO entries VALUES (?, ?)"
INSERT_KEYS: Final = "INSERT INTO keys VALUES (?, ?, ?, ?, ?)"
REPLACE_KEYS: Final = "REPLACE INTO keys VALUES (?, ?, ?, ?, ?)"

_SUFFIXES: Final = ("-wal", "-shm", "-journal")


class CopyUnreadableError(CliError):
    """The file is no copy, or damaged so that SQLite cannot read it."""

    reason = "COPY_UNREADABLE"


class CopyUnwritableError(CliError):
    """The disk is full, the folder may not be written, or the file is locked."""

    reason = "COPY_UNWRITABLE"


class CopyDamagedError(CliError):
    """What the copy holds, or would hold, is not what the service says."""

    reason = "COPY_DAMAGED"


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged file into a refusal that names it."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise CopyUnwritableError(f"{path} cannot be written: {error}") from error
        raise CopyUnreadableError(f"{path} is no copy of the lists") from error
    except sqlite3.DatabaseError as error:
        raise CopyUnreadableError(f"{path} cannot be read: {error}") from error


def swap(new: Path, path: Path, step: Callable[[str], None]) -> None:
    """Put a whole new copy where the old one is, in one step.

    Readers that have the old one open go on with it. Its log must be gone before: SQLite would play
    it into the new file.

    Args:
        new: The new copy.
        path: Where the old one is, if there is one.
        step: Is called between the end of the old one's log and that of the old one.
    """
    if path.exists():
        # Nothing is lost when this fails: the new copy, whole already, replaces file and log.
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, isolation_level=None)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    step("log removed")
    new.replace(path)
    synchronise(path.parent)


def remove_file(path: Path) -> None:
    """Remove a SQLite file and what SQLite keeps beside it."""
    for suffix in ("", *_SUFFIXES):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def synchronise(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
