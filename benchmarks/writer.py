"""A writer that commits once a second, and looks whether warm answers stay right."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Final
from uuid import uuid4

import grpc
from google.type.date_pb2 import Date

from safetycredit.credit.v1.credit_service_pb2 import RecordPenaltyRequest
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from safetycredit.credit.v1.record_pb2 import Penalty, RecordHeader
from safetycredit.scoring.v1.grade_service_pb2 import (
    GetCreditGradeRequest,
    GetCreditGradeResponse,
)
from safetycredit.scoring.v1.grade_service_pb2_grpc import GradeServiceStub
from safetycredit.type.v1.field_pb2 import Field
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.clock import SystemClock, today

_PAUSE_SECONDS: Final = 1.0
_ANSWER_SECONDS: Final = 10.0
_END_SECONDS: Final = 15.0


class StaleAnswerError(Exception):
    """An answer from memory was not what the facts say."""


@dataclass(slots=True)
class Written:
    """What the writer did.

    Attributes:
        commits: Penalties recorded.
        checks: Answers compared with those worked out from the facts.
    """

    commits: int = field(default=0)
    checks: int = field(default=0)


@dataclass(frozen=True, slots=True)
class Writer:
    """Records penalties, of one enterprise after the other.

    Attributes:
        credit: Where the credit service is.
        scoring: Where the scoring service is.
        metadata: Says who calls.
        questions: What to ask about each of the enterprises.
    """

    credit: str
    scoring: str
    metadata: tuple[tuple[str, str], ...]
    questions: Sequence[GetCreditGradeRequest]

    @contextmanager
    def writing(self) -> Iterator[Written]:
        """Write inside a block.

        Raises:
            StaleAnswerError: An answer was wrong.
            grpc.RpcError: A call was refused.
        """
        written, stopping = Written(), threading.Event()
        failures: list[Exception] = []

        def work() -> None:
            try:
                self._write(written, stopping)
            except Exception as error:  # noqa: BLE001 -- raised again by whoever waits for the thread.
                failures.append(error)

        thread = threading.Thread(target=work, name="writer", daemon=True)
        thread.start()
        try:
            yield written
        finally:
            stopping.set()
            thread.join(_END_SECONDS)
        for failure in failures:
            raise failure

    # Private methods -------------------------------------------------------------

    def _write(self, written: Written, stopping: threading.Event) -> None:
        options = [("grpc.enable_http_proxy", 0)]
        with (
            grpc.insecure_channel(self.credit, options) as credit,
            grpc.insecure_channel(self.scoring, options) as scoring,
        ):
            records, grades = CreditServiceStub(credit), GradeServiceStub(scoring)
            for number, question in zip(count(1), cycle(self.questions), strict=False):
                if stopping.wait(_PAUSE_SECONDS):
                    return
                answer = records.RecordPenalty(
                    _penalty(question.subject, number),
                    metadata=self.metadata,
                    timeout=_ANSWER_SECONDS,
                )
                written.commits += 1
                self._check(grades, question, answer.point.revision)
                written.checks += 1

    def _check(
        self, grades: GradeServiceStub, question: GetCreditGradeRequest, revision: int
    ) -> None:
        """Compare the answer that memory gives now with the one from the facts of that instant."""

        def ask(request: GetCreditGradeRequest) -> GetCreditGradeResponse:
            return grades.GetCreditGrade(request, metadata=self.metadata, timeout=_ANSWER_SECONDS)

        warm = ask(question)
        if warm.basis.point.revision < revision:
            raise StaleAnswerError(f"an answer is from before revision {revision}: {warm}")
        past = GetCreditGradeRequest()
        past.CopyFrom(question)
        past.known_at.CopyFrom(warm.basis.point.known_at)
        facts = ask(past)
        if warm != facts:
            raise StaleAnswerError(f"memory answers {warm}, the facts say {facts}")


# Private functions -----------------------------------------------------------


def _penalty(subject: SubjectRef, number: int) -> RecordPenaltyRequest:
    # Grades look at the calendar year before.
    year = today(SystemClock()).year - 1
    return RecordPenaltyRequest(
        request_id=uuid4().hex,
        header=RecordHeader(
            subject=subject,
            field=Field.FIELD_WORK_SAFETY,
            authority="样例应急管理局",
            document_number=f"测速罚〔{year}〕{number}号",
            event_date=Date(year=year, month=number % 12 + 1, day=1),
        ),
        penalty=Penalty(
            sanctions=[Penalty.SANCTION_WARNING], facts="测速", basis="测速", content="警告"
        ),
    )
