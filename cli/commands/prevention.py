"""``safetycredit prevention``: what insurers do for prevention, evaluated and published."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

import typer
from google.protobuf.message import Message

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import AnswerOptions, ReadOptions, grouped
from cli.commands.options import DivisionOption, KnownAtOption, LimitOption, day, instant
from cli.commands.paging import read_pages
from cli.display.console import output, print_json, print_table
from cli.display.prevention import (
    EVALUATION_COLUMNS,
    PROGRESS_COLUMNS,
    evaluation_row,
    print_appraisal,
    print_evaluation,
    progress_row,
)
from safetycredit.scoring.v1.prevention_service_pb2 import (
    DecideEvaluationDisputeRequest,
    EvaluateInsurersRequest,
    FileEvaluationDisputeRequest,
    GetInsurerEvaluationRequest,
    GetPreventionProgressRequest,
    ListInsurerEvaluationsRequest,
    ListInsurerEvaluationsResponse,
    PublishInsurerEvaluationRequest,
)

app = typer.Typer(no_args_is_help=True)

PlaceArgument = Annotated[
    str, typer.Argument(metavar="DIVISION", help="Six digits, such as 110102.")
]
EvaluationArgument = Annotated[str, typer.Argument(metavar="EVALUATION", help="Such as v-100001.")]
StartOption = Annotated[
    str, typer.Option("--from", metavar="YYYY-MM-DD", help="First day of the period.")
]
EndOption = Annotated[
    str, typer.Option("--to", metavar="YYYY-MM-DD", help="Day after the last day of the period.")
]
InsurerOption = Annotated[
    str, typer.Option("--insurer", metavar="CODE", help="Credit code. Default: every insurer.")
]
DocumentOption = Annotated[str, typer.Option(help="Number of the document that says so.")]
ReasonOption = Annotated[str, typer.Option(help="Why.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodOptions:
    """Which period is looked at, and whose services."""

    start: StartOption
    end: EndOption
    insurer: InsurerOption = ""


@app.command()
@grouped
def progress(
    division: PlaceArgument,
    *,
    of: PeriodOptions,
    reading: ReadOptions,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Show services against plan and spending against premium, without evaluating anybody.

    Example: safetycredit prevention progress 110102 --from 2026-01-01 --to 2027-01-01
    """
    request = GetPreventionProgressRequest(
        division=division,
        start_date=day(of.start),
        end_date=day(of.end),
        insurer_code=of.insurer,
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        token=reading.token,
    )
    with reading.answer.session.prevention(reading.answer.target) as client:
        found = client.call(client.stub.GetPreventionProgress, request)
    if reading.answer.json:
        print_json(found)
        return
    print_table(PROGRESS_COLUMNS, map(progress_row, found.insurers), numbers=(2, 6, 7))
    if of.insurer:
        for one in found.insurers:
            print_appraisal(one.appraisal, language=lang)


@app.command()
@grouped
def evaluate(division: PlaceArgument, *, of: PeriodOptions, answer: AnswerOptions) -> None:
    """Evaluate the insurers of a place for a period that has ended.

    Example: safetycredit prevention evaluate 110102 --from 2025-01-01 --to 2026-01-01
    """
    request = EvaluateInsurersRequest(
        request_id=uuid4().hex,
        division=division,
        start_date=day(of.start),
        end_date=day(of.end),
        insurer_code=of.insurer,
    )
    with answer.session.prevention(answer.target) as client:
        found = client.call(client.stub.EvaluateInsurers, request)
    if answer.json:
        print_json(found)
        return
    print_table(EVALUATION_COLUMNS, map(evaluation_row, found.evaluations), numbers=(6,))


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOptions:
    """Why, and the document that says so."""

    reason: ReasonOption
    document: DocumentOption


@app.command()
@grouped
def dispute(
    evaluation: EvaluationArgument,
    *,
    why: DisputeOptions,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """File a dispute about an evaluation.

    Example: safetycredit prevention dispute v-100001 --reason 漏计四月服务 --document 异〔2026〕1号
    """
    request = FileEvaluationDisputeRequest(
        request_id=uuid4().hex,
        evaluation_id=evaluation,
        reason=why.reason,
        document_number=why.document,
    )
    _send("FileEvaluationDispute", request, lang, answer)


@app.command()
@grouped
def decide(
    evaluation: EvaluationArgument,
    *,
    accept: Annotated[bool, typer.Option("--accept/--reject", help="Whether it is accepted.")],
    why: DisputeOptions,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """Decide a dispute; accepted, the insurer is evaluated again by what is recorded now.

    Example: safetycredit prevention decide v-100001 --accept --reason 属实 --document 复〔2026〕1号
    """
    request = DecideEvaluationDisputeRequest(
        request_id=uuid4().hex,
        evaluation_id=evaluation,
        accepted=accept,
        reason=why.reason,
        document_number=why.document,
    )
    _send("DecideEvaluationDispute", request, lang, answer)


@app.command()
@grouped
def publish(
    evaluation: EvaluationArgument,
    *,
    document: DocumentOption,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """Publish an evaluation, once nobody can dispute it any more.

    Example: safetycredit prevention publish v-100001 --document 公〔2026〕1号
    """
    request = PublishInsurerEvaluationRequest(
        request_id=uuid4().hex, evaluation_id=evaluation, document_number=document
    )
    _send("PublishInsurerEvaluation", request, lang, answer)


@app.command()
@grouped
def get(
    evaluation: EvaluationArgument,
    *,
    known_at: KnownAtOption = None,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """Print an evaluation, explained line by line.

    Example: safetycredit prevention get v-100001 --lang en
    """
    request = GetInsurerEvaluationRequest(evaluation_id=evaluation, known_at=instant(known_at))
    _send("GetInsurerEvaluation", request, lang, answer)


@app.command("list")
@grouped
def list_evaluations(
    *,
    division: DivisionOption = "",
    insurer: InsurerOption = "",
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    answer: AnswerOptions,
) -> None:
    """List evaluations: everybody sees the published ones.

    Example: safetycredit prevention list --division 110102
    """
    with answer.session.prevention(answer.target) as client:

        def page(page_size: int, page_token: str) -> ListInsurerEvaluationsResponse:
            request = ListInsurerEvaluationsRequest(
                division=division,
                insurer_code=insurer,
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListInsurerEvaluations, request)

        found = read_pages(page, lambda one: len(one.evaluations), limit=limit)
    if answer.json:
        print_json(found)
        return
    print_table(EVALUATION_COLUMNS, map(evaluation_row, found.evaluations), numbers=(6,))
    tell_rest(output(), found.next_page_token)


# Private functions -----------------------------------------------------------


def _send(method: str, request: Message, lang: Language, answer: AnswerOptions) -> None:
    """Send what is asked or done about an evaluation, and print the evaluation."""
    with answer.session.prevention(answer.target) as client:
        found: Any = client.call(getattr(client.stub, method), request)
    if answer.json:
        print_json(found)
        return
    print_evaluation(found.evaluation, language=lang)
