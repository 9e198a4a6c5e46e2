"""The guard against lists that shrink too much, and the approvals that let one through."""

from typing import Any

from sqlalchemy import Row, func, insert, select, update

from models.list_feed import ListShrinkApprovalRow, ListVersionRow
from services.common.database import WriteTransaction
from services.scoring.domain.identifiers import number_of
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed_errors import ListShrinksError, ShrinkApprovalUnfitError
from services.scoring.domain.list_shrinking import (
    APPROVAL,
    APPROVAL_LIFE,
    ShrinkApproval,
    ShrinkLimits,
)
from services.scoring.store.list_heads import Head


class ShrinkGuard:
    """Lets a publication shrink its list by so much, and further with an approval."""

    def __init__(self, transaction: WriteTransaction, limits: ShrinkLimits) -> None:
        """Guard the publications of a transaction."""
        self._transaction = transaction
        self._connection = transaction.connection
        self._limits = limits

    def approval_for(self, head: Head, after: int, *, named: str) -> int | None:
        """Find the approval that a publication needs; none if it needs none.

        Args:
            head: The list before the publication.
            after: Entries after it.
            named: Identifier of an approval; empty for any that fits.

        Raises:
            ListShrinksError: The list shrinks too much, and nobody else approved that.
            ShrinkApprovalUnfitError: The named approval is for something else.
        """
        if after >= head.entry_count:
            return None
        longest = max(head.entry_count, self._longest(head))
        if self._limits.allow(longest, after):
            return None
        removals = head.entry_count - after
        return self._named(head.key, removals, named) if named else self._any(head, after, longest)

    def use(self, approval_id: int, version: int) -> None:
        """Note that an approval was used, for a version, and is for nothing else any more."""
        self._connection.execute(
            update(ListShrinkApprovalRow)
            .where(ListShrinkApprovalRow.approval_id == approval_id)
            .values(used_version=version)
        )

    def approve(self, key: ListKey, approval: ShrinkApproval) -> int:
        """Keep an approval; give its number."""
        caller, approval_id = self._transaction.caller, self._transaction.new_id()
        self._connection.execute(
            insert(ListShrinkApprovalRow).values(
                approval_id=approval_id,
                kind=key.kind,
                field=key.field,
                removals_max=approval.removals_max,
                document_number=approval.document_number,
                approver=caller.identity,
                authority=caller.authority,
                recorded_revision=self._transaction.revision,
                recorded_time=self._transaction.recorded_time,
            )
        )
        return approval_id

    # Private methods -------------------------------------------------------------

    def _longest(self, head: Head) -> int:
        """Find the longest that the list was in the window, or since it was approved to shrink."""
        start = self._transaction.recorded_time - self._limits.window
        of_list = (ListVersionRow.kind == head.key.kind, ListVersionRow.field == head.key.field)
        # The version that stood when the window began counts as well.
        first = (
            select(func.coalesce(func.max(ListVersionRow.version), 0))
            .where(*of_list, ListVersionRow.recorded_time <= start)
            .scalar_subquery()
        )
        longest = self._connection.execute(
            select(func.max(ListVersionRow.entry_count)).where(
                *of_list,
                ListVersionRow.version >= first,
                ListVersionRow.version >= head.guarded_version,
            )
        ).scalar()
        return longest or 0

    def _any(self, head: Head, after: int, longest: int) -> int:
        removals = head.entry_count - after
        rows = self._connection.execute(
            _APPROVAL.where(
                ListShrinkApprovalRow.kind == head.key.kind,
                ListShrinkApprovalRow.field == head.key.field,
                ListShrinkApprovalRow.used_version.is_(None),
            ).order_by(ListShrinkApprovalRow.approval_id)
        )
        for row in rows:
            if self._unfit(row, head.key, removals) is None:
                number: int = row.approval_id
                return number
        raise ListShrinksError(
            f"the list would go from {longest} to {after} entries, which is more than"
            f" {self._limits.share_percent} percent off; let another person approve it"
            " (ApproveListShrinking)",
            kind=head.key.kind.name,
            field=head.key.field,
            entries_longest=longest,
            entries_before=head.entry_count,
            entries_after=after,
            share_percent=self._limits.share_percent,
        )

    def _named(self, key: ListKey, removals: int, name: str) -> int:
        number = number_of(APPROVAL, name)
        row = self._connection.execute(
            _APPROVAL.where(ListShrinkApprovalRow.approval_id == (number or 0))
        ).one_or_none()
        unfit = "there is none of this name" if row is None else self._unfit(row, key, removals)
        if row is None or unfit is not None:
            raise ShrinkApprovalUnfitError(
                f"name another approval: {unfit}", approval=name, cause=unfit
            )
        found: int = row.approval_id
        return found

    def _unfit(self, row: Row[*tuple[Any, ...]], key: ListKey, removals: int) -> str | None:
        """Say why an approval does not fit; nothing if it does."""
        approver, now = self._transaction.caller.identity, self._transaction.recorded_time
        if (row.kind, row.field) != (key.kind, key.field):
            return "it is for another list"
        if row.used_version is not None:
            return f"it was used for version {row.used_version}"
        if row.approver == approver:
            return "the publisher gave it, and it takes a second person"
        if row.recorded_time + APPROVAL_LIFE < now:
            return f"it is older than {APPROVAL_LIFE.days} days"
        if removals > row.removals_max:
            return f"it is for {row.removals_max} removals, not {removals}"
        return None


# Private statements ------------------------------------------------------------

_APPROVAL = select(
    ListShrinkApprovalRow.approval_id,
    ListShrinkApprovalRow.kind,
    ListShrinkApprovalRow.field,
    ListShrinkApprovalRow.removals_max,
    ListShrinkApprovalRow.approver,
    ListShrinkApprovalRow.used_version,
    ListShrinkApprovalRow.recorded_time,
)
