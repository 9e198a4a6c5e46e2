"""Changes that were damaged: found by the digests of their buckets, and restored where they can be.

The head of a list keeps the digest of every bucket, and the row of a bucket its entries once more.
What these two prove is put back among the changes; nothing else is. So are the columns that say of
an entry what its body says: whose it is, where it lies, and that it is none that was removed.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, select, update

from models.list_feed import ListChangeRow
from services.scoring.domain.list_digest import (
    BUCKETS,
    EMPTY_BUCKET,
    bucket_digest,
    bucket_of,
    bucket_slice,
    entry_digest,
)
from services.scoring.domain.list_encoding import entry_name, is_in, is_of, place_of
from services.scoring.domain.list_entry import ListKey
from services.scoring.store.binary_results import binary_results
from services.scoring.store.list_bodies import SoundBodies
from services.scoring.store.list_heads import lock_head, read_bucket_digests

_BUCKETS_AT_ONCE: Final = 200


def damaged_changes(connection: Connection, key: ListKey) -> Sequence[int]:
    """Find the buckets whose current changes are not what was published, in a snapshot."""
    digests = read_bucket_digests(connection, key)
    sound = {one for one in range(BUCKETS) if digests[bucket_slice(one)] == EMPTY_BUCKET}
    for start in range(0, BUCKETS, _BUCKETS_AT_ONCE):
        with binary_results(connection):
            rows = connection.execute(
                select(
                    ListChangeRow.bucket,
                    ListChangeRow.entry_id,
                    ListChangeRow.division,
                    ListChangeRow.digest,
                    ListChangeRow.body,
                )
                .where(
                    *_current(key),
                    ListChangeRow.bucket.between(start, start + _BUCKETS_AT_ONCE - 1),
                    ListChangeRow.removal_reason.is_(None),
                )
                .order_by(ListChangeRow.bucket)
            )
        for bucket, part in groupby(rows, key=itemgetter(0)):
            sound.discard(bucket)
            entries = list(part)
            if all(
                _agrees(entry_id, division, digest, body)
                for _, entry_id, division, digest, body in entries
            ) and (
                bucket_digest(digest or b"" for *_, digest, _ in entries)
                == digests[bucket_slice(bucket)]
            ):
                sound.add(bucket)
    return [one for one in range(BUCKETS) if one not in sound]


def restore_changes(connection: Connection, key: ListKey, buckets: Sequence[int]) -> int:
    """Put right the current changes of buckets; give of how many of them that could be done.

    Those whose changes would not be what the digest of their bucket says stay as they are.
    """
    lock_head(connection, key)
    digests = read_bucket_digests(connection, key)
    bodies = SoundBodies(connection, key)
    _put_where_they_belong(connection, key, buckets)
    restored = 0
    for bucket in buckets:
        rows = _rows(connection, key, bucket)
        standing, mending = _mended(rows, bodies.spare(bucket))
        if bucket_digest(standing) != digests[bucket_slice(bucket)]:
            continue
        for ordinal, values in mending:
            _put(connection, key, ordinal, values)
        restored += 1
    return restored


# Private classes and functions -------------------------------------------------


class _Row(NamedTuple):
    ordinal: int
    version: int
    entry_id: int
    division: int | None
    removal_reason: int | None
    digest: bytes | None
    body: bytes


_Mending = tuple[int, Mapping[str, Any]]
"""Number of a change, and what is put into its row."""


def _current(key: ListKey) -> Iterator[ColumnElement[bool]]:
    yield ListChangeRow.kind == key.kind
    yield ListChangeRow.field == key.field
    yield ListChangeRow.superseded_version.is_(None)


def _rows(connection: Connection, key: ListKey, bucket: int) -> Sequence[_Row]:
    rows = connection.execute(
        select(
            ListChangeRow.ordinal,
            ListChangeRow.version,
            ListChangeRow.entry_id,
            ListChangeRow.division,
            ListChangeRow.removal_reason,
            ListChangeRow.digest,
            ListChangeRow.body,
        )
        .where(*_current(key), ListChangeRow.bucket == bucket)
        .order_by(ListChangeRow.ordinal)
    )
    return [_Row(*row) for row in rows]


def _agrees(entry_id: int, division: int | None, digest: bytes | None, body: bytes) -> bool:
    """Say whether the columns of an entry say what its body says."""
    return entry_digest(body) == digest and is_of(body, entry_id) and is_in(body, division)


def _put_where_they_belong(connection: Connection, key: ListKey, buckets: Sequence[int]) -> None:
    """Put entries into their own buckets: the identifiers in their bodies say in which they lie."""
    for bucket in buckets:
        for row in _rows(connection, key, bucket):
            place = place_of(row.body) if entry_digest(row.body) == row.digest else None
            if place is not None and bucket_of(entry_name(place.entry_id)) != bucket:
                _put(
                    connection, key, row.ordinal, {"bucket": bucket_of(entry_name(place.entry_id))}
                )


def _put(connection: Connection, key: ListKey, ordinal: int, values: Mapping[str, Any]) -> None:
    connection.execute(
        update(ListChangeRow)
        .where(*_current(key), ListChangeRow.ordinal == ordinal)
        .values(**values)
    )


def _mended(
    rows: Sequence[_Row], spare: Mapping[bytes, bytes]
) -> tuple[Sequence[bytes], Sequence[_Mending]]:
    """Say what a bucket's changes would be, put right.

    Args:
        rows: The current changes, in order.
        spare: Entries that the row of the bucket has, by digest.

    Returns:
        Digests of the entries then, and what is to be changed.
    """
    standing: list[bytes] = []
    mending: list[_Mending] = []
    by_entry: dict[int, list[tuple[_Row, dict[str, Any]]]] = {}
    for row in rows:
        values = _right_values(row, spare)
        by_entry.setdefault(values.get("entry_id", row.entry_id), []).append((row, values))
    for changes in by_entry.values():
        # Only the last change of an entry is current: another has lost what superseded it.
        mending += [
            (one.ordinal, {"superseded_version": following.version})
            for (one, _), (following, _) in pairwise(changes)
        ]
        last, values = changes[-1]
        if values:
            mending.append((last.ordinal, values))
        digest = values.get("digest", last.digest)
        removed = values.get("removal_reason", last.removal_reason) is not None
        if digest is not None and not removed:
            standing.append(digest)
    return standing, mending


def _right_values(row: _Row, spare: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Say what is to be changed in the row of a change; nothing if all of it agrees."""
    values: dict[str, Any] = {}
    body, found = row.body, entry_digest(row.body)
    if found != row.digest:
        if row.removal_reason is not None and row.digest not in spare:
            # A removal that was damaged: no bucket has it, and nothing proves what it said.
            return values
        if row.digest is not None and row.digest in spare:
            body = values["body"] = spare[row.digest]
        else:
            values["digest"] = found
    place = place_of(body)
    if place is None:
        return values
    if found != row.digest and place.reason is not None:
        # A removal that has lost its reason; of older ones there is no digest.
        return {"removal_reason": place.reason}
    said = {"entry_id": place.entry_id, "division": place.division, "removal_reason": place.reason}
    kept = row._asdict()
    return values | {name: value for name, value in said.items() if kept[name] != value}
