"""Writing changed entries into the file of a copy: in place where nothing finds them otherwise."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from hashlib import sha256

import pytest

from cli.mirror.changes import EntryWriter, last_changes
from cli.mirror.copy_file import INDEXES, INSERT, TABLES, bucket_of_place, place_of, rows_of
from safetycredit.scoring.v1.list_entry_pb2 import EntryRemoval, ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListChange, ListDelta

FIELD = 1


def entry(number: int, *, code: str = "", cause: str = "") -> ListEntry:
    """Make an entry."""
    return ListEntry(
        entry_id=f"l-{number}",
        subject_id=f"e-{number}",
        credit_code=code or f"code-{number}",
        cause=cause,
    )


def digest_of(one: ListEntry) -> bytes:
    """Digest an entry by the rule of list_sync_service.proto."""
    return sha256(one.SerializeToString(deterministic=True)).digest()


def bucket_of(number: int) -> int:
    """Find the bucket of an entry."""
    return bucket_of_place(place_of(f"l-{number}"))


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """Open a copy of the entries 1 and 2."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        for statement in (*TABLES, *INDEXES):
            opened.execute(statement)
        opened.executemany(INSERT, rows_of(FIELD, [entry(1), entry(2)]))
        yield opened


@pytest.mark.parametrize(
    ("number", "now"),
    [
        pytest.param(1, entry(1, cause="改"), id="changed-in-place"),
        pytest.param(1, entry(1), id="sent-again-as-it-is"),
        pytest.param(1, entry(1, code="other"), id="found-by-another-code"),
        pytest.param(1, None, id="gone"),
        pytest.param(3, entry(3), id="new"),
        pytest.param(3, None, id="gone-and-never-there"),
    ],
)
def test_an_entry_is_written_and_its_digests_told(
    connection: sqlite3.Connection, number: int, now: ListEntry | None
) -> None:
    """The digest before is that of the row that was there, whichever way it was written."""
    before = {1: entry(1), 2: entry(2)}
    after = {**before, number: now}

    told = EntryWriter(connection).write(FIELD, {f"l-{number}": now})

    old = before.get(number)
    replacement = (old and digest_of(old), now and digest_of(now))
    assert told == {bucket_of(number): [replacement]}
    expected = rows_of(FIELD, [one for one in after.values() if one is not None])
    assert rows_in(connection) == expected
    assert codes_in_index(connection) == sorted(row[4] for row in expected)


def test_a_second_write_tells_of_its_own_rows_alone(connection: sqlite3.Connection) -> None:
    """What the first one noted is forgotten; its new digest is the second one's old."""
    writer = EntryWriter(connection)
    first, second = entry(1, cause="一"), entry(1, cause="二")
    writer.write(FIELD, {"l-1": first, "l-2": None})

    told = writer.write(FIELD, {"l-1": second})

    assert told == {bucket_of(1): [(digest_of(first), digest_of(second))]}


def test_only_the_last_change_of_an_entry_counts() -> None:
    """An entry may come and go within the changes that are applied at once."""
    parts = [
        delta({1: entry(1), 2: entry(2)}),
        delta({1: None, 2: entry(2, cause="改")}),
        delta({1: entry(1, cause="再")}),
    ]

    assert last_changes(parts) == {"l-1": entry(1, cause="再"), "l-2": entry(2, cause="改")}
    assert last_changes(parts[:2]) == {"l-1": None, "l-2": entry(2, cause="改")}


def delta(changes: Mapping[int, ListEntry | None]) -> ListDelta:
    """Make a delta."""
    return ListDelta(
        changes=[
            ListChange(removal=EntryRemoval(entry_id=f"l-{number}"))
            if one is None
            else ListChange(entry=one)
            for number, one in changes.items()
        ]
    )


def rows_in(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Give the rows of the file in its order."""
    return connection.execute("SELECT * FROM entries ORDER BY place").fetchall()


def codes_in_index(connection: sqlite3.Connection) -> list[str]:
    """Give the codes by which entries are found, from the index itself."""
    rows = connection.execute("SELECT credit_code FROM entries INDEXED BY entries_code")
    return sorted(code for (code,) in rows)
