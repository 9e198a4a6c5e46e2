"""Invariants of knowledge, over random histories on both databases."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from services.common.database import Database
from services.credit.handlers.credit_service import CreditPorts, credit_handlers
from services.credit.handlers.requests import PageLimits
from services.credit.store.sql_store import SqlStore
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_history import RecordHistory
from tests.fakes.credit_ports import FewCodes, OpenVault, StatuteLevels
from tests.stores.fixtures import OPTIONS
from tests.stores.postgresql import Server

LIMITS = PageLimits(default=100, max=1000)


class HistoryOnDatabase(RecordHistory):
    """Histories over a database of their own.

    Attributes:
        make_url: Makes the URL of an empty store.
    """

    make_url: "ClassVar[staticmethod[[], str]]"

    def open_service(self) -> InlineService:
        """Give the service over an empty store."""
        self._database = Database(self.make_url(), clock=self.clock, options=OPTIONS)
        ports = CreditPorts(
            store=SqlStore(self._database),
            levels=StatuteLevels(),
            codes=FewCodes(),
            vault=OpenVault(),
        )
        return InlineService(credit_handlers(ports, LIMITS), self.clock)

    def teardown(self) -> None:
        """Hold the last invariant, and close the store."""
        super().teardown()
        self._database.close()


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
    """Run random histories."""
    bound = type("History", (HistoryOnDatabase,), {"make_url": staticmethod(make_url)})
    run_state_machine_as_test(
        bound,
        settings=settings(max_examples=examples, stateful_step_count=15, deadline=None),
    )


def test_knowledge_is_kept_on_sqlite(sqlite_urls: Callable[[], str]) -> None:
    """No edition is lost, and every answer comes again byte for byte."""
    hold_invariants(sqlite_urls, examples=12)


@pytest.mark.postgres
def test_knowledge_is_kept_on_postgresql(postgresql_urls: Callable[[], str]) -> None:
    """No edition is lost, and every answer comes again byte for byte."""
    hold_invariants(postgresql_urls, examples=5)
