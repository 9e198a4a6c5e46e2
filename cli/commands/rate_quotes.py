"""``safetycredit rate quote`` and what comes after it."""

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
    SubjectArgument,
    TargetOption,
    day,
    instant,
    session_of,
    subject,
)
from cli.commands.paging import read_pages
from cli.commands.rate_options import (
    TRANSACTIONS,
    CoverStartOption,
    HeadcountOption,
    InputOption,
    InsurerOption,
    LimitPerPersonOption,
    PolicyOption,
    Transaction,
    TransactionOption,
    inputs,
    limit_of,
)
from cli.display.console import messages, output, plain, print_json, print_pairs
from cli.display.rates import describe_quote, print_deviations, print_rate
from safetycredit.scoring.v1.rate_service_pb2 import (
    ConfirmQuoteRequest,
    GetQuoteRequest,
    ListRateDeviationsRequest,
    ListRateDeviationsResponse,
    QuoteRateRequest,
    RecommendRateRequest,
)

QuoteArgument = Annotated[str, typer.Argument(metavar="QUOTE", help="Identifier, q-100001.")]
RequestIdOption = Annotated[
    str,
    typer.Option(
        "--request-id", help="Identifier of the request, so that a repeat changes nothing."
    ),
]


def quote(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code_text: SubjectArgument,
    *,
    policy: PolicyOption = "",
    insurer: InsurerOption = "",
    transaction: TransactionOption = Transaction.NEW,
    cover_start: CoverStartOption = None,
    headcount: HeadcountOption = None,
    limit_per_person: LimitPerPersonOption = None,
    given: InputOption = None,
    request_id: RequestIdOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Recommend a rate and keep it as a quote of the insurer that the caller acts for.

    Example: safetycredit rate quote 91110105YY000001X9 --cover-start 2027-01-01
    """
    request = QuoteRateRequest(
        request_id=request_id or f"{uuid4()}",
        rate=RecommendRateRequest(
            subject=subject(code_text),
            policy_id=policy,
            insurer=insurer,
            transaction_kind=TRANSACTIONS[transaction],
            cover_start_date=day(cover_start),
            insured_headcount=headcount,
            limit_per_person=limit_of(limit_per_person),
            inputs=inputs(given),
        ),
    )
    with session_of(ctx).rates(target) as client:
        answer = client.call(client.stub.QuoteRate, request)
    if json:
        print_json(answer)
        return
    print_pairs(describe_quote(answer.quote))


def show(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    quote_id: QuoteArgument,
    *,
    known_at: KnownAtOption = None,
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Print a quote: where it stands, and the answer as it was given.

    Example: safetycredit rate show q-100001
    """
    request = GetQuoteRequest(quote_id=quote_id, known_at=instant(known_at))
    with session_of(ctx).rates(target) as client:
        answer = client.call(client.stub.GetQuote, request)
    if json:
        print_json(answer)
        return
    print_pairs(describe_quote(answer.quote))
    print_rate(answer.answer, language=lang)


def confirm(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    quote_id: QuoteArgument,
    policy_number: Annotated[
        str, typer.Argument(metavar="POLICY", help="Number of the policy that was bound.")
    ],
    *,
    request_id: RequestIdOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Confirm that a policy was bound on a quote; once.

    Example: safetycredit rate confirm q-100001 PZAB202711010000000001
    """
    request = ConfirmQuoteRequest(
        request_id=request_id or f"{uuid4()}", quote_id=quote_id, policy_number=policy_number
    )
    with session_of(ctx).rates(target) as client:
        answer = client.call(client.stub.ConfirmQuote, request)
    if json:
        print_json(answer)
        return
    print_pairs(describe_quote(answer.quote))


def deviations(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    *,
    start: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Cover begins on this day or later."),
    ] = None,
    end: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Cover begins before this day.")
    ] = None,
    division: DivisionOption = "",
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    limit: LimitOption = 50,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """List premiums that were charged otherwise than quoted, or outside the bounds.

    Example: safetycredit rate deviations --start 2026-01-01 --end 2027-01-01
    """
    unjudged = 0
    with session_of(ctx).rates(target) as client:

        def page(page_size: int, page_token: str) -> ListRateDeviationsResponse:
            nonlocal unjudged
            request = ListRateDeviationsRequest(
                start_date=day(start),
                end_date=day(end),
                division=division,
                as_of=day(as_of),
                known_at=instant(known_at),
                page_size=page_size,
                page_token=page_token,
            )
            found = client.call(client.stub.ListRateDeviations, request)
            unjudged += found.unjudged_count
            return found

        answer = read_pages(page, lambda found: len(found.deviations), limit=limit)
    if json:
        print_json(answer)
        return
    print_deviations(answer.deviations)
    if unjudged:
        messages().print(plain(f"{unjudged} policies without a quote could not be rated"))
    tell_rest(output(), answer.next_page_token)
