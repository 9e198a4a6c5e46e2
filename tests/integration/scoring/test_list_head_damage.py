"""The head of a list that was damaged: found by its versions, made anew, and never built upon."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from models.list_feed import ListHeadRow, ListVersionRow
from services.common.database import Database
from services.scoring.commands.list_sync.keep_feed_fit import KeepFeedFit
from services.scoring.domain.list_digest import BUCKETS, bucket_slice
from services.scoring.domain.list_feed import ListView
from services.scoring.domain.list_feed_errors import ListChangesDamagedError
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_heads import read_version
from services.scoring.store.list_lease import FEED, SqlListLease
from services.scoring.store.list_states import whole_digests
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import publish
from tests.integration.scoring.test_list_damage import BUCKET, Changes, exported, told

WHOLE = ListView(BLACKLIST)
EMPTY = next(one for one in range(BUCKETS) if one > BUCKET)
"""A bucket in which nothing lies."""

Damage = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes of the head's values those that are damaged."""


def turned(value: bytes, place: int) -> bytes:
    """Turn a bit of a byte."""
    return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]


def in_bucket(number: int) -> Damage:
    """Turn a bit of the digest of a bucket."""
    place = bucket_slice(number).start
    return lambda head: {"bucket_digests": turned(head["bucket_digests"], place)}


DAMAGES: dict[str, Damage] = {
    "digest-of-a-bucket": in_bucket(BUCKET),
    "digest-of-an-empty-bucket": in_bucket(EMPTY),
    "digests-cut": lambda head: {"bucket_digests": head["bucket_digests"][:-1]},
    "digest": lambda head: {"digest": turned(head["digest"], 3)},
    "one-entry-more": lambda head: {"entry_count": head["entry_count"] + 1},
    "earlier-version": lambda head: {"version": head["version"] - 1},
    "later-version": lambda head: {"version": head["version"] + 4},
    "earlier-change": lambda head: {"last_ordinal": head["last_ordinal"] - 1},
}

OF_VERSION: dict[str, dict[str, Any]] = {
    "digest": {"digest": bytes(32)},
    "entry_count": {"entry_count": 77},
    "last_ordinal": {"last_ordinal": 1},
}


@pytest.fixture
def changes(database: Database) -> Changes:
    """Publish three entries, and then that one of them is gone; give their changes."""
    publish(database, [entry(1), entry(2), entry(3)])
    publish(database, [removal(3)])
    return Changes(database)


@pytest.fixture
def keep(database: Database, clock: FixedClock) -> Iterator[KeepFeedFit]:
    """Look after the feed, without rules for anything else."""
    lease = SqlListLease(database, FEED)
    yield KeepFeedFit(SqlFeedStore(database), lease, clock, None, None)
    lease.close()


def head_in(database: Database) -> dict[str, Any]:
    """Give the head as it is kept."""
    with database.inspect() as connection:
        return dict(connection.execute(select(ListHeadRow.__table__)).mappings().one())


def versions_in(database: Database) -> list[dict[str, Any]]:
    """Give the versions as they are kept."""
    query = select(ListVersionRow.__table__).order_by(ListVersionRow.version)
    with database.inspect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def events_of(keep: KeepFeedFit) -> list[str]:
    """Let it look once; give what it says of heads."""
    with capture_logs() as logs:
        keep(lambda: False)
    return [one["event"] for one in logs if "head" in one["event"]]


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_head_is_made_anew_in_the_background(
    database: Database, changes: Changes, keep: KeepFeedFit, name: str
) -> None:
    """Every value is as before, and nothing is said of the changes, which were right."""
    right = head_in(database)
    changes.run(update(ListHeadRow).values(**DAMAGES[name](right)))

    assert events_of(keep) == ["list_head_restored"]
    assert head_in(database) == right
    assert exported(database, WHOLE).keys() == {"l-1", "l-2"}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_head_is_not_sealed(database: Database, changes: Changes, name: str) -> None:
    """What is published next has the digest and the count of what the list really has then."""
    changes.run(update(ListHeadRow).values(**DAMAGES[name](head_in(database))))

    publish(database, [entry(4)])

    with database.inspect() as connection:
        last = read_version(connection, BLACKLIST, 3)
        assert last is not None
        whole = whole_digests(connection, BLACKLIST, last)
    head = head_in(database)
    assert (whole.digest, whole.entry_count) == (last.digest, last.entry_count)
    assert (head["digest"], head["entry_count"]) == (last.digest, 3)
    assert head["bucket_digests"] == whole.digests
    assert exported(database, WHOLE).keys() == {"l-1", "l-2", "l-4"}


@pytest.mark.parametrize("name", OF_VERSION)
def test_a_version_that_head_and_changes_deny_is_put_right(
    database: Database, changes: Changes, keep: KeepFeedFit, name: str
) -> None:
    """Two say the same of the last one."""
    right = versions_in(database)
    last = update(ListVersionRow).where(ListVersionRow.version == 2)
    changes.run(last.values(**OF_VERSION[name]))

    assert events_of(keep) == ["list_head_restored"]
    assert versions_in(database) == right


def test_nothing_is_published_on_a_head_that_nothing_proves(
    database: Database, changes: Changes, keep: KeepFeedFit
) -> None:
    """A change is lost as well, so nobody knows what the list was; all stays as it is."""
    changes.run(update(ListHeadRow).values(**DAMAGES["digest"](head_in(database))))
    changes.lose(2)
    before = head_in(database), changes.rows()

    with pytest.raises(ListChangesDamagedError):
        publish(database, [entry(4)])

    assert events_of(keep) == ["list_head_damaged"]
    assert (head_in(database), changes.rows()) == before


def test_a_version_that_was_lost_is_not_published_again(
    database: Database, changes: Changes
) -> None:
    """Its number would stand for two states."""
    changes.run(delete(ListVersionRow).where(ListVersionRow.version == 2))

    with pytest.raises(ListChangesDamagedError):
        publish(database, [entry(4)])

    assert len(versions_in(database)) == 1


def test_a_right_head_is_left_alone(
    database: Database, changes: Changes, keep: KeepFeedFit
) -> None:
    """Nothing is written, and nothing said; a list that was never published has none."""
    before = head_in(database), database.point().revision

    assert told(keep) == []
    assert events_of(keep) == []
    assert (head_in(database), database.point().revision) == before
    assert changes.rows()
