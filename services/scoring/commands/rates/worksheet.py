"""The worksheet of a rate: every number on the way to the premium, in order of calculation."""

from collections.abc import Iterator
from typing import Final

from services.engine.evaluation import Evaluation
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain
from services.engine.language import Choice, Expression, Name, Operation, Source, Version, Wording
from services.scoring.commands.showing import Shown, Word, shown_result
from services.scoring.domain.amount import Amount

BASE_PREMIUM: Final = "base_premium"
FACTOR: Final = "factor"
PREMIUM: Final = "premium"
FACTOR_MIN: Final = "factor_min"
FACTOR_MAX: Final = "factor_max"

EXACT: Final = "exact"
"""Said of a premium that no rounding was needed for."""

_WORDINGS: Final = {
    BASE_PREMIUM: Wording("基准保险费", "base premium"),
    FACTOR: Wording("费率系数", "factor"),
    FACTOR_MIN: Wording("本方案的系数下限", "lowest factor of the plan"),
    FACTOR_MAX: Wording("本方案的系数上限", "highest factor of the plan"),
    PREMIUM: Wording("应交保险费", "premium"),
}


def worksheet(evaluation: Evaluation, position: int) -> tuple[ExplainedLine, ...]:
    """Give the lines of one subject's rate.

    First the base premium, then what makes up the factor and other totals, then every other
    result. The lines of a total add up (or multiply) to it as the policy says; a result that is no
    total is one line.
    """
    outputs = evaluation.plan.outputs
    after = [name for name in outputs if name not in {BASE_PREMIUM, FACTOR_MIN, FACTOR_MAX}]
    lines = [*explain(evaluation, position)]
    if BASE_PREMIUM in outputs:
        lines[:0] = _output_line(evaluation, position, BASE_PREMIUM)
    for name in after:
        lines += _output_line(evaluation, position, name)
    return tuple(lines)


def rounding_of(version: Version) -> str:
    """Say how the premium was rounded, for example ``half_up to 0.01 CNY``."""
    output = version.outputs.get(PREMIUM)
    if output is None:
        return ""
    for expression in _parts(version, output.expression):
        if isinstance(expression, Operation) and expression.rounding:
            return _rounding_text(expression.rounding, expression.places, output.unit)
        if isinstance(expression, Name) and expression.name in version.totals:
            total = version.totals[expression.name]
            if total.rounding:
                return _rounding_text(total.rounding, total.places, output.unit)
    return EXACT


def output_wording(name: str) -> Wording:
    """Say what a result of a rate is called in a worksheet."""
    return _WORDINGS.get(name) or Wording(f"计算结果：{name}", f"result: {name}")


# Private functions -----------------------------------------------------------


def _output_line(evaluation: Evaluation, position: int, name: str) -> list[ExplainedLine]:
    plan = evaluation.plan
    version = plan.version
    expression = version.outputs[name].expression
    value = shown_result(int(evaluation.output(name)[position]), plan.outputs[name])
    if value is None or (isinstance(expression, Name) and expression.name in version.totals):
        # The own lines of a total say how it came about.
        return []
    return [
        ExplainedLine(
            rule_id=name,
            total=name,
            amount=value.number if isinstance(value, Amount) else None,
            places=plan.outputs[name].places,
            unit=plan.outputs[name].unit if isinstance(value, Amount) else "",
            # A day or a word is no amount: it is what the line sets.
            effect="" if isinstance(value, Amount) else str(value),
            wording=_told(output_wording(name), value),
            source=_source(version, expression),
        )
    ]


def _told(wording: Wording, value: Shown) -> Wording:
    """Say a word in both languages; an amount and a day need none."""
    if not isinstance(value, Word):
        return wording
    return Wording(f"{wording.zh}：{value.wording.zh}", f"{wording.en}: {value.wording.en}")


def _source(version: Version, expression: Expression) -> Source:
    if isinstance(expression, Name) and expression.name in version.values:
        return version.values[expression.name].source
    return version.source


def _parts(version: Version, expression: Expression) -> Iterator[Expression]:
    """Give an expression and, where it only chooses among others, those that it chooses from."""
    while isinstance(expression, Name) and expression.name in version.values:
        expression = version.values[expression.name].expression
    yield expression
    if isinstance(expression, Name) and expression.name in version.totals:
        yield from _parts(version, version.totals[expression.name].start)
        return
    match expression:
        case Operation(operator="min" | "max", operands=operands):
            for operand in operands:
                yield from _parts(version, operand)
        case Choice(then=then, otherwise=otherwise):
            yield from _parts(version, otherwise)
            yield from _parts(version, then)
        case _:
            pass


def _rounding_text(rounding: str, places: int, unit: str) -> str:
    step = f"0.{'1':0>{places}}" if places else "1"
    return f"{rounding} to {step} {unit}"
