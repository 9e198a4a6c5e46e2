"""Reading a whole copy: what it says of itself, what it holds, and what no copy can say."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from cli.mirror.copy_file import FORMAT, INSERT, TABLES, CopyUnreadableError
from cli.mirror.encoding import Encoded
from cli.mirror.feed import Mirrored
from cli.mirror.leaves import places_of
from cli.mirror.reading import Held, read_confirm_time, read_contents, read_lists, read_notes, seal
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry, ListKind
from safetycredit.type.v1.field_pb2 import Field

DIGEST = b"d" * 32
PART = Mirrored(ListKind.LIST_KIND_BLACKLIST, Field.FIELD_WORK_SAFETY, "110000")
WHOLE = Mirrored(ListKind.LIST_KIND_REDLIST, Field.FIELD_UNSPECIFIED, "")


def entry(name: str, *, field: int = 1, code: str = "code-1", cause: str = "事由") -> ListEntry:
    """Make an entry."""
    return ListEntry(
        entry_id=name,
        field=field,  # type: ignore[arg-type]  # A number of the enumeration.
        subject_id="p-1",
        credit_code=code,
        cause=cause,
    )


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """Open a copy of nothing."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        for statement in TABLES:
            opened.execute(statement)
        yield opened


def write(connection: sqlite3.Connection, *entries: ListEntry) -> None:
    """Write entries as a new copy does."""
    for one in entries:
        connection.executemany(INSERT, Encoded.of(one.field, [one]).rows())


def note(connection: sqlite3.Connection, mirrored: Mirrored, *fields: int) -> None:
    """Note what a copy is of, and where its lists stand."""
    for name, value in {**mirrored.notes, "format": FORMAT}.items():
        connection.execute("INSERT INTO notes VALUES (?, ?)", (name, value))
    for field in fields:
        connection.execute("INSERT INTO lists VALUES (?, 2, 3, ?)", (field, DIGEST))
    seal(connection)


# Contents ------------------------------------------------------------------------


def test_an_entry_is_known_by_its_body(connection: sqlite3.Connection) -> None:
    """Where it stands, and its digest to the byte."""
    one = entry("l-1")
    write(connection, one)

    (leaves,) = read_contents(connection, [1]).leaves.values()

    assert leaves.places.tolist() == places_of(["l-1"]).tolist()
    assert leaves.digests.tobytes() == sha256(one.SerializeToString(deterministic=True)).digest()


def test_entries_are_told_apart_by_their_lists(connection: sqlite3.Connection) -> None:
    """Each list has its own, also where none is on it."""
    write(connection, entry("l-1"), entry("l-2", field=2), entry("l-3"))

    found = read_contents(connection, [1, 2, 3]).leaves

    assert {field: len(leaves.places) for field, leaves in found.items()} == {1: 2, 2: 1, 3: 0}


def test_entries_that_are_wanted_are_kept(connection: sqlite3.Connection) -> None:
    """All of those, and none where none was asked for."""
    write(connection, entry("l-1"), entry("l-2", code="code-2"))

    kept = read_contents(connection, [1], wanted=lambda body: b"code-2" in body).bodies

    assert [ListEntry.FromString(body).entry_id for body in kept] == ["l-2"]
    assert read_contents(connection, [1]).bodies == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE entries SET field = 4", id="a-field-that-is-not-kept"),
        pytest.param("UPDATE entries SET place = -place", id="a-place-in-no-bucket"),
        pytest.param("UPDATE entries SET body = 'x'", id="a-body-that-is-a-text"),
        pytest.param("UPDATE entries SET body = 7", id="a-body-that-is-a-number"),
    ],
)
def test_an_entry_that_there_cannot_be_is_refused(
    connection: sqlite3.Connection, damage: str
) -> None:
    """A copy cannot be repaired in part by lists and buckets that there are not."""
    write(connection, entry("l-1"))
    connection.execute(damage)

    with pytest.raises(CopyUnreadableError):
        read_contents(connection, [1])


# Notes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mirrored", "fields"),
    [
        pytest.param(PART, [1], id="a-part"),
        pytest.param(WHOLE, [1, 2, 3, 4, 5], id="everything"),
        pytest.param(WHOLE, [1, 2, 3, 4, 5, 6], id="a-field-of-a-later-release"),
    ],
)
def test_a_copy_says_what_it_is(
    connection: sqlite3.Connection, mirrored: Mirrored, fields: list[int]
) -> None:
    """Of which lists, and where each of them stands."""
    note(connection, mirrored, *fields)

    read, held = read_lists(connection)

    assert read == mirrored
    assert held == dict.fromkeys(fields, Held(2, 3, DIGEST))


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE notes SET value = '0' WHERE name = 'format'",
        "UPDATE notes SET value = '3' WHERE name = 'kind'",
        "UPDATE notes SET value = '0' WHERE name = 'kind'",
        "UPDATE notes SET value = x'31' WHERE name = 'kind'",
        "DELETE FROM notes WHERE name = 'field'",
        "UPDATE notes SET value = '9' WHERE name = 'field'",
        "UPDATE notes SET value = '2' WHERE name = 'field'",
        "UPDATE notes SET value = '0' WHERE name = 'field'",
        "UPDATE notes SET value = '11' WHERE name = 'division'",
        "DELETE FROM notes WHERE name = 'division'",
        "DELETE FROM lists",
        "UPDATE lists SET version = 'x'",
        "UPDATE lists SET entry_count = 'many'",
        "UPDATE lists SET digest = 'abc'",
        "UPDATE lists SET digest = x'00'",
    ],
)
def test_a_copy_that_does_not_say_what_it_is_is_refused(
    connection: sqlite3.Connection, damage: str
) -> None:
    """Nothing is guessed, and nothing of it ends in a traceback."""
    note(connection, PART, 1)
    connection.execute(damage)

    with pytest.raises(CopyUnreadableError):
        read_lists(connection)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE notes SET value = '320613' WHERE name = 'division'", id="division"),
        pytest.param("UPDATE notes SET value = '2' WHERE name = 'kind'", id="kind"),
        pytest.param("UPDATE notes SET value = 'c-2' WHERE name = 'cursor'", id="cursor"),
        pytest.param("UPDATE notes SET name = 'cursors' WHERE name = 'cursor'", id="a-name"),
        pytest.param("UPDATE lists SET version = 3", id="version"),
        pytest.param("UPDATE lists SET entry_count = 2", id="count"),
        pytest.param("UPDATE lists SET digest = zeroblob(32)", id="digest"),
        pytest.param("UPDATE notes SET value = 'a' || value WHERE name = 'head_digest'", id="seal"),
        pytest.param("DELETE FROM notes WHERE name = 'head_digest'", id="no-seal"),
    ],
)
def test_a_damage_that_leaves_a_right_value_is_told(
    connection: sqlite3.Connection, damage: str
) -> None:
    """Another division, kind or version would be as good: only the digest of all of it tells."""
    note(connection, PART, 1)
    connection.execute("INSERT INTO notes VALUES ('cursor', 'c-1')")
    seal(connection)
    assert read_lists(connection)[0] == PART
    connection.execute(damage)

    with pytest.raises(CopyUnreadableError, match="not as it was written"):
        read_lists(connection)


def test_a_time_is_read_with_its_zone(connection: sqlite3.Connection) -> None:
    """An age cannot be counted from another."""
    connection.execute("INSERT INTO notes VALUES ('confirm_time', '2025-06-01T01:00:00+00:00')")

    assert read_confirm_time(read_notes(connection)) == datetime(2025, 6, 1, 1, tzinfo=UTC)
    for text in ("2025-06-01T01:00:00", "x", ""):
        with pytest.raises(CopyUnreadableError):
            read_confirm_time({"confirm_time": text})
