"""Memberships in enterprise groups on the tables."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, or_, select, update

from models.enterprises import GroupMembershipRow
from services.credit.domain.group import Membership
from services.credit.store.columns import table_of, visible
from services.credit.store.write_point import WritePoint

_MEMBERSHIPS: Final = table_of(GroupMembershipRow)


class SqlGroups:
    """Reads and writes memberships; implements `GroupWrites`."""

    def __init__(self, connection: Connection, writes: WritePoint | None = None) -> None:
        """Work on a connection, in its transaction.

        Args:
            connection: Where to read and write.
            writes: Gives the revision; none to read only.
        """
        self._connection = connection
        self._writes = writes

    def around(self, enterprise_id: int, *, revision: int) -> Sequence[Membership]:
        """Give the current memberships of an enterprise, as a member and as a group."""
        query = (
            select(_MEMBERSHIPS)
            .where(
                or_(
                    _MEMBERSHIPS.c.group_id == enterprise_id,
                    _MEMBERSHIPS.c.member_id == enterprise_id,
                ),
                visible(_MEMBERSHIPS, revision),
            )
            .order_by(_MEMBERSHIPS.c.start_date, _MEMBERSHIPS.c.membership_id)
        )
        return [_membership(row) for row in self._connection.execute(query)]

    def membership(self, membership_id: int, *, revision: int) -> Membership | None:
        """Give the current row of a membership."""
        row = self._connection.execute(
            select(_MEMBERSHIPS).where(
                _MEMBERSHIPS.c.membership_id == membership_id, visible(_MEMBERSHIPS, revision)
            )
        ).one_or_none()
        return None if row is None else _membership(row)

    def add(self, membership: Membership, *, superseded_row_id: int | None = None) -> None:
        """Store a row of a membership, in place of another where one is named."""
        assert self._writes is not None, "only a write transaction writes"
        revision = self._writes.revision
        if superseded_row_id is not None:
            self._connection.execute(
                update(_MEMBERSHIPS)
                .where(_MEMBERSHIPS.c.row_id == superseded_row_id)
                .values(superseded_revision=revision)
            )
        self._connection.execute(
            insert(_MEMBERSHIPS).values(
                row_id=membership.row_id,
                membership_id=membership.membership_id,
                group_id=membership.group_id,
                member_id=membership.member_id,
                start_date=membership.start_date,
                end_date=membership.end_date,
                document_number=membership.document_number,
                authority=membership.authority,
                recorded_revision=revision,
            )
        )


# Private functions -----------------------------------------------------------


def _membership(row: Row[Any]) -> Membership:
    return Membership(
        row_id=row.row_id,
        membership_id=row.membership_id,
        group_id=row.group_id,
        member_id=row.member_id,
        start_date=row.start_date,
        end_date=row.end_date,
        document_number=row.document_number,
        authority=row.authority,
    )
