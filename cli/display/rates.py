"""Recommended rates and quotes for people."""

from collections.abc import Iterable

from cli.display.console import print_pairs, print_table
from cli.display.explanations import (
    describe_basis,
    policy_name,
    print_lines,
    source_text,
    wording,
)
from cli.display.units import amount
from cli.display.wording import code, day, instant, money
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from safetycredit.scoring.v1.rate_service_pb2 import (
    CompareRatesResponse,
    Quote,
    RateDeviation,
    RateInputUsed,
    RateRecommendation,
    RateRelief,
    RecommendRateResponse,
    TransactionKind,
)


def print_rate(answer: RecommendRateResponse, *, language: str) -> None:
    """Print a rate with its worksheet, what it used and what would lower it."""
    print_pairs(
        [
            ("enterprise", answer.enterprise_id),
            ("insurer", answer.insurer),
            ("transaction", code(TransactionKind.DESCRIPTOR, answer.transaction_kind)),
            *_describe(answer.recommendation),
            ("cover from", day(answer.cover_start_date)),
            *describe_basis(answer.basis),
        ]
    )
    print_lines(answer.worksheet, language=language, title="worksheet")
    if answer.inputs:
        print_table(
            ("input", "value", "from", "permitted"),
            [_input(one, language) for one in answer.inputs],
            title="used",
        )
    if answer.reliefs:
        print_table(
            ("what would lower it", "record", "from", "premium", "factor"),
            [_relief(one) for one in answer.reliefs],
            title="relief",
            numbers=(3, 4),
        )
    print_pairs([("depends on", ", ".join(answer.depends_on))])


def print_comparison(answer: CompareRatesResponse) -> None:
    """Print rates side by side."""
    print_pairs(
        [
            ("enterprise", answer.enterprise_id),
            ("cover from", day(answer.cover_start_date)),
            ("as of", day(answer.as_of)),
            ("known at", instant(answer.point.known_at)),
        ]
    )
    print_table(
        ("insurer", "plan", "base", "factor", "plan's premium", "premium", "bounds", "instead"),
        [
            (
                one.insurer or "(the place)",
                policy_name(one.policy),
                money(one.recommendation.base_premium),
                one.recommendation.factor.value,
                money(one.recommendation.plan_premium),
                money(one.recommendation.premium),
                _range(one.recommendation),
                f"{one.error_reason}: {one.error_message}" if one.error_reason else "",
            )
            for one in answer.rates
        ],
        numbers=(2, 3, 4, 5),
    )


def describe_quote(quote: Quote) -> list[tuple[str, str]]:
    """Say what a quote is and where it stands."""
    return [
        ("quote", quote.quote_id),
        ("state", code(Quote.State.DESCRIPTOR, quote.state)),
        ("enterprise", quote.enterprise_id),
        ("insurer", quote.insurer),
        ("premium", money(quote.premium)),
        ("allowed", " – ".join(filter(None, (money(quote.premium_min), money(quote.premium_max))))),
        ("plan", policy_name(quote.policy)),
        ("cover from", day(quote.cover_start_date)),
        ("holds until", day(quote.valid_until_date)),
        ("as of", day(quote.as_of)),
        ("known at", instant(quote.known_at)),
        ("digest", quote.answer_digest),
        ("policy", quote.policy_number),
        ("bound at", instant(quote.bind_time)),
    ]


def print_deviations(deviations: Iterable[RateDeviation]) -> None:
    """Print premiums that are not as they should be."""
    print_table(
        ("enterprise", "record", "policy", "insurer", "what", "charged", "expected", "clause"),
        [
            (
                one.enterprise_id,
                one.record_id,
                one.policy_number,
                one.insurer,
                code(RateDeviation.Kind.DESCRIPTOR, one.kind),
                money(one.charged_premium),
                money(one.expected_premium),
                source_text(one.source),
            )
            for one in deviations
        ],
        numbers=(5, 6),
    )


# Private functions -----------------------------------------------------------


def _describe(rate: RateRecommendation) -> list[tuple[str, str]]:
    bounded = money(rate.plan_premium) if rate.plan_premium != rate.premium else ""
    return [
        ("result", code(ResultStatus.DESCRIPTOR, rate.status)),
        ("missing", ", ".join(rate.missing_inputs)),
        ("base premium", money(rate.base_premium)),
        ("factor", rate.factor.value),
        ("plan's bounds", " – ".join(filter(None, (rate.factor_min.value, rate.factor_max.value)))),
        ("plan's premium", bounded),
        ("premium", money(rate.premium)),
        ("allowed", _range(rate)),
        ("rounding", rate.rounding),
        ("holds until", day(rate.valid_until_date)),
    ]


def _range(rate: RateRecommendation) -> str:
    return " – ".join(filter(None, (money(rate.premium_min), money(rate.premium_max))))


def _input(used: RateInputUsed, language: str) -> tuple[str, str, str, str]:
    origin = code(RateInputUsed.Origin.DESCRIPTOR, used.origin)
    of = f"{policy_name(used.policy)} {used.policy.digest[:12]}".strip()
    value = amount(used.value, used.unit, language) or "(not known)"
    if used.HasField("wording"):
        value = f"{value} {wording(used.wording, language)}"
    permitted = " – ".join(filter(None, (used.min.value, used.max.value)))
    return used.name, value, f"{origin} {of}".strip(), permitted


def _relief(relief: RateRelief) -> tuple[str, str, str, str, str]:
    act = code(RateRelief.Act.DESCRIPTOR, relief.act)
    return (
        act,
        f"{relief.record_kind} {relief.record_id}".strip(),
        day(relief.from_date),
        money(relief.premium),
        relief.factor.value,
    )
