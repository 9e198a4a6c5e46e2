"""Major hazards, for the listings that go on until they are removed.

The numbers of codes are those of policies/vocabulary.yaml, which never change.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, exists, func, or_, select

from models.lists import ListEntryRow
from models.records import HazardRow, RecordRow, RectificationRow
from services.scoring.domain.hazard_extension import MajorHazard
from services.scoring.store.columns import table_of, visible

_ENTRIES: Final = table_of(ListEntryRow)
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


def known_since(enterprise_id: Column[int]) -> ColumnElement[bool]:
    """Select entries since which a hazard from before their end, or its removal, became known.

    Args:
        enterprise_id: Column of the enterprise in whose case the entry is.
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
    return (
        exists()
        .where(
            _FOUND.c.subject_id == enterprise_id,
            _FOUND.c.event_date < _ENTRIES.c.end_date,
            _HAZARDS.c.row_id == _FOUND.c.row_id,
            _HAZARDS.c.level == _MAJOR,
            or_(_written_since(_FOUND), acted),
        )
        .correlate(_ENTRIES, enterprise_id.table)
    )


# Private functions -----------------------------------------------------------


def _written_since(record: Any) -> ColumnElement[bool]:  # noqa: ANN401 -- an alias.
    """Select editions of a record that began or ended after that of the entry."""
    return or_(
        record.c.recorded_revision > _ENTRIES.c.recorded_revision,
        record.c.superseded_revision > _ENTRIES.c.recorded_revision,
    )
