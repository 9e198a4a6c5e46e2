"""``safetycredit grade``: credit grades with their reasons."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.option_groups import ListOptions, ReadOptions, grouped
from cli.commands.options import (
    DivisionOption,
    FieldOption,
    IndustryOption,
    SubjectArgument,
    day,
    field,
    instant,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LawOptions:
    """Which policy grades an enterprise."""

    of: FieldOption = None
    policy: PolicyOption = ""
    policy_version: VersionOption = ""


@app.command()
@grouped
def get(
    code_text: SubjectArgument,
    *,
    explain: Annotated[bool, typer.Option("--explain", help="Print the reasons.")] = False,
    law: LawOptions,
    reading: ReadOptions,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Print the grade of an enterprise, today or on any day.

    Example: safetycredit grade get 91110105YY000001X9 --explain --lang en
    """
    request = GetCreditGradeRequest(
        subject=subject(code_text),
        field=field(law.of),
        policy_id=law.policy,
        policy_version=law.policy_version,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        explain=explain,
        token=reading.token,
    )
    with reading.answer.session.grades(reading.answer.target) as client:
        found = client.call(client.stub.GetCreditGrade, request)
    if reading.answer.json:
        print_json(found)
        return
    print_pairs([*_describe(found.grade), *describe_basis(found.basis)])
    if explain:
        print_lines(found.lines, language=lang, title="explanation")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeFilterOptions:
    """Which grades are wanted, and of whom."""

    policy: Annotated[str, typer.Option("--policy", help="Policy to apply.")]
    policy_version: VersionOption = ""
    grades: Annotated[
        list[str] | None, typer.Option("--grade", help="Grade wanted. May be repeated.")
    ] = None
    division: DivisionOption = ""
    industry: IndustryOption = ""
    of: FieldOption = None


@app.command("list")
@grouped
def list_grades(*, wanted: GradeFilterOptions, listing: ListOptions) -> None:
    """List grades of one policy.

    Example: safetycredit grade list --policy cn.shandong.liaocheng.grade --grade D
    """
    with listing.answer.session.grades(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListCreditGradesResponse:
            request = ListCreditGradesRequest(
                policy_id=wanted.policy,
                policy_version=wanted.policy_version,
                division=wanted.division,
                industry=wanted.industry,
                field=field(wanted.of),
                grades=wanted.grades or (),
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListCreditGrades, request)

        found = read_pages(page, lambda one: len(one.grades), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
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
            for one in found.grades
        ],
        numbers=(4,),
    )
    print_pairs(describe_basis(found.basis))
    tell_rest(output(), found.next_page_token)


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
