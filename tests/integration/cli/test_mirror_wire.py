"""The mirror over the wire, and its commands."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.client.connection import Client, open_channel
from cli.main import app
from cli.mirror.copy_file import CopyUnreadableError, CopyUnwritableError
from cli.mirror.feed import FeedRefusedError, GrpcFeed
from cli.mirror.keeping import CopyOfOtherStoreError
from cli.mirror.lookup import CopyMissingError, look_up
from cli.sample.codes import credit_code
from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from services.common.database import Database
from services.common.identity import caller_metadata
from services.scoring.domain.list_encoding import encode_entry
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import entry
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import (
    BLACK,
    KilledError,
    bodies,
    mirror_of,
    require_right,
)
from tests.fakes.list_sync_server import (
    caller,
    list_sync_client,
    list_sync_port,
    publish,
)
from tests.integration.cli.test_mirror import RefusingFeed

CODE, ABSENT = (credit_code("91", "110105", serial) for serial in (1, 2))


@pytest.fixture
def store(sqlite_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a fresh store on SQLite."""
    opened = Database(sqlite_url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Say where the copy is to be."""
    return tmp_path / "blacklist.db"


async def test_a_mirror_watches_and_acknowledges(store: Database, path: Path) -> None:
    """Over the wire it loads, applies what is pushed, and the service knows what it holds."""
    publish(store, [entry(1)])
    by = caller("housing-department", "subscriber")

    async with list_sync_port(store) as port, list_sync_client(store) as client:
        pushed = asyncio.create_task(asyncio.to_thread(_watch_one, port, path, by, store))
        await pushed
        held = await client.call("ListSubscribers", kind=1)

    require_right(path, store)
    assert bodies(path) == {encode_entry(entry(1, cause="改")), encode_entry(entry(2))}
    (one,) = held.subscriptions
    assert (one.subscriber, one.held_version, one.head_version) == ("housing-department", 2, 2)


def _watch_one(port: int, path: Path, by: Any, store: Database) -> None:  # noqa: ANN401 -- a caller.
    """Run a mirror until it has acknowledged what was published once it watched."""
    acknowledged = 0

    def step(name: str) -> None:
        nonlocal acknowledged
        if name == "acknowledged":
            acknowledged += 1
            if acknowledged == 1:
                publish(store, [entry(1, cause="改"), entry(2)])
            else:
                raise KilledError

    target = f"127.0.0.1:{port}"
    with open_channel(target) as channel:
        client = Client(ListSyncServiceStub(channel), caller_metadata(by), target)
        with pytest.raises(KilledError):
            mirror_of(path, GrpcFeed(client, BLACK), step=step).run(once=False)


async def test_the_command_keeps_a_copy_and_answers_offline(store: Database, path: Path) -> None:
    """Run, check and status, as a person types them; the last two without a server."""
    listed = entry(1, name="样例化工", credit_code=CODE)
    publish(store, [listed])
    runner = CliRunner()
    async with list_sync_port(store) as port:
        command = ["mirror", "run", "--to", str(path), "--once", "--target", f"127.0.0.1:{port}"]
        ran = await asyncio.to_thread(runner.invoke, app, command)

    found = runner.invoke(app, ["mirror", "check", listed.credit_code, "--from", str(path)])
    absent = runner.invoke(app, ["mirror", "check", ABSENT, "--from", str(path)])
    status = runner.invoke(app, ["mirror", "status", "--from", str(path), "--verify"])

    assert [one.exit_code for one in (ran, found, absent, status)] == [0] * 4
    assert "样例化工" in found.output
    assert "is on no blacklist of this copy" in absent.output
    for output in (found.output, absent.output):
        assert "the service confirmed this copy" in output
    assert "verified" in status.output


@pytest.fixture
def checked(store: Database, path: Path) -> Callable[..., Result]:
    """Publish one entry, copy it, and ask the copy as a person types it."""
    publish(store, [entry(1, name="样例化工", credit_code=CODE)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    runner = CliRunner()
    return lambda *words: runner.invoke(app, ["mirror", "check", *words, "--from", str(path)])


def test_a_code_is_read_as_people_write_it(checked: Callable[..., Result]) -> None:
    """Small letters and blanks make no other code of it."""
    assert "样例化工" in checked(f" {CODE.lower()} ").output


@pytest.mark.parametrize(
    "text",
    ["NO-CODE", "样例化工", f"{CODE[:-1]}{'A' if CODE[-1] == 'B' else 'B'}"],
    ids=["no-code", "a-name", "a-typing-mistake"],
)
def test_what_can_be_on_no_list_is_not_said_to_be_on_none(
    checked: Callable[..., Result], text: str
) -> None:
    """An answer to another question than the one that was meant would be a wrong one."""
    found = checked(text)

    assert found.exit_code == 1
    assert "SUBJECT_MALFORMED" in found.stderr


def test_an_answer_in_json_says_the_version_it_stands_on(checked: Callable[..., Result]) -> None:
    """For one who is listed and for one who is not."""
    listed, absent = (json.loads(checked(code, "--json").output) for code in (CODE, ABSENT))

    assert (listed["listed"], absent["listed"]) == (True, False)
    assert [one["name"] for one in listed["entries"]] == ["样例化工"]
    assert absent["entries"] == []
    assert listed["lists"] == absent["lists"]
    (field,) = [one for one in listed["lists"] if one["version"]]
    assert (field["version"], field["entry_count"], len(field["digest"])) == (1, 1, 64)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM keys",
        "UPDATE entries SET body = x'ff'",
        "DELETE FROM notes WHERE name = 'confirm_time'",
    ],
    ids=["a-key-is-lost", "a-body-is-no-entry", "a-note-is-lost"],
)
def test_a_damaged_copy_does_not_answer(
    checked: Callable[..., Result], path: Path, damage: str
) -> None:
    """It says what to do, and never that somebody is on no list."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(damage)

    found = checked(CODE)

    assert found.exit_code == 1
    assert "COPY_UNREADABLE" in found.stderr
    assert "mirror run" in found.stderr


@pytest.mark.parametrize(
    ("start", "end", "standing"),
    [
        (date(2999, 1, 1), date(3002, 1, 1), "to be listed"),
        (date(2020, 1, 1), date(2023, 1, 1), "term over"),
        (date(2020, 1, 1), date(2999, 1, 1), "listed"),
    ],
)
def test_dates_of_an_entry_are_held_against_today(
    store: Database, path: Path, start: date, end: date, standing: str
) -> None:
    """A copy holds what was published; whether somebody is listed today is for its dates."""
    publish(store, [entry(1, credit_code=CODE, start_date=start, end_date=end)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    command = ["mirror", "check", CODE, "--from", str(path)]
    lines = CliRunner().invoke(app, command).output.splitlines()

    assert lines[0].startswith(f"{standing} ")


@pytest.mark.parametrize("damage", ["", "DELETE FROM entries"], ids=["sound", "damaged"])
def test_a_copy_of_another_store_is_replaced_only_when_that_is_asked_for(
    store: Database, path: Path, damage: str
) -> None:
    """A wrong address must not cost a copy, nor mend one from lists that are not its own."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(damage)
    held = look_up(path).lists
    publish(store, [entry(2)])
    foreign = [FeedRefusedError("CURSOR_FOREIGN", "of another store")]
    feed = RefusingFeed.of(store, BLACK, refusals=[*foreign])

    with pytest.raises(CopyOfOtherStoreError):
        mirror_of(path, feed).run(once=True)

    assert feed.calls == ["refused"]
    assert look_up(path).lists == held
    asked = mirror_of(path, RefusingFeed.of(store, BLACK, refusals=[*foreign]))
    asked.replace = True
    asked.run(once=True)
    require_right(path, store)


def test_a_full_disk_is_not_said_to_be_another_process(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What SQLite says when it cannot begin is told apart."""
    publish(store, [entry(1)])

    class Full:
        def execute(self, _statement: str) -> None:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

        def close(self) -> None:
            """Close nothing."""

    with monkeypatch.context() as patched:
        patched.setattr("cli.mirror.keeping.sqlite3.connect", lambda *_, **__: Full())
        with pytest.raises(CopyUnwritableError, match="full"):
            mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)


def test_the_age_of_a_copy_is_when_the_service_last_confirmed_it(
    store: Database, path: Path
) -> None:
    """A run that changes nothing makes the copy younger all the same."""
    publish(store, [entry(1)])
    morning = datetime(2025, 6, 1, 1, tzinfo=UTC)
    feed = DirectFeed.of(store, BLACK)
    mirror_of(path, feed, now=lambda: morning).run(once=True)

    mirror_of(path, feed, now=lambda: morning + timedelta(hours=3)).run(once=True)

    assert look_up(path).confirm_time == morning + timedelta(hours=3)


def test_a_copy_that_does_not_exist_is_said_to(path: Path) -> None:
    """Looking up makes no file."""
    with pytest.raises(CopyMissingError):
        look_up(path)

    assert not path.exists()


def test_a_copy_of_another_form_is_said_to_be_one(store: Database, path: Path) -> None:
    """Whatever tables that form has: an upgraded program does not call its own old copy rubbish."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE notes SET value = '1' WHERE name = 'format'")
        connection.execute("DROP TABLE keys")

    with pytest.raises(CopyUnreadableError, match="another form"):
        look_up(path)
