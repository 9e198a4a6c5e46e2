"""ListSyncService: exports, changes and digests of the lists, and who holds what."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Final

from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.clock import today
from services.common.identity import Role
from services.common.write_calls import response_of, write_call
from services.scoring.commands.list_sync.acknowledge_list import AcknowledgeList
from services.scoring.commands.list_sync.approve_list_shrinking import ApproveListShrinking
from services.scoring.commands.list_sync.compact_lists import CompactLists
from services.scoring.commands.list_sync.confirm_shrink_warning import ConfirmShrinkWarning
from services.scoring.commands.list_sync.end_list_subscription import EndListSubscription
from services.scoring.commands.list_sync.export_list import ExportList
from services.scoring.commands.list_sync.get_list_buckets import GetListBuckets
from services.scoring.commands.list_sync.get_list_digest import GetListDigest
from services.scoring.commands.list_sync.list_changes import ListChanges
from services.scoring.commands.list_sync.list_feed_ports import ExportPlace
from services.scoring.commands.list_sync.list_overdue_removals import (
    ListOverdueRemovals,
    OverdueQuestion,
)
from services.scoring.commands.list_sync.list_subscribers import ListSubscribers
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import ListState
from services.scoring.handlers.list_sync_messages import (
    acknowledged_message,
    approved_message,
    buckets_response,
    changes_response,
    compacted_message,
    confirmed_message,
    digest_message,
    ended_message,
    export_messages,
    overdue_message,
    state_message,
    subscribers_response,
)
from services.scoring.handlers.list_sync_requests import (
    AcknowledgeRules,
    ApproveRules,
    BucketsRules,
    ChangesRules,
    CompactRules,
    ConfirmRules,
    DigestRules,
    EndRules,
    OverdueRules,
    SubscribersRules,
    WantedRules,
    page_of_subscribers,
)
from services.scoring.handlers.list_watching import WatchHandler
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.requests import PageLimits

_FIELD_PREFIX: Final = "FIELD_"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReads:
    """Commands that read published lists.

    Attributes:
        export: Exports them.
        changes: Gives pages of changes.
        digest: Gives digests.
        buckets: Gives buckets.
        subscribers: Lists who holds what.
        overdue: Lists what is held too long.
    """

    export: ExportList
    changes: ListChanges
    digest: GetListDigest
    buckets: GetListBuckets
    subscribers: ListSubscribers
    overdue: ListOverdueRemovals


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSyncHandlers:
    """Answers the calls of ListSyncService.

    Attributes:
        reads: Commands that read.
        watch: Answers WatchList.
        acknowledge: Keeps what subscribers hold.
        end: Ends what they hold no more.
        approve: Keeps approvals of shrinking.
        confirm: Keeps who looked at what the law removed.
        compact: Compacts the lists.
        limits: How many rows a page holds.
    """

    reads: ListReads
    watch: WatchHandler
    acknowledge: AcknowledgeList
    end: EndListSubscription
    approve: ApproveListShrinking
    confirm: ConfirmShrinkWarning
    compact: CompactLists
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "ExportList": self.export_list,
            "ListChanges": self.list_changes,
            "WatchList": self.watch.watch_list,
            "GetListDigest": self.get_list_digest,
            "GetListBuckets": self.get_list_buckets,
            "ListSubscribers": self.list_subscribers,
            "ListOverdueRemovals": self.list_overdue_removals,
            "AcknowledgeList": self.acknowledge_list,
            "EndListSubscription": self.end_list_subscription,
            "ApproveListShrinking": self.approve_list_shrinking,
            "ConfirmShrinkWarning": self.confirm_shrink_warning,
            "CompactLists": self.compact_lists,
        }

    async def export_list(
        self, request: pb.ExportListRequest, context: CallContext
    ) -> AsyncIterator[Response]:
        """Send every entry of the lists."""
        rules = WantedRules.read(request)
        opened = await context.run_command(self.reads.export.open, rules.wanted, rules.token)
        first = pb.ExportListResponse(
            point=point_message(opened.point), division_unknown=not opened.division_known
        )
        for state in opened.states:
            first.begin.CopyFrom(state_message(state))
            yield first
            first = pb.ExportListResponse()
            async for part in self._entries(state, context):
                yield part
            end = pb.ExportListResponse(end=state_message(state))
            if state is opened.states[-1]:
                end.cursor = opened.cursor
            yield end

    async def list_changes(self, request: pb.ListChangesRequest, context: CallContext) -> Response:
        """Give a page of changes."""
        rules = ChangesRules.read(request, self.limits)
        page = await context.run_command(
            self.reads.changes,
            rules.wanted,
            rules.cursor,
            size=rules.page_size,
            token=rules.token,
        )
        return changes_response(page)

    async def get_list_digest(
        self, request: pb.GetListDigestRequest, context: CallContext
    ) -> pb.GetListDigestResponse:
        """Say where lists stand."""
        rules = DigestRules.read(request)
        named = context.caller.has_role(Role.AUDITOR, Role.OPERATOR, Role.REGULATOR)
        found = await context.run_command(
            self.reads.digest, rules.wanted, with_buckets=rules.with_buckets, token=rules.token
        )
        return pb.GetListDigestResponse(
            digests=[
                digest_message(*parts, named=named)
                for parts in zip(found.states, found.buckets, found.removed_by_law, strict=True)
            ],
            point=point_message(found.point),
            cursor=found.cursor,
            division_unknown=not found.division_known,
        )

    async def get_list_buckets(
        self, request: pb.GetListBucketsRequest, context: CallContext
    ) -> Response:
        """Give buckets of a list."""
        rules = BucketsRules.read(request)
        found = await context.run_command(
            self.reads.buckets, rules.view, rules.buckets, version=rules.version or None
        )
        return buckets_response(found, after=rules.after_entries)

    async def list_subscribers(
        self, request: pb.ListSubscribersRequest, context: CallContext
    ) -> pb.ListSubscribersResponse:
        """List who holds what."""
        rules = SubscribersRules.read(request, self.limits)
        page = await context.run_command(
            self.reads.subscribers,
            rules.wanted,
            page_of_subscribers(request, rules, method=context.method),
            known_at=rules.known_at,
            token=rules.token,
        )
        return subscribers_response(page)

    async def list_overdue_removals(
        self, request: pb.ListOverdueRemovalsRequest, context: CallContext
    ) -> pb.ListOverdueRemovalsResponse:
        """List what is held too long."""
        rules = OverdueRules.read(request, self.limits)
        as_of = rules.as_of or today(context.clock)
        question = OverdueQuestion(
            wanted=rules.wanted, as_of=as_of, known_at=rules.known_at, token=rules.token
        )
        page = await context.run_command(
            self.reads.overdue,
            context.caller,
            question,
            page=page_of_subscribers(request, rules, method=context.method, as_of=as_of),
        )
        return pb.ListOverdueRemovalsResponse(
            removals=[overdue_message(one) for one in page.removals],
            period_working_days=page.working_days,
            next_page_token=page.next_token,
            point=point_message(page.point),
        )

    async def acknowledge_list(
        self, request: pb.AcknowledgeListRequest, context: CallContext
    ) -> Response:
        """Keep what a subscriber holds."""
        rules = AcknowledgeRules.read(request)
        call = write_call(request, context, acknowledged_message)
        answer = await context.run_command(
            self.acknowledge, call, rules.view, version=rules.version, digest=rules.digest
        )
        return response_of(answer, pb.AcknowledgeListResponse)

    async def end_list_subscription(
        self, request: pb.EndListSubscriptionRequest, context: CallContext
    ) -> Response:
        """End a subscription."""
        rules = EndRules.read(request)
        call = write_call(request, context, ended_message)
        answer = await context.run_command(self.end, call, rules.view, subscriber=rules.subscriber)
        return response_of(answer, pb.EndListSubscriptionResponse)

    async def approve_list_shrinking(
        self, request: pb.ApproveListShrinkingRequest, context: CallContext
    ) -> Response:
        """Keep an approval."""
        rules = ApproveRules.read(request)
        answer = await context.run_command(
            self.approve,
            write_call(request, context, approved_message),
            ListKey(rules.kind, rules.field),
            rules.approval,
            field_code=_field_code(rules.field),
        )
        return response_of(answer, pb.ApproveListShrinkingResponse)

    async def confirm_shrink_warning(
        self, request: pb.ConfirmShrinkWarningRequest, context: CallContext
    ) -> Response:
        """Keep that a warning was looked at."""
        rules = ConfirmRules.read(request)
        answer = await context.run_command(
            self.confirm,
            write_call(request, context, confirmed_message),
            rules.seen,
            field_code=_field_code(rules.field),
        )
        return response_of(answer, pb.ConfirmShrinkWarningResponse)

    async def compact_lists(
        self, request: pb.CompactListsRequest, context: CallContext
    ) -> Response:
        """Compact the lists."""
        CompactRules.read(request)
        answer = await context.run_command(
            self.compact, write_call(request, context, compacted_message)
        )
        return response_of(answer, pb.CompactListsResponse)

    # Private methods -------------------------------------------------------------

    async def _entries(self, state: ListState, context: CallContext) -> AsyncIterator[bytes]:
        """Give the messages with a list's entries; the next are read while these are sent."""

        def read(after: ExportPlace | None) -> "asyncio.Task[_Read]":
            task = asyncio.create_task(context.run_command(self._read, state, after))
            # A stream that is left has nobody to tell what its last read met with.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            return task

        reading = read(None) if state.entry_count else None
        try:
            while reading is not None:
                messages, after = await reading
                reading = None if after is None else read(after)
                for message in messages:
                    yield message
        finally:
            if reading is not None:
                reading.cancel()

    def _read(self, state: ListState, after: ExportPlace | None) -> "_Read":
        page = self.reads.export.page(state, after)
        return export_messages(page.chunks), page.after


# Private functions -----------------------------------------------------------

_Read = tuple[Iterator[bytes], ExportPlace | None]


def _field_code(number: int) -> str:
    """Give the code of a field, as callers are allowed it, for example ``work_safety``."""
    return WireField.Name(number).removeprefix(_FIELD_PREFIX).lower()
