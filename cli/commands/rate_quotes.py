"""``safetycredit rate quote`` and what comes after it."""

from typing import Annotated
from uuid import uuid4

import typer

from cli.commands.enterprise import tell_rest
from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import AnswerOptions, ListOptions, grouped
from cli.commands.options import (
    DivisionOption,
    KnownAtOption,
    SubjectArgument,
    day,
    instant,
    subject,
)
from cli.commands.paging import read_pages
from cli.commands.rate_options import TRANSACTIONS, CoverOptions, PlanOptions, inputs, limit_of
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


@grouped
def quote(
    code_text: SubjectArgument,
    *,
    plan: PlanOptions,
    cover: CoverOptions,
    request_id: RequestIdOption = "",
    answer: AnswerOptions,
) -> None:
    """Recommend a rate and keep it as a quote of the insurer that the caller acts for.

    Example: safetycredit rate quote 91110105YY000001X9 --cover-start 2027-01-01
    """
    request = QuoteRateRequest(
        request_id=request_id or f"{uuid4()}",
        rate=RecommendRateRequest(
            subject=subject(code_text),
            policy_id=plan.policy,
            insurer=plan.insurer,
            transaction_kind=TRANSACTIONS[cover.transaction],
            cover_start_date=day(cover.cover_start),
            insured_headcount=cover.headcount,
            limit_per_person=limit_of(cover.limit_per_person),
            inputs=inputs(cover.given),
        ),
    )
    with answer.session.rates(answer.target) as client:
        found = client.call(client.stub.QuoteRate, request)
    if answer.json:
        print_json(found)
        return
    print_pairs(describe_quote(found.quote))


@grouped
def show(
    quote_id: QuoteArgument,
    *,
    known_at: KnownAtOption = None,
    lang: LanguageOption = Language.ZH,
    answer: AnswerOptions,
) -> None:
    """Print a quote: where it stands, and the answer as it was given.

    Example: safetycredit rate show q-100001
    """
    request = GetQuoteRequest(quote_id=quote_id, known_at=instant(known_at))
    with answer.session.rates(answer.target) as client:
        found = client.call(client.stub.GetQuote, request)
    if answer.json:
        print_json(found)
        return
    print_pairs(describe_quote(found.quote))
    print_rate(found.answer, language=lang)


@grouped
def confirm(
    quote_id: QuoteArgument,
    policy_number: Annotated[
        str, typer.Argument(metavar="POLICY", help="Number of the policy that was bound.")
    ],
    *,
    request_id: RequestIdOption = "",
    answer: AnswerOptions,
) -> None:
    """Confirm that a policy was bound on a quote; once.

    Example: safetycredit rate confirm q-100001 PZAB202711010000000001
    """
    request = ConfirmQuoteRequest(
        request_id=request_id or f"{uuid4()}", quote_id=quote_id, policy_number=policy_number
    )
    with answer.session.rates(answer.target) as client:
        found = client.call(client.stub.ConfirmQuote, request)
    if answer.json:
        print_json(found)
        return
    print_pairs(describe_quote(found.quote))


@grouped
def deviations(
    *,
    start: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Cover begins on this day or later.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Cover begins before this day.")
    ] = None,
    division: DivisionOption = "",
    listing: ListOptions,
) -> None:
    """List premiums that were charged otherwise than quoted, or outside the bounds.

    Example: safetycredit rate deviations --start 2026-01-01 --end 2027-01-01
    """
    unjudged = 0
    with listing.answer.session.rates(listing.answer.target) as client:

        def page(page_size: int, page_token: str) -> ListRateDeviationsResponse:
            nonlocal unjudged
            request = ListRateDeviationsRequest(
                start_date=day(start),
                end_date=day(end),
                division=division,
                as_of=day(listing.as_of),
                known_at=instant(listing.known_at),
                page_size=page_size,
                page_token=page_token,
            )
            answered = client.call(client.stub.ListRateDeviations, request)
            unjudged += answered.unjudged_count
            return answered

        found = read_pages(page, lambda one: len(one.deviations), limit=listing.limit)
    if listing.answer.json:
        print_json(found)
        return
    print_deviations(found.deviations)
    if unjudged:
        messages().print(plain(f"{unjudged} policies without a quote could not be rated"))
    tell_rest(output(), found.next_page_token)
