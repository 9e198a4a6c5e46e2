"""When an entry was off its list that is on it again: nobody could act by it then."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.scoring.domain.list_case import Opinion, Step, StepKind

_LEAVING: Final = frozenset({StepKind.DECIDE_EARLY, StepKind.BREAK, StepKind.EXPIRE})
_COMING_BACK: Final = frozenset({StepKind.WITHDRAW_EARLY, StepKind.CORRECT, StepKind.EXTEND})


@dataclass(frozen=True, slots=True)
class EntryStep:
    """A step of a ledger, as far as it takes an entry off its list or back to it.

    Attributes:
        entry_id: The entry; 0 for a step of the case.
        kind: Which step.
        opinion: Opinion, where there is one.
        day: Day of the step.
    """

    entry_id: int
    kind: StepKind
    opinion: Opinion
    day: date


def was_off(steps: Iterable[Step], entry_id: int, day: date) -> bool:
    """Say whether an entry had left its list by a day, and came back to it later.

    An early removal that was withdrawn counts as if it had never been; but on the days between the
    two the entry was published nowhere. The day of its return is not one of them.

    Args:
        steps: The ledger of its case, oldest first.
        entry_id: The entry.
        day: The day.
    """
    own = (EntryStep(one.entry_id, one.kind, one.opinion, one.day) for one in steps)
    return entry_id in off_on(own, day)


def off_on(steps: Iterable[EntryStep], day: date) -> frozenset[int]:
    """Give the entries that had left their lists by a day, and came back to them later.

    Args:
        steps: The ledgers of their cases, of each the oldest step first.
        day: The day.
    """
    left: dict[int, date] = {}
    off: set[int] = set()
    for step in steps:
        refused = step.kind is StepKind.DECIDE_EARLY and step.opinion is not Opinion.AGREE
        if step.kind in _LEAVING and not refused:
            left.setdefault(step.entry_id, step.day)
        elif step.kind in _COMING_BACK:
            gone = left.pop(step.entry_id, None)
            if gone is not None and gone <= day < step.day:
                off.add(step.entry_id)
    return frozenset(off)
