"""Published lists as messages.

Entries are kept as they are sent, so an export joins bytes instead of writing every entry anew.
What a repeated field of messages is on the wire is said once, in `_framed`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final, cast

from safetycredit.scoring.v1 import list_entry_pb2
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.scoring.commands.list_sync.acknowledge_list import Acknowledged
from services.scoring.commands.list_sync.approve_list_shrinking import ShrinkingApproved
from services.scoring.commands.list_sync.compact_lists import ListsCompacted
from services.scoring.commands.list_sync.confirm_shrink_warning import WarningConfirmed
from services.scoring.commands.list_sync.end_list_subscription import SubscriptionEnded
from services.scoring.commands.list_sync.get_list_buckets import ListBuckets
from services.scoring.commands.list_sync.list_changes import ChangesPage
from services.scoring.commands.list_sync.list_subscribers import SubscriberPage
from services.scoring.domain.identifiers import name_of
from services.scoring.domain.list_encoding import ENTRIES_FIELD, framed
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import (
    FeedChange,
    ListDelta,
    ListLag,
    ListState,
    OverdueRemoval,
    RemovedByLaw,
    ShrinkConfirmation,
    ShrinkWarning,
    Subscription,
    lag_seconds,
)
from services.scoring.domain.list_shrinking import APPROVAL
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.wire_values import write_day, write_instant

MESSAGE_BYTES: Final = 64 * 2**10
"""House decision: an export fills its messages up to so many bytes; a larger bucket is one."""

BUCKET_BYTES_MAX: Final = 2 * 2**20
"""House limit: an answer with buckets is full at so many bytes."""


def state_message(state: ListState) -> pb.ListState:
    """Write where a view stands."""
    return pb.ListState(
        kind=_kind(state.view.key),
        field=_field(state.view.key),
        version=state.version,
        entry_count=state.entry_count,
        digest=state.digest,
    )


def export_messages(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Write framed entries as messages of an export."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size >= MESSAGE_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def encode_delta(delta: ListDelta) -> bytes:
    """Write changes as the bytes of a ListDelta."""
    message = pb.ListDelta(
        state=state_message(delta.state),
        base_version=delta.base_version,
        head_version=delta.head_version,
    )
    changes = (part for change in delta.changes for part in _framed(_CHANGES, _change(change)))
    return message.SerializeToString(deterministic=True) + b"".join(changes)


def encode_watched(delta: ListDelta) -> bytes:
    """Write changes as the bytes of a WatchListResponse, but for what differs by watcher."""
    return b"".join(_framed(_DELTA, encode_delta(delta)))


def changes_response(page: ChangesPage) -> bytes:
    """Write a page of changes."""
    deltas = (part for delta in page.deltas for part in _framed(_DELTAS, encode_delta(delta)))
    rest = pb.ListChangesResponse(
        cursor=page.cursor, more=page.more, point=point_message(page.point)
    )
    return b"".join((*deltas, rest.SerializeToString()))


def watch_tail(cursor: str, now: datetime) -> bytes:
    """Write what every watcher's message has of its own."""
    return pb.WatchListResponse(cursor=cursor, send_time=write_instant(now)).SerializeToString()


def heartbeat(states: Iterable[ListState], cursor: str, now: datetime) -> pb.WatchListResponse:
    """Write a heartbeat."""
    return pb.WatchListResponse(
        states=[state_message(state) for state in states],
        cursor=cursor,
        send_time=write_instant(now),
    )


def buckets_response(found: ListBuckets, *, after: int | None = None) -> bytes:
    """Write buckets, as many as a message can hold, and at least one.

    Args:
        found: The buckets.
        after: Entries of the first one that are left out; nothing where none may be sent in part.
    """
    parts = [
        pb.GetListBucketsResponse(state=state_message(found.state)).SerializeToString(),
    ]
    size = 0
    for number, bodies in found.buckets.items():
        frames = [framed(body) for body in bodies[0 if size else after or 0 :]]
        if size and size + sum(map(len, frames)) > BUCKET_BYTES_MAX:
            break
        held = len(frames) if after is None else _fitting(frames)
        entries, more = b"".join(frames[:held]), held < len(frames)
        size += len(entries) + 1
        bucket = pb.ListBucket(bucket=number, more=more).SerializeToString()
        parts += _framed(_BUCKETS, bucket + entries)
        if more:
            break
    return b"".join(parts)


def acknowledged_message(done: Acknowledged) -> pb.AcknowledgeListResponse:
    """Write what became of an acknowledgement."""
    return pb.AcknowledgeListResponse(
        head_version=done.head_version, point=point_message(done.point), repeated=done.repeated
    )


def ended_message(done: SubscriptionEnded) -> pb.EndListSubscriptionResponse:
    """Write what became of a subscription."""
    return pb.EndListSubscriptionResponse(
        held_version=done.held_version, point=point_message(done.point)
    )


def approved_message(done: ShrinkingApproved) -> pb.ApproveListShrinkingResponse:
    """Write what became of an approval."""
    return pb.ApproveListShrinkingResponse(
        approval_id=name_of(APPROVAL, done.approval_id), point=point_message(done.point)
    )


def confirmed_message(done: WarningConfirmed) -> pb.ConfirmShrinkWarningResponse:
    """Write what became of a confirmation."""
    return pb.ConfirmShrinkWarningResponse(
        confirmation=_confirmation(done.confirmation), point=point_message(done.point)
    )


def compacted_message(done: ListsCompacted) -> pb.CompactListsResponse:
    """Write what was dropped."""
    return pb.CompactListsResponse(
        lists=[
            pb.ListCompaction(
                kind=_kind(one.key),
                field=_field(one.key),
                floor_version=one.floor_version,
                dropped_changes=one.dropped_changes,
            )
            for one in done.lists
        ],
        point=point_message(done.point),
    )


def digest_message(
    state: ListState, buckets: bytes, removed_by_law: RemovedByLaw, *, named: bool
) -> pb.ListDigest:
    """Write where a list stands, and what the law itself took off it.

    Args:
        state: Where it stands.
        buckets: Digests of its buckets; empty for none.
        removed_by_law: What the law took off it.
        named: Whether to say who looked at that, and what they found.
    """
    message = pb.ListDigest(
        state=state_message(state),
        bucket_digests=buckets,
        removals_by_law=removed_by_law.count,
    )
    if removed_by_law.warning is not None:
        message.shrink_warning.CopyFrom(_warning(removed_by_law.warning, named=named))
    return message


def subscribers_response(page: SubscriberPage) -> pb.ListSubscribersResponse:
    """Write a page of subscriptions, each with how far it lags behind."""
    subscriptions = [subscription_message(one) for one in page.subscriptions]
    for message, one in zip(subscriptions, page.subscriptions, strict=True):
        message.lag_seconds = lag_seconds(one.behind_since, page.now)
        message.lag_beyond_limit = _beyond(message.lag_seconds, page)
    return pb.ListSubscribersResponse(
        subscriptions=subscriptions,
        next_page_token=page.next_token,
        point=point_message(page.point),
        lags=[_lag(one, page) for one in page.lags],
        lag_limit_seconds=int(page.lag_limit.total_seconds()) if page.lag_limit else 0,
    )


def subscription_message(subscription: Subscription) -> pb.ListSubscription:
    """Write what a subscriber holds."""
    view = subscription.view
    since = subscription.behind_since
    return pb.ListSubscription(
        versions_behind=subscription.versions_behind,
        behind_since_time=None if since is None else write_instant(since),
        subscriber=subscription.subscriber,
        kind=_kind(view.key),
        field=_field(view.key),
        division=view.division,
        held_version=subscription.held_version,
        head_version=subscription.head_version,
        acknowledge_time=write_instant(subscription.acknowledge_time),
    )


def overdue_message(overdue: OverdueRemoval) -> pb.OverdueRemoval:
    """Write a removal that a subscriber has not applied."""
    removal = overdue.removal
    message = pb.OverdueRemoval(
        subscription=subscription_message(overdue.subscription),
        removal_version=removal.version,
        publish_time=write_instant(removal.publish_time),
        due_date=write_day(overdue.due_date),
        due_date_provisional=overdue.provisional,
    )
    if removal.body is not None:
        message.removal.ParseFromString(removal.body)
    return message


# Private functions -----------------------------------------------------------


def _fitting(frames: Sequence[bytes]) -> int:
    """Say how many frames go into an answer, at least one if there is any."""
    sizes = accumulate(map(len, frames))
    return max(sum(size <= BUCKET_BYTES_MAX for size in sizes), min(len(frames), 1))


def _warning(warning: ShrinkWarning, *, named: bool) -> pb.ListShrinkWarning:
    looked = warning.confirmations
    return pb.ListShrinkWarning(
        version=warning.version,
        removals_in_window=warning.removals_in_window,
        entry_count=warning.entry_count,
        publish_time=write_instant(warning.publish_time),
        confirm_time=write_instant(looked[0].confirm_time) if looked else None,
        confirmations=[_confirmation(one) for one in looked] if named else (),
    )


def _confirmation(confirmation: ShrinkConfirmation) -> pb.ShrinkConfirmation:
    return pb.ShrinkConfirmation(
        confirmer=confirmation.confirmer,
        authority=confirmation.authority,
        finding=confirmation.finding,
        confirm_time=write_instant(confirmation.confirm_time),
    )


def _lag(lag: ListLag, page: SubscriberPage) -> pb.ListLag:
    seconds = lag_seconds(lag.behind_since, page.now)
    return pb.ListLag(
        kind=_kind(lag.key),
        field=_field(lag.key),
        subscription_count=lag.subscription_count,
        behind_count=lag.behind_count,
        versions_behind_max=lag.versions_behind_max,
        lag_seconds_max=seconds,
        lag_beyond_limit=_beyond(seconds, page),
    )


def _beyond(seconds: int, page: SubscriberPage) -> bool:
    return page.lag_limit is not None and seconds > page.lag_limit.total_seconds()


_MESSAGE: Final = 2
_CONTINUED: Final = 0x80
_LOW_BITS: Final = 0x7F


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > _LOW_BITS:
        written.append(number & _LOW_BITS | _CONTINUED)
        number >>= 7
    written.append(number)
    return bytes(written)


def _tag(field: int) -> bytes:
    return _varint(field << 3 | _MESSAGE)


def _head(tag: bytes, body: bytes) -> bytes:
    return tag + _varint(len(body))


def _framed(tag: bytes, body: bytes) -> tuple[bytes, bytes]:
    """Write a message as a field of another: its tag and length, then itself."""
    return _head(tag, body), body


assert pb.ExportListResponse.ENTRIES_FIELD_NUMBER == ENTRIES_FIELD
assert pb.ListBucket.ENTRIES_FIELD_NUMBER == ENTRIES_FIELD
_CHANGES: Final = _tag(pb.ListDelta.CHANGES_FIELD_NUMBER)
_DELTAS: Final = _tag(pb.ListChangesResponse.DELTAS_FIELD_NUMBER)
_DELTA: Final = _tag(pb.WatchListResponse.DELTA_FIELD_NUMBER)
_BUCKETS: Final = _tag(pb.GetListBucketsResponse.BUCKETS_FIELD_NUMBER)
_ENTRY: Final = _tag(pb.ListChange.ENTRY_FIELD_NUMBER)
_REMOVAL: Final = _tag(pb.ListChange.REMOVAL_FIELD_NUMBER)
_VERSION: Final = bytes([pb.ListChange.VERSION_FIELD_NUMBER << 3])


def _change(change: FeedChange) -> bytes:
    tag = _REMOVAL if change.removed else _ENTRY
    return b"".join((_VERSION, _varint(change.version), *_framed(tag, change.body)))


def _kind(key: ListKey) -> list_entry_pb2.ListKind:
    return cast("list_entry_pb2.ListKind", int(key.kind))


def _field(key: ListKey) -> WireField:
    return cast("WireField", key.field)
