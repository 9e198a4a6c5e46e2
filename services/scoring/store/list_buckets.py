"""The current entries of a list's buckets, joined as exports send them; derived."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from models.list_feed import ListBucketRow, ListChangeRow
from services.scoring.domain.list_digest import (
    BUCKETS,
    EMPTY_BUCKET,
    bucket_digest,
    bucket_slice,
    entry_digest,
)
from services.scoring.domain.list_encoding import framed
from services.scoring.domain.list_entry import ListKey
from services.scoring.store.binary_results import binary_results
from services.scoring.store.list_bodies import SoundBodies, kept_body, tell_damage
from services.scoring.store.list_heads import Head, lock_head, read_bucket_digests
from services.scoring.store.packed_bodies import BodyDamagedError, packer, seal, sound_frame

BUCKETS_AT_ONCE: Final = 64
"""House limit: buckets that one transaction makes anew, so that no writer waits long for it."""

_BUCKETS_AT_ONCE: Final = 200


def refresh_buckets(
    connection: Connection, before: Head, buckets: Iterable[int], *, digests: bytes
) -> None:
    """Join the entries of buckets anew that were changed since a state of the list.

    A bucket whose entries are not what its digest says keeps its row: readers refuse that, and it
    has what was not changed.

    Args:
        connection: Writes.
        before: The list before the changes.
        buckets: The buckets.
        digests: Digests of all buckets after them.
    """
    key, numbers = before.key, sorted(buckets)
    for start in range(0, len(numbers), _BUCKETS_AT_ONCE):
        part = numbers[start : start + _BUCKETS_AT_ONCE]
        changed = _changed(connection, key, part, before.last_ordinal)
        entries = _entries(connection, key, list(changed))
        right = _right(changed, entries, digests)
        for one in changed.keys() - set(right):
            tell_damage(key, one)
        _write(connection, key, {one: (changed[one], entries[one]) for one in right}, digests)


def unsound_buckets(connection: Connection, key: ListKey) -> Sequence[int]:
    """Find the buckets that exports would have to read from the changes, in a snapshot."""
    digests = read_bucket_digests(connection, key)
    lost = {one for one in range(BUCKETS) if digests[bucket_slice(one)] != EMPTY_BUCKET}
    unsound: set[int] = set()
    for start in range(0, BUCKETS, _BUCKETS_AT_ONCE):
        with binary_results(connection):
            rows = connection.execute(
                select(ListBucketRow.bucket, ListBucketRow.version, kept_body()).where(
                    ListBucketRow.kind == key.kind,
                    ListBucketRow.field == key.field,
                    ListBucketRow.bucket.between(start, start + _BUCKETS_AT_ONCE - 1),
                )
            ).all()
        for bucket, version, body in rows:
            lost.discard(bucket)
            try:
                sound_frame(body, seal(version, digests[bucket_slice(bucket)]))
            except BodyDamagedError:
                unsound.add(bucket)
    return sorted(unsound | lost)


def rebuild_buckets(connection: Connection, key: ListKey, buckets: Sequence[int]) -> int:
    """Join the entries of buckets anew; give how many of them.

    Those whose entries are not what the digest of their bucket says stay as they are.
    """
    lock_head(connection, key)
    digests = read_bucket_digests(connection, key)
    entries = _entries(connection, key, buckets)
    right = _right(buckets, entries, digests)
    # A bucket that is empty at every version that can be read has no change.
    changed = _changed(connection, key, right, 0)
    rows = {one: (changed[one], entries[one]) for one in right if one in changed}
    _write(connection, key, rows, digests, instead_of=right)
    return len(right)


# Private functions ------------------------------------------------------------


def _changed(
    connection: Connection, key: ListKey, buckets: Sequence[int], after_ordinal: int
) -> Mapping[int, int]:
    """Give the last version of each bucket that has changes after one."""
    rows = connection.execute(
        select(ListChangeRow.bucket, func.max(ListChangeRow.version))
        .where(
            ListChangeRow.kind == key.kind,
            ListChangeRow.field == key.field,
            ListChangeRow.bucket.in_(buckets),
            ListChangeRow.ordinal > after_ordinal,
        )
        .group_by(ListChangeRow.bucket)
    )
    return dict(rows.all())


_Entries = Mapping[bytes, bytes]
"""Entries of a bucket, each by its digest."""


def _right(
    buckets: Iterable[int], entries: Mapping[int, _Entries], digests: bytes
) -> Sequence[int]:
    """Give the buckets whose entries are what the digests of all buckets say."""
    return [one for one in buckets if bucket_digest(entries[one]) == digests[bucket_slice(one)]]


def _entries(
    connection: Connection, key: ListKey, buckets: Sequence[int]
) -> Mapping[int, _Entries]:
    """Give the current entries of buckets, those that were damaged as the buckets have them."""
    with binary_results(connection):
        rows = connection.execute(
            select(ListChangeRow.bucket, ListChangeRow.digest, ListChangeRow.body)
            .where(
                ListChangeRow.kind == key.kind,
                ListChangeRow.field == key.field,
                ListChangeRow.bucket.in_(buckets),
                ListChangeRow.superseded_version.is_(None),
                ListChangeRow.removal_reason.is_(None),
            )
            .order_by(ListChangeRow.bucket, ListChangeRow.entry_id)
        ).all()
    bodies = SoundBodies(connection, key)
    found: dict[int, _Entries] = {bucket: {} for bucket in buckets}
    for bucket, part in groupby(rows, key=itemgetter(0)):
        entries: dict[bytes, bytes] = {}
        for _, digest, body in part:
            of_body = entry_digest(body)
            if of_body == digest:
                entries[of_body] = body
                continue
            sound = bodies.recovered(bucket, digest, body) or body
            entries[entry_digest(sound)] = sound
        found[bucket] = entries
    return found


def _write(
    connection: Connection,
    key: ListKey,
    buckets: Mapping[int, tuple[int, _Entries]],
    digests: bytes,
    *,
    instead_of: Sequence[int] | None = None,
) -> None:
    """Keep buckets, each with the version that changed it last and its entries.

    Args:
        connection: Writes.
        key: The list.
        buckets: The buckets.
        digests: Digests of all buckets.
        instead_of: Buckets whose rows they stand for; by default their own.
    """
    connection.execute(
        delete(ListBucketRow).where(
            ListBucketRow.kind == key.kind,
            ListBucketRow.field == key.field,
            ListBucketRow.bucket.in_(list(buckets) if instead_of is None else instead_of),
        )
    )
    rows = list(_rows(key, buckets, digests))
    if rows:
        connection.execute(insert(ListBucketRow), rows)


def _rows(
    key: ListKey, buckets: Mapping[int, tuple[int, _Entries]], digests: bytes
) -> Iterator[dict[str, object]]:
    pack = packer()
    for bucket, (version, entries) in buckets.items():
        sealed = seal(version, digests[bucket_slice(bucket)])
        yield {
            "kind": key.kind,
            "field": key.field,
            "bucket": bucket,
            "version": version,
            "body": pack(b"".join(map(framed, entries.values())), sealed),
        }
