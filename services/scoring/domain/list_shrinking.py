"""When a list shrinks so much that a second person must agree."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

APPROVAL: Final = "a"
"""Letter of the identifiers of approvals."""

APPROVAL_LIFE: Final = timedelta(days=7)
"""House decision: an approval that nobody used by then is for nothing any more."""


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

    def allow(self, longest: int, after: int) -> bool:
        """Say whether a list may go from its longest in the window to so many entries.

        Source:
            House decision, after peers that published nearly empty lists as if nothing were wrong.
        """
        return (
            longest < self.exempt_below or (longest - after) * 100 <= self.share_percent * longest
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShrinkApproval:
    """What a second person approves: one publication that shrinks one list.

    Attributes:
        removals_max: Entries by which the list may shrink.
        document_number: Document of the approval.
    """

    removals_max: int
    document_number: str
