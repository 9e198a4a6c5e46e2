"""The credit service over fakes, without a network between."""

import pytest

from services.credit.handlers.credit_service import CreditPorts, credit_handlers
from services.credit.handlers.requests import PageLimits
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_ports import FewCodes, OpenVault, StatuteLevels
from tests.fakes.credit_store import FakeStore


@pytest.fixture
def store(clock: FixedClock) -> FakeStore:
    """Give an empty store in memory."""
    return FakeStore(clock)


@pytest.fixture
def credit(store: FakeStore, clock: FixedClock) -> InlineService:
    """Give the service over the store in memory."""
    ports = CreditPorts(store=store, levels=StatuteLevels(), codes=FewCodes(), vault=OpenVault())
    return InlineService(credit_handlers(ports, PageLimits(default=100, max=1000)), clock)
