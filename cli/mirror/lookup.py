"""Answers from a copy without a network: who is on the lists, and how old the copy is.

A copy answers about somebody only after every entry of it was held against its digests: of one who
is on a list, a damaged one might say that he is not. That takes some seconds a million.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cli.errors import CliError
from cli.mirror.copy_file import (
    CopyOfSomethingElseError,
    CopyUnreadableError,
    is_copy,
    opened_to_read,
    readable,
)
from cli.mirror.feed import Mirrored
from cli.mirror.reading import (
    Held,
    agrees,
    read_confirm_time,
    read_contents,
    read_lists,
    read_notes,
    require_intact,
)
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry


class CopyMissingError(CliError):
    """There is no copy yet."""

    reason = "COPY_MISSING"


@dataclass(frozen=True, slots=True)
class Found:
    """What a copy says.

    Attributes:
        entries: Entries found.
        lists: Where each list of the copy stands, by field.
        mirrored: Which lists those are.
        confirm_time: When the service last said that the copy is right.
    """

    entries: Sequence[ListEntry]
    lists: Mapping[int, Held]
    mirrored: Mirrored
    confirm_time: datetime


def look_up(path: Path, code: str = "") -> Found:
    """Look a subject up, by credit code or identifier; none gives only where the copy stands.

    Raises:
        CopyMissingError: There is no file.
        CopyOfSomethingElseError: The file is no copy.
        CopyUnreadableError: It is a damaged one.
        CopyUnwritableError: It cannot be opened.
        CopyInUseError: A mirror began to write just now.
    """
    with _snapshot(path) as connection:
        mirrored, held = read_lists(connection)
        confirm_time = read_confirm_time(read_notes(connection))
        bodies = _sound_bodies(connection, held, code) if code else []
    named = [ListEntry.FromString(body) for body in bodies]
    entries = [entry for entry in named if code in {entry.credit_code, entry.subject_id}]
    return Found(sorted(entries, key=lambda entry: entry.entry_id), held, mirrored, confirm_time)


def verify(path: Path) -> None:
    """Hold every entry of a copy, and the file itself, against what they should be.

    Raises:
        CopyUnreadableError: Something is not what it should be.
        CliError: The copy cannot be looked up, as with `look_up`.
    """
    with _snapshot(path) as connection:
        require_intact(connection)
        _, held = read_lists(connection)
        _sound_bodies(connection, held, "")


# Private functions -----------------------------------------------------------


@contextmanager
def _snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy as it stands at one moment, also while a mirror applies changes."""
    try:
        with readable(path):
            if not path.exists():
                raise CopyMissingError(
                    f"there is no copy at {path}",
                    advice=f"Make one with: safetycredit mirror run --to {path} --once",
                )
            if not is_copy(path):
                raise CopyOfSomethingElseError(
                    f"{path} is no copy of the lists",
                    advice="Name the file that `safetycredit mirror run` keeps.",
                    path=path,
                )
            with opened_to_read(path) as connection:
                connection.execute("BEGIN")
                yield connection
    except CopyUnreadableError as error:
        raise CopyUnreadableError(
            error.message,
            advice="Start `safetycredit mirror run`, anew if it is running: it repairs the copy.",
            path=path,
        ) from error


def _sound_bodies(
    connection: sqlite3.Connection, held: Mapping[int, Held], subject: str
) -> Sequence[bytes]:
    """Give the entries that name a subject, if every entry is what was published."""
    contents = read_contents(connection, held, subject=subject)
    trees = {field: DigestTree.of(leaves) for field, leaves in contents.leaves.items()}
    if not agrees(held, trees):
        raise CopyUnreadableError("it does not hold what was published")
    return contents.bodies
