"""Putting the services of the lists together."""

from collections.abc import Callable
from dataclasses import dataclass

from safetycredit.scoring.v1 import (
    list_service_pb2,
    list_sync_service_pb2,
    measure_service_pb2,
)
from services.common.calls import ServedService
from services.common.database import Database
from services.common.identity_cipher import IdentityCipher
from services.common.identity_key import load_identity_key
from services.common.settings import Settings
from services.common.status import meant_error
from services.common.working_days import load_working_days
from services.scoring.commands.background import BackgroundWork
from services.scoring.commands.list_sync.acknowledge_list import AcknowledgeList
from services.scoring.commands.list_sync.approve_list_shrinking import ApproveListShrinking
from services.scoring.commands.list_sync.compact_lists import CompactLists, Retention
from services.scoring.commands.list_sync.confirm_shrink_warning import ConfirmShrinkWarning
from services.scoring.commands.list_sync.end_list_subscription import EndListSubscription
from services.scoring.commands.list_sync.export_list import ExportList
from services.scoring.commands.list_sync.get_list_buckets import GetListBuckets
from services.scoring.commands.list_sync.get_list_digest import GetListDigest
from services.scoring.commands.list_sync.keep_feed_fit import KeepFeedFit
from services.scoring.commands.list_sync.list_changes import ListChanges
from services.scoring.commands.list_sync.list_overdue_removals import ListOverdueRemovals
from services.scoring.commands.list_sync.list_subscribers import ListSubscribers
from services.scoring.commands.list_sync.watch_lists import ListWatch
from services.scoring.commands.lists.get_list_status import GetListStatus
from services.scoring.commands.lists.list_candidates import ListCandidates
from services.scoring.commands.lists.list_desk import ListDesk
from services.scoring.commands.measures.get_measure_statistics import GetMeasureStatistics
from services.scoring.commands.measures.list_measure_reports import ListMeasureReports
from services.scoring.commands.measures.list_measures import ListMeasures
from services.scoring.commands.measures.report_measure import ReportMeasure
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.list_shrinking import ShrinkLimits
from services.scoring.handlers.list_case_reads import ListCaseReadHandlers
from services.scoring.handlers.list_case_service import ListCaseHandlers
from services.scoring.handlers.list_service import ListHandlers
from services.scoring.handlers.list_sync_messages import encode_watched
from services.scoring.handlers.list_sync_service import ListReads, ListSyncHandlers
from services.scoring.handlers.list_watching import WatchHandler
from services.scoring.handlers.measure_service import MeasureHandlers
from services.scoring.handlers.requests import PageLimits
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_lease import FEED, SqlListLease
from services.scoring.store.list_store import SqlListStore
from services.scoring.store.list_sync_policy import load_list_sync_policy
from services.scoring.store.measure_catalogue import load_measures
from services.scoring.store.measure_store import SqlMeasureStore
from services.scoring.store.sql_store import SqlStore


def list_desk(settings: Settings, store: SqlStore, library: PolicyLibrary) -> ListDesk:
    """Prepare the desk at which list cases are led."""
    # Without a key nobody's identity number is shown, not even masked.
    named = settings.id_key is not None or settings.id_key_file is not None
    keyed = named or settings.default_store
    cipher = IdentityCipher(load_identity_key(settings)) if keyed else None
    return ListDesk(
        store=SqlListStore(store.database, store.columns, cipher, _shrink_limits(settings)),
        library=library,
        calendar=load_working_days(settings.policies_dir),
        measures=load_measures(settings.policies_dir),
    )


def list_service(store: SqlStore, desk: ListDesk, limits: PageLimits) -> ServedService:
    """Serve standings, cases and entries of the lists."""
    library = desk.library
    standing = ListHandlers(GetListStatus(store, library), ListCandidates(store, library), limits)
    return ServedService(
        list_service_pb2.DESCRIPTOR.services_by_name["ListService"],
        {
            **standing.by_name(),
            **ListCaseHandlers(desk).by_name(),
            **ListCaseReadHandlers(desk, limits).by_name(),
        },
    )


def list_sync_service(settings: Settings, database: Database, limits: PageLimits) -> ServedService:
    """Serve the lists to other systems."""
    store, policy = SqlFeedStore(database), load_list_sync_policy(settings.policies_dir)
    watch = ListWatch(store, encode=encode_watched, poll_seconds=settings.list_poll_seconds)
    handlers = ListSyncHandlers(
        reads=ListReads(
            export=ExportList(store),
            changes=ListChanges(store),
            digest=GetListDigest(store),
            buckets=GetListBuckets(store),
            subscribers=ListSubscribers(store, policy, database.clock),
            overdue=ListOverdueRemovals(store, policy),
        ),
        watch=WatchHandler(watch),
        acknowledge=AcknowledgeList(store),
        end=EndListSubscription(store),
        approve=ApproveListShrinking(store),
        confirm=ConfirmShrinkWarning(store),
        compact=CompactLists(store, Retention(policy, settings.list_retention_days)),
        limits=limits,
    )
    return ServedService(
        list_sync_service_pb2.DESCRIPTOR.services_by_name["ListSyncService"], handlers.by_name()
    )


@dataclass(frozen=True, slots=True)
class FeedUpkeep:
    """Keeps the feed of the lists fit in the background.

    Attributes:
        work: Does it.
        lease: Lets one replica at a time do it.
    """

    work: BackgroundWork
    lease: SqlListLease

    def close(self) -> None:
        """Close the lease's connection."""
        self.lease.close()


def feed_upkeep(settings: Settings, database: Database, ready: Callable[[], None]) -> FeedUpkeep:
    """Prepare what drops old changes of the lists and tells who lags behind."""
    policy, lease = load_list_sync_policy(settings.policies_dir), SqlListLease(database, FEED)
    retention = Retention(policy, settings.list_retention_days)
    keep = KeepFeedFit(
        SqlFeedStore(database),
        lease,
        database.clock,
        retention if settings.list_compaction else None,
        policy,
    )
    return FeedUpkeep(BackgroundWork("list-feed", keep, ready, meant_error), lease)


def measure_service(settings: Settings, store: SqlStore, limits: PageLimits) -> ServedService:
    """Serve the catalogue of measures, and what was done with them."""
    catalogue = load_measures(settings.policies_dir)
    reports = SqlMeasureStore(store.database, store.columns)
    handlers = MeasureHandlers(
        catalogue=ListMeasures(catalogue),
        report=ReportMeasure(reports, catalogue),
        reports=ListMeasureReports(reports),
        statistics=GetMeasureStatistics(reports),
        limits=limits,
    )
    return ServedService(
        measure_service_pb2.DESCRIPTOR.services_by_name["MeasureService"], handlers.by_name()
    )


# Private functions -----------------------------------------------------------


def _shrink_limits(settings: Settings) -> ShrinkLimits:
    return ShrinkLimits(
        share_percent=settings.list_shrink_percent,
        exempt_below=settings.list_shrink_exempt_below,
    )
