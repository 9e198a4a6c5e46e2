"""The scoring server, put together from its settings."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from services.common.clock import Clock
from services.common.database import Database
from services.common.logs import configure_logging
from services.common.schema import require_schema_head
from services.common.server import ServerPlan, serve
from services.common.settings import Settings, load_settings
from services.common.status import meant_error
from services.scoring.commands.background import BackgroundWork
from services.scoring.commands.grades.keep_grades_fresh import KeepGradesFresh
from services.scoring.commands.grades.refresh_grades import RefreshGrades
from services.scoring.commands.lists.find_parties import FindParties
from services.scoring.commands.lists.keep_lists_right import KeepListsRight
from services.scoring.commands.policies.live_library import PolicyPoints
from services.scoring.handlers.request_subjects import RequestSubjects
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.warm_answers import WarmAnswers
from services.scoring.serving.grades import grade_service, supervision_service
from services.scoring.serving.insurance import (
    insurance_service,
    prevention_service,
    rate_service,
    statement_service,
)
from services.scoring.serving.lists import (
    FeedUpkeep,
    feed_upkeep,
    list_desk,
    list_service,
    list_sync_service,
    measure_service,
)
from services.scoring.serving.peers import PeerKeeping, peer_keeping, peer_table_service
from services.scoring.serving.policies import (
    PolicyIssuing,
    policy_issuing,
    policy_service,
    policy_trials,
)
from services.scoring.serving.risk import risk_service
from services.scoring.store.candidates import (
    PolicyFolderDiffersError,
)
from services.scoring.store.fact_columns import FactColumns
from services.scoring.store.kept_grades import SqlKeptGrades
from services.scoring.store.list_upkeep_lease import SqlUpkeepLease
from services.scoring.store.policies import load_vocabulary
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
        lists: Keeps the lists right in the background.
        lease: Lets one replica at a time do that.
        issuing: Follows what is published.
        trials: Runs simulations and shadow runs in the background.
        peers: Makes tables of peers in the background.
        feed: Keeps the feed of the lists fit in the background.
    """

    settings: Settings
    plan: ServerPlan
    database: Database
    kept: SqlKeptGrades
    warm: WarmAnswers
    freshness: KeepGradesFresh
    lists: KeepListsRight
    lease: SqlUpkeepLease
    issuing: PolicyIssuing
    trials: tuple[BackgroundWork, ...]
    peers: PeerKeeping
    feed: FeedUpkeep

    def close(self) -> None:
        """Close every connection, once nothing is served any more."""
        self.feed.close()
        self.peers.close()
        self.lease.close()
        self.issuing.close()
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

    @contextmanager
    def keeping_lists_right(self) -> Iterator[None]:
        """Keep the lists right inside a block, in a thread of its own."""
        thread = threading.Thread(target=self.lists.run, name="lists", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.lists.stop()
            thread.join(self.settings.drain_seconds)

    @contextmanager
    def keeping_peer_tables(self) -> Iterator[None]:
        """Make the day's tables of peers inside a block, in a thread of its own."""
        with self.peers.work.running(drain_seconds=self.settings.drain_seconds):
            yield

    @contextmanager
    def keeping_feed_fit(self) -> Iterator[None]:
        """Keep the feed of the lists fit inside a block, in a thread of its own."""
        with self.feed.work.running(drain_seconds=self.settings.drain_seconds):
            yield

    @contextmanager
    def trying_policies(self) -> Iterator[None]:
        """Run simulations and shadow runs inside a block, each in a thread of its own."""
        with ExitStack() as stack:
            for work in self.trials:
                stack.enter_context(work.running(drain_seconds=self.settings.drain_seconds))
            yield


def build_scoring_server(settings: Settings, *, clock: Clock | None = None) -> ScoringServer:
    """Put the scoring server together; nothing listens yet.

    Args:
        settings: Settings in force.
        clock: The machine's by default.

    Raises:
        PoliciesMissingError: The folder of the policies has no vocabulary.
        PolicyRefusedError: Policies have problems; carries all of them.
        PolicyFolderDiffersError: The folder contradicts what was published.
        SettingError: A setting has a value that cannot be used.
    """
    database = Database(settings.database_url, clock=clock, options=settings.database_options)
    vocabulary = load_vocabulary(settings.policies_dir)
    issuing = policy_issuing(settings, database, vocabulary)
    library = issuing.library
    columns = FactColumns(vocabulary, database.dialect)
    store, kept = SqlStore(database, columns), SqlKeptGrades(database)
    warm = WarmAnswers(PolicyPoints(store, library))
    refresh = RefreshGrades(store, kept, library, database.clock)

    desk = list_desk(settings, store, library)

    def ready() -> None:
        require_schema_head(database)
        # Policies that do not fit what was published are no law to answer by.
        library.now()

    _refuse_other_folder(ready)
    limits = PageLimits(default=settings.page_size_default, max=settings.page_size_max)
    peers = peer_keeping(store, issuing, ready)
    trials = policy_trials(store, issuing, ready, peers.keep)
    plan = ServerPlan(
        listen=settings.scoring_listen,
        services=(
            rate_service(store, library, warm=warm, limits=limits),
            supervision_service(store, library),
            insurance_service(store, library, limits),
            grade_service(store, issuing, refresh, warm=warm, limits=limits),
            policy_service(store, issuing, trials, limits),
            peer_table_service(store, issuing),
            list_service(store, desk, limits),
            list_sync_service(settings, database, limits),
            statement_service(store, library, settings),
            risk_service(store, library, limits),
            measure_service(settings, store, limits),
            prevention_service(settings, store, library, limits=limits),
        ),
        readiness=ready,
        clock=database.clock,
        find_subjects=RequestSubjects(FindParties(desk.store)),
    )
    freshness = KeepGradesFresh(refresh, ready, meant_error)
    lease = SqlUpkeepLease(database)
    lists = KeepListsRight(desk, lease, database.clock, ready, meant_error)
    return ScoringServer(
        settings,
        plan,
        database,
        kept,
        warm,
        freshness,
        lists,
        lease,
        issuing,
        trials,
        peers,
        feed_upkeep(settings, database, ready),
    )


def main() -> None:
    """Run the scoring server until the process is told to end."""
    settings = load_settings()
    configure_logging(settings)
    server = build_scoring_server(settings)
    try:
        with (
            server.keeping_peer_tables(),
            server.keeping_grades_fresh(),
            server.keeping_lists_right(),
            server.keeping_feed_fit(),
            server.trying_policies(),
        ):
            serve(settings, server.plan)
    finally:
        server.close()


# Private functions -----------------------------------------------------------


def _refuse_other_folder(ready: Callable[[], None]) -> None:
    """Refuse to start with a folder that contradicts the store; a store not there yet can wait."""
    try:
        ready()
    except PolicyFolderDiffersError:
        raise
    except Exception as error:
        if meant_error(error) is None:
            raise


if __name__ == "__main__":
    main()
