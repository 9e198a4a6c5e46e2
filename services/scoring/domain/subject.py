"""Subjects: how they are named, and what is true of an enterprise in its periods."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.scoring.domain.identifiers import ENTERPRISE, PERSON, name_of


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A unified social credit code, checked and in upper case (GB 32100-2015)."""

    value: str


@dataclass(frozen=True, slots=True)
class LocalIdentity:
    """An identity of an enterprise without a credit code, in a scheme of its own."""

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class EnterpriseId:
    """The number of an enterprise."""

    value: int


@dataclass(frozen=True, slots=True)
class PersonId:
    """The number of a person."""

    value: int


SubjectRef = CreditCode | LocalIdentity | EnterpriseId | PersonId
"""Every way to name a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What was true of an enterprise on ``[start_date, end_date)``.

    Attributes:
        name: Registered name.
        division: Division of supervision as a number (GB/T 2260); none if unknown.
        industry: A letter and up to four digits (GB/T 4754-2017); none if unknown.
        fields: Fields of supervision, bit n for field number n.
        kind: Number of the kind of enterprise.
        state: Number of its state.
        headcount: Employees; none if unknown.
        founding_date: Day of founding; none if unknown.
        start_date: First day.
        end_date: Day after the last day; none while it lasts.
        activities: What it does besides what its industry says, bit n for activity number n.
    """

    name: str
    division: int | None
    industry: str | None
    fields: int
    kind: int
    state: int
    headcount: int | None
    founding_date: date | None
    start_date: date
    end_date: date | None
    activities: int = 0

    def covers(self, day: date) -> bool:
        """Say whether a day lies in the period."""
        return self.start_date <= day and (self.end_date is None or day < self.end_date)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A subject as known at one point of the store, seen from one day.

    Attributes:
        subject_id: Number of the enterprise or person; the two never collide.
        person: Whether it is a person.
        credit_code: Credit code; empty when it has none.
        periods: Periods of an enterprise, by their first day; empty for a person.
        as_of: The day.
        person_name: Name of a person, masked; empty for an enterprise.
    """

    subject_id: int
    person: bool = False
    credit_code: str = ""
    periods: tuple[Period, ...] = ()
    as_of: date
    person_name: str = ""

    @property
    def identifier(self) -> str:
        """Give the identifier, for example ``e-100001``."""
        return name_of(PERSON if self.person else ENTERPRISE, self.subject_id)

    @cached_property
    def period(self) -> Period | None:
        """Give the period in which the day lies; none before the first one."""
        return next((one for one in self.periods if one.covers(self.as_of)), None)

    @property
    def name(self) -> str:
        """Give the name on the day; empty where nobody knows it."""
        return self.period.name if self.period else self.person_name

    @property
    def known_name(self) -> str:
        """Give the name on the day; else the last one before it, or else the first one after it.

        A step may be dated before a new enterprise was registered; whom it is about has a name.
        """
        begun = [one for one in self.periods if one.start_date <= self.as_of] or self.periods[:1]
        return self.name or (begun[-1].name if begun else "")

    @property
    def division(self) -> int | None:
        """Give the division on the day."""
        return self.period.division if self.period else None

    def changes_on(self, attributes: Collection[str]) -> date | None:
        """Give the first day after the one seen from on which an attribute becomes another.

        Args:
            attributes: Names of attributes of a period.
        """
        if not attributes:
            return None
        edges = {one.start_date for one in self.periods}
        edges.update(one.end_date for one in self.periods if one.end_date is not None)
        for day in sorted(edge for edge in edges if edge > self.as_of):
            then = next((one for one in self.periods if one.covers(day)), None)
            if any(_value(then, name) != _value(self.period, name) for name in attributes):
                return day
        return None


def masked_name(name: str) -> str:
    """Show the first character of a person's name and hide that there is more."""
    return f"{name[:1]}＊"


# Private functions -----------------------------------------------------------


def _value(period: Period | None, name: str) -> object:
    return None if period is None else getattr(period, name)
