"""Give the changes of lists after a cursor."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_cursor import CursorScope, require_reachable
from services.scoring.commands.list_sync.list_feed_ports import (
    DELTA_BYTES_MAX,
    FeedReading,
    FeedStore,
)
from services.scoring.commands.list_sync.list_feed_reading import reading_feed
from services.scoring.domain.list_feed import (
    ListDelta,
    ListView,
    Position,
    Positions,
    Wanted,
)


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """A page of changes.

    Attributes:
        deltas: One for each list, in order of fields.
        cursor: Where to go on.
        point: Point of the store that was read.
    """

    deltas: Sequence[ListDelta]
    cursor: str
    point: StorePoint

    @property
    def more(self) -> bool:
        """Say whether there is more to be had at once."""
        return any(delta.state.version < delta.head_version for delta in self.deltas)


@dataclass(frozen=True, slots=True)
class ListChanges:
    """Gives pages of changes.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def __call__(self, wanted: Wanted, cursor: str, *, size: int, token: str = "") -> ChangesPage:
        """Read the page after a cursor.

        Args:
            wanted: The lists.
            cursor: Where to go on; empty for the empty list.
            size: Changes to read; at least one version is read.
            token: Token of a write that the answer must include; empty for none.

        Raises:
            CursorMalformedError: The cursor is damaged.
            CursorForeignError: It belongs to another store, list or filter.
            CursorTooOldError: Changes after it have been dropped.
            CursorDivergedError: It is of a history that the store has lost.
            CursorAheadError: It is after everything that this replica knows.
            SafetyCreditError: The token cannot be read at.
        """
        with reading_feed(self.store, token) as reading:
            scope = CursorScope(wanted, reading.point.store_id)
            positions = scope.decode(cursor) if cursor else scope.start()
            require_reachable(reading, wanted, positions)
            deltas = list(_filled(reading, wanted, positions, size))
            after = {delta.state.view.key.field: delta.position for delta in deltas}
            return ChangesPage(deltas, scope.encode(after), reading.point)


# Private functions -----------------------------------------------------------


def _filled(
    reading: FeedReading, wanted: Wanted, positions: Positions, size: int
) -> Iterator[ListDelta]:
    """Fill a page, whose room the lists share."""
    changes_left, bytes_left = size, DELTA_BYTES_MAX
    for view in wanted.views:
        base = positions[view.key.field]
        if changes_left <= 0 or bytes_left <= 0:
            yield _standing(reading, view, base)
            continue
        delta = reading.delta(view, base.version, limit=changes_left, bytes_max=bytes_left)
        changes_left -= len(delta.changes)
        bytes_left -= sum(len(change.body) for change in delta.changes)
        yield delta


def _standing(reading: FeedReading, view: ListView, base: Position) -> ListDelta:
    """Give no change of a list for which a page has no room left."""
    state = reading.state(view, base.version)
    return ListDelta(base.version, state, reading.head(view.key).version, base.mark, ())
