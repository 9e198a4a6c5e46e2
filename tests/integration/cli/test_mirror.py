"""The mirror: whatever happens to it, its file is a whole copy at one version, and ends right."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.mirror.copy import Held, ListCopy
from cli.mirror.feed import FeedRefusedError
from cli.mirror.keeping import CopyInUseError, CopyOfOthersError
from cli.mirror.lookup import look_up
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from services.common.database import Database
from services.scoring.domain.list_entry import ListChange
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import (
    BLACK,
    REDS,
    KilledError,
    Killer,
    compact,
    held_by,
    mirror_of,
    require_right,
)
from tests.fakes.list_sync_server import (
    publish,
)

ROOT = Path(__file__).parents[3]


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


# Kills ---------------------------------------------------------------------------

WISHES = st.dictionaries(
    st.integers(min_value=1, max_value=6), st.sampled_from(("a", "b", None)), min_size=1
)
STEPS = st.lists(
    st.tuples(WISHES, st.booleans(), st.none() | st.integers(min_value=0, max_value=9)),
    min_size=1,
    max_size=5,
)


@given(steps=STEPS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mirror_that_is_killed_at_any_step_ends_right(
    sqlite_template: Path, steps: list[tuple[Mapping[int, str | None], bool, int | None]]
) -> None:
    """Between publications and compactions the mirror runs, and is killed at some step or other.

    Wherever that was, the file is a sound copy at a version that the list had, or there is none.
    """
    with tempfile.TemporaryDirectory() as name:
        store_path, path = Path(name) / "store.db", Path(name) / "copy.db"
        copyfile(sqlite_template, store_path)
        database = Database(f"sqlite:///{store_path}", clock=FixedClock())
        states = held_by(database)
        had = {states[1].version: states[1]}
        listed: set[int] = set()
        for wishes, compacted, steps_left in steps:
            publish(database, changes_of(wishes, listed))
            had[held_by(database)[1].version] = held_by(database)[1]
            if compacted:
                compact(database)
            feed = DirectFeed.of(database, BLACK, page_size=1)
            try:
                mirror_of(path, feed, step=Killer(steps_left)).run(once=True)
            except KilledError:
                require_some_version(path, had)
        mirror_of(path, DirectFeed.of(database, BLACK)).run(once=True)

        require_right(path, database)
        database.close()


def changes_of(wishes: Mapping[int, str | None], listed: set[int]) -> list[ListChange]:
    """Turn wishes into changes that the list allows."""
    changes: list[ListChange] = []
    for number, cause in wishes.items():
        if cause is not None:
            changes.append(entry(number, cause=cause))
            listed.add(number)
        elif number in listed:
            changes.append(removal(number))
            listed.remove(number)
    return changes


def require_some_version(path: Path, had: Mapping[int, Held]) -> None:
    """Hold a copy against every version that its list had."""
    if not path.exists():
        return
    copy = ListCopy(path)
    held, sound = copy.held()[1], copy.sound()
    copy.close()

    assert held == had[held.version]
    assert sound


@pytest.mark.parametrize("moment", ["loading", "between write and commit", "swapping"])
def test_a_killed_process_leaves_a_copy_that_the_next_one_mends(
    store: Database, path: Path, moment: str
) -> None:
    """A real process is ended by SIGKILL in a load, inside a transaction, and within a swap."""
    publish(store, [entry(number) for number in range(1, 1200)])
    if moment != "loading":
        mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    before = held_by(store)
    publish(store, [entry(number, cause="改") for number in range(1, 600)])

    ended = subprocess.run(
        [sys.executable, "-c", KILLED_CHILD, str(store.url.database), str(path), moment],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos'}"},
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL
    if moment != "loading":
        assert look_up(path).lists == before
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    require_right(path, store)


KILLED_CHILD = """
import os, signal, sys
from pathlib import Path

from cli.mirror.copy import ListCopy
from cli.mirror.feed import Mirrored
from cli.mirror.keeping import Mirror
from services.common.database import Database
from tests.fakes.list_feed import DirectFeed

store, path, moment = sys.argv[1:]


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def step(name):
    if (moment, name) in {("loading", "loaded a part"), ("swapping", "log removed")}:
        die()


if moment == "between write and commit":
    ListCopy._finish = die
if moment == "swapping":
    ListCopy.sound = lambda _: False
    Mirror._repair = lambda *_: False
black = Mirrored(1, 1, "")
feed = DirectFeed.of(Database(f"sqlite:///{store}"), black)
Mirror(path=Path(path), feed=feed, mirrored=black, step=step).run(once=True)
"""


# Damage --------------------------------------------------------------------------

DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {}


def damaging(how: str, mended_by: str) -> Callable[[Callable[[Path], None]], None]:
    """Register a way to damage a copy, and the call that mends it."""

    def register(damage: Callable[[Path], None]) -> None:
        DAMAGE[how] = (damage, mended_by)

    return register


def execute(path: Path, statement: str) -> None:
    """Change a copy behind its back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def execute_on_1(path: Path, statement: str) -> None:
    """Change the entry l-1 of a copy behind its back."""
    at = " WHERE place = (SELECT place FROM keys WHERE entry_id = 'l-1')"
    execute(path, statement + at)


@damaging("an entry was edited", "buckets")
def _(path: Path) -> None:
    execute_on_1(path, "UPDATE entries SET body = x'0a036c2d31'")


@damaging("an entry was deleted", "buckets")
def _(path: Path) -> None:
    execute_on_1(path, "DELETE FROM entries")


@damaging("an entry was deleted with its keys", "buckets")
def _(path: Path) -> None:
    execute_on_1(path, "DELETE FROM entries")
    execute(path, "DELETE FROM keys WHERE entry_id = 'l-1'")


@damaging("an entry is found by another code", "buckets")
def _(path: Path) -> None:
    execute(path, "UPDATE keys SET credit_code = 'x' WHERE entry_id = 'l-1'")


@damaging("an entry stands in another place", "buckets")
def _(path: Path) -> None:
    execute_on_1(path, "UPDATE entries SET place = place + 1")
    execute(path, "UPDATE keys SET place = place + 1 WHERE entry_id = 'l-1'")


@damaging("an entry has no keys", "export")
def _(path: Path) -> None:
    execute(path, "DELETE FROM keys WHERE entry_id = 'l-1'")


@damaging("an entry was added", "buckets")
def _(path: Path) -> None:
    execute(path, "INSERT INTO entries SELECT place + 1, body FROM entries")
    execute(path, "INSERT INTO keys SELECT place + 1, 'l-9', field, '', '' FROM keys")


@damaging("a list was forgotten", "export")
def _(path: Path) -> None:
    execute(path, "DELETE FROM lists")


@damaging("the version was set back", "export")
def _(path: Path) -> None:
    execute(path, "UPDATE lists SET version = version - 1")


@damaging("the cursor was damaged", "export")
def _(path: Path) -> None:
    execute(path, "UPDATE notes SET value = 'x' WHERE name = 'cursor'")


@damaging("the form is another", "export")
def _(path: Path) -> None:
    execute(path, "UPDATE notes SET value = '0' WHERE name = 'format'")


@damaging("the file is rubbish", "export")
def _(path: Path) -> None:
    path.write_bytes(b"rubbish" * 1000)


@damaging("the file was cut", "export")
def _(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_copy_is_mended(store: Database, path: Path, how: str) -> None:
    """What the digests show is repaired by buckets, what cannot be read is loaded anew."""
    damage, mended_by = DAMAGE[how]
    publish(store, [entry(1), entry(2), entry(3)])
    publish(store, [entry(3, cause="改")])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    damage(path)
    feed = DirectFeed.of(store, BLACK)

    mirror_of(path, feed).run(once=True)

    require_right(path, store)
    assert mended_by in feed.calls
    assert ("export" in feed.calls) is (mended_by == "export")


@dataclass
class LyingFeed(DirectFeed):
    """Names a wrong digest with the first changes that it gives."""

    def changes(self, cursor: str) -> pb.ListChangesResponse:
        """Give changes, the first time with a wrong digest."""
        lying = "changes" not in self.calls
        page = super().changes(cursor)
        if lying:
            page.deltas[0].state.digest = b"x" * 32
        return page


def test_changes_whose_digest_does_not_come_out_are_not_applied(
    store: Database, path: Path
) -> None:
    """The copy stays as it was, and is brought to the last version by the buckets that differ."""
    publish(store, [entry(1), entry(2)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    publish(store, [entry(3)])
    feed = LyingFeed.of(store, BLACK)

    mirror_of(path, feed).run(once=True)

    require_right(path, store)
    assert feed.calls == ["changes", "digest", "buckets", "changes"]


def test_a_row_that_vanishes_while_the_mirror_runs_is_mended(store: Database, path: Path) -> None:
    """What it knows in memory is held against the file; then the file is read anew."""
    publish(store, [entry(1), entry(2)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    publish(store, [entry(1, cause="改"), entry(3)])
    feed = DirectFeed.of(store, BLACK)

    def step(name: str) -> None:
        if name == "got a page" and len(feed.calls) == 1:
            execute_on_1(path, "DELETE FROM entries")

    mirror_of(path, feed, step=step).run(once=True)

    require_right(path, store)
    assert feed.calls == ["changes", "digest", "buckets", "changes"]


# Refusals ------------------------------------------------------------------------


@dataclass
class RefusingFeed(DirectFeed):
    """Refuses the first calls for changes.

    Attributes:
        refusals: What it refuses them with.
    """

    refusals: list[FeedRefusedError] = field(default_factory=list)

    def changes(self, cursor: str) -> pb.ListChangesResponse:
        """Refuse, or give the changes."""
        if self.refusals:
            self.calls.append("refused")
            raise self.refusals.pop(0)
        return super().changes(cursor)


def test_a_cursor_that_is_too_old_loads_anew_after_the_time_that_is_asked(
    store: Database, path: Path
) -> None:
    """Not every subscriber loads at once: the hint of the service is kept."""
    publish(store, [entry(1)])
    feed = RefusingFeed.of(
        store, BLACK, refusals=[FeedRefusedError("CURSOR_TOO_OLD", "too old", 17.0)]
    )
    pauses: list[float] = []

    mirror_of(path, feed, pause=pauses.append).run(once=True)

    require_right(path, store)
    assert feed.calls == ["export", "refused", "export", "changes"]
    assert pauses == [17.0]


@pytest.mark.parametrize("last", ["log removed", "swapped"])
def test_a_swap_that_is_killed_leaves_a_copy_that_the_next_one_mends(
    store: Database, path: Path, last: str
) -> None:
    """Until the new copy is in its place the old one answers, with all that its log said."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    publish(store, [entry(2)])
    feed = RefusingFeed(SqlFeedStore(store), BLACK)
    held = [held_by(store)]

    def step(name: str) -> None:
        if name == "applied":
            publish(store, [entry(3)])
            held.append(held_by(store))
            feed.refusals.append(FeedRefusedError("CURSOR_TOO_OLD", "too old"))
        if name == last:
            raise KilledError

    with pytest.raises(KilledError):
        mirror_of(path, feed, step=step).run(once=False)

    assert feed.calls == ["changes", "watch", "refused", "export"]
    assert look_up(path).lists == held[last == "swapped"]
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    require_right(path, store)


def test_a_store_that_was_set_back_is_loaded_anew(store: Database, path: Path) -> None:
    """A replica may lag for a while; one that stays behind has lost its history."""
    publish(store, [entry(1)])
    ahead = [FeedRefusedError("CURSOR_AHEAD", "behind")] * 6
    feed = RefusingFeed.of(store, BLACK, refusals=ahead[:4])

    mirror_of(path, feed).run(once=True)

    assert feed.calls == ["export", *["refused"] * 4, "changes"]
    pauses: list[float] = []
    lagging = RefusingFeed.of(store, BLACK, refusals=ahead)
    running = mirror_of(path, lagging, pause=pauses.append)
    running.step = Killer(8)
    with pytest.raises(KilledError):
        running.run(once=False)
    assert "export" in lagging.calls


def test_a_mirror_waits_longer_the_more_often_it_fails(store: Database, path: Path) -> None:
    """Pauses are drawn from a range that doubles up to a minute."""
    publish(store, [entry(1)])
    down = [FeedRefusedError("UNAVAILABLE", "down")] * 4
    feed = RefusingFeed.of(store, BLACK, refusals=down)
    pauses: list[float] = []

    mirror_of(path, feed, pause=pauses.append).run(once=True)

    require_right(path, store)
    assert [pause <= limit for pause, limit in zip(pauses, (1, 2, 4, 8), strict=True)] == [True] * 4


@pytest.mark.parametrize(
    ("reason", "tries"),
    [
        pytest.param("UNAVAILABLE", 5, id="down-for-too-long"),
        pytest.param("ACCESS_DENIED", 1, id="refused-for-good"),
    ],
)
def test_a_single_run_gives_up(store: Database, path: Path, reason: str, tries: int) -> None:
    """Five tries are enough, and one is where trying again cannot help."""
    feed = RefusingFeed.of(store, BLACK, refusals=[FeedRefusedError(reason, "no")] * 9)

    with pytest.raises(FeedRefusedError):
        mirror_of(path, feed).run(once=True)

    assert feed.calls.count("refused") == tries


def test_a_file_of_other_lists_is_left_alone(store: Database, path: Path) -> None:
    """A mirror never turns the copy of one list into that of another."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    with pytest.raises(CopyOfOthersError):
        mirror_of(path, DirectFeed.of(store, REDS), mirrored=REDS).run(once=True)

    require_right(path, store)


def test_one_process_keeps_a_file(store: Database, path: Path) -> None:
    """A second one is refused while the first runs."""
    publish(store, [entry(1)])

    def second(_: str) -> None:
        mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    with pytest.raises(CopyInUseError):
        mirror_of(path, DirectFeed.of(store, BLACK), step=second).run(once=True)
