"""Major hazards, for the listings that go on until they are removed.

The numbers of codes are those of policies/vocabulary.yaml, which never change.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from models.lists import ListCaseRow, ListEntryRow
from models.records import HazardRow, RecordRow, RectificationRow
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.hazard_extension import MajorHazard
from services.scoring.domain.list_entry import ListKind, RemovalReason
from services.scoring.store.columns import table_of, visible

_ENTRIES: Final = table_of(ListEntryRow)
_CASES: Final = table_of(ListCaseRow)
_HAZARDS: Final = table_of(HazardRow)
_RECTIFICATIONS: Final = table_of(RectificationRow)
_FOUND: Final = table_of(RecordRow).alias("found")
_REMOVED: Final = table_of(RecordRow).alias("removed")

_MAJOR: Final = 2
_ACCEPTED: Final = 3


def major_hazards(
    connection: Connection, enterprise_id: int, revision: int, *, day: date
) -> Sequence[MajorHazard]:
    """Read the major hazards of an enterprise that were found by a day, as they stood on it."""
    removed = (
        select(func.min(_REMOVED.c.event_date))
        .join(_RECTIFICATIONS, _RECTIFICATIONS.c.row_id == _REMOVED.c.row_id)
        .where(
            _RECTIFICATIONS.c.target_record_id == _FOUND.c.record_id,
            _RECTIFICATIONS.c.outcome == _ACCEPTED,
            _REMOVED.c.event_date <= day,
            visible(_REMOVED, revision),
        )
        .scalar_subquery()
    )
    rows = connection.execute(
        select(_FOUND.c.event_date, removed.label("removed_date"))
        .join(_HAZARDS, _HAZARDS.c.row_id == _FOUND.c.row_id)
        .where(
            _FOUND.c.subject_id == enterprise_id,
            _FOUND.c.event_date <= day,
            visible(_FOUND, revision),
            _HAZARDS.c.level == _MAJOR,
        )
    )
    return [MajorHazard(row.event_date, row.removed_date) for row in rows]


def ended_before_hazards(
    connection: Connection, revision: int, *, after: int, limit: int
) -> Sequence[int]:
    """Give blacklist entries after another that expired before all was known of their hazards.

    A hazard from before the end, or its removal, was written about since the entry was.
    """
    acted = (
        exists()
        .where(
            _RECTIFICATIONS.c.row_id == _REMOVED.c.row_id,
            _RECTIFICATIONS.c.target_record_id == _FOUND.c.record_id,
            _written_since(_REMOVED),
        )
        .correlate(_FOUND, _ENTRIES)
    )
    late = (
        exists()
        .where(
            _FOUND.c.subject_id == _CASES.c.subject_id,
            _FOUND.c.event_date < _ENTRIES.c.end_date,
            _HAZARDS.c.row_id == _FOUND.c.row_id,
            _HAZARDS.c.level == _MAJOR,
            or_(_written_since(_FOUND), acted),
        )
        .correlate(_ENTRIES, _CASES)
    )
    query = (
        select(_ENTRIES.c.entry_id)
        .join(_CASES, _CASES.c.case_id == _ENTRIES.c.case_id)
        .where(
            visible(_ENTRIES, revision),
            _ENTRIES.c.entry_id > after,
            _ENTRIES.c.list_kind == int(ListKind.BLACKLIST),
            _ENTRIES.c.state == int(EntryState.REMOVED),
            _ENTRIES.c.removal_reason == int(RemovalReason.EXPIRED),
            late,
        )
        .order_by(_ENTRIES.c.entry_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


# Private functions -----------------------------------------------------------


def _written_since(record: Any) -> ColumnElement[bool]:  # noqa: ANN401 -- an alias.
    """Select editions of a record that began or ended after that of the entry."""
    return or_(
        record.c.recorded_revision > _ENTRIES.c.recorded_revision,
        record.c.superseded_revision > _ENTRIES.c.recorded_revision,
    )
