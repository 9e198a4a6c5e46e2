"""What of the tables of enterprises holds at a viewpoint."""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, or_

from models.enterprises import EnterpriseRow, EnterpriseVersionRow
from services.engine.vocabulary import division_range
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint
from services.scoring.store.columns import table_of, visible

ENTERPRISES: Final = table_of(EnterpriseRow)
VERSIONS: Final = table_of(EnterpriseVersionRow)

REVISION: Final[Any] = bindparam("revision", type_=ENTERPRISES.c.recorded_revision.type)
AS_OF: Final[Any] = bindparam("as_of", type_=VERSIONS.c.start_date.type)
AFTER: Final[Any] = bindparam("after", type_=ENTERPRISES.c.enterprise_id.type)
LIMIT: Final[Any] = bindparam("limit", type_=VERSIONS.c.division.type)


def parameters(at: Viewpoint) -> dict[str, Any]:
    """Give the parameters of statements that look from a viewpoint."""
    return {"revision": at.revision, "as_of": at.as_of}


def in_force() -> ColumnElement[bool]:
    """Select the versions that were known and hold on the day."""
    return and_(
        visible(VERSIONS, REVISION),
        VERSIONS.c.start_date <= AS_OF,
        or_(VERSIONS.c.end_date.is_(None), VERSIONS.c.end_date > AS_OF),
    )


def wanted_versions(wanted: EnterpriseFilter) -> list[ColumnElement[bool]]:
    """Select the versions that pass filters."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.division:
        first, after = division_range(wanted.division)
        conditions.append(VERSIONS.c.division >= first)
        conditions.append(VERSIONS.c.division < after)
    if wanted.industry:
        conditions.append(VERSIONS.c.industry.startswith(wanted.industry, autoescape=True))
    if wanted.field:
        conditions.append(VERSIONS.c.fields.bitwise_and(1 << wanted.field) != 0)
    return conditions
