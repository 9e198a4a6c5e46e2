"""Changes that were damaged: found by the digests of their buckets, and restored where they can be.

The head of a list keeps the digest of every bucket, and the row of a bucket its entries once more.
What these two prove is put back among the changes; nothing else is.
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
    bucket_slice,
    entry_digest,
)
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
                select(ListChangeRow.bucket, ListChangeRow.digest, ListChangeRow.body)
                .where(
                    *_current(key),
                    ListChangeRow.bucket.between(start, start + _BUCKETS_AT_ONCE - 1),
                    ListChangeRow.removal_reason.is_(None),
                )
                .order_by(ListChangeRow.bucket)
            )
        for bucket, part in groupby(rows, key=itemgetter(0)):
            sound.discard(bucket)
            entries = [(digest, entry_digest(body)) for _, digest, body in part]
            if all(kept == found for kept, found in entries) and (
                bucket_digest(found for _, found in entries) == digests[bucket_slice(bucket)]
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
    restored = 0
    for bucket in buckets:
        rows = _rows(connection, key, bucket)
        standing, mending = _mended(rows, bodies.spare(bucket))
        if bucket_digest(standing) != digests[bucket_slice(bucket)]:
            continue
        for ordinal, values in mending:
            connection.execute(
                update(ListChangeRow)
                .where(*_current(key), ListChangeRow.ordinal == ordinal)
                .values(**values)
            )
        restored += 1
    return restored


# Private classes and functions -------------------------------------------------


class _Row(NamedTuple):
    ordinal: int
    version: int
    entry_id: int
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
            ListChangeRow.removal_reason,
            ListChangeRow.digest,
            ListChangeRow.body,
        )
        .where(*_current(key), ListChangeRow.bucket == bucket)
        .order_by(ListChangeRow.entry_id, ListChangeRow.ordinal)
    )
    return [_Row(*row) for row in rows]


def _mended(
    rows: Sequence[_Row], spare: Mapping[bytes, bytes]
) -> tuple[Sequence[bytes], Sequence[_Mending]]:
    """Say what a bucket's changes would be, put right.

    Args:
        rows: The current changes, those of an entry together, in order.
        spare: Entries that the row of the bucket has, by digest.

    Returns:
        Digests of the entries then, and what is to be changed.
    """
    standing: list[bytes] = []
    mending: list[_Mending] = []
    for _, changes in groupby(rows, key=lambda row: row.entry_id):
        of_entry = list(changes)
        # Only the last change of an entry is current: another has lost what superseded it.
        mending += [
            (one.ordinal, {"superseded_version": following.version})
            for one, following in pairwise(of_entry)
        ]
        last = of_entry[-1]
        if last.removal_reason is not None:
            continue
        found = entry_digest(last.body)
        if found == last.digest:
            standing.append(found)
        elif last.digest is not None and last.digest in spare:
            standing.append(last.digest)
            mending.append((last.ordinal, {"body": spare[last.digest]}))
        else:
            standing.append(found)
            mending.append((last.ordinal, {"digest": found}))
    return standing, mending
