"""List who holds which version of which list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from services.common.clock import Clock, civil_day
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import (
    FeedStore,
    SubscriptionPlace,
    SubscriptionQuery,
)
from services.scoring.commands.list_sync.list_feed_reading import reading_subscriptions
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.list_feed import ListLag, Subscription, Wanted


class LagRules(Protocol):
    """How long a subscriber may lag behind a list."""

    def lag_limit(self, day: date) -> timedelta | None:
        """Give the lag beyond which it is told of; none where no rule was in force."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberPage:
    """A page of subscriptions.

    Attributes:
        subscriptions: In order of subscribers, fields and divisions.
        lags: How far the subscribers of each list lag behind, all together; with the first page.
        now: Instant up to which a lag is counted.
        lag_limit: Lag beyond which a subscriber is told of; none where none is set.
        next_token: Token of the next page; empty on the last.
        point: Point of the store that was read.
    """

    subscriptions: Sequence[Subscription]
    lags: Sequence[ListLag]
    now: datetime
    lag_limit: timedelta | None
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
        rules: How long a subscriber may lag behind; none where their file is missing.
        clock: Tells the time.
    """

    store: FeedStore
    rules: LagRules | None
    clock: Clock

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
            now = known_at or self.clock.now()
            return SubscriberPage(
                subscriptions=shown,
                # Once for the whole list, not with every page of it.
                lags=() if page.token else opened.reading.lags(wanted, opened.point.revision),
                now=now,
                lag_limit=None if self.rules is None else self.rules.lag_limit(civil_day(now)),
                next_token=next_token,
                point=opened.point,
            )
