"""``safetycredit rate``: recommended rates of work-safety liability insurance."""

from dataclasses import dataclass

import typer

from cli.commands.grade import Language, LanguageOption
from cli.commands.option_groups import ReadOptions, grouped
from cli.commands.options import SubjectArgument, day, instant, subject
from cli.commands.rate_batch import batch
from cli.commands.rate_options import (
    TRANSACTIONS,
    CoverOptions,
    InsurerOption,
    PolicyOption,
    PolicyVersionOption,
    inputs,
    limit_of,
)
from cli.commands.rate_quotes import confirm, deviations, quote, show
from cli.display.console import print_json
from cli.display.rates import print_comparison, print_rate
from safetycredit.scoring.v1.rate_service_pb2 import CompareRatesRequest, RecommendRateRequest

app = typer.Typer(no_args_is_help=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedPlanOptions:
    """Which version of which rate plan."""

    policy: PolicyOption = ""
    policy_version: PolicyVersionOption = ""
    insurer: InsurerOption = ""


@app.command()
@grouped
def recommend(
    code_text: SubjectArgument,
    *,
    plan: VersionedPlanOptions,
    cover: CoverOptions,
    reading: ReadOptions,
    lang: LanguageOption = Language.ZH,
) -> None:
    """Recommend a rate, with its worksheet.

    Example: safetycredit rate recommend 91110105YY000001X9 --headcount 200
    """
    request = RecommendRateRequest(
        subject=subject(code_text),
        policy_id=plan.policy,
        policy_version=plan.policy_version,
        insurer=plan.insurer,
        transaction_kind=TRANSACTIONS[cover.transaction],
        cover_start_date=day(cover.cover_start),
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        insured_headcount=cover.headcount,
        limit_per_person=limit_of(cover.limit_per_person),
        inputs=inputs(cover.given),
        token=reading.token,
    )
    with reading.answer.session.rates(reading.answer.target) as client:
        found = client.call(client.stub.RecommendRate, request)
    if reading.answer.json:
        print_json(found)
        return
    print_rate(found, language=lang)


@app.command()
@grouped
def compare(code_text: SubjectArgument, *, cover: CoverOptions, reading: ReadOptions) -> None:
    """Rate an enterprise by every plan in force where it is, side by side.

    Example: safetycredit rate compare 91110105YY000001X9 --headcount 200
    """
    request = CompareRatesRequest(
        subject=subject(code_text),
        transaction_kind=TRANSACTIONS[cover.transaction],
        cover_start_date=day(cover.cover_start),
        as_of=day(reading.as_of),
        known_at=instant(reading.known_at),
        insured_headcount=cover.headcount,
        limit_per_person=limit_of(cover.limit_per_person),
        inputs=inputs(cover.given),
        token=reading.token,
    )
    with reading.answer.session.rates(reading.answer.target) as client:
        found = client.call(client.stub.CompareRates, request)
    if reading.answer.json:
        print_json(found)
        return
    print_comparison(found)


app.command()(batch)
app.command()(quote)
app.command()(show)
app.command()(confirm)
app.command()(deviations)
