"""Requests that are damaged at random are refused by name, or answered; never anything else."""

import contextlib
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.errors import SafetyCreditError
from tests.fakes.credit_calls import REGULATOR, SERVICE, InlineService
from tests.fakes.credit_examples import Examples
from tests.fakes.credit_messages import damaged
from tests.fakes.credit_requests import import_row, profile

UNARY = [method.name for method in SERVICE.methods if not method.client_streaming]

# Damage may leave a request right, so that the store of a test grows; that does no harm.
GROWING = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def examples(credit: InlineService) -> Examples:
    """Give right requests, and store what they name."""
    return Examples(credit)


@pytest.mark.parametrize("method", UNARY)
def test_every_right_request_is_answered(
    credit: InlineService, examples: Examples, method: str
) -> None:
    """The requests that are damaged below are right before."""
    assert credit(method, examples.by_method[method](), REGULATOR).IsInitialized()


@pytest.mark.parametrize("method", UNARY)
@GROWING
@given(data=st.data())
def test_a_damaged_request_is_refused_or_answered(
    credit: InlineService, examples: Examples, method: str, data: st.DataObject
) -> None:
    """Whatever a request holds, the answer is meant: a response, or a refusal with a reason."""
    request = data.draw(damaged(examples.by_method[method]))

    # Any other exception than a refusal fails the test, as it would become INTERNAL.
    with contextlib.suppress(SafetyCreditError):
        assert credit(method, request, REGULATOR).IsInitialized()


@GROWING
@given(data=st.data())
def test_a_damaged_row_is_answered_like_others(credit: InlineService, data: st.DataObject) -> None:
    """A stream survives any row, and every row has its result."""
    numbers = count(1)
    row = damaged(lambda: import_row(next(numbers), enterprise=profile()))
    rows = data.draw(st.lists(row, min_size=1, max_size=5))

    results = [one for answer in credit.import_rows(rows) for one in answer.results]

    assert [one.row_number for one in results] == [one.row_number for one in rows]
    refused = service.ImportRowResult.OUTCOME_REFUSED
    assert all((one.outcome == refused) == bool(one.reason) for one in results)
