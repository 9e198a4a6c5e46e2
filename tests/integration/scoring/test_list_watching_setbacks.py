"""Watching lists while reads fail, and while the store is set back under the server."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.database import Database
from services.scoring.commands.list_sync.list_cursor import START
from services.scoring.commands.list_sync.watch_lists import ListWatch
from services.scoring.domain.list_entry import ListChange
from services.scoring.domain.list_feed import ListView, Wanted
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import (
    BLACK,
    WORK_SAFETY,
    ListSyncClient,
    cursor_of,
    ids,
    publish,
)
from tests.fakes.scoring_client import RefusedError

WANTED = Wanted(BLACKLIST.kind, BLACKLIST.field)
(VIEW,) = WANTED.views


class UnpolledStore(SqlFeedStore):
    """A store at which nobody looks of himself, and whose reads fail as often as is said."""

    failures = 0

    async def fresh_point(self) -> Any:  # noqa: ANN401 -- never gives any.
        """Wait for ever."""
        await asyncio.Event().wait()

    def read(self, **given: Any) -> Any:  # noqa: ANN401 -- as the base's.
        """Fail, or read."""
        if self.failures:
            self.failures -= 1
            raise ConnectionError("gone for a moment")
        return super().read(**given)


def unpolled_watch(database: Database) -> tuple[ListWatch, UnpolledStore]:
    """Watch a store that nobody looks at."""
    store = UnpolledStore(database)
    return ListWatch(store, encode=lambda _: b"", poll_seconds=0.005), store


def back_up(database: Database, path: Path) -> Callable[[], None]:
    """Back a store up as it stands; give what sets it back to that."""
    live = database.url.database
    assert live is not None

    def copy(source: Path | str, target: Path | str) -> None:
        with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)

    copy(live, path)
    return lambda: copy(path, live)


# Reads that fail -----------------------------------------------------------------


async def test_a_read_that_failed_once_is_made_again(embedded: Database) -> None:
    """The failure is told to who asked, and not to who asks after it."""
    publish(embedded, [entry(1)])
    watch, store = unpolled_watch(embedded)
    with watch.watching(watch.open(WANTED, "")):
        store.failures = 1
        with pytest.raises(ConnectionError):
            await watch.changes(VIEW, START)

        found = await watch.changes(VIEW, START)

    assert found is not None
    assert found.state.version == 1


async def test_an_older_look_is_not_taken_for_a_store_that_was_set_back(
    embedded: Database,
) -> None:
    """A watcher that came with a newer version than the last look waits as any other."""
    publish(embedded, [entry(1)])
    watch, _ = unpolled_watch(embedded)
    before = watch.open(WANTED, "")
    publish(embedded, [entry(2)])
    now = watch.open(WANTED, "")
    newer = now.heads[BLACKLIST]
    with watch.watching(replace(now, heads=before.heads)):
        found = await watch.changes(VIEW, newer)

    assert (before.heads[BLACKLIST].version, newer.version, found) == (1, 2, None)


# A store that is set back ----------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "code", "reason"),
    [
        pytest.param([], "UNAVAILABLE", "CURSOR_AHEAD", id="nothing-since"),
        pytest.param(
            [[entry(4)], [entry(5)]], "OUT_OF_RANGE", "CURSOR_DIVERGED", id="as-many-versions"
        ),
        pytest.param(
            [[entry(4)], [entry(5)], [entry(6)]],
            "OUT_OF_RANGE",
            "CURSOR_DIVERGED",
            id="more-versions",
        ),
    ],
)
async def test_a_watcher_is_told_that_the_store_was_set_back(
    embedded: Database,
    embedded_lists: ListSyncClient,
    clock: FixedClock,
    tmp_path: Path,
    since: list[list[ListChange]],
    code: str,
    reason: str,
) -> None:
    """Its stream ends as ListChanges refuses its cursor; it hears no state that is lost."""
    publish(embedded, [entry(1)])
    set_back = back_up(embedded, tmp_path / "backup.db")
    publish(embedded, [entry(2)])
    publish(embedded, [entry(3)])
    cursor = await cursor_of(embedded_lists, field=WORK_SAFETY)
    stream = embedded_lists.stream(
        "WatchList", kind=BLACK, field=WORK_SAFETY, cursor=cursor, heartbeat_seconds=1
    )
    await anext(stream)

    set_back()
    clock.advance(timedelta(minutes=1))
    for changes in since:
        publish(embedded, changes)

    async def heard() -> None:
        async for message in stream:
            assert not message.HasField("delta")

    with pytest.raises(RefusedError) as refused:
        await heard()
    assert (refused.value.code, refused.value.reason) == (code, reason)


async def test_a_view_is_digested_anew_after_the_store_was_set_back(
    embedded: Database, embedded_lists: ListSyncClient, tmp_path: Path
) -> None:
    """What is kept of a lost version leads nowhere; another one of its number is not it."""
    view = {"kind": BLACK, "field": WORK_SAFETY, "division": "110000"}
    publish(embedded, [entry(1), entry(2)])
    set_back = back_up(embedded, tmp_path / "backup.db")
    publish(embedded, [entry(3)])
    await embedded_lists.call("GetListDigest", **view)

    set_back()
    publish(embedded, [entry(1, cause="改"), removal(2)])
    publish(embedded, [entry(5)])

    found = (await embedded_lists.call("GetListDigest", **view)).digests[0].state
    with SqlFeedStore(embedded).read() as fresh:
        right = fresh.state(ListView(BLACKLIST, "110000"))
    sent = await embedded_lists.export(field=WORK_SAFETY, division="110000")
    assert (found.entry_count, found.digest) == (right.entry_count, right.digest)
    assert sorted(ids(sent)) == ["l-1", "l-5"]
    assert sent[0].begin == sent[-1].end == found
