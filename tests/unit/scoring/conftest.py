"""Fixtures for the scoring service without a database."""

from pathlib import Path

import pytest

from services.scoring.commands.policy_library import PolicyLibrary
from services.scoring.store.policies import load_policies, load_vocabulary
from tests.fakes.clock import FixedClock
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
