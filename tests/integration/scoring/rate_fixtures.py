"""Fixtures of the tests of rates: Chaoyang with three plans and bounds at three levels."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from services.common.server import running
from services.scoring.main import ScoringServer
from tests.fakes.rate_client import RateClient
from tests.fakes.rate_policies import CHAOYANG
from tests.fakes.scoring_policies import write_policies

CODE = "91110000600037341L"
SUBJECT = {"credit_code": CODE}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What no database decides needs one database only."""


@pytest.fixture(scope="session")
def policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write plans and bounds beside the policies of the other tests."""
    return write_policies(tmp_path_factory.mktemp("rate-policies"), CHAOYANG)


@pytest.fixture
async def rates(built: ScoringServer) -> AsyncIterator[RateClient]:
    """Serve the store under test on loopback, and call it in any role."""
    async with (
        running(built.settings, built.plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield RateClient(channel)
