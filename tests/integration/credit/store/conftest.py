"""Empty stores of every kind that keeps the ports' promises."""

from collections.abc import Iterator

import pytest

from services.common.database import Database
from services.credit.commands.ports import (
    Store,
)
from services.credit.store.sql_store import SqlStore
from tests.fakes.clock import FixedClock
from tests.fakes.credit_store import FakeStore
from tests.stores.fixtures import OPTIONS


@pytest.fixture(
    params=[
        pytest.param("fake", id="memory"),
        pytest.param("sqlite", id="sqlite"),
        pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
    ]
)
def store(request: pytest.FixtureRequest, clock: FixedClock) -> Iterator[Store]:
    """Give an empty store of each kind."""
    if request.param == "fake":
        yield FakeStore(clock)
        return
    url: str = request.getfixturevalue(f"{request.param}_url")
    database = Database(url, clock=clock, options=OPTIONS)
    yield SqlStore(database)
    database.close()
