"""Reading published lists: states, changes and exports, from the same rows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, tuple_

from models.list_feed import ListChangeRow, ListVersionRow
from services.common.database import ReadTransaction
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import (
    DELTA_BYTES_MAX,
    ExportPage,
    RemovalQuery,
    SubscriptionQuery,
)
from services.scoring.domain.list_digest import entry_digest
from services.scoring.domain.list_encoding import encode_departure, framed, is_in, is_removal
from services.scoring.domain.list_entry import ListKey, ListKind
from services.scoring.domain.list_feed import (
    MARK_BYTES,
    FeedChange,
    ListDelta,
    ListLag,
    ListState,
    ListView,
    Position,
    PublishedRemoval,
    RemovedByLaw,
    Subscription,
    Wanted,
)
from services.scoring.domain.list_feed_errors import (
    CursorTooOldError,
    ListCompactedError,
    ListVersionUnknownError,
)
from services.scoring.store.binary_results import binary_results
from services.scoring.store.list_bodies import SoundBodies, damaged
from services.scoring.store.list_compaction import rising_floors
from services.scoring.store.list_divisions import division_known
from services.scoring.store.list_export import Stretch, require_kept
from services.scoring.store.list_heads import (
    Head,
    Version,
    read_bucket_digests,
    read_head,
    read_heads,
    read_removed_by_law,
    read_version,
)
from services.scoring.store.list_lags import read_lags
from services.scoring.store.list_states import (
    ViewDigests,
    bucket_bodies,
    in_state,
    touching_view,
)
from services.scoring.store.list_subscriptions import read_subscriptions, unapplied_removals

EXPORT_ROWS: Final = 1000
"""Entries that are read at once for an export."""


class SqlFeedReading:
    """A consistent snapshot of the published lists; implements `FeedReading`."""

    def __init__(self, transaction: ReadTransaction, views: ViewDigests) -> None:
        """Read in a transaction."""
        self._transaction = transaction
        self._connection: Connection = transaction.connection
        self._views = views
        # What is published later is not seen here, so heads and versions are read but once.
        self._all_heads: Mapping[ListKey, Head] | None = None
        self._versions: dict[tuple[ListKey, int], Version | None] = {}

    @property
    def point(self) -> StorePoint:
        """Say where the snapshot stands."""
        return self._transaction.point

    def point_at(self, known_at: datetime) -> StorePoint:
        """Find the last write recorded at or before an instant."""
        return self._transaction.revision_at(known_at)

    def head_positions(self) -> Mapping[ListKey, Position]:
        """Give the end of every list that was ever published."""
        return {
            key: Position(head.version, head.digest[:MARK_BYTES])
            for key, head in self._heads().items()
        }

    def head(self, key: ListKey) -> Head:
        """Find where a list stands."""
        if self._all_heads is None:
            return read_head(self._connection, key)
        return self._all_heads.get(key) or Head(key=key)

    def division_known(self, division: str) -> bool:
        """Say whether an enterprise or an entry ever was in a division; "" is every division."""
        heads = self._heads()
        bounds = ListView(ListKey(ListKind.BLACKLIST, 0), division).bounds
        return bounds is None or division_known(self._connection, bounds, heads)

    def floors(self) -> Mapping[ListKey, int]:
        """Give the floor of every list that has one above 0."""
        heads = self._heads()
        return {key: head.floor_version for key, head in heads.items() if head.floor_version}

    def rising_floors(self, published_before: datetime) -> Mapping[ListKey, int]:
        """Give the floors that would rise to the last version from before an instant."""
        return rising_floors(self._connection, published_before)

    def removed_by_law(self, key: ListKey) -> RemovedByLaw:
        """Say what the law itself took off a list."""
        return read_removed_by_law(self._connection, key)

    def lags(self, wanted: Wanted, revision: int) -> Sequence[ListLag]:
        """Say how far the subscribers of each list lag behind, as known at a revision."""
        return read_lags(self._connection, wanted, revision)

    def state(self, view: ListView, version: int | None = None) -> ListState:
        """Give where a view stands at a version, by default the last.

        Raises:
            ListVersionUnknownError: There is no such version, or its view cannot be read any more.
        """
        head = self.head(view.key)
        found = self._version(head, view.key, head.version if version is None else version)
        return self._state(view, head, found)

    def position(self, view: ListView, version: int) -> Position | None:
        """Give the position of a subscriber at a version; nothing if there is no such version."""
        found = self._read_version(view.key, version)
        return None if found is None else Position(version, found.digest[:MARK_BYTES])

    def bucket_digests(self, view: ListView) -> bytes:
        """Give the digests of a view's buckets at the last version, one after the other."""
        if view.bounds is None:
            return read_bucket_digests(self._connection, view.key)
        head = self.head(view.key)
        version = self._version(head, view.key, head.version)
        return self._views.at(
            self._connection, view, version, floor_version=head.floor_version
        ).digests

    def buckets(
        self, view: ListView, version: int, buckets: Sequence[int]
    ) -> Mapping[int, Sequence[bytes]]:
        """Give the entries of some buckets of a view at a version from the floor on.

        Raises:
            ListVersionUnknownError: What it said of one of them is told no more.
        """
        try:
            return bucket_bodies(self._connection, view, version, buckets)
        except ListCompactedError as error:
            raise self._unreadable(self.head(view.key), version) from error

    def delta(
        self,
        view: ListView,
        base_version: int,
        *,
        limit: int,
        bytes_max: int = DELTA_BYTES_MAX,
    ) -> ListDelta:
        """Give the changes of a view after a version, in whole versions.

        Args:
            view: The view.
            base_version: Version at the floor or after it.
            limit: Changes of the list to read; at least one version is read.
            bytes_max: Bytes of such changes to read, likewise.

        Raises:
            CursorTooOldError: Changes after the version have been dropped, or one that was
                superseded is damaged.
            ListChangesDamagedError: One that was not superseded is.
        """
        head = self.head(view.key)
        if base_version < head.floor_version:
            raise self._too_old(view, base_version)
        base = self._version(head, view.key, base_version)
        end = self._end(head, base, limit, bytes_max)
        state = self._state(view, head, end)
        changes = tuple(self._changes(view, base, end))
        return ListDelta(base_version, state, head.version, end.digest[:MARK_BYTES], changes)

    def division_page(self, state: ListState, after: tuple[int, int] | None) -> ExportPage:
        """Read the next stretch of a division's view at a version.

        The rows of a version stay as they are until they are dropped.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
        require_kept(state, self.head(state.view.key).floor_version)
        return self._division_page(state.view, state.version, after)

    def completed(self, stretch: Stretch) -> ExportPage:
        """Complete a stretch of a whole list, which may have been read before this snapshot.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
        floor_version = self.head(stretch.state.view.key).floor_version
        return stretch.completed(self._connection, floor_version)

    def subscriptions(self, query: SubscriptionQuery) -> Sequence[Subscription]:
        """Read subscriptions in order of their places."""
        return read_subscriptions(self._connection, query)

    def unapplied_removals(self, query: RemovalQuery) -> Sequence[PublishedRemoval]:
        """Read removals that a subscriber has not applied, in order of their numbers."""
        return unapplied_removals(self._connection, query)

    # Private methods -------------------------------------------------------------

    def _heads(self) -> Mapping[ListKey, Head]:
        if self._all_heads is None:
            self._all_heads = read_heads(self._connection)
        return self._all_heads

    def _version(self, head: Head, key: ListKey, number: int) -> Version:
        if number == head.version:
            return head.last
        found = self._read_version(key, number)
        if found is None:
            raise ListVersionUnknownError(
                "ask for a version that the list has",
                version=number,
                floor_version=head.floor_version,
                head_version=head.version,
            )
        return found

    def _read_version(self, key: ListKey, number: int) -> Version | None:
        if (key, number) not in self._versions:
            self._versions[key, number] = read_version(self._connection, key, number)
        return self._versions[key, number]

    def _state(self, view: ListView, head: Head, version: Version) -> ListState:
        if view.bounds is None:
            return ListState(view, version.version, version.entry_count, version.digest)
        if version.version < head.floor_version:
            raise self._unreadable(head, version.version)
        found = self._views.at(self._connection, view, version, floor_version=head.floor_version)
        return ListState(view, version.version, found.entry_count, found.digest)

    def _unreadable(self, head: Head, version: int) -> ListVersionUnknownError:
        return ListVersionUnknownError(
            "the view at this version cannot be read any more; ask for the last one",
            version=version,
            floor_version=head.floor_version,
            head_version=head.version,
        )

    def _end(self, head: Head, base: Version, limit: int, bytes_max: int) -> Version:
        """Find the last version that a page after a version holds whole; at least the next one."""
        if base.version >= head.version:
            return base
        last = head.last
        if (
            last.version <= base.version + limit
            and last.last_ordinal <= base.last_ordinal + limit
            and last.last_byte <= base.last_byte + bytes_max
        ):
            return last
        fitting = self._connection.execute(
            select(func.max(ListVersionRow.version)).where(
                ListVersionRow.kind == head.key.kind,
                ListVersionRow.field == head.key.field,
                ListVersionRow.version > base.version,
                ListVersionRow.version <= base.version + limit,
                ListVersionRow.last_ordinal <= base.last_ordinal + limit,
                ListVersionRow.last_byte <= base.last_byte + bytes_max,
            )
        ).scalar()
        return self._version(head, head.key, fitting or base.version + 1)

    def _too_old(self, view: ListView, base_version: int) -> CursorTooOldError:
        head = self.head(view.key)
        return CursorTooOldError(
            "the changes after this version cannot be had any more; export the list",
            cursor_version=base_version,
            floor_version=head.floor_version,
            head_version=head.version,
            head_digest=self.state(view).digest.hex(),
        )

    def _changes(self, view: ListView, base: Version, end: Version) -> Iterator[FeedChange]:
        bounds = view.bounds
        with binary_results(self._connection):
            rows = self._connection.execute(
                _CHANGED if bounds is None else _CHANGED.where(*touching_view(view)),
                {
                    "of_kind": view.key.kind,
                    "of_field": view.key.field,
                    "after": base.last_ordinal,
                    "last": end.last_ordinal,
                },
            )
        bodies = SoundBodies(self._connection, view.key)
        for version, superseded, entry_id, bucket, reason, division, digest, body in rows.all():
            if reason is not None and digest is None:
                yield FeedChange(version, removed=True, body=body)
                continue
            if reason is not None and entry_digest(body) == digest and is_removal(body):
                yield FeedChange(version, removed=True, body=body)
                continue
            inside = bounds is None or (division is not None and _within(division, bounds))
            found: bytes | None = body
            if entry_digest(body) != digest:
                recoverable = inside or reason is not None
                found = bodies.recovered(bucket, digest, body) if recoverable else None
                if reason is not None and found is None:
                    # The list as it stands does without a removal, and so does whoever exports it.
                    raise self._too_old(view, base.version)
            # Of a whole list nobody asks in which division an entry lies.
            astray = bounds is not None and found is not None and not is_in(found, division)
            # A removal that has lost its reason is no entry for that.
            astray |= division is None and found is not None and is_removal(found)
            if astray or (inside and found is None):
                if superseded is None:
                    raise damaged(view.key, bucket)
                # The list as it stands does without it, and so does whoever exports that.
                raise self._too_old(view, base.version)
            if inside and found is not None:
                yield FeedChange(version, removed=False, body=found)
            else:
                departure = encode_departure(entry_id, view.key)
                yield FeedChange(version, removed=True, body=departure)

    def _division_page(
        self, view: ListView, version: int, after: tuple[int, int] | None
    ) -> ExportPage:
        """Read entries of a division, by division and ordinal."""
        place = tuple_(ListChangeRow.division, ListChangeRow.ordinal)
        rows = self._connection.execute(
            select(
                ListChangeRow.bucket,
                ListChangeRow.digest,
                ListChangeRow.body,
                func.coalesce(ListChangeRow.division, 0),
                ListChangeRow.ordinal,
            )
            .where(in_state(view, version), place > (after or (0, 0)))
            .order_by(ListChangeRow.division, ListChangeRow.ordinal)
            .limit(EXPORT_ROWS)
        ).all()
        last = (rows[-1][3], rows[-1][4]) if len(rows) == EXPORT_ROWS else None
        bodies = SoundBodies(self._connection, view.key)
        return ExportPage([framed(bodies.sound(*row[:3])) for row in rows], last)


# Private functions and statements ---------------------------------------------

# Built once, as every look for all watchers runs it beside an event loop that is busy.
_CHANGED: Final = (
    select(
        ListChangeRow.version,
        ListChangeRow.superseded_version,
        ListChangeRow.entry_id,
        ListChangeRow.bucket,
        ListChangeRow.removal_reason,
        ListChangeRow.division,
        ListChangeRow.digest,
        ListChangeRow.body,
    )
    .where(
        ListChangeRow.kind == bindparam("of_kind"),
        ListChangeRow.field == bindparam("of_field"),
        ListChangeRow.ordinal > bindparam("after"),
        ListChangeRow.ordinal <= bindparam("last"),
    )
    .order_by(ListChangeRow.ordinal)
)


def _within(division: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= division <= bounds[1]
