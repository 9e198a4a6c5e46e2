"""Approve, as a second person, that a publication shrinks a list."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import FeedStore, FeedWriting
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_errors import OutOfScopeError
from services.scoring.domain.list_shrinking import ShrinkApproval


@dataclass(frozen=True, slots=True)
class ShrinkingApproved:
    """What became of an approval.

    Attributes:
        approval_id: Its number.
        point: Point of the store that includes it.
    """

    approval_id: int
    point: StorePoint


@dataclass(frozen=True, slots=True)
class ApproveListShrinking:
    """Keeps approvals.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def __call__(
        self,
        call: WriteCall[ShrinkingApproved],
        key: ListKey,
        approval: ShrinkApproval,
        *,
        field_code: str,
    ) -> Answer:
        """Keep an approval; that it is another person's is looked at when it is used.

        Args:
            call: Who approves, and how the answer is encoded.
            key: The list.
            approval: What is approved.
            field_code: Code of the list's field, as callers are allowed it.

        Raises:
            OutOfScopeError: The field is none of the caller's.
        """
        if not call.caller.covers_field(field_code):
            raise OutOfScopeError(
                f"act for an authority that may write in {field_code}", field=field_code
            )

        def work(write: FeedWriting) -> ShrinkingApproved:
            return ShrinkingApproved(write.approve_shrinking(key, approval), write.point)

        return write_once(self.store, call, work)
