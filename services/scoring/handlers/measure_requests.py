"""Rules of the requests of MeasureService."""

from typing import Annotated, Any, Final, Self

from google.protobuf.message import Message
from pydantic import PlainValidator, model_validator

from safetycredit.scoring.v1.list_entry_pb2 import ListKind as WireListKind
from services.common.clock import Clock, today
from services.common.errors import FieldViolation, InvalidInputError
from services.scoring.commands.measures.measure_ports import ReportFilter
from services.scoring.commands.measures.report_measure import ReportDraft
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.identifiers import number_of
from services.scoring.domain.list_entry import ListKind
from services.scoring.domain.measure_reports import ReportOutcome
from services.scoring.handlers.list_case_requests import Words, text_reader
from services.scoring.handlers.list_sync_requests import RequestId
from services.scoring.handlers.requests import (
    AnyDay,
    FieldNumber,
    Name,
    PageSize,
    PointRules,
    RequiredName,
    Rules,
)
from services.scoring.handlers.wire_values import enum_reader, wrong

_REASON_CHARACTERS_MAX: Final = 1_000
_ENTRY: Final = "l"
_read_kind: Final = enum_reader(WireListKind.values())


def _kind(number: int) -> ListKind | None:
    return ListKind(number) if _read_kind(number) else None


def _outcome(number: int) -> ReportOutcome | None:
    if number and number not in set(ReportOutcome):
        raise wrong("ENUM_UNKNOWN", "give a value of the enumeration")
    return ReportOutcome(number) if number else None


def _required_outcome(number: int) -> ReportOutcome:
    outcome = _outcome(number)
    if outcome is None:
        raise wrong("REQUIRED", "say what was done")
    return outcome


def _entry(text: str) -> int:
    number = number_of(_ENTRY, text)
    if number is None:
        raise wrong("ID_MALFORMED", 'give an identifier such as "l-100001"')
    return number


def _any_entry(text: str) -> int | None:
    return _entry(text) if text else None


Kind = Annotated[ListKind | None, PlainValidator(_kind)]


class ListMeasuresRules(Rules):
    """Rules of ListMeasuresRequest."""

    kind: Kind = None
    field: FieldNumber = 0
    allowed: bool = False
    as_of: AnyDay = None


class ReportMeasureRules(Rules):
    """Rules of ReportMeasureRequest."""

    request_id: RequestId
    entry_id: Annotated[int, PlainValidator(_entry)]
    measure: RequiredName
    outcome: Annotated[ReportOutcome, PlainValidator(_required_outcome)]
    date: AnyDay = None
    document_number: Words = ""
    reason: Annotated[str, PlainValidator(text_reader(_REASON_CHARACTERS_MAX))] = ""

    @model_validator(mode="after")
    def _reason_of_a_refusal(self) -> Self:
        if self.outcome is ReportOutcome.REFUSED and not self.reason:
            raise wrong("REQUIRED", "say why it was refused", within="reason")
        return self

    def draft(self, clock: Clock) -> ReportDraft:
        """Give the report, by default of today.

        Raises:
            InvalidInputError: Its day has not come.
        """
        now = today(clock)
        day = self.date or now
        if day > now:
            raise InvalidInputError(
                [FieldViolation("date", "DATE_IN_FUTURE", "give today or an earlier day")]
            )
        return ReportDraft(
            entry_id=self.entry_id,
            measure=self.measure,
            outcome=self.outcome,
            report_date=day,
            document_number=self.document_number,
            reason=self.reason,
        )


class ListMeasureReportsRules(PointRules):
    """Rules of ListMeasureReportsRequest."""

    entry_id: Annotated[int | None, PlainValidator(_any_entry)] = None
    measure: Name = ""
    department: Name = ""
    outcome: Annotated[ReportOutcome | None, PlainValidator(_outcome)] = None
    page_size: PageSize
    page_token: str = ""

    @property
    def wanted(self) -> ReportFilter:
        """Give the filter."""
        return ReportFilter(
            entry_id=self.entry_id,
            measure=self.measure,
            department=self.department,
            outcome=self.outcome,
        )

    def page(self, request: Message, *, method: str) -> PageRequest:
        """Give the page that is wanted; everything else in the request is the filter."""
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


class MeasureStatisticsRules(PointRules):
    """Rules of GetMeasureStatisticsRequest."""

    kind: Kind = None
    field: FieldNumber = 0
