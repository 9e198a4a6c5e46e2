"""Keep the feed of the lists fit by itself: drop old changes, mend damage, tell who lags behind.

One replica at a time does it, under a lease. Each is looked at from time to time; that another
replica looked just before does no harm.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from services.common.clock import Clock, civil_day
from services.common.identity import Caller, Role
from services.scoring.commands.list_sync.compact_lists import Retention, compact
from services.scoring.commands.list_sync.list_feed_ports import (
    FeedReading,
    FeedStore,
    SubscriptionQuery,
)
from services.scoring.commands.list_sync.list_subscribers import LagRules, place_of
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.list_feed import Subscription, Wanted, lag_seconds

COMPACTION_PAUSE: Final = timedelta(hours=6)
"""House decision: changes are kept for months; hours more cost little."""

BUCKETS_PAUSE: Final = timedelta(hours=1)
"""House decision: damage is never sent, but views are refused until it is mended; reading a million
entries takes seconds."""

LAG_PAUSE: Final = timedelta(hours=1)
"""House decision: a warning that comes more often than anybody reads it is none."""

SUBSCRIPTIONS_AT_ONCE: Final = 100

_METHOD: Final = "safetycredit.scoring.KeepFeedFit"
_CALLER: Final = Caller(identity="safetycredit:lists", roles=frozenset({Role.OPERATOR}))


class Lease(Protocol):
    """Lets one replica at a time work."""

    def claim(self) -> str | None:
        """Take the lease; nothing if another holds it."""
        ...

    def release(self, lease: str) -> None:
        """Give the lease back."""
        ...


@dataclass(slots=True)
class KeepFeedFit:
    """Looks after the feed whenever it is called; does something only when it is time.

    Attributes:
        store: The lists.
        lease: Lets one replica at a time work.
        clock: Tells the time.
        retention: How long changes can be had; none where nothing is dropped in the background.
        rules: How long a subscriber may lag behind; none where their file is missing.
    """

    store: FeedStore
    lease: Lease
    clock: Clock
    retention: Retention | None
    rules: LagRules | None
    _compacted: datetime | None = field(default=None, init=False)
    _looked: datetime | None = field(default=None, init=False)
    _mended: datetime | None = field(default=None, init=False)

    def __call__(self, stopped: Callable[[], bool]) -> bool:
        """Do what it is time for; say whether more waits, which is never so.

        Raises:
            SafetyCreditError: The store refuses, or nobody says how long changes are kept.
        """
        now = self.clock.now()
        compacting = self.retention is not None and _due(self._compacted, COMPACTION_PAUSE, now)
        looking = _due(self._looked, LAG_PAUSE, now)
        mending = _due(self._mended, BUCKETS_PAUSE, now)
        if not (compacting or looking or mending):
            return False
        lease = self.lease.claim()
        if lease is None:
            return False
        try:
            if looking:
                self._tell_lags(now)
                self._looked = now
            if compacting and self.retention is not None and not stopped():
                self._compact(self.retention.begin(now))
                self._compacted = now
            if mending and not stopped():
                # The changes of a bucket are held against the head.
                self._mend_heads()
                self._mend_changes(stopped)
                self._mend_buckets(stopped)
                self._mended = now
        finally:
            self.lease.release(lease)
        return False

    # Private methods -------------------------------------------------------------

    def _compact(self, begin: datetime) -> None:
        with self.store.read() as reading:
            rising = reading.rising_floors(begin)
        # After a start, what a server that was killed had left below the floors is dropped as well.
        if not rising and self._compacted is not None:
            return
        if rising:
            compactions = compact(self.store, begin, caller=_CALLER, method=_METHOD)
        else:
            with self.store.read() as reading:
                floors = reading.floors()
            compactions = self.store.drop_changes(floors, caller=_CALLER, method=_METHOD)
        for one in compactions:
            if one.dropped_changes:
                _log.info(
                    "list_compacted",
                    kind=one.key.kind.name,
                    field=one.key.field,
                    floor_version=one.floor_version,
                    dropped_changes=one.dropped_changes,
                )

    def _mend_heads(self) -> None:
        for key in self.store.damaged_heads():
            of_list = {"kind": key.kind.name, "field": key.field}
            if not self.store.restore_head(key, caller=_CALLER, method=_METHOD):
                _log.error("list_head_damaged", **of_list)

    def _mend_changes(self, stopped: Callable[[], bool]) -> None:
        for key, damaged in self.store.damaged_changes().items():
            if not damaged or stopped():
                continue
            restored = self.store.restore_changes(key, damaged, caller=_CALLER, method=_METHOD)
            of_list = {"kind": key.kind.name, "field": key.field}
            if restored:
                _log.warning("list_changes_restored", **of_list, buckets=restored)
            if restored < len(damaged):
                _log.error("list_changes_damaged", **of_list, buckets=len(damaged) - restored)

    def _mend_buckets(self, stopped: Callable[[], bool]) -> None:
        for key, unsound in self.store.unsound_buckets().items():
            if not unsound or stopped():
                continue
            rebuilt = self.store.rebuild_buckets(key, unsound, caller=_CALLER, method=_METHOD)
            of_list = {"kind": key.kind.name, "field": key.field}
            # Of those that are left, the changes are damaged, which was told already.
            if rebuilt:
                _log.info("list_buckets_rebuilt", **of_list, buckets=rebuilt)

    def _tell_lags(self, now: datetime) -> None:
        limit = None if self.rules is None else self.rules.lag_limit(civil_day(now))
        with self.store.read() as reading:
            for kind in ListKind:
                for lag in reading.lags(Wanted(kind), reading.point.revision):
                    _log.info(
                        "list_lag",
                        kind=kind.name,
                        field=lag.key.field,
                        subscriptions=lag.subscription_count,
                        behind=lag.behind_count,
                        versions_behind_max=lag.versions_behind_max,
                        lag_seconds_max=lag_seconds(lag.behind_since, now),
                    )
                for one in _subscriptions(reading, kind):
                    seconds = lag_seconds(one.behind_since, now)
                    if limit is not None and seconds > limit.total_seconds():
                        _log.warning(
                            "subscriber_lags",
                            subscriber=one.subscriber,
                            kind=kind.name,
                            field=one.view.key.field,
                            division=one.view.division,
                            versions_behind=one.versions_behind,
                            lag_seconds=seconds,
                            lag_limit_seconds=int(limit.total_seconds()),
                        )


# Private functions and values --------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def _due(last: datetime | None, pause: timedelta, now: datetime) -> bool:
    return last is None or now >= last + pause


def _subscriptions(reading: FeedReading, kind: ListKind) -> Iterator[Subscription]:
    after = None
    while True:
        query = SubscriptionQuery(
            kind=kind,
            field=0,
            revision=reading.point.revision,
            after=after,
            limit=SUBSCRIPTIONS_AT_ONCE,
        )
        part = reading.subscriptions(query)
        yield from part
        if len(part) < SUBSCRIPTIONS_AT_ONCE:
            return
        after = place_of(part[-1])
