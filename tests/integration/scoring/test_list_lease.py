"""The lease on the work on the lists, while others keep the store busy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, Engine, event, update

from models.grades import LeaseRow
from services.common.database import Database, DatabaseOptions
from services.common.engines import writing_engine
from services.common.store_errors import StoreBusyError
from services.scoring.store import list_lease
from services.scoring.store.list_lease import SqlListLease


@pytest.fixture
def lease(database: Database) -> Iterator[SqlListLease]:
    """Give a lease."""
    found = SqlListLease(database)
    yield found
    found.close()


@pytest.fixture
def writer(database: Database) -> Iterator[Connection]:
    """Give the connection of somebody else who writes."""
    engine = writing_engine(database.url, DatabaseOptions(connections_max=1))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def keep_busy(writer: Connection) -> None:
    """Hold the row of the lease, on SQLite the whole store, until the writer rolls back."""
    writer.execute(update(LeaseRow).values(expiry_time=LeaseRow.expiry_time))


@contextmanager
def told_of_failures(tell: Callable[[object], None]) -> Iterator[None]:
    """Tell of each statement that fails inside a block, before it is tried again."""
    event.listen(Engine, "handle_error", tell)
    try:
        yield
    finally:
        event.remove(Engine, "handle_error", tell)


def test_a_lease_is_given_back_though_the_store_is_busy_at_first(
    lease: SqlListLease, writer: Connection
) -> None:
    """The other writer ends when the first try has failed; the lease is free at once."""
    mine = lease.claim()
    assert mine is not None
    keep_busy(writer)

    with told_of_failures(lambda _: writer.rollback()):
        lease.release(mine)

    assert lease.claim() is not None


def test_a_store_that_stays_busy_is_asked_so_often_and_no_more(
    lease: SqlListLease, writer: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tries, and the refusal; nobody else has the lease before it ends."""
    monkeypatch.setattr(list_lease, "RELEASE_TRIES", 2)
    mine = lease.claim()
    assert mine is not None
    keep_busy(writer)
    failed: list[object] = []

    with told_of_failures(failed.append), pytest.raises(StoreBusyError):
        lease.release(mine)

    writer.rollback()
    assert len(failed) == 2
    assert lease.claim() is None
