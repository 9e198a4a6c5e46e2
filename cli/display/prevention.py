"""What insurers do for prevention, as rows and pairs."""

from collections.abc import Sequence
from typing import Final

from cli.display.console import print_pairs, print_table
from cli.display.explanations import policy_name, print_lines
from cli.display.units import amount
from cli.display.wording import code, day
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.prevention_service_pb2 import (
    Appraisal,
    EvaluationState,
    EvaluationStep,
    EvaluationStepKind,
    InsurerEvaluation,
    PreventionProgress,
)

EVALUATION_COLUMNS: Final = (
    "evaluation",
    "insurer",
    "division",
    "from",
    "to",
    "grade",
    "score",
    "state",
    "disputes until before",
    "published",
)
PROGRESS_COLUMNS: Final = (
    "insurer",
    "grade",
    "score",
    "services",
    "served",
    "complaints",
    "premium",
    "spending",
)
_STEP_COLUMNS: Final = ("step", "edition", "day", "by", "document", "reason")


def evaluation_row(one: InsurerEvaluation) -> tuple[str, ...]:
    """Give the most important about an evaluation."""
    return (
        one.evaluation_id,
        one.insurer,
        one.division,
        day(one.start_date),
        day(one.end_date),
        _grade(one.appraisal),
        one.appraisal.score.value,
        code(EvaluationState.DESCRIPTOR, one.state),
        day(one.dispute_end_date),
        day(one.publish_date),
    )


def progress_row(one: PreventionProgress) -> tuple[str, ...]:
    """Give where an insurer stands."""
    figures = {figure.name: figure.value.value or "?" for figure in one.appraisal.figures}

    def of(part: str, whole: str) -> str:
        return f"{figures.get(part, '?')} / {figures.get(whole, '?')}"

    return (
        one.insurer,
        _grade(one.appraisal),
        one.appraisal.score.value,
        of("services_done", "services_planned"),
        of("enterprises_served", "enterprises_insured"),
        of("complaints_handled_in_time", "complaints"),
        figures.get("premium_received", "?"),
        figures.get("spending", "?"),
    )


def print_evaluation(one: InsurerEvaluation, *, language: str) -> None:
    """Print an evaluation with its figures, its reasons and what was done about it."""
    provisional = " (provisional)" if one.dispute_end_provisional else ""
    print_pairs(
        [
            ("evaluation", f"{one.evaluation_id}, edition {one.edition}"),
            ("insurer", f"{one.insurer} {one.insurer_code}"),
            ("division", one.division),
            ("period", f"{day(one.start_date)} – {day(one.end_date)}"),
            ("evaluated", day(one.evaluation_date)),
            ("state", code(EvaluationState.DESCRIPTOR, one.state)),
            ("disputes until before", day(one.dispute_end_date) + provisional),
            ("published", day(one.publish_date)),
            *_pairs(one.appraisal),
        ]
    )
    print_appraisal(one.appraisal, language=language)
    if one.steps:
        print_table(_STEP_COLUMNS, [_step(step) for step in one.steps], title="what was done")


def print_appraisal(one: Appraisal, *, language: str) -> None:
    """Print figures and lines."""
    figures: Sequence[tuple[str, str]] = [
        (figure.name, amount(figure.value.value, figure.unit, language))
        for figure in one.figures
        if figure.HasField("value")
    ]
    print_pairs(figures, title="figures")
    if one.lines:
        print_lines(one.lines, language=language, title="why")


# Private functions -----------------------------------------------------------


def _grade(one: Appraisal) -> str:
    return one.grade or code(ResultStatus.DESCRIPTOR, one.status)


def _pairs(one: Appraisal) -> list[tuple[str, str]]:
    return [
        ("grade", _grade(one)),
        ("score", one.score.value),
        ("missing", ", ".join(one.missing_figures)),
        ("policy", policy_name(one.policy)),
        ("digest", one.policy.digest),
    ]


def _step(step: EvaluationStep) -> tuple[str, ...]:
    return (
        code(EvaluationStepKind.DESCRIPTOR, step.kind),
        str(step.edition),
        day(step.step_date),
        step.authority,
        step.document_number,
        step.reason,
    )
