"""``safetycredit rate``: recommended rates of work-safety liability insurance."""

from enum import StrEnum
from typing import Annotated

import typer
from google.type.money_pb2 import Money

from cli.commands.grade import Language, LanguageOption
from cli.commands.options import (
    AsOfOption,
    JsonOption,
    KnownAtOption,
    SubjectArgument,
    TargetOption,
    TokenOption,
    day,
    instant,
    session_of,
    subject,
)
from cli.display.console import print_json, print_pairs
from cli.display.explanations import describe_basis, print_lines
from cli.display.forms import money_of_text
from cli.display.wording import code, money
from cli.display.wording import day as day_text
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.rate_service_pb2 import (
    RateRecommendation,
    RecommendRateRequest,
    TransactionKind,
)

app = typer.Typer(no_args_is_help=True)


class Transaction(StrEnum):
    """Kind of an insurance transaction."""

    NEW = "new"
    RENEWAL = "renewal"


@app.command()
def recommend(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code_text: SubjectArgument,
    *,
    policy: Annotated[
        str, typer.Option("--policy", help="Rate plan. Default: the most local in force.")
    ] = "",
    policy_version: Annotated[
        str, typer.Option("--policy-version", help="Version. Default: the one in force.")
    ] = "",
    transaction: Annotated[
        Transaction, typer.Option(help="New business or a renewal.")
    ] = Transaction.NEW,
    cover_start: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="First day of cover. Default: the rating day."),
    ] = None,
    headcount: Annotated[
        int | None, typer.Option(help="Employees to insure. Default: the enterprise's.")
    ] = None,
    limit_per_person: Annotated[
        str | None, typer.Option(metavar="YUAN", help="Limit for death and disability.")
    ] = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    lang: LanguageOption = Language.ZH,
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Recommend a rate, with its worksheet.

    Example: safetycredit rate recommend 91110105YY000001X9 --headcount 200
    """
    request = RecommendRateRequest(
        subject=subject(code_text),
        policy_id=policy,
        policy_version=policy_version,
        transaction_kind=_TRANSACTIONS[transaction],
        cover_start_date=day(cover_start),
        as_of=day(as_of),
        known_at=instant(known_at),
        insured_headcount=headcount,
        limit_per_person=None if limit_per_person is None else _limit(limit_per_person),
        token=token,
    )
    with session_of(ctx).rates(target) as client:
        answer = client.call(client.stub.RecommendRate, request)
    if json:
        print_json(answer)
        return
    print_pairs(
        [
            ("enterprise", answer.enterprise_id),
            *_describe(answer.recommendation),
            ("cover from", day_text(answer.cover_start_date)),
            *describe_basis(answer.basis),
        ]
    )
    print_lines(answer.worksheet, language=lang, title="worksheet")


# Private functions -----------------------------------------------------------

_TRANSACTIONS = {
    Transaction.NEW: TransactionKind.TRANSACTION_KIND_NEW,
    Transaction.RENEWAL: TransactionKind.TRANSACTION_KIND_RENEWAL,
}


def _limit(text: str) -> Money:
    try:
        return money_of_text(text)
    except ValueError as error:
        raise typer.BadParameter(f"write the limit in yuan, 400000, instead of {text}") from error


def _describe(rate: RateRecommendation) -> list[tuple[str, str]]:
    return [
        ("result", code(ResultStatus.DESCRIPTOR, rate.status)),
        ("missing", ", ".join(rate.missing_inputs)),
        ("base premium", money(rate.base_premium)),
        ("factor", rate.factor.value),
        ("bounds", " – ".join(filter(None, (rate.factor_min.value, rate.factor_max.value)))),
        ("premium", money(rate.premium)),
        ("rounding", rate.rounding),
        ("holds until", day_text(rate.valid_until_date)),
    ]
