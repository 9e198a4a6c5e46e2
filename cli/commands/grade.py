"""``safetycredit grade``: credit grades with their reasons."""

from enum import StrEnum
from typing import Annotated

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    FieldOption,
    IndustryOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    SubjectArgument,
    TargetOption,
    TokenOption,
    day,
    field,
    instant,
    session_of,
    subject,
)
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.explanations import describe_basis, print_lines
from cli.display.wording import code
from cli.display.wording import day as day_text
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.grade_service_pb2 import (
    CreditGrade,
    GetCreditGradeRequest,
    ListCreditGradesRequest,
    ListCreditGradesResponse,
)

app = typer.Typer(no_args_is_help=True)


class Language(StrEnum):
    """A language of the texts."""

    ZH = "zh"
    EN = "en"


LanguageOption = Annotated[Language, typer.Option("--lang", help="Language of the texts.")]
PolicyOption = Annotated[
    str, typer.Option("--policy", help="Policy to apply. Default: the most local in force.")
]
VersionOption = Annotated[
    str, typer.Option("--policy-version", help="Version. Default: the one in force.")
]


@app.command()
def get(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code_text: SubjectArgument,
    *,
    explain: Annotated[bool, typer.Option("--explain", help="Print the reasons.")] = False,
    of: FieldOption = None,
    policy: PolicyOption = "",
    policy_version: VersionOption = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print the grade of an enterprise, today or on any day.

    Example: safetycredit grade get 91110105YY000001X9 --explain --lang en
    """
    request = GetCreditGradeRequest(
        subject=subject(code_text),
        field=field(of),
        policy_id=policy,
        policy_version=policy_version,
        as_of=day(as_of),
        known_at=instant(known_at),
        explain=explain,
        token=token,
    )
    with session_of(ctx).grades(target) as client:
        answer = client.call(client.stub.GetCreditGrade, request)
    if json:
        print_json(answer)
        return
    print_pairs([*_describe(answer.grade), *describe_basis(answer.basis)])
    if explain:
        print_lines(answer.lines, language=lang, title="explanation")


@app.command("list")
def list_grades(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    policy: Annotated[str, typer.Option("--policy", help="Policy to apply.")],
    policy_version: VersionOption = "",
    grades: Annotated[
        list[str] | None, typer.Option("--grade", help="Grade wanted. May be repeated.")
    ] = None,
    division: DivisionOption = "",
    industry: IndustryOption = "",
    of: FieldOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List grades of one policy.

    Example: safetycredit grade list --policy cn.shandong.liaocheng.grade --grade D
    """
    with session_of(ctx).grades(target) as client:

        def page(page_size: int, page_token: str) -> ListCreditGradesResponse:
            request = ListCreditGradesRequest(
                policy_id=policy,
                policy_version=policy_version,
                division=division,
                industry=industry,
                field=field(of),
                grades=grades or (),
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListCreditGrades, request)

        answer = read_pages(page, lambda found: len(found.grades), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(
        ("enterprise", "credit code", "name", "grade", "score", "until"),
        [
            (
                one.enterprise_id,
                one.credit_code,
                one.name,
                _grade(one),
                one.score.value,
                day_text(one.valid_until_date),
            )
            for one in answer.grades
        ],
        numbers=(4,),
    )
    print_pairs(describe_basis(answer.basis))
    tell_rest(output(), answer.next_page_token)


# Private functions -----------------------------------------------------------


def _grade(grade: CreditGrade) -> str:
    return grade.grade or code(ResultStatus.DESCRIPTOR, grade.status)


def _describe(grade: CreditGrade) -> list[tuple[str, str]]:
    return [
        ("enterprise", f"{grade.name} {grade.credit_code or grade.enterprise_id}"),
        ("grade", _grade(grade)),
        ("score", grade.score.value),
        ("missing", ", ".join(grade.missing_inputs)),
        ("holds until", day_text(grade.valid_until_date)),
    ]
