"""``safetycredit grade outlook``: what would lift a grade, and from which day."""

from typing import Annotated

import typer

from cli.commands.grade import Language, LanguageOption, PolicyOption, VersionOption
from cli.commands.options import (
    AsOfOption,
    FieldOption,
    JsonOption,
    KnownAtOption,
    SubjectArgument,
    TargetOption,
    TokenOption,
    day,
    field,
    instant,
    session_of,
    subject,
)
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.explanations import describe_basis, source_text, wording
from cli.display.wording import code
from cli.display.wording import day as day_text
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.grade_outlook_pb2 import GradeLift
from safetycredit.scoring.v1.grade_service_pb2 import GetGradeOutlookRequest


def outlook(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code_text: SubjectArgument,
    *,
    of: FieldOption = None,
    policy: PolicyOption = "",
    policy_version: VersionOption = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="YYYY-MM-DD", help="Last day looked at. Default: 5 years."),
    ] = None,
    token: TokenOption = "",
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print what would lift the grade of an enterprise: the acts, the clauses, the days.

    Example: safetycredit grade outlook 91110105YY000001X9 --lang en
    """
    request = GetGradeOutlookRequest(
        subject=subject(code_text),
        field=field(of),
        policy_id=policy,
        policy_version=policy_version,
        as_of=day(as_of),
        known_at=instant(known_at),
        horizon_date=day(until),
        token=token,
    )
    with session_of(ctx).grades(target) as client:
        answer = client.call(client.stub.GetGradeOutlook, request)
    if json:
        print_json(answer)
        return
    grade = answer.grade
    shown = grade.grade or code(ResultStatus.DESCRIPTOR, grade.status)
    print_pairs(
        [
            ("enterprise", f"{grade.name} {grade.credit_code or grade.enterprise_id}"),
            ("grade", shown),
            ("score", grade.score.value),
            ("holds until", day_text(grade.valid_until_date)),
            *describe_basis(answer.basis),
        ]
    )
    if not answer.lifts:
        output().print("nothing found that would lift it")
        return
    print_table(
        ("what has to happen", "from", "grade then", "score then", "clause"),
        [_row(lift, lang) for lift in answer.lifts],
        title="what would lift it",
    )


# Private functions -----------------------------------------------------------


def _row(lift: GradeLift, language: str) -> tuple[str, ...]:
    acts = [wording(item.wording, language) for item in lift.items]
    clauses = dict.fromkeys(source_text(source) for item in lift.items for source in item.sources)
    return (
        "\n".join(f"+ {act}" if number else act for number, act in enumerate(acts)),
        day_text(lift.earliest_date),
        lift.grade,
        lift.score.value,
        "\n".join(clauses),
    )
