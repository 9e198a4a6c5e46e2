"""ListSyncService over the wire: watching lists."""

import asyncio
from typing import Any

import grpc
import pytest

from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from services.common.database import Database
from services.common.server import GrpcServer
from services.common.settings import load_settings
from services.scoring.commands.list_sync.list_cursor import START
from services.scoring.commands.list_sync.watch_lists import ListWatch
from services.scoring.domain.list_digest import EMPTY_LIST
from services.scoring.domain.list_feed import Wanted
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import (
    BLACK,
    WORK_SAFETY,
    ListSyncClient,
    changed,
    cursor_of,
    list_sync_client,
    list_sync_plan,
    publish,
)
from tests.fakes.scoring_client import RefusedError

WANTED = Wanted(BLACKLIST.kind, BLACKLIST.field)


# Watching ------------------------------------------------------------------------


async def test_a_watcher_gets_what_was_missed_then_what_is_committed(
    database: Database, lists: ListSyncClient
) -> None:
    """The stream goes on from its cursor, and its last cursor goes on after it."""
    publish(database, [entry(1)])
    stream = lists.stream("WatchList", kind=BLACK, field=WORK_SAFETY, from_start=True)

    missed = await anext(stream)
    publish(database, [removal(1)])
    pushed = await anext(stream)
    await stream.aclose()

    assert changed(missed.delta) == [(1, "entry", "l-1")]
    assert changed(pushed.delta) == [(2, "removal", "l-1")]
    assert pushed.delta.state.digest == EMPTY_LIST
    page = await lists.call("ListChanges", kind=BLACK, field=WORK_SAFETY, cursor=missed.cursor)
    assert page.cursor == pushed.cursor


async def test_a_quiet_watcher_hears_where_the_list_stands(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """A heartbeat names version and digest of what has been sent, and a cursor."""
    publish(embedded, [entry(1)])
    cursor = await cursor_of(embedded_lists)
    stream = embedded_lists.stream("WatchList", kind=BLACK, cursor=cursor, heartbeat_seconds=1)

    first = await anext(stream)
    second = await anext(stream)
    await stream.aclose()

    assert not first.HasField("delta")
    assert [(one.version, one.entry_count) for one in first.states] == [(1, 1)] + [(0, 0)] * 4
    assert first.states[1].digest == EMPTY_LIST
    assert first.cursor == second.cursor == cursor


async def test_a_busy_list_does_not_keep_a_heartbeat_from_its_watchers(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """Only a heartbeat says that nothing waits; it comes though a change follows every change."""
    publish(embedded, [entry(1)])
    stream = embedded_lists.stream(
        "WatchList", kind=BLACK, field=WORK_SAFETY, from_start=True, heartbeat_seconds=1
    )

    async with asyncio.timeout(20):
        number = 1
        while (message := await anext(stream)).HasField("delta"):
            number += 1
            publish(embedded, [entry(number)])
    await stream.aclose()

    assert number > 2
    assert message.states[0].version in {number - 1, number}


async def test_a_watcher_of_a_division_moves_on_with_the_list(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """A change elsewhere comes as an empty delta, so that an idle cursor never gets too old."""
    stream = embedded_lists.stream(
        "WatchList", kind=BLACK, field=WORK_SAFETY, division="110000", from_start=True
    )
    await anext(stream)

    publish(embedded, [entry(1, division=440100)])
    message = await anext(stream)
    await stream.aclose()

    assert (message.delta.base_version, message.delta.state.version) == (0, 1)
    assert (changed(message.delta), message.delta.state.digest) == ([], EMPTY_LIST)


async def test_a_replica_shows_what_was_published_through_another(
    database: Database, database_url: str, lists: ListSyncClient
) -> None:
    """A watcher at one server goes on at another with its cursor, and misses nothing."""
    replica = Database(database_url, clock=FixedClock())
    publish(database, [entry(1)])
    async with list_sync_client(replica) as there:
        stream = lists.stream("WatchList", kind=BLACK, field=WORK_SAFETY, from_start=True)
        first = await anext(stream)
        await stream.aclose()
        publish(database, [entry(2)])
        elsewhere = there.stream("WatchList", kind=BLACK, field=WORK_SAFETY, cursor=first.cursor)
        second = await anext(elsewhere)
        publish(database, [entry(3)])
        third = await anext(elsewhere)
        await elsewhere.aclose()

    replica.close()
    assert changed(second.delta) == [(2, "entry", "l-2")]
    assert changed(third.delta) == [(3, "entry", "l-3")]


async def test_watchers_share_one_look_at_the_store(embedded: Database) -> None:
    """Twenty watchers of one list cost as many reads of a change as one does."""
    store = CountingStore(embedded)
    watch = ListWatch(store, encode=lambda _: b"", poll_seconds=0.005)
    publish(embedded, [entry(1)])
    opened = watch.open(WANTED, "")
    with watch.watching(opened):
        view = WANTED.views[0]
        before = store.reads
        found = await asyncio.gather(*(watch.changes(view, START) for _ in range(20)))

    assert store.reads - before <= 2  # The change, and at most one look at the heads.
    assert {one.state.version for one in found if one is not None} == {1}


async def test_a_store_that_is_gone_ends_the_watching(embedded: Database) -> None:
    """A dead store never looks like a quiet list."""
    watch = ListWatch(BrokenStore(embedded), encode=lambda _: b"", poll_seconds=0.005)
    opened = watch.open(WANTED, "")

    with watch.watching(opened), pytest.raises(ConnectionError):
        await watch.wait(opened, 10)


async def test_a_watcher_does_not_keep_a_server_from_stopping(embedded: Database) -> None:
    """The stream ends with NOT_SERVING long before the drain would cut it off."""
    settings = load_settings({"SAFETYCREDIT_DRAIN_SECONDS": "30"})
    server = GrpcServer(settings, list_sync_plan(embedded, settings))
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        client = ListSyncClient(ListSyncServiceStub(channel))
        stream = client.stream("WatchList", kind=BLACK, field=WORK_SAFETY, from_start=True)
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        async with asyncio.timeout(10):
            await server.stop()

        with pytest.raises(RefusedError) as refused:
            await waiting
    assert (refused.value.code, refused.value.reason) == ("UNAVAILABLE", "NOT_SERVING")


class CountingStore(SqlFeedStore):
    """Counts how often the store is read."""

    reads = 0

    def read(self, **given: Any) -> Any:  # noqa: ANN401 -- as the base's.
        """Count, and read."""
        self.reads += 1
        return super().read(**given)


class BrokenStore(SqlFeedStore):
    """A store that has gone once it is watched."""

    async def fresh_point(self) -> Any:  # noqa: ANN401 -- never gives any.
        """Fail."""
        raise ConnectionError("gone")
