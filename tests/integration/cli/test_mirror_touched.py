"""The file of a running mirror in other hands: it is swapped, overwritten, removed, or decays."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.mirror.beside import remove_file
from cli.mirror.copy_file import CopyUnwritableError
from cli.mirror.keeping import VERIFIED_FOR
from cli.mirror.lookup import look_up, verify
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from services.common.database import Database
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import (
    BLACK,
    KilledError,
    execute,
    held_by,
    mirror_of,
    require_right,
)
from tests.fakes.list_sync_server import publish


@dataclass
class BeatingFeed(DirectFeed):
    """Sends what there is and a heartbeat, as often as there is something to do before each.

    Attributes:
        before_beats: What is done before each heartbeat; the mirror is killed after the last.
    """

    before_beats: list[Callable[[], object]] = field(default_factory=list)

    def watch(self, cursor: str) -> Iterator[pb.WatchListResponse]:
        """Do something behind the mirror's back, then give what there is, and a heartbeat."""
        self.calls.append("watch")
        while self.before_beats:
            self.before_beats.pop(0)()
            page = self.changes(cursor)
            cursor = page.cursor
            for delta in page.deltas:
                if delta.state.version > delta.base_version:
                    yield pb.WatchListResponse(delta=delta, cursor=cursor)
            states = [one.state for one in self.digest().digests]
            yield pb.WatchListResponse(states=states, cursor=cursor)
        raise KilledError


def backup_of(path: Path) -> Path:
    """Copy a copy as it stands, with what its log says."""
    backup = path.with_name("backup.db")
    with (
        closing(sqlite3.connect(path)) as copy,
        closing(sqlite3.connect(backup)) as other,
    ):
        copy.backup(other)
    return backup


def renamed(path: Path, backup: Path) -> None:
    """Put a backup in its place by its name."""
    shutil.copyfile(backup, path.with_name("new.db"))
    path.with_name("new.db").replace(path)


def copied_over(path: Path, backup: Path) -> None:
    """Put a backup in its place by its content."""
    shutil.copyfile(backup, path)


def removed(path: Path, _backup: Path) -> None:
    """Remove the file and what is beside it."""
    remove_file(path)


def without_log(path: Path, _backup: Path) -> None:
    """Remove what is beside the file alone."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink()


def restored(path: Path, backup: Path) -> None:
    """Put a backup in its place by SQLite itself, which renames nothing."""
    with (
        closing(sqlite3.connect(backup)) as other,
        closing(sqlite3.connect(path)) as copy,
    ):
        other.backup(copy)


def deleted_from(path: Path, _backup: Path) -> None:
    """Delete an entry by SQLite; what the copy says of itself stays."""
    execute(path, "DELETE FROM entries WHERE place = (SELECT min(place) FROM entries)")


@pytest.mark.parametrize(
    "hand", [renamed, copied_over, removed, without_log, restored, deleted_from]
)
def test_a_running_mirror_notices_what_is_done_to_its_file(
    store: Database, path: Path, hand: Callable[[Path, Path], None]
) -> None:
    """At the next heartbeat, or change, it reads the file anew, and mends it or loads the lists."""
    publish(store, [entry(number) for number in range(1, 41)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    backup = backup_of(path)
    publish(store, [entry(41)])
    feed = BeatingFeed.of(store, BLACK, before_beats=[lambda: hand(path, backup), lambda: None])
    told = list[str]()

    with pytest.raises(KilledError):
        mirror_of(path, feed, tell=told.append).run(once=False)

    assert look_up(path, "e-1041").entries["e-1041"]
    require_right(path, store)
    verify(path)
    assert feed.calls.count("watch") > 1


def test_a_change_is_not_written_into_a_file_that_nobody_finds(store: Database, path: Path) -> None:
    """Between two heartbeats too: what stands at the name gets it."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    backup = backup_of(path)

    def swapped() -> None:
        renamed(path, backup)
        publish(store, [entry(2)])

    feed = BeatingFeed.of(store, BLACK, before_beats=[swapped])

    with pytest.raises(KilledError):
        mirror_of(path, feed).run(once=False)

    assert feed.calls.count("watch") == 2
    assert look_up(path).lists == held_by(store)


def test_a_backup_that_sqlite_put_back_is_not_acknowledged_as_the_newest(
    store: Database, path: Path
) -> None:
    """An entry that was removed and stands in it again must not be said to be gone."""
    publish(store, [entry(1), entry(2)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    backup = backup_of(path)
    publish(store, [removal(1)])
    feed = BeatingFeed.of(store, BLACK, before_beats=[lambda: restored(path, backup)])

    with pytest.raises(KilledError):
        mirror_of(path, feed).run(once=False)

    require_right(path, store)
    assert not look_up(path, "e-1001").entries["e-1001"]
    # Once when it had caught up, and once when it had come there again.
    assert [one.version for one in feed.acknowledged] == [2, 2]


def test_a_change_is_not_written_over_what_sqlite_wrote_for_another(
    store: Database, path: Path
) -> None:
    """Between two heartbeats too; what is repaired is what the file holds then."""
    publish(store, [entry(1), entry(2)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    def written() -> None:
        deleted_from(path, path)
        publish(store, [entry(3)])

    feed = BeatingFeed.of(store, BLACK, before_beats=[written, lambda: None])

    with pytest.raises(KilledError):
        mirror_of(path, feed).run(once=False)

    require_right(path, store)
    assert feed.calls.count("buckets") == 1


def test_what_is_repaired_is_the_file_and_not_what_is_remembered_of_it(
    store: Database, path: Path
) -> None:
    """It decayed in silence, and the service says that something is wrong: it is read again."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    feed = DoubtingFeed.of(store, BLACK, before_doubt=lambda: decay(path))

    with pytest.raises(KilledError):
        mirror_of(path, feed).run(once=False)

    require_right(path, store)
    verify(path)


@dataclass
class DoubtingFeed(DirectFeed):
    """Sends one heartbeat that speaks of another state.

    Attributes:
        before_doubt: What is done before it.
    """

    before_doubt: Callable[[], object] = lambda: None
    doubted: bool = False

    def watch(self, cursor: str) -> Iterator[pb.WatchListResponse]:
        """Give the wrong heartbeat; the next time the mirror is killed."""
        self.calls.append("watch")
        if self.doubted:
            raise KilledError
        self.doubted = True
        self.before_doubt()
        states = [one.state for one in self.digest().digests]
        states[0].version += 1
        yield pb.WatchListResponse(states=states, cursor=cursor)


def decay(path: Path) -> None:
    """Turn bits of the first entry, as no time of the file tells."""
    before = path.stat()
    content = path.read_bytes()
    code, other = (entry(number).credit_code.encode() for number in (1, 2))
    assert code in content
    path.write_bytes(content.replace(code, other))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


# Locks and full disks --------------------------------------------------------------


def test_a_running_mirror_outlives_a_lock(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup, or somebody's transaction, holds the file; then the mirror goes on."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    impatient(monkeypatch)
    locks: list[sqlite3.Connection] = []
    pauses: list[float] = []

    def locked() -> None:
        locks.append(sqlite3.connect(path, isolation_level=None))
        locks[0].execute("BEGIN IMMEDIATE")
        publish(store, [entry(2)])

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            locks[0].close()

    feed = BeatingFeed.of(store, BLACK, before_beats=[locked, lambda: None])

    with pytest.raises(KilledError):
        mirror_of(path, feed, pause=pause).run(once=False)

    assert len(pauses) == 3
    require_right(path, store)


@pytest.mark.parametrize("once", [True, False])
def test_a_mirror_that_cannot_write_at_all_says_so(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch, *, once: bool
) -> None:
    """Whoever starts it is told at once what is in its way, and does not wait for it unseen."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    impatient(monkeypatch)
    with closing(sqlite3.connect(path, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")

        with pytest.raises(CopyUnwritableError, match="locked"):
            mirror_of(path, DirectFeed.of(store, BLACK)).run(once=once)


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for a lock."""
    monkeypatch.setattr("cli.mirror.copy._PRAGMAS", ("journal_mode = WAL", "busy_timeout = 0"))


# Its own hand ----------------------------------------------------------------------


def test_what_the_mirror_writes_itself_is_no_other_hand(store: Database, path: Path) -> None:
    """Changes and heartbeats go on over one stream, however often the log is folded in."""
    publish(store, [entry(1)])
    beats: list[Callable[[], object]] = [
        lambda: publish(store, [entry(2)]),
        lambda: None,
        lambda: publish(store, [entry(3)]),
        lambda: look_up(path, "e-1"),
    ]
    feed = BeatingFeed.of(store, BLACK, before_beats=beats)

    with pytest.raises(KilledError):
        mirror_of(path, feed).run(once=False)

    assert feed.calls.count("watch") == 1
    require_right(path, store)


@pytest.mark.parametrize("hours", [-7, -6, 6, 7])
def test_a_running_mirror_reads_its_file_again_after_some_hours(
    store: Database, path: Path, hours: int
) -> None:
    """A disk decays in silence: no time of the file tells."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    clock = [datetime(2025, 6, 1, tzinfo=UTC)]

    def decayed() -> None:
        clock[0] += timedelta(hours=hours)
        decay(path)

    feed = BeatingFeed.of(store, BLACK, before_beats=[decayed])

    with pytest.raises(KilledError):
        mirror_of(path, feed, now=lambda: clock[0]).run(once=False)

    mended = "buckets" in feed.calls or "export" in feed.calls
    assert mended is (timedelta(hours=abs(hours)) > VERIFIED_FOR)
    if mended:
        require_right(path, store)
