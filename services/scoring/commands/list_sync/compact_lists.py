"""Drop the changes of lists that are older than the retention and superseded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import FeedStore, FeedWriting
from services.scoring.domain.list_feed import Compaction


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
    retention: timedelta

    def __call__(self, call: WriteCall[ListsCompacted]) -> Answer:
        """Raise the floors, then drop what is below them, in transactions of bounded size."""
        caller, method = call.caller, call.method
        # The floors are committed first: nobody reads from below them while rows are dropped.
        with self.store.write(caller=caller, method=method) as write:
            floors = write.raise_floors(call.now - self.retention)
            write.commit()
        lists = self.store.drop_changes(floors, caller=caller, method=method)

        def work(write: FeedWriting) -> ListsCompacted:
            return ListsCompacted(lists, write.point)

        return write_once(self.store, call, work)
