"""Which subjects were written about between two revisions."""

from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, bindparam, select, union

from models.records import RecordRow
from services.scoring.store.columns import table_of
from services.scoring.store.enterprises import LIMIT, VERSIONS

_RECORDS: Final = table_of(RecordRow)
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
).limit(LIMIT)
