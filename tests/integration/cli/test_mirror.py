"""The mirror: whatever happens to it, its file is a whole copy at one version, and ends right."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.mirror.copy import ListCopy
from cli.mirror.copy_file import CopyInUseError
from cli.mirror.feed import FeedRefusedError
from cli.mirror.keeping import CopyOfOthersError
from cli.mirror.lookup import look_up
from cli.mirror.reading import Held
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
    RefusingFeed,
    compact,
    held_by,
    mirror_of,
    require_right,
)
from tests.fakes.list_sync_server import (
    publish,
)

ROOT = Path(__file__).parents[3]


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


# Refusals ------------------------------------------------------------------------


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


def test_short_runs_learn_together_that_a_store_was_set_back(store: Database, path: Path) -> None:
    """Five refusals end a run; the next one, which may be a night later, loads at the sixth."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    ahead = FeedRefusedError("CURSOR_AHEAD", "behind")
    first = RefusingFeed.of(store, BLACK, refusals=[ahead] * 6)
    second = RefusingFeed.of(store, BLACK, refusals=[ahead])

    with pytest.raises(FeedRefusedError):
        mirror_of(path, first).run(once=True)
    mirror_of(path, second).run(once=True)

    assert first.calls == ["refused"] * 5
    assert second.calls == ["refused", "export", "changes"]


def test_a_replica_that_lags_now_and_then_was_not_set_back(store: Database, path: Path) -> None:
    """What is confirmed in between counts from nought again."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    ahead = FeedRefusedError("CURSOR_AHEAD", "behind")
    feeds = [RefusingFeed.of(store, BLACK, refusals=[ahead] * 4) for _ in range(2)]

    for feed in feeds:
        mirror_of(path, feed).run(once=True)

    assert [feed.calls for feed in feeds] == [[*["refused"] * 4, "changes"]] * 2


def test_what_is_loaded_anew_is_acknowledged_whatever_its_number(
    store: Database, path: Path
) -> None:
    """A store that was set back has another list under the same number."""

    class SetBack(RefusingFeed):
        def watch(self, _cursor: str) -> Iterator[pb.WatchListResponse]:
            """Say once that the list is another; end at the second call."""
            if self.calls.count("export") > 1:
                raise KilledError
            raise FeedRefusedError("CURSOR_DIVERGED", "set back")

    publish(store, [entry(1)])
    feed = SetBack.of(store, BLACK)

    with pytest.raises(KilledError):
        mirror_of(path, feed).run(once=False)

    assert [state.version for state in feed.acknowledged] == [1, 1]


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
