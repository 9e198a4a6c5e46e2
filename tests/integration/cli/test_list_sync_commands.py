"""The commands around published lists, as a person types them."""

import asyncio
import json
import os
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.mirror.encoding import Encoded
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from services.common.database import Database
from services.scoring.domain.list_shrinking import ShrinkLimits
from tests.fakes.clock import FixedClock
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_sync_server import (
    caller,
    list_sync_client,
    list_sync_port,
    publish,
)


@pytest.fixture
def store(sqlite_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a fresh store on SQLite with two versions of a list."""
    opened = Database(sqlite_url, clock=clock)
    publish(opened, [entry(1, name="样例化工"), entry(2)])
    publish(opened, [removal(2)])
    yield opened
    opened.close()


async def typed(port: int, *words: str, before: tuple[str, ...] = ()) -> str:
    """Type a command; give what it prints."""
    command = [*before, *words, "--target", f"127.0.0.1:{port}"]
    done = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert done.exit_code == 0, done.output
    return done.output


async def test_an_export_is_a_file_of_entries_and_a_cursor(store: Database, tmp_path: Path) -> None:
    """One JSON object a line; changes go on from the cursor that is printed."""
    path = tmp_path / "blacklist.jsonl"
    async with list_sync_port(store) as port:
        printed = await typed(port, "list", "export", "--field", "work_safety", "--to", str(path))
        cursor = next(line.split()[-1] for line in printed.splitlines() if "cursor" in line)
        publish(store, [entry(3, name="新企业")])
        after = await typed(port, "list", "changes", "--field", "work_safety", "--cursor", cursor)

    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(one["entry_id"], one["name"]) for one in lines] == [("l-1", "样例化工")]
    assert "新企业" in after
    assert "样例化工" not in after


async def refused(port: int, *words: str) -> str:
    """Type a command that is refused; give what it says."""
    command = [*words, "--target", f"127.0.0.1:{port}"]
    done = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert done.exit_code != 0, done.output
    return done.output


@pytest.mark.parametrize("link", [False, True], ids=["a-file", "a-link"])
async def test_an_export_takes_the_place_of_the_last_one_only_when_it_is_whole(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, link: bool
) -> None:
    """No server, an entry that was changed on the way, or no such division leave it as it was."""
    kept, path = tmp_path / "kept.jsonl", tmp_path / "blacklist.jsonl"
    kept.write_text("yesterday's\n", encoding="utf-8")
    kept.chmod(0o640)
    path.symlink_to(kept) if link else kept.rename(path)
    words = ["list", "export", "--field", "work_safety", "--to", str(path)]
    async with list_sync_port(store) as port:
        with monkeypatch.context() as patched:
            patched.setattr("cli.mirror.export_file.Encoded.of", changed_on_the_way)
            damaged = await refused(port, *words)
        unknown = await refused(port, *words, "--division", "110150")
        gone = path.read_text(encoding="utf-8")
        await typed(port, *words)
    whole = path.read_text(encoding="utf-8")
    silent = await refused(port, *words)

    assert "EXPORT_DAMAGED" in damaged
    assert "DIVISION_UNKNOWN" in unknown
    assert gone == "yesterday's\n"
    assert [json.loads(line)["entry_id"] for line in whole.splitlines()] == ["l-1"]
    assert "UNAVAILABLE" in silent
    assert path.read_text(encoding="utf-8") == whole
    assert (path.is_symlink(), path.stat().st_mode & 0o777) == (link, 0o640)
    assert not [name for name in names_in(tmp_path) if "part" in name]


def names_in(folder: Path) -> set[str]:
    """Give the names of files."""
    return {one.name for one in folder.iterdir()}


def changed_on_the_way(field: int, entries: Iterable[ListEntry]) -> Encoded:
    """Encode entries of which one has another name than it was sent with."""
    given = list(entries)
    given[0].name += "业"
    return ENCODED_OF(field, given)


ENCODED_OF = Encoded.of


async def test_an_export_is_written_into_a_pipe(store: Database, tmp_path: Path) -> None:
    """What is no file has nothing that could be lost, and is not replaced by one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = asyncio.create_task(asyncio.to_thread(pipe.read_text, encoding="utf-8"))
    async with list_sync_port(store) as port:
        await typed(port, "list", "export", "--field", "work_safety", "--to", str(pipe))

    assert json.loads(await reading)["entry_id"] == "l-1"
    assert pipe.is_fifo()


async def test_changes_and_digests_are_printed(store: Database) -> None:
    """Listings with their documents, removals with their reasons, and where the list stands."""
    async with list_sync_port(store) as port:
        changes = await typed(port, "list", "changes", "--from-start", "--field", "work_safety")
        digest = await typed(port, "list", "digest", "--json")

    assert "样例〔2025〕1号" in changes
    assert "off: expired" in changes
    states = [one["state"] for one in json.loads(digest)["digests"]]
    assert (states[0]["version"], states[0]["entry_count"]) == ("2", "1")
    assert len(states) == 5


async def test_a_digest_warns_of_what_the_law_took_off(store: Database) -> None:
    """Of sixty entries seven leave within a day, which is more than ten percent."""
    publish(store, [entry(number) for number in range(3, 62)])
    gone = [removal(number) for number in range(3, 10)]
    publish(store, gone, by_procedure=True, limits=ShrinkLimits())
    async with list_sync_port(store) as port:
        digest = await typed(port, "list", "digest", "--field", "work_safety")

    assert "LOOK AT work_safety: 7 entries" in " ".join(digest.split())


async def test_a_warning_is_confirmed_by_who_looked(store: Database) -> None:
    """It is no longer called for, and says who found what; of another version it is refused."""
    publish(store, [entry(number) for number in range(3, 62)])
    gone = [removal(number) for number in range(3, 10)]
    publish(store, gone, by_procedure=True, limits=ShrinkLimits())
    confirm = ["list", "confirm-shrinking", "-l", "blacklist", "--field", "work_safety"]
    who = ("--caller", "regulator-1", "--authority", "样例局")
    async with list_sync_port(store) as port:
        target = ("--target", f"127.0.0.1:{port}")
        other = await asyncio.to_thread(
            CliRunner().invoke, app, [*confirm, "--version", "3", "--finding", "属实", *target]
        )
        said = await typed(port, *confirm, "--version", "4", "--finding", "到期", before=who)
        digest = await typed(port, "list", "digest", "--field", "work_safety")
        subscribed = await typed(
            port, "list", "digest", "--field", "work_safety", before=("--roles", "subscriber")
        )

    assert other.exit_code == 4
    assert "SHRINK_WARNING_DIFFERS: look at version 4" in other.output
    assert "regulator-1 样例局" in said
    assert "LOOK AT" not in digest
    assert "seen work_safety: 7 entries" in " ".join(digest.split())
    assert "regulator-1 样例局: 到期" in digest
    assert "confirmed" in subscribed
    assert "regulator-1" not in subscribed


async def test_a_watcher_prints_what_comes_until_the_server_ends(store: Database) -> None:
    """What was missed comes first; a server that stops ends the command with words."""
    async with list_sync_port(store) as port:
        words = ["list", "watch", "--from-start", "--field", "work_safety"]
        watching = asyncio.create_task(
            asyncio.to_thread(CliRunner().invoke, app, [*words, "--target", f"127.0.0.1:{port}"])
        )
        async with list_sync_client(store) as client:
            async for message in client.stream(
                "WatchList", kind=1, field=1, from_start=True, heartbeat_seconds=1
            ):
                if message.states:
                    break
    done = await watching

    assert "样例化工" in done.output
    assert "NOT_SERVING" in done.output
    assert done.exit_code == 1


async def test_subscribers_and_what_they_hold_too_long_are_listed(
    store: Database, clock: FixedClock
) -> None:
    """The regulator sees who holds which version, who lags, and which removal is overdue there."""
    async with list_sync_port(store) as port, list_sync_client(store) as client:
        page = await client.call("ListChanges", kind=1, field=1, from_start=True, page_size=1)
        state = page.deltas[0].state
        await client.call(
            "AcknowledgeList",
            by=caller("housing-department", "subscriber"),
            request_id="a-1",
            kind=1,
            field=1,
            version=state.version,
            digest=state.digest,
        )
        clock.advance(timedelta(hours=25))
        subscribers = await typed(port, "list", "subscribers")
        overdue = await typed(port, "list", "overdue", "--as-of", "2025-06-06")

    assert "housing-department" in subscribers
    # The second version is out for 25 hours, and a day is the limit.
    assert "work_safety: 1 of 1 behind, by 1 versions" in subscribers
    assert "LATE" in subscribers
    assert "l-2" in overdue
    assert "2025-06-05" in overdue


async def test_a_subscription_is_ended_by_its_subscriber(store: Database) -> None:
    """It says which version was held last; afterwards there is no such subscription."""
    end = ["list", "end-subscription", "--field", "work_safety"]
    who = ("--caller", "housing-department", "--roles", "subscriber")
    async with list_sync_port(store) as port, list_sync_client(store) as client:
        digest = (await client.call("GetListDigest", kind=1, field=1)).digests[0]
        await client.call(
            "AcknowledgeList",
            by=caller("housing-department", "subscriber"),
            request_id="a-1",
            kind=1,
            field=1,
            version=digest.state.version,
            digest=digest.state.digest,
        )
        ended = await typed(port, *end, before=who)
        subscribers = await typed(port, "list", "subscribers")
        again = await asyncio.to_thread(
            CliRunner().invoke, app, [*who, *end, "--target", f"127.0.0.1:{port}"]
        )

    assert ["held", "last", "2"] in [line.split() for line in ended.splitlines()]
    assert "housing-department" not in subscribers
    assert "SUBSCRIPTION_UNKNOWN" in again.output


async def test_approvals_and_compaction_are_one_command_each(store: Database) -> None:
    """A second person approves a shrinking; an operator compacts."""
    approve = ["list", "approve-shrinking", "-l", "blacklist", "--field", "fire"]
    async with list_sync_port(store) as port:
        approved = await typed(port, *approve, "--removals", "9", "--document", "批1号")
        compacted = await typed(port, "list", "compact", before=("--roles", "operator"))

    assert "a-" in approved
    assert "work_safety" in compacted
