"""Fixtures of running servers."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import grpc
import pytest

from services.common.calls import Handler
from services.common.identity import Caller, caller_metadata
from services.common.server import GrpcServer, ServerPlan, running
from services.common.settings import load_settings
from tests.fakes.call_log import RecordingCallLog
from tests.fakes.clock import FixedClock
from tests.fakes.echo_service import echo_access, echo_service

REGULATOR = Caller(identity="liu", roles=frozenset({"regulator"}))
METADATA = caller_metadata(REGULATOR)

Echo = Callable[..., AbstractAsyncContextManager[tuple[GrpcServer, grpc.aio.Channel]]]
"""Runs the echo server, and gives it with a channel to it."""


@pytest.fixture
def calls() -> RecordingCallLog:
    """Keep the lines of the calls."""
    return RecordingCallLog()


@pytest.fixture
def echo(calls: RecordingCallLog, clock: FixedClock) -> Echo:
    """Run the echo server with a test's own handlers, readiness and settings."""

    @asynccontextmanager
    async def run(
        *,
        variables: dict[str, str] | None = None,
        plan: dict[str, Any] | None = None,
        **handlers: Handler,
    ) -> AsyncIterator[tuple[GrpcServer, grpc.aio.Channel]]:
        settings = load_settings({"SAFETYCREDIT_HEALTH_SECONDS": "0.01", **(variables or {})})
        server_plan = ServerPlan(
            **{
                "listen": "127.0.0.1:0",
                "services": (echo_service(**handlers),),
                "access": echo_access(),
                "clock": clock,
                "log": calls,
                **(plan or {}),
            }
        )
        async with (
            running(settings, server_plan) as server,
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
        ):
            yield server, channel

    return run
