"""The current entries of a list's buckets, joined as exports send them; derived."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from models.list_feed import ListBucketRow, ListChangeRow
from services.scoring.domain.list_encoding import framed
from services.scoring.domain.list_entry import ListKey
from services.scoring.store.binary_results import binary_results
from services.scoring.store.list_heads import Head
from services.scoring.store.packed_bodies import packer

_BUCKETS_AT_ONCE: Final = 200


def refresh_buckets(
    connection: Connection, key: ListKey, buckets: Iterable[int], *, after: Head
) -> None:
    """Join the entries of buckets anew that were changed since a state of the list.

    Args:
        connection: Writes.
        key: The list.
        buckets: The buckets.
        after: The list before the changes.
    """
    numbers = sorted(buckets)
    for start in range(0, len(numbers), _BUCKETS_AT_ONCE):
        _refresh(connection, key, numbers[start : start + _BUCKETS_AT_ONCE], after.last_ordinal)


# Private functions ------------------------------------------------------------


def _refresh(
    connection: Connection, key: ListKey, buckets: Sequence[int], after_ordinal: int
) -> None:
    of_list = (ListChangeRow.kind == key.kind, ListChangeRow.field == key.field)
    changed = dict(
        connection.execute(
            select(ListChangeRow.bucket, func.max(ListChangeRow.version))
            .where(
                *of_list,
                ListChangeRow.bucket.in_(buckets),
                ListChangeRow.ordinal > after_ordinal,
            )
            .group_by(ListChangeRow.bucket)
        ).all()
    )
    with binary_results(connection):
        entries = connection.execute(
            select(ListChangeRow.bucket, ListChangeRow.body)
            .where(
                *of_list,
                ListChangeRow.bucket.in_(list(changed)),
                ListChangeRow.superseded_version.is_(None),
                ListChangeRow.removal_reason.is_(None),
            )
            .order_by(ListChangeRow.bucket, ListChangeRow.entry_id)
        )
    pack = packer()
    packed = dict.fromkeys(changed, pack(b""))
    for bucket, part in groupby(entries, key=itemgetter(0)):
        packed[bucket] = pack(b"".join(framed(body) for _, body in part))
    connection.execute(
        delete(ListBucketRow).where(
            ListBucketRow.kind == key.kind,
            ListBucketRow.field == key.field,
            ListBucketRow.bucket.in_(list(changed)),
        )
    )
    connection.execute(
        insert(ListBucketRow),
        [
            {
                "kind": key.kind,
                "field": key.field,
                "bucket": bucket,
                "version": changed[bucket],
                "body": body,
            }
            for bucket, body in packed.items()
        ],
    )
