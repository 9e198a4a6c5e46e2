"""Fixtures of the tests that issue policies: desks, replicas, and the database they share."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import grpc
import pytest
from google.type.date_pb2 import Date

from services.common.server import running
from services.common.settings import load_settings
from services.scoring.main import ScoringServer, build_scoring_server
from tests.fakes.clock import FixedClock
from tests.fakes.policy_desk import PolicyDesk

MARCH = date(2025, 3, 1)
SUMMER = Date(year=2025, month=7, day=15)
"""Before the policy that the tests publish is in force."""

AUTUMN = Date(year=2025, month=9, day=1)
"""Once it is."""


def build(database_url: str, policies_folder: Path, clock: FixedClock) -> ScoringServer:
    """Put a replica together; nothing listens yet."""
    settings = load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": database_url,
            "SAFETYCREDIT_POLICIES_DIR": str(policies_folder),
            "SAFETYCREDIT_SCORING_LISTEN": "127.0.0.1:0",
            "SAFETYCREDIT_TOKEN_WAIT_SECONDS": "0",
            "SAFETYCREDIT_LOG_LEVEL": "error",
        }
    )
    return build_scoring_server(settings, clock=clock)


@asynccontextmanager
async def serving(server: ScoringServer) -> AsyncIterator[PolicyDesk]:
    """Serve a replica on loopback, and sit at its desk."""
    async with (
        running(server.settings, server.plan) as listening,
        grpc.aio.insecure_channel(f"127.0.0.1:{listening.port}") as channel,
    ):
        yield PolicyDesk(channel)


@pytest.fixture
def replica(database_url: str, policies_folder: Path, clock: FixedClock) -> Iterator[ScoringServer]:
    """Put one replica together over the store under test."""
    server = build(database_url, policies_folder, clock)
    yield server
    server.close()


@pytest.fixture
async def desk(replica: ScoringServer) -> AsyncIterator[PolicyDesk]:
    """Serve the replica, and sit at its desk."""
    async with serving(replica) as opened:
        yield opened
