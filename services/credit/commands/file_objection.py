"""File an objection (异议)."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.remedy_ports import RemedyStore, RemedyWriting, RepairLaws
from services.credit.commands.remedy_targets import (
    Opening,
    decided_by,
    listed_target,
    open_remedy,
    recorded_target,
    require_own_day,
)
from services.credit.commands.remedy_views import RemedyView, RemedyViews


@dataclass(frozen=True, slots=True)
class FileObjection:
    """Files an objection to a record or an entry of a list.

    Attributes:
        store: Where remedies are stored.
        law: Periods.
        views: Shows the answer.
    """

    store: RemedyStore
    law: RepairLaws
    views: RemedyViews

    def __call__(self, call: WriteCall[RemedyView], opening: Opening) -> Answer:
        """Store it.

        Raises:
            RecordUnknownError: There is no such record.
            RecordRevokedError: It was revoked.
            EntryUnknownError: There is no such entry.
            EntryCorrectedError: It was corrected already.
            RemedyOpenError: An objection to it is open.
            StepBeforePreviousError: It is dated before the decision, or before an earlier objection
                was decided.
            StepNotTodayError: A portal dates it otherwise than today.
            PeriodsUndefinedError: No policy of repairs was in force on its day.
        """

        def work(write: RemedyWriting) -> RemedyView:
            require_own_day(call, opening)
            target, day = opening.target, opening.step.step_date
            if target.record_id is not None:
                decided = decided_by(recorded_target(write, target.record_id))
            else:
                assert target.entry_id is not None, "a target is a record or an entry"
                decided = listed_target(write, target.entry_id).decided
            law = self.law.at(write.point.revision).procedure(
                day, listed=target.entry_id is not None
            )
            remedy = open_remedy(write, opening, decided, law=law)
            return self.views.written(write, remedy, as_of=call.today)

        return write_once(self.store, call, work)
