"""``safetycredit supervision``: how often to inspect, whom to draw, how colours spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from cli.commands.grade import Language, LanguageOption, PolicyOption
from cli.commands.option_groups import AnswerOptions, ReadOptions, grouped
from cli.commands.options import (
    AsOfOption,
    FieldOption,
    IndustryOption,
    KnownAtOption,
    SubjectArgument,
    day,
    field,
    instant,
    subject,
)
from cli.display.console import print_json, print_pairs, print_table
from cli.display.explanations import describe_basis, print_lines, wording
from cli.display.units import amount
from cli.display.wording import code
from cli.display.wording import day as day_text
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.supervision_service_pb2 import (
    DrawInspectionsRequest,
    GetRiskColourRequest,
    GetRiskDistributionRequest,
    GetSupervisionRequest,
    NamedAmount,
    PolicyResult,
)

app = typer.Typer(no_args_is_help=True)

PlaceArgument = Annotated[
    str, typer.Argument(metavar="DIVISION", help="Six digits; 110000 is all of Beijing.")
]


@app.command()
@grouped
def get(
    code_text: SubjectArgument,
    *,
    of: FieldOption = None,
    policy: PolicyOption = "",
    reading: ReadOptions,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Print how often an enterprise should be inspected, and why.

    Example: safetycredit supervision get 91110105YY000001X9 --lang en
    """
    request = GetSupervisionRequest(
        subject=subject(code_text),
        field=field(of),
        policy_id=policy,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.supervision(reading.answer.target) as client:
        found = client.call(client.stub.GetSupervision, request)
    if reading.answer.json:
        print_json(found)
        return
    print_pairs([*_describe(found.result, lang), *describe_basis(found.basis)])
    print_lines(found.lines, language=lang, title="explanation")


@app.command()
@grouped
def colour(
    code_text: SubjectArgument,
    *,
    of: FieldOption = None,
    policy: PolicyOption = "",
    reading: ReadOptions,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Print the risk colour of an enterprise, and why.

    Example: safetycredit supervision colour 91110105YY000001X9
    """
    request = GetRiskColourRequest(
        subject=subject(code_text),
        field=field(of),
        policy_id=policy,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.supervision(reading.answer.target) as client:
        found = client.call(client.stub.GetRiskColour, request)
    if reading.answer.json:
        print_json(found)
        return
    print_pairs([*_describe(found.result, lang), *describe_basis(found.basis)])
    print_lines(found.lines, language=lang, title="explanation")


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationOptions:
    """Whose enterprises are looked at, under which policy, and when."""

    division: PlaceArgument
    industry: IndustryOption = ""
    of: FieldOption = None
    policy: PolicyOption = ""
    as_of: AsOfOption = None
    known_at: KnownAtOption = None


@app.command()
@grouped
def distribution(*, population: PopulationOptions, answer: AnswerOptions) -> None:
    """Print how many enterprises of each division have which risk colour.

    Example: safetycredit supervision distribution 110105
    """
    request = GetRiskDistributionRequest(
        division=population.division,
        industry=population.industry,
        field=field(population.of),
        policy_id=population.policy,
        as_of=day(population.as_of),
        known_at=instant(population.known_at),
    )
    with answer.session.supervision(answer.target) as client:
        found = client.call(client.stub.GetRiskDistribution, request)
    if answer.json:
        print_json(found)
        return
    colours = [one.colour for one in found.divisions[0].colours] if found.divisions else []
    print_table(
        ("division", *colours, "no data", "not applicable"),
        [
            (
                one.division,
                *(str(count.count) for count in one.colours),
                str(one.no_data_count),
                str(one.not_applicable_count),
            )
            for one in found.divisions
        ],
        numbers=tuple(range(1, len(colours) + 3)),
    )
    print_pairs(describe_basis(found.basis))


@app.command()
@grouped
def draw(
    *,
    seed: Annotated[
        str, typer.Option("--seed", help="Seed; best a public number that nobody could foresee.")
    ],
    population: PopulationOptions,
    answer: AnswerOptions,
) -> None:
    """Draw the enterprises to inspect, of each class its share; the same seed draws the same.

    Example: safetycredit supervision draw 110105 --seed 2026-11-21-lottery-0417
    """
    request = DrawInspectionsRequest(
        division=population.division,
        industry=population.industry,
        field=field(population.of),
        policy_id=population.policy,
        seed=seed,
        as_of=day(population.as_of),
        known_at=instant(population.known_at),
    )
    with answer.session.supervision(answer.target) as client:
        found = client.call(client.stub.DrawInspections, request)
    if answer.json:
        print_json(found)
        return
    print_table(
        ("share %", "enterprises", "drawn"),
        [
            (one.share_percent.value, str(one.enterprise_count), str(one.drawn_count))
            for one in found.classes
        ],
        title="classes",
        numbers=(0, 1, 2),
    )
    print_table(
        ("enterprise", "credit code", "name", "share %"),
        [
            (one.enterprise_id, one.credit_code, one.name, one.share_percent.value)
            for one in found.drawn
        ],
        title="drawn",
        numbers=(3,),
    )
    undecided = str(found.undecided_count) if found.undecided_count else ""
    print_pairs([("undecided", undecided), ("seed", found.seed), *describe_basis(found.basis)])


# Private functions -----------------------------------------------------------


def _describe(result: PolicyResult, language: str) -> Sequence[tuple[str, str]]:
    outputs = [(one.name.replace("_", " "), _value(one, language)) for one in result.outputs]
    return [
        ("enterprise", f"{result.name} {result.credit_code or result.enterprise_id}"),
        ("result", result.grade or code(ResultStatus.DESCRIPTOR, result.status)),
        *outputs,
        ("missing", ", ".join(result.missing_inputs)),
        ("holds until", day_text(result.valid_until_date)),
    ]


def _value(output: NamedAmount, language: str) -> str:
    """Write a result: a word in a language, a day, or a number with its unit."""
    if output.HasField("wording"):
        return f"{output.text} {wording(output.wording, language)}"
    return output.text or amount(output.value.value, output.unit, language)
