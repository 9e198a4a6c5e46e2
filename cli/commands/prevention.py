"""``safetycredit prevention``: what insurers do for prevention, evaluated and published."""

from typing import Annotated
from uuid import uuid4

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.options import (
    AsOfOption,
    DivisionOption,
    JsonOption,
    KnownAtOption,
    LimitOption,
    TargetOption,
    TokenOption,
    day,
    instant,
    session_of,
)
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


@app.command()
def progress(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    division: PlaceArgument,
    *,
    start: StartOption,
    end: EndOption,
    insurer: InsurerOption = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Show services against plan and spending against premium, without evaluating anybody.

    Example: safetycredit prevention progress 110102 --from 2026-01-01 --to 2027-01-01
    """
    request = GetPreventionProgressRequest(
        division=division,
        start_date=day(start),
        end_date=day(end),
        insurer_code=insurer,
        as_of=day(as_of),
        known_at=instant(known_at),
        token=token,
    )
    with session_of(ctx).prevention(target) as client:
        answer = client.call(client.stub.GetPreventionProgress, request)
    if json:
        print_json(answer)
        return
    print_table(PROGRESS_COLUMNS, map(progress_row, answer.insurers), numbers=(2, 6, 7))
    if insurer:
        for one in answer.insurers:
            print_appraisal(one.appraisal, language=lang)


@app.command()
def evaluate(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    division: PlaceArgument,
    *,
    start: StartOption,
    end: EndOption,
    insurer: InsurerOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Evaluate the insurers of a place for a period that has ended.

    Example: safetycredit prevention evaluate 110102 --from 2025-01-01 --to 2026-01-01
    """
    request = EvaluateInsurersRequest(
        request_id=uuid4().hex,
        division=division,
        start_date=day(start),
        end_date=day(end),
        insurer_code=insurer,
    )
    with session_of(ctx).prevention(target) as client:
        answer = client.call(client.stub.EvaluateInsurers, request)
    if json:
        print_json(answer)
        return
    print_table(EVALUATION_COLUMNS, map(evaluation_row, answer.evaluations), numbers=(6,))


@app.command()
def dispute(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    evaluation: EvaluationArgument,
    *,
    reason: ReasonOption,
    document: DocumentOption,
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """File a dispute about an evaluation.

    Example: safetycredit prevention dispute v-100001 --reason 漏计四月服务 --document 异〔2026〕1号
    """
    request = FileEvaluationDisputeRequest(
        request_id=uuid4().hex,
        evaluation_id=evaluation,
        reason=reason,
        document_number=document,
    )
    with session_of(ctx).prevention(target) as client:
        answer = client.call(client.stub.FileEvaluationDispute, request)
    if json:
        print_json(answer)
        return
    print_evaluation(answer.evaluation, language=lang)


@app.command()
def decide(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    evaluation: EvaluationArgument,
    *,
    accept: Annotated[bool, typer.Option("--accept/--reject", help="Whether it is accepted.")],
    reason: ReasonOption,
    document: DocumentOption,
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Decide a dispute; accepted, the insurer is evaluated again by what is recorded now.

    Example: safetycredit prevention decide v-100001 --accept --reason 属实 --document 复〔2026〕1号
    """
    request = DecideEvaluationDisputeRequest(
        request_id=uuid4().hex,
        evaluation_id=evaluation,
        accepted=accept,
        reason=reason,
        document_number=document,
    )
    with session_of(ctx).prevention(target) as client:
        answer = client.call(client.stub.DecideEvaluationDispute, request)
    if json:
        print_json(answer)
        return
    print_evaluation(answer.evaluation, language=lang)


@app.command()
def publish(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    evaluation: EvaluationArgument,
    *,
    document: DocumentOption,
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Publish an evaluation, once nobody can dispute it any more.

    Example: safetycredit prevention publish v-100001 --document 公〔2026〕1号
    """
    request = PublishInsurerEvaluationRequest(
        request_id=uuid4().hex, evaluation_id=evaluation, document_number=document
    )
    with session_of(ctx).prevention(target) as client:
        answer = client.call(client.stub.PublishInsurerEvaluation, request)
    if json:
        print_json(answer)
        return
    print_evaluation(answer.evaluation, language=lang)


@app.command()
def get(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    evaluation: EvaluationArgument,
    *,
    known_at: KnownAtOption = None,
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print an evaluation, explained line by line.

    Example: safetycredit prevention get v-100001 --lang en
    """
    request = GetInsurerEvaluationRequest(evaluation_id=evaluation, known_at=instant(known_at))
    with session_of(ctx).prevention(target) as client:
        answer = client.call(client.stub.GetInsurerEvaluation, request)
    if json:
        print_json(answer)
        return
    print_evaluation(answer.evaluation, language=lang)


@app.command("list")
def list_evaluations(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    division: DivisionOption = "",
    insurer: InsurerOption = "",
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List evaluations: everybody sees the published ones.

    Example: safetycredit prevention list --division 110102
    """
    with session_of(ctx).prevention(target) as client:

        def page(page_size: int, page_token: str) -> ListInsurerEvaluationsResponse:
            request = ListInsurerEvaluationsRequest(
                division=division,
                insurer_code=insurer,
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            return client.call(client.stub.ListInsurerEvaluations, request)

        answer = read_pages(page, lambda found: len(found.evaluations), limit=limit)
    if json:
        print_json(answer)
        return
    print_table(EVALUATION_COLUMNS, map(evaluation_row, answer.evaluations), numbers=(6,))
    tell_rest(output(), answer.next_page_token)
