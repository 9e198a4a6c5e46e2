"""The state of a list, or of a view of it, at any version that can still be read."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from threading import Lock
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from models.list_feed import ListChangeRow
from services.scoring.domain.list_digest import (
    BUCKETS,
    EMPTY_BUCKETS,
    bucket_digest,
    bucket_slice,
    list_digest,
)
from services.scoring.domain.list_feed import ListView
from services.scoring.store.list_heads import Version, read_version

VIEWS_KEPT: Final = 64
"""House limit: views whose digests stay in memory, 160 KiB each."""

_ROWS_AT_ONCE: Final = 5000
_BUCKETS_AT_ONCE: Final = 500


def in_state(view: ListView, version: int) -> ColumnElement[bool]:
    """Say which changes are the entries of a view at a version, none of them dropped yet."""
    return and_(
        *of_view(view),
        ListChangeRow.version <= version,
        ListChangeRow.removal_reason.is_(None),
        or_(
            ListChangeRow.superseded_version.is_(None),
            ListChangeRow.superseded_version > version,
        ),
    )


def of_view(view: ListView) -> Iterator[ColumnElement[bool]]:
    """Say which changes leave their entry in a view; every change of a whole list does."""
    yield ListChangeRow.kind == view.key.kind
    yield ListChangeRow.field == view.key.field
    if view.bounds is not None:
        yield ListChangeRow.division.between(*view.bounds)


def touching_view(view: ListView) -> Iterator[ColumnElement[bool]]:
    """Say which changes bring an entry into a view, change it there, or take it out."""
    yield ListChangeRow.kind == view.key.kind
    yield ListChangeRow.field == view.key.field
    if view.bounds is not None:
        yield or_(
            ListChangeRow.division.between(*view.bounds),
            ListChangeRow.previous_division.between(*view.bounds),
        )


@dataclass(frozen=True, slots=True)
class BucketDigests:
    """The digests of a view's buckets at a version.

    Attributes:
        version: The version.
        digests: Digests of the buckets, one after the other.
        counts: Entries in each bucket.
    """

    version: Version
    digests: bytes
    counts: Sequence[int]

    @property
    def digest(self) -> bytes:
        """Give the digest of the view."""
        return list_digest(self.digests)

    @property
    def entry_count(self) -> int:
        """Count the entries of the view."""
        return sum(self.counts)


class ViewDigests:
    """Digests of views, brought from version to version by the buckets that changed.

    Shared by all threads of a process. Whole lists need none of this: their digests are kept with
    their versions.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._lock = Lock()
        self._kept: OrderedDict[ListView, BucketDigests] = OrderedDict()

    def at(
        self, connection: Connection, view: ListView, version: Version, *, floor_version: int
    ) -> BucketDigests:
        """Give the digests of a view's buckets at a version.

        Args:
            connection: Reads.
            view: The view.
            version: At the floor or after it.
            floor_version: Version up to which changes may have been dropped.
        """
        with self._lock:
            kept = self._kept.get(view)
        if kept is not None and kept.version == version:
            return kept
        if kept is None or not _leads_to(connection, view, kept.version, floor_version):
            kept = BucketDigests(Version(), EMPTY_BUCKETS, array("L", bytes(8 * BUCKETS)))
            touched: Iterable[int] | None = None
        else:
            touched = _touched(connection, view, kept.version, version)
        found = _renewed(connection, view, kept, version=version, touched=touched)
        with self._lock:
            self._kept[view] = found
            self._kept.move_to_end(view)
            if len(self._kept) > VIEWS_KEPT:
                self._kept.popitem(last=False)
        return found


def bucket_bodies(
    connection: Connection, view: ListView, version: int, buckets: Sequence[int]
) -> dict[int, list[bytes]]:
    """Give the entries of some buckets of a view at a version."""
    found: dict[int, list[bytes]] = {bucket: [] for bucket in buckets}
    rows = connection.execute(
        select(ListChangeRow.bucket, ListChangeRow.body)
        .where(in_state(view, version), ListChangeRow.bucket.in_(buckets))
        .order_by(ListChangeRow.bucket, ListChangeRow.entry_id)
    )
    for bucket, body in rows:
        found[bucket].append(body)
    return found


# Private functions -----------------------------------------------------------


def _leads_to(connection: Connection, view: ListView, version: Version, floor_version: int) -> bool:
    """Say whether the changes since a version can be had, and are of the same history.

    They are not where the store was set back meanwhile.
    """
    if version.version < floor_version:
        return False
    return read_version(connection, view.key, version.version) == version


def _touched(connection: Connection, view: ListView, one: Version, other: Version) -> Iterable[int]:
    """Find the buckets in which a view may differ between two versions."""
    first, last = sorted((one.last_ordinal, other.last_ordinal))
    return connection.execute(
        select(ListChangeRow.bucket)
        .where(*touching_view(view), ListChangeRow.ordinal > first, ListChangeRow.ordinal <= last)
        .distinct()
    ).scalars()


def _renewed(
    connection: Connection,
    view: ListView,
    kept: BucketDigests,
    *,
    version: Version,
    touched: Iterable[int] | None,
) -> BucketDigests:
    """Digest the buckets that were touched anew, or all of them."""
    digests, counts = bytearray(kept.digests), array("L", kept.counts)
    query = (
        select(ListChangeRow.bucket, ListChangeRow.digest)
        .where(in_state(view, version.version))
        .order_by(ListChangeRow.bucket)
    )
    if touched is None:
        _digest_buckets(connection, query, digests, counts)
        return BucketDigests(version, bytes(digests), counts)
    numbers = sorted(touched)
    for number in numbers:
        digests[bucket_slice(number)] = EMPTY_BUCKETS[bucket_slice(number)]
        counts[number] = 0
    for start in range(0, len(numbers), _BUCKETS_AT_ONCE):
        part = numbers[start : start + _BUCKETS_AT_ONCE]
        _digest_buckets(connection, query.where(ListChangeRow.bucket.in_(part)), digests, counts)
    return BucketDigests(version, bytes(digests), counts)


def _digest_buckets(
    connection: Connection,
    query: Select[int, bytes | None],
    digests: bytearray,
    counts: "array[int]",
) -> None:
    rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
    for number, bucket in groupby(rows, key=itemgetter(0)):
        found = [digest for _, digest in bucket if digest is not None]
        digests[bucket_slice(number)] = bucket_digest(found)
        counts[number] = len(found)
