"""Say where lists stand, by digest."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_cursor import cursor_after
from services.scoring.commands.list_sync.list_feed_ports import FeedStore
from services.scoring.commands.list_sync.list_feed_reading import reading_feed
from services.scoring.domain.list_feed import ListState, RemovedByLaw, Wanted


@dataclass(frozen=True, slots=True)
class ListDigests:
    """Digests of lists.

    Attributes:
        states: Where each list stands.
        buckets: Digests of each list's buckets, one after the other; empty unless asked for.
        removed_by_law: What the law itself took off each list.
        cursor: Where the changes after these states go on.
        point: Point of the store that was read.
        division_known: Whether an enterprise or an entry ever was in the division asked for.
    """

    states: Sequence[ListState]
    buckets: Sequence[bytes]
    removed_by_law: Sequence[RemovedByLaw]
    cursor: str
    point: StorePoint
    division_known: bool


@dataclass(frozen=True, slots=True)
class GetListDigest:
    """Gives digests of lists.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def __call__(self, wanted: Wanted, *, with_buckets: bool, token: str = "") -> ListDigests:
        """Give where the lists stand.

        Args:
            wanted: The lists.
            with_buckets: Whether to give the digests of the buckets.
            token: Token of a write that the answer must include; empty for none.

        Raises:
            SafetyCreditError: The token cannot be read at.
        """
        with reading_feed(self.store, token) as reading:
            states = [reading.state(view) for view in wanted.views]
            return ListDigests(
                states,
                [reading.bucket_digests(view) if with_buckets else b"" for view in wanted.views],
                [reading.removed_by_law(view.key) for view in wanted.views],
                cursor_after(reading, wanted, states),
                reading.point,
                reading.division_known(wanted.division),
            )
