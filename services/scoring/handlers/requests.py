"""Rules of the requests, as models: one refusal names every wrong field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Self

from google.protobuf.message import Message
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails

from safetycredit.scoring.v1.policy_service_pb2 import PolicyKind
from safetycredit.type.v1.field_pb2 import Field as WireField
from services.common.clock import Clock, today
from services.common.errors import FieldViolation, InvalidInputError
from services.scoring.commands.standpoint import PageRequest, Standpoint
from services.scoring.domain.subject import SubjectRef
from services.scoring.domain.viewpoint import EnterpriseFilter
from services.scoring.handlers.wire_values import (
    enum_reader,
    read_day,
    read_division,
    read_enterprise,
    read_industry,
    read_instant,
    read_name,
    read_place,
    read_required_name,
    read_subject,
    wrong,
)

SUBJECTS_MAX: Final = 1000
"""House limit: enterprises of one batch."""

_GRADES_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class PageLimits:
    """How many rows a page holds.

    Attributes:
        default: Rows of a page if the request names none.
        max: Most rows.
    """

    default: int
    max: int


def _count_enterprises(refs: Sequence[Any]) -> list[Any]:
    if not 0 < len(refs) <= SUBJECTS_MAX:
        raise wrong("COUNT_OUT_OF_RANGE", f"give 1 to {SUBJECTS_MAX} enterprises")
    return list(refs)


def _count_grades(grades: Sequence[str]) -> list[str]:
    if len(grades) > _GRADES_MAX:
        raise wrong("COUNT_OUT_OF_RANGE", f"give at most {_GRADES_MAX} grades")
    return list(grades)


def _read_page_size(size: int, info: ValidationInfo) -> int:
    limits = info.context
    assert isinstance(limits, PageLimits), "pages are read with their limits"
    if size < 0 or size > limits.max:
        reason = "NUMBER_TOO_SMALL" if size < 0 else "NUMBER_TOO_LARGE"
        raise wrong(reason, f"give a number from 1 to {limits.max}")
    return size or limits.default


AnyDay = Annotated[date | None, PlainValidator(read_day)]
Instant = Annotated[datetime | None, PlainValidator(read_instant)]
Name = Annotated[str, PlainValidator(read_name)]
RequiredName = Annotated[str, PlainValidator(read_required_name)]
FieldNumber = Annotated[int, PlainValidator(enum_reader(WireField.values()))]
PageSize = Annotated[int, PlainValidator(_read_page_size)]
Subject = Annotated[SubjectRef, PlainValidator(read_subject)]
Enterprise = Annotated[SubjectRef, PlainValidator(read_enterprise)]
Division = Annotated[str, PlainValidator(read_division)]
Industry = Annotated[str, PlainValidator(read_industry)]


class Rules(BaseModel):
    """A request whose fields are right, as values; what was absent has its default."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def read(cls, request: Message, limits: PageLimits | None = None) -> Self:
        """Read a request.

        Args:
            request: The request.
            limits: How many rows a page holds, for a request that has pages.

        Raises:
            InvalidInputError: Names every wrong field.
        """
        try:
            return cls.model_validate(_present(request), context=limits)
        except ValidationError as error:
            raise InvalidInputError([_violation(one) for one in error.errors()]) from error


class PointRules(Rules):
    """When a question is about, on both axes of time."""

    as_of: AnyDay = None
    known_at: Instant = None
    token: str = ""

    def standpoint(self, clock: Clock) -> Standpoint:
        """Give the place on both axes of time, by default today and all that is known."""
        return Standpoint(
            as_of=self.as_of or today(clock), known_at=self.known_at, token=self.token
        )


class PolicyRules(PointRules):
    """Which policy is to be applied."""

    policy_id: Name = ""
    policy_version: Name = ""

    @model_validator(mode="after")
    def _version_of_a_policy(self) -> Self:
        if self.policy_version and not self.policy_id:
            raise wrong("POLICY_MISSING", "say of which policy", within="policy_version")
        return self


class GetCreditGradeRules(PolicyRules):
    """Rules of GetCreditGradeRequest."""

    subject: Enterprise
    field: FieldNumber = 0
    explain: bool = False


class BatchGetCreditGradesRules(PolicyRules):
    """Rules of BatchGetCreditGradesRequest."""

    subjects: Annotated[tuple[Enterprise, ...], BeforeValidator(_count_enterprises)]
    field: FieldNumber = 0


class PageRules(PointRules):
    """Which page of a list is wanted."""

    page_size: PageSize
    page_token: str = ""
    division: Division = ""
    industry: Industry = ""

    def filter(self) -> EnterpriseFilter:
        """Give the filters on enterprises."""
        return EnterpriseFilter(division=self.division, industry=self.industry)


class ListCreditGradesRules(PageRules):
    """Rules of ListCreditGradesRequest."""

    policy_id: RequiredName
    policy_version: Name = ""
    field: FieldNumber = 0
    grades: Annotated[tuple[Name, ...], BeforeValidator(_count_grades)] = ()

    def filter(self) -> EnterpriseFilter:
        """Give the filters on enterprises."""
        return EnterpriseFilter(division=self.division, industry=self.industry, field=self.field)


class ListCandidatesRules(PageRules):
    """Rules of ListCandidatesRequest."""

    policy_id: RequiredName


class GetListStatusRules(PointRules):
    """Rules of GetListStatusRequest."""

    subject: Subject
    field: FieldNumber = 0
    policy_id: Name = ""


class ListPoliciesRules(Rules):
    """Rules of ListPoliciesRequest."""

    kind: Annotated[int, PlainValidator(enum_reader(PolicyKind.values()))] = 0
    field: FieldNumber = 0
    division: Annotated[int | None, PlainValidator(read_place)] = None
    as_of: AnyDay = None
    page_size: PageSize
    page_token: str = ""


class GetPolicyRules(Rules):
    """Rules of GetPolicyRequest."""

    policy_id: RequiredName
    version: Name = ""
    as_of: AnyDay = None


def page_of(request: Message, rules: PageRules | ListPoliciesRules, *, method: str) -> PageRequest:
    """Give the page that a request wants.

    Args:
        request: The request; everything in it but page and token is the filter.
        rules: The request as values.
        method: Full name of the RPC.
    """
    rest: Any = type(request)()
    rest.CopyFrom(request)
    for name in ("page_size", "page_token", "token"):
        if name in rest.DESCRIPTOR.fields_by_name:
            rest.ClearField(name)
    return PageRequest(
        method=method,
        filter_bytes=rest.SerializeToString(deterministic=True),
        size=rules.page_size,
        token=rules.page_token,
    )


# Private functions -----------------------------------------------------------


def _present(request: Message) -> dict[str, Any]:
    """Give the fields of a message that are present, by name."""
    return {
        field.name: getattr(request, field.name)
        for field in request.DESCRIPTOR.fields
        if not field.has_presence or request.HasField(field.name)
    }


def _violation(error: ErrorDetails) -> FieldViolation:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"])
    within = error.get("ctx", {}).get("within", "")
    field = f"{path}.{within}" if within else path
    reason = "REQUIRED" if error["type"] == "missing" else error["type"]
    message = "give it" if error["type"] == "missing" else error["msg"]
    return FieldViolation(field.removeprefix("."), reason, message)
