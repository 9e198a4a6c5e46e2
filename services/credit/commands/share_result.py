"""Record that the result of an objection or a repair was passed on (共享、反馈)."""

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


@dataclass(frozen=True, slots=True)
class ShareResult:
    """Records it once for each result.

    Attributes:
        store: Where remedies are stored.
        law: Periods.
        views: Shows the answer.
    """

    store: RemedyStore
    law: RepairLaws
    views: RemedyViews

    def __call__(self, call: WriteCall[RemedyView], remedy_id: int, draft: StepDraft) -> Answer:
        """Store the step; its text names the systems.

        Raises:
            RemedyUnknownError: There is no such remedy.
            StepOutOfOrderError: It has no result yet, or that was shared.
            WrongAuthorityError: Another authority made the decision.
            StepBeforePreviousError: It is dated before the result.
            OutOfScopeError: The caller may not write about the subject.
        """

        def work(write: RemedyWriting) -> RemedyView:
            remedy = known_remedy(write, remedy_id)
            law = self.law.at(write.point.revision).kept_procedure(
                remedy.policy_version, listed=remedy.decided.target.entry_id is not None
            )
            step = step_of(write, draft, remedy.state, authority=call.caller.authority)
            remedy = remedy.shared(step, law)
            require_decider(write, remedy, call.caller, call.today)
            write.remedies.append(remedy)
            return self.views.written(write, remedy, as_of=call.today)

        return write_once(self.store, call, work)
