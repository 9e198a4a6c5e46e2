"""Revision 0015: bodies of buckets are packed where they lie, and are plain again before it."""

from collections.abc import Iterator
from zlib import crc32

import pytest
from sqlalchemy import delete, text, update

from models.list_feed import ListBucketRow
from services.common.database import Database
from services.common.schema import downgrade, migrate
from services.scoring.domain.list_digest import bucket_of
from services.scoring.domain.list_encoding import encode_entry, framed
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import ListView
from services.scoring.store.list_feed_store import SqlFeedStore
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_sync_server import PUBLISHER, publish

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
    # The frames are those that were; their sums are of the time before the seals.
    assert [body[4:] for body in bodies(empty)] == [body[4:] for body in packed]
    assert {body[:4] == crc32(body[4:]).to_bytes(4, "big") for body in bodies(empty)} == {True}
    assert [exported(empty, key) for key in KEYS] == served


@pytest.mark.migrations
def test_damaged_bodies_do_not_keep_anybody_from_going_back(empty: Database) -> None:
    """One that was never packed, one of rubbish and one that is lost come out right."""
    migrate(empty)
    (key, _) = KEYS
    publish(empty, [entry(number, list_key=key) for number in range(1, 4)])
    right = exported(empty, key)
    plain, damaged, lost = (bucket_of(f"l-{number}") for number in range(1, 4))
    never_packed = framed(encode_entry(entry(1, list_key=key)))
    with empty.write(caller=PUBLISHER, method="test") as write:
        for bucket, body in ((plain, never_packed), (damaged, b"rubbish")):
            write.connection.execute(
                update(ListBucketRow).where(ListBucketRow.bucket == bucket).values(body=body)
            )
        write.connection.execute(delete(ListBucketRow).where(ListBucketRow.bucket == lost))
        write.commit()

    downgrade(empty, "0014")

    assert b"".join(bodies(empty)) == right


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
