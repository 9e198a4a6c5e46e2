"""Pages of changes of several lists: the lists share the room of one message."""

from typing import Any

import pytest

from services.common.database import Database
from services.scoring.commands.list_sync.list_changes import ListChanges
from services.scoring.commands.list_sync.list_feed_ports import DELTA_BYTES_MAX
from services.scoring.domain.list_encoding import encode_entry
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import ListView, Wanted
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_feed_writer import BYTES_PER_VERSION_MAX
from tests.fakes.list_entries import BLACKLIST, entry
from tests.fakes.list_sync_server import BLACK, ListSyncClient, changed, publish

FIELDS = (1, 2, 3, 4, 5)
LONG = {"cause": "长" * 20_000}
"""Wording of some 60 KB: seventeen such entries are a version, and thirty-four a full page."""


async def test_a_page_of_all_fields_fits_into_a_message(
    embedded: Database, embedded_lists: ListSyncClient
) -> None:
    """Five lists of 40 long entries, 12 MB in all, come in pages that a message of 4 MiB holds."""
    for field in FIELDS:
        key = ListKey(ListKind.BLACKLIST, field)
        publish(
            embedded, [entry(100 * field + number, list_key=key, **LONG) for number in range(40)]
        )
    got: list[str] = []
    sizes: list[int] = []
    start: dict[str, Any] = {"from_start": True}

    while start:
        page = await embedded_lists.call("ListChanges", kind=BLACK, page_size=1000, **start)
        sizes.append(page.ByteSize())
        got += [name for delta in page.deltas for _, _, name in changed(delta)]
        start = {"cursor": page.cursor} if page.more else {}

    assert sorted(got) == sorted(f"l-{100 * f + number}" for f in FIELDS for number in range(40))
    # What one version more than the lists' room takes, and a thousandth for the framing.
    assert max(sizes) < (DELTA_BYTES_MAX + BYTES_PER_VERSION_MAX) * 1.001
    assert len(sizes) == 5


@pytest.mark.parametrize(
    ("short_by", "versions"), [pytest.param(0, 2, id="fits"), pytest.param(1, 1, id="a-byte-more")]
)
def test_a_page_ends_before_the_version_that_has_no_room(
    database: Database, short_by: int, versions: int
) -> None:
    """The room is counted to the byte: two versions fit into what both take, and not into less."""
    entries = [entry(1), entry(2, cause="另一事由")]
    for one in entries:
        publish(database, [one])
    room = sum(len(encode_entry(one)) for one in entries)

    with SqlFeedStore(database).read() as reading:
        delta = reading.delta(ListView(BLACKLIST), 0, limit=10, bytes_max=room - short_by)

    assert delta.state.version == versions


def test_a_list_without_room_left_keeps_its_place(database: Database) -> None:
    """Two lists take more than the room; the third stands where it stood until the next page."""
    second, third = (ListKey(ListKind.BLACKLIST, field) for field in (2, 3))
    publish(database, [entry(number, **LONG) for number in range(1, 41)])
    publish(database, [entry(number, list_key=second, **LONG) for number in range(101, 118)])
    publish(database, [entry(201, list_key=third)])
    read = ListChanges(SqlFeedStore(database))
    wanted = Wanted(ListKind.BLACKLIST)

    first = read(wanted, "", size=1000)
    rest = read(wanted, first.cursor, size=1000)

    assert [len(delta.changes) for delta in first.deltas] == [34, 17, 0, 0, 0]
    assert first.more
    assert [len(delta.changes) for delta in rest.deltas] == [6, 0, 1, 0, 0]
    assert not rest.more
