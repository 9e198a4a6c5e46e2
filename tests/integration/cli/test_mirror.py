"""The mirror: whatever happens to it, its file is a whole copy at one version, and ends right."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.client.connection import Client, open_channel
from cli.main import app
from cli.mirror.copy import Held, ListCopy
from cli.mirror.feed import FeedRefusedError, GrpcFeed, Mirrored
from cli.mirror.keeping import CopyInUseError, CopyOfOthersError, Mirror
from cli.mirror.lookup import CopyMissingError, look_up
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from safetycredit.type.v1.field_pb2 import Field
from services.common.database import Database
from services.common.identity import caller_metadata
from services.scoring.domain.list_encoding import encode_entry
from services.scoring.domain.list_entry import ListChange
from services.scoring.domain.list_feed import ListView
from services.scoring.store.list_compaction import drop_changes, raise_floor
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_sync_server import (
    PUBLISHER,
    caller,
    list_sync_client,
    list_sync_port,
    publish,
)

ROOT = Path(__file__).parents[3]
BLACK = Mirrored(ListKind.LIST_KIND_BLACKLIST, Field.FIELD_WORK_SAFETY, "")
REDS = Mirrored(ListKind.LIST_KIND_REDLIST, Field.FIELD_UNSPECIFIED, "")


class KilledError(BaseException):
    """The process ends here, with no chance to tidy up."""


@dataclass
class Killer:
    """Ends a mirror at one of its steps.

    Attributes:
        left: Steps that it still makes; none for all of them.
    """

    left: int | None

    def __call__(self, _step: str) -> None:
        """Count a step."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KilledError


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


def mirror_of(path: Path, feed: Any, **given: Any) -> Mirror:  # noqa: ANN401 -- any feed and attribute.
    """Make a mirror that never waits."""
    attributes = {"mirrored": BLACK, "pause": lambda _: None, **given}
    return Mirror(path=path, feed=feed, **attributes)


def held_by(database: Database) -> dict[int, Held]:
    """Say what a right copy of the blacklist of work safety holds."""
    with SqlFeedStore(database).read() as reading:
        state = reading.state(ListView(BLACKLIST))
    return {1: Held(state.version, state.entry_count, state.digest)}


def bodies(path: Path) -> set[bytes]:
    """Give the entries of a copy."""
    with closing(sqlite3.connect(path)) as connection:
        return {body for (body,) in connection.execute("SELECT body FROM entries")}


def require_right(path: Path, database: Database) -> None:
    """Hold a copy against its store."""
    copy = ListCopy(path)
    held, sound = copy.held(), copy.sound()
    copy.close()

    assert held == held_by(database)
    assert sound


def compact(database: Database) -> None:
    """Drop everything that is superseded."""
    with database.write(caller=PUBLISHER, method="test") as write:
        floor = raise_floor(write.connection, BLACKLIST, 2**40)
        drop_changes(write.connection, BLACKLIST, floor, after_ordinal=0)
        write.commit()


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
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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


@pytest.mark.parametrize("moment", ["loading", "between write and commit"])
def test_a_killed_process_leaves_a_copy_that_the_next_one_mends(
    store: Database, path: Path, moment: str
) -> None:
    """A real process is ended by SIGKILL in the middle of a load, and inside a transaction."""
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
    if moment == "loading" and name == "loaded a part":
        die()


if moment != "loading":
    ListCopy._finish = die
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


@damaging("an entry was edited", "buckets")
def _(path: Path) -> None:
    execute(path, "UPDATE entries SET body = x'0a036c2d31' WHERE entry_id = 'l-1'")


@damaging("an entry was deleted", "buckets")
def _(path: Path) -> None:
    execute(path, "DELETE FROM entries WHERE entry_id = 'l-2'")


@damaging("an entry was added", "buckets")
def _(path: Path) -> None:
    execute(
        path,
        "INSERT INTO entries SELECT place + 1, 'l-9', field, digest, '', '', body"
        " FROM entries LIMIT 1",
    )


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


def test_a_store_that_was_set_back_is_loaded_anew(store: Database, path: Path) -> None:
    """A replica may lag for a while; one that stays behind has lost its history."""
    publish(store, [entry(1)])
    ahead = [FeedRefusedError("CURSOR_AHEAD", "behind")] * 6
    feed = RefusingFeed.of(store, BLACK, refusals=ahead[:4])

    mirror_of(path, feed).run(once=True)

    assert feed.calls == ["export", *["refused"] * 4, "changes"]
    pauses: list[float] = []
    running = mirror_of(path, RefusingFeed.of(store, BLACK, refusals=ahead), pause=pauses.append)
    running.step = Killer(8)
    with pytest.raises(KilledError):
        running.run(once=False)
    assert "export" in running.feed.calls  # type: ignore[attr-defined]


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


# Over the wire ---------------------------------------------------------------------


async def test_a_mirror_watches_and_acknowledges(store: Database, path: Path) -> None:
    """Over the wire it loads, applies what is pushed, and the service knows what it holds."""
    publish(store, [entry(1)])
    by = caller("housing-department", "subscriber")

    async with list_sync_port(store) as port, list_sync_client(store) as client:
        pushed = asyncio.create_task(asyncio.to_thread(_watch_one, port, path, by, store))
        await pushed
        held = await client.call("ListSubscribers", kind=1)

    require_right(path, store)
    assert bodies(path) == {encode_entry(entry(1, cause="改")), encode_entry(entry(2))}
    (one,) = held.subscriptions
    assert (one.subscriber, one.held_version, one.head_version) == ("housing-department", 2, 2)


def _watch_one(port: int, path: Path, by: Any, store: Database) -> None:  # noqa: ANN401 -- a caller.
    """Run a mirror until it has acknowledged what was published once it watched."""
    acknowledged = 0

    def step(name: str) -> None:
        nonlocal acknowledged
        if name == "acknowledged":
            acknowledged += 1
            if acknowledged == 1:
                publish(store, [entry(1, cause="改"), entry(2)])
            else:
                raise KilledError

    target = f"127.0.0.1:{port}"
    with open_channel(target) as channel:
        client = Client(ListSyncServiceStub(channel), caller_metadata(by), target)
        with pytest.raises(KilledError):
            mirror_of(path, GrpcFeed(client, BLACK), step=step).run(once=False)


async def test_the_command_keeps_a_copy_and_answers_offline(store: Database, path: Path) -> None:
    """Run, check and status, as a person types them; the last two without a server."""
    listed = entry(1, name="样例化工")
    publish(store, [listed])
    runner = CliRunner()
    async with list_sync_port(store) as port:
        command = ["mirror", "run", "--to", str(path), "--once", "--target", f"127.0.0.1:{port}"]
        ran = await asyncio.to_thread(runner.invoke, app, command)

    found = runner.invoke(app, ["mirror", "check", listed.credit_code, "--from", str(path)])
    absent = runner.invoke(app, ["mirror", "check", "91110105MA0000001A", "--from", str(path)])
    status = runner.invoke(app, ["mirror", "status", "--from", str(path), "--verify"])

    assert [one.exit_code for one in (ran, found, absent, status)] == [0] * 4
    assert "样例化工" in found.output
    assert "is on no blacklist of this copy" in absent.output
    for output in (found.output, absent.output):
        assert "the service confirmed this copy" in output
    assert "verified" in status.output


def test_the_age_of_a_copy_is_when_the_service_last_confirmed_it(
    store: Database, path: Path
) -> None:
    """A run that changes nothing makes the copy younger all the same."""
    publish(store, [entry(1)])
    morning = datetime(2025, 6, 1, 1, tzinfo=UTC)
    feed = DirectFeed.of(store, BLACK)
    mirror_of(path, feed, now=lambda: morning).run(once=True)

    mirror_of(path, feed, now=lambda: morning + timedelta(hours=3)).run(once=True)

    assert look_up(path).confirm_time == morning + timedelta(hours=3)


def test_a_copy_that_does_not_exist_is_said_to(path: Path) -> None:
    """Looking up makes no file."""
    with pytest.raises(CopyMissingError):
        look_up(path)

    assert not path.exists()
