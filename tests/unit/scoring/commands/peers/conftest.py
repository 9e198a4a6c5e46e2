"""Policies that ask for peers, and tables kept in memory."""

from pathlib import Path

import pytest

from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.store.policies import load_policies
from tests.fakes.peer_policies import peer_policies
from tests.fakes.peer_tables import FakePeerTables
from tests.fakes.scoring_store import FakeStore


@pytest.fixture(scope="session")
def asking(tmp_path_factory: pytest.TempPathFactory) -> PolicyLibrary:
    """Give the policies of the tests and those that ask for peers."""
    folder: Path = tmp_path_factory.mktemp("asking")
    return load_policies(peer_policies(folder))


@pytest.fixture
def tables(store: FakeStore) -> FakePeerTables:
    """Keep tables in memory."""
    return FakePeerTables(store)
