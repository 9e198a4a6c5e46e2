"""What else than its own attributes says until when a penalty may be repaired."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, select

from models.records import PenaltyRow, RecordRow
from models.remedies import RemedyRow, RemedyStepRow
from services.scoring.commands.ports import Publicity
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.columns import table_of, visible

_RECORDS: Final = table_of(RecordRow)
_PENALTIES: Final = table_of(PenaltyRow)
_REMEDIES: Final = table_of(RemedyRow)
_STEPS: Final = table_of(RemedyStepRow)
_REPAIR: Final = 2
_WITHDRAWN: Final = 9
"""Numbers of the kind of a remedy and of the state of a step."""


def publicity_of(
    connection: Connection, record_ids: Collection[int], at: Viewpoint
) -> Mapping[int, Publicity]:
    """Give it for penalties, as `FactReads.publicity` says."""
    withdrawn = defaultdict(list)
    steps = (
        select(_REMEDIES.c.record_id, _STEPS.c.step_date)
        .join(_STEPS, _STEPS.c.remedy_id == _REMEDIES.c.remedy_id)
        .where(
            _REMEDIES.c.record_id.in_(list(record_ids)),
            _REMEDIES.c.kind == _REPAIR,
            _STEPS.c.state == _WITHDRAWN,
            _STEPS.c.act == 0,
            _STEPS.c.step_date <= at.as_of,
            _STEPS.c.recorded_revision <= at.revision,
        )
        .order_by(_STEPS.c.step_date)
    )
    for row in connection.execute(steps):
        withdrawn[row.record_id].append(row.step_date)
    own = (
        select(_RECORDS.c.record_id, _PENALTIES.c.publicity_end_date)
        .join(_PENALTIES, _PENALTIES.c.row_id == _RECORDS.c.row_id)
        .where(_RECORDS.c.record_id.in_(list(record_ids)), visible(_RECORDS, at.revision))
    )
    return {
        row.record_id: Publicity(tuple(withdrawn[row.record_id]), row.publicity_end_date)
        for row in connection.execute(own)
    }
