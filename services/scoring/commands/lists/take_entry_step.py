"""Take a step about an entry that changes nothing but the ledger: the early removal's beginning."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.case_scope import require_entry_scope
from services.scoring.commands.lists.list_case_ports import CaseFile, ListWriting
from services.scoring.commands.lists.list_desk import (
    CaseView,
    ListDesk,
    StepDraft,
    find_case,
    find_entry,
    view_case,
)
from services.scoring.commands.lists.published_text import require_impersonal
from services.scoring.domain.entry_course import EntryCourse, HeldEntry
from services.scoring.domain.entry_duty import granted_by
from services.scoring.domain.list_case import Step


@dataclass(frozen=True, slots=True)
class EntryAtHand:
    """An entry, its case, and the step that is taken.

    Attributes:
        held: The entry.
        file: Its case.
        step: The step.
        repaired: Whether the step carries out a repair that was granted.
    """

    held: HeldEntry
    file: CaseFile
    step: Step
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class TakeEntryStep:
    """Records an application for early removal, and its acceptance.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(self, call: WriteCall[CaseView], entry_id: int, draft: StepDraft) -> Answer:
        """Take the step.

        Raises:
            SafetyCreditError: As the RPC of the step says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            at_hand = next_entry_step(self.desk, write, call, entry_id=entry_id, draft=draft)
            case_id = at_hand.held.case_id
            write.add_step(case_id, at_hand.step)
            return view_case(write, case_id, day=call.today, calendar=self.desk.calendar)

        return write_once(self.desk.store, call, work)


def next_entry_step(
    desk: ListDesk,
    write: ListWriting,
    call: WriteCall[CaseView],
    *,
    entry_id: int,
    draft: StepDraft,
) -> EntryAtHand:
    """Find an entry and make its next step, or refuse it.

    Raises:
        EntryUnknownError: There is no such entry.
        OutOfScopeError: The caller reaches neither its subject nor, as its authority, its case.
        PersonInTextError: A text names a person of the case, or holds an identity number.
        SafetyCreditError: The step may not be taken.
    """
    revision = write.point.revision
    step = draft.step(call, entry_id=entry_id)
    held = find_entry(write, entry_id, revision=revision)
    file = find_case(write, held.case_id, revision=revision)
    require_entry_scope(write, call.caller, file.case, held.entry)
    procedure = file.case.procedure
    repair = granted_by(step, write.entries.duties([entry_id], revision).get(entry_id, ()))
    course = EntryCourse(held, procedure, steps=file.steps, calendar=desk.calendar)
    course.require(step, repaired_date=None if repair is None else repair.day)
    require_impersonal(write, file.case, step, steps=file.steps)
    return EntryAtHand(held, file, step, repaired=repair is not None)
