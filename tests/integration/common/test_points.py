"""The store's point: cheap, and never stale."""

import asyncio
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, update

from models.store_state import StoreRow
from services.common.database import Database, TokenNotReachedError
from services.common.engines import postgresql_conninfo, sqlite_path, store_url, writing_engine
from services.common.identity import Caller
from services.common.points import (
    PostgresqlPointReader,
    StoreUnavailableError,
    _SharedRead,
    point_reader,
)
from services.common.tokens import StoreToken
from tests.fakes.clock import FixedClock

LIU = Caller(identity="liu", roles=frozenset({"recorder"}))


@pytest.fixture
def writer(database_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open the same store as another process would."""
    opened = Database(database_url, clock=clock)
    yield opened
    opened.close()


def write_once(database: Database) -> int:
    """Commit one revision that holds nothing."""
    with database.write(caller=LIU, method="test") as write:
        return write.commit().revision


def end_connections(url: str) -> int:
    """End every connection to a store, as a restart of the server does; say how many."""
    with psycopg.connect(postgresql_conninfo(make_url(url)), autocommit=True) as killer:
        return len(
            killer.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        )


def test_a_point_is_that_of_a_read(database: Database, writer: Database) -> None:
    """The cheap point equals the point of a read, before and after others' commits."""
    for _ in range(3):
        with database.read() as read:
            assert database.point() == read.point
        write_once(writer)
        write_once(database)

    assert database.point().revision == 6


async def test_a_fresh_point_is_never_from_before_the_question(
    database: Database, writer: Database
) -> None:
    """After every commit, by whomever, the next question sees it."""
    for _ in range(5):
        written = write_once(writer)
        assert (await database.fresh_point()).revision == written
        written = write_once(database)
        assert (await database.fresh_point()).revision == written


async def test_concurrent_questions_are_all_answered(database: Database, writer: Database) -> None:
    """Each of many questions at once sees at least what was written before it."""
    seen: list[tuple[int, int]] = []

    async def ask(rounds: int) -> None:
        for _ in range(rounds):
            written = writer_revision
            point = await database.fresh_point()
            seen.append((written, point.revision))

    writer_revision = 0
    asking = [asyncio.create_task(ask(20)) for _ in range(20)]
    for _ in range(10):
        writer_revision = await asyncio.to_thread(write_once, writer)
    await asyncio.gather(*asking)

    assert len(seen) == 400
    assert all(revision >= written for written, revision in seen)


async def test_a_question_that_is_given_up_harms_no_other(database: Database) -> None:
    """Callers share a read; one that goes away does not take it along."""
    first = asyncio.create_task(database.fresh_point())
    second = asyncio.create_task(database.fresh_point())
    await asyncio.sleep(0)

    first.cancel()

    assert (await second).revision == 0
    assert (await database.fresh_point()).revision == 0


async def test_a_fresh_point_refuses_a_token_that_is_not_reached(database: Database) -> None:
    """A token ahead of this replica is not answered from before it."""
    store_id = (await database.fresh_point(at_least=None)).store_id
    revision = write_once(database)

    reached = await database.fresh_point(at_least=StoreToken(store_id, revision))

    assert reached.revision == revision
    with pytest.raises(TokenNotReachedError):
        await database.fresh_point(at_least=StoreToken(store_id, revision + 1))


@pytest.mark.parametrize("heard", [False, True], ids=["asked-at-once", "loop-heard-of-it"])
async def test_a_lost_connection_is_replaced(postgresql_url: str, *, heard: bool) -> None:
    """When the server drops its connections, the next questions connect again.

    So they do where the event loop was told of the loss before anybody asked.
    """
    reader = point_reader(store_url(postgresql_url))
    await reader.fresh_point()
    reader.point()

    killed = await asyncio.to_thread(end_connections, postgresql_url)
    if heard:
        await asyncio.sleep(0.2)

    assert killed == 2
    async with asyncio.timeout(5):
        assert (await reader.fresh_point()).revision == 0
        assert reader.point().revision == 0
        assert (await reader.fresh_point()).revision == 0
    reader.close()


async def test_a_connection_that_is_lost_twice_is_replaced_twice(postgresql_url: str) -> None:
    """What asks again and again, as watchers do, goes on after every restart of the server."""
    reader = point_reader(store_url(postgresql_url))
    for _ in range(2):
        await reader.fresh_point()
        asking = [asyncio.create_task(reader.fresh_point()) for _ in range(3)]
        await asyncio.to_thread(end_connections, postgresql_url)
        async with asyncio.timeout(5):
            points = await asyncio.gather(*asking)

        assert [point.revision for point in points] == [0, 0, 0]
    await asyncio.sleep(0.2)
    reader.close()


def connections(url: str) -> int:
    """Count the connections to a store once those that were closed are gone, at most 5 seconds."""
    with psycopg.connect(postgresql_conninfo(make_url(url)), autocommit=True) as counting:
        for _ in range(50):
            (count,) = counting.execute(
                "SELECT count(*) FROM pg_stat_activity, pg_sleep(0.1)"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone() or (0,)
            if not count:
                break
    return int(count)


def test_another_event_loop_leaves_no_connection_behind(postgresql_url: str) -> None:
    """The connection of a loop that ended is closed as soon as another loop asks."""
    reader = point_reader(store_url(postgresql_url))
    for _ in range(2):
        assert asyncio.run(reader.fresh_point()).revision == 0

    reader.close()

    assert connections(postgresql_url) == 0


@pytest.mark.parametrize("rounds", range(4))
async def test_whoever_closes_while_connecting_leaves_no_connection(
    postgresql_url: str, rounds: int
) -> None:
    """A connection that comes when nobody waits any more is closed, whenever that happens."""
    reader = point_reader(store_url(postgresql_url))
    asking = asyncio.create_task(reader.fresh_point())
    for _ in range(rounds):
        await asyncio.sleep(0)

    reader.close()
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking

    assert await asyncio.to_thread(connections, postgresql_url) == 0


def test_a_store_without_a_schema_leaves_no_connection(empty_postgresql_url: str) -> None:
    """A connection on which the question cannot be prepared is closed."""
    reader = point_reader(store_url(empty_postgresql_url))

    with pytest.raises(StoreUnavailableError):
        reader.point()

    assert connections(empty_postgresql_url) == 0


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_given_back_after_closing_is_closed(database: Database) -> None:
    """A thread that still reads or writes while the store is closed leaves no connection open."""
    with database.read(), database.write(caller=LIU, method="test"):
        database.close()

    assert connections(str(database.url)) == 0


async def test_another_row_of_the_same_revision_is_another_point(
    database: Database, writer: Database
) -> None:
    """A store that was put back may come to the same revision again, at another instant."""
    write_once(writer)
    before = database.point(), await database.fresh_point()
    engine = writing_engine(database.url, database.options)
    with engine.begin() as connection:
        recorded = before[0].recorded_time + timedelta(hours=1)
        connection.execute(update(StoreRow).values(recorded_time=recorded))
    engine.dispose()

    after = database.point(), await database.fresh_point()

    assert [one.revision for one in before + after] == [1, 1, 1, 1]
    assert [one.recorded_time for one in after] == [recorded, recorded]


class SlowLine:
    """Brings an answer in two parts: its row first, and its end by the second reading."""

    def __init__(self) -> None:
        self.readings = 0
        self.results: list[str | None] = ["row", None]

    def consume_input(self) -> None:
        """Take in the next part."""
        self.readings += 1

    def is_busy(self) -> bool:
        """Say whether to ask for a result would wait."""
        return len(self.results) == 1 and self.readings == 1

    def get_result(self) -> str | None:
        """Give what has come; the real one stops every thread until something has."""
        assert not self.is_busy()
        return self.results.pop(0)


async def test_the_end_of_an_answer_is_not_waited_for() -> None:
    """Of an answer that comes in parts nothing is given, and nobody stopped, before its end."""
    reading = _SharedRead(asyncio.get_running_loop(), "", 1)
    line: Any = SlowLine()

    assert reading._read(line) is None  # noqa: SLF001 -- no server can be made to answer so.
    answer: Any = reading._read(line)  # noqa: SLF001
    assert answer == "row"


async def test_a_server_that_says_nothing_is_unavailable() -> None:
    """A question ends where a server takes the connection and then stops, and the next one too."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reader = PostgresqlPointReader(f"host=127.0.0.1 port={port}", answer_seconds=0.05)
        async with asyncio.timeout(5):
            for _ in range(2):
                with pytest.raises(StoreUnavailableError, match="cannot be reached"):
                    await reader.fresh_point()
    reader.close()


def test_a_thread_does_not_wait_for_a_server_that_says_nothing_more(postgresql_url: str) -> None:
    """Asked before and after it fell silent, a reader gives up each time, and answers later."""
    conninfo = postgresql_conninfo(make_url(postgresql_url))
    reader = PostgresqlPointReader(conninfo, answer_seconds=0.2)
    first = reader.point()
    with psycopg.connect(conninfo) as locker:
        # Whoever reads the table waits for ever.
        locker.execute("LOCK TABLE store IN ACCESS EXCLUSIVE MODE")
        for _ in range(2):
            with pytest.raises(StoreUnavailableError, match="cannot be reached"):
                reader.point()

    assert reader.point() == first
    reader.close()


async def test_a_server_that_is_gone_is_unavailable() -> None:
    """A store that nobody serves is named unavailable, in our own words."""
    reader = point_reader(store_url("postgresql://x@127.0.0.1:1/x"))

    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        await reader.fresh_point()
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        reader.point()


def test_a_file_that_is_no_store_is_unavailable(empty_sqlite_url: str) -> None:
    """A SQLite file without the store's table is named unavailable, and asked again later."""
    url = store_url(empty_sqlite_url)
    reader = point_reader(url)
    with pytest.raises(StoreUnavailableError):
        reader.point()

    with sqlite3.connect(sqlite_path(url)) as connection:
        connection.execute("CREATE TABLE store (store_id, revision, recorded_time)")
        connection.execute("INSERT INTO store VALUES ('s', 3, 1)")
    connection.close()

    assert reader.point().revision == 3
    reader.close()
