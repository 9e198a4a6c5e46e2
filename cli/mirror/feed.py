"""The service's side of a mirror: exports, changes, digests, receipts."""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast
from uuid import uuid4

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from cli.client.connection import Client
from cli.display.wording import code
from cli.errors import CliError
from safetycredit.scoring.v1 import list_sync_service_pb2 as pb
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from safetycredit.scoring.v1.list_sync_service_pb2_grpc import ListSyncServiceStub
from safetycredit.type.v1.field_pb2 import Field

HEARTBEAT_SECONDS: Final = 15
"""Longest silence that is asked of the service."""

SILENCE_SECONDS: Final = 3 * HEARTBEAT_SECONDS
"""House decision: a stream that was silent for so long is dead, whatever the transport thinks."""

CHANGES_A_PAGE: Final = 1000

_LOOK_SECONDS: Final = 1.0
_DIVISION: Final = re.compile("([0-9]{6})?")


class FeedRefusedError(CliError):
    """The service refused, or could not be reached.

    Attributes:
        refusal: Its reason, or the name of the gRPC status where it gave none.
        retry_seconds: When it asks to be called again; none where it does not say.
    """

    reason = "FEED_REFUSED"

    def __init__(self, refusal: str, message: str, retry_seconds: float | None = None) -> None:
        """Keep what the service said."""
        super().__init__(f"{refusal}: {message}", refusal=refusal)
        self.refusal = refusal
        self.retry_seconds = retry_seconds


class DivisionUnknownError(CliError):
    """The service knows nobody of a division: its number has a slip, or nothing is there yet."""

    reason = "DIVISION_UNKNOWN"

    def __init__(self, division: str) -> None:
        """Name the division."""
        super().__init__(
            f"the service knows no enterprise and no entry of division {division}",
            advice="Look at --division. An empty list of it would clear everybody.",
            division=division,
        )


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Which lists are mirrored.

    Attributes:
        kind: Their kind.
        field: Their field; unspecified for every one.
        division: Six digits; empty for the whole lists.
    """

    kind: ListKind
    field: Field
    division: str

    @property
    def notes(self) -> dict[str, str]:
        """Give what a copy notes about it."""
        return {"kind": str(self.kind), "field": str(self.field), "division": self.division}

    def __str__(self) -> str:
        """Say it in words."""
        field = code(Field.DESCRIPTOR, self.field)
        return ", ".join(
            (
                code(ListKind.DESCRIPTOR, self.kind),
                f"field {field}" if field else "every field",
                f"division {self.division}" if self.division else "every division",
            )
        )


def mirrored_of(notes: Mapping[str, str]) -> Mirrored | None:
    """Read which lists a copy notes that it is of; nothing if that is damaged."""
    kind, field, division = (notes.get(name, "?") for name in ("kind", "field", "division"))
    kinds, fields = (map(str, codes.values()) for codes in (ListKind, Field))
    if kind == "0" or kind not in kinds or field not in fields or not _DIVISION.fullmatch(division):
        return None
    return Mirrored(cast("ListKind", int(kind)), cast("Field", int(field)), division)


class Feed(Protocol):
    """The lists that are mirrored; each method refuses with `FeedRefusedError`."""

    def export(self) -> Iterator[pb.ExportListResponse]:
        """Give every entry of the lists."""
        ...

    def changes(self, cursor: str) -> pb.ListChangesResponse:
        """Give the changes after a cursor."""
        ...

    def watch(self, cursor: str) -> Iterator[pb.WatchListResponse]:
        """Give changes as they are committed, and heartbeats."""
        ...

    def digest(self) -> pb.GetListDigestResponse:
        """Give where the lists stand, with the digests of their buckets."""
        ...

    def buckets(
        self, state: pb.ListState, buckets: Sequence[int], *, after_entries: int = 0
    ) -> pb.GetListBucketsResponse:
        """Give entries of buckets at a state; perhaps not of all of them, and of the last in part.

        Args:
            state: Where the list stands.
            buckets: Numbers of the buckets.
            after_entries: Entries of the first one that are there already.
        """
        ...

    def acknowledge(self, state: pb.ListState) -> None:
        """Say what is held."""
        ...


@dataclass(frozen=True, slots=True)
class GrpcFeed:
    """The lists over the wire; implements `Feed`.

    Attributes:
        client: The service.
        mirrored: Which lists.
    """

    client: Client[ListSyncServiceStub]
    mirrored: Mirrored

    def export(self) -> Iterator[pb.ExportListResponse]:
        """Give every entry of the lists."""
        request = pb.ExportListRequest(**self._wanted)
        with _refusals():
            yield from self._stream(self.client.stub.ExportList, request)

    def changes(self, cursor: str) -> pb.ListChangesResponse:
        """Give the changes after a cursor."""
        request = pb.ListChangesRequest(**self._wanted, cursor=cursor, page_size=CHANGES_A_PAGE)
        with _refusals():
            return self.client.call(self.client.stub.ListChanges, request)

    def watch(self, cursor: str) -> Iterator[pb.WatchListResponse]:
        """Give changes as they are committed, and heartbeats."""
        request = pb.WatchListRequest(
            **self._wanted, cursor=cursor, heartbeat_seconds=HEARTBEAT_SECONDS
        )
        with _refusals():
            yield from self._stream(self.client.stub.WatchList, request)

    def digest(self) -> pb.GetListDigestResponse:
        """Give where the lists stand, with the digests of their buckets."""
        request = pb.GetListDigestRequest(**self._wanted, with_buckets=True)
        with _refusals():
            return self.client.call(self.client.stub.GetListDigest, request)

    def buckets(
        self, state: pb.ListState, buckets: Sequence[int], *, after_entries: int = 0
    ) -> pb.GetListBucketsResponse:
        """Give entries of buckets at a state; perhaps not of all, and of the last in part."""
        request = pb.GetListBucketsRequest(
            kind=state.kind,
            field=state.field,
            division=self.mirrored.division,
            version=state.version,
            buckets=buckets,
            after_entries=after_entries,
        )
        with _refusals():
            return self.client.call(self.client.stub.GetListBuckets, request)

    def acknowledge(self, state: pb.ListState) -> None:
        """Say what is held."""
        request = pb.AcknowledgeListRequest(
            request_id=uuid4().hex,
            kind=state.kind,
            field=state.field,
            division=self.mirrored.division,
            version=state.version,
            digest=state.digest,
        )
        with _refusals():
            self.client.call(self.client.stub.AcknowledgeList, request)

    # Private methods -------------------------------------------------------------

    @property
    def _wanted(self) -> dict[str, Any]:
        wanted = self.mirrored
        return {"kind": wanted.kind, "field": wanted.field, "division": wanted.division}

    def _stream(self, method: Any, request: Any) -> Iterator[Any]:  # noqa: ANN401 -- any of the stub's streams.
        call = method(request, metadata=self.client.metadata)
        try:
            with _ended_by_silence(call.cancel, SILENCE_SECONDS) as heard:
                for message in call:
                    heard()
                    yield message
                    heard()
        finally:
            call.cancel()


# Private functions -----------------------------------------------------------


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what gRPC raises into what a mirror decides by."""
    try:
        yield
    except grpc.RpcError as error:
        raise _refusal(error) from error


def _refusal(error: grpc.RpcError) -> FeedRefusedError:
    assert isinstance(error, grpc.Call), "what a call raises is a call"
    code, message = error.code().name, error.details() or ""
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        info = ErrorInfo()
        if detail.Unpack(info):
            retry = info.metadata.get("retry_after_seconds")
            return FeedRefusedError(info.reason, message, float(retry) if retry else None)
    return FeedRefusedError(code, message)


@contextmanager
def _ended_by_silence(end: Callable[[], Any], seconds: float) -> Iterator[Callable[[], None]]:
    """End a stream that says nothing for too long; give what is to be called on every message."""
    over = threading.Event()
    last_heard = [time.monotonic()]

    def heard() -> None:
        last_heard[0] = time.monotonic()

    def look() -> None:
        while not over.wait(_LOOK_SECONDS):
            if time.monotonic() - last_heard[0] > seconds:
                end()
                return

    thread = threading.Thread(target=look, name="silence", daemon=True)
    thread.start()
    try:
        yield heard
    finally:
        over.set()
