"""Drop the changes of lists that are older than the retention and superseded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from services.common.clock import civil_day
from services.common.identity import Caller
from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import FeedStore, FeedWriting
from services.scoring.domain.list_feed import Compaction
from services.scoring.domain.list_feed_errors import ListSyncPolicyInvalidError


class RetentionRules(Protocol):
    """How long superseded changes of the lists can be had, by the rules in force."""

    def retention(self, day: date) -> timedelta | None:
        """Give it for a day; none where no rule was in force."""
        ...


@dataclass(frozen=True, slots=True)
class Retention:
    """How long superseded changes of the lists can be had.

    Attributes:
        rules: The rules in force; none where their file is missing.
        days: Days that whoever runs the service wants instead; none for what the rules say.
    """

    rules: RetentionRules | None
    days: int | None = None

    def begin(self, now: datetime) -> datetime:
        """Give the instant from which on changes are kept.

        Raises:
            ListSyncPolicyInvalidError: Nobody says for how long.
        """
        found = None if self.rules is None else self.rules.retention(civil_day(now))
        if self.days is not None:
            found = timedelta(days=self.days)
        if found is None:
            raise ListSyncPolicyInvalidError(
                "say in list-sync.yaml, under retentions, how long changes of the lists are kept"
            )
        return now - found


@dataclass(frozen=True, slots=True)
class ListsCompacted:
    """What was dropped.

    Attributes:
        lists: Of each list.
        point: Point of the store after it.
    """

    lists: Sequence[Compaction]
    point: StorePoint


@dataclass(frozen=True, slots=True)
class CompactLists:
    """Compacts every list.

    Attributes:
        store: The lists.
        retention: How long changes can be had.
    """

    store: FeedStore
    retention: Retention

    def __call__(self, call: WriteCall[ListsCompacted]) -> Answer:
        """Raise the floors, then drop what is below them, in transactions of bounded size.

        Raises:
            ListSyncPolicyInvalidError: Nobody says how long changes are kept.
        """
        begin = self.retention.begin(call.now)
        lists = compact(self.store, begin, caller=call.caller, method=call.method)

        def work(write: FeedWriting) -> ListsCompacted:
            return ListsCompacted(lists, write.point)

        return write_once(self.store, call, work)


def compact(
    store: FeedStore, begin: datetime, *, caller: Caller, method: str
) -> Sequence[Compaction]:
    """Drop what was superseded before an instant.

    Args:
        store: The lists.
        begin: Instant from which on changes are kept.
        caller: Who compacts.
        method: By which method.
    """
    # The floors are committed first: nobody reads from below them while rows are dropped.
    with store.write(caller=caller, method=method) as write:
        floors = write.raise_floors(begin)
        write.commit()
    return store.drop_changes(floors, caller=caller, method=method)
