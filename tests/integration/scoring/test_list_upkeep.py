"""What the server does for the feed by itself: old changes go, and laggards are told of."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.common.database import Database
from services.common.settings import load_settings
from services.scoring.commands.list_sync.compact_lists import Retention
from services.scoring.commands.list_sync.keep_feed_fit import KeepFeedFit
from services.scoring.domain.list_feed_errors import ListSyncPolicyInvalidError
from services.scoring.domain.list_shrinking import ShrinkLimits
from services.scoring.serving.lists import feed_upkeep
from services.scoring.store.list_compaction import raise_floor
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_heads import read_head
from services.scoring.store.list_lease import FEED, SqlListLease
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import (
    BLACK,
    PUBLISHER,
    WORK_SAFETY,
    ListSyncClient,
    caller,
    publish,
)
from tests.fakes.scoring_policies import POLICIES

SUBSCRIBER = caller("housing-department", "subscriber")
OTHER = caller("transport-department", "subscriber")


class Rules:
    """Changes are kept for 30 days, and who lags for more than a day is told of."""

    def retention(self, day: date) -> timedelta | None:
        """Give 30 days, from 2025 on."""
        return timedelta(days=30) if day.year >= 2025 else None

    def lag_limit(self, day: date) -> timedelta | None:
        """Give a day, from 2025 on."""
        return timedelta(days=1) if day.year >= 2025 else None


@pytest.fixture
def lease(embedded: Database) -> Iterator[SqlListLease]:
    """Open the lease of this work."""
    lease = SqlListLease(embedded, FEED)
    yield lease
    lease.close()


def keeper(database: Database, lease: SqlListLease, *, compacting: bool = True) -> KeepFeedFit:
    """Look after the feed of a store."""
    retention = Retention(Rules()) if compacting else None
    return KeepFeedFit(SqlFeedStore(database), lease, database.clock, retention, Rules())


def standing(database: Database) -> tuple[int, int]:
    """Give the floor of the list, and the store's last revision."""
    with database.read() as reading:
        return read_head(reading.connection, BLACKLIST).floor_version, reading.point.revision


def run(keep: KeepFeedFit) -> list[Any]:
    """Let it look once; give what it logged."""
    with capture_logs() as logs:
        assert keep(lambda: False) is False
    return list(logs)


# Compaction ----------------------------------------------------------------------


def test_superseded_changes_go_once_they_are_older_than_the_retention(
    embedded: Database, lease: SqlListLease, clock: FixedClock
) -> None:
    """Published on one day, changed on the next: dropped 30 days after that, not before."""
    keep = keeper(embedded, lease)
    publish(embedded, [entry(1), entry(2)])
    clock.advance(timedelta(days=1))
    publish(embedded, [entry(1, cause="改"), removal(2)])
    clock.advance(timedelta(days=30))
    assert run(keep) == []
    # The first version is older than 30 days, and the second is not; nothing of it is superseded.
    assert standing(embedded)[0] == 1

    clock.advance(timedelta(hours=6))
    logs = run(keep)

    assert standing(embedded)[0] == 2
    assert [(one["event"], one["dropped_changes"]) for one in logs] == [("list_compacted", 3)]
    with embedded.read() as reading:
        assert read_head(reading.connection, BLACKLIST).entry_count == 1


def test_nothing_is_written_where_nothing_is_due(
    embedded: Database, lease: SqlListLease, clock: FixedClock
) -> None:
    """A look that finds nothing old takes no revision, and within six hours nobody looks."""
    keep = keeper(embedded, lease)
    publish(embedded, [entry(1)])
    before = standing(embedded)
    run(keep)
    clock.advance(timedelta(days=30))
    run(keep)
    assert standing(embedded) == before

    # A second later the version is older than 30 days; the next look is due in six hours.
    clock.advance(timedelta(hours=6) - timedelta(seconds=1))
    run(keep)
    assert standing(embedded) == before
    clock.advance(timedelta(seconds=1))
    run(keep)

    assert standing(embedded)[0] == 1


def test_one_switch_turns_it_off(
    embedded: Database, lease: SqlListLease, clock: FixedClock
) -> None:
    """SAFETYCREDIT_LIST_COMPACTION=false; laggards are told of all the same."""
    keep = keeper(embedded, lease, compacting=False)
    publish(embedded, [entry(1)])
    publish(embedded, [entry(1, cause="改")])
    clock.advance(timedelta(days=400))

    run(keep)

    assert standing(embedded)[0] == 0
    environment = {"SAFETYCREDIT_POLICIES_DIR": str(POLICIES)}
    for switch in ("true", "false"):
        settings = load_settings({**environment, "SAFETYCREDIT_LIST_COMPACTION": switch})
        upkeep = feed_upkeep(settings, embedded, lambda: None)
        work: Any = upkeep.work.work
        assert (work.retention is not None) is (switch == "true")
        upkeep.close()


def test_one_replica_at_a_time_looks(
    embedded: Database, lease: SqlListLease, clock: FixedClock
) -> None:
    """While another holds the lease nothing is done; the other work's lease is another."""
    keep = keeper(embedded, lease)
    publish(embedded, [entry(1)])
    publish(embedded, [entry(1, cause="改")])
    clock.advance(timedelta(days=31))
    lists = SqlListLease(embedded)
    assert lists.claim() is not None
    held = lease.claim()
    assert held is not None

    run(keep)
    assert standing(embedded)[0] == 0
    lease.release(held)
    run(keep)

    assert standing(embedded)[0] == 2
    lists.close()


def test_what_a_killed_server_left_is_dropped_after_the_next_start(
    embedded: Database, lease: SqlListLease, clock: FixedClock
) -> None:
    """The floors were raised, and the rows below them still stand."""
    publish(embedded, [entry(1)])
    publish(embedded, [entry(1, cause="改")])
    clock.advance(timedelta(days=31))
    with embedded.write(caller=PUBLISHER, method="test") as write:
        raise_floor(write.connection, BLACKLIST, 2)
        write.commit()

    logs = run(keeper(embedded, lease))

    assert [one["dropped_changes"] for one in logs] == [1]


def test_a_retention_that_nobody_states_is_refused(clock: FixedClock) -> None:
    """Whoever runs the service may say it instead of the file."""
    now = clock.now()

    assert Retention(None, 7).begin(now) == now - timedelta(days=7)
    assert Retention(Rules(), 7).begin(now) == now - timedelta(days=7)
    assert Retention(Rules()).begin(now) == now - timedelta(days=30)
    with pytest.raises(ListSyncPolicyInvalidError):
        Retention(None).begin(now)


# Lag -----------------------------------------------------------------------------


async def hold(lists: ListSyncClient, number: str, **given: Any) -> None:  # noqa: ANN401 -- any field.
    """Acknowledge the list as it stands."""
    state = (await lists.export(field=WORK_SAFETY))[-1].end
    fields = {
        "by": SUBSCRIBER,
        "request_id": number,
        "kind": state.kind,
        "field": state.field,
        "version": state.version,
        "digest": state.digest,
        **given,
    }
    await lists.call("AcknowledgeList", **fields)


async def test_a_lag_is_counted_from_the_oldest_version_that_is_not_held(
    database: Database, lists: ListSyncClient, clock: FixedClock
) -> None:
    """Two versions behind, and for as long as the first of them is out; 24 hours are the limit."""
    publish(database, [entry(1)])
    await hold(lists, "a-1")
    clock.advance(timedelta(hours=1))
    publish(database, [entry(2)])
    known = (await lists.call("ListSubscribers", kind=BLACK)).point.known_at
    clock.advance(timedelta(hours=24))
    publish(database, [entry(3)])
    await hold(lists, "a-2", by=OTHER)

    at_the_limit = await lists.call("ListSubscribers", kind=BLACK)
    clock.advance(timedelta(seconds=1))
    beyond = await lists.call("ListSubscribers", kind=BLACK)
    then = await lists.call("ListSubscribers", kind=BLACK, known_at=known)

    def lags(page: Any) -> list[tuple[int, int, bool]]:  # noqa: ANN401 -- a page.
        return [
            (one.versions_behind, one.lag_seconds, one.lag_beyond_limit)
            for one in page.subscriptions
        ]

    day = 24 * 60 * 60
    assert beyond.lag_limit_seconds == day
    assert lags(at_the_limit) == [(2, day, False), (0, 0, False)]
    assert lags(beyond) == [(2, day + 1, True), (0, 0, False)]
    assert lags(then) == [(1, 0, False)]
    (gauge,) = beyond.lags
    assert (gauge.field, gauge.subscription_count, gauge.behind_count) == (1, 2, 1)
    assert (gauge.versions_behind_max, gauge.lag_seconds_max) == (2, day + 1)
    assert gauge.lag_beyond_limit
    assert beyond.subscriptions[0].behind_since_time.ToJsonString() == known.ToJsonString()
    assert not beyond.subscriptions[1].HasField("behind_since_time")


async def test_a_subscriber_that_lags_is_told_of_in_the_log(
    embedded: Database, embedded_lists: ListSyncClient, lease: SqlListLease, clock: FixedClock
) -> None:
    """Beyond the limit at warning level, once an hour; the gauge of each list besides."""
    keep = keeper(embedded, lease, compacting=False)
    publish(embedded, [entry(1)])
    await hold(embedded_lists, "a-1")
    clock.advance(timedelta(minutes=1))
    publish(embedded, [entry(2)])
    clock.advance(timedelta(days=1))
    quiet = run(keep)
    clock.advance(timedelta(hours=1))

    loud = run(keep)
    again = run(keep)

    assert [one["event"] for one in quiet] == ["list_lag"]
    assert [(one["event"], one["log_level"]) for one in loud] == [
        ("list_lag", "info"),
        ("subscriber_lags", "warning"),
    ]
    assert (loud[0]["behind"], loud[0]["lag_seconds_max"]) == (1, 25 * 60 * 60)
    assert (loud[1]["subscriber"], loud[1]["versions_behind"]) == ("housing-department", 1)
    assert again == []


# What the law removed ----------------------------------------------------------------


async def test_what_the_law_took_off_a_list_is_told_with_its_digest(
    database: Database, lists: ListSyncClient
) -> None:
    """Sixty entries, of which seven expire: more than ten percent within a day."""
    publish(database, [entry(number) for number in range(1, 61)])
    publish(database, [removal(1)], by_procedure=True, limits=ShrinkLimits())
    few = (await lists.call("GetListDigest", kind=BLACK, field=WORK_SAFETY)).digests[0]
    gone = [removal(number) for number in range(2, 8)]
    publish(database, gone, by_procedure=True, limits=ShrinkLimits())

    many = (await lists.call("GetListDigest", kind=BLACK, field=WORK_SAFETY)).digests[0]

    assert (few.removals_by_law, few.HasField("shrink_warning")) == (1, False)
    warning = many.shrink_warning
    assert (many.removals_by_law, warning.version, warning.removals_in_window) == (7, 3, 7)
    assert warning.entry_count == 53
