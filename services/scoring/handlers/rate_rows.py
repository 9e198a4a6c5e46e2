"""Rates without their reasons, written straight from columns as the bytes of messages.

A batch has thousands of rates that differ in a few numbers. What all rates of one plan have in
common is serialised once; the numbers are put between in the order of their fields, so that the
bytes are those that the messages would have.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from google.protobuf.message import Message

from safetycredit.scoring.v1 import rate_service_pb2 as pb
from safetycredit.scoring.v1.basis_pb2 import ResultStatus
from services.engine.inputs import DAY_UNIT
from services.engine.numbers import MISSING
from services.engine.plan import OutputPlan
from services.scoring.commands.rates.batch_recommend_rates import BriefRates, BriefRow
from services.scoring.commands.rates.brief_rates import BoundedColumns
from services.scoring.commands.rates.rate_bounds import BOUND_FACTOR_PLACES
from services.scoring.commands.rates.worksheet import (
    BASE_PREMIUM,
    FACTOR,
    FACTOR_MAX,
    FACTOR_MIN,
    PREMIUM,
)
from services.scoring.commands.showing import shown_result
from services.scoring.domain.amount import Amount
from services.scoring.handlers.messages import (
    basis_message,
    policy_ref_message,
    serialised,
    source_message,
)
from services.scoring.handlers.wire_values import (
    write_amount,
    write_day,
    write_money,
    write_shown,
)

_Part = Callable[[int], bytes]
"""Writes one field of the row at a position; nothing where there is no value."""

_LENGTH: Final = 2
_MORE: Final = 0x80


class RateRowWriter:
    """Writes the rates of one plan, each as a `BatchRate`."""

    def __init__(self, rates: BriefRates) -> None:
        """Serialise what all of them have in common."""
        self.rates = rates
        columns, sample = rates.columns, rates.sample
        shown = rates.rated.evaluation.plan.outputs
        outputs = columns.outputs
        tags = _tags(pb.RateRecommendation)
        self._until_tag = tags["valid_until_date"]
        status = pb.RateRecommendation(status=ResultStatus.RESULT_STATUS_RESULT)
        self._first: list[_Part] = [
            _constant(serialised(status)),
            _money_part(tags["base_premium"], outputs.get(BASE_PREMIUM)),
            _factor_part(tags["factor"], columns.factor, columns.factor_places),
            _money_part(tags["premium"], columns.premium),
            *(
                _decimal_part(tags[name], outputs[name], shown[name].places)
                for name in (FACTOR_MIN, FACTOR_MAX)
                if name in outputs
            ),
            _constant(serialised(pb.RateRecommendation(rounding=columns.rounding))),
        ]
        self._last: list[_Part] = [
            _money_part(tags["plan_premium"], outputs.get(PREMIUM)),
            *(
                _decimal_part(tags["plan_factor"], outputs[name], shown[name].places)
                for name in (FACTOR,)
                if name in outputs
            ),
            *(_bounds_part(tags["bounds"], one) for one in columns.bounds),
            _money_part(tags["premium_min"], columns.premium_min),
            _money_part(tags["premium_max"], columns.premium_max),
            *(
                _output_part(tags["outputs"], name, column, shown[name])
                for name, column in outputs.items()
            ),
        ]
        self._common = serialised(
            pb.RecommendRateResponse(
                basis=basis_message(sample.basis, pointed=False),
                cover_start_date=write_day(sample.cover_start_date),
                insurer=sample.insurer,
                transaction_kind=sample.transaction_kind,  # type: ignore[arg-type]  # a number of the enumeration.
            )
        )
        response = _tags(pb.RecommendRateResponse)
        self._enterprise_tag = response["enterprise_id"]
        self._recommendation_tag = response["recommendation"]
        self._rate_tag = _tags(pb.BatchRate)["rate"]

    def write(self, row: BriefRow) -> bytes:
        """Serialise one rate."""
        position = row.position
        parts = [part(position) for part in self._first]
        until = self.rates.rated.valid_until_date(position, row.subject)
        if until is not None:
            parts.append(_framed(self._until_tag, _day(until)))
        parts += [part(position) for part in self._last]
        response = b"".join(
            (
                _framed(self._enterprise_tag, row.subject.identifier.encode()),
                _framed(self._recommendation_tag, b"".join(parts)),
                self._common,
            )
        )
        return _framed(self._rate_tag, response)


def framed(number: int, payload: bytes) -> bytes:
    """Write a field that has a length: a message, a text, bytes."""
    return _framed(_tag(number), payload)


# Private functions -----------------------------------------------------------


def _tags(message: type[Message]) -> dict[str, bytes]:
    return {one.name: _tag(one.number) for one in message.DESCRIPTOR.fields}


def _tag(number: int) -> bytes:
    return _varint(number << 3 | _LENGTH)


def _varint(number: int) -> bytes:
    if number < _MORE:
        return bytes((number,))
    found = bytearray()
    while number >= _MORE:
        found.append(number & (_MORE - 1) | _MORE)
        number >>= 7
    found.append(number)
    return bytes(found)


_LENGTHS: Final = [_varint(length) for length in range(1 << 12)]
"""Most payloads are short: their lengths are written in advance."""


def _framed(tag: bytes, payload: bytes) -> bytes:
    length = len(payload)
    prefix = _LENGTHS[length] if length < len(_LENGTHS) else _varint(length)
    return tag + prefix + payload


@lru_cache(maxsize=1 << 16)
def _money(fen: int) -> bytes:
    return serialised(write_money(fen))


@lru_cache(maxsize=1 << 16)
def _decimal(number: int, places: int) -> bytes:
    return serialised(write_amount(Amount(number, places)))


@lru_cache(maxsize=1 << 12)
def _day(day: date) -> bytes:
    return serialised(write_day(day))


def _constant(field: bytes) -> _Part:
    return lambda _position: field


def _money_part(tag: bytes, column: Sequence[int] | None) -> _Part:
    if column is None:
        return _constant(b"")

    def part(position: int) -> bytes:
        fen = column[position]
        return b"" if fen == MISSING else _framed(tag, _money(fen))

    return part


def _decimal_part(tag: bytes, column: Sequence[int], places: int) -> _Part:
    def part(position: int) -> bytes:
        number = column[position]
        return b"" if number == MISSING else _framed(tag, _decimal(number, places))

    return part


def _factor_part(tag: bytes, column: Sequence[int], places: Sequence[int]) -> _Part:
    def part(position: int) -> bytes:
        number = column[position]
        return b"" if number == MISSING else _framed(tag, _decimal(number, places[position]))

    return part


def _bounds_part(tag: bytes, bounds: BoundedColumns) -> _Part:
    tags = _tags(pb.RateBounds)
    version = bounds.version
    before = serialised(
        pb.RateBounds(policy=policy_ref_message(version), division=version.policy.division)
    )
    binding = serialised(pb.RateBounds(binding=True))
    behind = serialised(pb.RateBounds(source=source_message(version.version.source)))
    parts = (
        _decimal_part(tags["factor_min"], bounds.factor_min, BOUND_FACTOR_PLACES),
        _decimal_part(tags["factor_max"], bounds.factor_max, BOUND_FACTOR_PLACES),
        _money_part(tags["premium_min"], bounds.premium_min),
        _money_part(tags["premium_max"], bounds.premium_max),
    )

    def part(position: int) -> bytes:
        said = [one(position) for one in parts]
        bound = binding if bounds.binding[position] else b""
        return _framed(tag, b"".join((before, *said, bound, behind)))

    return part


def _output_part(tag: bytes, name: str, column: Sequence[int], shown: OutputPlan) -> _Part:
    before = serialised(pb.RateOutput(name=name))
    behind = serialised(pb.RateOutput(unit=shown.unit))
    value = _tags(pb.RateOutput)["value"]
    if shown.words or shown.unit == DAY_UNIT:
        return _text_output_part(tag, name, column, shown)

    def part(position: int) -> bytes:
        number = column[position]
        if number == MISSING:
            return b""
        return _framed(tag, before + _framed(value, _decimal(number, shown.places)) + behind)

    return part


def _text_output_part(tag: bytes, name: str, column: Sequence[int], output: OutputPlan) -> _Part:
    """Write a result that is a day or a word."""

    def part(position: int) -> bytes:
        value = shown_result(column[position], output)
        if value is None:
            return b""
        message = pb.RateOutput(name=name, unit=output.unit, **write_shown(value))
        return _framed(tag, serialised(message))

    return part
