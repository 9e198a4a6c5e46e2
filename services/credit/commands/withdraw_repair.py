"""Withdraw a repair that was obtained by deceit."""

from dataclasses import dataclass, replace

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
from services.credit.domain.remedy import DueAction, RemedyKind, RemedyState


@dataclass(frozen=True, slots=True)
class WithdrawRepair:
    """Withdraws a repair: publication is restored, and its term runs again.

    Attributes:
        store: Where remedies are stored.
        law: Periods.
        views: Shows the answer.
    """

    store: RemedyStore
    law: RepairLaws
    views: RemedyViews

    def __call__(self, call: WriteCall[RemedyView], remedy_id: int, draft: StepDraft) -> Answer:
        """Store the withdrawal.

        Raises:
            RemedyUnknownError: There is no such repair.
            StepOutOfOrderError: It was not granted, or was withdrawn.
            WrongAuthorityError: Another authority made the decision.
            StepBeforePreviousError: It is dated before the grant.
            OutOfScopeError: The caller may not write about the subject.
        """

        def work(write: RemedyWriting) -> RemedyView:
            remedy = known_remedy(write, remedy_id, RemedyKind.REPAIR)
            listed = remedy.decided.target.entry_id is not None
            law = self.law.at(write.point.revision).kept_procedure(
                remedy.policy_version, listed=listed
            )
            step = step_of(write, draft, RemedyState.WITHDRAWN, authority=call.caller.authority)
            if listed:
                step = replace(step, follow_up=DueAction.RESTORE_ENTRY)
            remedy = remedy.advanced(step, law)
            require_decider(write, remedy, call.caller, call.today)
            write.remedies.append(remedy)
            if not listed:
                write.remedies.unrepair(remedy)
            return self.views.written(write, remedy, as_of=call.today)

        return write_once(self.store, call, work)
