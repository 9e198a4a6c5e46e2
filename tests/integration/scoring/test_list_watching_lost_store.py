"""Watching lists while the store is lost, or says nothing: nobody hears that they stand still."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

import grpc
import psycopg
import pytest
from sqlalchemy import make_url

from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from services.common.database import Database
from services.common.engines import postgresql_conninfo
from services.common.server import running
from services.common.settings import load_settings
from services.common.tokens import StoreToken
from services.scoring.commands.list_sync.list_cursor import START
from services.scoring.commands.list_sync.watch_lists import ListWatch
from services.scoring.domain.list_feed import Wanted
from services.scoring.domain.list_feed_errors import StoreSilentError
from services.scoring.store.list_feed_reader import SqlFeedReading
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry
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
(VIEW,) = WANTED.views


class SilencedStore(SqlFeedStore):
    """A store that says nothing any more from the moment on that is said."""

    silent = False

    async def fresh_point(self) -> Any:  # noqa: ANN401 -- as the base's.
        """Answer, or never."""
        if self.silent:
            await asyncio.Event().wait()
        return await super().fresh_point()


@asynccontextmanager
async def client_of(store: SqlFeedStore, database: Database) -> AsyncIterator[ListSyncClient]:
    """Serve the lists of a store that may take a second over a look: longer than a busy machine."""
    settings = load_settings(
        {"SAFETYCREDIT_LIST_POLL_SECONDS": "0.01", "SAFETYCREDIT_LOG_LEVEL": "error"}
    )
    plan = list_sync_plan(database, settings, store, look_seconds=1)
    async with (
        running(settings, plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield ListSyncClient(ListSyncServiceStub(channel))


def end_connections(url: str) -> None:
    """End every connection to a store, as a restart of PostgreSQL does."""
    with psycopg.connect(postgresql_conninfo(make_url(url)), autocommit=True) as killer:
        killer.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def next_change(lists: ListSyncClient, cursor: str) -> Any:  # noqa: ANN401 -- a delta.
    """Watch from a cursor on until a change comes; come back after UNAVAILABLE as watchers do."""
    while True:
        watching = lists.stream(
            "WatchList", kind=BLACK, field=WORK_SAFETY, cursor=cursor, heartbeat_seconds=1
        )
        try:
            async with aclosing(watching) as stream:
                async for message in stream:
                    if message.HasField("delta"):
                        return message
        except RefusedError as error:
            if error.code != "UNAVAILABLE":
                raise


# A store that is lost --------------------------------------------------------------


async def test_a_watcher_goes_on_after_a_restart_of_postgresql(postgresql_url: str) -> None:
    """It gets the next change, and the one after it, though every connection was ended."""
    served = Database(postgresql_url, clock=FixedClock())
    publisher = Database(postgresql_url, clock=FixedClock())
    publish(publisher, [entry(1)])
    async with list_sync_client(served) as lists, asyncio.timeout(20):
        cursor = await cursor_of(lists, field=WORK_SAFETY)
        coming = asyncio.create_task(next_change(lists, cursor))
        await asyncio.sleep(0.2)

        publisher.close()
        await asyncio.to_thread(end_connections, postgresql_url)
        await asyncio.sleep(0.2)
        publish(publisher, [entry(2)])
        first = await coming
        publish(publisher, [entry(3)])
        second = await next_change(lists, first.cursor)

        assert changed(first.delta) == [(2, "entry", "l-2")]
        assert changed(second.delta) == [(3, "entry", "l-3")]
        assert (await served.fresh_point()).revision == 3
    publisher.close()
    served.close()


# A store that says nothing ---------------------------------------------------------


async def test_no_heartbeat_comes_of_a_store_that_says_nothing(embedded: Database) -> None:
    """A watcher of whom the store was never asked hears nothing, and then that it is silent."""
    store = SilencedStore(embedded)
    publish(embedded, [entry(1)])
    async with client_of(store, embedded) as lists:
        cursor = await cursor_of(lists, field=WORK_SAFETY)
        store.silent = True
        stream = lists.stream("WatchList", kind=BLACK, cursor=cursor, field=WORK_SAFETY)
        with pytest.raises(RefusedError) as refused:
            await anext(stream)

    assert (refused.value.code, refused.value.reason) == ("UNAVAILABLE", "STORE_SILENT")


async def test_a_store_that_falls_silent_ends_the_watching(embedded: Database) -> None:
    """A watcher that heard where the list stands is told as soon as the look takes too long."""
    store = SilencedStore(embedded)
    publish(embedded, [entry(1)])
    async with client_of(store, embedded) as lists:
        cursor = await cursor_of(lists, field=WORK_SAFETY)
        stream = lists.stream("WatchList", kind=BLACK, cursor=cursor, field=WORK_SAFETY)
        heartbeat = await anext(stream)
        store.silent = True
        with pytest.raises(RefusedError) as refused:
            await anext(stream)

    assert heartbeat.states[0].version == 1
    assert refused.value.reason == "STORE_SILENT"


async def test_a_look_is_good_for_as_long_as_it_is_young(embedded: Database) -> None:
    """What was seen a moment ago stands; what was seen before the interval does not."""
    store = SilencedStore(embedded)
    watch = ListWatch(store, encode=lambda _: b"", poll_seconds=0.005)
    opened = watch.open(WANTED, "")
    with watch.watching(opened):
        before = watch.seen_within(60)
        await watch.wait(opened, 10)
        young = watch.seen_within(60)
        store.silent = True
        await asyncio.sleep(0.05)
        old = watch.seen_within(0.01)

    assert (before, young, old) == (False, True, False)


async def test_a_read_of_changes_that_takes_too_long_is_given_up(embedded: Database) -> None:
    """Whoever waits for changes is told that the store is silent; the read is left to end."""
    publish(embedded, [entry(1)])
    store = SilencedStore(embedded)
    store.silent = True
    watch = ListWatch(store, encode=lambda _: b"", poll_seconds=0.005, look_seconds=0)
    with watch.watching(watch.open(WANTED, "")), pytest.raises(StoreSilentError):
        await watch.changes(VIEW, START)


class StuckStore(SqlFeedStore):
    """A store a read of which comes to no end until that is told."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.told = threading.Event()
        self.told.set()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlFeedReading]:
        """Wait, and read."""
        self.told.wait()
        with super().read(at_least=at_least) as reading:
            yield reading


async def test_a_watcher_that_comes_to_a_silent_store_is_told(embedded: Database) -> None:
    """Nobody waits for ever to hear where the lists stand; the read is left to end."""
    store = StuckStore(embedded)
    try:
        async with client_of(store, embedded) as lists:
            cursor = await cursor_of(lists, field=WORK_SAFETY)
            store.told.clear()
            watching = lists.stream("WatchList", kind=BLACK, field=WORK_SAFETY, cursor=cursor)
            with pytest.raises(RefusedError) as refused:
                await anext(aiter(watching))
            store.told.set()
    finally:
        store.told.set()

    assert (refused.value.code, refused.value.reason) == ("UNAVAILABLE", "STORE_SILENT")
