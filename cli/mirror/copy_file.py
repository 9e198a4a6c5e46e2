"""The file of a copy: its tables, its rows, and how a new one takes the place of an old one."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Final

from cli.errors import CliError
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry

FORMAT: Final = "1"
"""Form of the file; a file of another form is loaded anew."""

TABLES: Final = (
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE lists (field INTEGER PRIMARY KEY, version INTEGER NOT NULL,
    entry_count INTEGER NOT NULL, digest BLOB NOT NULL)""",
    """CREATE TABLE entries (place INTEGER PRIMARY KEY, entry_id TEXT NOT NULL,
    field INTEGER NOT NULL, digest BLOB NOT NULL, credit_code TEXT NOT NULL,
    subject_id TEXT NOT NULL, body BLOB NOT NULL)""",
)
INDEXES: Final = (
    "CREATE INDEX entries_code ON entries (credit_code)",
    "CREATE INDEX entries_subject ON entries (subject_id)",
)
INSERT: Final = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)"

Row = tuple[int, str, int, bytes, str, str, bytes]
"""Place, identifier, field, digest, credit code, subject and body of an entry."""

_PLACES_BITS: Final = 63 - 12

_FIRST_BITS: Final[Callable[[bytes], tuple[int]]] = Struct(">Q").unpack_from

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


def place_of(entry_id: str) -> int:
    """Give the place of an entry in the file: the first 63 bits of SHA-256 of its identifier.

    So the entries of a bucket lie together, and changes that come bucket by bucket touch pages that
    lie together too. Two entries in one place are not to be expected within the age of the world;
    the file would refuse the second.
    """
    (bits,) = _FIRST_BITS(sha256(entry_id.encode()).digest())
    return bits >> 1


def bucket_of_place(place: int) -> int:
    """Give the bucket that a place lies in."""
    return place >> _PLACES_BITS


def places_of(bucket: int) -> tuple[int, int]:
    """Give the first place of a bucket, and the first after it."""
    return bucket << _PLACES_BITS, (bucket + 1) << _PLACES_BITS


def rows_of(field: int, entries: Iterable[ListEntry]) -> list[Row]:
    """Encode and digest entries; what a later release added to one is kept.

    Args:
        field: Field of their list.
        entries: The entries.

    Returns:
        Their rows in the order of the file, in which neighbours share a page.
    """
    rows: list[Row] = []
    # Neither a function for each entry nor a name looked up twice: this runs a million times.
    for entry in entries:
        name, body = entry.entry_id, entry.SerializeToString(deterministic=True)
        (bits,) = _FIRST_BITS(sha256(name.encode()).digest())
        digest = sha256(body).digest()
        rows.append((bits >> 1, name, field, digest, entry.credit_code, entry.subject_id, body))
    rows.sort()
    return rows


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


def swap(new: Path, path: Path) -> None:
    """Put a whole new copy where the old one is, in one step.

    Readers that have the old one open go on with it. Its log must be gone before: SQLite would play
    it into the new file.
    """
    if path.exists():
        # Nothing is lost when this fails: the new copy, whole already, replaces file and log.
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, isolation_level=None)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
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
