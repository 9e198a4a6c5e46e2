"""The current entries of a list's buckets, joined as exports send them; derived."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from models.list_feed import ListBucketRow, ListChangeRow
from services.scoring.domain.list_digest import BUCKETS
from services.scoring.domain.list_encoding import framed
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import ListState
from services.scoring.store.binary_results import binary_results
from services.scoring.store.list_heads import Head
from services.scoring.store.list_states import in_state

EXPORT_BYTES: Final = 4 * 2**20
"""House decision: bytes that are read at once for an export, about."""

CHUNK_BYTES_MAX: Final = 2**20
"""House limit: a bucket with more is read entry by entry, so that it fits into messages."""

_BUCKETS_AT_ONCE: Final = 200
_ENTRY_BYTES: Final = 500
"""About what an entry takes; decides how many buckets are read at once, and nothing else."""


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


def read_export(
    connection: Connection, state: ListState, after_bucket: int
) -> tuple[list[bytes], int | None]:
    """Read the next buckets of a whole list at a version.

    Args:
        connection: Reads.
        state: Where the list stands at the version.
        after_bucket: Bucket read last; -1 for none.

    Returns:
        Chunks of framed entries, and the bucket read last; none at the end.
    """
    key, version = state.view.key, state.version
    per_bucket = state.entry_count * _ENTRY_BYTES // BUCKETS + 1
    limit = min(max(EXPORT_BYTES // per_bucket, 1), BUCKETS)
    with binary_results(connection):
        rows = connection.execute(
            _AFTER,
            {"of_kind": key.kind, "of_field": key.field, "after": after_bucket, "most": limit},
        ).all()
    chunks: list[bytes] = []
    for bucket, changed_version, body in rows:
        if changed_version <= version and len(body) <= CHUNK_BYTES_MAX:
            chunks.append(body)
        else:
            chunks += _entries_at(connection, state, bucket)
    return chunks, rows[-1][0] if len(rows) == limit else None


# Private functions and statements ---------------------------------------------

# Built once: building it costs several times what running it does.
_AFTER: Final = (
    select(ListBucketRow.bucket, ListBucketRow.version, ListBucketRow.body)
    .where(
        ListBucketRow.kind == bindparam("of_kind"),
        ListBucketRow.field == bindparam("of_field"),
        ListBucketRow.bucket > bindparam("after"),
    )
    .order_by(ListBucketRow.bucket)
    .limit(bindparam("most"))
)


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
    joined = dict.fromkeys(changed, b"")
    for bucket, part in groupby(entries, key=itemgetter(0)):
        joined[bucket] = b"".join(framed(body) for _, body in part)
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
            for bucket, body in joined.items()
        ],
    )


def _entries_at(connection: Connection, state: ListState, bucket: int) -> list[bytes]:
    """Read the entries of one bucket at a version from the changes."""
    rows = connection.execute(
        select(ListChangeRow.body)
        .where(in_state(state.view, state.version), ListChangeRow.bucket == bucket)
        .order_by(ListChangeRow.entry_id)
    )
    return [framed(body) for (body,) in rows]
