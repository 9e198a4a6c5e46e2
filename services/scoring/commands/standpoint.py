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
from services.scoring.commands.ports import Reading
from services.scoring.domain.errors import KnownAtBeforeTokenError, PageOfAnotherPolicyError
from services.scoring.domain.viewpoint import Viewpoint, answerable

_NUMBER_MAX: Final = 2**63 - 1
_DIGEST_CHARACTERS: Final = 16
_PARTS: Final = len(("revision", "recorded time", "as-of", "digest", "subject"))


AnyReading = TypeVar("AnyReading", bound=Reading)
AnyReading_co = TypeVar("AnyReading_co", bound=Reading, covariant=True)


class ReadStore(Protocol[AnyReading_co]):
    """A store that opens snapshots, whatever else they can read."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[AnyReading_co]:
        """Open a snapshot."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """The place on both axes of time that a caller wants to read at.

    Attributes:
        as_of: Day asked for.
        known_at: Instant of knowledge; none for the last write.
        token: Token of a write that the answer must include; empty for none.
    """

    as_of: date
    known_at: datetime | None = None
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which page of which list is wanted.

    Attributes:
        method: Full name of the RPC.
        filter_bytes: The request without page size, page token and token.
        size: Rows a page, at least 1.
        token: Page token; empty for the first page.
    """

    method: str
    filter_bytes: bytes
    size: int
    token: str


@dataclass(frozen=True, slots=True)
class OpenPage(Generic[AnyReading]):
    """An open list: where it is read, and how to go on.

    Attributes:
        reading: The snapshot.
        point: Where the answer stands.
        at: The viewpoint.
        after: Number of the subject before the first of the page.
    """

    reading: AnyReading
    point: StorePoint
    at: Viewpoint
    after: int
    _scope: PageScope
    _digest: str

    def require_digest(self, digest: str) -> None:
        """Refuse to go on with a list under another version of its policy.

        Raises:
            PageOfAnotherPolicyError: The policy has been replaced since the page before.
        """
        if self._digest and self._digest != digest[:_DIGEST_CHARACTERS]:
            raise PageOfAnotherPolicyError(
                "the policy has changed since the page before; start without a page token"
            )

    def next_token(self, last: int, digest: str) -> str:
        """Write the token of the page after a subject.

        Args:
            last: Number of the subject.
            digest: Digest of the policy that the page was made with.
        """
        recorded = self.point.recorded_time.isoformat()
        as_of = self.at.as_of.isoformat()
        return self._scope.encode(
            (self.point.revision, recorded, as_of, digest[:_DIGEST_CHARACTERS], last)
        )


PageReading = OpenPage[Reading]
"""An open list of subjects."""


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
def reading_page(
    store: ReadStore[AnyReading], standpoint: Standpoint, page: PageRequest
) -> Iterator[OpenPage[AnyReading]]:
    """Open a list at its first page, or where a page token says.

    Raises:
        MalformedPageTokenError: The page token is damaged.
        PageTokenMismatchError: It belongs to another method, filter or store.
        SafetyCreditError: As for `reading_at`.
    """
    token = _store_token(store, standpoint.token)
    store_id = store.point().store_id
    scope = PageScope(page.method, page.filter_bytes, store_id)
    position = _Position.read(scope, page.token) if page.token else None
    if position is None:
        with store.read(at_least=token) as reading:
            point = _point(reading, standpoint, token)
            at = Viewpoint(point.revision, standpoint.as_of)
            yield OpenPage(reading, point, at, 0, scope, "")
        return
    revision_min = max(position.revision, token.revision if token else 0)
    with store.read(at_least=StoreToken(store_id, revision_min)) as reading:
        point = StorePoint(store_id, position.revision, position.recorded_time)
        at = Viewpoint(point.revision, position.as_of)
        yield OpenPage(reading, point, at, position.after, scope, position.digest)


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
    digest: str
    after: int

    @classmethod
    def read(cls, scope: PageScope, text: str) -> "_Position":
        """Read a page token; its digest is no signature, so nothing in it is believed."""
        parts = scope.decode(text)
        if len(parts) != _PARTS:
            raise _unusable()
        revision, recorded, as_of, digest, after = parts
        try:
            recorded_time = datetime.fromisoformat(str(recorded))
            day = date.fromisoformat(str(as_of))
        except ValueError as error:
            raise _unusable() from error
        if recorded_time.tzinfo is None or not answerable(day):
            raise _unusable()
        return cls(_number(revision), recorded_time, day, str(digest), _number(after))


def _number(part: str | int | None) -> int:
    if not isinstance(part, int) or not 0 <= part <= _NUMBER_MAX:
        raise _unusable()
    return part


def _unusable() -> MalformedPageTokenError:
    return MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
