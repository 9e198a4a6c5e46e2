"""Reading a copy: what it says of itself, and what it really holds."""

import gc
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np
from google.protobuf.message import DecodeError

from cli.mirror.copy_file import FORMAT, CopyUnreadableError, opened_to_read
from cli.mirror.feed import Mirrored, mirrored_of
from cli.mirror.leaves import Leaves
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from services.scoring.domain.list_digest import DIGEST_BYTES
from services.scoring.domain.list_feed import FIELDS

_LISTS: Final = "SELECT field, version, entry_count, digest FROM lists ORDER BY field"
_SEAL: Final = "head_digest"
"""The note that holds the digest of everything else that a copy says of itself."""

_ROWS: Final = "SELECT place, field, body FROM entries ORDER BY place"
_ROWS_AT_ONCE: Final = 500
"""So few that they stay near the processor while one thing after the other is done with them."""

_BODIES: Final = "SELECT body FROM entries LIMIT 1000"
"""More would say no more of which lists they are."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Held:
    """Where one list of a copy stands.

    Attributes:
        version: Its version.
        entry_count: Its entries.
        digest: Its digest.
    """

    version: int
    entry_count: int
    digest: bytes


class Contents(NamedTuple):
    """What a copy holds, by the bodies of its entries.

    Attributes:
        leaves: The entries of each list, by field.
        bodies: Those that were wanted.
    """

    leaves: dict[int, Leaves]
    bodies: Sequence[bytes]


@contextmanager
def collector_off() -> Iterator[None]:
    """Look for no cycles inside a block: rows by the hundred thousand have none."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


@contextmanager
def _values() -> Iterator[None]:
    """Turn values of other types than the tables say into a refusal: bits of a file may turn."""
    try:
        yield
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise CopyUnreadableError(f"a value is damaged: {error}") from error


@_values()
def read_notes(connection: sqlite3.Connection) -> dict[str, str]:
    """Read what a copy notes about itself.

    Raises:
        CopyUnreadableError: A note is no text.
    """
    notes = connection.execute("SELECT name, value FROM notes").fetchall()
    return {_is(name, str): _is(value, str) for name, value in notes}


def seal(connection: sqlite3.Connection) -> None:
    """Note the digest of what a copy says of itself; last in every transaction that writes."""
    connection.execute(
        "INSERT INTO notes (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_SEAL, _head_digest(connection, read_notes(connection))),
    )


@_values()
def read_confirm_time(notes: Mapping[str, str]) -> datetime:
    """Read when the service last said that a copy is right.

    Raises:
        CopyUnreadableError: That is not noted.
    """
    time = datetime.fromisoformat(notes.get("confirm_time", ""))
    if time.tzinfo is None:
        raise CopyUnreadableError("it does not say when it was confirmed")
    return time


@_values()
def read_lists(connection: sqlite3.Connection) -> tuple[Mirrored, dict[int, Held]]:
    """Read which lists a copy is of, and where each stands, by field.

    Raises:
        CopyUnreadableError: The copy is of another form, does not say which lists it is of, or
            says of one of them nothing; or something of all that is not as it was written.
    """
    notes = read_notes(connection)
    if notes.get("format") != FORMAT:
        raise CopyUnreadableError("it is a copy of another form")
    if notes.get(_SEAL) != _head_digest(connection, notes):
        raise CopyUnreadableError("what it says of its lists is not as it was written")
    mirrored = mirrored_of(notes)
    if mirrored is None:
        raise CopyUnreadableError("it does not say which lists it is a copy of")
    held = {
        field: Held(_is(version, int), _is(count, int), _is(digest, bytes))
        for field, version, count, digest in connection.execute(_LISTS)
    }
    wanted = {int(mirrored.field)} if mirrored.field else set(FIELDS) | set(held)
    if set(held) != wanted or any(len(one.digest) != DIGEST_BYTES for one in held.values()):
        raise CopyUnreadableError("it does not say where each of its lists stands")
    return mirrored, held


@_values()
def read_contents(
    connection: sqlite3.Connection,
    fields: Collection[int],
    *,
    wanted: Callable[[bytes], bool] | None = None,
) -> Contents:
    """Digest every entry of a copy by its body.

    Args:
        connection: The copy.
        fields: Fields of its lists.
        wanted: Says of which bodies to keep; none keeps none.

    Raises:
        CopyUnreadableError: An entry is of no list.
    """
    parts: dict[int, list[Leaves]] = {field: [] for field in fields}
    bodies: list[bytes] = []
    with collector_off():
        cursor = connection.execute(_ROWS)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            for field in {row[1] for row in rows}:
                if field not in parts or rows[0][0] < 0:
                    raise CopyUnreadableError("it has an entry of no list")
                parts[field].append(_leaves([row for row in rows if row[1] == field]))
            if wanted is not None:
                bodies += [row[2] for row in rows if wanted(row[2])]
    return Contents({field: Leaves.joined(found) for field, found in parts.items()}, bodies)


def lists_named(path: Path) -> set[tuple[int, int]]:
    """Read of which lists, by kind and field, the entries of a damaged copy say that they are.

    What cannot be read says nothing.
    """
    named: set[tuple[int, int]] = set()
    with suppress(sqlite3.DatabaseError, UnicodeDecodeError), opened_to_read(path) as connection:
        for (body,) in connection.execute(_BODIES):
            with suppress(DecodeError, TypeError):
                entry = ListEntry.FromString(body)
                named.add((entry.kind, entry.field))
    return {(kind, field) for kind, field in named if kind and field}


def agrees(held: Mapping[int, Held], trees: Mapping[int, DigestTree]) -> bool:
    """Say whether a copy holds what it says that it holds."""
    found = {field: (tree.entry_count, tree.digest) for field, tree in trees.items()}
    return found == {field: (one.entry_count, one.digest) for field, one in held.items()}


@_values()
def require_intact(connection: sqlite3.Connection) -> None:
    """Hold every page of a copy against what SQLite wrote.

    Raises:
        CopyUnreadableError: One of them is not.
    """
    (complaint,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if complaint != "ok":
        raise CopyUnreadableError(f"its file is damaged: {complaint}")


# Private functions -----------------------------------------------------------


def _head_digest(connection: sqlite3.Connection, notes: Mapping[str, str]) -> str:
    """Digest notes and lists, whatever types damage has given to their values."""
    said = sorted((name, value) for name, value in notes.items() if name != _SEAL)
    lists = [list(map(repr, row)) for row in connection.execute(_LISTS)]
    return sha256(dumps([said, lists]).encode()).hexdigest()


def _is(value: object, kind: type[_Value]) -> _Value:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _leaves(rows: Sequence[tuple[int, int, bytes]]) -> Leaves:
    places, _, bodies = zip(*rows, strict=True)
    return Leaves.of(np.array(places, np.int64), [sha256(body).digest() for body in bodies])
