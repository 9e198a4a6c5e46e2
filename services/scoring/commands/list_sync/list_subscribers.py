"""List who holds which version of which list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import (
    FeedStore,
    SubscriptionPlace,
    SubscriptionQuery,
)
from services.scoring.commands.list_sync.list_feed_reading import reading_subscriptions
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.list_feed import Subscription, Wanted


@dataclass(frozen=True, slots=True)
class SubscriberPage:
    """A page of subscriptions.

    Attributes:
        subscriptions: In order of subscribers, fields and divisions.
        next_token: Token of the next page; empty on the last.
        point: Point of the store that was read.
    """

    subscriptions: Sequence[Subscription]
    next_token: str
    point: StorePoint


def place_of(subscription: Subscription) -> SubscriptionPlace:
    """Say where a subscription stands among those of its kind."""
    view = subscription.view
    return subscription.subscriber, view.key.field, int(view.division or 0)


@dataclass(frozen=True, slots=True)
class ListSubscribers:
    """Lists subscriptions.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def __call__(
        self, wanted: Wanted, page: PageRequest, *, known_at: datetime | None, token: str
    ) -> SubscriberPage:
        """Read a page.

        Args:
            wanted: Kind and field of the lists.
            page: Which page.
            known_at: Instant of knowledge; none for the last write.
            token: Token of a write that the answer must include; empty for none.

        Raises:
            SafetyCreditError: As `reading_subscriptions` says.
        """
        with reading_subscriptions(self.store, page, known_at=known_at, token=token) as opened:
            query = SubscriptionQuery(
                kind=wanted.kind,
                field=wanted.field,
                revision=opened.point.revision,
                after=opened.after,
                limit=page.size + 1,
            )
            found = opened.reading.subscriptions(query)
            shown = found[: page.size]
            more = len(found) > page.size
            next_token = opened.next_token(place_of(shown[-1])) if more else ""
            return SubscriberPage(shown, next_token, opened.point)
