"""``safetycredit grade outlook``: what would lift a grade, and from which day."""

from collections.abc import Iterator
from typing import Annotated, Final

import typer

from cli.commands.grade import Language, LanguageOption, LawOptions
from cli.commands.option_groups import ReadOptions, grouped
from cli.commands.options import SubjectArgument, day, field, instant, subject
from cli.display.console import output, print_json, print_pairs, print_table
from cli.display.explanations import describe_basis, source_text, wording
from cli.display.wording import code
from cli.display.wording import day as day_text
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.grade_outlook_pb2 import GradeLift
from safetycredit.scoring.v1.grade_service_pb2 import GetGradeOutlookRequest

_ALL: Final = {"zh": "以下各项均须完成：", "en": "all of these:"}
_DAY: Final = {"zh": "（自{}起）", "en": ", from {}"}


@grouped
def outlook(
    code_text: SubjectArgument,
    *,
    law: LawOptions,
    reading: ReadOptions,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="YYYY-MM-DD", help="Last day looked at. Default: 5 years."),
    ] = None,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Print what would lift the grade of an enterprise: the acts, the clauses, the days.

    Example: safetycredit grade outlook 91110105YY000001X9 --lang en
    """
    request = GetGradeOutlookRequest(
        subject=subject(code_text),
        field=field(law.of),
        policy_id=law.policy,
        policy_version=law.policy_version,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        horizon_date=day(until),
        token=reading.token,
    )
    with reading.answer.session.grades(reading.answer.target) as client:
        found = client.call(client.stub.GetGradeOutlook, request)
    if reading.answer.json:
        print_json(found)
        return
    grade = found.grade
    shown = grade.grade or code(ResultStatus.DESCRIPTOR, grade.status)
    print_pairs(
        [
            ("enterprise", f"{grade.name} {grade.credit_code or grade.enterprise_id}"),
            ("grade", shown),
            ("score", grade.score.value),
            ("holds until", day_text(grade.valid_until_date)),
            *describe_basis(found.basis),
        ]
    )
    if not found.lifts:
        output().print("nothing found that would lift it")
        return
    print_table(
        ("what has to happen", "from", "grade then", "score then", "clause"),
        [_row(lift, lang) for lift in found.lifts],
        title="what would lift it",
    )


def act_lines(lift: GradeLift, language: str) -> Iterator[str]:
    """Say what has to happen, and from which day where that is not the day of the grade."""
    several = len(lift.items) > 1
    apart = any(item.earliest_date != lift.earliest_date for item in lift.items)
    if several:
        yield _ALL[language]
    for number, item in enumerate(lift.items, start=1):
        first_day = _DAY[language].format(day_text(item.earliest_date)) if apart else ""
        yield (f"{number}. " if several else "") + wording(item.wording, language) + first_day


# Private functions -----------------------------------------------------------


def _row(lift: GradeLift, language: str) -> tuple[str, ...]:
    clauses = dict.fromkeys(source_text(source) for item in lift.items for source in item.sources)
    return (
        "\n".join(act_lines(lift, language)),
        day_text(lift.earliest_date),
        lift.grade,
        lift.score.value,
        "\n".join(clauses),
    )
