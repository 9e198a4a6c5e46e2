"""Buckets that are lost, stale, swapped or unsealed: exports do without, and they are mended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import pytest
from sqlalchemy import delete, insert, literal_column, select, update
from structlog.testing import capture_logs

from models.list_feed import ListBucketRow, ListChangeRow
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from services.common.database import Database
from services.common.engines import SQLITE
from services.scoring.commands.list_sync.keep_feed_fit import BUCKETS_PAUSE, KeepFeedFit
from services.scoring.domain.list_digest import bucket_of
from services.scoring.domain.list_encoding import encode_entry
from services.scoring.domain.list_feed import ListState, ListView
from services.scoring.handlers.list_sync_messages import export_messages
from services.scoring.store import list_export
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_lease import FEED, SqlListLease
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_mirrors import compact
from tests.fakes.list_sync_server import PUBLISHER, publish

ENTRIES = [entry(number) for number in range(1, 11)]
EXPECTED = {f"l-{one.entry_id}": encode_entry(one) for one in ENTRIES}
BUCKET = bucket_of("l-2")
OTHER = bucket_of("l-3")
ALL = {bucket_of(name) for name in EXPECTED}
"""Ten entries lie in ten buckets."""


@dataclass(frozen=True)
class Buckets:
    """The rows of the buckets, as somebody may damage them."""

    database: Database

    def kept(self) -> set[int]:
        """Give the buckets that are kept."""
        with self.database.inspect() as connection:
            return set(connection.execute(select(ListBucketRow.bucket)).scalars())

    def row(self, bucket: int) -> dict[str, Any]:
        """Give a bucket as it is kept."""
        query = select(ListBucketRow.__table__).where(ListBucketRow.bucket == bucket)
        with self.database.inspect() as connection:
            return dict(connection.execute(query).mappings().one())

    def put(self, bucket: int, **values: Any) -> None:  # noqa: ANN401 -- any column.
        """Change what is kept of a bucket."""
        self.run(update(ListBucketRow).where(ListBucketRow.bucket == bucket).values(**values))

    def lose(self, *buckets: int) -> None:
        """Lose buckets."""
        self.run(delete(ListBucketRow).where(ListBucketRow.bucket.in_(buckets)))

    def unseal(self, bucket: int) -> None:
        """Give a bucket the form from before the seals: a sum over the frame alone."""
        frame = self.row(bucket)["body"][4:]
        self.put(bucket, body=crc32(frame).to_bytes(4, "big") + frame)

    def run(self, statement: Any) -> None:  # noqa: ANN401 -- any statement.
        """Change something, as nobody should."""
        with self.database.write(caller=PUBLISHER, method="test") as write:
            write.connection.execute(statement)
            write.commit()


@pytest.fixture
def buckets(database: Database) -> Buckets:
    """Publish ten entries; give their buckets."""
    publish(database, ENTRIES)
    return Buckets(database)


def changed(buckets: Buckets) -> dict[str, Any]:
    """Publish an entry otherwise and as it was, two versions more; give its bucket between them."""
    publish(buckets.database, [entry(2, cause="改")])
    between = buckets.row(BUCKET)
    publish(buckets.database, [entry(2)])
    return between


def state_of(store: SqlFeedStore) -> ListState:
    """Give where the list stands now."""
    with store.read() as reading:
        return reading.state(ListView(BLACKLIST))


def exported(store: SqlFeedStore, state: ListState) -> dict[str, bytes]:
    """Give all entries of an export, by identifier."""
    page = store.export_page(state, None)
    assert page.after is None
    return {
        one.entry_id: one.SerializeToString(deterministic=True)
        for body in export_messages(page.chunks)
        for one in pb.ExportListResponse.FromString(body).entries
    }


def damaged(logs: list[Any]) -> set[int]:
    """Give the buckets that the log calls damaged, and nothing else."""
    assert {one["event"] for one in logs} <= {"list_bucket_damaged"}
    return {one["bucket"] for one in logs}


# Exports -------------------------------------------------------------------------


def swapped(buckets: Buckets) -> set[int]:
    """Keep the body of another bucket."""
    buckets.put(BUCKET, body=buckets.row(OTHER)["body"])
    return {BUCKET}


def taken_for_text(buckets: Buckets) -> set[int]:
    """Keep bytes that are no text, and that SQLite takes for text."""
    sqlite = buckets.database.dialect == SQLITE
    rubbish = "CAST(x'ff28' AS TEXT)" if sqlite else "decode('ff28', 'hex')"
    buckets.put(BUCKET, body=literal_column(rubbish))
    return {BUCKET}


def stale(buckets: Buckets) -> set[int]:
    """Keep a body from before the last change, under the version of that."""
    buckets.put(BUCKET, body=changed(buckets)["body"])
    return {BUCKET}


def stale_row(buckets: Buckets) -> set[int]:
    """Keep a whole row from before the last change."""
    before = changed(buckets)
    buckets.lose(BUCKET)
    buckets.run(insert(ListBucketRow).values(**before))
    return {BUCKET}


def lost(buckets: Buckets) -> set[int]:
    """Lose a bucket."""
    buckets.lose(BUCKET)
    return {BUCKET}


def all_lost(buckets: Buckets) -> set[int]:
    """Lose every bucket."""
    buckets.lose(*ALL)
    return ALL


def version_raised(buckets: Buckets) -> set[int]:
    """Keep a version that is not there yet: the bucket seems to have changed since."""
    buckets.put(BUCKET, version=99)
    return set()


def nothing(_: Buckets) -> set[int]:
    """Leave the buckets as they are."""
    return set()


@pytest.mark.parametrize(
    "damage",
    [swapped, taken_for_text, stale, stale_row, lost, all_lost, version_raised, nothing],
)
def test_an_export_is_whole_and_right_whatever_became_of_the_buckets(
    database: Database, buckets: Buckets, damage: Callable[[Buckets], set[int]]
) -> None:
    """What is no bucket of the list as it stands is read from the changes, and told of."""
    told = damage(buckets)
    store = SqlFeedStore(database)

    with capture_logs() as logs:
        found = exported(store, state_of(store))

    assert found == EXPECTED
    assert damaged(logs) == told


def test_a_version_that_was_lowered_gives_no_later_entries(
    database: Database, buckets: Buckets
) -> None:
    """The export is at version 1; the bucket has changed since, and says that it has not."""
    store = SqlFeedStore(database)
    state = state_of(store)
    publish(database, [entry(2, cause="改")])
    buckets.put(BUCKET, version=1)

    with capture_logs() as logs:
        found = exported(store, state)

    assert found == EXPECTED
    assert damaged(logs) == {BUCKET}


def test_a_bucket_that_came_or_went_since_is_none_that_was_lost(
    database: Database, buckets: Buckets
) -> None:
    """An export at version 1 has what left later, and not what came later; nothing is told."""
    store = SqlFeedStore(buckets.database)
    state = state_of(store)
    publish(database, [removal(2), entry(11)])

    with capture_logs() as logs:
        found = exported(store, state)

    assert found == EXPECTED
    assert logs == []


def test_lost_buckets_are_read_no_more_at_once_than_others(
    buckets: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stretch ends after so many buckets that there should be, whether they are there or not.

    Ten entries are taken for 2 bytes in each of all buckets; the first stretch is a short one.
    """
    monkeypatch.setattr(list_export, "EXPORT_BYTES", 8)
    buckets.lose(*ALL)
    store = SqlFeedStore(buckets.database)
    state = state_of(store)

    pages = [store.export_page(state, None)]
    while pages[-1].after is not None:
        pages.append(store.export_page(state, pages[-1].after))

    assert [len(list(page.chunks)) for page in pages] == [1, 4, 4, 1]


def test_a_bucket_from_before_the_seals_is_read_from_the_changes_in_silence(
    database: Database, buckets: Buckets
) -> None:
    """Nothing is damaged, so nobody is alarmed; but nothing says what its body is of."""
    buckets.unseal(BUCKET)
    store = SqlFeedStore(database)

    with capture_logs() as logs:
        found = exported(store, state_of(store))

    assert found == EXPECTED
    assert logs == []


# Mending -------------------------------------------------------------------------


@pytest.fixture
def keep(database: Database, clock: FixedClock) -> Iterator[KeepFeedFit]:
    """Look after the feed, without rules for anything else."""
    lease = SqlListLease(database, FEED)
    yield KeepFeedFit(SqlFeedStore(database), lease, clock, None, None)
    lease.close()


def told(keep: KeepFeedFit) -> list[tuple[str, int]]:
    """Let it look once; give what it says of buckets."""
    with capture_logs() as logs:
        keep(lambda: False)
    return [(one["event"], one["buckets"]) for one in logs]


def test_whatever_became_of_buckets_is_mended_in_the_background(
    database: Database, buckets: Buckets, keep: KeepFeedFit, clock: FixedClock
) -> None:
    """Three of ten: they are again as they were published, and are looked at every hour."""
    right = {bucket: buckets.row(bucket) for bucket in ALL}
    buckets.lose(bucket_of("l-1"))
    buckets.put(BUCKET, body=right[OTHER]["body"])
    buckets.unseal(OTHER)

    first = told(keep)
    clock.advance(BUCKETS_PAUSE)
    second = told(keep)

    assert first == [("list_buckets_rebuilt", 3)]
    assert second == []
    assert {bucket: buckets.row(bucket) for bucket in ALL} == right
    store = SqlFeedStore(database)
    with capture_logs() as logs:
        assert exported(store, state_of(store)) == EXPECTED
    assert logs == []


def test_a_bucket_that_is_empty_for_good_is_put_away(
    database: Database, buckets: Buckets, keep: KeepFeedFit
) -> None:
    """Its changes were all dropped, so that no version has an entry in it."""
    publish(database, [removal(2)])
    compact(database)
    buckets.unseal(BUCKET)

    assert told(keep) == [("list_buckets_rebuilt", 1)]

    assert buckets.kept() == ALL - {BUCKET}


def test_a_bucket_whose_changes_are_damaged_stays_as_it_is(
    database: Database, buckets: Buckets, keep: KeepFeedFit
) -> None:
    """What its digest denies is not kept as right; the log says so each time."""
    buckets.lose(BUCKET)
    buckets.run(delete(ListChangeRow).where(ListChangeRow.entry_id == 2))
    with database.read() as reading:
        before = reading.point.revision

    found = told(keep)

    with database.read() as reading:
        after = reading.point.revision
    assert found == [("list_changes_damaged", 1)]
    assert after == before
