"""Which subjects were written about between two revisions."""

from typing import Any, Final

from sqlalchemy import Column, Connection, Select, bindparam, select, union

from models.enterprises import GroupMembershipRow, SuccessionRow
from models.persons import RoleRow
from models.records import RecordRow
from models.remedies import RepairRow
from models.risk_models import RiskPredictionRow
from services.scoring.store.columns import table_of
from services.scoring.store.enterprises import LIMIT, VERSIONS
from services.scoring.store.list_entries import ENTRIES
from services.scoring.store.related import RELATIONS

_RECORDS: Final = table_of(RecordRow)
_REVISION_TYPE: Final = _RECORDS.c.recorded_revision.type
_AFTER: Final[Any] = bindparam("after_revision", type_=_REVISION_TYPE)
_UNTIL: Final[Any] = bindparam("until_revision", type_=_REVISION_TYPE)


def changed_subjects(
    connection: Connection, revision: int, until: int, *, limit: int
) -> frozenset[int] | None:
    """Give the subjects written about after one revision and up to another.

    What is written about a person, a predecessor or a member of a group is written about the
    enterprises for which its records count, too.

    Returns:
        Their numbers; nothing if there are more than ``limit``.
    """
    wanted = {"after_revision": revision, "until_revision": until, "limit": limit + 1}
    found = connection.execute(_CHANGED, wanted).scalars().all()
    return None if len(found) > limit else frozenset(found)


# Private functions and statements ---------------------------------------------

# A record's body is written with its header. A new enterprise has a version, and a new person
# nothing on record, so their own tables need not be asked.
_WHOSE: Final[tuple[Column[Any], ...]] = (
    _RECORDS.c.subject_id,
    VERSIONS.c.enterprise_id,
    # Repairs change what a penalty says without an edition of it.
    table_of(RepairRow).c.subject_id,
    table_of(RiskPredictionRow).c.subject_id,
    # A listing is a fact for whatever reads it.
    ENTRIES.c.subject_id,
    table_of(RoleRow).c.enterprise_id,
    table_of(GroupMembershipRow).c.group_id,
    # Successions are never superseded.
    table_of(SuccessionRow).c.successor_id,
)
"""Columns with the subjects that rows of facts are about."""


def _written(subject: Column[Any], revision: str) -> Select[Any]:
    column = subject.table.c[revision]
    return select(subject.label("subject_id")).where(column > _AFTER, column <= _UNTIL)


# One more than the limit is too many, whoever else they count for.
_OWN: Final = (
    union(
        *(
            _written(subject, revision)
            for subject in _WHOSE
            for revision in ("recorded_revision", "superseded_revision")
            if revision in subject.table.c
        )
    )
    .limit(LIMIT)
    .cte("written")
)
_CHANGED: Final = union(
    select(_OWN.c.subject_id),
    *(
        select(relation.owner).select_from(
            _OWN.join(relation.table, relation.member == _OWN.c.subject_id)
        )
        for relation in RELATIONS.values()
    ),
).limit(LIMIT)
