"""Reads and writes of the store, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from threading import Barrier, Event
from time import monotonic

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError, StatementError

from models.store_state import RequestRow, RevisionRow
from services.common.database import (
    IDS_PER_REVISION,
    Database,
    KnownAtInFutureError,
    KnownAtTooEarlyError,
    TokenNotReachedError,
    TransactionTooLargeError,
)
from services.common.deadline import Deadline, DeadlinePassedError, under_deadline
from services.common.identity import Caller
from services.common.tokens import StorePoint, StoreToken
from tests.fakes.clock import FixedClock

LIU = Caller(identity="liu", roles=frozenset({"recorder"}))
NOON = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def write_once(database: Database) -> StoreToken:
    """Commit one revision that holds nothing."""
    with database.write(caller=LIU, method="test") as write:
        return write.commit()


def revisions(database: Database) -> list[tuple[int, datetime]]:
    """Give all revisions with their instants, in order."""
    with database.read() as read:
        rows = read.connection.execute(
            select(RevisionRow.revision, RevisionRow.recorded_time).order_by(RevisionRow.revision)
        )
        return [(row.revision, row.recorded_time) for row in rows]


def test_a_new_store_stands_at_revision_zero(database: Database) -> None:
    """Before the first write a read stands at 0, at the instant of the store's making."""
    with database.read() as read:
        point = read.point

    assert (point.revision, point.recorded_time) == (0, NOON)
    assert len(point.store_id) == 32


def test_a_commit_takes_the_next_revision(database: Database, clock: FixedClock) -> None:
    """A write's token, the store's point and the table of revisions agree."""
    clock.advance(timedelta(hours=1))

    token = write_once(database)

    with database.read() as read:
        row = read.connection.execute(select(RevisionRow.caller, RevisionRow.method)).one()
    assert token.revision == 1
    assert read.point == StorePoint(token.store_id, 1, NOON + timedelta(hours=1))
    assert read.point.token == token
    assert (row.caller, row.method) == ("liu", "test")


def test_a_write_without_commit_leaves_nothing(database: Database) -> None:
    """A transaction that is left, by its end or by an error, uses up no revision."""
    with database.write(caller=LIU, method="test") as write:
        write.new_id()
    with pytest.raises(KeyError), database.write(caller=LIU, method="test"):
        raise KeyError

    assert revisions(database) == []
    assert write_once(database).revision == 1


def test_instants_increase_though_the_clock_does_not(database: Database, clock: FixedClock) -> None:
    """A clock that stands still, or goes back, never makes two revisions alike."""
    write_once(database)
    write_once(database)
    clock.advance(-timedelta(days=1))
    write_once(database)

    assert revisions(database) == [
        (1, NOON + MICROSECOND),
        (2, NOON + 2 * MICROSECOND),
        (3, NOON + 3 * MICROSECOND),
    ]


def test_identifiers_hold_their_revision(database: Database) -> None:
    """Identifiers are the revision times 2**20, and then one after the other."""
    with database.write(caller=LIU, method="test") as write:
        ids = [write.new_id(), *write.new_ids(2), write.new_id()]

    assert ids == [1_048_576, 1_048_577, 1_048_578, 1_048_579]


def test_a_transaction_has_a_limit_of_identifiers(database: Database) -> None:
    """The last of 2**20 identifiers is given, one more is refused."""
    with database.write(caller=LIU, method="test") as write:
        ids = write.new_ids(IDS_PER_REVISION)

        assert ids[-1] == 2 * 1_048_576 - 1
        with pytest.raises(TransactionTooLargeError):
            write.new_id()


def test_a_read_is_a_snapshot(database: Database) -> None:
    """What is committed while a read is open shows in the next read only."""
    with database.read() as read:
        write_once(database)
        seen = read.connection.execute(select(RevisionRow.revision)).all()

        assert (read.point.revision, seen) == (0, [])
    with database.read() as read:
        assert read.point.revision == 1


def test_a_read_cannot_write(database: Database) -> None:
    """The database itself refuses to write in a read."""
    with pytest.raises(DBAPIError), database.read() as read:
        read.connection.execute(
            insert(RevisionRow).values(revision=9, recorded_time=NOON, caller="x", method="x")
        )

    assert revisions(database) == []


def test_revisions_are_in_the_order_of_commits(database: Database, database_url: str) -> None:
    """Writers of two processes at once get 1, 2, 3 … and ascending instants."""
    other = Database(database_url, options=database.options)
    start = Barrier(4)

    def write_many(number: int) -> list[int]:
        start.wait()
        store = database if number % 2 else other
        return [write_once(store).revision for _ in range(10)]

    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(write_many, range(4)))
    other.close()

    written = revisions(database)
    assert sorted(chain.from_iterable(taken)) == list(range(1, 41))
    assert all(own == sorted(own) for own in taken)
    assert [revision for revision, _ in written] == list(range(1, 41))
    instants = [instant for _, instant in written]
    assert all(one < next_one for one, next_one in pairwise(instants))


def test_a_late_committer_blocks_the_next_and_not_the_readers(database: Database) -> None:
    """A writer that began first commits first; meanwhile readers see the store before."""
    began, seen = Event(), Event()

    def late() -> int:
        with database.write(caller=LIU, method="late") as write:
            began.set()
            assert seen.wait(10)
            return write.commit().revision

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(late)
        assert began.wait(10)
        second = threads.submit(write_once, database)
        # The second cannot have written: the first holds the store.
        with database.read() as read:
            assert read.point.revision == 0
        assert not second.done()
        seen.set()

        assert (first.result(10), second.result(10).revision) == (1, 2)


def test_a_write_past_its_deadline_is_undone(database: Database) -> None:
    """Nobody waits any more, so nothing is written, and the next writer can go on."""
    with (
        under_deadline(Deadline(monotonic())),
        pytest.raises(DeadlinePassedError),
        database.write(caller=LIU, method="test") as write,
    ):
        write.commit()

    assert revisions(database) == []
    assert write_once(database).revision == 1


def test_known_at_finds_the_last_revision_by_then(database: Database, clock: FixedClock) -> None:
    """The revision at an instant is the last one recorded at or before it."""
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        write_once(database)
    clock.advance(timedelta(hours=1))

    with database.read() as read:
        found = {
            minutes: read.revision_at(NOON + timedelta(minutes=minutes)).revision
            for minutes in (60, 119, 120, 121, 180, 240)
        }
        just_before = read.revision_at(NOON + timedelta(hours=2) - MICROSECOND)

    assert found == {60: 1, 119: 1, 120: 2, 121: 2, 180: 3, 240: 3}
    assert (just_before.revision, just_before.recorded_time) == (1, NOON + timedelta(hours=1))


def test_known_at_before_the_first_revision_is_refused(
    database: Database, clock: FixedClock
) -> None:
    """Before the first revision nothing had been recorded."""
    clock.advance(timedelta(hours=1))
    write_once(database)

    with database.read() as read, pytest.raises(KnownAtTooEarlyError):
        read.revision_at(NOON + timedelta(hours=1) - MICROSECOND)


def test_known_at_of_an_empty_store_is_its_making(database: Database) -> None:
    """A store without revisions can be asked about every instant since it was made."""
    with database.read() as read:
        assert read.revision_at(NOON) == read.point
        with pytest.raises(KnownAtTooEarlyError):
            read.revision_at(NOON - MICROSECOND)


def test_known_at_in_the_future_is_refused(database: Database) -> None:
    """What will be known tomorrow nobody can say today."""
    with database.read() as read:
        assert read.revision_at(NOON) == read.point
        with pytest.raises(KnownAtInFutureError) as error:
            read.revision_at(NOON + MICROSECOND)

    assert error.value.facts == {"known_at": "2025-06-01T04:00:00.000001+00:00"}


def test_the_instant_of_a_point_is_never_in_the_future(
    database: Database, clock: FixedClock
) -> None:
    """An answer can be reproduced by its known-at though this clock is behind."""
    write_once(database)
    clock.advance(-timedelta(hours=1))

    with database.read() as read:
        assert read.revision_at(read.point.recorded_time) == read.point


def test_a_read_with_a_token_is_not_from_before_it(database: Database) -> None:
    """A token that the store has reached is met; one that it has not is refused."""
    token = write_once(database)

    with database.read(at_least=token) as read:
        assert read.point.revision == 1
    with (
        pytest.raises(TokenNotReachedError) as error,
        database.read(at_least=StoreToken(token.store_id, 2)),
    ):
        pass
    assert error.value.facts == {"revision": "1", "token_revision": "2"}


def test_a_read_waits_for_its_token(database_url: str) -> None:
    """A read whose token is still under way gives the replica time to catch up."""
    database = Database(database_url)
    store_id = database.point().store_id
    with ThreadPoolExecutor(1) as threads:

        def read_second() -> int:
            with database.read(at_least=StoreToken(store_id, 1)) as read:
                return read.point.revision

        waiting = threads.submit(read_second)
        write_once(database)

        assert waiting.result(10) == 1
    database.close()


def test_what_is_written_is_read_back(database: Database, clock: FixedClock) -> None:
    """Bytes, 64-bit numbers and instants come back as they were."""
    instant = datetime(1899, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    clock.advance(instant - NOON)
    with database.write(caller=LIU, method="test") as write:
        write.connection.execute(
            insert(RequestRow).values(
                caller="刘",
                request_id="r",
                method="m",
                body_digest=b"\0" * 32,
                response=b"\xff\0",
                revision=2**63 - 1,
            )
        )
        write.connection.execute(
            insert(RevisionRow).values(
                revision=2**62, recorded_time=instant, caller="x", method="x"
            )
        )
        write.commit()

    with database.read() as read:
        row = read.connection.execute(
            select(RequestRow.caller, RequestRow.response, RequestRow.revision)
        ).one()
        recorded = read.connection.execute(
            select(RevisionRow.recorded_time).where(RevisionRow.revision == 2**62)
        ).scalar_one()
    assert tuple(row) == ("刘", b"\xff\0", 2**63 - 1)
    assert (recorded, recorded.tzinfo) == (instant, UTC)


def test_a_naive_instant_is_refused(database: Database) -> None:
    """An instant without a zone never reaches the database."""
    with pytest.raises(StatementError, match="timezone-aware"), database.read() as read:
        read.connection.execute(
            select(RevisionRow.revision).where(
                RevisionRow.recorded_time == datetime(2025, 6, 1)  # noqa: DTZ001 -- what is refused.
            )
        )
