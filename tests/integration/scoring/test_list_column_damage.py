"""Columns that say something else than the bodies beside them: found, refused, not built upon."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from models.list_feed import ListChangeRow
from services.common.database import Database
from services.scoring.commands.list_sync.keep_feed_fit import KeepFeedFit
from services.scoring.domain.list_digest import bucket_of
from services.scoring.domain.list_encoding import encode_entry, encode_removal
from services.scoring.domain.list_feed import ListView
from services.scoring.domain.list_feed_errors import CursorTooOldError, ListChangesDamagedError
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_lease import FEED, SqlListLease
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import BLACKLIST, entry, removal
from tests.fakes.list_sync_server import publish
from tests.integration.scoring.test_list_damage import BUCKET, Changes, exported, told

WHOLE = ListView(BLACKLIST)
DIVISION = ListView(BLACKLIST, "110105")
ANOTHER = ListView(BLACKLIST, "110104")
ONE, TWO = entry(1), entry(2)
GONE = removal(2, document_number="移出1号")
OTHERWISE = removal(2, document_number="移出7号")
AT_TWO = update(ListChangeRow).where(ListChangeRow.version == 2)

COLUMNS: dict[str, dict[str, Any]] = {
    "division": {"division": 110104},
    "division-lost": {"division": None},
    "entry": {"entry_id": 70001},
    "bucket": {"bucket": (BUCKET + 1) % 4096},
    "taken-for-removed": {"removal_reason": 1},
}
"""What the row of the first entry says, while its body and its digest are as they were."""


@pytest.fixture
def changes(database: Database) -> Changes:
    """Publish two entries of one division; give their changes."""
    publish(database, [ONE, TWO])
    return Changes(database)


@pytest.fixture
def keep(database: Database, clock: FixedClock) -> Iterator[KeepFeedFit]:
    """Look after the feed, without rules for anything else."""
    lease = SqlListLease(database, FEED)
    yield KeepFeedFit(SqlFeedStore(database), lease, clock, None, None)
    lease.close()


def delta(database: Database, view: ListView, after: int) -> list[tuple[bool, bytes]]:
    """Give the changes of a view after a version: whether each removes, and its body."""
    with SqlFeedStore(database).read() as reading:
        found = reading.delta(view, after, limit=100).changes
    return [(one.removed, one.body) for one in found]


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_its_body_denies_is_put_right_in_the_background(
    database: Database, changes: Changes, keep: KeepFeedFit, name: str
) -> None:
    """The body says whose it is and where, and the digest of its bucket proves it."""
    right = changes.rows()
    changes.put(1, **COLUMNS[name])

    assert {event for event, _ in told(keep)} == {"list_changes_restored"}
    assert changes.rows() == right
    assert exported(database, DIVISION) == {"l-1": encode_entry(ONE), "l-2": encode_entry(TWO)}


def test_a_removal_that_lost_its_reason_gets_it_back(
    database: Database, changes: Changes, keep: KeepFeedFit
) -> None:
    """Its body has the reason too; followers had got DATA_LOSS for good."""
    publish(database, [removal(2)])
    right = changes.rows()
    changes.run(update(ListChangeRow).where(ListChangeRow.version == 2).values(removal_reason=None))

    assert {event for event, _ in told(keep)} == {"list_changes_restored"}
    assert changes.rows() == right
    assert delta(database, WHOLE, 1) == [(True, encode_removal(removal(2)))]


@pytest.mark.parametrize("relisted", [False, True], ids=["current", "superseded"])
@pytest.mark.parametrize("view", [WHOLE, DIVISION], ids=["whole", "division"])
def test_a_damaged_removal_is_sent_to_nobody(
    database: Database, changes: Changes, view: ListView, *, relisted: bool
) -> None:
    """The list stands without it: who would get it exports again, all others go on."""
    publish(database, [GONE])
    if relisted:
        publish(database, [TWO])
    changes.run(AT_TWO.values(body=encode_removal(OTHERWISE)))

    with pytest.raises(CursorTooOldError):
        delta(database, view, 1)

    listed = {"l-1", "l-2"} if relisted else {"l-1"}
    assert exported(database, view).keys() == listed
    assert delta(database, view, 2) == ([(False, encode_entry(TWO))] if relisted else [])


def test_a_removal_from_before_digests_is_sent_as_it_is(
    database: Database, changes: Changes
) -> None:
    """Nothing says that it was damaged; nor does a later publication stumble over it."""
    publish(database, [GONE])
    changes.run(AT_TWO.values(digest=None))

    sent = delta(database, WHOLE, 1)
    publish(database, [TWO])

    assert sent == [(True, encode_removal(GONE))]
    assert exported(database, WHOLE).keys() == {"l-1", "l-2"}


def test_a_removal_without_its_reason_is_no_entry(database: Database, changes: Changes) -> None:
    """Its digest is right; by its body it is what it was."""
    publish(database, [GONE])
    changes.run(AT_TWO.values(removal_reason=None))

    with pytest.raises(ListChangesDamagedError):
        delta(database, WHOLE, 1)
    with SqlFeedStore(database).read() as reading, pytest.raises(ListChangesDamagedError):
        reading.buckets(WHOLE, 2, [bucket_of("l-2")])


def test_a_damaged_removal_is_not_sealed(
    database: Database, changes: Changes, keep: KeepFeedFit
) -> None:
    """What its body says now is not given a digest, though its reason is."""
    publish(database, [GONE])
    digest = changes.rows()[-1].digest
    changes.run(AT_TWO.values(body=encode_removal(OTHERWISE), removal_reason=None))

    told(keep)

    assert changes.rows()[-1].digest == digest
    assert changes.rows()[-1].removal_reason == GONE.reason
    with pytest.raises(CursorTooOldError):
        delta(database, WHOLE, 1)


@pytest.mark.parametrize("division", [110104, None])
@pytest.mark.parametrize("view", [DIVISION, ANOTHER], ids=["loses-one", "gets-one"])
def test_no_view_is_told_of_an_entry_in_a_wrong_division(
    database: Database, changes: Changes, view: ListView, division: int | None
) -> None:
    """Its digest would be as good as any; the whole list is as it was."""
    changes.put(1, division=division)

    with pytest.raises(ListChangesDamagedError):
        exported(database, view)

    assert exported(database, WHOLE).keys() == {"l-1", "l-2"}


def test_a_body_that_is_damaged_itself_denies_no_division(
    database: Database, changes: Changes
) -> None:
    """It is had from its bucket, and its view is given as ever."""
    body = encode_entry(ONE)
    changes.put(1, body=body.replace(b"110105", b"110104"))

    assert exported(database, DIVISION)["l-1"] == body


def test_a_superseded_change_of_a_wrong_division_is_sent_to_nobody(
    database: Database, changes: Changes
) -> None:
    """The list does without it: who would get it loads its view, and all others go on."""
    changed = entry(1, cause="改")
    publish(database, [changed])
    changes.put(1, division=110104)

    with pytest.raises(CursorTooOldError):
        delta(database, ANOTHER, 0)

    after = (False, encode_entry(changed))
    assert delta(database, ANOTHER, 1) == []
    assert delta(database, DIVISION, 0) == [(False, encode_entry(TWO)), after]
    # Of a whole list nobody asks where an entry lies.
    assert delta(database, WHOLE, 0)[0] == (False, encode_entry(ONE))


def test_a_superseded_entry_is_not_sent_as_a_removal(database: Database, changes: Changes) -> None:
    """What has a digest is an entry, whatever reason it is said to have."""
    publish(database, [entry(1, cause="改")])
    changes.put(1, removal_reason=1)

    assert [removed for removed, _ in delta(database, WHOLE, 0)] == [False] * 3


@pytest.mark.parametrize("name", [one for one in COLUMNS if one != "bucket"])
def test_an_entry_is_removed_from_where_it_is(
    database: Database, changes: Changes, name: str
) -> None:
    """Whoever holds its division hears of that; nothing is built on the wrong column."""
    changes.put(1, **COLUMNS[name])

    publish(database, [removal(1)])

    assert delta(database, DIVISION, 1) == [(True, encode_removal(removal(1)))]
    assert exported(database, DIVISION) == {"l-2": encode_entry(TWO)}
    assert delta(database, ANOTHER, 1) == []


def test_an_entry_that_is_called_another_does_not_come_twice(
    database: Database, changes: Changes
) -> None:
    """Its change is a change of it, and no second entry."""
    changes.put(1, entry_id=70001)
    changed = entry(1, cause="改")

    publish(database, [changed])

    assert exported(database, WHOLE) == {"l-1": encode_entry(changed), "l-2": encode_entry(TWO)}
    with SqlFeedStore(database).read() as reading:
        assert reading.state(WHOLE).entry_count == 2
