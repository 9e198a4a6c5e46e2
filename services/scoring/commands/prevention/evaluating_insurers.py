"""What evaluating, disputing and publishing have in common."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.common.identity import Caller, Role
from services.common.tokens import StorePoint
from services.engine.explained import ExplainedLine
from services.scoring.commands.prevention.appraising import Appraiser
from services.scoring.commands.prevention.evaluation_ports import EvaluationWriting
from services.scoring.domain.insurer_evaluation import (
    Evaluation,
    EvaluationKey,
    EvaluationOutOfScopeError,
    EvaluationState,
    EvaluationUnknownError,
    NotTheInsurerError,
)

_FIELD: Final = "work_safety"
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ExplainedEvaluation:
    """An evaluation with its reasons, and where the answer stands.

    Attributes:
        evaluation: The evaluation.
        lines: Why, line by line.
        point: Point of the store.
    """

    evaluation: Evaluation
    lines: tuple[ExplainedLine, ...]
    point: StorePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a step is taken by.

    Attributes:
        document_number: Document that says so.
        reason: Why; empty where nothing need be said.
    """

    document_number: str
    reason: str = ""


def evaluate_anew(
    write: EvaluationWriting,
    appraiser: Appraiser,
    key: EvaluationKey,
    *,
    insurer: str,
    today: date,
) -> Evaluation:
    """Judge an insurer by what is known now, and keep what comes of it.

    What would be the same is not kept twice.

    Raises:
        PolicyNotInForceError: No policy evaluates prevention services there.
    """
    revision = write.point.revision
    before = write.evaluations.of(key, revision)
    facts = write.insurers.facts(key.insurer_code, f"{key.division:06d}", revision)
    # This very write is not committed, so that nothing was published by it.
    appraised = appraiser(facts, key, seen_from=today, revision=revision - 1)
    if before is not None and appraised.says_as(before.appraisal):
        return before
    said = appraised.appraisal
    row_id = write.new_id()
    end_date, provisional = today, False
    if said.dispute_days:
        deadline = appraiser.calendar.after(today, said.dispute_days)
        end_date, provisional = deadline.date + _ONE_DAY, deadline.provisional
    evaluation = Evaluation(
        evaluation_id=row_id if before is None else before.evaluation_id,
        edition=1 if before is None else before.edition + 1,
        key=key,
        insurer=insurer,
        evaluation_date=today,
        appraisal=said,
        dispute_end_date=end_date,
        dispute_end_provisional=provisional,
        revision=revision,
        steps=() if before is None else before.steps,
    )
    write.evaluations.add(evaluation, row_id)
    return evaluation


def find_evaluation(write: EvaluationWriting, evaluation_id: int) -> Evaluation:
    """Find an evaluation to do something about.

    Raises:
        EvaluationUnknownError: There is none.
    """
    found = write.evaluations.find(evaluation_id, write.point.revision)
    if found is None:
        raise unknown_evaluation(evaluation_id)
    return found


def unknown_evaluation(evaluation_id: int) -> EvaluationUnknownError:
    """Make the refusal of an evaluation that is not there, or not for the caller."""
    name = f"v-{evaluation_id}"
    return EvaluationUnknownError(f"there is no evaluation {name}", evaluation_id=name)


def require_place(caller: Caller, division: int) -> None:
    """Refuse a caller that may not write about a place.

    Raises:
        EvaluationOutOfScopeError: The place is out of reach.
    """
    code = f"{division:06d}"
    if not caller.may_write(code, _FIELD):
        raise EvaluationOutOfScopeError(
            f"this caller may not evaluate insurers in {code}", division=code, field=_FIELD
        )


def acts_as_insurer(caller: Caller) -> bool:
    """Say whether a caller is an insurer and nothing that reaches further."""
    return caller.has_role(Role.INSURER) and not caller.has_role(
        Role.REGULATOR, Role.RECORDER, Role.AUDITOR
    )


def require_own(caller: Caller, insurer: str) -> None:
    """Refuse an insurer that reaches for another's.

    Raises:
        NotTheInsurerError: It acts for another.
    """
    if not caller.authority or caller.authority != insurer:
        raise NotTheInsurerError(
            f"this concerns {insurer}; this caller acts for {caller.authority or 'nobody'}",
            insurer=insurer,
        )


def may_see(caller: Caller, evaluation: Evaluation) -> bool:
    """Say whether a caller may see an evaluation: everybody once it is published."""
    if evaluation.state is EvaluationState.PUBLISHED or sees_all(caller):
        return True
    return acts_as_insurer(caller) and caller.authority == evaluation.insurer


def sees_all(caller: Caller) -> bool:
    """Say whether a caller sees evaluations that are not published."""
    return caller.has_role(Role.REGULATOR, Role.RECORDER, Role.AUDITOR)
