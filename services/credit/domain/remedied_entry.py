"""What became of a list entry that an objection or a repair is about, by the lists themselves."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from services.credit.domain.remedy import DueAction


class EntryStanding(IntEnum):
    """Whether an entry is on its list; the numbers are those of the wire and of the tables."""

    PUBLISHED = 1
    REMOVED = 2
    CORRECTED = 3


class RemovalReason(IntEnum):
    """Why an entry left its list; the numbers are those of the wire and of the tables."""

    NONE = 0
    EXPIRED = 1
    EARLY = 2
    CORRECTED = 3
    CONDITION_BROKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RemediedEntry:
    """An entry as the lists have it.

    Attributes:
        standing: Whether it is on its list.
        removal_date: Day from which it is off its list; none while it is on it.
        reason: Why it left.
        document_number: Document that removed it; empty for none.
        list_version: Version of the list that published its removal; 0 where none is known.
    """

    standing: EntryStanding
    removal_date: date | None = None
    reason: RemovalReason = RemovalReason.NONE
    document_number: str = ""
    list_version: int = 0

    def on(self, day: date) -> "RemediedEntry":
        """Give the entry as it stood on a day: what was removed later was published then."""
        if self.removal_date is None or self.removal_date <= day:
            return self
        return _PUBLISHED

    def shows(self, action: DueAction, since: date) -> bool:
        """Say whether what a remedy asks of the lists has been done.

        What was removed for whatever reason need not be removed; what is restored is what an early
        removal took off its list by then, whose term may have ended since.

        Args:
            action: What is asked.
            since: Day of the decision that asks for it.
        """
        if action is DueAction.REMOVE_ENTRY:
            return self.standing is not EntryStanding.PUBLISHED
        if action is DueAction.CORRECT_ENTRY:
            return self.standing is EntryStanding.CORRECTED
        assert action is DueAction.RESTORE_ENTRY, "nothing else is asked of the lists"
        # What a later repair took off its list stays off it.
        later = self.removal_date is not None and self.removal_date > since
        return self.reason is not RemovalReason.EARLY or later


# Private values --------------------------------------------------------------

_PUBLISHED: Final = RemediedEntry(standing=EntryStanding.PUBLISHED)
