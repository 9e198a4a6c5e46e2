"""Cursors of the lists' feed: opaque, and bound to store, lists and division."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from services.common.tokens import MalformedPageTokenError, PageScope, PageTokenMismatchError
from services.scoring.commands.list_sync.list_feed_ports import FeedReading
from services.scoring.domain.list_digest import EMPTY_LIST
from services.scoring.domain.list_feed import (
    MARK_BYTES,
    ListState,
    ListView,
    Position,
    Positions,
    Wanted,
)
from services.scoring.domain.list_feed_errors import (
    CursorAheadError,
    CursorDivergedError,
    CursorForeignError,
    CursorMalformedError,
    CursorTooOldError,
)

RETRY_SECONDS_MAX: Final = 60
"""House decision: subscribers that must load again are spread over so many seconds."""

START: Final = Position(0, EMPTY_LIST[:MARK_BYTES])
"""The empty list, from which every list began."""

_SCOPE: Final = "safetycredit.scoring.v1.ListSyncService/cursor"
_PARTS: Final = len(("field", "version", "mark"))


@dataclass(frozen=True, slots=True)
class CursorScope:
    """What a cursor is good for.

    Attributes:
        wanted: The lists.
        store_id: The store.
    """

    wanted: Wanted
    store_id: str

    def encode(self, positions: Positions) -> str:
        """Write where a subscriber stands."""
        parts: list[int | str | None] = []
        for field, position in sorted(positions.items()):
            parts += (field, position.version, position.mark.hex())
        return self._pages().encode(tuple(parts))

    def decode(self, text: str) -> Positions:
        """Read where a subscriber stands.

        Raises:
            CursorMalformedError: The text is damaged or no cursor.
            CursorForeignError: It belongs to another store, list or filter.
        """
        try:
            parts = self._pages().decode(text)
        except MalformedPageTokenError as error:
            raise _malformed() from error
        except PageTokenMismatchError as error:
            raise CursorForeignError(
                "the cursor belongs to another store, list or filter; repeat the request"
                " unchanged, or export the list"
            ) from error
        fields = [view.key.field for view in self.wanted.views]
        if len(parts) != _PARTS * len(fields):
            raise _malformed()
        triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        positions = {field: _position(version, mark) for field, version, mark in triples}
        if set(positions) != set(fields):
            raise _malformed()
        return {field: positions[field] for field in fields}

    def start(self) -> Positions:
        """Give the position of somebody who has nothing."""
        return {view.key.field: START for view in self.wanted.views}

    def _pages(self) -> PageScope:
        return PageScope(_SCOPE, self.wanted.filter_bytes, self.store_id)


def retry_seconds() -> int:
    """Draw the seconds after which one subscriber had best load again."""
    # Not every subscriber at the same moment; nothing secret is drawn.
    return random.randint(1, RETRY_SECONDS_MAX)  # noqa: S311 -- as said above.


def require_reachable(
    reading: FeedReading,
    wanted: Wanted,
    positions: Positions,
    *,
    draw_retry_seconds: Callable[[], int] = retry_seconds,
) -> None:
    """Refuse positions from which the changes cannot be had.

    Raises:
        CursorTooOldError: Changes after one of them have been dropped.
        CursorDivergedError: One of them is of a history that the store has lost.
        CursorAheadError: One of them is after everything that this replica knows.
    """
    for view in wanted.views:
        position, head = positions[view.key.field], reading.head(view.key)
        if position.version > head.version:
            raise CursorAheadError(
                "the cursor is ahead of this replica; try again shortly, or export the list",
                **_facts(reading, view, position),
            )
        if position.version < head.floor_version:
            raise CursorTooOldError(
                "the changes after the cursor have been dropped; export the list",
                retry_after_seconds=draw_retry_seconds(),
                **_facts(reading, view, position),
            )
        if reading.position(view, position.version) != position:
            raise CursorDivergedError(
                "the store was set back and has another history since; export the list",
                retry_after_seconds=draw_retry_seconds(),
                **_facts(reading, view, position),
            )


def cursor_after(reading: FeedReading, wanted: Wanted, states: Sequence[ListState]) -> str:
    """Write the cursor of somebody who holds the last state of every view.

    Args:
        reading: The snapshot that the states are from.
        wanted: The lists.
        states: Their last states.
    """
    positions = {
        state.view.key.field: Position(
            state.version, reading.head(state.view.key).digest[:MARK_BYTES]
        )
        for state in states
    }
    return CursorScope(wanted, reading.point.store_id).encode(positions)


# Private functions -----------------------------------------------------------


def _malformed() -> CursorMalformedError:
    return CursorMalformedError("send the cursor of an answer unchanged, or export the list")


def _position(version: int | str | None, mark: int | str | None) -> Position:
    if not isinstance(version, int) or version < 0 or not isinstance(mark, str):
        raise _malformed()
    try:
        return Position(version, bytes.fromhex(mark))
    except ValueError as error:
        raise _malformed() from error


def _facts(reading: FeedReading, view: ListView, position: Position) -> dict[str, object]:
    state = reading.state(view)
    return {
        "field": view.key.field,
        "cursor_version": position.version,
        "floor_version": reading.head(view.key).floor_version,
        "head_version": state.version,
        "head_digest": state.digest.hex(),
    }
