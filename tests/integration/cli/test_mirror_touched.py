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
from cli.mirror.keeping import VERIFIED_FOR
from cli.mirror.lookup import look_up, verify
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from services.common.database import Database
from tests.fakes.list_entries import entry
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import BLACK, KilledError, held_by, mirror_of, require_right
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


@pytest.mark.parametrize("hand", [renamed, copied_over, removed, without_log])
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
        before = path.stat()
        content = path.read_bytes()
        code, other = (entry(number).credit_code.encode() for number in (1, 2))
        assert code in content
        path.write_bytes(content.replace(code, other))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    feed = BeatingFeed.of(store, BLACK, before_beats=[decayed])

    with pytest.raises(KilledError):
        mirror_of(path, feed, now=lambda: clock[0]).run(once=False)

    mended = "buckets" in feed.calls or "export" in feed.calls
    assert mended is (timedelta(hours=abs(hours)) > VERIFIED_FOR)
    if mended:
        require_right(path, store)
