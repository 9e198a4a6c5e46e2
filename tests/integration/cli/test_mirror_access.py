"""Who may read and write the copy of a mirror, and by which name it is reached."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.mirror.copy import ListCopy
from cli.mirror.copy_file import (
    CopyInUseError,
    CopyUnwritableError,
)
from cli.mirror.lookup import look_up, verify
from cli.mirror.reading import read_lists
from services.common.database import Database
from tests.fakes.list_entries import entry
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import (
    BLACK,
    KilledError,
    execute,
    held_by,
    mirror_of,
)
from tests.fakes.list_sync_server import publish

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
        patched.setattr("cli.mirror.beside.sqlite3.connect", lambda *_, **__: Full())
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


@pytest.mark.parametrize("mode", [0o640, 0o600, 0o664])
def test_who_may_read_a_copy_may_read_the_one_that_takes_its_place(
    store: Database, path: Path, mode: int
) -> None:
    """And nobody else, not even while it is loaded."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    path.chmod(mode)
    execute(path, "DELETE FROM notes WHERE name = 'cursor'")
    modes = set[int]()

    def step(name: str) -> None:
        if name == "loaded a part":
            modes.add(path.with_name("blacklist.db.loading").stat().st_mode & 0o777)

    mirror_of(path, DirectFeed.of(store, BLACK), step=step).run(once=True)

    assert modes == {mode}
    assert path.stat().st_mode & 0o777 == mode


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

    assert [one.entry_id for one in found.entries["e-1001"]] == ["l-1"]
    assert found.lists == held_by(store)


def test_a_link_does_not_hide_the_log_of_a_copy(store: Database, folder: Path) -> None:
    """A killed mirror left it; who cannot read it gets no answer from the file alone."""
    kept, links = folder / "kept", folder / "links"
    for one in (kept, links):
        one.mkdir()
    path, link = kept / "blacklist.db", links / "blacklist.db"
    publish(store, [entry(1)])
    working = folder / "working.db"
    mirror_of(working, DirectFeed.of(store, BLACK)).run(once=True)
    publish(store, [entry(2)])
    copy = ListCopy(working)
    page = DirectFeed.of(store, BLACK).changes(copy.cursor())
    copy.apply(page.deltas, page.cursor, confirmed=datetime.now(UTC))
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{working}{suffix}", f"{path}{suffix}")
    copy.close()
    link.symlink_to(path)

    for name in (path, link):
        with only_reading(kept), pytest.raises(CopyUnwritableError):
            look_up(name, "e-1002")

    # The file is a whole copy without its log, and who would read it alone finds nobody.
    path.with_name("blacklist.db-wal").unlink()
    with only_reading(kept):
        assert look_up(link, "e-1002").entries["e-1002"] == []


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
