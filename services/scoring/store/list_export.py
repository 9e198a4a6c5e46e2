"""Whole lists at a version, a stretch of buckets at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import psycopg
import structlog
from sqlalchemy import Connection, Select, bindparam, make_url, select

from models.list_feed import ListBucketRow, ListHeadRow
from services.scoring.commands.list_sync.list_feed_ports import ExportPage, ExportPlace
from services.scoring.domain.list_digest import BUCKETS, EMPTY_BUCKET, bucket_slice
from services.scoring.domain.list_encoding import framed
from services.scoring.domain.list_feed import ListState
from services.scoring.domain.list_feed_errors import ListCompactedError
from services.scoring.store.list_bodies import kept_body
from services.scoring.store.list_states import bucket_bodies
from services.scoring.store.packed_bodies import (
    BodyDamagedError,
    BodyUnsealedError,
    seal,
    sound_frame,
    unpacked_size,
    unpacker,
)
from services.scoring.store.rows_at_once import rows_at_once

EXPORT_BYTES: Final = 8 * 2**20
"""House decision: bytes of entries that are read at once for an export, about; packed a tenth."""

FIRST_PART: Final = 8
"""House decision: such a part of it at first, as nothing is sent until then; what follows is read
while what was read before is being sent."""

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
            missing: it has changed since, is too large for a message, is damaged, or is not there.
        floor_version: Floor of the list when they were read.
        after: Place to go on from; nothing at the end.
    """

    state: ListState
    parts: Sequence[Sequence[bytes] | int]
    floor_version: int
    after: ExportPlace | None

    def page(self) -> ExportPage | None:
        """Give the entries, if that takes no other reading.

        Raises:
            ListCompactedError: The list was compacted past the version.
        """
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
    """Read the next buckets of a whole list at a version.

    A bucket that was changed last at the version or before it is now what it was then, whatever
    else the list has become; so this needs no snapshot. The digests of the buckets are read first,
    and say which there must be, and what each of those that have not changed since is.

    Args:
        connection: Reads; inside a transaction, or for this alone.
        state: Where the list stands at the version.
        after: Place to go on from; nothing at the beginning.
    """
    key = state.view.key
    of_list = {"of_kind": int(key.kind), "of_field": key.field}
    heads = list(_read(connection, _HEAD, of_list))
    if not heads:
        return Stretch(state, (), 0, None)
    ((floor_version, digests),) = heads
    per_bucket = state.entry_count * _ENTRY_BYTES // BUCKETS + 1
    begin = after[1] + 1 if after else 0
    at_once = EXPORT_BYTES // (FIRST_PART if after is None else 1)
    listed = dict(islice(_listed(digests, begin), max(at_once // per_bucket, 1)))
    last = max(listed, default=begin)
    if next(_listed(digests, last + 1), None) is None:
        # Buckets that have become empty since may lie up to the end.
        last = BUCKETS - 1
    rows = _read(connection, _STRETCH, {**of_list, "first": begin, "last": last})
    parts = _parts(state, rows, listed)
    return Stretch(state, parts, floor_version, (0, last) if last < BUCKETS - 1 else None)


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

_Row = tuple[int, int, bytes]
"""A bucket, the version that changed it last, and its body as kept."""


def _listed(digests: bytes, begin: int) -> Iterator[tuple[int, bytes]]:
    """Give the buckets from one on that have entries, each with its digest."""
    for bucket in range(begin, BUCKETS):
        digest = digests[bucket_slice(bucket)]
        if digest != EMPTY_BUCKET:
            yield bucket, digest


def _parts(
    state: ListState, rows: Iterable[_Row], listed: dict[int, bytes]
) -> Sequence[Sequence[bytes] | int]:
    """Put buckets together, a message's worth at a time.

    There are thousands in an export, and so this is one loop.

    Args:
        state: Where the list stands at the version that is exported.
        rows: The buckets as they are kept.
        listed: Digests of the buckets that must be among the rows, as they were shortly before
            these were read. What remains of it is lost.
    """
    parts: list[Sequence[bytes] | int] = []
    waiting: list[bytes] = []
    size = 0
    for bucket, version, kept in rows:
        digest = listed.pop(bucket, EMPTY_BUCKET)
        frame = None
        if version <= state.version:
            frame = _sound_frame(state, bucket, kept, seal(version, digest))
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
    for bucket in sorted(listed):
        _tell_damage(state, bucket, "there is no such row")
        parts.append(bucket)
    return parts


def _sound_frame(state: ListState, bucket: int, kept: bytes, sealed: bytes) -> bytes | None:
    """Give the frame of a bucket; nothing where the changes, which it was made of, must do."""
    try:
        return sound_frame(kept, sealed)
    except BodyUnsealedError:
        return None
    except BodyDamagedError as error:
        _tell_damage(state, bucket, str(error))
        return None


def _tell_damage(state: ListState, bucket: int, error: str) -> None:
    key = state.view.key
    _log.warning("list_bucket_damaged", kind=key.kind, field=key.field, bucket=bucket, error=error)


@dataclass(frozen=True, slots=True)
class _Query:
    """A query, all of whose columns but the last are whole numbers, and the last bytes.

    Attributes:
        built: As SQLAlchemy has it. Building it costs several times what running it does.
        written: As PostgreSQL has it, with room for its parameters, which are whole numbers.
    """

    built: Select[*tuple[Any, ...]]
    written: str

    @classmethod
    def of(cls, built: "Select[*tuple[Any, ...]]") -> "_Query":
        return cls(built, str(built.compile(dialect=_POSTGRESQL())))


def _read(connection: Connection, query: _Query, parameters: Mapping[str, int]) -> Iterable[Any]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        return connection.execute(query.built, parameters).all()
    rows = rows_at_once(connection, driver, query.written % parameters)
    return ((*map(_number, row[:-1]), row[-1]) for row in rows)


def _number(written: bytes) -> int:
    return int.from_bytes(written, "big")


_POSTGRESQL: Final = make_url("postgresql+psycopg://").get_dialect()
_HEAD: Final = _Query.of(
    select(ListHeadRow.floor_version, ListHeadRow.bucket_digests).where(
        ListHeadRow.kind == bindparam("of_kind"), ListHeadRow.field == bindparam("of_field")
    )
)
_STRETCH: Final = _Query.of(
    select(ListBucketRow.bucket, ListBucketRow.version, kept_body())
    .where(
        ListBucketRow.kind == bindparam("of_kind"),
        ListBucketRow.field == bindparam("of_field"),
        ListBucketRow.bucket >= bindparam("first"),
        ListBucketRow.bucket <= bindparam("last"),
    )
    .order_by(ListBucketRow.bucket)
)
