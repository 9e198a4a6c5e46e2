"""Published lists in the store: one set of rows gives exports, changes and digests."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from safetycredit.scoring.v1 import list_entry_pb2, list_sync_service_pb2
from services.common.database import Database, DatabaseOptions, WriteTransaction
from services.common.engines import store_url, writing_engine
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_changes import ListChanges
from services.scoring.domain.list_encoding import encode_entry, entry_name
from services.scoring.domain.list_entry import ListChange, ListKey, ListKind
from services.scoring.domain.list_feed import FeedChange, ListState, ListView, Wanted
from services.scoring.domain.list_feed_errors import (
    EntryNotPublishedError,
    EntryTooLargeError,
    IdentityNumberNotMaskedError,
    ListCompactedError,
    NameNotMaskedError,
)
from services.scoring.handlers.list_sync_messages import export_messages
from services.scoring.store.list_compaction import drop_changes, raise_floor
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_feed_writer import SqlListFeedWriter
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, REDLIST, entry, removal
from tests.fakes.list_sync_server import PUBLISHER, publish

# An invented list for each example, so that one store serves all of them.
_FIELDS = count(100)

DIVISIONS = (110105, 110112, 120101, None)
VIEWS = ("", "110000", "110105")


def compact(database: Database, key: ListKey, floor_version: int) -> None:
    """Raise the floor of a list and drop what lies below it."""
    with database.write(caller=PUBLISHER, method="test") as write:
        floor = raise_floor(write.connection, key, floor_version)
        drop_changes(write.connection, key, floor, after_ordinal=0)
        write.commit()


def digest_of(bodies: Mapping[str, bytes]) -> bytes:
    """Digest entries by the rule, from nothing."""
    return _digest_of(frozenset(bodies.items()))


@cache
def _digest_of(entries: frozenset[tuple[str, bytes]]) -> bytes:
    buckets: dict[int, list[bytes]] = {}
    for name, body in entries:
        number = int(sha256(name.encode()).hexdigest()[:3], 16)
        buckets.setdefault(number, []).append(sha256(body).digest())
    digests = [sha256(b"".join(sorted(buckets.get(number, ())))).digest() for number in range(4096)]
    return sha256(b"".join(digests)).digest()


def applied(state: Mapping[str, bytes], changes: Sequence[FeedChange]) -> dict[str, bytes]:
    """Apply changes as a subscriber does."""
    after = dict(state)
    for change in changes:
        if change.removed:
            del after[list_entry_pb2.EntryRemoval.FromString(change.body).entry_id]
        else:
            after[list_entry_pb2.ListEntry.FromString(change.body).entry_id] = change.body
    return after


def exported(store: SqlFeedStore, state: ListState) -> dict[str, bytes]:
    """Give the entries of a full export, by identifier."""
    found: dict[str, bytes] = {}
    after, more = None, True
    while more:
        page = store.export_page(state, after)
        after, more = page.after, page.after is not None
        for message in export_messages(page.chunks):
            for one in list_sync_service_pb2.ExportListResponse.FromString(message).entries:
                found[one.entry_id] = one.SerializeToString(deterministic=True)
    return found


@dataclass
class History:
    """A list, and beside it what every version of it should be.

    Attributes:
        database: Where the list is.
        key: The list.
        states: Entries and their divisions at every version, by entry.
        floor: Version below which changes were dropped.
    """

    database: Database
    key: ListKey
    states: list[dict[int, tuple[bytes, int | None]]] = field(default_factory=lambda: [{}])
    floor: int = 0

    def publish(self, wishes: Mapping[int, tuple[str, int | None] | None]) -> None:
        """Publish how entries stand; nothing for one that is to go, if it is there."""
        now, changes = dict(self.states[-1]), list[ListChange]()
        for number, wish in wishes.items():
            if wish is None:
                if number in now:
                    del now[number]
                    changes.append(removal(number, list_key=self.key))
            else:
                one = entry(number, list_key=self.key, cause=wish[0], division=wish[1])
                now[number] = (encode_entry(one), wish[1])
                changes.append(one)
        version = publish(self.database, changes).get(self.key, len(self.states) - 1)
        if now != self.states[-1]:
            self.states.append(now)
        assert version == len(self.states) - 1

    def compact(self, share: int) -> None:
        """Compact up to a share of the versions, in percent."""
        self.floor = max(self.floor, (len(self.states) - 1) * share // 100)
        compact(self.database, self.key, self.floor)

    def view(self, version: int, division: str) -> dict[str, bytes]:
        """Give the entries of a view at a version, by identifier."""
        bounds = ListView(self.key, division).bounds
        return {
            entry_name(number): body
            for number, (body, place) in self.states[version].items()
            if bounds is None or (place is not None and bounds[0] <= place <= bounds[1])
        }


STEPS = st.one_of(
    st.dictionaries(
        st.integers(min_value=1, max_value=8),
        st.none() | st.tuples(st.sampled_from("ab"), st.sampled_from(DIVISIONS)),
        min_size=1,
        max_size=4,
    ),
    st.integers(min_value=0, max_value=100),
)


@given(
    steps=st.lists(STEPS, min_size=1, max_size=8),
    limit=st.integers(min_value=1, max_value=3),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exports_changes_and_digests_agree_in_every_history(
    database: Database, steps: list[dict[int, tuple[str, int | None] | None] | int], limit: int
) -> None:
    """full(n) = full(m) + delta(m, n) = the history replayed, and so are the digests.

    Histories list, remove, list again, correct, move between divisions, and compact anywhere.
    """
    history = History(database, ListKey(ListKind.BLACKLIST, next(_FIELDS)))
    store = SqlFeedStore(database)
    for step in steps:
        if isinstance(step, int):
            history.compact(step)
        else:
            history.publish(step)
    for division in VIEWS:
        check_everything(store, history, division, limit=limit)


def check_everything(store: SqlFeedStore, history: History, division: str, *, limit: int) -> None:
    """Hold every state that can be read, and every way between two, against the history."""
    with store.read() as reading:
        view, head = ListView(history.key, division), len(history.states) - 1
        for version in range(history.floor, head + 1):
            expected = history.view(version, division)
            state = reading.state(view, version)
            assert (state.entry_count, state.digest) == (len(expected), digest_of(expected))
            assert exported(store, state) == expected
            held, at = expected, version
            while at < head:
                delta = reading.delta(view, at, limit=limit)
                held, at = applied(held, delta.changes), delta.state.version
                assert held == history.view(at, division)
                assert delta.state.digest == digest_of(held)
                assert delta.base_version < at <= delta.head_version == head


def test_a_large_publication_becomes_versions_that_fit_on_a_page(database: Database) -> None:
    """2,500 changes are three versions of one transaction, each with its digest."""
    versions = publish(database, [entry(number) for number in range(1, 2501)])

    with SqlFeedStore(database).read() as reading:
        view = ListView(BLACKLIST)
        sizes = [len(reading.delta(view, base, limit=1).changes) for base in range(3)]
        state = reading.state(view)
    assert versions == {BLACKLIST: 3}
    assert sizes == [1000, 1000, 500]
    assert state.digest == digest_of(
        {entry_name(number): encode_entry(entry(number)) for number in range(1, 2501)}
    )


def test_lists_are_counted_each_by_itself(database: Database) -> None:
    """One publication may be about several lists; each gets the next version of its own."""
    publish(database, [entry(1)])

    versions = publish(database, [entry(2), entry(3, list_key=REDLIST)])

    assert versions == {BLACKLIST: 2, REDLIST: 1}


def test_what_stands_already_makes_no_version(database: Database) -> None:
    """A publication that is repeated changes nothing for any subscriber."""
    publish(database, [entry(1), entry(2)])

    versions = publish(database, [entry(2), entry(1)])

    assert versions == {BLACKLIST: 1}


def test_a_look_for_watchers_asks_the_store_for_little(database: Database) -> None:
    """The heads, the version that is held and the changes after it: each costs beside a busy loop.

    What the heads say already is not asked for again: where the list stands now, and that all of
    the changes fit.
    """
    publish(database, [entry(1)])
    publish(database, [entry(2)])
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    with SqlFeedStore(database).read() as reading:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            heads = reading.head_positions()
            delta = reading.delta(ListView(BLACKLIST), 1, limit=1000)
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    assert {key: head.version for key, head in heads.items()} == {BLACKLIST: 2}
    assert [change.body for change in delta.changes] == [encode_entry(entry(2))]
    assert [re.findall(r"FROM (\w+)", statement) for statement in asked] == [
        ["list_heads"],
        ["list_versions"],
        ["list_changes"],
    ]


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        pytest.param(removal(2), EntryNotPublishedError, id="removal-of-what-is-not-listed"),
        pytest.param(entry(2, cause="长" * 30_000), EntryTooLargeError, id="entry-too-large"),
    ],
)
def test_a_refused_publication_leaves_nothing_behind(
    database: Database, refused: ListChange, error: type[Exception]
) -> None:
    """Whoever catches the refusal and commits has published nothing."""
    with database.write(caller=PUBLISHER, method="test") as write:
        writer = SqlListFeedWriter(write.connection, write)
        with pytest.raises(error):
            writer.publish([entry(1), refused])
        write.commit()

    with SqlFeedStore(database).read() as reading:
        assert reading.head_positions() == {}


def test_names_of_persons_are_published_masked_alone(database: Database) -> None:
    """A name in full is refused, whatever Python's switches; it never gets into a row."""
    masked = entry(1, person=True, name="张＊", identity_mask="110105********001X")

    with pytest.raises(NameNotMaskedError) as refused:
        publish(database, [entry(2, person=True, name="张三")])

    assert refused.value.facts == {"entry": "l-2"}
    assert "张三" not in refused.value.message
    assert publish(database, [masked]) == {BLACKLIST: 1}


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("110105199001011234", id="in-full"),
        pytest.param("110105********1234*", id="five-of-the-end"),
        pytest.param("1101051*******1234", id="seven-of-the-beginning"),
        pytest.param("1234567890", id="too-short-to-hide-any"),
    ],
)
def test_numbers_of_persons_are_published_masked_alone(embedded: Database, shown: str) -> None:
    """A number of which more is shown than its mask shows is refused, and not said."""
    with pytest.raises(IdentityNumberNotMaskedError) as refused:
        publish(embedded, [entry(2, person=True, name="张＊", identity_mask=shown)])

    assert refused.value.facts == {"entry": "l-2"}
    assert shown not in refused.value.message


# Order of commits --------------------------------------------------------------


def test_a_change_that_commits_late_is_not_lost(database: Database, database_url: str) -> None:
    """A publication that got its place early and commits late comes before whatever came after.

    A reader that polls meanwhile sees neither; afterwards it gets both, in the order of versions.
    """
    other = Database(database_url, clock=FixedClock())
    placed, go_on = threading.Event(), threading.Event()

    def late() -> None:
        with database.write(caller=PUBLISHER, method="test") as write:
            SqlListFeedWriter(write.connection, write).publish([entry(1)])
            placed.set()
            assert go_on.wait(20)
            write.commit()

    threads = [
        threading.Thread(target=late),
        threading.Thread(target=lambda: publish(other, [entry(2)])),
    ]
    threads[0].start()
    assert placed.wait(20)
    threads[1].start()
    read = ListChanges(SqlFeedStore(other))
    wanted = Wanted(BLACKLIST.kind, BLACKLIST.field)
    early = read(wanted, "", size=10)
    polled = read(wanted, early.cursor, size=10)
    go_on.set()
    for thread in threads:
        thread.join(20)

    after = read(wanted, polled.cursor, size=10)

    other.close()
    assert [len(page.deltas[0].changes) for page in (early, polled)] == [0, 0]
    changes = after.deltas[0].changes
    names = [list_entry_pb2.ListEntry.FromString(change.body).entry_id for change in changes]
    assert list(zip([change.version for change in changes], names, strict=True)) == [
        (1, "l-1"),
        (2, "l-2"),
    ]


@pytest.mark.postgres
def test_the_lock_of_a_list_orders_versions_even_without_that_of_the_store(
    postgresql_url: str,
) -> None:
    """Two transactions that share nothing but the list get versions in the order of commits."""
    database = Database(postgresql_url, clock=FixedClock())
    publish(database, [entry(1)])
    engine = writing_engine(store_url(postgresql_url), DatabaseOptions())
    placed, go_on = threading.Event(), threading.Event()
    versions: dict[int, int] = {}

    def work(number: int) -> None:
        versions[number] = _publish_unqueued(engine, number, placed=placed, go_on=go_on)

    first = threading.Thread(target=work, args=(2,))
    first.start()
    assert placed.wait(20)
    second = threading.Thread(target=work, args=(3,))
    second.start()
    go_on.set()
    first.join(20)
    second.join(20)

    with SqlFeedStore(database).read() as reading:
        changes = reading.delta(ListView(BLACKLIST), 1, limit=10).changes
    engine.dispose()
    database.close()
    assert versions == {2: 2, 3: 3}
    assert [change.version for change in changes] == [2, 3]


def _publish_unqueued(
    engine: Engine, number: int, *, placed: threading.Event, go_on: threading.Event
) -> int:
    """Publish in a transaction that did not wait for the store."""
    with engine.connect() as connection, connection.begin() as transaction:
        point = StorePoint("0" * 32, 100 + number, FixedClock().now())
        write = WriteTransaction(
            connection, transaction, point=point, caller=PUBLISHER, method="test"
        )
        version = SqlListFeedWriter(connection, write).publish([entry(number)])[BLACKLIST]
        placed.set()
        assert go_on.wait(20)
        transaction.commit()
        return version


# Compaction ----------------------------------------------------------------------


def test_an_export_that_meets_a_compaction_says_so(database: Database) -> None:
    """An export at a version that was compacted away is refused, never silently short."""
    publish(database, [entry(1)])
    store = SqlFeedStore(database)
    with store.read() as reading:
        state = reading.state(ListView(BLACKLIST))
    publish(database, [entry(1, cause="改")])

    compact(database, BLACKLIST, 2)

    with pytest.raises(ListCompactedError):
        store.export_page(state, None)


def test_compaction_drops_what_no_version_needs_any_more(database: Database) -> None:
    """Superseded rows and tombstones go, current entries stay, and the floor never goes back."""
    publish(database, [entry(1), entry(2)])
    publish(database, [entry(1, cause="改")])
    publish(database, [removal(2)])
    with database.write(caller=PUBLISHER, method="test") as write:
        raise_floor(write.connection, BLACKLIST, 3)
        dropped, rest = drop_changes(write.connection, BLACKLIST, 3, after_ordinal=0)
        again = raise_floor(write.connection, BLACKLIST, 1)
        write.commit()

    # Four changes were made; the second state of entry 1 is all that is left.
    assert (dropped, rest, again) == (3, None, 3)
    store = SqlFeedStore(database)
    with store.read() as reading:
        state = reading.state(ListView(BLACKLIST))
    found = exported(store, state)
    assert found == {"l-1": encode_entry(entry(1, cause="改"))}
    assert state.digest == digest_of(found)
