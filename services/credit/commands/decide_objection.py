"""Decide an objection."""

from dataclasses import dataclass, replace
from enum import IntEnum

from services.common.errors import FieldViolation, InvalidInputError
from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.corrections import Correction, superseded
from services.credit.commands.remedy_ports import (
    RemedyStore,
    RemedyWriting,
    RepairLaws,
    StepDraft,
    step_of,
)
from services.credit.commands.remedy_targets import (
    known_remedy,
    require_decider,
)
from services.credit.commands.remedy_views import RemedyView, RemedyViews
from services.credit.domain.codes import RecordState
from services.credit.domain.errors import RecordRevokedError
from services.credit.domain.identifiers import RECORD, name_of
from services.credit.domain.remedy import DueAction, Remedy, RemedyKind, RemedyState


class ObjectionOutcome(IntEnum):
    """What was decided; the numbers are those of the wire."""

    REVOKE = 1
    REVISE = 2
    CORRECT_ENTRY = 3
    REJECT = 4


@dataclass(frozen=True, slots=True)
class DecideObjection:
    """Decides an objection; a record that is to be revoked is revoked in the same write.

    Attributes:
        store: Where remedies are stored.
        law: Periods.
        views: Shows the answer.
    """

    store: RemedyStore
    law: RepairLaws
    views: RemedyViews

    def __call__(
        self,
        call: WriteCall[RemedyView],
        remedy_id: int,
        draft: StepDraft,
        *,
        outcome: ObjectionOutcome,
    ) -> Answer:
        """Store the decision.

        Raises:
            RemedyUnknownError: There is no such objection.
            StepOutOfOrderError: It was decided.
            WrongAuthorityError: Another authority made the decision objected to.
            StepBeforePreviousError: It is dated before the objection.
            InvalidInputError: The outcome is for records and this is an entry, or the reverse.
            RecordRevokedError: It is to be revised, and was revoked since.
            OutOfScopeError: The caller may not write about the subject.
        """

        def work(write: RemedyWriting) -> RemedyView:
            remedy = known_remedy(write, remedy_id, RemedyKind.OBJECTION)
            _require_fitting(remedy, outcome)
            law = self.law.at(write.point.revision).kept_procedure(
                remedy.policy_version, listed=remedy.decided.target.entry_id is not None
            )
            upheld = outcome is not ObjectionOutcome.REJECT
            state = RemedyState.UPHELD if upheld else RemedyState.REJECTED
            step = step_of(write, draft, state, authority=call.caller.authority)
            step = replace(step, follow_up=_FOLLOW_UP.get(outcome, DueAction.NONE))
            remedy = remedy.advanced(step, law)
            require_decider(write, remedy, call.caller, call.today)
            if outcome in {ObjectionOutcome.REVOKE, ObjectionOutcome.REVISE}:
                _change_record(write, remedy, draft, outcome)
            write.remedies.append(remedy)
            return self.views.written(write, remedy, as_of=call.today)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------

_FOLLOW_UP = {
    ObjectionOutcome.REVISE: DueAction.REVISE_RECORD,
    ObjectionOutcome.CORRECT_ENTRY: DueAction.CORRECT_ENTRY,
}


def _require_fitting(remedy: Remedy, outcome: ObjectionOutcome) -> None:
    entry = remedy.decided.target.entry_id is not None
    if outcome is ObjectionOutcome.REJECT or entry is (outcome is ObjectionOutcome.CORRECT_ENTRY):
        return
    wanted = "correct the entry" if entry else "revoke or revise the record"
    raise InvalidInputError(
        [FieldViolation("outcome", "OUTCOME_OF_ANOTHER_TARGET", f"{wanted}, or reject")]
    )


def _change_record(
    write: RemedyWriting, remedy: Remedy, draft: StepDraft, outcome: ObjectionOutcome
) -> None:
    """Revoke a record, unless that has been done meanwhile; refuse to revise a revoked one.

    Raises:
        RecordRevokedError: It is to be revised, and was revoked.
    """
    record_id = remedy.decided.target.record_id
    assert record_id is not None, "its outcome is for records"
    latest = write.records.editions(record_id, revision=write.point.revision)[-1]
    revise = outcome is ObjectionOutcome.REVISE
    if latest.state is RecordState.REVOKED and revise:
        name = name_of(RECORD, record_id)
        raise RecordRevokedError(
            f"{name} was revoked meanwhile: uphold the objection with revoke; nothing more is to be"
            " done",
            record_id=name,
        )
    # What was revoked meanwhile is what the party asked for; it still gets its answer.
    if latest.state is RecordState.REVOKED or revise:
        return
    correction = Correction(
        record_id=record_id,
        edition=latest.number,
        reason=draft.text,
        document_number=draft.document_number,
    )
    write.records.supersede(superseded(write, latest, correction, next_row_id=None))
