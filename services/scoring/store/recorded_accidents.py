"""Accidents on record, with what their level follows from."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, select

from models.records import AccidentRow, RecordRow
from services.scoring.commands.policies.recorded_levels import RecordedAccident
from services.scoring.store.columns import table_of

_RECORDS: Final = table_of(RecordRow)
_ACCIDENTS: Final = table_of(AccidentRow)


def accidents_since(connection: Connection, day: date) -> Sequence[RecordedAccident]:
    """Read the current accidents of a day and later ones, in order of their numbers."""
    query = (
        select(
            _RECORDS.c.record_id,
            _RECORDS.c.event_date,
            _ACCIDENTS.c.deaths,
            _ACCIDENTS.c.serious_injuries,
            _ACCIDENTS.c.direct_loss_fen,
            _ACCIDENTS.c.level,
        )
        .join(_ACCIDENTS, _ACCIDENTS.c.row_id == _RECORDS.c.row_id)
        .where(_RECORDS.c.event_date >= day, _RECORDS.c.superseded_revision.is_(None))
        .order_by(_RECORDS.c.record_id)
    )
    return [RecordedAccident(**row) for row in connection.execute(query).mappings()]
