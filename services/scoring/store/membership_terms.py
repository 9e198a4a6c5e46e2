"""Memberships of enterprises in groups, as records that policies read."""

from typing import Final, cast

from sqlalchemy import Table, select

from models.enterprises import GroupMembershipRow
from services.scoring.store.columns import table_of

_MEMBERSHIPS: Final = table_of(GroupMembershipRow)
_TERMS: Final = select(
    _MEMBERSHIPS.c.membership_id.label("record_id"),
    _MEMBERSHIPS.c.group_id.label("subject_id"),
    _MEMBERSHIPS.c.start_date.label("event_date"),
    _MEMBERSHIPS.c.member_id.label("member"),
    _MEMBERSHIPS.c.end_date,
    _MEMBERSHIPS.c.recorded_revision,
    _MEMBERSHIPS.c.superseded_revision,
).subquery("membership_terms")

MEMBERSHIP_TERMS: Final = cast("Table", _TERMS)
"""Memberships as records: kind ``membership`` of the vocabulary."""
