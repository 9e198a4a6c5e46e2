"""What became of list entries, read from the tables that the list service writes."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, select

from models.list_feed import ListChangeRow, ListVersionRow
from models.lists import ListEntryRow
from services.credit.domain.identifiers import name_of
from services.credit.domain.remedied_entry import EntryStanding, RemediedEntry, RemovalReason
from services.credit.domain.remedy import ENTRY
from services.credit.store.columns import among, table_of, visible

_ENTRIES: Final = table_of(ListEntryRow)
_CHANGES: Final = table_of(ListChangeRow)
_VERSIONS: Final = table_of(ListVersionRow)
# A bucket is the first 12 of the 16 bits that two bytes have (list_sync_service.proto).
_BITS_DROPPED: Final = 4


def remedied_entries(
    connection: Connection, entry_ids: Collection[int], *, revision: int
) -> Mapping[int, RemediedEntry]:
    """Give what became of entries by what was known at a revision, by their numbers."""
    if not entry_ids:
        return {}
    query = select(_ENTRIES).where(
        among(_ENTRIES.c.entry_id, entry_ids), visible(_ENTRIES, revision)
    )
    return {row.entry_id: _remedied(connection, row, revision) for row in connection.execute(query)}


# Private functions -----------------------------------------------------------


def _remedied(connection: Connection, row: Row[Any], revision: int) -> RemediedEntry:
    standing = EntryStanding(row.state)
    if standing is EntryStanding.PUBLISHED:
        return RemediedEntry(standing=standing)
    return RemediedEntry(
        standing=standing,
        removal_date=row.removal_date,
        reason=RemovalReason(row.removal_reason),
        document_number=row.removal_document,
        list_version=_removing_version(connection, row, revision),
    )


def _removing_version(connection: Connection, row: Row[Any], revision: int) -> int:
    """Find the version that published the removal; 0 once its tombstone was dropped."""
    query = (
        select(_CHANGES.c.version, _CHANGES.c.removal_reason)
        .join(
            _VERSIONS,
            and_(
                _VERSIONS.c.kind == _CHANGES.c.kind,
                _VERSIONS.c.field == _CHANGES.c.field,
                _VERSIONS.c.version == _CHANGES.c.version,
            ),
        )
        .where(
            _CHANGES.c.kind == row.list_kind,
            _CHANGES.c.field == row.field,
            _CHANGES.c.bucket == _bucket_of(row.entry_id),
            _CHANGES.c.entry_id == row.entry_id,
            _VERSIONS.c.recorded_revision <= revision,
        )
        .order_by(_CHANGES.c.ordinal.desc())
        .limit(1)
    )
    found = connection.execute(query).one_or_none()
    return 0 if found is None or found.removal_reason is None else int(found.version)


def _bucket_of(entry_id: int) -> int:
    """Find the bucket by which the changes of an entry are indexed.

    Source:
        list_sync_service.proto, which states the rule for foreign programs.
    """
    head = sha256(name_of(ENTRY, entry_id).encode()).digest()[:2]
    return int.from_bytes(head, "big") >> _BITS_DROPPED
