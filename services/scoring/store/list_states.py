"""The state of a list, or of a view of it, at any version that can still be read."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from models.list_feed import ListChangeRow
from services.scoring.domain.list_digest import (
    BUCKETS,
    EMPTY_BUCKETS,
    bucket_digest,
    bucket_slice,
    entry_digest,
    list_digest,
)
from services.scoring.domain.list_encoding import is_in, is_removal
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import ListView
from services.scoring.domain.list_feed_errors import ListChangesDamagedError
from services.scoring.store.binary_results import binary_results
from services.scoring.store.list_bodies import SoundBodies, damaged, tell_damage
from services.scoring.store.list_heads import (
    Version,
    read_bucket_digests,
    read_head,
    read_version,
)

VIEWS_KEPT: Final = 64
"""House limit: views whose digests stay in memory, 160 KiB each."""

_ROWS_AT_ONCE: Final = 5000
_BUCKETS_AT_ONCE: Final = 500
_BUCKETS_WITH_BODIES_AT_ONCE: Final = 200


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
    their versions. What a view is digested from is first held against that of its whole list, since
    a view without an entry that was lost would have a digest as good as any.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._lock = Lock()
        self._kept: OrderedDict[ListView, BucketDigests] = OrderedDict()
        self._whole: dict[ListKey, Version] = {}

    def at(
        self, connection: Connection, view: ListView, version: Version, *, floor_version: int
    ) -> BucketDigests:
        """Give the digests of a view's buckets at a version.

        Args:
            connection: Reads.
            view: The view.
            version: At the floor or after it.
            floor_version: Version up to which changes may have been dropped.

        Raises:
            ListChangesDamagedError: The changes are not those that were published.
        """
        with self._lock:
            kept = self._kept.get(view)
        if kept is not None and kept.version == version:
            return kept
        if kept is None or not _leads_to(connection, view, kept.version, floor_version):
            self._require_whole(connection, view.key, version, floor_version)
            kept = _NOTHING
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

    # Private methods -------------------------------------------------------------

    def _require_whole(
        self, connection: Connection, key: ListKey, version: Version, floor_version: int
    ) -> None:
        """Hold all changes of a list against its digest at a version, once in a process."""
        with self._lock:
            seen = self._whole.get(key)
        if seen is not None and _leads_to(connection, ListView(key), seen, floor_version):
            return
        whole = whole_digests(connection, key, version)
        if whole.digest != version.digest or _astray(connection, key, version):
            _log.error("list_changes_damaged", kind=key.kind.name, field=key.field)
            raise ListChangesDamagedError(
                "what the store keeps of this list is damaged, and a view of it cannot be told;"
                " tell the operator",
                kind=key.kind.name,
                field=key.field,
                version=version.version,
            )
        with self._lock:
            self._whole[key] = version


def whole_digests(connection: Connection, key: ListKey, version: Version) -> BucketDigests:
    """Digest all entries of a list at a version, as the changes are kept."""
    return _renewed(connection, ListView(key), _NOTHING, version=version, touched=None)


def bucket_bodies(
    connection: Connection, view: ListView, version: int, buckets: Sequence[int]
) -> dict[int, list[bytes]]:
    """Give the entries of some buckets of a view at a version.

    Raises:
        ListCompactedError: What the version said of one of them is told no more.
        ListChangesDamagedError: They are not what was published.
    """
    found: dict[int, list[bytes]] = {bucket: [] for bucket in buckets}
    bodies = SoundBodies(connection, view.key)
    rows = connection.execute(
        select(ListChangeRow.bucket, ListChangeRow.digest, ListChangeRow.body)
        .where(in_state(view, version), ListChangeRow.bucket.in_(buckets))
        .order_by(ListChangeRow.bucket, ListChangeRow.entry_id)
    ).all()
    for bucket, digest, body in rows:
        entry = bodies.sound(bucket, digest, body)
        if is_removal(entry):
            tell_damage(view.key, bucket)
            raise damaged(view.key, bucket)
        found[bucket].append(entry)
    if view.bounds is None and read_head(connection, view.key).version == version:
        digests = read_bucket_digests(connection, view.key)
        for bucket, entries in found.items():
            if bucket_digest(map(entry_digest, entries)) != digests[bucket_slice(bucket)]:
                tell_damage(view.key, bucket)
                raise damaged(view.key, bucket)
    return found


# Private functions and values --------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_NOTHING: Final = BucketDigests(Version(), EMPTY_BUCKETS, array("L", bytes(8 * BUCKETS)))


def _leads_to(connection: Connection, view: ListView, version: Version, floor_version: int) -> bool:
    """Say whether the changes since a version can be had, and are of the same history.

    They are not where the store was set back meanwhile.
    """
    if version.version < floor_version:
        return False
    return read_version(connection, view.key, version.version) == version


def _astray(connection: Connection, key: ListKey, version: Version) -> bool:
    """Say whether an entry is kept in another division than its body says.

    A view that has it, and one that lacks it, would each have a digest as good as any.
    """
    query = select(ListChangeRow.division, ListChangeRow.digest, ListChangeRow.body).where(
        in_state(ListView(key), version.version)
    )
    for start in range(0, BUCKETS, _BUCKETS_WITH_BODIES_AT_ONCE):
        end = start + _BUCKETS_WITH_BODIES_AT_ONCE
        with binary_results(connection):
            rows = connection.execute(query.where(ListChangeRow.bucket.between(start, end - 1)))
        for division, digest, body in rows:
            # A body that was damaged itself says nothing, and is had from elsewhere.
            if not is_in(body, division) and entry_digest(body) == digest:
                return True
    return False


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
    rows = connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})
    for number, bucket in groupby(rows, key=itemgetter(0)):
        found = [digest for _, digest in bucket if digest is not None]
        digests[bucket_slice(number)] = bucket_digest(found)
        counts[number] = len(found)
