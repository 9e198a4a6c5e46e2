"""The lists' feed without a wire: the service's own commands and messages, called directly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cli.mirror.feed import FeedRefusedError, Mirrored
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from services.common.database import Database
from services.common.errors import SafetyCreditError
from services.common.settings import Settings
from services.scoring.commands.list_sync.export_list import ExportList
from services.scoring.commands.list_sync.get_list_buckets import GetListBuckets
from services.scoring.commands.list_sync.get_list_digest import GetListDigest
from services.scoring.commands.list_sync.list_changes import ListChanges
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import ListView, Wanted
from services.scoring.handlers.list_sync_messages import (
    buckets_response,
    changes_response,
    export_messages,
    state_message,
)
from services.scoring.handlers.list_sync_requests import ChangesRules
from services.scoring.handlers.requests import PageLimits
from services.scoring.store.list_feed_store import SqlFeedStore

MESSAGE_BYTES_MAX: Final[int] = Settings.model_fields["message_bytes_max"].default


@dataclass
class DirectFeed:
    """Implements the mirror's `Feed` over a store, with the wire's rules and its limit.

    Attributes:
        store: The lists.
        mirrored: Which lists.
        page_size: Changes of a page.
        acknowledged: What was acknowledged.
        watched: What `watch` is to give before it ends, each a cursor's answer.
        calls: Names of the calls made.
    """

    store: SqlFeedStore
    mirrored: Mirrored
    page_size: int = 1000
    acknowledged: list[pb.ListState] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, database: Database, mirrored: Mirrored, **given: Any) -> "DirectFeed":  # noqa: ANN401 -- any attribute.
        """Give the feed of a store."""
        return cls(SqlFeedStore(database), mirrored, **given)

    @property
    def wanted(self) -> Wanted:
        """Give the lists that are mirrored."""
        one = self.mirrored
        return Wanted(ListKind(one.kind), int(one.field), one.division)

    def export(self) -> Iterator[pb.ExportListResponse]:
        """Give every entry of the lists."""
        self.calls.append("export")
        export = ExportList(self.store)
        opened = export.open(self.wanted, "")
        for state in opened.states:
            yield pb.ExportListResponse(begin=state_message(state))
            after, more = None, True
            while more:
                page = export.page(state, after)
                after, more = page.after, page.after is not None
                for body in export_messages(page.chunks):
                    yield pb.ExportListResponse.FromString(body)
            yield pb.ExportListResponse(end=state_message(state))
        yield pb.ExportListResponse(cursor=opened.cursor)

    def changes(self, cursor: str) -> pb.ListChangesResponse:
        """Give the changes after a cursor."""
        self.calls.append("changes")
        one = self.mirrored
        request = pb.ListChangesRequest(
            kind=one.kind, field=one.field, division=one.division, cursor=cursor
        )
        try:
            rules = ChangesRules.read(request, PageLimits(self.page_size, self.page_size))
            page = ListChanges(self.store)(rules.wanted, rules.cursor, size=rules.page_size)
        except SafetyCreditError as error:
            retry = error.facts.get("retry_after_seconds")
            raise FeedRefusedError(
                error.reason, error.message, float(retry) if retry else None
            ) from error
        body = changes_response(page)
        if len(body) > MESSAGE_BYTES_MAX:
            raise FeedRefusedError("RESOURCE_EXHAUSTED", "sent message larger than max")
        return pb.ListChangesResponse.FromString(body)

    def watch(self, cursor: str) -> Iterator[pb.WatchListResponse]:
        """Give what there is after a cursor, and end."""
        self.calls.append("watch")
        page = self.changes(cursor)
        for delta in page.deltas:
            if delta.state.version > delta.base_version:
                yield pb.WatchListResponse(delta=delta, cursor=page.cursor)

    def digest(self) -> pb.GetListDigestResponse:
        """Give where the lists stand, with the digests of their buckets."""
        self.calls.append("digest")
        found = GetListDigest(self.store)(self.wanted, with_buckets=True)
        return pb.GetListDigestResponse(
            digests=[
                pb.ListDigest(state=state_message(state), bucket_digests=buckets)
                for state, buckets in zip(found.states, found.buckets, strict=True)
            ],
            cursor=found.cursor,
            division_unknown=not found.division_known,
        )

    def buckets(
        self, state: pb.ListState, buckets: Sequence[int], *, after_entries: int = 0
    ) -> pb.GetListBucketsResponse:
        """Give entries of buckets at a state."""
        self.calls.append("buckets")
        view = ListView(ListKey(ListKind(state.kind), state.field), self.mirrored.division)
        found = GetListBuckets(self.store)(view, buckets, version=state.version)
        return pb.GetListBucketsResponse.FromString(buckets_response(found, after=after_entries))

    def acknowledge(self, state: pb.ListState) -> None:
        """Remember what is held."""
        self.acknowledged.append(state)
