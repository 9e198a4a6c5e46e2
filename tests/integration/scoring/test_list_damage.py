"""Changes that were damaged in the store: had from their buckets, refused, never sealed, mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Row, delete, select, update
from structlog.testing import capture_logs

from models.list_feed import ListBucketRow, ListChangeRow
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from services.common.database import Database
from services.scoring.commands.list_sync.keep_feed_fit import BUCKETS_PAUSE, KeepFeedFit
from services.scoring.domain.list_digest import bucket_of
from services.scoring.domain.list_encoding import encode_entry
from services.scoring.domain.list_entry import ListEntry
from services.scoring.domain.list_feed import ListView
from services.scoring.domain.list_feed_errors import CursorTooOldError, ListChangesDamagedError
from services.scoring.handlers.list_sync_messages import export_messages
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_lease import FEED, SqlListLease
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import (
    BLACK,
    PUBLISHER,
    WORK_SAFETY,
    ListSyncClient,
    list_sync_client,
    publish,
)
from tests.fakes.scoring_client import RefusedError

WHOLE = ListView(BLACKLIST)
DIVISION = ListView(BLACKLIST, "110000")
BUCKET = bucket_of("l-1")
NEIGHBOUR = next(number for number in count(2) if bucket_of(f"l-{number}") == BUCKET)
"""An entry that lies in the bucket of l-1; there are some thousand others to one."""
ELSEWHERE = 2
ONE = entry(1)
RIGHT = encode_entry(ONE)
WRONG = RIGHT.replace(ONE.name.encode(), "企业7".encode())
"""The first entry, with another enterprise's name."""


@dataclass(frozen=True)
class Changes:
    """The changes of the list, as somebody may damage them."""

    database: Database

    def put(self, number: int, **values: Any) -> None:  # noqa: ANN401 -- any column.
        """Change what is kept of the first change of an entry."""
        first = select(ListChangeRow.ordinal).where(ListChangeRow.entry_id == number)
        ordinal = first.order_by(ListChangeRow.ordinal).limit(1).scalar_subquery()
        self.run(update(ListChangeRow).where(ListChangeRow.ordinal == ordinal).values(**values))

    def lose(self, number: int) -> None:
        """Lose every change of an entry."""
        self.run(delete(ListChangeRow).where(ListChangeRow.entry_id == number))

    def lose_bucket(self) -> None:
        """Lose what the bucket of the first entry has of its own."""
        self.run(delete(ListBucketRow).where(ListBucketRow.bucket == BUCKET))

    def rows(self) -> list[Row[Any]]:
        """Give every change as it is kept."""
        query = select(ListChangeRow.__table__).order_by(ListChangeRow.ordinal)
        with self.database.inspect() as connection:
            return list(connection.execute(query))

    def buckets(self) -> dict[int, int]:
        """Give the version of every bucket that is kept."""
        query = select(ListBucketRow.bucket, ListBucketRow.version)
        with self.database.inspect() as connection:
            return dict(connection.execute(query).all())

    def run(self, statement: Any) -> None:  # noqa: ANN401 -- any statement.
        """Change something, as nobody should."""
        with self.database.write(caller=PUBLISHER, method="test") as write:
            write.connection.execute(statement)
            write.commit()


@pytest.fixture
def changes(database: Database) -> Changes:
    """Publish an entry of Beijing and one of Tianjin; give their changes."""
    publish(database, [ONE, entry(ELSEWHERE, division=120101)])
    return Changes(database)


def exported(database: Database, view: ListView) -> dict[str, bytes]:
    """Give all entries of an export by somebody who never read before, by identifier."""
    store = SqlFeedStore(database)
    with store.read() as reading:
        state = reading.state(view)
    return {
        one.entry_id: one.SerializeToString(deterministic=True)
        for body in export_messages(store.export_page(state, None).chunks)
        for one in pb.ExportListResponse.FromString(body).entries
    }


def delta(database: Database, after: int) -> list[bytes]:
    """Give the changes after a version."""
    with SqlFeedStore(database).read() as reading:
        return [one.body for one in reading.delta(WHOLE, after, limit=100).changes]


def repaired(database: Database, view: ListView) -> list[bytes]:
    """Give the first entry's bucket, as a copy is repaired with it."""
    with SqlFeedStore(database).read() as reading:
        return list(reading.buckets(view, reading.head(BLACKLIST).version, [BUCKET])[BUCKET])


def events(logs: list[Any]) -> set[tuple[str, str]]:
    """Give what was logged, and how loudly."""
    return {(one["event"], one["log_level"]) for one in logs}


# Reading ---------------------------------------------------------------------------


def test_a_damaged_body_is_read_from_its_bucket(database: Database, changes: Changes) -> None:
    """Whoever exports, follows or repairs gets what was published; the operator is told."""
    changes.put(1, body=WRONG)

    with capture_logs() as logs:
        found = exported(database, DIVISION)
        followed = delta(database, 0)
        mended = [repaired(database, view) for view in (WHOLE, DIVISION)]

    assert found == {"l-1": RIGHT}
    assert followed[0] == RIGHT
    assert mended == [[RIGHT], [RIGHT]]
    assert events(logs) == {("list_changes_damaged", "error")}
    assert len(logs) == 4


async def test_a_body_that_nobody_has_is_refused(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """No answer has the damaged entry; each refuses with DATA_LOSS, and the rest is answered."""
    changes = Changes(embedded)
    publish(embedded, [ONE, entry(ELSEWHERE, division=120101)])
    changes.put(1, body=WRONG)
    changes.lose_bucket()
    of_list: dict[str, Any] = {"kind": BLACK, "field": WORK_SAFETY}
    asked = (
        embedded_lists.export(field=WORK_SAFETY),
        embedded_lists.export(field=WORK_SAFETY, division="110000"),
        embedded_lists.call("ListChanges", **of_list, from_start=True),
        embedded_lists.call("GetListBuckets", **of_list, buckets=[BUCKET]),
    )

    for asking in asked:
        with pytest.raises(RefusedError) as refused:
            await asking
        assert (refused.value.code, refused.value.reason) == ("DATA_LOSS", "LIST_CHANGES_DAMAGED")

    other = await embedded_lists.export(field=WORK_SAFETY, division="120000")
    assert [one.entry_id for message in other for one in message.entries] == ["l-2"]


async def test_a_damaged_change_that_was_superseded_sends_subscribers_to_the_export(
    database: Database, changes: Changes
) -> None:
    """The list does without it: who stands before it loads the list, who is past it goes on."""
    publish(database, [entry(1, cause="改")])
    changes.put(1, body=WRONG)

    with pytest.raises(CursorTooOldError):
        delta(database, 0)

    after = encode_entry(entry(1, cause="改"))
    assert delta(database, 1) == [after]
    assert exported(database, WHOLE)["l-1"] == after
    assert exported(database, DIVISION) == {"l-1": after}


LOST_ROW: dict[str, Any] = {}


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(LOST_ROW, id="lost-row"),
        pytest.param({"superseded_version": 1}, id="taken-for-past"),
        pytest.param({"digest": bytes(32)}, id="digest"),
    ],
)
def test_no_view_is_told_of_a_list_that_lost_something(
    database: Database, changes: Changes, damage: dict[str, Any]
) -> None:
    """What is lost of one division may have been of any: no view's digest is given."""
    if damage:
        changes.put(1, **damage)
    else:
        changes.lose(1)

    for view in (DIVISION, ListView(BLACKLIST, "120000")):
        with pytest.raises(ListChangesDamagedError):
            exported(database, view)

    # The buckets have the whole list still.
    assert exported(database, WHOLE)["l-1"] == RIGHT


# Publishing ------------------------------------------------------------------------


def test_a_damaged_body_is_not_sealed(database: Database, changes: Changes) -> None:
    """When another entry of its bucket is published, the bucket is joined with the right one."""
    changes.put(1, body=WRONG)
    neighbour = entry(NEIGHBOUR)

    publish(database, [neighbour])

    assert changes.buckets()[BUCKET] == 2
    changes.lose(1)
    assert exported(database, WHOLE) == {
        "l-1": RIGHT,
        "l-2": encode_entry(entry(ELSEWHERE, division=120101)),
        f"l-{NEIGHBOUR}": encode_entry(neighbour),
    }


def test_what_nobody_has_any_more_is_not_sealed_either(
    database: Database, changes: Changes
) -> None:
    """The bucket stays without a row, and readers refuse it, until its changes are right again."""
    changes.put(1, body=WRONG)
    changes.lose_bucket()

    with capture_logs() as logs:
        publish(database, [entry(NEIGHBOUR)])

    assert BUCKET not in changes.buckets()
    assert ("list_changes_damaged", "error") in events(logs)
    with pytest.raises(ListChangesDamagedError):
        exported(database, WHOLE)


def test_nothing_is_published_into_a_bucket_that_lost_an_entry(
    database: Database, changes: Changes
) -> None:
    """Else the loss would be the list's new digest; other buckets are published as ever."""
    changes.lose(1)

    with pytest.raises(ListChangesDamagedError):
        publish(database, [entry(NEIGHBOUR)])
    versions = publish(database, [entry(ELSEWHERE, cause="改")])

    assert versions == {BLACKLIST: 2}


def test_damage_that_can_be_put_right_keeps_nobody_from_publishing(
    database: Database, changes: Changes
) -> None:
    """The digest of a body that its bucket has is written anew, and the list goes on."""
    changes.put(1, digest=bytes(32))

    publish(database, [entry(NEIGHBOUR)])

    assert exported(database, DIVISION) == {
        "l-1": RIGHT,
        f"l-{NEIGHBOUR}": encode_entry(entry(NEIGHBOUR)),
    }


# Mending ---------------------------------------------------------------------------


@pytest.fixture
def keep(database: Database, clock: FixedClock) -> Iterator[KeepFeedFit]:
    """Look after the feed, without rules for anything else."""
    lease = SqlListLease(database, FEED)
    yield KeepFeedFit(SqlFeedStore(database), lease, clock, None, None)
    lease.close()


def told(keep: KeepFeedFit) -> list[tuple[str, int]]:
    """Let it look once; give how many buckets it says something of."""
    with capture_logs() as logs:
        keep(lambda: False)
    return [(one["event"], one["buckets"]) for one in logs if "buckets" in one]


def test_what_can_be_proved_is_put_right_in_the_background(
    database: Database, changes: Changes, keep: KeepFeedFit, clock: FixedClock
) -> None:
    """A body, a digest, and an entry that was removed and stands again: all are as before."""
    others: list[ListEntry] = [entry(number) for number in (3, 4)]
    publish(database, others)
    publish(database, [removal(4)])
    right = changes.rows()
    changes.put(1, body=WRONG)
    changes.put(3, digest=bytes(32))
    changes.put(4, superseded_version=None)

    first = told(keep)
    clock.advance(BUCKETS_PAUSE)
    second = told(keep)

    assert first == [("list_changes_restored", 3)]
    assert second == []
    assert changes.rows() == right


def test_what_cannot_be_proved_stays_as_it_is(
    changes: Changes, keep: KeepFeedFit, clock: FixedClock
) -> None:
    """A body that nobody has any more, and a lost entry: each look says so, and writes nothing."""
    changes.put(1, body=WRONG)
    changes.lose_bucket()
    changes.lose(ELSEWHERE)
    before = changes.rows()

    first = told(keep)
    clock.advance(BUCKETS_PAUSE)

    assert first == told(keep) == [("list_changes_damaged", 2)]
    assert changes.rows() == before


async def test_a_list_that_was_put_right_is_told_again(
    database: Database, changes: Changes, keep: KeepFeedFit
) -> None:
    """A server that refused a view gives it as soon as the changes are right."""
    changes.put(ELSEWHERE, digest=bytes(32))
    async with list_sync_client(database) as lists:
        with pytest.raises(RefusedError) as refused:
            await lists.export(field=WORK_SAFETY, division="110000")
        told(keep)
        messages = await lists.export(field=WORK_SAFETY, division="110000")

    assert refused.value.reason == "LIST_CHANGES_DAMAGED"
    assert messages[-1].end.entry_count == 1
