"""A credit server of 2026-11-20, for the tests of objections and repairs."""

from collections.abc import Iterator
from itertools import count

import grpc
import pytest

from services.credit.main import CreditServer, build_credit_server
from tests.fakes.clock import FixedClock
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_remedies import (
    NOON,
    RemedyClient,
)
from tests.fakes.credit_requests import (
    local,
    registration,
)
from tests.fakes.credit_servers import serving, settings_of

_numbers = count(1)


@pytest.fixture(scope="module")
def remedy_server(store_url: str) -> Iterator[tuple[CreditServer, RemedyClient]]:
    """Run a credit server of 2026-11-20 for the tests of the module."""
    server = build_credit_server(settings_of(store_url), clock=FixedClock(NOON))
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield server, RemedyClient.on(channel)
    server.close()


@pytest.fixture
def bench(remedy_server: tuple[CreditServer, RemedyClient]) -> Bench:
    """Register an enterprise that no other test knows."""
    server, call = remedy_server
    subject = local(f"修复{next(_numbers)}")
    answer = call.credit(registration(identity=subject))
    return Bench(call, server, subject, answer.enterprise.enterprise_id)
