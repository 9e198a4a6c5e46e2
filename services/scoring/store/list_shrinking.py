"""The guard against lists that shrink too much, and the approvals that let one through.

Decisions alone are held back. Removals that the law demands by itself pass; they are counted apart,
so that they neither use up what decisions may take nor hide what decisions took.
"""

from typing import Any

from sqlalchemy import Row, case, func, insert, select, update

from models.list_feed import ListShrinkApprovalRow, ListVersionRow
from services.common.database import WriteTransaction
from services.scoring.domain.identifiers import number_of
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed_errors import ListShrinksError, ShrinkApprovalUnfitError
from services.scoring.domain.list_shrinking import (
    APPROVAL,
    APPROVAL_LIFE,
    Shrinkage,
    ShrinkApproval,
    ShrinkLimits,
)
from services.scoring.store.list_heads import Head


class ShrinkGuard:
    """Lets decisions shrink a list by so much, and further with an approval."""

    def __init__(self, transaction: WriteTransaction, limits: ShrinkLimits) -> None:
        """Guard the publications of a transaction."""
        self._transaction = transaction
        self._connection = transaction.connection
        self._limits = limits

    def measure(self, before: Head, after: Head) -> Shrinkage:
        """Measure how much a publication shrinks its list, with what the window had before it.

        Args:
            before: The list before the publication; its versions are in the table.
            after: The list after it.
        """
        version, count, by_law = (
            ListVersionRow.version,
            ListVersionRow.entry_count,
            ListVersionRow.by_law_count,
        )
        start = self._transaction.recorded_time - self._limits.window
        of_list = (ListVersionRow.kind == before.key.kind, ListVersionRow.field == before.key.field)
        # The version that stood when the window began counts as well.
        first = (
            select(func.coalesce(func.max(version), 0))
            .where(*of_list, ListVersionRow.recorded_time <= start)
            .scalar_subquery()
        )
        # What was approved is the measure from then on; what the law removed never is.
        since = case((version >= before.guarded_version, count + by_law))
        longest, undecided, by_law_before = self._connection.execute(
            select(func.max(count), func.max(since), func.min(by_law)).where(
                *of_list, version >= first
            )
        ).one()
        return Shrinkage(
            longest=max(longest or 0, before.entry_count),
            after=after.entry_count,
            decided=max(undecided or 0, before.undecided_count) - after.undecided_count,
            by_law=after.by_law_count - (by_law_before or 0),
        )

    def approval_for(
        self, before: Head, after: Head, shrinkage: Shrinkage, *, named: str
    ) -> int | None:
        """Find the approval that a publication needs; none if it needs none.

        Args:
            before: The list before the publication.
            after: The list after it.
            shrinkage: How much the list shrinks.
            named: Identifier of an approval; empty for any that fits.

        Raises:
            ListShrinksError: Decisions shrink the list too much, and nobody else approved that.
            ShrinkApprovalUnfitError: The named approval is for something else.
        """
        removals = before.undecided_count - after.undecided_count
        if removals <= 0 or self._limits.allow(shrinkage):
            return None
        if named:
            return self._named(before.key, removals, named)
        return self._any(before, removals, shrinkage)

    def startled(self, shrinkage: Shrinkage) -> bool:
        """Say whether the law removed so much that it must be told."""
        return self._limits.startled(shrinkage)

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

    def _any(self, before: Head, removals: int, shrinkage: Shrinkage) -> int:
        rows = self._connection.execute(
            _APPROVAL.where(
                ListShrinkApprovalRow.kind == before.key.kind,
                ListShrinkApprovalRow.field == before.key.field,
                ListShrinkApprovalRow.used_version.is_(None),
            ).order_by(ListShrinkApprovalRow.approval_id)
        )
        for row in rows:
            if self._unfit(row, before.key, removals) is None:
                number: int = row.approval_id
                return number
        whole = shrinkage.after + shrinkage.decided
        raise ListShrinksError(
            f"decisions would take {shrinkage.decided} of {whole} entries off the list, which is"
            f" more than {self._limits.share_percent} percent; let another person approve it"
            " (ApproveListShrinking)",
            kind=before.key.kind.name,
            field=before.key.field,
            entries_longest=shrinkage.longest,
            entries_before=before.entry_count,
            entries_after=shrinkage.after,
            entries_decided=shrinkage.decided,
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
