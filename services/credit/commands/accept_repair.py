"""Accept an application for repair (受理), or decline it."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.remedy_ports import (
    RemedyStore,
    RemedyWriting,
    RepairLaws,
    StepDraft,
    step_of,
)
from services.credit.commands.remedy_targets import known_remedy, require_decider
from services.credit.commands.remedy_views import RemedyView, RemedyViews
from services.credit.domain.remedy import RemedyKind, RemedyState


@dataclass(frozen=True, slots=True)
class AcceptRepair:
    """Accepts or declines an application.

    Attributes:
        store: Where remedies are stored.
        law: Periods.
        views: Shows the answer.
    """

    store: RemedyStore
    law: RepairLaws
    views: RemedyViews

    def __call__(self, call: WriteCall[RemedyView], remedy_id: int, draft: StepDraft) -> Answer:
        """Store the step; a draft with reasons declines.

        Raises:
            RemedyUnknownError: There is no such repair.
            StepOutOfOrderError: It is not to be accepted.
            WrongAuthorityError: Another authority made the decision.
            StepBeforePreviousError: It is dated before the application.
            OutOfScopeError: The caller may not write about the subject.
        """

        def work(write: RemedyWriting) -> RemedyView:
            remedy = known_remedy(write, remedy_id, RemedyKind.REPAIR)
            law = self.law.at(write.point.revision).kept_procedure(
                remedy.policy_version, listed=remedy.decided.target.entry_id is not None
            )
            state = RemedyState.DECLINED if draft.text else RemedyState.ACCEPTED
            remedy = remedy.advanced(
                step_of(write, draft, state, authority=call.caller.authority), law
            )
            require_decider(write, remedy, call.caller, call.today)
            write.remedies.append(remedy)
            return self.views.written(write, remedy, as_of=call.today)

        return write_once(self.store, call, work)
