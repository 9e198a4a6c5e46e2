"""Fixtures for the scoring service without a database."""

from pathlib import Path

import pytest

from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.store.policies import load_policies, load_vocabulary
from tests.fakes.clock import FixedClock
from tests.fakes.insurance_commands import Insurance
from tests.fakes.insurance_world import FakeTerms, insurance_policies
from tests.fakes.scoring_policies import POLICIES, write_policies
from tests.fakes.scoring_store import FakeStore


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> PolicyLibrary:
    """Give the policies of the tests, compiled."""
    return load_policies(write_policies(tmp_path_factory.mktemp("policies")))


@pytest.fixture
def store(clock: FixedClock) -> FakeStore:
    """Give a store in memory."""
    return FakeStore(load_vocabulary(Path(POLICIES)), clock)


@pytest.fixture(scope="session")
def insurance_library(tmp_path_factory: pytest.TempPathFactory) -> PolicyLibrary:
    """Give the project's policies about insurance, compiled."""
    return load_policies(insurance_policies(tmp_path_factory.mktemp("insurance")))


@pytest.fixture
def world(store: FakeStore, insurance_library: PolicyLibrary) -> Insurance:
    """Give the commands about insurance over an empty store."""
    return Insurance(store, insurance_library, FakeTerms())
