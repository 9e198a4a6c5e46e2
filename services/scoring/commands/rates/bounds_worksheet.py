"""Lines of a worksheet about bounds: what each allows, and what they changed."""

from collections.abc import Iterator
from typing import Final

from services.engine.explained import ExplainedLine
from services.engine.language import Name, Source, Wording
from services.scoring.commands.rates.rate_bounds import PREMIUM_MAX, PREMIUM_MIN, BoundsUsed
from services.scoring.commands.rates.rating import Rate
from services.scoring.commands.rates.worksheet import FACTOR, FACTOR_MAX, FACTOR_MIN, PREMIUM
from services.scoring.domain.amount import Amount

FEN_PLACES: Final = 2
"""Decimals of an amount in yuan."""

_WORDINGS: Final = {
    FACTOR_MIN: Wording("系数下限", "lowest factor allowed"),
    FACTOR_MAX: Wording("系数上限", "highest factor allowed"),
    PREMIUM_MIN: Wording("保险费下限", "lowest premium allowed"),
    PREMIUM_MAX: Wording("保险费上限", "highest premium allowed"),
    PREMIUM: Wording("按上下限调整保险费", "change of the premium by the bounds"),
    FACTOR: Wording("按上下限调整后的系数", "factor after the bounds"),
}


def bounds_lines(rate: Rate) -> tuple[ExplainedLine, ...]:
    """Give what bounds say of a rate, and what they changed.

    The line of the premium and that of its change add up to the premium recommended.
    """
    lines = [line for bounds in rate.bounds for line in _allowed(bounds)]
    if rate.premium_fen is not None and rate.plan_premium_fen is not None:
        change = rate.premium_fen - rate.plan_premium_fen
        if change:
            amount = Amount(change, FEN_PLACES)
            source = bound_source(rate, premium_fen=rate.premium_fen)
            lines.append(
                _line(f"{PREMIUM}.bounds", PREMIUM, amount=amount, unit="CNY", source=source)
            )
    if rate.factor is not None and rate.factor != rate.plan_factor:
        source = _factor_source(rate)
        lines.append(
            _line(f"{FACTOR}.bounds", FACTOR, amount=rate.factor, unit="ratio", source=source)
        )
    return tuple(lines)


def bound_source(rate: Rate, *, premium_fen: int) -> Source:
    """Give the clause of the bound that a premium stands at."""
    for name, attribute in ((PREMIUM_MIN, "premium_min_fen"), (PREMIUM_MAX, "premium_max_fen")):
        for bounds in rate.bounds:
            if getattr(bounds, attribute) == premium_fen:
                return _source(bounds, name)
    raise AssertionError("a bounded premium stands at a bound")


# Private functions -----------------------------------------------------------


def _allowed(bounds: BoundsUsed) -> Iterator[ExplainedLine]:
    policy_id = bounds.version.policy.policy_id
    for name, amount, unit in (
        (FACTOR_MIN, bounds.factor_min, "ratio"),
        (FACTOR_MAX, bounds.factor_max, "ratio"),
        (PREMIUM_MIN, Amount.of(bounds.premium_min_fen, FEN_PLACES), "CNY"),
        (PREMIUM_MAX, Amount.of(bounds.premium_max_fen, FEN_PLACES), "CNY"),
    ):
        if amount is not None:
            source = _source(bounds, name)
            yield _line(f"{policy_id}.{name}", name, amount=amount, unit=unit, source=source)


def _line(rule_id: str, name: str, *, amount: Amount, unit: str, source: Source) -> ExplainedLine:
    return ExplainedLine(
        rule_id=rule_id,
        # What is allowed adds up to nothing.
        total=PREMIUM if rule_id == f"{PREMIUM}.bounds" else "",
        amount=amount.number,
        places=amount.places,
        unit=unit,
        effect="",
        wording=_WORDINGS[name],
        source=source,
    )


def _factor_source(rate: Rate) -> Source:
    for name, attribute in ((FACTOR_MIN, "factor_min"), (FACTOR_MAX, "factor_max")):
        for bounds in rate.bounds:
            if getattr(bounds, attribute) == rate.factor:
                return _source(bounds, name)
    raise AssertionError("a bounded factor stands at a bound")


def _source(bounds: BoundsUsed, name: str) -> Source:
    version = bounds.version.version
    expression = version.outputs[name].expression
    if isinstance(expression, Name) and expression.name in version.values:
        return version.values[expression.name].source
    return version.source
