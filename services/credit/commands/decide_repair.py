"""Grant a repair, or refuse it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.remedy_ports import (
    RemedyStore,
    RemedyWriting,
    RepairLaws,
    StepDraft,
    step_of,
)
from services.credit.commands.remedy_targets import (
    known_remedy,
    recorded_target,
    require_decider,
)
from services.credit.commands.remedy_views import RemedyView, RemedyViews
from services.credit.commands.repair_exclusions import require_no_ban, require_no_relapse
from services.credit.domain.codes import RecordState
from services.credit.domain.publication import require_penalty
from services.credit.domain.record import Edition, Penalty
from services.credit.domain.remedy import DueAction, Remedy, RemedyKind, RemedyState
from services.credit.domain.remedy_errors import DutyNotPerformedError
from services.credit.domain.repair_law import ProcedureLaw


@dataclass(frozen=True, slots=True)
class DecideRepair:
    """Decides an accepted application; a repaired penalty is not published any more.

    Attributes:
        store: Where remedies are stored.
        law: Periods and conditions.
        views: Shows the answer.
    """

    store: RemedyStore
    law: RepairLaws
    views: RemedyViews

    def __call__(
        self, call: WriteCall[RemedyView], remedy_id: int, draft: StepDraft, *, granted: bool
    ) -> Answer:
        """Store the decision.

        Raises:
            RemedyUnknownError: There is no such repair.
            StepOutOfOrderError: It was not accepted, or was decided.
            WrongAuthorityError: Another authority made the decision.
            StepBeforePreviousError: It is dated before the acceptance.
            DutyNotPerformedError: It is to be granted, and a duty is open: of the penalty, or of a
                penalty for which the entry's subject is listed.
            BanRunsError: It is to be granted, and a ban keeps from it.
            RelapsedError: It is to be granted, and a relapse keeps from it.
            RecordRevokedError: The record was revoked since.
            OutOfScopeError: The caller may not write about the subject.
        """

        def work(write: RemedyWriting) -> RemedyView:
            remedy = known_remedy(write, remedy_id, RemedyKind.REPAIR)
            listed = remedy.decided.target.entry_id is not None
            laws = self.law.at(write.point.revision)
            law = laws.kept_procedure(remedy.policy_version, listed=listed)
            state = RemedyState.GRANTED if granted else RemedyState.REFUSED
            step = step_of(write, draft, state, authority=call.caller.authority)
            if granted and listed:
                step = replace(step, follow_up=DueAction.REMOVE_ENTRY)
            remedy = remedy.advanced(step, law)
            require_decider(write, remedy, call.caller, call.today)
            write.remedies.append(remedy)
            if granted:
                for edition in _penalties(write, remedy):
                    _require_performed(edition, remedy, law)
                for day in sorted({remedy.last.step_date, call.today}):
                    require_no_ban(write, remedy, law, day=day)
                    require_no_relapse(write, remedy, law, laws, day=day)
                if not listed:
                    write.remedies.repair(remedy, row_id=write.new_id())
            return self.views.written(write, remedy, as_of=call.today)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _penalties(write: RemedyWriting, remedy: Remedy) -> Iterator[Edition]:
    """Give the penalties whose duties are to be performed: the one, or those behind the entry."""
    target, revision = remedy.decided.target, write.point.revision
    if target.record_id is not None:
        yield recorded_target(write, target.record_id)
        return
    assert target.entry_id is not None, "a target is a record or an entry"
    for record_id in write.remedies.records_behind(target.entry_id, revision=revision):
        latest = write.records.editions(record_id, revision=revision)[-1]
        # What was revoked asks for nothing, and neither does what is no penalty.
        if latest.state is not RecordState.REVOKED and isinstance(latest.body, Penalty):
            yield latest


def _require_performed(edition: Edition, remedy: Remedy, law: ProcedureLaw) -> None:
    performed = require_penalty(edition).performed_date
    if not law.performance_required:
        return
    if performed is None or performed > remedy.last.step_date:
        clause = law.clauses["performance_required"]
        raise DutyNotPerformedError(
            f"{edition.name} has no day on which its duties were performed by"
            f" {remedy.last.step_date}; revise it with that day, or refuse the repair ({clause})",
            record_id=edition.name,
            missing="performed_date",
            clause=clause,
        )
