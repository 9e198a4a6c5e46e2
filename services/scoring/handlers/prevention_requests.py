"""Rules of the requests of PreventionService."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Self

from google.protobuf.message import Message
from pydantic import PlainValidator, model_validator

from services.common.clock import Clock, today
from services.common.credit_codes import NumberRefusedError, checked_credit_code
from services.common.meaningful_text import meaningful
from services.scoring.commands.prevention.evaluate_insurers import PeriodQuestion
from services.scoring.commands.prevention.evaluating_insurers import Paper
from services.scoring.commands.prevention.evaluation_ports import EvaluationFilter
from services.scoring.commands.standpoint import PageRequest, Standpoint
from services.scoring.domain.identifiers import number_of
from services.scoring.domain.insurer_evaluation import EVALUATION
from services.scoring.handlers.rate_requests import RequestId
from services.scoring.handlers.requests import (
    AnyDay,
    Division,
    Instant,
    PageSize,
    PointRules,
    Rules,
)
from services.scoring.handlers.wire_values import read_day, read_division, read_name, wrong

_REASON_CHARACTERS_MAX: Final = 4_000
_DOCUMENT_CHARACTERS_MAX: Final = 100


def _read_evaluation_id(text: str) -> int:
    number = number_of(EVALUATION, text)
    if number is None:
        raise wrong("ID_MALFORMED", 'give an identifier such as "v-100001"')
    return number


def _read_insurer_code(text: str) -> str:
    try:
        return checked_credit_code(text) if text else ""
    except NumberRefusedError as error:
        raise wrong(error.reason, error.message) from error


def _required_text(characters_max: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not meaningful(text):
            raise wrong("REQUIRED", f"give 1 to {characters_max} characters")
        if len(text) > characters_max:
            raise wrong("TEXT_TOO_LONG", f"give at most {characters_max} characters")
        # Reads anything short for its characters alone.
        for first in range(0, len(text), _DOCUMENT_CHARACTERS_MAX):
            read_name(text[first : first + _DOCUMENT_CHARACTERS_MAX])
        return meaningful(text)

    return read


def _read_place(text: str) -> str:
    if not text:
        raise wrong("REQUIRED", "give six digits")
    return read_division(text)


EvaluationId = Annotated[int, PlainValidator(_read_evaluation_id)]
InsurerCode = Annotated[str, PlainValidator(_read_insurer_code)]
Place = Annotated[str, PlainValidator(_read_place)]
Reason = Annotated[str, PlainValidator(_required_text(_REASON_CHARACTERS_MAX))]
DocumentNumber = Annotated[str, PlainValidator(_required_text(_DOCUMENT_CHARACTERS_MAX))]
Day = Annotated[Any, PlainValidator(read_day)]


class _PeriodRules(PointRules):
    """Where and when, and perhaps whose."""

    division: Place
    start_date: Day
    end_date: Day
    insurer_code: InsurerCode = ""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_date <= self.start_date:
            raise wrong("END_NOT_AFTER_START", "give a day after the first", within="end_date")
        return self

    def question(self) -> PeriodQuestion:
        """Give what is asked."""
        return PeriodQuestion(
            division=self.division,
            start_date=self.start_date,
            end_date=self.end_date,
            insurer_code=self.insurer_code,
        )


class GetPreventionProgressRules(_PeriodRules):
    """Rules of GetPreventionProgressRequest."""


class EvaluateInsurersRules(_PeriodRules):
    """Rules of EvaluateInsurersRequest."""

    request_id: RequestId


class FileEvaluationDisputeRules(Rules):
    """Rules of FileEvaluationDisputeRequest."""

    request_id: RequestId
    evaluation_id: EvaluationId
    reason: Reason
    document_number: DocumentNumber

    def paper(self) -> Paper:
        """Give what the step is taken by."""
        return Paper(document_number=self.document_number, reason=self.reason)


class DecideEvaluationDisputeRules(FileEvaluationDisputeRules):
    """Rules of DecideEvaluationDisputeRequest."""

    accepted: bool = False


class PublishInsurerEvaluationRules(Rules):
    """Rules of PublishInsurerEvaluationRequest."""

    request_id: RequestId
    evaluation_id: EvaluationId
    document_number: DocumentNumber

    def paper(self) -> Paper:
        """Give what the step is taken by."""
        return Paper(document_number=self.document_number)


class GetInsurerEvaluationRules(PointRules):
    """Rules of GetInsurerEvaluationRequest."""

    evaluation_id: EvaluationId


class ListInsurerEvaluationsRules(Rules):
    """Rules of ListInsurerEvaluationsRequest."""

    division: Division = ""
    insurer_code: InsurerCode = ""
    period_start_date: AnyDay = None
    period_end_date: AnyDay = None
    known_at: Instant = None
    token: str = ""
    page_size: PageSize
    page_token: str = ""

    def wanted(self) -> EvaluationFilter:
        """Give which evaluations are wanted."""
        return EvaluationFilter(
            division=self.division,
            insurer_code=self.insurer_code,
            period_start_date=self.period_start_date,
            period_end_date=self.period_end_date,
        )

    def standpoint(self, clock: Clock) -> Standpoint:
        """Give where to read."""
        return Standpoint(as_of=today(clock), known_at=self.known_at, token=self.token)

    def page(self, request: Message, *, method: str) -> PageRequest:
        """Give the page that is wanted."""
        rest: Any = type(request)()
        rest.CopyFrom(request)
        for name in ("page_size", "page_token", "token"):
            rest.ClearField(name)
        return PageRequest(
            method=method,
            filter_bytes=rest.SerializeToString(deterministic=True),
            size=self.page_size,
            token=self.page_token,
        )
