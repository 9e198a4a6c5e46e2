"""Heads of lists that were damaged: found by the versions of the list, and made anew where proved.

A version keeps the digest of the whole list, and its head that of every bucket too. Whatever is
published builds on the head; so a head that is not the last version's is made anew from the
changes, if these are what the version's digest says, and else nothing is published.
"""

from collections.abc import Sequence
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, Row, func, select, update

from models.list_feed import ListChangeRow, ListHeadRow, ListVersionRow
from services.scoring.domain.list_digest import BUCKETS, DIGEST_BYTES, list_digest
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed_errors import ListChangesDamagedError
from services.scoring.store.list_heads import (
    Head,
    Version,
    lock_head,
    read_bucket_digests,
    read_head,
    read_heads,
)
from services.scoring.store.list_states import whole_digests


def damaged_heads(connection: Connection) -> Sequence[ListKey]:
    """Find the lists whose heads are not what their last versions say, in a snapshot."""
    return [
        key
        for key, head in sorted(read_heads(connection).items())
        if not _sound(head, read_bucket_digests(connection, key), _last(connection, key))
    ]


def lock_sound_head(connection: Connection, key: ListKey) -> tuple[Head, bytes]:
    """Take a list's one row lock; give where it stands, and the digests of its buckets.

    Raises:
        ListChangesDamagedError: Its head is damaged, and the changes do not say what it was.
    """
    head, digests = lock_head(connection, key), read_bucket_digests(connection, key)
    if _sound(head, digests, _last(connection, key)):
        return head, digests
    if not restore_head(connection, key):
        _log.error("list_head_damaged", kind=key.kind.name, field=key.field)
        raise ListChangesDamagedError(
            "what the store keeps of this list is damaged, and nothing is published on it; tell"
            " the operator",
            kind=key.kind.name,
            field=key.field,
        )
    return read_head(connection, key), read_bucket_digests(connection, key)


def restore_head(connection: Connection, key: ListKey) -> bool:
    """Make a list's head anew from its changes; say whether these are what was published.

    Where the head and the changes agree, the last version is what was damaged.
    """
    head, digests = lock_head(connection, key), read_bucket_digests(connection, key)
    last = _last(connection, key)
    found = whole_digests(connection, key, last)
    proofs = {last.digest}
    if head.version == last.version and _right_length(digests):
        proofs |= {head.digest} & {list_digest(digests)}
    changed = _last_change(connection, key)
    ordinals = [one for one in (last.last_ordinal, head.last_ordinal) if one >= changed.ordinal]
    if found.digest not in proofs or changed.version > last.version or not ordinals:
        return False
    said = {
        "entry_count": found.entry_count,
        "digest": found.digest,
        "last_ordinal": ordinals[0],
        "last_byte": last.last_byte,
    }
    connection.execute(
        update(ListVersionRow)
        .where(
            ListVersionRow.kind == key.kind,
            ListVersionRow.field == key.field,
            ListVersionRow.version == last.version,
        )
        .values(**said)
    )
    connection.execute(
        update(ListHeadRow)
        .where(ListHeadRow.kind == key.kind, ListHeadRow.field == key.field)
        .values(version=last.version, bucket_digests=found.digests, **said)
    )
    _log.warning("list_head_restored", kind=key.kind.name, field=key.field)
    return True


# Private classes, functions and values ------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class _Change(NamedTuple):
    """The last change that is kept: its number, and its version."""

    ordinal: int
    version: int


def _sound(head: Head, digests: bytes, last: Version) -> bool:
    """Say whether a head is what its last version and the digests of its buckets say."""
    return head.last == last and _right_length(digests) and list_digest(digests) == head.digest


def _right_length(digests: bytes) -> bool:
    return len(digests) == BUCKETS * DIGEST_BYTES


def _last(connection: Connection, key: ListKey) -> Version:
    """Find the last version that is kept; version 0 where there is none."""
    row: Row[int, int, int, int, bytes] | None = connection.execute(
        select(
            ListVersionRow.version,
            ListVersionRow.last_ordinal,
            ListVersionRow.last_byte,
            ListVersionRow.entry_count,
            ListVersionRow.digest,
        )
        .where(ListVersionRow.kind == key.kind, ListVersionRow.field == key.field)
        .order_by(ListVersionRow.version.desc())
        .limit(1)
    ).one_or_none()
    return Version() if row is None else Version(**row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name.


def _last_change(connection: Connection, key: ListKey) -> _Change:
    ordinal, version = connection.execute(
        select(func.max(ListChangeRow.ordinal), func.max(ListChangeRow.version)).where(
            ListChangeRow.kind == key.kind, ListChangeRow.field == key.field
        )
    ).one()
    return _Change(ordinal or 0, version or 0)
