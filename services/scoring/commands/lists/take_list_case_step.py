"""Take the next step of a case: report, notice, statement, review, approval, service, closing."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.lists.case_scope import require_case_scope
from services.scoring.commands.lists.list_case_ports import CaseFile, ListWriting
from services.scoring.commands.lists.list_desk import (
    CaseView,
    ListDesk,
    StepDraft,
    find_case,
    view_case,
)
from services.scoring.commands.lists.list_standing import unserved_fallen
from services.scoring.commands.lists.published_text import require_impersonal
from services.scoring.domain.list_case import Step, StepKind
from services.scoring.domain.list_course import CaseCourse
from services.scoring.domain.list_ledger import spoken


@dataclass(frozen=True, slots=True)
class TakeListCaseStep:
    """Takes a step that changes nothing but the ledger.

    Attributes:
        desk: Where cases are worked on.
    """

    desk: ListDesk

    def __call__(self, call: WriteCall[CaseView], case_id: int, draft: StepDraft) -> Answer:
        """Take the step.

        Raises:
            SafetyCreditError: As the RPC of the step says in its proto.
        """

        def work(write: ListWriting) -> CaseView:
            _, step = next_step(self.desk, write, call, case_id=case_id, draft=draft)
            write.add_step(case_id, step)
            if step.kind is StepKind.CLOSE:
                write.end_case(case_id, ended=True)
            return view_case(write, case_id, day=call.today, calendar=self.desk.calendar)

        return write_once(self.desk.store, call, work)


def next_step(
    desk: ListDesk,
    write: ListWriting,
    call: WriteCall[CaseView],
    *,
    case_id: int,
    draft: StepDraft,
) -> tuple[CaseFile, Step]:
    """Find a case and make its next step, or refuse it.

    Raises:
        CaseUnknownError: There is no such case.
        OutOfScopeError: The caller reaches neither its subject nor, as its authority, the case.
        PersonInTextError: A text names a person of the case, or holds an identity number.
        SafetyCreditError: The step may not be taken.
    """
    taken = draft.step(call)
    file = find_case(write, case_id, revision=write.point.revision)
    case = file.case
    step = spoken(case, taken)
    require_case_scope(write, call.caller, file, step)
    fallen = unserved_fallen(desk, write, file=file, step=step)
    CaseCourse(case, file.steps, desk.calendar, fallen=fallen).require(step)
    require_impersonal(write, case, step, steps=file.steps)
    return file, step
