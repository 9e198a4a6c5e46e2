"""The day's tables: each once a civil day, by one replica, and none where nobody asks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from services.common.identity import Caller
from services.scoring.commands.peers.keep_peer_tables import KeepPeerTables
from services.scoring.commands.policies.policy_library import PolicyLibrary
from tests.fakes.clock import FixedClock
from tests.fakes.peer_tables import FakeLease, FakePeerTables, FakePeerWriting
from tests.fakes.scoring_store import FakeStore

CARD, WATCH = "cn.test.scorecard", "cn.test.watch"


@pytest.fixture
def lease() -> FakeLease:
    """Give a lease that nobody holds."""
    return FakeLease()


Keep = Callable[[PolicyLibrary], KeepPeerTables]


@pytest.fixture
def keeping(store: FakeStore, tables: FakePeerTables, lease: FakeLease, clock: FixedClock) -> Keep:
    """Keep the tables of a library."""

    def keep(library: PolicyLibrary) -> KeepPeerTables:
        return KeepPeerTables(store, tables, lease, tables.library(library), clock)

    return keep


def days(tables: FakePeerTables) -> list[tuple[str, date]]:
    """Give the policies and days of the tables, in the order of recording."""
    return [(one.policy_id, one.as_of) for one in tables.stamps]


def test_tables_are_made_once_a_civil_day(
    store: FakeStore,
    tables: FakePeerTables,
    keeping: Keep,
    asking: PolicyLibrary,
    clock: FixedClock,
) -> None:
    """Facts of the day change nothing; the first moment of the next one in Shanghai does."""
    keep = keeping(asking)
    store.enterprise()
    keep()
    store.enterprise()
    # Noon in Shanghai, and one microsecond before midnight.
    clock.advance(timedelta(hours=12, microseconds=-1))
    keep()
    same_day = days(tables)
    clock.advance(timedelta(microseconds=1))
    keep()

    first, second = date(2025, 6, 1), date(2025, 6, 2)
    assert same_day == [(CARD, first), (WATCH, first)]
    assert days(tables) == [*same_day, (CARD, second), (WATCH, second)]
    assert {one.revision for one in tables.stamps} == {1, 3}
    assert [one.recorded_revision for one in tables.stamps] == [2, 2, 4, 4]


def test_nothing_is_done_where_no_policy_asks(
    store: FakeStore,
    tables: FakePeerTables,
    keeping: Keep,
    library: PolicyLibrary,
    lease: FakeLease,
) -> None:
    """No lease, no read, no write."""
    lease.free = False
    store.enterprise()

    keeping(library)()

    assert (days(tables), tables.asked, store.point().revision) == ([], 0, 1)


def test_another_replica_is_left_to_it(
    store: FakeStore,
    tables: FakePeerTables,
    keeping: Keep,
    asking: PolicyLibrary,
    lease: FakeLease,
) -> None:
    """Who does not hold the lease, or loses it on the way, records nothing."""
    keep = keeping(asking)
    store.enterprise()
    lease.free = False
    keep()
    lease.free, lease.stretches = True, 1
    keep()

    assert days(tables) == []
    assert not lease.held


def test_a_table_that_another_recorded_is_not_recorded_again(
    store: FakeStore, tables: FakePeerTables, keeping: Keep, asking: PolicyLibrary
) -> None:
    """Both replicas had begun; the later one finds the tables there."""
    store.enterprise()
    keep, other = keeping(asking), keeping(asking)
    late = _Late(tables, other)

    KeepPeerTables(store, late, keep.lease, keep.library, keep.clock)()

    day = date(2025, 6, 1)
    assert days(tables) == [(CARD, day), (WATCH, day)]


class _Late(FakePeerTables):
    """Tables that another replica records just before this one writes."""

    def __init__(self, tables: FakePeerTables, other: KeepPeerTables) -> None:
        """Let another record first."""
        super().__init__(tables.facts, tables.stamps, tables.values)
        self._other = other

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[FakePeerWriting]:
        """Begin a write after the other's."""
        self._other()
        with super().write(caller=caller, method=method) as write:
            yield write
