"""Answers of RecommendRate in parts, so that most of one can be kept while the store moves on.

Put together they are the canonical bytes of the message, the same as if it were serialised whole:
what stands before the basis, the basis without its point, the point, and what stands behind.
"""

from struct import Struct
from typing import Final

from safetycredit.scoring.v1 import rate_service_pb2 as pb
from safetycredit.scoring.v1.basis_pb2 import Basis
from services.common.tokens import StorePoint
from services.scoring.commands.rates.recommend_rate import RateAnswer
from services.scoring.handlers.messages import point_message, serialised
from services.scoring.handlers.rate_messages import rate_answer_message

_LENGTHS: Final = Struct(">II")
_BASIS: Final = pb.RecommendRateResponse.DESCRIPTOR.fields_by_name["basis"].number
_BASIS_TAG: Final = bytes([_BASIS << 3 | 2])
_VARINT_BITS: Final = 7
_VARINT_MORE: Final = 0x80


def rate_parts(answer: RateAnswer) -> bytes:
    """Serialise an answer without the point of the store, in parts that can be told apart."""
    message = rate_answer_message(answer, pointed=False)
    basis = serialised(message.basis)
    head, rest = pb.RecommendRateResponse(), pb.RecommendRateResponse()
    for field, value in message.ListFields():
        if field.number != _BASIS:
            part = head if field.number < _BASIS else rest
            _put(part, field.name, value)
    first, last = serialised(head), serialised(rest)
    return b"".join((_LENGTHS.pack(len(first), len(basis)), first, basis, last))


def put_together(parts: bytes, point: bytes) -> bytes:
    """Give the bytes of an answer.

    Args:
        parts: From `rate_parts`.
        point: From `point_part`.
    """
    first, basis = _LENGTHS.unpack_from(parts)
    start = _LENGTHS.size
    middle, end = start + first, start + first + basis
    return b"".join(
        (
            parts[start:middle],
            _BASIS_TAG,
            _varint(basis + len(point)),
            parts[middle:end],
            point,
            parts[end:],
        )
    )


def point_part(point: StorePoint) -> bytes:
    """Serialise the point of the store as the last part of a basis."""
    return serialised(Basis(point=point_message(point)))


def rate_bytes(answer: RateAnswer) -> bytes:
    """Serialise an answer whole."""
    return serialised(rate_answer_message(answer))


class PointParts:
    """Remembers the part of the last point, which most calls share."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._point: StorePoint | None = None
        self._part = b""

    def of(self, point: StorePoint) -> bytes:
        """Give the part of a point."""
        if point is not self._point:
            self._part = point_part(point)
            self._point = point
        return self._part


def rate_question(request: pb.RecommendRateRequest, request_bytes: bytes) -> bytes:
    """Give what equal questions have in common, and no others; a token is no part of one.

    Args:
        request: The request.
        request_bytes: The request as it came.
    """
    if not request.token:
        return request_bytes
    rest = pb.RecommendRateRequest()
    rest.CopyFrom(request)
    rest.ClearField("token")
    return serialised(rest)


# Private functions -----------------------------------------------------------


def _put(message: pb.RecommendRateResponse, name: str, value: object) -> None:
    target = getattr(message, name)
    if hasattr(target, "extend"):
        target.extend(value)
    elif hasattr(target, "CopyFrom"):
        target.CopyFrom(value)
    else:
        setattr(message, name, value)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= _VARINT_MORE:
        found.append(number & (_VARINT_MORE - 1) | _VARINT_MORE)
        number >>= _VARINT_BITS
    found.append(number)
    return bytes(found)
