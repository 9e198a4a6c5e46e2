"""Extend the period for the decision on a repair (延长办理期限)."""

from dataclasses import dataclass, replace
from datetime import date

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
from services.credit.domain.remedy import RemedyKind


@dataclass(frozen=True, slots=True)
class ExtendRepair:
    """Extends the period once, where the law gives an extension.

    Attributes:
        store: Where remedies are stored.
        law: Periods.
        views: Shows the answer.
    """

    store: RemedyStore
    law: RepairLaws
    views: RemedyViews

    def __call__(
        self, call: WriteCall[RemedyView], remedy_id: int, draft: StepDraft, *, told_date: date
    ) -> Answer:
        """Store the extension.

        Raises:
            RemedyUnknownError: There is no such repair.
            StepOutOfOrderError: It is not accepted, or is decided.
            ExtensionNotProvidedError: The law gives no extension.
            ExtensionRepeatedError: The period was extended before.
            ExtensionTooLateError: The period was over, or was when the applicant was told.
            WrongAuthorityError: Another authority made the decision.
            StepBeforePreviousError: It is dated before the acceptance.
            OutOfScopeError: The caller may not write about the subject.
        """

        def work(write: RemedyWriting) -> RemedyView:
            remedy = known_remedy(write, remedy_id, RemedyKind.REPAIR)
            law = self.law.at(write.point.revision).kept_procedure(
                remedy.policy_version, listed=remedy.decided.target.entry_id is not None
            )
            step = step_of(write, draft, remedy.state, authority=call.caller.authority)
            due = self.views.decision_day(remedy, law)
            remedy = remedy.extended(
                replace(step, told_date=told_date), law, due.date, provisional=due.provisional
            )
            require_decider(write, remedy, call.caller, call.today)
            write.remedies.append(remedy)
            return self.views.written(write, remedy, as_of=call.today)

        return write_once(self.store, call, work)
