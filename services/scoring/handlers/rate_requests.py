"""Rules of the requests for rates and quotes."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Final, Self

from google.protobuf.message import Message
from pydantic import BeforeValidator, PlainValidator, model_validator

from safetycredit.scoring.v1 import rate_service_pb2 as pb
from services.common.errors import FieldViolation, InvalidInputError
from services.scoring.commands.rates.rate_inputs import GivenInput, Wanted
from services.scoring.commands.rates.recommend_rate import NEW_BUSINESS, RateQuestion
from services.scoring.domain.identifiers import number_of
from services.scoring.domain.quote import QUOTE
from services.scoring.domain.subject import SubjectRef
from services.scoring.handlers.requests import (
    SUBJECTS_MAX,
    AnyDay,
    Enterprise,
    Name,
    PageRules,
    PointRules,
    PolicyRules,
    RequiredName,
    Rules,
)
from services.scoring.handlers.wire_values import (
    enum_reader,
    read_day,
    read_enterprise,
    read_fen,
    read_headcount,
    wrong,
)

INPUTS_MAX: Final = 50
"""House limit: further inputs of one question."""

_REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,64}")
_NAME_CHARACTERS_MAX: Final = 100
_DECIMAL: Final = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?")


def _count_inputs(inputs: Sequence[pb.RateInput]) -> list[pb.RateInput]:
    if len(inputs) > INPUTS_MAX:
        raise wrong("COUNT_OUT_OF_RANGE", f"give at most {INPUTS_MAX} inputs")
    return list(inputs)


def _read_input(one: pb.RateInput) -> GivenInput:
    if not one.name or len(one.name) > _NAME_CHARACTERS_MAX:
        raise wrong("REQUIRED", "name the input, in at most 100 characters")
    match one.WhichOneof("value"):
        case "code":
            return GivenInput(one.name, one.code)
        case "decimal" if _DECIMAL.fullmatch(one.decimal.value):
            return GivenInput(one.name, Decimal(one.decimal.value))
        case "decimal":
            raise wrong("INPUT_MALFORMED", "give a decimal number such as 0.95")
        case "day":
            return GivenInput(one.name, read_day(one.day))
        case _:
            raise wrong("REQUIRED", "give a decimal, a code or a day")


def read_request_id(text: str) -> str:
    """Read a caller's own identifier of a request."""
    if not text:
        raise wrong("REQUIRED", "give it")
    if not _REQUEST_ID.fullmatch(text):
        raise wrong("REQUEST_ID_MALFORMED", "give 1 to 64 visible ASCII characters")
    return text


def _read_quote_id(text: str) -> int:
    number = number_of(QUOTE, text)
    if number is None:
        raise wrong("ID_MALFORMED", 'give an identifier such as "q-100001"')
    return number


_Input = Annotated[GivenInput, PlainValidator(_read_input)]
Inputs = Annotated[tuple[_Input, ...], BeforeValidator(_count_inputs)]
Transaction = Annotated[int, PlainValidator(enum_reader(pb.TransactionKind.values()))]
Headcount = Annotated[int | None, PlainValidator(read_headcount)]
Limit = Annotated[int | None, PlainValidator(read_fen)]
RequestId = Annotated[str, PlainValidator(read_request_id)]
QuoteId = Annotated[int, PlainValidator(_read_quote_id)]


class _WantedRules(PointRules):
    """What a rate is wanted for."""

    transaction_kind: Transaction = 0
    cover_start_date: AnyDay = None
    insured_headcount: Headcount = None
    limit_per_person: Limit = None
    inputs: Inputs = ()


class RecommendRateRules(PolicyRules, _WantedRules):
    """Rules of RecommendRateRequest."""

    subject: Enterprise
    insurer: Name = ""
    without_outlook: bool = False

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if self.policy_id and self.insurer:
            raise wrong("PLAN_TWICE", "name the plan or its insurer", within="insurer")
        return self

    @property
    def question(self) -> RateQuestion:
        """Give the question."""
        return RateQuestion(
            policy_id=self.policy_id,
            version=self.policy_version,
            insurer=self.insurer,
            transaction_kind=self.transaction_kind or NEW_BUSINESS,
            cover_start_date=self.cover_start_date,
            insured_headcount=self.insured_headcount,
            limit_per_person_fen=self.limit_per_person,
            inputs=self.inputs,
            outlook=not self.without_outlook,
        )


class CompareRatesRules(_WantedRules):
    """Rules of CompareRatesRequest."""

    subject: Enterprise

    @property
    def question(self) -> RateQuestion:
        """Give the question, whose plan is every one."""
        return RateQuestion(
            transaction_kind=self.transaction_kind or NEW_BUSINESS,
            cover_start_date=self.cover_start_date,
            insured_headcount=self.insured_headcount,
            limit_per_person_fen=self.limit_per_person,
            inputs=self.inputs,
            outlook=False,
        )


class BatchTermsRules(PolicyRules):
    """Rules of BatchRateTerms."""

    insurer: Name = ""
    transaction_kind: Transaction = 0
    cover_start_date: AnyDay = None
    worksheets: bool = False
    outlook: bool = False

    @property
    def question(self) -> RateQuestion:
        """Give what is asked about every enterprise."""
        return RateQuestion(
            policy_id=self.policy_id,
            version=self.policy_version,
            insurer=self.insurer,
            transaction_kind=self.transaction_kind or NEW_BUSINESS,
            cover_start_date=self.cover_start_date,
            outlook=self.outlook,
        )


class QuoteRateRules(Rules):
    """Rules of QuoteRateRequest, but for the rate in it."""

    request_id: RequestId


class GetQuoteRules(PointRules):
    """Rules of GetQuoteRequest."""

    quote_id: QuoteId


class ConfirmQuoteRules(Rules):
    """Rules of ConfirmQuoteRequest."""

    request_id: RequestId
    quote_id: QuoteId
    policy_number: RequiredName


class ListRateDeviationsRules(PageRules):
    """Rules of ListRateDeviationsRequest."""

    start_date: AnyDay = None
    end_date: AnyDay = None


class ItemRules(Rules):
    """Rules of BatchRateItem."""

    subject: Annotated[SubjectRef, PlainValidator(read_enterprise)]
    insured_headcount: Headcount = None
    limit_per_person: Limit = None
    inputs: Inputs = ()

    def wanted(self, transaction_kind: int) -> Wanted:
        """Give what is wanted for the enterprise."""
        return Wanted(
            transaction_kind=transaction_kind,
            insured_headcount=self.insured_headcount,
            limit_per_person_fen=self.limit_per_person,
            inputs=self.inputs,
        )


def read_items(request: pb.BatchRecommendRatesRequest) -> Sequence[pb.BatchRateItem]:
    """Give the enterprises of one message of a stream.

    Raises:
        InvalidInputError: There are none, or too many.
    """
    if not 0 < len(request.items) <= SUBJECTS_MAX:
        raise InvalidInputError(
            [FieldViolation("items", "COUNT_OUT_OF_RANGE", f"give 1 to {SUBJECTS_MAX} enterprises")]
        )
    return request.items


def read_nested(rules: type[Any], message: Message, *, within: str) -> Any:  # noqa: ANN401 -- any rules.
    """Read a message inside a request; violations name the path from the request.

    Raises:
        InvalidInputError: Names every wrong field.
    """
    try:
        return rules.read(message)
    except InvalidInputError as error:
        raise InvalidInputError(
            FieldViolation(f"{within}.{one.field}", one.reason, one.message)
            for one in error.violations
        ) from error
