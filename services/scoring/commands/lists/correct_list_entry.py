"""Correct an entry whose basis fell: publication stops at once, and it never counted."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_desk import CaseView, ListDesk, StepDraft, view_case
from services.scoring.commands.lists.list_removals import remove
from services.scoring.commands.lists.list_undoing import undo_effects
from services.scoring.commands.lists.take_entry_step import next_entry_step
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.list_case import Step
from services.scoring.domain.list_entry import ListChange, RemovalReason
from services.scoring.domain.list_procedure import WorkingCalendar


@dataclass(frozen=True, slots=True)
class CorrectListEntry:
    """Corrects an entry by a document that took its basis away.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(
        self, call: WriteCall[CaseView], entry_id: int, draft: StepDraft, *, approval: str
    ) -> Answer:
        """Correct it.

        Args:
            call: Who corrects.
            entry_id: The entry.
            draft: The correction, as a step.
            approval: Second approval for the feed; empty for none.

        Raises:
            SafetyCreditError: As CorrectListEntry says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            at_hand = next_entry_step(self.desk, write, call, entry_id=entry_id, draft=draft)
            changes = correct(write, at_hand.held, at_hand.step, calendar=self.desk.calendar)
            write.publish(changes, approval=approval)
            case_id = at_hand.held.case_id
            return view_case(write, case_id, day=call.today, calendar=self.desk.calendar)

        return write_once(self.desk.store, call, work)


def correct(
    write: ListWriting, held: HeldEntry, step: Step, *, calendar: WorkingCalendar
) -> list[ListChange]:
    """Let an entry never have counted; give what is to be published.

    An entry that had left its list has nothing to publish: its tombstone is out already.

    Args:
        write: The transaction.
        held: The entry.
        step: The step that corrects it.
        calendar: Counts working days.
    """
    change = remove(write, held, step, reason=RemovalReason.CORRECTED)
    own = [change] if held.state is EntryState.IN_FORCE else []
    return [*own, *undo_effects(write, held, day=step.day, calendar=calendar)]
