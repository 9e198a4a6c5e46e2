"""The scoring server, put together from its settings."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from safetycredit.scoring.v1 import (
    grade_service_pb2,
    list_service_pb2,
    policy_service_pb2,
    rate_service_pb2,
)
from services.common.calls import ServedService
from services.common.clock import Clock
from services.common.database import Database
from services.common.logs import configure_logging
from services.common.schema import require_schema_head
from services.common.server import ServerPlan, serve
from services.common.settings import Settings, load_settings
from services.common.status import meant_error
from services.scoring.commands.batch_get_credit_grades import BatchGetCreditGrades
from services.scoring.commands.get_credit_grade import GetCreditGrade
from services.scoring.commands.get_list_status import GetListStatus
from services.scoring.commands.get_policy import GetPolicy
from services.scoring.commands.keep_grades_fresh import KeepGradesFresh
from services.scoring.commands.list_candidates import ListCandidates
from services.scoring.commands.list_credit_grades import ListCreditGrades
from services.scoring.commands.list_policies import ListPolicies
from services.scoring.commands.policy_library import PolicyLibrary
from services.scoring.commands.recommend_rate import RecommendRate
from services.scoring.commands.refresh_grades import RefreshGrades
from services.scoring.handlers.grade_service import GradeHandlers
from services.scoring.handlers.list_service import ListHandlers
from services.scoring.handlers.policy_service import PolicyHandlers
from services.scoring.handlers.rate_service import RateHandlers
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.warm_answers import WarmAnswers
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.kept_grades import SqlKeptGrades
from services.scoring.store.policies import load_policies, load_vocabulary
from services.scoring.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True)
class ScoringServer:
    """What it takes to run the scoring server.

    Attributes:
        settings: Settings in force.
        plan: What is served; for `services.common.server.serve` or ``running``.
        database: The store.
        kept: Where grades are kept.
        warm: Answers kept in memory.
        freshness: Keeps the grades of every policy fresh in the background.
    """

    settings: Settings
    plan: ServerPlan
    database: Database
    kept: SqlKeptGrades
    warm: WarmAnswers
    freshness: KeepGradesFresh

    def close(self) -> None:
        """Close every connection, once nothing is served any more."""
        self.warm.close()
        self.kept.close()
        self.database.close()

    @contextmanager
    def keeping_grades_fresh(self) -> Iterator[None]:
        """Keep grades fresh inside a block, in a thread of its own."""
        thread = threading.Thread(target=self.freshness.run, name="grades", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.freshness.stop()
            thread.join(self.settings.drain_seconds)


def build_scoring_server(settings: Settings, *, clock: Clock | None = None) -> ScoringServer:
    """Put the scoring server together; nothing listens yet.

    Args:
        settings: Settings in force.
        clock: The machine's by default.

    Raises:
        PoliciesMissingError: The folder of the policies has no vocabulary.
        PolicyRefusedError: Policies have problems; carries all of them.
        SettingError: A setting has a value that cannot be used.
    """
    library = load_policies(settings.policies_dir)
    database = Database(settings.database_url, clock=clock, options=settings.database_options)
    columns = FactColumns(load_vocabulary(settings.policies_dir), database.dialect)
    store, kept = SqlStore(database, columns), SqlKeptGrades(database)
    warm = WarmAnswers(store)
    refresh = RefreshGrades(store, kept, library, database.clock)

    def ready() -> None:
        require_schema_head(database)

    limits = PageLimits(default=settings.page_size_default, max=settings.page_size_max)
    plan = ServerPlan(
        listen=settings.scoring_listen,
        services=_services(store, library, refresh, warm=warm, limits=limits),
        readiness=ready,
        clock=database.clock,
    )
    freshness = KeepGradesFresh(refresh, ready, meant_error)
    return ScoringServer(settings, plan, database, kept, warm, freshness)


def main() -> None:
    """Run the scoring server until the process is told to end."""
    settings = load_settings()
    configure_logging(settings)
    server = build_scoring_server(settings)
    try:
        with server.keeping_grades_fresh():
            serve(settings, server.plan)
    finally:
        server.close()


# Private functions -----------------------------------------------------------


def _services(
    store: SqlStore,
    library: PolicyLibrary,
    refresh: RefreshGrades,
    *,
    warm: WarmAnswers,
    limits: PageLimits,
) -> tuple[ServedService, ...]:
    grades = GradeHandlers(
        get_grade=GetCreditGrade(store, library),
        batch_get_grades=BatchGetCreditGrades(store, library),
        list_grades=ListCreditGrades(store, library, refresh),
        warm=warm,
        limits=limits,
    )
    lists = ListHandlers(GetListStatus(store, library), ListCandidates(store, library), limits)
    rates = RateHandlers(RecommendRate(store, library))
    policies = PolicyHandlers(ListPolicies(library), GetPolicy(library), limits)
    return (
        ServedService(
            grade_service_pb2.DESCRIPTOR.services_by_name["GradeService"], grades.by_name()
        ),
        ServedService(list_service_pb2.DESCRIPTOR.services_by_name["ListService"], lists.by_name()),
        ServedService(rate_service_pb2.DESCRIPTOR.services_by_name["RateService"], rates.by_name()),
        ServedService(
            policy_service_pb2.DESCRIPTOR.services_by_name["PolicyService"], policies.by_name()
        ),
    )


if __name__ == "__main__":
    main()
