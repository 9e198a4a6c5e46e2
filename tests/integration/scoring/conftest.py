"""Fixtures of the scoring service: policies, a hand that writes facts, stores, a server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from services.common.database import Database
from services.common.server import running
from services.common.settings import load_settings
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.main import ScoringServer, build_scoring_server
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.policies import load_policies, load_vocabulary
from services.scoring.store.sql_store import SqlStore
from tests.fakes.clock import FixedClock
from tests.fakes.insurance_client import InsuranceClient
from tests.fakes.insurance_world import insurance_policies
from tests.fakes.list_sync_server import ListSyncClient, list_sync_client
from tests.fakes.scoring_client import ScoringClient
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import POLICIES, write_policies
from tests.fakes.scoring_store import FakeStore
from tests.integration.scoring.list_case_fixtures import (  # noqa: F401 -- fixtures.
    case_server,
    list_policies_folder,
    world,
)
from tests.integration.scoring.peer_fixtures import (  # noqa: F401 -- fixtures.
    peer_desk,
    peer_server,
    peers_folder,
    town,
)
from tests.integration.scoring.policy_fixtures import desk, replica  # noqa: F401 -- fixtures.


@pytest.fixture(scope="session")
def policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the policies of the tests."""
    return write_policies(tmp_path_factory.mktemp("policies"))


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """Give the project's words."""
    return load_vocabulary(POLICIES)


@pytest.fixture(scope="session")
def library(policies_folder: Path) -> PolicyLibrary:
    """Give the policies of the tests, compiled."""
    return load_policies(policies_folder)


@pytest.fixture
def facts(database: Database) -> FactWriter:
    """Write facts into the store under test."""
    return FactWriter(database)


@pytest.fixture
def store(database: Database, vocabulary: Vocabulary) -> SqlStore:
    """Read the store under test."""
    return SqlStore(database, FactColumns(vocabulary, database.dialect))


@pytest.fixture
def model(vocabulary: Vocabulary, clock: FixedClock) -> FakeStore:
    """Give the store in memory that says what the tables should say."""
    return FakeStore(vocabulary, clock)


@pytest.fixture
def built(database_url: str, policies_folder: Path, clock: FixedClock) -> Iterator[ScoringServer]:
    """Put a server together over the store under test; nothing listens yet."""
    settings = load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": database_url,
            "SAFETYCREDIT_POLICIES_DIR": str(policies_folder),
            "SAFETYCREDIT_SCORING_LISTEN": "127.0.0.1:0",
            "SAFETYCREDIT_TOKEN_WAIT_SECONDS": "0",
            "SAFETYCREDIT_LOG_LEVEL": "error",
        }
    )
    server = build_scoring_server(settings, clock=clock)
    yield server
    server.close()


@pytest.fixture
async def client(built: ScoringServer) -> AsyncIterator[ScoringClient]:
    """Serve the store under test on loopback, and call it."""
    async with (
        running(built.settings, built.plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield ScoringClient(channel)


@pytest.fixture
async def lists(database: Database) -> AsyncIterator[ListSyncClient]:
    """Serve the lists of the store under test alone, and call them."""
    async with list_sync_client(database) as client:
        yield client


@pytest.fixture
def embedded(sqlite_url: str, clock: FixedClock) -> Iterator[Database]:
    """Open a fresh store on SQLite alone, for what is the same on both databases."""
    opened = Database(sqlite_url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
async def embedded_lists(embedded: Database) -> AsyncIterator[ListSyncClient]:
    """Serve the lists of the store on SQLite alone."""
    async with list_sync_client(embedded) as client:
        yield client


@pytest.fixture(scope="session")
def insurance_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the policies about insurance beside those of the tests."""
    return insurance_policies(write_policies(tmp_path_factory.mktemp("insurance")))


@pytest.fixture
async def insurance_client(
    database_url: str, insurance_folder: Path, clock: FixedClock
) -> AsyncIterator[InsuranceClient]:
    """Serve the store under test by the project's policies about insurance, and call it."""
    settings = load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": database_url,
            "SAFETYCREDIT_POLICIES_DIR": str(insurance_folder),
            "SAFETYCREDIT_SCORING_LISTEN": "127.0.0.1:0",
            "SAFETYCREDIT_TOKEN_WAIT_SECONDS": "0",
            "SAFETYCREDIT_LOG_LEVEL": "error",
        }
    )
    server = build_scoring_server(settings, clock=clock)
    async with (
        running(server.settings, server.plan) as served,
        grpc.aio.insecure_channel(f"127.0.0.1:{served.port}") as channel,
    ):
        yield InsuranceClient(channel)
    server.close()
