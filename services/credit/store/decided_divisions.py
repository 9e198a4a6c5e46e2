"""Where what an objection or a repair is about lay when it was decided, wherever its subject is."""

from typing import Final

from sqlalchemy import Connection, select

from models.lists import ListCaseRow, ListEntryRow
from models.records import RecordRow
from services.credit.domain.remedy import Decided
from services.credit.store.columns import among, table_of
from services.credit.store.remedied_entries import records_behind

_CASES: Final = table_of(ListCaseRow)
_ENTRIES: Final = table_of(ListEntryRow)
_RECORDS: Final = table_of(RecordRow)


def decided_divisions(connection: Connection, decided: Decided, *, revision: int) -> frozenset[int]:
    """Give the divisions of a record by any of its editions, or of an entry.

    An entry is of the division in which its case was opened, and of those of the records behind it
    that are of the same authority.
    """
    target, divisions = decided.target, set[int]()
    if target.record_id is not None:
        numbers = [target.record_id]
    else:
        assert target.entry_id is not None, "a target is a record or an entry"
        numbers = list(records_behind(connection, target.entry_id, revision=revision))
        opened = (
            select(_CASES.c.division)
            .join(_ENTRIES, _ENTRIES.c.case_id == _CASES.c.case_id)
            .where(_ENTRIES.c.entry_id == target.entry_id, _CASES.c.division.is_not(None))
        )
        divisions.update(connection.execute(opened).scalars())
    recorded = select(_RECORDS.c.division).where(
        among(_RECORDS.c.record_id, numbers),
        _RECORDS.c.authority == decided.authority,
        _RECORDS.c.recorded_revision <= revision,
        _RECORDS.c.division.is_not(None),
    )
    return frozenset(divisions.union(connection.execute(recorded.distinct()).scalars()))
