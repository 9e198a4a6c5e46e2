"""Correct an entry whose basis fell: publication stops at once, and it never counted.

What stands is corrected by hand only where an objection was upheld, by somebody else; it is a
decision, which the guard of the list counts.
"""

from dataclasses import dataclass, replace
from datetime import date

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.entry_duties import with_late_duties
from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_desk import CaseView, ListDesk, StepDraft, view_case
from services.scoring.commands.lists.list_removals import remove
from services.scoring.commands.lists.list_standing import standing_basis
from services.scoring.commands.lists.list_terms import put_later_terms_right
from services.scoring.commands.lists.take_entry_step import EntryAtHand, next_entry_step
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.entry_duty import require_objection
from services.scoring.domain.list_case import Step
from services.scoring.domain.list_entry import EntryRemoval, ListChange, RemovalReason
from services.scoring.domain.list_procedure import WorkingCalendar
from services.scoring.domain.viewpoint import Viewpoint


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
            held, step = at_hand.held, at_hand.step
            fell = self._basis_fell(write, at_hand, call.today)
            if not fell:
                duties = write.entries.duties([entry_id], write.point.revision)
                clause = at_hand.file.case.procedure.citation("basis", "decided_by")
                require_objection(step, duties.get(entry_id, ()), clause=clause)
            changes = correct(write, held, step, day=call.today, calendar=self.desk.calendar)
            if not fell and held.state is EntryState.IN_FORCE:
                gone = changes[0]
                assert isinstance(gone, EntryRemoval), "what is in force goes first"
                changes[0] = replace(gone, decided=True)
            write.publish(changes, approval=approval)
            case_id = at_hand.held.case_id
            view = view_case(write, case_id, day=call.today, calendar=self.desk.calendar)
            return with_late_duties(self.desk, write, view)

        return write_once(self.desk.store, call, work)

    # Private methods -------------------------------------------------------------

    def _basis_fell(self, write: ListWriting, at_hand: EntryAtHand, day: date) -> bool:
        """Say whether the service itself finds that nothing carries the entry any more."""
        case = at_hand.file.case
        library = self.desk.library.at(write.point.revision - 1)
        if case.redlist:
            return False
        basis = standing_basis(write, library, case, at=Viewpoint(write.point.revision, day))
        return at_hand.held.entry.subject_id not in basis.rules


def correct(
    write: ListWriting,
    held: HeldEntry,
    step: Step,
    *,
    day: date,
    calendar: WorkingCalendar,
) -> list[ListChange]:
    """Let an entry never have counted; give what is to be published.

    An entry that had left its list has nothing to publish: its tombstone is out already.

    Args:
        write: The transaction.
        held: The entry.
        step: The step that corrects it.
        day: Day on which it is done: what is over by then is not put back.
        calendar: Counts working days.
    """
    gone = remove(write, held, step, reason=RemovalReason.CORRECTED)
    own = [gone] if held.state is EntryState.IN_FORCE else []
    reason = "此前列入已被更正，其影响一并消除"
    later = put_later_terms_right(write, held, day=day, calendar=calendar, reason=reason)
    return [*own, *later]
