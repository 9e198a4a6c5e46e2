"""Reading a whole copy: what is not where or as its body says is told from what is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256

import pytest

from cli.mirror.copy_file import INSERT, INSERT_KEYS, TABLES, CopyUnreadableError
from cli.mirror.encoding import Encoded
from cli.mirror.leaves import mark_of, places_of
from cli.mirror.reading import read_leaves
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry, ListKind

KIND = ListKind.LIST_KIND_BLACKLIST


def entry(name: str, *, field: int = 1, code: str = "code") -> ListEntry:
    """Make an entry."""
    return ListEntry(
        entry_id=name,
        kind=KIND,
        field=field,  # type: ignore[arg-type]  # A number of the enumeration.
        subject_id="p-1",
        credit_code=code,
        cause="事由",
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
        encoded = Encoded.of(one.field, [one])
        connection.executemany(INSERT, encoded.rows())
        connection.executemany(INSERT_KEYS, encoded.key_rows())


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(entry("l-1"), id="usual"),
        pytest.param(entry("l-1", code=""), id="without-a-code"),
        pytest.param(entry("l-" + "1" * 200), id="lengths-of-two-bytes"),
        pytest.param(entry("l-1", code="编码"), id="letters-of-three-bytes"),
    ],
)
def test_an_entry_is_known_by_its_body(connection: sqlite3.Connection, one: ListEntry) -> None:
    """Whatever its keys are: they are held against those of the body, and digested."""
    write(connection, one)

    (leaves,) = read_leaves(connection, [1], KIND).values()

    body = one.SerializeToString(deterministic=True)
    assert leaves.places.tolist() == places_of([one.entry_id]).tolist()
    assert leaves.digests.tobytes() == sha256(body).digest()
    assert leaves.marks.tolist() == [mark_of(one.credit_code, "p-1")]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE keys SET credit_code = 'x'",
        "UPDATE keys SET credit_code = ''",
        "UPDATE keys SET subject_id = 'p-2'",
        "UPDATE keys SET entry_id = 'l-2'",
        "UPDATE keys SET field = 2",
        "UPDATE entries SET body = x'ff'",
        "UPDATE entries SET body = x'0a036c2d31'",
    ],
)
def test_an_entry_whose_keys_are_not_its_own_has_no_true_digest(
    connection: sqlite3.Connection, damage: str
) -> None:
    """Nor has one whose body cannot be read; so the copy is found to be damaged."""
    one = entry("l-1")
    write(connection, one)
    connection.execute(damage)

    found = read_leaves(connection, [1, 2], KIND)

    read = b"".join(leaves.digests.tobytes() for leaves in found.values())
    (body,) = connection.execute("SELECT body FROM entries").fetchone()
    assert len(read) == 32
    assert read not in {sha256(body).digest(), sha256(one.SerializeToString()).digest()}


def test_entries_are_told_apart_by_their_lists(connection: sqlite3.Connection) -> None:
    """Each list has its own, also where none is on it."""
    write(connection, entry("l-1"), entry("l-2", field=2), entry("l-3"))

    found = read_leaves(connection, [1, 2, 3], KIND)

    assert {field: len(leaves.places) for field, leaves in found.items()} == {1: 2, 2: 1, 3: 0}


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE keys SET field = 4", id="a-field-that-is-not-kept"),
        pytest.param("DELETE FROM keys", id="no-keys"),
    ],
)
def test_an_entry_of_no_list_is_refused(connection: sqlite3.Connection, damage: str) -> None:
    """A copy cannot be repaired in part by lists and buckets that there are not."""
    write(connection, entry("l-1"))
    connection.execute(damage)

    with pytest.raises(CopyUnreadableError, match="an entry of no list"):
        read_leaves(connection, [1], KIND)


def test_a_place_in_no_bucket_is_refused_with_its_keys(connection: sqlite3.Connection) -> None:
    """Repairing would not reach it."""
    write(connection, entry("l-1"))
    for statement in ("UPDATE entries SET place = -place", "UPDATE keys SET place = -place"):
        connection.execute(statement)

    with pytest.raises(CopyUnreadableError, match="an entry of no list"):
        read_leaves(connection, [1], KIND)
