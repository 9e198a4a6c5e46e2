"""Give some buckets of a list, to repair a copy in part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.scoring.commands.list_sync.list_feed_ports import FeedStore
from services.scoring.domain.list_feed import ListState, ListView
from services.scoring.domain.list_feed_errors import ListVersionUnknownError


@dataclass(frozen=True, slots=True)
class ListBuckets:
    """Buckets of a list.

    Attributes:
        state: Where the list stands.
        buckets: The entries of each, in their canonical encoding.
    """

    state: ListState
    buckets: Mapping[int, Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class GetListBuckets:
    """Gives buckets of lists.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def __call__(
        self, view: ListView, buckets: Sequence[int], *, version: int | None
    ) -> ListBuckets:
        """Give buckets of a view at a version, by default the last.

        Raises:
            ListVersionUnknownError: There is no such version, or it cannot be read any more.
        """
        with self.store.read() as reading:
            head = reading.head(view.key)
            wanted = head.version if version is None else version
            if wanted < head.floor_version:
                raise ListVersionUnknownError(
                    "changes since this version have been dropped; ask for the last one",
                    version=wanted,
                    floor_version=head.floor_version,
                    head_version=head.version,
                )
            state = reading.state(view, wanted)
            return ListBuckets(state, reading.buckets(view, wanted, buckets))
