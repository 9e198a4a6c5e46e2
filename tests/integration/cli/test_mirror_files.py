"""Where the copy of a mirror is: what else may be there, and whether it may be written."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.mirror.copy_file import (
    MARK,
    CopyInUseError,
    CopyOfSomethingElseError,
    CopyUnwritableError,
)
from cli.mirror.feed import FeedRefusedError
from cli.mirror.keeping import CopyOfOtherStoreError
from cli.mirror.lookup import look_up, verify
from cli.mirror.reading import read_lists
from services.common.database import Database
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import entry
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


@pytest.fixture
def store(sqlite_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a fresh store on SQLite."""
    opened = Database(sqlite_url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Say where the copy is to be."""
    return tmp_path / "blacklist.db"


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

    assert look_up(path, "e-1001").entries
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
    with closing(sqlite3.connect(path.with_name("blacklist.db.old"))) as connection:
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
    aside = path.with_name("blacklist.db.old")
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


# Links ---------------------------------------------------------------------------


def test_a_link_stays_one(store: Database, path: Path) -> None:
    """What it points to is loaded anew, and who reads that reads the new copy."""
    publish(store, [entry(1)])
    link = path.with_name("link.db")
    link.symlink_to(path)
    mirror_of(link, DirectFeed.of(store, BLACK)).run(once=True)
    publish(store, [entry(2)])
    execute(path, "UPDATE notes SET value = '0' WHERE name = 'format'")

    mirror_of(link, DirectFeed.of(store, BLACK)).run(once=True)

    assert link.is_symlink()
    assert look_up(path).lists == held_by(store)


def test_one_process_keeps_a_file_by_whatever_name(store: Database, path: Path) -> None:
    """A second one that comes by a link is refused while the first runs."""
    publish(store, [entry(1)])
    link = path.with_name("link.db")
    link.symlink_to(path)

    def second(_: str) -> None:
        mirror_of(link, DirectFeed.of(store, BLACK)).run(once=True)

    with pytest.raises(CopyInUseError):
        mirror_of(path, DirectFeed.of(store, BLACK), step=second).run(once=True)


# What may not be written -----------------------------------------------------------


def test_a_full_disk_is_not_said_to_be_another_process(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SQLite says when it cannot begin is told apart."""
    publish(store, [entry(1)])

    class Full:
        def execute(self, _statement: str) -> None:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

        def close(self) -> None:
            """Close nothing."""

    with monkeypatch.context() as patched:
        patched.setattr("cli.mirror.keeping.sqlite3.connect", lambda *_, **__: Full())
        with pytest.raises(CopyUnwritableError, match="full"):
            mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)


@pytest.mark.parametrize(
    "pages", [pytest.param(2, id="at-its-beginning"), pytest.param(12, id="among-entries")]
)
def test_a_disk_that_fills_up_while_loading_is_left_as_it_was(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    """It is called full, and what was loaded of the lists goes."""
    publish(store, [entry(number) for number in range(1, 100)])
    few = ("page_size = 2048", f"max_page_count = {pages}")
    monkeypatch.setattr("cli.mirror.new_copy._PRAGMAS", few)

    with pytest.raises(CopyUnwritableError, match="full"):
        mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    assert [one.name for one in path.parent.glob("blacklist*")] == ["blacklist.db.lock"]


def test_a_load_that_is_interrupted_leaves_nothing(store: Database, path: Path) -> None:
    """A file that is no copy yet would only take room."""
    publish(store, [entry(1)])

    def interrupt(name: str) -> None:
        if name == "loaded a part":
            raise KilledError

    with pytest.raises(KilledError):
        mirror_of(path, DirectFeed.of(store, BLACK), step=interrupt).run(once=True)

    assert not path.with_name("blacklist.db.loading").exists()


def test_a_folder_is_no_file(store: Database, path: Path) -> None:
    """It is said to be one."""
    path.mkdir()

    with pytest.raises(CopyUnwritableError, match="directory"):
        mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a folder that everybody may look into."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        made.chmod(0o755)
        yield made


@contextmanager
def writing() -> Iterator[None]:
    """Be, inside a block, who one really is."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    try:
        yield
    finally:
        os.seteuid(user)


@contextmanager
def only_reading(folder: Path) -> Iterator[None]:
    """Be, inside a block, somebody who may read a folder and its files, and write neither."""
    user = os.geteuid()
    for one in folder.iterdir():
        one.chmod(0o444)
    folder.chmod(0o555)
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if user == 0:
            os.seteuid(0)
        folder.chmod(0o755)


def test_who_may_only_read_a_copy_is_answered(store: Database, folder: Path) -> None:
    """Nobody keeps the copy at that time, so no log lies beside it, and none can be begun."""
    path = folder / "blacklist.db"
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    with only_reading(folder):
        found = look_up(path, "e-1001")
        verify(path)

    assert [one.entry_id for one in found.entries] == ["l-1"]
    assert found.lists == held_by(store)


def test_a_copy_that_is_written_while_it_is_read_without_a_log_says_so(
    store: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing keeps a writer off one who may leave no sign of reading."""
    path = folder / "blacklist.db"
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    def written(connection: sqlite3.Connection) -> Any:  # noqa: ANN401 -- what it reads.
        with writing():
            os.utime(path)
        return read_lists(connection)

    monkeypatch.setattr("cli.mirror.lookup.read_lists", written)

    with only_reading(folder), pytest.raises(CopyInUseError):
        look_up(path, "e-1001")


@pytest.mark.parametrize("name", ["blacklist.db", "new.db", "sub/new.db"])
def test_who_may_not_write_is_told(store: Database, folder: Path, name: str) -> None:
    """Whether there is a copy, none, or not even a folder for it."""
    publish(store, [entry(1)])
    mirror_of(folder / "blacklist.db", DirectFeed.of(store, BLACK)).run(once=True)
    feed = DirectFeed.of(store, BLACK)

    with only_reading(folder), pytest.raises(CopyUnwritableError):
        mirror_of(folder / name, feed).run(once=True)

    assert feed.calls == []
