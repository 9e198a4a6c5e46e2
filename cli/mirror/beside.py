"""What stands beside the file of a copy: a new one, those that were set aside, and the lock."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

from cli.mirror.copy_file import CopyInUseError, is_marked, readable

KEPT: Final = ".old"
"""Names what is put aside because somebody asked for that; nothing ever takes its place."""

UNREADABLE: Final = ".unreadable"
"""Names a copy that the mirror itself puts aside; the next one takes its place."""

_SUFFIXES: Final = ("-wal", "-shm", "-journal")

NEW_MODE: Final = 0o666
"""Permissions of a new file, before the caller's mask."""

_ACCESS_BITS: Final = 0o777

_FOLD_SECONDS: Final = 1.0
"""House decision: so long those are waited for who read a file whose log is to be folded in."""


def free_name(path: Path, suffix: str) -> Path:
    """Find a name beside a file where nothing stands that could be somebody's.

    What is asked to be kept stands where nothing is; everything else also where a mirror left a
    copy, or began one.
    """
    names = (
        path.with_name(f"{path.name}{suffix}{f'.{number}' if number else ''}") for number in count()
    )
    return next(
        name
        for name in names
        if not any(map(os.path.lexists, _parts(name))) or (suffix != KEPT and _is_mirrors(name))
    )


def set_aside(path: Path, aside: Path) -> None:
    """Keep a file under another name, where a copy takes its place.

    Whatever program's it is, its log is folded into it; one that is in use may keep a log. The file
    goes last: a log without its file, as a kill may leave one, takes no harm where it is put, and
    one that stands where the copy comes would be removed.
    """
    remove_file(aside)
    _fold(path)
    for part, kept in reversed(list(zip(_parts(path), _parts(aside), strict=True))):
        if part.exists():
            part.replace(kept)


def create(path: Path, like: os.stat_result | None) -> None:
    """Create a file anew that nobody may read who may not read another one, if there is one."""
    remove_file(path)
    mode = NEW_MODE if like is None else 0
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
    if like is not None:
        liken(path, like)


def liken(file: Path | int, like: os.stat_result) -> None:
    """Give a file, by its name or descriptor, the owner and the permissions of another."""
    for owner, group in ((-1, like.st_gid), (like.st_uid, -1)):
        # Only root gives a file away.
        with suppress(PermissionError):
            os.chown(file, owner, group)
    os.chmod(file, like.st_mode & _ACCESS_BITS)  # noqa: PTH101 -- a path has no descriptor.


def swap(new: Path, path: Path, step: Callable[[str], None]) -> None:
    """Put a whole new copy where the old one is, in one step.

    Readers that have the old one open go on with it. Its log must be gone before: SQLite would play
    it into the new file.

    Args:
        new: The new copy.
        path: Where the old one is, if there is one.
        step: Is called between the end of the old one's log and that of the old one.
    """
    # Nothing is lost when this fails: the new copy, whole already, replaces file and log.
    _fold(path)
    for part in _parts(path)[1:]:
        part.unlink(missing_ok=True)
    step("log removed")
    new.replace(path)
    synchronise(path.parent)


def remove_file(path: Path) -> None:
    """Remove a SQLite file and what SQLite keeps beside it."""
    for part in _parts(path):
        part.unlink(missing_ok=True)


def synchronise(path: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other mirrors off a file inside a block; a kill ends that too.

    Raises:
        CopyInUseError: Another process keeps it.
    """
    lock = path.with_name(path.name + ".lock")
    with readable(lock):
        connection = sqlite3.connect(lock, timeout=0)
    with closing(connection):
        with readable(lock):
            try:
                # Nothing is ever written, so nothing need be kept to undo it.
                connection.execute("PRAGMA journal_mode = MEMORY")
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                raise CopyInUseError(f"another process keeps {path}", path=path) from error
        yield


# Private functions -----------------------------------------------------------


def _parts(path: Path) -> list[Path]:
    """Give a SQLite file and what SQLite may keep beside it."""
    return [path.with_name(path.name + suffix) for suffix in ("", *_SUFFIXES)]


def _fold(path: Path) -> None:
    """Fold a SQLite file's log into it, where there is one and SQLite can."""
    if not path.exists():
        return
    with (
        suppress(sqlite3.Error, UnicodeDecodeError),
        closing(sqlite3.connect(path, timeout=_FOLD_SECONDS, isolation_level=None)) as file,
    ):
        # What a program that ended too early has begun there is undone by whoever reads.
        file.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _is_mirrors(path: Path) -> bool:
    """Say whether a mirror left a file, or ended before it wrote anything into it."""
    regular = path.is_file() and not path.is_symlink()
    return regular and (path.stat().st_size == 0 or is_marked(path))
