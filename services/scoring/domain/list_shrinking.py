"""When a list shrinks so much that a second person must agree, or that somebody must look.

What people decide is held back beyond the share. What the law demands by itself is not: a term
that ended is over, and with a basis that fell publication stops at once, however many they are.
Beyond the same share it is told loudly instead. A correction of what stands is a decision.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.scoring.domain.list_entry import EntryRemoval, ListChange, ListKey, RemovalReason

APPROVAL: Final = "a"
"""Letter of the identifiers of approvals."""

APPROVAL_LIFE: Final = timedelta(days=7)
"""House decision: an approval that nobody used by then is for nothing any more."""

BY_LAW: Final = frozenset(
    {RemovalReason.EXPIRED, RemovalReason.CORRECTED, RemovalReason.CONDITION_BROKEN}
)
"""Reasons for which nobody may hold a removal back.

Source:
    应急管理部令第11号: at the end of the term the deciding department removes and stops the
    publication. 行政处罚法 art. 48 for a basis that fell. A redlist is lost at once when a
    condition breaks (its procedure's ``condition_broken``).
"""


def removed_by_law(change: ListChange) -> bool:
    """Say whether a change is a removal that the law demands by itself."""
    return isinstance(change, EntryRemoval) and change.reason in BY_LAW and not change.decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrinkage:
    """How much shorter a list is than it was within the window.

    Attributes:
        longest: Entries that it had at most.
        after: Entries that it has at the end.
        decided: Entries that it has fewer by what people decided, whatever the law removed besides.
        by_law: Removals that the law demanded by itself.
    """

    longest: int
    after: int
    decided: int
    by_law: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkLimits:
    """How much a list may shrink without a second approval.

    The share is taken of the longest that the list was within the window, so that many small
    publications do not together do what one may not.

    Attributes:
        share_percent: Share of the entries, in whole percent.
        exempt_below: Lists with fewer entries are exempt.
        window: Stretch of time that is looked back over.
    """

    share_percent: int = 10
    exempt_below: int = 50
    window: timedelta = timedelta(hours=24)

    def allow(self, shrinkage: Shrinkage) -> bool:
        """Say whether a list may shrink so much without a second approval.

        The share is of what the list would be without the decisions: what the law removed neither
        uses the share up nor leaves room for more.

        Source:
            House decision, after peers that published nearly empty lists as if nothing were wrong.
        """
        whole = shrinkage.after + shrinkage.decided
        return self._exempt(shrinkage) or shrinkage.decided * 100 <= self.share_percent * whole

    def startled(self, shrinkage: Shrinkage) -> bool:
        """Say whether the law removed so much that somebody must look whether a fault did it.

        Source:
            House decision: what may not be held back must not empty a list in silence either.
        """
        beyond = shrinkage.by_law * 100 > self.share_percent * shrinkage.longest
        return beyond and not self._exempt(shrinkage)

    # Private methods -------------------------------------------------------------

    def _exempt(self, shrinkage: Shrinkage) -> bool:
        return shrinkage.longest < self.exempt_below


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkApproval:
    """What a second person approves: one publication that shrinks one list.

    Attributes:
        removals_max: Entries by which the list may shrink.
        document_number: Document of the approval.
    """

    removals_max: int
    document_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LawfulRemovals:
    """What one publication removed because the law demands it.

    Attributes:
        key: The list.
        version: Version that removed them.
        removals: The removals.
        entry_count: Entries after it.
        in_window: Such removals within the window, these included.
        startling: Whether they are more than the share.
    """

    key: ListKey
    version: int
    removals: tuple[EntryRemoval, ...]
    entry_count: int
    in_window: int
    startling: bool
