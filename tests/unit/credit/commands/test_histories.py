"""Invariants of knowledge, over random histories of a store in memory."""

from hypothesis import settings

from services.credit.handlers.credit_service import CreditPorts, credit_handlers
from services.credit.handlers.requests import PageLimits
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_history import RecordHistory
from tests.fakes.credit_ports import FewCodes, OpenVault, StatuteLevels
from tests.fakes.credit_store import FakeStore


class HistoryInMemory(RecordHistory):
    """Histories over a store in memory."""

    def open_service(self) -> InlineService:
        """Give the service over an empty store."""
        ports = CreditPorts(
            store=FakeStore(self.clock),
            levels=StatuteLevels(),
            codes=FewCodes(),
            vault=OpenVault(),
        )
        limits = PageLimits(default=100, max=1000)
        return InlineService(credit_handlers(ports, limits), self.clock)


TestHistoryInMemory = HistoryInMemory.TestCase
TestHistoryInMemory.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
