"""Fixtures for the procedure of the lists: a server with procedures, and officials who call it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from services.common.server import running
from services.common.settings import load_settings
from services.scoring.main import ScoringServer, build_scoring_server
from tests.fakes.clock import FixedClock
from tests.fakes.list_policies import write_list_policies
from tests.fakes.list_world import ListWorld
from tests.fakes.scoring_facts import FactWriter


@pytest.fixture(scope="session")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the list policies of the tests."""
    return write_list_policies(tmp_path_factory.mktemp("list-policies"))


@pytest.fixture
def case_server(
    database_url: str, list_policies_folder: Path, clock: FixedClock
) -> Iterator[ScoringServer]:
    """Put a server together over the store under test, with procedures."""
    settings = load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": database_url,
            "SAFETYCREDIT_POLICIES_DIR": str(list_policies_folder),
            "SAFETYCREDIT_SCORING_LISTEN": "127.0.0.1:0",
            "SAFETYCREDIT_TOKEN_WAIT_SECONDS": "0",
            "SAFETYCREDIT_LOG_LEVEL": "error",
        }
    )
    built = build_scoring_server(settings, clock=clock)
    yield built
    built.close()


@pytest.fixture
async def world(
    case_server: ScoringServer, clock: FixedClock, facts: FactWriter
) -> AsyncIterator[ListWorld]:
    """Serve the store under test on loopback, and let officials call it."""
    async with (
        running(case_server.settings, case_server.plan) as served,
        grpc.aio.insecure_channel(f"127.0.0.1:{served.port}") as channel,
    ):
        yield ListWorld(channel, clock, facts)
