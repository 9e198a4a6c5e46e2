"""When an entry was off its list that is on it again: nobody could act by it then."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from services.scoring.domain.list_case import Opinion, Step, StepKind

_LEAVING: Final = frozenset({StepKind.DECIDE_EARLY, StepKind.BREAK, StepKind.EXPIRE})
_COMING_BACK: Final = frozenset({StepKind.WITHDRAW_EARLY, StepKind.CORRECT, StepKind.EXTEND})


def was_off(steps: Iterable[Step], entry_id: int, day: date) -> bool:
    """Say whether an entry had left its list by a day, and came back to it later.

    An early removal that was withdrawn counts as if it had never been; but on the days between the
    two the entry was published nowhere. The day of its return is not one of them.

    Args:
        steps: The ledger of its case, oldest first.
        entry_id: The entry.
        day: The day.
    """
    left: date | None = None
    for step in steps:
        if step.entry_id != entry_id:
            continue
        refused = step.kind is StepKind.DECIDE_EARLY and step.opinion is not Opinion.AGREE
        if step.kind in _LEAVING and not refused and left is None:
            left = step.day
        elif step.kind in _COMING_BACK and left is not None:
            if left <= day < step.day:
                return True
            left = None
    return False
