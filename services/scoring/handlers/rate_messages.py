"""Recommended rates as messages."""

from collections.abc import Iterable
from typing import cast

from safetycredit.scoring.v1 import basis_pb2
from safetycredit.scoring.v1 import rate_service_pb2 as pb
from services.common.errors import InvalidInputError, SafetyCreditError
from services.engine.outlook import Act
from services.scoring.commands.rates.compare_rates import ComparedRates
from services.scoring.commands.rates.rate_bounds import BoundsUsed
from services.scoring.commands.rates.rate_inputs import ORIGINS, InputUsed
from services.scoring.commands.rates.rate_outlook import Relief
from services.scoring.commands.rates.rating import Rate
from services.scoring.commands.rates.recommend_rate import RateAnswer
from services.scoring.domain.identifiers import record_name_of
from services.scoring.handlers.messages import (
    basis_message,
    line_messages,
    point_message,
    policy_ref_message,
    serialised,
    source_message,
    wording_message,
)
from services.scoring.handlers.wire_values import (
    write_amount,
    write_day,
    write_money,
    write_shown,
)

_ACTS = {
    Act.WAIT: pb.RateRelief.ACT_WAIT,
    Act.RECTIFY: pb.RateRelief.ACT_RECTIFY,
    Act.REMOVE: pb.RateRelief.ACT_REMOVE,
}


def rate_answer_message(answer: RateAnswer, *, pointed: bool = True) -> pb.RecommendRateResponse:
    """Write a recommended rate with its worksheet.

    Args:
        answer: The rate.
        pointed: Whether the point of the store is written.
    """
    return pb.RecommendRateResponse(
        enterprise_id=answer.subject.identifier,
        recommendation=rate_message(answer.rate),
        worksheet=line_messages(answer.worksheet),
        basis=basis_message(answer.basis, pointed=pointed),
        cover_start_date=write_day(answer.cover_start_date),
        inputs=[_input(one) for one in answer.inputs],
        reliefs=[_relief(one) for one in answer.reliefs],
        depends_on=answer.depends_on,
        insurer=answer.insurer,
        transaction_kind=cast("pb.TransactionKind", answer.transaction_kind),
    )


def rate_message(rate: Rate) -> pb.RateRecommendation:
    """Write a rate."""
    message = pb.RateRecommendation(
        status=cast("basis_pb2.ResultStatus", rate.status),
        rounding=rate.rounding,
        missing_inputs=rate.missing,
    )
    for name, fen in (
        ("base_premium", rate.base_premium_fen),
        ("premium", rate.premium_fen),
        ("plan_premium", rate.plan_premium_fen),
        ("premium_min", rate.premium_min_fen),
        ("premium_max", rate.premium_max_fen),
    ):
        if fen is not None:
            getattr(message, name).CopyFrom(write_money(fen))
    for name, amount in (
        ("factor", rate.factor),
        ("plan_factor", rate.plan_factor),
        ("factor_min", rate.factor_min),
        ("factor_max", rate.factor_max),
    ):
        if amount is not None:
            getattr(message, name).CopyFrom(write_amount(amount))
    if rate.valid_until_date is not None:
        message.valid_until_date.CopyFrom(write_day(rate.valid_until_date))
    for bounds in rate.bounds:
        message.bounds.append(_bounds(bounds))
    for name, output, unit in rate.outputs:
        message.outputs.add(name=name, unit=unit, **write_shown(output))
    return message


def batch_rate_message(result: RateAnswer | SafetyCreditError) -> pb.BatchRate:
    """Write the rate of one enterprise of many, or why there is none."""
    if isinstance(result, RateAnswer):
        return pb.BatchRate(rate=rate_answer_message(result, pointed=False))
    return pb.BatchRate(
        error_reason=reason_of(result),
        error_message=result.message,
        error_fields=_fields(result),
    )


def comparison_message(compared: ComparedRates) -> pb.CompareRatesResponse:
    """Write rates side by side."""
    message = pb.CompareRatesResponse(
        enterprise_id=compared.subject.identifier,
        cover_start_date=write_day(compared.cover_start_date),
        as_of=write_day(compared.as_of),
        point=point_message(compared.point),
    )
    for policy, result in compared.rates:
        one = message.rates.add(insurer=policy.policy.insurer, policy=policy_ref_message(policy))
        if isinstance(result, SafetyCreditError):
            one.error_reason, one.error_message = reason_of(result), result.message
        else:
            one.recommendation.CopyFrom(rate_message(result.rate))
            one.worksheet.extend(line_messages(result.worksheet))
    return message


def reason_of(error: SafetyCreditError) -> str:
    """Give the reason of a refusal in a list of results: of a wrong field, its own."""
    return error.violations[0].reason if isinstance(error, InvalidInputError) else error.reason


def rate_body(answer: RateAnswer) -> bytes:
    """Serialise a rate without the point of the store."""
    return serialised(rate_answer_message(answer, pointed=False))


# Private functions -----------------------------------------------------------


def _fields(error: SafetyCreditError) -> Iterable[str]:
    if not isinstance(error, InvalidInputError):
        return ()
    return dict.fromkeys(one.field for one in error.violations)


def _bounds(bounds: BoundsUsed) -> pb.RateBounds:
    version = bounds.version
    message = pb.RateBounds(
        policy=policy_ref_message(version),
        division=version.policy.division,
        binding=bounds.binding,
        source=source_message(version.version.source),
    )
    if bounds.factor_min is not None:
        message.factor_min.CopyFrom(write_amount(bounds.factor_min))
    if bounds.factor_max is not None:
        message.factor_max.CopyFrom(write_amount(bounds.factor_max))
    if bounds.premium_min_fen is not None:
        message.premium_min.CopyFrom(write_money(bounds.premium_min_fen))
    if bounds.premium_max_fen is not None:
        message.premium_max.CopyFrom(write_money(bounds.premium_max_fen))
    return message


def _input(used: InputUsed) -> pb.RateInputUsed:
    message = pb.RateInputUsed(
        name=used.name,
        origin=cast("pb.RateInputUsed.Origin", ORIGINS.index(used.origin) + 1),
        value=used.value,
        unit=used.unit,
        output=used.output,
        policy=None if used.policy is None else policy_ref_message(used.policy),
    )
    if used.wording is not None:
        message.wording.CopyFrom(wording_message(used.wording))
    if used.least is not None:
        message.min.CopyFrom(write_amount(used.least))
    if used.most is not None:
        message.max.CopyFrom(write_amount(used.most))
    return message


def _relief(relief: Relief) -> pb.RateRelief:
    return pb.RateRelief(
        act=_ACTS[relief.act],
        record_id="" if relief.record_id is None else record_name_of(relief.kind, relief.record_id),
        record_kind=relief.kind,
        from_date=write_day(relief.from_date),
        premium=write_money(relief.premium_fen),
        factor=None if relief.factor is None else write_amount(relief.factor),
    )
