"""List removed entries that subscribers still hold after the period for taking them off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Protocol

from services.common.clock import CIVIL_ZONE, civil_day
from services.common.identity import Caller, Role
from services.common.tokens import StorePoint
from services.common.working_days import Deadline
from services.scoring.commands.list_sync.list_feed_ports import (
    FeedStore,
    RemovalQuery,
    SubscriptionQuery,
)
from services.scoring.commands.list_sync.list_feed_reading import (
    SubscriptionPage,
    reading_subscriptions,
)
from services.scoring.commands.list_sync.list_subscribers import place_of
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.list_feed import OverdueRemoval, Subscription, Wanted
from services.scoring.domain.list_feed_errors import ListSyncPolicyInvalidError

SUBSCRIPTIONS_AT_ONCE: Final = 100


class RemovalPeriods(Protocol):
    """The period within which a removed entry must be off every copy."""

    def working_days(self, day: date) -> int:
        """Give the working days that the rule in force on a day allows."""
        ...

    def due(self, publish_date: date) -> Deadline:
        """Give the last day for a removal published on a day."""
        ...


@dataclass(frozen=True, slots=True)
class OverduePage:
    """A page of overdue removals.

    Attributes:
        removals: In order of subscribers, fields, divisions and versions.
        working_days: Working days that a subscriber has.
        next_token: Token of the next page; empty on the last.
        point: Point of the store that was read.
    """

    removals: Sequence[OverdueRemoval]
    working_days: int
    next_token: str
    point: StorePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueQuestion:
    """What is asked.

    Attributes:
        wanted: Kind and field of the lists.
        as_of: Day asked for.
        known_at: Instant of knowledge; none for the last write.
        token: Token of a write that the answer must include; empty for none.
    """

    wanted: Wanted
    as_of: date
    known_at: datetime | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class ListOverdueRemovals:
    """Lists overdue removals: to authorities everybody's, to a subscriber its own.

    Attributes:
        store: The lists.
        periods: The period, and the calendar; none where its file is missing.
    """

    store: FeedStore
    periods: RemovalPeriods | None

    def __call__(
        self, caller: Caller, question: OverdueQuestion, *, page: PageRequest
    ) -> OverduePage:
        """Read a page.

        Raises:
            ListSyncPolicyInvalidError: The file with the period is missing.
            SafetyCreditError: As `reading_subscriptions` says.
        """
        if self.periods is None:
            raise ListSyncPolicyInvalidError(
                "put list-sync.yaml into the folder of the policies: it has the period"
            )
        everybody = caller.has_role(Role.REGULATOR, Role.AUDITOR)
        subscriber = "" if everybody else caller.identity
        with reading_subscriptions(
            self.store, page, known_at=question.known_at, token=question.token
        ) as opened:
            search = _Search(opened, question, self.periods, subscriber)
            found, next_token = search.page(page.size)
            working_days = self.periods.working_days(question.as_of)
            return OverduePage(found, working_days, next_token, opened.point)


# Private classes ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Search:
    opened: SubscriptionPage
    question: OverdueQuestion
    periods: RemovalPeriods
    subscriber: str

    def page(self, size: int) -> tuple[list[OverdueRemoval], str]:
        """Collect a page, and the token of the next."""
        found: list[OverdueRemoval] = []
        before, ordinal = self.opened.after, self.opened.ordinal
        for subscription in self._subscriptions():
            overdue = self._overdue(subscription, ordinal, limit=size - len(found) + 1)
            room = size - len(found)
            found += overdue[:room]
            if len(overdue) > room:
                last = overdue[room - 1].removal.ordinal if room else ordinal
                return found, self.opened.next_token(before, last)
            before, ordinal = place_of(subscription), 0
        return found, ""

    def _subscriptions(self) -> Iterator[Subscription]:
        after = self.opened.after
        while True:
            query = SubscriptionQuery(
                kind=self.question.wanted.kind,
                field=self.question.wanted.field,
                revision=self.opened.point.revision,
                subscriber=self.subscriber,
                after=after,
                limit=SUBSCRIPTIONS_AT_ONCE,
            )
            part = self.opened.reading.subscriptions(query)
            yield from part
            if len(part) < SUBSCRIPTIONS_AT_ONCE:
                return
            after = place_of(part[-1])

    def _overdue(
        self, subscription: Subscription, ordinal: int, *, limit: int
    ) -> list[OverdueRemoval]:
        if subscription.held_version >= subscription.head_version:
            return []
        start_of_day = datetime.combine(self.question.as_of, time(), CIVIL_ZONE)
        query = RemovalQuery(
            subscription=subscription,
            published_before=start_of_day.astimezone(UTC),
            after_ordinal=ordinal,
            limit=limit,
        )
        found: list[OverdueRemoval] = []
        for removal in self.opened.reading.unapplied_removals(query):
            deadline = self.periods.due(civil_day(removal.publish_time))
            # What was published later is not due earlier.
            if deadline.date >= self.question.as_of:
                break
            found.append(
                OverdueRemoval(
                    subscription=subscription,
                    removal=removal,
                    due_date=deadline.date,
                    provisional=deadline.provisional,
                )
            )
        return found
