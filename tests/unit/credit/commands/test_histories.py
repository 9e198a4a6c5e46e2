"""Invariants of knowledge, over random histories of a store in memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.credit.handlers.credit_service import CreditPorts, credit_handlers
from services.credit.handlers.requests import PageLimits
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_history import run_histories
from tests.fakes.credit_ports import FewCodes, OpenVault, StatuteLevels
from tests.fakes.credit_store import FakeStore


@contextmanager
def open_in_memory(clock: FixedClock) -> Iterator[InlineService]:
    """Open the service over an empty store in memory."""
    ports = CreditPorts(
        store=FakeStore(clock), levels=StatuteLevels(), codes=FewCodes(), vault=OpenVault()
    )
    limits = PageLimits(default=100, max=1000)
    yield InlineService(credit_handlers(ports, limits), clock)


def test_knowledge_is_kept_in_memory() -> None:
    """No edition is lost, and every answer comes again byte for byte."""
    run_histories(open_in_memory, examples=40, steps=20)
