"""``safetycredit rate``: recommended rates of work-safety liability insurance."""

import typer

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
from cli.commands.rate_batch import batch
from cli.commands.rate_options import (
    TRANSACTIONS,
    CoverStartOption,
    HeadcountOption,
    InputOption,
    InsurerOption,
    LimitPerPersonOption,
    PolicyOption,
    PolicyVersionOption,
    Transaction,
    TransactionOption,
    inputs,
    limit_of,
)
from cli.commands.rate_quotes import confirm, deviations, quote, show
from cli.display.console import print_json
from cli.display.rates import print_comparison, print_rate
from safetycredit.scoring.v1.rate_service_pb2 import CompareRatesRequest, RecommendRateRequest

app = typer.Typer(no_args_is_help=True)


@app.command()
def recommend(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code_text: SubjectArgument,
    *,
    policy: PolicyOption = "",
    policy_version: PolicyVersionOption = "",
    insurer: InsurerOption = "",
    transaction: TransactionOption = Transaction.NEW,
    cover_start: CoverStartOption = None,
    headcount: HeadcountOption = None,
    limit_per_person: LimitPerPersonOption = None,
    given: InputOption = None,
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
        insurer=insurer,
        transaction_kind=TRANSACTIONS[transaction],
        cover_start_date=day(cover_start),
        as_of=day(as_of),
        known_at=instant(known_at),
        insured_headcount=headcount,
        limit_per_person=limit_of(limit_per_person),
        inputs=inputs(given),
        token=token,
    )
    with session_of(ctx).rates(target) as client:
        answer = client.call(client.stub.RecommendRate, request)
    if json:
        print_json(answer)
        return
    print_rate(answer, language=lang)


@app.command()
def compare(  # noqa: PLR0913 -- a command's options are its parameters.
    ctx: typer.Context,
    code_text: SubjectArgument,
    *,
    transaction: TransactionOption = Transaction.NEW,
    cover_start: CoverStartOption = None,
    headcount: HeadcountOption = None,
    limit_per_person: LimitPerPersonOption = None,
    given: InputOption = None,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    token: TokenOption = "",
    json: JsonOption = False,
    target: TargetOption = None,
) -> None:
    """Rate an enterprise by every plan in force where it is, side by side.

    Example: safetycredit rate compare 91110105YY000001X9 --headcount 200
    """
    request = CompareRatesRequest(
        subject=subject(code_text),
        transaction_kind=TRANSACTIONS[transaction],
        cover_start_date=day(cover_start),
        as_of=day(as_of),
        known_at=instant(known_at),
        insured_headcount=headcount,
        limit_per_person=limit_of(limit_per_person),
        inputs=inputs(given),
        token=token,
    )
    with session_of(ctx).rates(target) as client:
        answer = client.call(client.stub.CompareRates, request)
    if json:
        print_json(answer)
        return
    print_comparison(answer)


app.command()(batch)
app.command()(quote)
app.command()(show)
app.command()(confirm)
app.command()(deviations)
