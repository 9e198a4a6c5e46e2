"""The credit server as it runs: put together from settings, on loopback, on both databases."""

import shutil
from collections.abc import Iterator
from itertools import count

import grpc
import pytest

from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from services.credit.main import build_credit_server
from tests.fakes.clock import FixedClock
from tests.fakes.credit_clients import CreditClient
from tests.fakes.credit_requests import local, registration
from tests.fakes.credit_servers import serving, settings_of
from tests.fakes.credit_world import World
from tests.stores.fixtures import BOTH
from tests.stores.postgresql import Server

_numbers = count(1)


@pytest.fixture(scope="module", params=BOTH)
def store_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Give the URL of a migrated store that the tests of a module share."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("credit") / "store.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create(template=request.getfixturevalue("postgresql_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture(scope="module")
def server_clock() -> FixedClock:
    """Give the clock of the module's server."""
    return FixedClock()


@pytest.fixture(scope="module")
def credit(store_url: str, server_clock: FixedClock) -> Iterator[CreditClient]:
    """Run a credit server for the tests of a module, and connect to it."""
    server = build_credit_server(settings_of(store_url), clock=server_clock)
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield CreditClient(CreditServiceStub(channel))
    server.close()


@pytest.fixture
def world(credit: CreditClient) -> World:
    """Register two enterprises that no other test knows."""
    number = next(_numbers)
    one, other = local(f"甲{number}"), local(f"乙{number}")
    credit(registration(identity=one))
    credit(registration(identity=other))
    return World(credit, one, other, f"〔2025〕{number}号")
