"""Whole lists at a version, a stretch of buckets at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
import structlog
from sqlalchemy import Connection, bindparam, make_url, select

from models.list_feed import ListBucketRow, ListHeadRow
from services.scoring.commands.list_sync.list_feed_ports import ExportPage, ExportPlace
from services.scoring.domain.list_digest import BUCKETS
from services.scoring.domain.list_encoding import framed
from services.scoring.domain.list_feed import ListState
from services.scoring.domain.list_feed_errors import ListCompactedError
from services.scoring.store.list_states import bucket_bodies
from services.scoring.store.packed_bodies import (
    BodyDamagedError,
    sound_frame,
    unpacked_size,
    unpacker,
)
from services.scoring.store.rows_at_once import rows_at_once

EXPORT_BYTES: Final = 8 * 2**20
"""House decision: bytes of entries that are read at once for an export, about; packed a tenth."""

JOINED_BYTES: Final = 64 * 2**10
"""House decision: buckets are joined up to so many bytes, which is a message's worth."""

BUCKET_BYTES_MAX: Final = 2**20
"""House limit: a bucket with more is read entry by entry, so that it fits into messages."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The next buckets of a whole list at a version.

    Attributes:
        state: Where the list stands at the version.
        parts: Frames of buckets that go into a message together, or the number of a bucket that is
            missing: it has changed since, is too large for a message, or is damaged.
        floor_version: Floor of the list when they were read; nothing if there was no bucket.
        after: Place to go on from; nothing at the end.
    """

    state: ListState
    parts: Sequence[Sequence[bytes] | int]
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
        return None if self._missing() else ExportPage(self._chunks({}), self.after)

    def completed(self, connection: Connection, floor_version: int) -> ExportPage:
        """Give the entries, those that are missing read from the changes.

        Args:
            connection: A snapshot; it may be a later one than the stretch is from.
            floor_version: Floor of the list in this snapshot.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
        require_kept(self.state, floor_version)
        missing = self._missing()
        view, version = self.state.view, self.state.version
        entries = bucket_bodies(connection, view, version, missing) if missing else {}
        return ExportPage(self._chunks(entries), self.after)

    # Private methods -------------------------------------------------------------

    def _missing(self) -> Sequence[int]:
        return [part for part in self.parts if isinstance(part, int)]

    def _chunks(self, entries: Mapping[int, Sequence[bytes]]) -> Iterator[bytes]:
        """Unpack what is sent next, and no more, while the processor has it at hand."""
        unpack = unpacker()
        for part in self.parts:
            if isinstance(part, int):
                yield from map(framed, entries[part])
            elif part:
                yield unpack(part)


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
    rows: Iterable[_Row]
    driver = connection.connection.driver_connection
    if isinstance(driver, psycopg.Connection):
        found = rows_at_once(connection, driver, _WRITTEN % parameters)
        number = int.from_bytes
        rows = ((number(one), number(two), number(three), body) for one, two, three, body in found)
    else:
        rows = connection.execute(_STRETCH, parameters).all()
    return _stretch(state, rows, limit)


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


# Private functions and statements ----------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_ENTRY_BYTES: Final = 500
"""About what an entry takes; decides how many buckets are read at once, and nothing else."""

_Row = tuple[int, int, int, bytes]
"""A bucket, the version that changed it last, the floor of the list, and its body as kept."""


def _stretch(state: ListState, rows: Iterable[_Row], limit: int) -> Stretch:
    """Put buckets together, a message's worth at a time.

    There are thousands in an export, and so this is one loop.
    """
    parts: list[Sequence[bytes] | int] = []
    waiting: list[bytes] = []
    size = count = 0
    bucket, floor = -1, None
    for count, (bucket, version, floor, kept) in enumerate(rows, start=1):  # noqa: B007 -- the last ones are used below.
        frame = _sound_frame(state, bucket, kept) if version <= state.version else None
        if frame is None or (found := unpacked_size(frame)) > BUCKET_BYTES_MAX:
            parts += (waiting, bucket)
            waiting, size = [], 0
            continue
        waiting.append(frame)
        size += found
        if size >= JOINED_BYTES:
            parts.append(waiting)
            waiting, size = [], 0
    if waiting:
        parts.append(waiting)
    return Stretch(state, parts, floor, (0, bucket) if count == limit else None)


def _sound_frame(state: ListState, bucket: int, kept: bytes) -> bytes | None:
    try:
        return sound_frame(kept)
    except BodyDamagedError as error:
        # The changes, which it was made of, say what it was.
        key = state.view.key
        _log.warning(
            "list_bucket_damaged", kind=key.kind, field=key.field, bucket=bucket, error=str(error)
        )
        return None


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
