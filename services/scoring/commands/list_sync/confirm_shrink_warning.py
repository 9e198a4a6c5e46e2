"""Confirm that what the law took off a list was looked at."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.common.personal_text import PersonsInText
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_feed_ports import FeedStore, FeedWriting
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_errors import OutOfScopeError
from services.scoring.domain.list_feed import ShrinkConfirmation
from services.scoring.domain.list_feed_errors import ShrinkWarningDiffersError


@dataclass(frozen=True, slots=True)
class WarningConfirmed:
    """What became of a confirmation.

    Attributes:
        confirmation: What is kept.
        point: Point of the store that includes it.
    """

    confirmation: ShrinkConfirmation
    point: StorePoint


@dataclass(frozen=True, slots=True)
class WarningSeen:
    """Which warning was looked at, and what was found.

    Attributes:
        key: The list.
        version: Version that was warned of.
        finding: What was found.
    """

    key: ListKey
    version: int
    finding: str


@dataclass(frozen=True, slots=True)
class ConfirmShrinkWarning:
    """Keeps who looked at the warnings.

    Attributes:
        store: The lists.
    """

    store: FeedStore

    def __call__(
        self, call: WriteCall[WarningConfirmed], seen: WarningSeen, *, field_code: str
    ) -> Answer:
        """Keep that the caller looked; whoever looks later is kept as well.

        Args:
            call: Who looked, and how the answer is encoded.
            seen: What was looked at.
            field_code: Code of the list's field, as callers are allowed it.

        Raises:
            OutOfScopeError: The field is none of the caller's.
            ShrinkWarningDiffersError: The list is warned of at another version, or at none.
            PersonInTextError: The finding names a listed person, or holds an identity number.
        """
        if not call.caller.covers_field(field_code):
            raise OutOfScopeError(
                f"act for an authority that may write in {field_code}", field=field_code
            )

        def work(write: FeedWriting) -> WarningConfirmed:
            warned = write.warned_version(seen.key)
            if warned != seen.version:
                raise ShrinkWarningDiffersError(
                    f"look at version {warned}, which the list is warned of"
                    if warned
                    else "the list is warned of at no version; there is nothing to confirm",
                    version=seen.version,
                    warned_version=warned,
                )
            listed = PersonsInText(write.persons_listed(seen.key))
            listed.require_none({"finding": seen.finding})
            kept = write.confirm_shrinking(seen.key, seen.version, seen.finding)
            return WarningConfirmed(kept, write.point)

        return write_once(self.store, call, work)
