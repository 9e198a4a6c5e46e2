"""List entries as far as remedies need them, read from the tables that the list service writes."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, or_, select

from models.list_feed import ListChangeRow, ListVersionRow
from models.lists import ListCaseRow, ListCaseStepRow, ListEntryRow
from models.records import RecordRow
from services.credit.domain.identifiers import name_of
from services.credit.domain.remedied_entry import EntryStanding, RemediedEntry, RemovalReason
from services.credit.domain.remedy import ENTRY, Decided
from services.credit.store.columns import among, table_of, visible

_ENTRIES: Final = table_of(ListEntryRow)
_CHANGES: Final = table_of(ListChangeRow)
_VERSIONS: Final = table_of(ListVersionRow)
_CASES: Final = table_of(ListCaseRow)
_STEPS: Final = table_of(ListCaseStepRow)
_RECORDS: Final = table_of(RecordRow)
# Number of the kind of list, see list_entry.proto.
_BLACKLIST: Final = 1
# Number of the step, see list_case.proto.
_WITHDRAW_EARLY: Final = 19
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


def records_behind(connection: Connection, entry_id: int, *, revision: int) -> Sequence[int]:
    """Give the records on which the listing of an entry's subject rests.

    Those of the circumstances that reach it; a nomination has none, and rests on all of its case.
    What is about a person is behind the listing of that person alone.
    """
    query = (
        select(_ENTRIES.c.rule_ids, _ENTRIES.c.subject_id, _CASES.c.reasons)
        .join(_CASES, _CASES.c.case_id == _ENTRIES.c.case_id)
        .where(_ENTRIES.c.entry_id == entry_id, visible(_ENTRIES, revision))
    )
    row = connection.execute(query).one()
    rule_ids = set(json.loads(row.rule_ids))
    found = (
        record_ids
        for rule_id, *_, record_ids in json.loads(row.reasons)
        if not rule_ids or rule_id in rule_ids
    )
    behind = {record_id for record_ids in found for record_id in record_ids}
    own = or_(~_RECORDS.c.person, _RECORDS.c.subject_id == row.subject_id)
    numbers = select(_RECORDS.c.record_id).where(among(_RECORDS.c.record_id, behind), own)
    return sorted(set(connection.execute(numbers).scalars()))


def listed_since(
    connection: Connection, decided: Decided, *, revision: int, day: date
) -> int | None:
    """Give the first other entry of a blacklist of the field that was decided on since.

    One that was corrected never counted.
    """
    query = (
        select(_ENTRIES.c.entry_id)
        .where(
            _ENTRIES.c.subject_id == decided.subject_id,
            _ENTRIES.c.list_kind == _BLACKLIST,
            _ENTRIES.c.field == int(decided.field),
            _ENTRIES.c.decision_date >= decided.decision_date,
            _ENTRIES.c.decision_date <= day,
            _ENTRIES.c.state != EntryStanding.CORRECTED,
            visible(_ENTRIES, revision),
        )
        .order_by(_ENTRIES.c.decision_date, _ENTRIES.c.entry_id)
        .limit(1)
    )
    if decided.target.entry_id is not None:
        query = query.where(_ENTRIES.c.entry_id != decided.target.entry_id)
    found: int | None = connection.execute(query).scalar()
    return found


def withdrawal_dates(connection: Connection, entry_id: int, *, revision: int) -> Sequence[date]:
    """Give the days on which an early removal of an entry was withdrawn, oldest first."""
    query = (
        select(_STEPS.c.step_date)
        .join(_ENTRIES, _ENTRIES.c.case_id == _STEPS.c.case_id)
        .where(
            _ENTRIES.c.entry_id == entry_id,
            visible(_ENTRIES, revision),
            _STEPS.c.entry_id == entry_id,
            _STEPS.c.kind == _WITHDRAW_EARLY,
            _STEPS.c.recorded_revision <= revision,
        )
        .order_by(_STEPS.c.number)
    )
    return connection.execute(query).scalars().all()


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
