"""The chore that keeps off the lists the names of who became known after a text was written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.scoring.commands.lists.list_case_ports import (
    ListReading,
    ListSnapshot,
    ListWriting,
)
from services.scoring.commands.lists.list_desk import find_case
from services.scoring.commands.lists.list_removals import system_step
from services.scoring.commands.lists.upkeep_chores import Finder, Scope
from services.scoring.commands.lists.upkeep_ports import Stretch
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.entry_texts import as_shown
from services.scoring.domain.list_case import StepKind
from services.scoring.domain.list_entry import ListChange


@dataclass(frozen=True, slots=True)
class Names:
    """Entries that name somebody who is known by now are published anew, masked.

    What a decision says was looked at when it was written, for who was registered then. Whoever
    holds a copy of the list takes the new text in the place of the old one, which is sent to nobody
    any more. Nor is what was said of an entry that is off its list by now, or of its removal.
    """

    scope: Scope
    name: str = "name"

    @property
    def finders(self) -> Sequence[Finder]:
        """Find the entries beside whose subjects somebody became known since their cases."""
        changed = self.scope.changed
        return (lambda reads, after, limit: reads.named_since(Stretch(changed, after, limit)),)

    def is_wrong(self, reading: ListSnapshot, number: int) -> bool:
        """Say whether an entry names somebody."""
        held = _held(reading, number)
        return _stands_named(reading, held) or _is_sent_named(reading, held)

    def put_right(self, write: ListWriting, number: int) -> Sequence[ListChange] | None:
        """Publish an entry anew, with nobody's name; of one that is gone send nothing more."""
        held = _held(write, number)
        if not _stands_named(write, held):
            if not _is_sent_named(write, held):
                return None
            write.retract(held.entry)
            return ()
        shown = _shown(write, held)
        file = find_case(write, held.case_id, revision=write.point.revision)
        days = (step.day for step in file.steps if step.entry_id == number)
        day = max(self.scope.day, held.publish_date, *days)
        step = system_step(StepKind.CORRECT, held, day=day, reason=_MASKED)
        write.retract(held.entry)
        write.put_entry(replace(held, entry=shown.entry))
        write.add_step(held.case_id, step)
        return [shown.entry]


# Private functions and values --------------------------------------------------

_MASKED: Final = "公示内容涉及的人员已登记，隐去其姓名"


def _held(reading: ListReading, entry_id: int) -> HeldEntry:
    return reading.entries.entries([entry_id], reading.point.revision)[entry_id]


def _shown(reading: ListReading, held: HeldEntry) -> HeldEntry:
    return as_shown(held, reading.entries.hiding([held])[held.entry.entry_id])


def _stands_named(reading: ListReading, held: HeldEntry) -> bool:
    """Say whether an entry on its list names somebody."""
    return held.state is EntryState.IN_FORCE and _shown(reading, held).entry != held.entry


def _is_sent_named(reading: ListReading, held: HeldEntry) -> bool:
    """Say whether something that is still sent of an entry names somebody."""
    hidden = reading.entries.hiding([held])[held.entry.entry_id]
    return any(hidden(text) != text for text in reading.entries.sent_texts(held.entry))
