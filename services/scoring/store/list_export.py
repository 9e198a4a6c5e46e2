"""Whole lists at a version, a stretch of buckets at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
from sqlalchemy import Connection, bindparam, make_url, select

from models.list_feed import ListBucketRow, ListHeadRow
from services.scoring.commands.list_sync.list_feed_ports import ExportPage, ExportPlace
from services.scoring.domain.list_digest import BUCKETS
from services.scoring.domain.list_encoding import framed
from services.scoring.domain.list_feed import ListState
from services.scoring.domain.list_feed_errors import ListCompactedError
from services.scoring.store.list_states import bucket_bodies
from services.scoring.store.rows_at_once import rows_at_once

EXPORT_BYTES: Final = 4 * 2**20
"""House decision: bytes that are read at once for an export, about."""

JOINED_BYTES: Final = 64 * 2**10
"""House decision: buckets are joined up to so many bytes, which is a message's worth."""

BUCKET_BYTES_MAX: Final = 2**20
"""House limit: a bucket with more is read entry by entry, so that it fits into messages."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The next buckets of a whole list at a version.

    Attributes:
        state: Where the list stands at the version.
        parts: Framed entries of some buckets, joined, or the number of a bucket that is missing:
            it has changed since, or is too large for a message.
        floor_version: Floor of the list when they were read; nothing if there was no bucket.
        after: Place to go on from; nothing at the end.
    """

    state: ListState
    parts: Sequence[bytes | int]
    floor_version: int | None
    after: ExportPlace | None

    def page(self) -> ExportPage | None:
        """Give the entries, if that takes no other reading.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
        if self.floor_version is None:
            return None
        require_kept(self.state, self.floor_version)
        chunks = [part for part in self.parts if isinstance(part, bytes)]
        return ExportPage(chunks, self.after) if len(chunks) == len(self.parts) else None

    def completed(self, connection: Connection, floor_version: int) -> ExportPage:
        """Give the entries, those that are missing read from the changes.

        Args:
            connection: A snapshot; it may be a later one than the stretch is from.
            floor_version: Floor of the list in this snapshot.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
        require_kept(self.state, floor_version)
        missing = [part for part in self.parts if isinstance(part, int)]
        view, version = self.state.view, self.state.version
        entries = bucket_bodies(connection, view, version, missing) if missing else {}
        chunks: list[bytes] = []
        for part in self.parts:
            chunks += map(framed, entries[part]) if isinstance(part, int) else (part,)
        return ExportPage(chunks, self.after)


def read_stretch(connection: Connection, state: ListState, after: ExportPlace | None) -> Stretch:
    """Read the next buckets of a whole list at a version, in one statement.

    A bucket that was changed last at the version or before it is now what it was then, whatever
    else the list has become; so this needs no snapshot but the statement's own.

    Args:
        connection: Reads; inside a transaction, or for this alone.
        state: Where the list stands at the version.
        after: Place to go on from; nothing at the beginning.
    """
    key = state.view.key
    per_bucket = state.entry_count * _ENTRY_BYTES // BUCKETS + 1
    limit = min(max(EXPORT_BYTES // per_bucket, 1), BUCKETS)
    parameters = {
        "of_kind": int(key.kind),
        "of_field": key.field,
        "after": after[1] if after else -1,
        "most": limit,
    }
    joining = _Joining(state)
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        for *numbers, body in rows_at_once(connection, driver, _WRITTEN % parameters):
            bucket, version, floor = map(int.from_bytes, numbers)
            joining.take(bucket, version, floor, body)
    else:
        for row in connection.execute(_STRETCH, parameters):
            joining.take(*row)
    return joining.stretch(limit)


def require_kept(state: ListState, floor_version: int) -> None:
    """Refuse to export a version that the list was compacted past.

    Raises:
        ListCompactedError: It was.
    """
    if floor_version > state.version:
        raise ListCompactedError(
            "the list was compacted past this version; begin the export again",
            version=state.version,
            floor_version=floor_version,
        )


# Private classes and statements ------------------------------------------------

_ENTRY_BYTES: Final = 500
"""About what an entry takes; decides how many buckets are read at once, and nothing else."""


class _Joining:
    """Joins buckets as they come, while the processor still has them at hand."""

    def __init__(self, state: ListState) -> None:
        self._state = state
        self._parts: list[bytes | int] = []
        self._waiting: list[bytes] = []
        self._size = 0
        self._count = 0
        self._last = -1
        self._floor: int | None = None

    def take(self, bucket: int, version: int, floor: int, body: bytes) -> None:
        self._count += 1
        self._last, self._floor = bucket, floor
        if version > self._state.version or len(body) > BUCKET_BYTES_MAX:
            self._join()
            self._parts.append(bucket)
            return
        self._waiting.append(body)
        self._size += len(body)
        if self._size >= JOINED_BYTES:
            self._join()

    def stretch(self, limit: int) -> Stretch:
        self._join()
        after = (0, self._last) if self._count == limit else None
        return Stretch(self._state, self._parts, self._floor, after)

    def _join(self) -> None:
        if self._waiting:
            self._parts.append(b"".join(self._waiting))
            self._waiting, self._size = [], 0


_FLOOR: Final = (
    select(ListHeadRow.floor_version)
    .where(ListHeadRow.kind == bindparam("of_kind"), ListHeadRow.field == bindparam("of_field"))
    .scalar_subquery()
)
# Built once: building it costs several times what running it does.
_STRETCH: Final = (
    select(ListBucketRow.bucket, ListBucketRow.version, _FLOOR, ListBucketRow.body)
    .where(
        ListBucketRow.kind == bindparam("of_kind"),
        ListBucketRow.field == bindparam("of_field"),
        ListBucketRow.bucket > bindparam("after"),
    )
    .order_by(ListBucketRow.bucket)
    .limit(bindparam("most"))
)
# Its parameters are whole numbers, which are written into it.
_WRITTEN: Final = str(_STRETCH.compile(dialect=make_url("postgresql+psycopg://").get_dialect()()))
