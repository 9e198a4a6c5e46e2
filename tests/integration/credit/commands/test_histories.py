"""Invariants of knowledge, over random histories on both databases."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from services.common.database import Database
from services.credit.handlers.credit_service import CreditPorts, credit_handlers
from services.credit.handlers.requests import PageLimits
from services.credit.store.sql_store import SqlStore
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_history import run_histories
from tests.fakes.credit_ports import FewCodes, OpenVault, StatuteLevels
from tests.stores.fixtures import OPTIONS
from tests.stores.postgresql import Server

LIMITS = PageLimits(default=100, max=1000)


@pytest.fixture
def sqlite_urls(sqlite_template: Path, tmp_path: Path) -> Callable[[], str]:
    """Make fresh stores on SQLite."""

    def make() -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        shutil.copyfile(sqlite_template, path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def postgresql_urls(
    postgresql_server: Server, postgresql_template: str
) -> Iterator[Callable[[], str]]:
    """Make fresh stores on PostgreSQL, and drop them in the end."""
    names: list[str] = []

    def make() -> str:
        names.append(postgresql_server.create(template=postgresql_template))
        return postgresql_server.url(names[-1])

    yield make
    for name in names:
        postgresql_server.drop(name)


def hold_invariants(make_url: Callable[[], str], examples: int) -> None:
    """Run random histories, each over a database of its own."""

    @contextmanager
    def open_on_database(clock: FixedClock) -> Iterator[InlineService]:
        database = Database(make_url(), clock=clock, options=OPTIONS)
        ports = CreditPorts(
            store=SqlStore(database), levels=StatuteLevels(), codes=FewCodes(), vault=OpenVault()
        )
        with closing(database):
            yield InlineService(credit_handlers(ports, LIMITS), clock)

    run_histories(open_on_database, examples=examples, steps=15)


def test_knowledge_is_kept_on_sqlite(sqlite_urls: Callable[[], str]) -> None:
    """No edition is lost, and every answer comes again byte for byte."""
    hold_invariants(sqlite_urls, examples=12)


@pytest.mark.postgres
def test_knowledge_is_kept_on_postgresql(postgresql_urls: Callable[[], str]) -> None:
    """No edition is lost, and every answer comes again byte for byte."""
    hold_invariants(postgresql_urls, examples=5)
