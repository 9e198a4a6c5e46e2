"""Revision 0015: bodies of buckets are packed where they lie, and are plain again before it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from services.common.database import Database
from services.common.schema import downgrade, migrate
from services.scoring.domain.list_encoding import encode_entry, framed
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import ListView
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_sync_server import publish

KEYS = [ListKey(ListKind.BLACKLIST, field) for field in (1, 2)]
ENTRIES = 120
"""So many that the buckets of two lists are more than are rewritten at once."""


@pytest.fixture
def empty(empty_database_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a database without a schema."""
    database = Database(empty_database_url, clock=clock)
    yield database
    database.close()


def bodies(database: Database) -> list[bytes]:
    """Give what is kept of all buckets, in the order of their keys."""
    query = "SELECT body FROM list_buckets ORDER BY kind, field, bucket"
    with database.inspect() as connection:
        return [bytes(body) for body in connection.execute(text(query)).scalars()]


def exported(database: Database, key: ListKey) -> bytes:
    """Give all that a list's export sends."""
    store = SqlFeedStore(database)
    with store.read() as reading:
        state = reading.state(ListView(key))
    page = store.export_page(state, None)
    assert page.after is None
    return b"".join(page.chunks)


@pytest.mark.migrations
def test_bodies_from_before_are_served_exactly_as_they_were(empty: Database) -> None:
    """Down to the form of the release before and up again; one bucket has lost its only entry."""
    migrate(empty)
    for number, key in enumerate(KEYS):
        start = 1 + 1000 * number
        entries = [entry(one, list_key=key) for one in range(start, start + ENTRIES)]
        publish(empty, entries)
        publish(empty, [removal(start, list_key=key)])
    packed = bodies(empty)
    served = [exported(empty, key) for key in KEYS]

    downgrade(empty, "0014")
    plain = bodies(empty)
    migrate(empty)

    assert b"".join(plain) == b"".join(served)
    assert len(b"".join(served)) == sum(
        len(framed(encode_entry(entry(1000 * number + one, list_key=key))))
        for number, key in enumerate(KEYS)
        for one in range(2, ENTRIES + 1)
    )
    assert bodies(empty) == packed != plain
    assert [exported(empty, key) for key in KEYS] == served


@pytest.mark.migrations
@pytest.mark.postgres
def test_postgresql_does_not_pack_again_what_is_packed(postgresql_url: str) -> None:
    """Its own packing is switched off for the bodies, and on again in the release before."""
    database = Database(postgresql_url)
    query = text(
        "SELECT CAST(attstorage AS text) FROM pg_attribute"
        " WHERE attrelid = 'list_buckets'::regclass AND attname = 'body'"
    )

    with database.inspect() as connection:
        now = connection.execute(query).scalar_one()
    downgrade(database, "0014")
    with database.inspect() as connection:
        before = connection.execute(query).scalar_one()

    database.close()
    assert (now, before) == ("e", "x")
