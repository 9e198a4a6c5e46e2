"""The file of a copy: its tables, how it is known for one, and what is said when it fails."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from cli.errors import CliError

FORMAT: Final = "4"
"""Form of the file; a file of another form is loaded anew."""

MARK: Final = int.from_bytes(b"SCLc", "big")
"""What SQLite keeps as the application of a file: that it is a copy, whatever else is damaged."""

TABLES: Final = (
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE lists (field INTEGER PRIMARY KEY, version INTEGER NOT NULL,
    entry_count INTEGER NOT NULL, digest BLOB NOT NULL)""",
    # Nothing stands beside the bodies that could say something else than they do, and no index:
    # who looks somebody up digests all of them.
    """CREATE TABLE entries (place INTEGER PRIMARY KEY, field INTEGER NOT NULL,
    body BLOB NOT NULL)""",
)
INSERT: Final = "INSERT INTO entries VALUES (?, ?, ?)"

_MARK_BYTES: Final = slice(68, 72)
"""Where the header of a SQLite file says of what application it is."""

_WRITE_VERSION: Final = 18
_WRITE_VERSIONS: Final = frozenset({b"\x01", b"\x02"})

_SCHEMA: Final = "SELECT name FROM sqlite_schema"
_LISTS: Final = "SELECT field, version, entry_count, digest FROM lists"
_NOTES: Final = "SELECT name FROM notes WHERE name IN ('format', 'kind', 'cursor')"

_UNWRITABLE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
"""What SQLite says of disks, folders and other processes; all else it says of the file itself."""

_UNOPENED: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})


class CopyUnreadableError(CliError):
    """The file is damaged so that it cannot be read as a copy, or one of another form."""

    reason = "COPY_UNREADABLE"


class CopyOfSomethingElseError(CliError):
    """The file is none of a mirror's."""

    reason = "COPY_OF_SOMETHING_ELSE"


class CopyInUseError(CliError):
    """Another process keeps the same file."""

    reason = "COPY_IN_USE"


class CopyTouchedError(CliError):
    """Somebody else wrote to the file, or put another in its place, while the mirror ran."""

    reason = "COPY_TOUCHED"


class CopyUnwritableError(CliError):
    """The disk is full, the folder may not be written, or the file is locked."""

    reason = "COPY_UNWRITABLE"


class CopyDamagedError(CliError):
    """What the copy holds, or would hold, is not what the service says."""

    reason = "COPY_DAMAGED"


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say of a file into a refusal that names it."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise CopyDamagedError(f"{path} would hold an entry twice: {error}") from error
    except sqlite3.DatabaseError as error:
        if _code(error) in _UNWRITABLE:
            raise CopyUnwritableError(f"{path} cannot be opened or written: {error}") from error
        raise CopyUnreadableError(f"{path} cannot be read: {error}", path=path) from error
    except UnicodeDecodeError as error:
        # Python cannot even read what SQLite says of damaged letters.
        raise CopyUnreadableError(f"{path} cannot be read: {error}", path=path) from error
    except CopyUnreadableError as error:
        if "path" in error.facts:
            raise
        raise CopyUnreadableError(f"{path} cannot be read: {error.message}", path=path) from error
    except OSError as error:
        raise CopyUnwritableError(
            f"{path} cannot be opened or written: {error.strerror}"
        ) from error


@contextmanager
def opened_to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file for reading alone, also where this process may write nothing beside it.

    Raises:
        CopyInUseError: It was changed meanwhile, by a process that had not begun before.
    """
    # What lies beside the file lies beside the file itself, not beside a link to it.
    path = path.resolve()
    before = path.stat()
    connection = _connected(path)
    alone = connection is None
    with closing(connection or _connected_alone(path)) as opened:
        yield opened
    after = path.stat()
    if alone and (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise CopyInUseError(f"{path} was changed while it was read; ask again", path=path)


def is_marked(path: Path) -> bool:
    """Say whether a file says that it is a copy, whatever else is damaged."""
    with path.open("rb") as file:
        return file.read(_MARK_BYTES.stop)[_MARK_BYTES] == MARK.to_bytes(4, "big")


def is_copy(path: Path) -> bool:
    """Say whether a file is a copy, or was one before it was damaged."""
    # To open a pipe would wait for who writes into it.
    if not path.is_file():
        return False
    if is_marked(path):
        return True
    # One that an earlier release made, or whose mark is still in the log.
    try:
        with opened_to_read(path) as connection:
            connection.execute(_LISTS).fetchone()
            return connection.execute(_NOTES).fetchone() is not None
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False


def require_header(path: Path) -> None:
    """Hold a header against those that SQLite writes to; of others it says they are read-only.

    Raises:
        CopyUnreadableError: It is damaged.
    """
    with path.open("rb") as file:
        if file.read(_WRITE_VERSION + 1)[_WRITE_VERSION:] not in _WRITE_VERSIONS:
            raise CopyUnreadableError("its header is damaged")


# Private functions -----------------------------------------------------------


def _code(error: sqlite3.DatabaseError) -> int:
    """Give what SQLite calls an error; nothing for one that Python found in what SQLite gave."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF


def _connected(path: Path) -> sqlite3.Connection | None:
    """Open a file for reading; give nothing where only `_connected_alone` can."""
    connection = _connected_with(path, "mode=ro")
    try:
        connection.execute(_SCHEMA).fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        if _code(error) not in _UNOPENED or path.with_name(path.name + "-wal").exists():
            raise
        return None
    return connection


def _connected_alone(path: Path) -> sqlite3.Connection:
    """Open a file that has no log, as if nobody ever wrote it.

    SQLite asks even a reader of a copy to begin a log beside it, which not everybody may.
    """
    return _connected_with(path, "mode=ro&immutable=1")


def _connected_with(path: Path, options: str) -> sqlite3.Connection:
    uri = f"{path.as_uri()}?{options}"
    return sqlite3.connect(uri, uri=True, isolation_level=None)
