"""A server of the lists' feed alone, and a client of it: what several tests start, quickly."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc

from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from services.common.calls import ServedService
from services.common.database import Database
from services.common.identity import EVERYTHING, Caller, caller_metadata
from services.common.server import ServerPlan, running
from services.common.settings import Settings, load_settings
from services.scoring.commands.list_sync.acknowledge_list import AcknowledgeList
from services.scoring.commands.list_sync.approve_list_shrinking import ApproveListShrinking
from services.scoring.commands.list_sync.compact_lists import CompactLists, Retention
from services.scoring.commands.list_sync.confirm_shrink_warning import ConfirmShrinkWarning
from services.scoring.commands.list_sync.end_list_subscription import EndListSubscription
from services.scoring.commands.list_sync.export_list import ExportList
from services.scoring.commands.list_sync.get_list_buckets import GetListBuckets
from services.scoring.commands.list_sync.get_list_digest import GetListDigest
from services.scoring.commands.list_sync.list_changes import ListChanges
from services.scoring.commands.list_sync.list_overdue_removals import ListOverdueRemovals
from services.scoring.commands.list_sync.list_subscribers import ListSubscribers
from services.scoring.commands.list_sync.watch_lists import LOOK_SECONDS, ListWatch
from services.scoring.domain.list_entry import ListChange, ListKey
from services.scoring.domain.list_shrinking import ShrinkLimits
from services.scoring.handlers.list_sync_messages import encode_watched
from services.scoring.handlers.list_sync_service import ListReads, ListSyncHandlers
from services.scoring.handlers.list_watching import WatchHandler
from services.scoring.handlers.requests import PageLimits
from services.scoring.store.list_feed_store import SqlFeedStore
from services.scoring.store.list_feed_writer import SqlListFeedWriter
from services.scoring.store.list_sync_policy import load_list_sync_policy
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_policies import POLICIES

BLACK = ListKind.LIST_KIND_BLACKLIST
WORK_SAFETY: Any = 1

PUBLISHER = Caller(identity="publisher", roles=frozenset({"regulator"}))
OPEN = ShrinkLimits(share_percent=100)
"""No limit: for tests that are not about shrinking."""


def caller(identity: str = "test", *roles: str) -> Caller:
    """Make a caller, by default a regulator with every field."""
    return Caller(
        identity=identity,
        roles=frozenset(roles or ("regulator",)),
        fields=frozenset({EVERYTHING}),
    )


def publish(
    database: Database,
    changes: Sequence[ListChange],
    *,
    by: Caller = PUBLISHER,
    limits: ShrinkLimits = OPEN,
    approval: str = "",
    by_procedure: bool = False,
) -> dict[ListKey, int]:
    """Publish in a transaction of its own, by default from outside the lists' procedure."""
    with database.write(caller=by, method="test") as write:
        writer = SqlListFeedWriter(
            write.connection, write, limits=limits, by_procedure=by_procedure
        )
        versions = writer.publish(changes, approval=approval)
        write.commit()
    return dict(versions)


def list_sync_plan(
    database: Database,
    settings: Settings,
    store: SqlFeedStore | None = None,
    *,
    look_seconds: float = LOOK_SECONDS,
) -> ServerPlan:
    """Plan a server of the lists' feed alone, by default over a store of its own."""
    store, policy = store or SqlFeedStore(database), load_list_sync_policy(POLICIES)
    watch = ListWatch(
        store,
        encode=encode_watched,
        poll_seconds=settings.list_poll_seconds,
        look_seconds=look_seconds,
    )
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
        limits=PageLimits(default=100, max=1000),
    )
    service = pb.DESCRIPTOR.services_by_name["ListSyncService"]
    return ServerPlan(
        listen="127.0.0.1:0",
        services=(ServedService(service, handlers.by_name()),),
        clock=database.clock,
    )


@dataclass(frozen=True)
class ListSyncClient:
    """Calls the lists' feed; refusals come as `RefusedError`."""

    stub: Any

    async def call(self, method: str, *, by: Caller | None = None, **fields: Any) -> Any:  # noqa: ANN401 -- any response.
        """Call a method that answers once."""
        request = getattr(pb, f"{method}Request")(**fields)
        try:
            return await getattr(self.stub, method)(
                request, metadata=caller_metadata(by or caller()), timeout=20
            )
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error

    async def stream(
        self,
        method: str,
        *,
        by: Caller | None = None,
        **fields: Any,  # noqa: ANN401 -- any request.
    ) -> AsyncGenerator[Any, None]:
        """Call a method that answers with a stream."""
        request = getattr(pb, f"{method}Request")(**fields)
        call = getattr(self.stub, method)(
            request, metadata=caller_metadata(by or caller()), timeout=20
        )
        try:
            async for message in call:
                yield message
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error
        finally:
            call.cancel()

    async def export(self, **fields: Any) -> list[Any]:  # noqa: ANN401 -- any request.
        """Give the messages of an export of the blacklists."""
        return [one async for one in self.stream("ExportList", **{"kind": BLACK, **fields})]


@asynccontextmanager
async def list_sync_port(database: Database, **given: str) -> AsyncIterator[int]:
    """Serve the lists of a store on loopback, and give the port."""
    settings = load_settings(
        {"SAFETYCREDIT_LIST_POLL_SECONDS": "0.01", "SAFETYCREDIT_LOG_LEVEL": "error", **given}
    )
    async with running(settings, list_sync_plan(database, settings)) as server:
        yield server.port


@asynccontextmanager
async def list_sync_client(database: Database) -> AsyncIterator[ListSyncClient]:
    """Serve the lists of a store on loopback, and call them."""
    async with (
        list_sync_port(database) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield ListSyncClient(ListSyncServiceStub(channel))


async def cursor_of(lists: ListSyncClient, **fields: Any) -> str:  # noqa: ANN401 -- any request.
    """Give the cursor at the end of an export."""
    cursor: str = (await lists.export(**fields))[-1].cursor
    return cursor


def ids(messages: list[Any]) -> list[str]:
    """Give the identifiers of the entries in messages of an export."""
    return [one.entry_id for message in messages for one in message.entries]


def changed(delta: Any) -> list[tuple[int, str, str]]:  # noqa: ANN401 -- a delta.
    """Give version, kind and identifier of each change."""
    return [
        (
            change.version,
            change.WhichOneof("change"),
            getattr(change, change.WhichOneof("change")).entry_id,
        )
        for change in delta.changes
    ]
