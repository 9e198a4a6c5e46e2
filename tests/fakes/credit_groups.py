"""Memberships in enterprise groups in memory."""

from collections.abc import Sequence
from dataclasses import replace

from services.credit.domain.group import Membership
from tests.fakes.credit_rows import Row


class FakeGroups:
    """Memberships of a state; a `GroupWrites`."""

    def __init__(self, rows: list[Row[Membership]], revision: int) -> None:
        """Read rows, and write them at a revision."""
        self._rows = rows
        self._revision = revision

    def around(self, enterprise_id: int, *, revision: int) -> Sequence[Membership]:
        """Give the current memberships of an enterprise, as a member and as a group."""
        found = [
            row.fact
            for row in self._rows
            if row.visible(revision) and enterprise_id in {row.fact.group_id, row.fact.member_id}
        ]
        return sorted(found, key=lambda one: (one.start_date, one.membership_id))

    def membership(self, membership_id: int, *, revision: int) -> Membership | None:
        """Give the current row of a membership."""
        known = (row.fact for row in self._rows if row.visible(revision))
        return next((one for one in known if one.membership_id == membership_id), None)

    def add(self, membership: Membership, *, superseded_row_id: int | None = None) -> None:
        """Store a row of a membership, in place of another where one is named."""
        for place, row in enumerate(self._rows):
            if row.fact.row_id == superseded_row_id:
                self._rows[place] = replace(row, superseded=self._revision)
        self._rows.append(Row(membership, self._revision))
