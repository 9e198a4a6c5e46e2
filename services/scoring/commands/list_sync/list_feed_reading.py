"""Opening the published lists at a token, and stepping through what is known of subscribers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from services.common.tokens import MalformedPageTokenError, PageScope, StorePoint, StoreToken
from services.scoring.commands.list_sync.list_feed_ports import (
    FeedReading,
    FeedStore,
    SubscriptionPlace,
)
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.errors import KnownAtBeforeTokenError


@contextmanager
def reading_feed(store: FeedStore, token: str) -> Iterator[FeedReading]:
    """Open a snapshot that includes the write of a token; an empty one is none.

    Raises:
        SafetyCreditError: The token is damaged or foreign, or this replica has not come so far.
    """
    at_least = StoreToken.decode(token, store_id=store.point().store_id) if token else None
    with store.read(at_least=at_least) as reading:
        yield reading


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    """An open page of what is known of subscribers.

    Attributes:
        reading: The snapshot.
        point: Where the answer stands.
        after: Place of the last subscription that was dealt with before; none on the first page.
        ordinal: Number of the last change that was dealt with of the next one; 0 for none.
    """

    reading: FeedReading
    point: StorePoint
    after: SubscriptionPlace | None
    ordinal: int
    _scope: PageScope

    def next_token(self, after: SubscriptionPlace | None, ordinal: int = 0) -> str:
        """Write the token of the page after a place."""
        subscriber, field, division = after or ("", 0, 0)
        recorded = self.point.recorded_time.isoformat()
        return self._scope.encode(
            (self.point.revision, recorded, subscriber, field, division, ordinal)
        )


@contextmanager
def reading_subscriptions(
    store: FeedStore, page: PageRequest, *, known_at: datetime | None, token: str
) -> Iterator[SubscriptionPage]:
    """Open a page; later pages are known at the revision of the first.

    Args:
        store: The lists.
        page: Which page.
        known_at: Instant of knowledge; none for the last write.
        token: Token of a write that the answer must include; empty for none.

    Raises:
        MalformedPageTokenError: The page token is damaged.
        PageTokenMismatchError: It belongs to another method, filter or store.
        SafetyCreditError: The token or the instant cannot be read at.
    """
    store_id = store.point().store_id
    scope = PageScope(page.method, page.filter_bytes, store_id)
    if page.token:
        point, after, ordinal = _position(scope, page.token)
        with store.read(at_least=point.token) as reading:
            yield SubscriptionPage(reading, point, after, ordinal, scope)
        return
    at_least = StoreToken.decode(token, store_id=store_id) if token else None
    with store.read(at_least=at_least) as reading:
        point = reading.point if known_at is None else reading.point_at(known_at)
        if at_least is not None and point.revision < at_least.revision:
            raise KnownAtBeforeTokenError(
                "ask for a known-at at or after the write of the token, or send no token",
                token_revision=at_least.revision,
            )
        yield SubscriptionPage(reading, point, None, 0, scope)


# Private functions -----------------------------------------------------------


def _position(scope: PageScope, text: str) -> tuple[StorePoint, SubscriptionPlace | None, int]:
    match scope.decode(text):
        case (
            int(revision),
            str(recorded),
            str(subscriber),
            int(field),
            int(division),
            int(ordinal),
        ):
            place = (subscriber, field, division) if subscriber else None
            time = _instant(recorded)
            return StorePoint(scope.store_id, revision, time), place, ordinal
        case _:
            raise _unusable()


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise _unusable() from error
    if instant.tzinfo is None:
        raise _unusable()
    return instant


def _unusable() -> MalformedPageTokenError:
    return MalformedPageTokenError(
        "send the page token of the last answer unchanged, or start without one"
    )
