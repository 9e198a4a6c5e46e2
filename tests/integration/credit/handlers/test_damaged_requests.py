"""Damaged requests on both databases: a driver refuses nothing that the service let pass."""

import contextlib
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.database import Database
from services.common.errors import SafetyCreditError
from services.credit.handlers.credit_service import CreditPorts, credit_handlers
from services.credit.handlers.requests import PageLimits
from services.credit.store.sql_store import SqlStore
from services.credit.store.vault import AesVault
from tests.fakes.credit_calls import REGULATOR, SERVICE, InlineService
from tests.fakes.credit_examples import Examples
from tests.fakes.credit_messages import damaged
from tests.fakes.credit_ports import FewCodes, StatuteLevels
from tests.fakes.credit_requests import import_row, profile

UNARY = sorted(method.name for method in SERVICE.methods if not method.client_streaming)
GROWING = settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def inline(database: Database) -> InlineService:
    """Give the service over a database, without a network between."""
    ports = CreditPorts(
        store=SqlStore(database),
        levels=StatuteLevels(),
        codes=FewCodes(),
        vault=AesVault(bytes(range(32))),
    )
    handlers = credit_handlers(ports, PageLimits(default=100, max=1000))
    return InlineService(handlers, database.clock)


@pytest.fixture
def examples(inline: InlineService) -> Examples:
    """Give right requests, and store what they name."""
    return Examples(inline)


@GROWING
@given(data=st.data())
def test_a_damaged_request_is_refused_or_answered(
    inline: InlineService, examples: Examples, data: st.DataObject
) -> None:
    """Whatever a request holds, the answer is meant: a response, or a refusal with a reason."""
    method = data.draw(st.sampled_from(UNARY))
    request = data.draw(damaged(examples.by_method[method]))

    # Any other exception than a refusal fails the test, as it would become INTERNAL.
    with contextlib.suppress(SafetyCreditError):
        assert inline(method, request, REGULATOR).IsInitialized()


@settings(GROWING, max_examples=50)
@given(data=st.data())
def test_a_damaged_row_is_answered_like_others(inline: InlineService, data: st.DataObject) -> None:
    """A stream survives any row, and every row has its result."""
    numbers = count(1)
    row = damaged(lambda: import_row(next(numbers), enterprise=profile()))
    rows = data.draw(st.lists(row, min_size=1, max_size=5))

    results = [one for answer in inline.import_rows(rows) for one in answer.results]

    assert [one.row_number for one in results] == [one.row_number for one in rows]
    refused = service.ImportRowResult.OUTCOME_REFUSED
    assert all((one.outcome == refused) == bool(one.reason) for one in results)
