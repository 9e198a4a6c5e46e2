"""Terms of persons' roles in enterprises, as records that policies read."""

from typing import Final, cast

from sqlalchemy import Table, select

from models.persons import RoleRow
from services.scoring.store.columns import table_of

_ROLES: Final = table_of(RoleRow)
_TERMS: Final = select(
    _ROLES.c.role_id.label("record_id"),
    _ROLES.c.enterprise_id.label("subject_id"),
    _ROLES.c.start_date.label("event_date"),
    _ROLES.c.person_id.label("person"),
    _ROLES.c.kind.label("role"),
    _ROLES.c.end_date,
    _ROLES.c.recorded_revision,
    _ROLES.c.superseded_revision,
).subquery("role_terms")

ROLE_TERMS: Final = cast("Table", _TERMS)
"""Terms as records: kind ``role`` of the vocabulary. Whoever holds one on a day is in office."""
