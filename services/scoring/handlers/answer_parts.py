"""Answers of GetCreditGrade in parts, so that most of one can be kept while the store moves on.

The body says everything but the point of the store, the tail says the point. Both are one message
cut in two: a field that stands twice in the bytes of a message is merged.
"""

from datetime import UTC, datetime, time, timedelta

from safetycredit.scoring.v1 import grade_service_pb2 as pb
from services.common.clock import CIVIL_ZONE, civil_day
from services.common.tokens import StorePoint
from services.scoring.commands.answers import GradeAnswer
from services.scoring.handlers.messages import (
    basis_message,
    grade_message,
    line_messages,
    point_message,
    serialised,
)


def answer_body(answer: GradeAnswer) -> bytes:
    """Serialise an answer without the point of the store."""
    return serialised(
        pb.GetCreditGradeResponse(
            grade=grade_message(answer.grade),
            lines=line_messages(answer.lines),
            basis=basis_message(answer.basis, pointed=False),
        )
    )


def answer_tail(point: StorePoint) -> bytes:
    """Serialise the point of the store at which an answer stands."""
    response = pb.GetCreditGradeResponse()
    response.basis.point.CopyFrom(point_message(point))
    return serialised(response)


def question_of(request: pb.GetCreditGradeRequest, request_bytes: bytes) -> bytes:
    """Give what equal questions have in common, and no others; a token is no part of one.

    Args:
        request: The request.
        request_bytes: The request as it came.
    """
    if not request.token:
        return request_bytes
    rest = pb.GetCreditGradeRequest()
    rest.CopyFrom(request)
    rest.ClearField("token")
    return serialised(rest)


class Tails:
    """Remembers the tail of the last point, which most calls share."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._point: StorePoint | None = None
        self._tail = b""

    def of(self, point: StorePoint) -> bytes:
        """Give the tail of a point."""
        if point is not self._point:
            self._tail = answer_tail(point)
            self._point = point
        return self._tail


class CivilDays:
    """Tells civil days apart, without going through the calendar for every call."""

    def __init__(self) -> None:
        """Begin on no day."""
        self._key = b""
        self._start = self._end = datetime.min.replace(tzinfo=UTC)

    def key(self, now: datetime) -> bytes:
        """Give bytes that are equal within one civil day, Asia/Shanghai, and nowhere else."""
        if not self._start <= now < self._end:
            day = civil_day(now)
            self._key = day.isoformat().encode()
            # Instants of one zone compare without asking for their offsets.
            start = datetime.combine(day, time(), CIVIL_ZONE)
            end = datetime.combine(day + timedelta(days=1), time(), CIVIL_ZONE)
            self._start, self._end = start.astimezone(UTC), end.astimezone(UTC)
        return self._key
