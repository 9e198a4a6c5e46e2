"""The store of published lists on a database."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from services.common.database import Database, WriteTransaction
from services.common.identity import Caller
from services.common.once_transaction import OnceTransaction
from services.common.tokens import StorePoint, StoreToken
from services.scoring.commands.list_sync.list_feed_ports import ExportPage, ExportPlace
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import (
    Compaction,
    ListState,
    ListView,
    ShrinkConfirmation,
)
from services.scoring.domain.list_shrinking import ShrinkApproval, ShrinkLimits
from services.scoring.store.list_buckets import (
    BUCKETS_AT_ONCE,
    rebuild_buckets,
    unsound_buckets,
)
from services.scoring.store.list_compaction import drop_changes, raise_floor, version_before
from services.scoring.store.list_export import read_stretch
from services.scoring.store.list_feed_reader import SqlFeedReading
from services.scoring.store.list_head_restoring import damaged_heads, restore_head
from services.scoring.store.list_heads import read_head, read_heads
from services.scoring.store.list_restoring import damaged_changes, restore_changes
from services.scoring.store.list_shrink_confirmations import add_confirmation, read_listed_names
from services.scoring.store.list_shrinking import ShrinkGuard
from services.scoring.store.list_states import ViewDigests
from services.scoring.store.list_subscriptions import SqlAcknowledgements


class SqlFeedWriting(OnceTransaction):
    """A write transaction; implements `FeedWriting`."""

    def __init__(self, transaction: WriteTransaction) -> None:
        """Write in a transaction."""
        super().__init__(transaction)
        self._write = transaction
        self._acknowledgements = SqlAcknowledgements(transaction)

    def head_version(self, key: ListKey) -> int:
        """Give the last version of a list."""
        return read_head(self._write.connection, key).version

    def acknowledge(self, subscriber: str, held: ListState) -> bool:
        """Keep what a subscriber holds; say whether that was known already."""
        return self._acknowledgements.acknowledge(subscriber, held)

    def end_subscription(self, subscriber: str, view: ListView) -> int | None:
        """Keep that a subscriber holds a view no more; give its version, none if it had none."""
        return self._acknowledgements.end(subscriber, view)

    def approve_shrinking(self, key: ListKey, approval: ShrinkApproval) -> int:
        """Keep an approval; give its number."""
        return ShrinkGuard(self._write, ShrinkLimits()).approve(key, approval)

    def warned_version(self, key: ListKey) -> int:
        """Give the last version at which the law took strikingly much off a list; 0 for none."""
        return read_head(self._write.connection, key).warned_version

    def persons_listed(self, key: ListKey) -> Sequence[str]:
        """Give the names of the persons who are or were on a list."""
        return read_listed_names(self._write.connection, key)

    def confirm_shrinking(self, key: ListKey, version: int, finding: str) -> ShrinkConfirmation:
        """Keep that the caller looked at the warning of a version."""
        return add_confirmation(self._write, key, version, finding)

    def raise_floors(self, published_before: datetime) -> Mapping[ListKey, int]:
        """Raise the floor of every list to its last version from before an instant."""
        connection = self._write.connection
        return {
            key: raise_floor(connection, key, version_before(connection, key, published_before))
            for key in sorted(read_heads(connection))
        }


class SqlFeedStore:
    """The store of published lists; implements `FeedStore`."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database
        self._views = ViewDigests()

    def point(self) -> StorePoint:
        """Say where the store stands."""
        return self._database.point()

    def fresh_point(self) -> Awaitable[StorePoint]:
        """Give a point that was read after the call began."""
        return self._database.fresh_point()

    @contextmanager
    def read(self, *, at_least: StoreToken | None = None) -> Iterator[SqlFeedReading]:
        """Open a snapshot."""
        with self._database.read(at_least=at_least) as transaction:
            yield SqlFeedReading(transaction, self._views)

    def export_page(self, state: ListState, after: ExportPlace | None) -> ExportPage:
        """Read the next stretch of a view at a version, in a snapshot of its own.

        So a slow reader holds nothing. Nearly always two statements give all of a stretch.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
        if state.view.bounds is not None:
            with self.read() as reading:
                return reading.division_page(state, after)
        with self._database.read_once() as connection:
            stretch = read_stretch(connection, state, after)
        page = stretch.page()
        if page is not None:
            return page
        with self.read() as reading:
            return reading.completed(stretch)

    @contextmanager
    def write(self, *, caller: Caller, method: str) -> Iterator[SqlFeedWriting]:
        """Begin a write."""
        with self._database.write(caller=caller, method=method) as transaction:
            yield SqlFeedWriting(transaction)

    def damaged_heads(self) -> Sequence[ListKey]:
        """Find the lists whose heads are not what their last versions say."""
        with self._database.read() as transaction:
            return damaged_heads(transaction.connection)

    def restore_head(self, key: ListKey, *, caller: Caller, method: str) -> bool:
        """Make a list's head anew from its changes; say whether these are what was published."""
        with self._database.write(caller=caller, method=method) as transaction:
            restored = restore_head(transaction.connection, key)
            if restored:
                transaction.commit()
        return restored

    def damaged_changes(self) -> Mapping[ListKey, Sequence[int]]:
        """Find the buckets of each list whose current changes are not what was published."""
        with self._database.read() as transaction:
            connection = transaction.connection
            return {key: damaged_changes(connection, key) for key in read_heads(connection)}

    def restore_changes(
        self, key: ListKey, buckets: Sequence[int], *, caller: Caller, method: str
    ) -> int:
        """Put right the current changes of buckets; give of how many of them that could be done."""
        return self._in_parts(restore_changes, key, buckets, caller=caller, method=method)

    def unsound_buckets(self) -> Mapping[ListKey, Sequence[int]]:
        """Find the buckets of each list that exports would have to read from the changes."""
        with self._database.read() as transaction:
            connection = transaction.connection
            return {key: unsound_buckets(connection, key) for key in read_heads(connection)}

    def rebuild_buckets(
        self, key: ListKey, buckets: Sequence[int], *, caller: Caller, method: str
    ) -> int:
        """Join the entries of buckets of a list anew; give how many of them."""
        return self._in_parts(rebuild_buckets, key, buckets, caller=caller, method=method)

    def drop_changes(
        self, floors: Mapping[ListKey, int], *, caller: Caller, method: str
    ) -> Sequence[Compaction]:
        """Drop what no version from the floors on needs, in transactions of bounded size."""
        return [
            Compaction(key, floor, self._drop(key, floor, caller=caller, method=method))
            for key, floor in floors.items()
        ]

    # Private methods -------------------------------------------------------------

    def _in_parts(
        self,
        mend: Callable[[Connection, ListKey, Sequence[int]], int],
        key: ListKey,
        buckets: Sequence[int],
        *,
        caller: Caller,
        method: str,
    ) -> int:
        """Mend buckets in transactions of bounded size; give how many were mended."""
        mended = 0
        for start in range(0, len(buckets), BUCKETS_AT_ONCE):
            part = buckets[start : start + BUCKETS_AT_ONCE]
            with self._database.write(caller=caller, method=method) as transaction:
                count = mend(transaction.connection, key, part)
                # What cannot be mended takes up no revision, however often it is tried.
                if count:
                    transaction.commit()
            mended += count
        return mended

    def _drop(self, key: ListKey, floor_version: int, *, caller: Caller, method: str) -> int:
        dropped = 0
        after: int | None = 0
        while after is not None:
            with self._database.write(caller=caller, method=method) as transaction:
                count, after = drop_changes(
                    transaction.connection, key, floor_version, after_ordinal=after
                )
                # A stretch in which there was nothing to drop takes up no revision.
                if count:
                    transaction.commit()
            dropped += count
        return dropped
