"""What the requests of all RPCs have in common: identifiers, points, pages, answers."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from google.protobuf.message import Message

from services.common.call_context import CallContext
from services.common.clock import civil_day
from services.credit.commands.standpoint import PageRequest, Standpoint
from services.credit.domain.rules import Moment
from services.credit.handlers.decoding import RequestReader
from services.credit.handlers.wire_values import read_day, read_instant, read_text

_REQUEST_ID_CHARACTERS_MAX: Final = 64
_TOKEN_CHARACTERS_MAX: Final = 1024

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PageLimits:
    """How much a page holds.

    Attributes:
        default: Rows of a page if the request names none.
        max: Most rows.
        bytes_max: Size at which a page of long texts ends before it has all its rows.
    """

    default: int
    max: int
    bytes_max: int = 2**21


def moment_of(context: CallContext) -> Moment:
    """Give the moment at which a request that is about no fact is judged."""
    now = context.clock.now()
    today = civil_day(now)
    return Moment(now=now, today=today, event_date=today)


def read_request_id(reader: RequestReader) -> None:
    """Check the client's identifier of a call."""
    request_id = reader.text("request_id", _REQUEST_ID_CHARACTERS_MAX)
    if not request_id.strip() and reader.intact("request_id"):
        characters = f"give 1 to {_REQUEST_ID_CHARACTERS_MAX} characters"
        reader.refuse("request_id", "REQUIRED", characters)


def read_standpoint(reader: RequestReader) -> Standpoint:
    """Read ``known_at`` and ``token``."""
    return Standpoint(
        known_at=reader.optional("known_at", read_instant),
        token=reader.optional("token", read_text) or "",
    )


def read_as_of(reader: RequestReader, today: date) -> date:
    """Read ``as_of``, by default today."""
    return reader.optional("as_of", read_day) or today


def read_page(
    request: Message,
    reader: RequestReader,
    *,
    method: str,
    limits: PageLimits,
    key_types: tuple[type[date] | type[int], ...],
) -> PageRequest:
    """Read ``page_size`` and ``page_token``.

    Args:
        request: The request; everything else in it is the filter.
        reader: Reads it.
        method: Full name of the RPC.
        limits: How many rows a page holds.
        key_types: Types of the parts of a row's sort key.
    """
    size = reader.optional("page_size", int) or limits.default
    if size < 1:
        reader.refuse("page_size", "NUMBER_TOO_SMALL", "give at least 1")
    if size > limits.max:
        reader.refuse("page_size", "NUMBER_TOO_LARGE", f"give at most {limits.max}")
    rest: Any = type(request)()
    rest.CopyFrom(request)
    rest.ClearField("page_size")
    rest.ClearField("page_token")
    return PageRequest(
        method=method,
        filter_bytes=rest.SerializeToString(deterministic=True),
        size=size,
        token=reader.optional("page_token", read_text) or "",
        key_types=key_types,
    )
