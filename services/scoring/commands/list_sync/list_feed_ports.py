"""What the commands about published lists need of the world."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from services.common.identity import Caller
from services.common.once import OnceWriting
from services.common.tokens import StorePoint, StoreToken
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import (
    Compaction,
    ListDelta,
    ListLag,
    ListState,
    ListView,
    Position,
    PublishedRemoval,
    RemovedByLaw,
    ShrinkConfirmation,
    Subscription,
    Wanted,
)
from services.scoring.domain.list_shrinking import ShrinkApproval

DELTA_BYTES_MAX: Final = 2 * 2**20
"""House limit: bytes of changes that are read at once, unless one version has more.

A version has at most half as many, so that what is read fits into a message of 4 MiB in any case.
"""

ExportPlace = tuple[int, int]
"""Place in an export: division and number of the change, or 0 and the bucket."""

SubscriptionPlace = tuple[str, int, int]
"""Subscriber, field and division: what subscriptions of one kind are sorted by."""


class ListHead(Protocol):
    """Where a list stands."""

    @property
    def version(self) -> int:
        """Give its last version."""
        ...

    @property
    def floor_version(self) -> int:
        """Give the oldest version from which changes can be had."""
        ...

    @property
    def digest(self) -> bytes:
        """Give its digest."""
        ...


@dataclass(frozen=True, slots=True)
class ExportPage:
    """A stretch of an export.

    Attributes:
        chunks: Entries, each chunk some of them, framed and joined; given once, and made as they
            are taken.
        after: Place to go on from; none at the end.
    """

    chunks: Iterable[bytes]
    after: ExportPlace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionQuery:
    """Which subscriptions are wanted.

    Attributes:
        kind: Kind of their lists.
        field: Field of their lists; 0 for any.
        revision: What was recorded by it is known.
        subscriber: Only this one's; empty for all.
        after: Place of the last one read before.
        limit: Subscriptions at most.
    """

    kind: ListKind
    field: int
    revision: int
    subscriber: str = ""
    after: SubscriptionPlace | None = None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalQuery:
    """Which removals are wanted.

    Attributes:
        subscription: Who holds what.
        published_before: Only removals published before this instant.
        after_ordinal: Number of the last one read before; 0 for none.
        limit: Removals at most.
    """

    subscription: Subscription
    published_before: datetime
    after_ordinal: int
    limit: int


class FeedReading(Protocol):
    """A consistent snapshot of the published lists."""

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        ...

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant."""
        ...

    def head_positions(self) -> Mapping[ListKey, Position]:
        """Give the end of every list that was ever published."""
        ...

    def head(self, key: ListKey) -> ListHead:
        """Find where a list stands."""
        ...

    def division_known(self, division: str) -> bool:
        """Say whether an enterprise or an entry ever was in a division; "" is every division."""
        ...

    def floors(self) -> Mapping[ListKey, int]:
        """Give the floor of every list that has one above 0."""
        ...

    def rising_floors(self, published_before: datetime) -> Mapping[ListKey, int]:
        """Give the floors that would rise to the last version from before an instant."""
        ...

    def removed_by_law(self, key: ListKey) -> RemovedByLaw:
        """Say what the law itself took off a list."""
        ...

    def lags(self, wanted: Wanted, revision: int) -> Sequence[ListLag]:
        """Say how far the subscribers of each list lag behind, as known at a revision."""
        ...

    def state(self, view: ListView, version: int | None = None) -> ListState:
        """Give where a view stands at a version, by default the last.

        Raises:
            ListVersionUnknownError: There is no such version, or its view cannot be read any more.
        """
        ...

    def position(self, view: ListView, version: int) -> Position | None:
        """Give the position of a subscriber at a version; nothing if there is no such version."""
        ...

    def bucket_digests(self, view: ListView) -> bytes:
        """Give the digests of a view's buckets at the last version, one after the other."""
        ...

    def buckets(
        self, view: ListView, version: int, buckets: Sequence[int]
    ) -> Mapping[int, Sequence[bytes]]:
        """Give the entries of some buckets of a view at a version at the floor or after it."""
        ...

    def delta(
        self,
        view: ListView,
        base_version: int,
        *,
        limit: int,
        bytes_max: int = DELTA_BYTES_MAX,
    ) -> ListDelta:
        """Give the changes of a view after a version at the floor or after it.

        Args:
            view: The view.
            base_version: The version.
            limit: Changes of the list to read; at least one version is read.
            bytes_max: Bytes of such changes to read, likewise.

        Raises:
            CursorTooOldError: Changes after the version have been dropped.
        """
        ...

    def subscriptions(self, query: SubscriptionQuery) -> Sequence[Subscription]:
        """Read subscriptions in order of their places."""
        ...

    def unapplied_removals(self, query: RemovalQuery) -> Sequence[PublishedRemoval]:
        """Read removals that a subscriber has not applied, in order of their numbers."""
        ...


class FeedWriting(OnceWriting, Protocol):
    """A write transaction over what belongs to published lists."""

    @property
    def point(self) -> StorePoint:
        """Say where the store will stand once it is committed."""
        ...

    def head_version(self, key: ListKey) -> int:
        """Give the last version of a list."""
        ...

    def acknowledge(self, subscriber: str, held: ListState) -> bool:
        """Keep what a subscriber holds; say whether that was known already."""
        ...

    def end_subscription(self, subscriber: str, view: ListView) -> int | None:
        """Keep that a subscriber holds a view no more; give its version, none if it had none."""
        ...

    def approve_shrinking(self, key: ListKey, approval: ShrinkApproval) -> int:
        """Keep an approval; give its number."""
        ...

    def warned_version(self, key: ListKey) -> int:
        """Give the last version at which the law took strikingly much off a list; 0 for none."""
        ...

    def persons_listed(self, key: ListKey) -> Sequence[str]:
        """Give the names of the persons who are or were on a list."""
        ...

    def confirm_shrinking(self, key: ListKey, version: int, finding: str) -> ShrinkConfirmation:
        """Keep that the caller looked at the warning of a version; give what is kept."""
        ...

    def raise_floors(self, published_before: datetime) -> Mapping[ListKey, int]:
        """Raise the floor of every list to its last version from before an instant."""
        ...


class FeedStore(Protocol):
    """The store of published lists."""

    def point(self) -> StorePoint:
        """Say where the store stands."""
        ...

    def fresh_point(self) -> Awaitable[StorePoint]:
        """Give a point that was read after the call began."""
        ...

    def read(self, *, at_least: StoreToken | None = None) -> AbstractContextManager[FeedReading]:
        """Open a snapshot."""
        ...

    def export_page(self, state: ListState, after: ExportPlace | None) -> ExportPage:
        """Read the next stretch of a view at a version, in a snapshot of its own.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
        ...

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[FeedWriting]:
        """Begin a write; it is undone unless it is committed."""
        ...

    def damaged_heads(self) -> Sequence[ListKey]:
        """Find the lists whose heads are not what their last versions say."""
        ...

    def restore_head(self, key: ListKey, *, caller: Caller, method: str) -> bool:
        """Make a list's head anew from its changes; say whether these are what was published."""
        ...

    def damaged_changes(self) -> Mapping[ListKey, Sequence[int]]:
        """Find the buckets of each list whose current changes are not what was published."""
        ...

    def restore_changes(
        self, key: ListKey, buckets: Sequence[int], *, caller: Caller, method: str
    ) -> int:
        """Put right the current changes of buckets of a list, from what the buckets still have.

        Args:
            key: The list.
            buckets: The buckets.
            caller: Who does it.
            method: By which method.

        Returns:
            Of how many of them that could be done; the others stay as they are.
        """
        ...

    def unsound_buckets(self) -> Mapping[ListKey, Sequence[int]]:
        """Find the buckets of each list that exports would have to read from the changes."""
        ...

    def rebuild_buckets(
        self, key: ListKey, buckets: Sequence[int], *, caller: Caller, method: str
    ) -> int:
        """Join the entries of buckets of a list anew, in transactions of bounded size.

        Args:
            key: The list.
            buckets: The buckets.
            caller: Who does it.
            method: By which method.

        Returns:
            How many of them; those whose entries their digest denies stay as they are.
        """
        ...

    def drop_changes(
        self, floors: Mapping[ListKey, int], *, caller: Caller, method: str
    ) -> Sequence[Compaction]:
        """Drop what no version from the floors on needs, in transactions of bounded size."""
        ...
