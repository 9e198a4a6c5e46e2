"""Rules of the requests of ListSyncService."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Final, Self

from google.protobuf.message import Message
from pydantic import BeforeValidator, PlainValidator, model_validator

from safetycredit.scoring.v1.list_entry_pb2 import ListKind as WireListKind
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.scoring.commands.list_sync.confirm_shrink_warning import WarningSeen
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.list_digest import BUCKETS, DIGEST_BYTES
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import ListView, Wanted
from services.scoring.domain.list_shrinking import ShrinkApproval
from services.scoring.handlers.list_case_requests import RequiredText, RequiredWords
from services.scoring.handlers.requests import (
    AnyDay,
    Division,
    FieldNumber,
    Instant,
    Name,
    PageSize,
    Rules,
)
from services.scoring.handlers.wire_values import enum_reader, read_name, wrong

HEARTBEAT_SECONDS: Final = 15
"""House decision: the silence of a subscriber that names none."""

HEARTBEAT_SECONDS_MAX: Final = 60
"""House limit: a longer silence could not be told from a dead connection."""

BUCKETS_MAX: Final = 256
"""House limit: buckets of one request; whoever needs more had best load the list again."""

_NUMBER_MAX: Final = 2**63 - 1
_REQUEST_ID_CHARACTERS_MAX: Final = 64

_read_kind: Final = enum_reader(WireListKind.values())
_read_field: Final = enum_reader(WireField.values())


def _kind(number: int) -> ListKind:
    if not _read_kind(number):
        raise wrong("REQUIRED", "give the kind of the list")
    return ListKind(number)


def _required_field(number: int) -> int:
    if not _read_field(number):
        raise wrong("REQUIRED", "give the field of the list")
    return number


def _heartbeat(seconds: int) -> int:
    if not 0 <= seconds <= HEARTBEAT_SECONDS_MAX:
        raise wrong("NUMBER_OUT_OF_RANGE", f"give seconds from 1 to {HEARTBEAT_SECONDS_MAX}")
    return seconds or HEARTBEAT_SECONDS


def _version(number: int) -> int:
    if number < 0:
        raise wrong("NUMBER_TOO_SMALL", "give a version from 0")
    return number


def _after_entries(number: int) -> int:
    if number < 0:
        raise wrong("NUMBER_TOO_SMALL", "give how many entries are there already, at least 0")
    return number


def _warned_version(number: int) -> int:
    if number < 1:
        raise wrong("NUMBER_TOO_SMALL", "give the version of the warning that was looked at")
    return number


def _removals(number: int) -> int:
    if not 0 < number <= _NUMBER_MAX:
        raise wrong("NUMBER_TOO_SMALL", "give how many entries may go, at least 1")
    return number


def _digest(digest: bytes) -> bytes:
    if len(digest) != DIGEST_BYTES:
        raise wrong("DIGEST_MALFORMED", f"give {DIGEST_BYTES} bytes")
    return digest


def _buckets(numbers: Sequence[int]) -> tuple[int, ...]:
    if not 0 < len(numbers) <= BUCKETS_MAX:
        raise wrong("COUNT_OUT_OF_RANGE", f"give 1 to {BUCKETS_MAX} buckets")
    if len(set(numbers)) != len(numbers):
        raise wrong("REPEATED", "give each bucket once")
    if not all(0 <= number < BUCKETS for number in numbers):
        raise wrong("NUMBER_OUT_OF_RANGE", f"give numbers from 0 to {BUCKETS - 1}")
    return tuple(numbers)


def _request_id(text: str) -> str:
    if not text:
        raise wrong("REQUIRED", "give an identifier of your own for this request")
    if len(text) > _REQUEST_ID_CHARACTERS_MAX:
        raise wrong("TEXT_TOO_LONG", f"give at most {_REQUEST_ID_CHARACTERS_MAX} characters")
    return read_name(text)


Kind = Annotated[ListKind, PlainValidator(_kind)]
RequiredField = Annotated[int, PlainValidator(_required_field)]
RequestId = Annotated[str, PlainValidator(_request_id)]


class WantedRules(Rules):
    """Which lists are asked for."""

    kind: Kind
    field: FieldNumber = 0
    division: Division = ""
    token: str = ""

    @property
    def wanted(self) -> Wanted:
        """Give the lists."""
        return Wanted(self.kind, self.field, self.division)


class DigestRules(WantedRules):
    """Rules of GetListDigestRequest."""

    with_buckets: bool = False


class CursorRules(WantedRules):
    """Where to go on."""

    cursor: str = ""
    from_start: bool = False

    @model_validator(mode="after")
    def _one_beginning(self) -> Self:
        if self.cursor and self.from_start:
            raise wrong("CONTRADICTION", "give a cursor or from_start", within="from_start")
        if not (self.cursor or self.from_start):
            raise wrong("REQUIRED", "give a cursor, or from_start", within="cursor")
        return self


class ChangesRules(CursorRules):
    """Rules of ListChangesRequest."""

    page_size: PageSize


class WatchRules(CursorRules):
    """Rules of WatchListRequest."""

    heartbeat_seconds: Annotated[int, PlainValidator(_heartbeat)]


class BucketsRules(Rules):
    """Rules of GetListBucketsRequest."""

    kind: Kind
    field: RequiredField
    division: Division = ""
    version: Annotated[int, PlainValidator(_version)] = 0
    buckets: Annotated[tuple[int, ...], BeforeValidator(_buckets)] = ()
    after_entries: Annotated[int | None, PlainValidator(_after_entries)] = None

    @property
    def view(self) -> ListView:
        """Give the view."""
        return ListView(ListKey(self.kind, self.field), self.division)


class HeldRules(Rules):
    """Which view of a list a write is about."""

    request_id: RequestId
    kind: Kind
    field: RequiredField
    division: Division = ""

    @property
    def view(self) -> ListView:
        """Give the view."""
        return ListView(ListKey(self.kind, self.field), self.division)


class AcknowledgeRules(HeldRules):
    """Rules of AcknowledgeListRequest."""

    version: Annotated[int, PlainValidator(_version)]
    digest: Annotated[bytes, PlainValidator(_digest)]


class EndRules(HeldRules):
    """Rules of EndListSubscriptionRequest."""

    subscriber: Name = ""


class SubscribersRules(Rules):
    """Rules of ListSubscribersRequest."""

    kind: Kind
    field: FieldNumber = 0
    known_at: Instant = None
    page_size: PageSize
    page_token: str = ""
    token: str = ""

    @property
    def wanted(self) -> Wanted:
        """Give the lists."""
        return Wanted(self.kind, self.field)


class OverdueRules(SubscribersRules):
    """Rules of ListOverdueRemovalsRequest."""

    as_of: AnyDay = None


class ApproveRules(Rules):
    """Rules of ApproveListShrinkingRequest."""

    request_id: RequestId
    kind: Kind
    field: RequiredField
    removals_max: Annotated[int, PlainValidator(_removals)]
    document_number: RequiredWords

    @property
    def approval(self) -> ShrinkApproval:
        """Give what is approved."""
        return ShrinkApproval(removals_max=self.removals_max, document_number=self.document_number)


class ConfirmRules(Rules):
    """Rules of ConfirmShrinkWarningRequest."""

    request_id: RequestId
    kind: Kind
    field: RequiredField
    version: Annotated[int, PlainValidator(_warned_version)]
    finding: RequiredText

    @property
    def seen(self) -> WarningSeen:
        """Give what was looked at."""
        return WarningSeen(ListKey(self.kind, self.field), self.version, self.finding)


class CompactRules(Rules):
    """Rules of CompactListsRequest."""

    request_id: RequestId


def page_of_subscribers(
    request: Message, rules: SubscribersRules, *, method: str, as_of: date | None = None
) -> PageRequest:
    """Give the page that a request wants; a default day belongs to the filter.

    Args:
        request: The request.
        rules: The request as values.
        method: Full name of the RPC.
        as_of: Day asked for; none where there is none.
    """
    rest: Any = type(request)()
    rest.CopyFrom(request)
    for name in ("page_size", "page_token", "token"):
        rest.ClearField(name)
    day = as_of.isoformat().encode() if as_of else b""
    return PageRequest(
        method=method,
        filter_bytes=rest.SerializeToString(deterministic=True) + day,
        size=rules.page_size,
        token=rules.page_token,
    )
