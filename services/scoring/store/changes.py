"""Which subjects were written about between two revisions."""

from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, bindparam, select, union

from models.enterprises import SuccessionRow
from models.persons import RoleRow
from models.records import RecordRow
from models.remedies import RepairRow
from models.risk_models import RiskPredictionRow
from services.scoring.store.columns import table_of
from services.scoring.store.enterprises import LIMIT, VERSIONS
from services.scoring.store.list_entries import ENTRIES
from services.scoring.store.related import RELATIONS

_RECORDS: Final = table_of(RecordRow)
_REPAIRS: Final = table_of(RepairRow)
_ROLES: Final = table_of(RoleRow)
_SUCCESSIONS: Final = table_of(SuccessionRow)
_PREDICTIONS: Final = table_of(RiskPredictionRow)
_REVISION_TYPE: Final = _RECORDS.c.recorded_revision.type
_AFTER: Final[Any] = bindparam("after_revision", type_=_REVISION_TYPE)
_UNTIL: Final[Any] = bindparam("until_revision", type_=_REVISION_TYPE)


def changed_subjects(
    connection: Connection, revision: int, until: int, *, limit: int
) -> frozenset[int] | None:
    """Give the subjects written about after one revision and up to another.

    Returns:
        Their numbers; nothing if there are more than ``limit``.
    """
    wanted = {"after_revision": revision, "until_revision": until, "limit": limit + 1}
    found = connection.execute(_CHANGED, wanted).scalars().all()
    return None if len(found) > limit else frozenset(found)


# Private functions and statements ---------------------------------------------


def _written(table: Table, subject: Column[Any], revision: str) -> Select[Any]:
    column = table.c[revision]
    return select(subject).where(column > _AFTER, column <= _UNTIL)


# A new enterprise has a version, so the table of enterprises need not be asked.
_CHANGED: Final = union(
    _written(_RECORDS, _RECORDS.c.subject_id, "recorded_revision"),
    _written(_RECORDS, _RECORDS.c.subject_id, "superseded_revision"),
    _written(VERSIONS, VERSIONS.c.enterprise_id, "recorded_revision"),
    _written(VERSIONS, VERSIONS.c.enterprise_id, "superseded_revision"),
    # Repairs change what a penalty says without an edition of it.
    _written(_REPAIRS, _REPAIRS.c.subject_id, "recorded_revision"),
    _written(_REPAIRS, _REPAIRS.c.subject_id, "superseded_revision"),
    _written(_PREDICTIONS, _PREDICTIONS.c.subject_id, "recorded_revision"),
    _written(_PREDICTIONS, _PREDICTIONS.c.subject_id, "superseded_revision"),
    # A listing is a fact for whatever reads it.
    _written(ENTRIES, ENTRIES.c.subject_id, "recorded_revision"),
    _written(ENTRIES, ENTRIES.c.subject_id, "superseded_revision"),
    # What is recorded of others counts for the enterprises that they belong to.
    _written(_ROLES, _ROLES.c.enterprise_id, "recorded_revision"),
    _written(_ROLES, _ROLES.c.enterprise_id, "superseded_revision"),
    _written(_SUCCESSIONS, _SUCCESSIONS.c.successor_id, "recorded_revision"),
    *(
        select(relation.owner)
        .select_from(relation.table.join(table, relation.member == table.c.subject_id))
        .where(table.c[revision] > _AFTER, table.c[revision] <= _UNTIL)
        for table in (_RECORDS, ENTRIES)
        for relation in RELATIONS.values()
        for revision in ("recorded_revision", "superseded_revision")
    ),
).limit(LIMIT)
