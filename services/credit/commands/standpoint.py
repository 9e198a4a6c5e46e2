"""Where a read stands: on both axes of time, behind a token, in the middle of a list.

A list that is paged keeps the revision and the day of its first page: both stand in the page token,
so that later writes and midnight do not shift it.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Generic, Protocol, TypeVar

from services.common.tokens import MalformedPageTokenError, PageScope, StorePoint, StoreToken
from services.credit.commands.ports import Reading, Slice, SortKey
from services.credit.domain.errors import KnownAtBeforeTokenError

AnyReading = TypeVar("AnyReading", bound=Reading)
AnyReading_co = TypeVar("AnyReading_co", bound=Reading, covariant=True)

_NUMBER_MAX: Final = 2**63 - 1
_PIN_PARTS: Final = len(("revision", "recorded time", "as-of"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """The point that a caller wants to read at.

    Attributes:
        known_at: Instant of knowledge; none for the last write.
        token: Token of a write that the answer must include; empty for none.
    """

    known_at: datetime | None = None
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which page of which list is wanted.

    Attributes:
        method: Full name of the RPC.
        filter_bytes: The request without page size and page token.
        size: Rows a page, at least 1.
        token: Page token; empty for the first page.
        key_types: Types of the parts of a row's sort key.
    """

    method: str
    filter_bytes: bytes
    size: int
    token: str
    key_types: tuple[type[date] | type[int], ...]


class ReadStore(Protocol[AnyReading_co]):
    """A store that opens snapshots, whatever else they can read."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[AnyReading_co]:
        """Open a snapshot."""
        ...


@dataclass(frozen=True, slots=True)
class OpenList(Generic[AnyReading]):
    """An open list: where it is read, which part, and how to go on.

    Attributes:
        reading: The snapshot.
        point: Where the answer stands.
        part: The rows to read: one more than the page holds, to see whether there is another.
        scope: What the page tokens are good for.
    """

    reading: AnyReading
    point: StorePoint
    part: Slice
    scope: PageScope

    def next_token(self, last: SortKey) -> str:
        """Write the token of the page after a row."""
        pin = (self.point.revision, self.point.recorded_time.isoformat())
        key = (part if isinstance(part, int) else part.isoformat() for part in last)
        return self.scope.encode((*pin, self.part.as_of.isoformat(), *key))


ListReading = OpenList[Reading]
"""An open list of the facts themselves."""


@contextmanager
def reading_at(
    store: ReadStore[AnyReading], standpoint: Standpoint
) -> Iterator[tuple[AnyReading, StorePoint]]:
    """Open a snapshot and find the point to read at.

    Raises:
        MalformedTokenError: The token is damaged.
        ForeignStoreTokenError: The token is another store's.
        KnownAtBeforeTokenError: The instant lies before the token's write.
        SafetyCreditError: As `Store.read` and `Reading.point_at` say.
    """
    token = _store_token(store, standpoint.token)
    with store.read(at_least=token) as reading:
        yield reading, _point(reading, standpoint, token)


@contextmanager
def reading_list(
    store: ReadStore[AnyReading], standpoint: Standpoint, page: PageRequest, *, as_of: date
) -> Iterator[OpenList[AnyReading]]:
    """Open a list at its first page, or where a page token says.

    Args:
        store: Where to read.
        standpoint: Point that the first page is read at.
        page: Which page.
        as_of: Day that the first page is for.

    Raises:
        MalformedPageTokenError: The page token is damaged.
        PageTokenMismatchError: It belongs to another method, filter or store.
        SafetyCreditError: As for `reading_at`.
    """
    token = _store_token(store, standpoint.token)
    store_id = store.point().store_id
    scope = PageScope(page.method, page.filter_bytes, store_id)
    pinned = _Position.read(scope, page) if page.token else None
    if pinned is not None:
        token = StoreToken(store_id, max(pinned.revision, token.revision if token else 0))
    with store.read(at_least=token) as reading:
        point = pinned.point(store_id) if pinned else _point(reading, standpoint, token)
        part = Slice(
            revision=point.revision,
            as_of=pinned.as_of if pinned else as_of,
            after=pinned.after if pinned else (),
            limit=page.size + 1,
        )
        yield OpenList(reading, point, part, scope)


# Private functions and classes ------------------------------------------------


def _store_token(store: ReadStore[AnyReading], text: str) -> StoreToken | None:
    return StoreToken.decode(text, store_id=store.point().store_id) if text else None


def _point(reading: Reading, standpoint: Standpoint, token: StoreToken | None) -> StorePoint:
    if standpoint.known_at is None:
        return reading.point
    point = reading.point_at(standpoint.known_at)
    if token is not None and point.revision < token.revision:
        raise KnownAtBeforeTokenError(
            "ask for a known-at at or after the write of the token, or send no token",
            known_at=standpoint.known_at.isoformat(),
            token_revision=token.revision,
        )
    return point


@dataclass(frozen=True, slots=True)
class _Position:
    revision: int
    recorded_time: datetime
    as_of: date
    after: SortKey

    @classmethod
    def read(cls, scope: PageScope, page: PageRequest) -> "_Position":
        """Read a page token; its digest is no signature, so nothing in it is believed."""
        parts = scope.decode(page.token)
        if len(parts) != _PIN_PARTS + len(page.key_types):
            raise _unusable()
        revision, recorded, as_of, *key = parts
        try:
            recorded_time = datetime.fromisoformat(str(recorded))
            after = tuple(map(_key_part, key, page.key_types))
            position = cls(_number(revision), recorded_time, _day(as_of), after)
        except ValueError as error:
            raise _unusable() from error
        if recorded_time.tzinfo is None:
            raise _unusable()
        return position

    def point(self, store_id: str) -> StorePoint:
        return StorePoint(store_id, self.revision, self.recorded_time)


def _key_part(part: str | int | None, wanted: type[date] | type[int]) -> date | int:
    return _number(part) if wanted is int else _day(part)


def _number(part: str | int | None) -> int:
    if not isinstance(part, int) or not 0 <= part <= _NUMBER_MAX:
        raise ValueError(part)
    return part


def _day(part: str | int | None) -> date:
    return date.fromisoformat(str(part))


def _unusable() -> MalformedPageTokenError:
    return MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
