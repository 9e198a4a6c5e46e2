"""Answers of PreventionService as messages."""

from collections.abc import Iterable
from typing import cast

from safetycredit.scoring.v1 import basis_pb2
from safetycredit.scoring.v1 import prevention_service_pb2 as pb
from services.engine.explained import ExplainedLine
from services.scoring.commands.prevention.get_prevention_progress import Progress
from services.scoring.domain.amount import Amount
from services.scoring.domain.insurer_evaluation import (
    Appraisal,
    Evaluation,
    EvaluationStep,
)
from services.scoring.handlers.messages import line_messages
from services.scoring.handlers.wire_values import write_amount, write_day


def evaluation_message(
    evaluation: Evaluation, lines: Iterable[ExplainedLine] = (), *, with_steps: bool = True
) -> pb.InsurerEvaluation:
    """Write an evaluation.

    Args:
        evaluation: The evaluation.
        lines: Why it came out so.
        with_steps: Whether to write what was done about it.
    """
    key = evaluation.key
    message = pb.InsurerEvaluation(
        evaluation_id=evaluation.name,
        edition=evaluation.edition,
        insurer=evaluation.insurer,
        insurer_code=key.insurer_code,
        division=f"{key.division:06d}",
        start_date=write_day(key.start_date),
        end_date=write_day(key.end_date),
        evaluation_date=write_day(evaluation.evaluation_date),
        state=cast("pb.EvaluationState", int(evaluation.state)),
        appraisal=_appraisal(evaluation.appraisal, lines),
        dispute_end_date=write_day(evaluation.dispute_end_date),
        dispute_end_provisional=evaluation.dispute_end_provisional,
        steps=[_step(one) for one in evaluation.steps] if with_steps else [],
        facts_revision=evaluation.revision,
    )
    if evaluation.publish_date is not None:
        message.publish_date.CopyFrom(write_day(evaluation.publish_date))
    return message


def progress_message(progress: Progress) -> pb.PreventionProgress:
    """Write where an insurer stands."""
    return pb.PreventionProgress(
        insurer=progress.insurer,
        insurer_code=progress.key.insurer_code,
        appraisal=_appraisal(progress.appraisal, progress.lines),
    )


# Private functions -----------------------------------------------------------


def _appraisal(said: Appraisal, lines: Iterable[ExplainedLine]) -> pb.Appraisal:
    message = pb.Appraisal(
        status=cast("basis_pb2.ResultStatus", said.status),
        grade=said.grade,
        missing_figures=said.missing,
        figures=[
            pb.PreventionFigure(
                name=name,
                unit=figure.unit,
                value=None
                if figure.number is None
                else write_amount(Amount(figure.number, figure.places)),
            )
            for name, figure in sorted(said.figures.items())
        ],
        lines=line_messages(lines),
        policy=basis_pb2.PolicyRef(
            policy_id=said.policy_id, version=said.policy_version, digest=said.policy_digest
        ),
    )
    if said.score is not None:
        message.score.CopyFrom(write_amount(Amount(said.score, said.score_places)))
    return message


def _step(step: EvaluationStep) -> pb.EvaluationStep:
    return pb.EvaluationStep(
        kind=cast("pb.EvaluationStepKind", int(step.kind)),
        edition=step.edition,
        step_date=write_day(step.step_date),
        authority=step.authority,
        document_number=step.document_number,
        reason=step.reason,
    )
