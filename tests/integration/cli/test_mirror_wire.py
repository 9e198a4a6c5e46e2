"""The mirror over the wire, and its commands."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.client.connection import Client, open_channel
from cli.main import app
from cli.mirror.feed import GrpcFeed
from cli.sample.codes import credit_code
from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from services.common.database import Database
from services.common.identity import caller_metadata
from services.scoring.domain.list_encoding import encode_entry
from tests.fakes.list_entries import entry
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

CODE, ABSENT = (credit_code("91", "110105", serial) for serial in (1, 2))


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
