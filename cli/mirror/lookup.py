"""Answers from a copy without a network: who is on the lists, and how old the copy is."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from google.protobuf.message import DecodeError

from cli.errors import CliError
from cli.mirror.copy import Held
from cli.mirror.copy_file import FORMAT, CopyUnreadableError, readable
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
        kind: Kind of the lists, as noted.
        division: Division of the copy; empty for the whole lists.
        confirm_time: When the service last said that the copy is right.
    """

    entries: Sequence[ListEntry]
    lists: dict[int, Held]
    kind: int
    division: str
    confirm_time: datetime


def look_up(path: Path, code: str = "") -> Found:
    """Look a subject up, by credit code or identifier; none gives only where the copy stands.

    Raises:
        CopyMissingError: There is no file.
        CopyUnreadableError: The file is no copy, or says what cannot be.
    """
    if not path.is_file():
        raise CopyMissingError(
            f"there is no copy at {path}",
            advice=f"Make one with: safetycredit mirror run --to {path} --once",
        )
    with (
        readable(path),
        closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        # One snapshot, also while the mirror applies changes.
        connection.execute("BEGIN")
        notes = dict(connection.execute("SELECT name, value FROM notes").fetchall())
        if notes.get("format") != FORMAT:
            raise CopyUnreadableError(f"{path} is a copy of another form")
        lists = connection.execute(
            "SELECT field, version, entry_count, digest FROM lists ORDER BY field"
        ).fetchall()
        bodies = connection.execute(
            "SELECT body FROM keys JOIN entries USING (place)"
            " WHERE credit_code = ? OR subject_id = ? ORDER BY entry_id",
            (code, code),
        ).fetchall()
        (findable,) = connection.execute("SELECT count(*) FROM keys").fetchone()
    if findable != sum(count for _, _, count, _ in lists):
        raise _damaged(path, "not every entry is found by its code")
    try:
        return Found(
            entries=[ListEntry.FromString(body) for (body,) in bodies] if code else [],
            lists={
                number: Held(version, count, digest) for number, version, count, digest in lists
            },
            kind=int(notes["kind"]),
            division=notes["division"],
            confirm_time=datetime.fromisoformat(notes["confirm_time"]),
        )
    except DecodeError as error:
        raise _damaged(path, "an entry cannot be read") from error
    except KeyError as error:
        raise _damaged(path, f"it does not say its {error}") from error


# Private functions -----------------------------------------------------------


def _damaged(path: Path, what: str) -> CopyUnreadableError:
    return CopyUnreadableError(
        f"{path} is damaged: {what}",
        advice="Run `safetycredit mirror run`, which repairs it, and ask again.",
        path=path,
    )
