"""Writing changed entries into the file of a copy: in place where they are there."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest

from cli.mirror.changes import EntryWriter, last_changes
from cli.mirror.copy_file import INSERT, TABLES, CopyDamagedError
from cli.mirror.encoding import Encoded
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import EntryRemoval, ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListChange, ListDelta

FIELD = 1

ROWS = "SELECT * FROM entries ORDER BY place"


def entry(number: int, *, code: str = "", cause: str = "") -> ListEntry:
    """Make an entry."""
    return ListEntry(
        entry_id=f"l-{number}",
        subject_id=f"e-{number}",
        credit_code=code or f"code-{number}",
        cause=cause,
    )


def encoded(*entries: ListEntry) -> Encoded:
    """Encode entries of the list."""
    return Encoded.of(FIELD, entries)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """Open a copy of the entries 1 and 2."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        for statement in TABLES:
            opened.execute(statement)
        opened.executemany(INSERT, encoded(entry(1), entry(2)).rows())
        yield opened


@pytest.fixture
def tree() -> DigestTree:
    """Give what is known of that copy."""
    return DigestTree.of(encoded(entry(1), entry(2)).leaves)


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
def test_an_entry_is_written_and_the_tree_with_it(
    connection: sqlite3.Connection, tree: DigestTree, number: int, now: ListEntry | None
) -> None:
    """File and tree are what they would be if they had been made of the entries as they stand."""
    after = {1: entry(1), 2: entry(2), number: now}
    expected = encoded(*(one for one in after.values() if one is not None))

    written = EntryWriter(connection).write(FIELD, {f"l-{number}": now}, tree)

    assert (written.digest, written.entry_count) == digest_and_count(expected)
    assert rows_in(connection) == list(expected.rows())


def test_entries_of_all_kinds_are_written_at_once(
    connection: sqlite3.Connection, tree: DigestTree
) -> None:
    """One is changed, one is gone, and others are new."""
    new = [entry(number) for number in range(3, 9)]
    changed = entry(1, code="other", cause="改")
    expected = encoded(changed, *new)
    last = {"l-1": changed, "l-2": None, **{one.entry_id: one for one in new}}

    written = EntryWriter(connection).write(FIELD, last, tree)

    assert (written.digest, written.entry_count) == digest_and_count(expected)
    assert rows_in(connection) == list(expected.rows())


@pytest.mark.parametrize("now", [pytest.param(entry(1, cause="改"), id="changed"), None])
def test_a_row_that_is_known_and_not_there_is_damage(
    connection: sqlite3.Connection, tree: DigestTree, now: ListEntry | None
) -> None:
    """The tree would come out right; the file would not, and is found to be damaged."""
    connection.execute("DELETE FROM entries WHERE body = ?", (encoded(entry(1)).bodies[0],))

    with pytest.raises(CopyDamagedError, match="lacks 1 of its entries"):
        EntryWriter(connection).write(FIELD, {"l-1": now}, tree)


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


def digest_and_count(expected: Encoded) -> tuple[bytes, int]:
    """Give what a tree that is made of entries says."""
    tree = DigestTree.of(expected.leaves)
    return tree.digest, tree.entry_count


def rows_in(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Give the entries in the file."""
    return connection.execute(ROWS).fetchall()
