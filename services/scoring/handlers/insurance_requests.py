"""Rules of the requests of InsuranceService."""

from collections.abc import Callable
from datetime import date
from enum import IntEnum
from typing import Annotated, Final, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainValidator, model_validator

from safetycredit.scoring.v1.insurance_service_pb2 import StatedActivity
from services.common.clock import Clock
from services.scoring.commands.insurance.get_insurance_obligation import ObligationQuestion
from services.scoring.commands.insurance.get_participation import MONTHS_MAX, ParticipationQuestion
from services.scoring.domain.insurance import (
    Activity,
    FindingKind,
    ObligationClass,
    months_between,
)
from services.scoring.domain.viewpoint import EnterpriseFilter
from services.scoring.handlers.requests import (
    AnyDay,
    Division,
    Enterprise,
    Industry,
    PageRules,
    PointRules,
    PolicyRules,
)
from services.scoring.handlers.wire_values import wrong

Code = TypeVar("Code", bound=IntEnum)

_MONTHS_BEFORE: Final = 12
_ACTIVITIES: Final = {one.name.lower() for one in Activity}


def _code(code: type[Code]) -> Callable[[int], Code]:
    """Make the reader of an enumeration's numbers above 0."""
    members = {int(one): one for one in code if one}

    def read(number: int) -> Code:
        if number not in members:
            reason = "ENUM_UNKNOWN" if number else "ENUM_UNSPECIFIED"
            raise wrong(reason, "name a value of the enumeration")
        return members[number]

    return read


def _once(values: tuple[Code, ...]) -> tuple[Code, ...]:
    if len(set(values)) < len(values):
        raise wrong("REPEATED", "give each value once")
    return values


def _stated(one: StatedActivity) -> tuple[str, bool]:
    if one.activity not in _ACTIVITIES:
        known = ", ".join(sorted(_ACTIVITIES))
        raise wrong("ACTIVITY_UNKNOWN", f"give one of {known}", within="activity")
    return one.activity, one.stated


def _each_once(stated: tuple[tuple[str, bool], ...]) -> tuple[tuple[str, bool], ...]:
    if len(dict(stated)) < len(stated):
        raise wrong("REPEATED", "name each activity once")
    return stated


_Class = Annotated[ObligationClass, PlainValidator(_code(ObligationClass))]
_Kind = Annotated[FindingKind, PlainValidator(_code(FindingKind))]
_Stated = Annotated[tuple[str, bool], PlainValidator(_stated)]
Classes = Annotated[tuple[_Class, ...], BeforeValidator(list), AfterValidator(_once)]
Kinds = Annotated[tuple[_Kind, ...], BeforeValidator(list), AfterValidator(_once)]
Stated = Annotated[tuple[_Stated, ...], BeforeValidator(list), AfterValidator(_each_once)]


class GetInsuranceObligationRules(PolicyRules):
    """Rules of GetInsuranceObligationRequest."""

    subject: Enterprise
    activities: Stated = ()

    def question(self) -> ObligationQuestion:
        """Give whose obligation is wanted, by which policy."""
        return ObligationQuestion(
            policy_id=self.policy_id, version=self.policy_version, said=dict(self.activities)
        )


class ListObligationsRules(PageRules):
    """Rules of ListObligationsRequest."""

    classes: Classes = ()


class GetCoverRules(PointRules):
    """Rules of GetCoverRequest."""

    subject: Enterprise


class ListCoverFindingsRules(PageRules):
    """Rules of ListCoverFindingsRequest."""

    kinds: Kinds = ()


class GetParticipationRules(PointRules):
    """Rules of GetParticipationRequest."""

    first_month: AnyDay = None
    last_month: AnyDay = None
    classes: Classes = ()
    division: Division = ""
    industry: Industry = ""
    by_division: bool = False
    by_industry: bool = False

    @model_validator(mode="after")
    def _months_in_order(self) -> Self:
        first, last = self.first_month, self.last_month
        if first is None or last is None:
            return self
        if last < first.replace(day=1):
            raise wrong("MONTHS_REVERSED", "let it follow the first month", within="last_month")
        if len(months_between(first, last)) > MONTHS_MAX:
            raise wrong("TOO_MANY_MONTHS", f"ask for at most {MONTHS_MAX}", within="first_month")
        return self

    def question(self, clock: Clock) -> ParticipationQuestion:
        """Give what is counted."""
        last = self.last_month or self.standpoint(clock).as_of
        return ParticipationQuestion(
            first_month=self.first_month or _months_before(last),
            last_month=last,
            classes=frozenset(self.classes or {ObligationClass.COMPULSORY}),
            wanted=EnterpriseFilter(division=self.division, industry=self.industry),
            by_division=self.by_division,
            by_industry=self.by_industry,
        )


# Private functions -----------------------------------------------------------


def _months_before(last: date) -> date:
    number = last.year * 12 + last.month - 1 - _MONTHS_BEFORE
    return date(number // 12, number % 12 + 1, 1)
