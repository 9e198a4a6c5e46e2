"""Exports of whole lists, stretch by stretch, while the list and the store go on."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text, update
from structlog.testing import capture_logs

from models.list_feed import ListBucketRow
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from services.common.database import Database
from services.common.points import StoreUnavailableError
from services.common.settings import load_settings
from services.scoring.commands.list_sync.list_feed_ports import ExportPage, ExportPlace
from services.scoring.domain.list_digest import bucket_of
from services.scoring.domain.list_encoding import encode_entry, framed
from services.scoring.domain.list_feed import ListState, ListView
from services.scoring.domain.list_feed_errors import ListCompactedError
from services.scoring.handlers.list_sync_messages import export_messages
from services.scoring.store import list_export
from services.scoring.store.list_compaction import raise_floor
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.rows_at_once import rows_at_once
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import (
    BLACK,
    PUBLISHER,
    WORK_SAFETY,
    ListSyncClient,
    ids,
    list_sync_plan,
    publish,
)
from tests.stores.fixtures import OPTIONS

VIEW = ListView(BLACKLIST)


@pytest.fixture
def one_bucket_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every stretch a single bucket."""
    monkeypatch.setattr(list_export, "EXPORT_BYTES", 1)


def state_of(store: SqlFeedStore) -> ListState:
    """Give where the list stands now."""
    with store.read() as reading:
        return reading.state(VIEW)


def stretches(store: SqlFeedStore, state: ListState) -> Iterator[dict[str, bytes]]:
    """Give an export stretch by stretch: the entries by identifier."""
    after: ExportPlace | None = None
    while True:
        page = store.export_page(state, after)
        found: dict[str, bytes] = {}
        for body in export_messages(page.chunks):
            for one in pb.ExportListResponse.FromString(body).entries:
                found[one.entry_id] = one.SerializeToString(deterministic=True)
        yield found
        if page.after is None:
            return
        after = page.after


def exported(store: SqlFeedStore, state: ListState) -> dict[str, bytes]:
    """Give all entries of an export."""
    return {name: body for found in stretches(store, state) for name, body in found.items()}


def raise_the_floor(database: Database, version: int) -> None:
    """Say that what is older than a version may be dropped."""
    with database.write(caller=PUBLISHER, method="test") as write:
        raise_floor(write.connection, BLACKLIST, version)
        write.commit()


def test_the_first_stretch_is_short_so_that_sending_begins_soon(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty entries in as many buckets, eight buckets at once: of the first eight, one at first.

    A bucket of a list of twenty is taken for three bytes, 20 × 500 / 4096, rounded up.
    """
    publish(database, [entry(number) for number in range(1, 21)])
    store = SqlFeedStore(database)
    monkeypatch.setattr(list_export, "EXPORT_BYTES", 24)

    assert [len(one) for one in stretches(store, state_of(store))] == [1, 8, 8, 3]


# One version ---------------------------------------------------------------------


@pytest.mark.usefixtures("one_bucket_at_once")
def test_every_stretch_is_of_the_version_though_a_writer_publishes_between_them(
    database: Database,
) -> None:
    """Entries go, change and come after every stretch; the export has those of its version."""
    expected = [entry(number) for number in range(1, 13)]
    publish(database, expected)
    store = SqlFeedStore(database)
    state = state_of(store)
    found: dict[str, bytes] = {}

    for number, stretch in enumerate(stretches(store, state), start=1):
        found |= stretch
        if number <= len(expected):
            change = entry(number, cause="改") if number % 2 else removal(number)
            publish(database, [change, entry(100 + number)])

    assert found == {f"l-{one.entry_id}": encode_entry(one) for one in expected}


def test_buckets_that_changed_are_completed_among_those_that_did_not(database: Database) -> None:
    """Of one stretch some buckets are as they were, and others come from the changes, in order."""
    expected = [entry(number) for number in range(1, 41)]
    publish(database, expected)
    store = SqlFeedStore(database)
    state = state_of(store)
    names = list(exported(SqlFeedStore(database), state))
    publish(database, [entry(7, cause="改"), removal(20), entry(99)])

    found = exported(store, state)

    assert list(found) == names
    assert found == {f"l-{one.entry_id}": encode_entry(one) for one in expected}


def test_a_bucket_too_large_for_a_message_comes_entry_by_entry(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is that of a bucket: no chunk holds more than one entry then."""
    expected = [entry(number) for number in range(1, 4)]
    publish(database, expected)
    store = SqlFeedStore(database)
    monkeypatch.setattr(list_export, "BUCKET_BYTES_MAX", 10)

    page = store.export_page(state_of(store), None)

    chunks = list(page.chunks)
    assert len(chunks) == 3
    assert all(len(pb.ExportListResponse.FromString(one).entries) == 1 for one in chunks)


def test_a_list_without_a_bucket_is_at_its_end(database: Database) -> None:
    """There is nothing to read, and nothing to go on from."""
    store = SqlFeedStore(database)

    page = store.export_page(state_of(store), None)

    assert (list(page.chunks), page.after) == ([], None)


# Compaction ----------------------------------------------------------------------


@pytest.mark.usefixtures("one_bucket_at_once")
def test_a_compaction_between_two_stretches_ends_the_export(database: Database) -> None:
    """What was read before the floor rose stands; the next stretch is refused."""
    publish(database, [entry(number) for number in range(1, 5)])
    store = SqlFeedStore(database)
    state = state_of(store)
    reading = stretches(store, state)
    (name,) = next(reading)
    # The buckets to come are as they were.
    publish(database, [removal(int(name.removeprefix("l-")))])

    raise_the_floor(database, 2)

    with pytest.raises(ListCompactedError) as refused:
        next(reading)
    assert refused.value.facts == {"version": "1", "floor_version": "2"}


@pytest.mark.usefixtures("one_bucket_at_once")
def test_a_floor_at_the_version_itself_does_not_end_the_export(database: Database) -> None:
    """The boundary: the version at the floor can still be had."""
    publish(database, [entry(number) for number in range(1, 5)])
    store = SqlFeedStore(database)
    state = state_of(store)
    publish(database, [entry(9)])

    raise_the_floor(database, 1)

    assert len(exported(store, state)) == 4


# Damage --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda kept: kept[:-1] + bytes([kept[-1] ^ 1]), id="one-bit"),
        pytest.param(lambda kept: kept[: len(kept) // 2], id="cut"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: framed(encode_entry(entry(2))), id="never-packed"),
    ],
)
def test_a_damaged_bucket_is_served_from_the_changes_and_told_of(
    database: Database, damage: Callable[[bytes], bytes]
) -> None:
    """Nobody gets a wrong copy; the log names the bucket whose body is not what was packed."""
    expected = [entry(number) for number in range(1, 11)]
    publish(database, expected)
    bucket = bucket_of("l-2")
    of_bucket = ListBucketRow.bucket == bucket
    with database.write(caller=PUBLISHER, method="test") as write:
        kept = write.connection.execute(select(ListBucketRow.body).where(of_bucket)).scalar_one()
        write.connection.execute(update(ListBucketRow).where(of_bucket).values(body=damage(kept)))
        write.commit()
    store = SqlFeedStore(database)

    with capture_logs() as logs:
        found = exported(store, state_of(store))

    assert found == {f"l-{one.entry_id}": encode_entry(one) for one in expected}
    assert [(one["event"], one["field"], one["bucket"]) for one in logs] == [
        ("list_bucket_damaged", 1, bucket)
    ]


# What is held --------------------------------------------------------------------


async def test_exports_that_are_left_hold_no_connection(
    database: Database, lists: ListSyncClient
) -> None:
    """After more of them than there are connections, another export is served in full."""
    publish(database, [entry(number, cause="长" * 3000) for number in range(1, 200)])
    for _ in range(3 * OPTIONS.connections_max):
        stream = lists.stream("ExportList", kind=BLACK, field=WORK_SAFETY)
        await anext(stream)
        await stream.aclose()

    messages = await lists.export(field=WORK_SAFETY)

    assert len(ids(messages)) == 199


@pytest.mark.usefixtures("one_bucket_at_once")
async def test_one_stretch_is_read_ahead_and_no_more(embedded: Database) -> None:
    """A subscriber that stops after an entry leaves two stretches read, however long the list."""
    publish(embedded, [entry(number) for number in range(1, 41)])
    store = CountingStore(embedded)
    plan = list_sync_plan(embedded, load_settings({}), store)
    handler: Any = plan.services[0].handlers["ExportList"]
    context: Any = DirectContext()
    stream = handler(pb.ExportListRequest(kind=BLACK, field=WORK_SAFETY), context)

    begin, first = await anext(stream), await anext(stream)
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    await stream.aclose()

    assert begin.begin.entry_count == 40
    assert len(pb.ExportListResponse.FromString(first).entries) >= 1
    assert store.stretches == 2


class CountingStore(SqlFeedStore):
    """Counts the stretches that are read."""

    stretches = 0

    def export_page(self, state: ListState, after: ExportPlace | None) -> ExportPage:
        """Count, and read."""
        self.stretches += 1
        return super().export_page(state, after)


class DirectContext:
    """A call whose commands run where they are called."""

    async def run_command(self, command: Any, *arguments: Any) -> Any:  # noqa: ANN401 -- any command.
        """Run a command."""
        return command(*arguments)


# The connection -------------------------------------------------------------------


def test_a_single_statement_leaves_the_next_snapshot_whole(database: Database) -> None:
    """A transaction after it, on the same connection, sees nothing that is committed inside it."""
    publish(database, [entry(1)])
    store = SqlFeedStore(database)
    store.export_page(state_of(store), None)
    count = text("SELECT count(*) FROM list_versions")

    with database.read() as reading:
        before = reading.connection.execute(count).scalar()
        publish(database, [entry(2)])
        after = reading.connection.execute(count).scalar()

    assert (before, after) == (1, 1)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "query",
    [
        pytest.param("SELECT nothing_of_this_name", id="refused"),
        pytest.param("SELECT 1 / (3 - n) FROM generate_series(1, 3) AS n", id="fails-under-way"),
        pytest.param("SELECT pg_terminate_backend(pg_backend_pid())", id="connection-lost"),
    ],
)
def test_a_reading_that_fails_is_named_and_its_connection_thrown_away(
    postgresql_url: str, query: str
) -> None:
    """Whoever comes next gets another connection, with everything in order."""
    database = Database(postgresql_url, options=OPTIONS)

    with database.read_once() as connection:
        driver: Any = connection.connection.driver_connection
        with pytest.raises(StoreUnavailableError):
            list(rows_at_once(connection, driver, query))

    with database.read() as reading:
        level = reading.connection.execute(text("SHOW transaction_isolation")).scalar()
    assert driver.closed
    database.close()
    assert level == "repeatable read"
