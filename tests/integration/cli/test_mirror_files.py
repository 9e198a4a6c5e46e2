"""Where the copy of a mirror is: what else may be there, and what of it is kept."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from cli.mirror.copy_file import (
    MARK,
    CopyOfSomethingElseError,
)
from cli.mirror.feed import FeedRefusedError
from cli.mirror.keeping import CopyOfOthersError, CopyOfOtherStoreError
from cli.mirror.lookup import look_up
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from services.common.database import Database
from tests.fakes.list_entries import REDLIST, entry
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import (
    BLACK,
    KilledError,
    RefusingFeed,
    execute,
    held_by,
    mirror_of,
    require_right,
)
from tests.fakes.list_sync_server import publish

# What else is there ----------------------------------------------------------------


def accounts(path: Path, _store: Database) -> None:
    """Make another program's database."""
    execute(path, "CREATE TABLE notes (name, value)")
    execute(path, "INSERT INTO notes VALUES ('cursor', 'ten years of work')")


def report(path: Path, _store: Database) -> None:
    """Make a document."""
    path.write_text("three weeks of work\n" * 50)


def own_store(path: Path, store: Database) -> None:
    """Make a copy of the service's own database."""
    shutil.copyfile(str(store.url.database), path)


@pytest.mark.parametrize("make", [accounts, report, own_store])
def test_what_is_no_copy_is_left_alone_unless_it_is_to_be_replaced(
    store: Database, path: Path, make: Callable[[Path, Database], None]
) -> None:
    """Then it is kept beside the copy."""
    publish(store, [entry(1)])
    make(path, store)
    before = path.read_bytes()
    feed = DirectFeed.of(store, BLACK)

    with pytest.raises(CopyOfSomethingElseError):
        mirror_of(path, feed).run(once=True)
    with pytest.raises(CopyOfSomethingElseError):
        look_up(path, "e-1")

    assert path.read_bytes() == before
    assert feed.calls == []
    mirror_of(path, feed, replace=True).run(once=True)
    require_right(path, store)
    assert path.with_name("blacklist.db.old").read_bytes() == before


@pytest.mark.parametrize(
    ("kept_parts", "in_use"),
    [
        pytest.param(0, False, id="before-anything"),
        pytest.param(1, False, id="after-the-file"),
        pytest.param(1, True, id="in-use"),
    ],
)
def test_another_programs_log_is_lost_at_no_step(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch, kept_parts: int, *, in_use: bool
) -> None:
    """Its newest work is in it; a kill may come before each of its files is put aside."""
    publish(store, [entry(1)])
    owner = left_with_a_log(path)
    reader = reading_an_old_state(path) if in_use else owner
    moved = list[Path]()
    replace_part = Path.replace

    def killed(part: Path, to: Path) -> Path:
        if ".old" in to.name:
            if len(moved) == kept_parts:
                raise KilledError
            moved.append(to)
        return replace_part(part, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with suppress(KilledError):
            mirror_of(path, DirectFeed.of(store, BLACK), replace=True).run(once=True)
    mirror_of(path, DirectFeed.of(store, BLACK), replace=True).run(once=True)
    reader.close()

    require_right(path, store)
    kept = {part.name: part.read_bytes() for part in path.parent.glob("blacklist.db.old*")}
    assert any(b"ten years of work" in content for content in kept.values())
    if not in_use:
        assert kept.keys() == {"blacklist.db.old"}


def left_with_a_log(path: Path) -> sqlite3.Connection:
    """Make another program's database that ended with its newest work in its log."""
    beside = path.with_name("accounts.db")
    with closing(sqlite3.connect(beside, isolation_level=None)) as program:
        program.execute("PRAGMA journal_mode = WAL")
        program.execute("CREATE TABLE accounts (entry)")
        program.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        program.execute("INSERT INTO accounts VALUES ('ten years of work')")
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{beside}{suffix}", f"{path}{suffix}")
    return program


def reading_an_old_state(path: Path) -> sqlite3.Connection:
    """Read as a program that is still running, so that its log cannot be folded in."""
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM accounts").fetchall()
    return reader


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["a-folder", "a-pipe"])
@pytest.mark.parametrize("replace", [False, True], ids=["unasked", "asked"])
def test_what_is_no_file_is_left_as_it_is(
    store: Database, path: Path, make: Callable[[Path], None], *, replace: bool
) -> None:
    """A pipe or a folder is never put aside, and to read a pipe would wait for ever."""
    make(path)
    before = path.stat()

    with pytest.raises(CopyOfSomethingElseError, match="no regular file"):
        mirror_of(path, DirectFeed.of(store, BLACK), replace=replace).run(once=True)
    with pytest.raises(CopyOfSomethingElseError):
        look_up(path, "e-1")

    assert path.stat() == before


def test_an_empty_file_is_filled(store: Database, path: Path) -> None:
    """There is nothing in it that could be lost."""
    publish(store, [entry(1)])
    path.touch()

    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    require_right(path, store)
    assert not path.with_name("blacklist.db.old").exists()


def test_a_copy_without_a_mark_is_known_and_marked(store: Database, path: Path) -> None:
    """One of an earlier release is gone on with, and known from then on whatever happens to it."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    assert mark_in(path) == MARK
    execute(path, "PRAGMA application_id = 0")
    feed = DirectFeed.of(store, BLACK)

    assert look_up(path, "e-1001").entries["e-1001"]
    mirror_of(path, feed).run(once=True)

    assert feed.calls == ["changes"]
    assert mark_in(path) == MARK


def test_a_copy_of_a_form_before_marks_is_taken_for_one(store: Database, path: Path) -> None:
    """It is loaded anew by itself, in the form of today and marked; what it was is kept."""
    publish(store, [entry(1)])
    for statement in FORM_2:
        execute(path, statement)

    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    require_right(path, store)
    assert mark_in(path) == MARK
    with closing(sqlite3.connect(path.with_name("blacklist.db.unreadable"))) as connection:
        assert connection.execute("SELECT count(*) FROM keys").fetchone() == (0,)


FORM_2 = (
    "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE lists (field INTEGER PRIMARY KEY, version INTEGER NOT NULL,
    entry_count INTEGER NOT NULL, digest BLOB NOT NULL)""",
    "CREATE TABLE entries (place INTEGER PRIMARY KEY, body BLOB NOT NULL)",
    """CREATE TABLE keys (place INTEGER PRIMARY KEY, entry_id TEXT NOT NULL,
    field INTEGER NOT NULL, credit_code TEXT NOT NULL, subject_id TEXT NOT NULL)""",
    "INSERT INTO notes VALUES ('format', '2'), ('kind', '1'), ('field', '1'), ('division', '')",
)


def mark_in(path: Path) -> int:
    """Read what SQLite says that a file is of."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA application_id").fetchone()[0])


def test_a_damaged_copy_is_kept_beside_the_one_that_takes_its_place(
    store: Database, path: Path
) -> None:
    """Its cursor cannot be asked about, so nobody knows whose lists it held."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    path.write_bytes(b"X" + path.read_bytes()[1:])
    before, told = path.read_bytes(), list[str]()

    mirror_of(path, DirectFeed.of(store, BLACK), tell=told.append).run(once=True)

    require_right(path, store)
    aside = path.with_name("blacklist.db.unreadable")
    assert aside.read_bytes() == before
    assert any(str(aside) in text for text in told)


@pytest.mark.parametrize("damage", ["", "DELETE FROM entries"], ids=["sound", "damaged"])
def test_a_copy_of_another_store_is_replaced_only_when_that_is_asked_for(
    store: Database, path: Path, damage: str
) -> None:
    """A wrong address must not cost a copy, nor mend one from lists that are not its own."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    execute(path, damage)
    held = look_up(path).lists
    publish(store, [entry(2)])
    foreign = [FeedRefusedError("CURSOR_FOREIGN", "of another store")]
    feed = RefusingFeed.of(store, BLACK, refusals=[*foreign])

    with pytest.raises(CopyOfOtherStoreError):
        mirror_of(path, feed).run(once=True)

    assert feed.calls == ["refused"]
    assert look_up(path).lists == held
    asked = mirror_of(path, RefusingFeed.of(store, BLACK, refusals=[*foreign]), replace=True)
    asked.run(once=True)
    require_right(path, store)
    assert look_up(path.with_name("blacklist.db.old")).lists == held


def test_an_unreadable_copy_of_another_store_is_not_replaced_either(
    store: Database, path: Path
) -> None:
    """As long as its cursor can be read, its store is asked for first."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    execute(path, "UPDATE entries SET body = 'x'")
    before = path.read_bytes()
    foreign = FeedRefusedError("CURSOR_FOREIGN", "of another store")

    with pytest.raises(CopyOfOtherStoreError):
        mirror_of(path, RefusingFeed.of(store, BLACK, refusals=[foreign])).run(once=True)

    assert path.read_bytes() == before


# What is kept ----------------------------------------------------------------------


def test_what_was_asked_to_be_kept_stays(store: Database, path: Path) -> None:
    """No damage of a later copy takes its place, nor what is asked to be kept next."""
    publish(store, [entry(1)])
    accounts(path, store)
    before, feed = path.read_bytes(), DirectFeed.of(store, BLACK)
    mirror_of(path, feed, replace=True).run(once=True)

    for _ in range(2):
        execute(path, "DELETE FROM notes WHERE name = 'cursor'")
        mirror_of(path, feed).run(once=True)
    report(path, store)
    mirror_of(path, feed, replace=True).run(once=True)

    require_right(path, store)
    assert path.with_name("blacklist.db.old").read_bytes() == before
    assert path.with_name("blacklist.db.old.1").read_text().startswith("three weeks of work")
    # Of copies that the mirror itself put aside, the last one is enough.
    assert path.with_name("blacklist.db.unreadable").exists()
    assert not list(path.parent.glob("*.unreadable.*"))


def test_a_copy_that_was_asked_to_be_kept_stays_too(store: Database, path: Path) -> None:
    """It is marked as every copy, and yet nothing takes its place."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    held = look_up(path).lists
    publish(store, [entry(2)])
    foreign = FeedRefusedError("CURSOR_FOREIGN", "of another store")

    for _ in range(2):
        feed = RefusingFeed.of(store, BLACK, refusals=[foreign])
        mirror_of(path, feed, replace=True).run(once=True)

    assert look_up(path.with_name("blacklist.db.old")).lists == held
    assert look_up(path.with_name("blacklist.db.old.1")).lists == held_by(store)


@pytest.mark.parametrize("name", ["blacklist.db.loading", "blacklist.db.unreadable"])
def test_what_stands_beside_it_by_chance_is_left_alone(
    store: Database, path: Path, name: str
) -> None:
    """A name that the mirror would take is taken already; it takes the next one."""
    publish(store, [entry(1)])
    beside = path.with_name(name)
    report(beside, store)
    before = beside.read_bytes()

    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    execute(path, "DELETE FROM notes WHERE name = 'cursor'")
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    require_right(path, store)
    assert beside.read_bytes() == before


@pytest.mark.parametrize("begun", [b"", None], ids=["nothing-written", "half-written"])
def test_a_load_that_was_begun_before_is_taken_up(
    store: Database, path: Path, begun: bytes | None
) -> None:
    """What a killed mirror left is not taken for somebody's."""
    publish(store, [entry(1)])
    loading = path.with_name("blacklist.db.loading")
    if begun is None:
        mirror_of(loading, DirectFeed.of(store, BLACK)).run(once=True)
        begun = loading.read_bytes()[:3000]
    loading.write_bytes(begun)

    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    require_right(path, store)
    assert not loading.exists()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE notes SET value = '?' WHERE name = 'kind'",
        "UPDATE notes SET value = '3' WHERE name = 'format'",
    ],
    ids=["its-kind-is-lost", "of-an-earlier-form"],
)
def test_a_copy_that_no_longer_says_of_what_is_known_by_its_entries(
    store: Database, path: Path, damage: str
) -> None:
    """A blacklist does not take the place of a redlist; what it is a copy of mends it."""
    publish(store, [entry(1), entry(2, list_key=REDLIST)])
    red = replace(BLACK, kind=ListKind.LIST_KIND_REDLIST)
    mirror_of(path, DirectFeed.of(store, red), mirrored=red).run(once=True)
    execute(path, damage)
    before = path.read_bytes()

    with pytest.raises(CopyOfOthersError):
        mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    assert path.read_bytes() == before
    mirror_of(path, DirectFeed.of(store, red), mirrored=red).run(once=True)
    assert look_up(path, "e-1002").entries["e-1002"]
