"""Withdraw an early removal that was obtained by deceit: the entry is restored."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.entry_duties import with_late_duties
from services.scoring.commands.lists.list_case_ports import ListWriting
from services.scoring.commands.lists.list_desk import CaseView, ListDesk, StepDraft, view_case
from services.scoring.commands.lists.list_removals import break_redlist, settle
from services.scoring.commands.lists.list_terms import (
    put_later_terms_right,
    put_term_right,
    term_given,
)
from services.scoring.commands.lists.take_entry_step import EntryAtHand, next_entry_step
from services.scoring.domain.entry_course import EntryState, HeldEntry
from services.scoring.domain.entry_duty import require_repair_withdrawn
from services.scoring.domain.list_entry import ListChange, ListEntry


@dataclass(frozen=True, slots=True)
class WithdrawEarlyRemoval:
    """Restores an entry as if it had never been removed.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(self, call: WriteCall[CaseView], entry_id: int, draft: StepDraft) -> Answer:
        """Restore it.

        Raises:
            SafetyCreditError: As WithdrawEarlyRemoval says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            at_hand = next_entry_step(self.desk, write, call, entry_id=entry_id, draft=draft)
            held, step = at_hand.held, at_hand.step
            duties = write.entries.duties([entry_id], write.point.revision).get(entry_id, ())
            clause = at_hand.file.case.procedure.citation("deceit_restarts_term", "decided_by")
            require_repair_withdrawn(step, held, duties, clause=clause)
            restored = replace(
                held,
                entry=replace(held.entry, end_date=self._end(write, at_hand)),
                state=EntryState.IN_FORCE,
                removal_reason=None,
                removal_document="",
                removal_date=None,
            )
            changes: list[ListChange] = break_redlist(
                write, restored, day=step.day, document_number=step.document_number
            )
            write.put_entry(restored)
            write.add_step(held.case_id, step)
            settle(write, held.case_id)
            changes += self._standing(write, restored, day=call.today)
            changes += put_later_terms_right(
                write,
                restored,
                day=call.today,
                calendar=self.desk.calendar,
                reason=_RESTORED,
            )
            write.publish(changes, approval="")
            view = view_case(write, held.case_id, day=call.today, calendar=self.desk.calendar)
            return with_late_duties(self.desk, write, view)

        return write_once(self.desk.store, call, work)

    # Private methods -------------------------------------------------------------

    def _standing(self, write: ListWriting, restored: HeldEntry, *, day: date) -> list[ListChange]:
        """Let an entry whose term is over expire at once; give what is to be published.

        Nobody holds what was off its list and is off it still, so its expiry is not published.
        """
        calendar = self.desk.calendar
        ended = put_term_right(write, restored, day=day, calendar=calendar, reason=_RESTORED)
        if ended is None:
            return [restored.entry]
        own = restored.entry.entry_id
        return [one for one in ended if isinstance(one, ListEntry) or one.entry_id != own]

    def _end(self, write: ListWriting, at_hand: EntryAtHand) -> date:
        """Give the end of the restored term, which restarts where the procedure says so.

        Source:
            应急管理部令第11号 by the procedure's ``deceit_restarts_term``.
        """
        case, entry = at_hand.file.case, at_hand.held.entry
        restarts = case.procedure.flag("deceit_restarts_term")
        start_date = at_hand.step.day if restarts else entry.start_date
        return term_given(write, entry, at_hand.file).end(start_date, self.desk.calendar)


# Private values --------------------------------------------------------------

_RESTORED: Final = "此前列入的提前移出已撤销，管理期限相应调整"
