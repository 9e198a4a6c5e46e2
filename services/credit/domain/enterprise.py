"""Enterprises: what is true of one in a period, and how a change rewrites its history.

Every change has two days: the day from which it holds, and the instant at which it was recorded.
A change therefore never edits a period. It ends the knowledge of the periods that it touches and
records the periods that are true from then on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from services.common.errors import FieldViolation
from services.credit.domain.codes import Activity, EnterpriseKind, EnterpriseState, Field
from services.credit.domain.errors import BeforeFirstPeriodError, EnterpriseEndedError
from services.credit.domain.rules import Rule, not_in_future, number, required_text

NAME_CHARACTERS_MAX: Final = 200
DOCUMENT_CHARACTERS_MAX: Final = 100

_HEADCOUNT_MAX: Final = 10_000_000
_INDUSTRY: Final = re.compile("[A-T](?:[0-9]{2,4})?")
_ENDED: Final = frozenset({EnterpriseState.MERGED, EnterpriseState.CLOSED})
_HALF_OPEN_END: Final = date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of an enterprise during one period.

    Attributes:
        name: Registered name.
        fields: Fields in which it is supervised.
        division: Division of supervision, six digits (GB/T 2260); none if unknown. Abolished
            divisions are as good as others.
        industry: A letter A–T and none, two, three or four digits (GB/T 4754-2017); none if
            unknown.
        kind: Kind of subject.
        headcount: Number of employees; none if unknown.
        founding_date: Day on which it was founded; none if unknown.
        activities: What it does besides what its industry says.
    """

    name: str
    fields: frozenset[Field]
    division: int | None = None
    industry: str | None = None
    kind: EnterpriseKind = EnterpriseKind.PRODUCTION_UNIT
    headcount: int | None = None
    founding_date: date | None = None
    activities: frozenset[Activity] = frozenset()


PROFILE_RULES: Final[tuple[Rule[Profile], ...]] = (
    *required_text("name", NAME_CHARACTERS_MAX),
    Rule("fields", "REQUIRED", "give at least one field", lambda profile, _: not profile.fields),
    Rule(
        "industry",
        "INDUSTRY_MALFORMED",
        "give a letter from A to T and none or two to four digits",
        lambda profile, _: (
            profile.industry is not None and not _INDUSTRY.fullmatch(profile.industry)
        ),
    ),
    *number("headcount", 0, _HEADCOUNT_MAX),
    *not_in_future("founding_date"),
)
"""What a profile must fulfil."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What was true on ``[start_date, end_date)``.

    Attributes:
        profile: What is known of the enterprise.
        state: Whether it existed.
        start_date: First day.
        end_date: Day after the last day; none while it lasts.
        document_number: Document that ordered the change; empty for the registration.
    """

    profile: Profile
    state: EnterpriseState
    start_date: date
    end_date: date | None = None
    document_number: str = ""

    def covers(self, day: date) -> bool:
        """Say whether a day lies in the period."""
        return self.start_date <= day and (self.end_date is None or day < self.end_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A period as recorded: known from one instant until another.

    Attributes:
        row_id: Identifier of the row.
        period: What was true.
        recorded_revision: Revision that recorded it.
        recorded_time: Instant of that revision, UTC.
        superseded_time: Instant at which other rows replaced it; none while it is current.
    """

    row_id: int
    period: Period
    recorded_revision: int
    recorded_time: datetime
    superseded_time: datetime | None = None

    @property
    def profile(self) -> Profile:
        """Give what was known of the enterprise."""
        return self.period.profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """One enterprise stands in for another from a day on.

    Attributes:
        predecessor_id: Enterprise that ends or is split.
        successor_id: Enterprise that goes on.
        kind: Merged or split.
        effective_date: First day of the successor.
    """

    predecessor_id: int
    successor_id: int
    kind: EnterpriseState
    effective_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different from a day on; what is none stays.

    Attributes:
        effective_date: First day of the change.
        document_number: Document that ordered or registered it.
        profile: The whole profile from then on.
        state: The state from then on.
    """

    effective_date: date
    document_number: str
    profile: Profile | None = None
    state: EnterpriseState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """How a change rewrites a history.

    Attributes:
        superseded_row_ids: Rows that are no longer true.
        periods: Periods that are true instead, oldest first.
    """

    superseded_row_ids: tuple[int, ...]
    periods: tuple[Period, ...]


def successor_violations(
    state: EnterpriseState | None, successor_count: int
) -> tuple[FieldViolation, ...]:
    """Say whether a change has as many successors as its state wants.

    A merger has exactly one, a split at least one, any other change none.
    """
    match state:
        case EnterpriseState.MERGED if successor_count != 1:
            reason, message = "SUCCESSORS_ASTRAY", "name the one enterprise it was merged into"
        case EnterpriseState.SPLIT if successor_count < 1:
            reason, message = "SUCCESSORS_ASTRAY", "name the enterprises it was split into"
        case EnterpriseState.MERGED | EnterpriseState.SPLIT:
            return ()
        case _ if successor_count:
            reason, message = "SUCCESSORS_ASTRAY", "name successors for a merger or split only"
        case _:
            return ()
    return (FieldViolation("successors", reason, message),)


def version_on(versions: Sequence[Version], day: date) -> Version | None:
    """Find the current version that covers a day."""
    return next((one for one in versions if one.period.covers(day)), None)


def rewrite(versions: Sequence[Version], change: Change) -> Rewriting:
    """Work out what a change does to the current history of an enterprise.

    Periods that end before the change stay. A period that the change divides is replaced by its
    part before the change, as it was, and its part from the change on. Later periods keep what the
    change leaves open: a closure recorded late does not undo a rename.

    Args:
        versions: The current versions, oldest first, without gaps.
        change: What is different, and from when.

    Raises:
        BeforeFirstPeriodError: The enterprise was not registered on that day.
        EnterpriseEndedError: It was merged or closed.

    Source:
        House decision: the legal person that a merger or closure ended cannot change any more
        (民法典 art. 67, 68).
    """
    require_going_on(versions)
    first_date = versions[0].period.start_date
    day = change.effective_date
    if day < first_date:
        raise BeforeFirstPeriodError(
            f"give a day from {first_date} on, the enterprise's first",
            first_date=first_date,
            effective_date=day,
        )
    touched = [one for one in versions if (one.period.end_date or _HALF_OPEN_END) > day]
    before = [replace(one.period, end_date=day) for one in touched if one.period.start_date < day]
    after = [_changed(one.period, change) for one in touched]
    return Rewriting(
        superseded_row_ids=tuple(one.row_id for one in touched),
        periods=(*before, *_joined(after)),
    )


def require_going_on(versions: Sequence[Version]) -> None:
    """Refuse an enterprise that was merged or closed.

    Raises:
        EnterpriseEndedError: It was.
    """
    ending = next((one.period for one in versions if one.period.state in _ENDED), None)
    if ending is not None:
        raise EnterpriseEndedError(
            f"the enterprise has been {ending.state.name.lower()} since {ending.start_date};"
            " record the fact about its successor, if it has one",
            state=ending.state.name.lower(),
            end_date=ending.start_date,
        )


def merged_by(versions: Sequence[Version], day: date) -> bool:
    """Say whether an enterprise had been merged into another on a day."""
    return any(
        one.period.state is EnterpriseState.MERGED and one.period.start_date <= day
        for one in versions
    )


# Private functions -----------------------------------------------------------


def _changed(period: Period, change: Change) -> Period:
    return Period(
        profile=change.profile or period.profile,
        state=change.state or period.state,
        start_date=max(period.start_date, change.effective_date),
        end_date=period.end_date,
        document_number=change.document_number,
    )


def _joined(periods: Sequence[Period]) -> list[Period]:
    """Join neighbours that say the same."""
    joined = list(periods[:1])
    for before, after in pairwise(periods):
        assert before.end_date == after.start_date, "a history has no gaps"
        if replace(after, start_date=before.start_date, end_date=before.end_date) == before:
            joined[-1] = replace(joined[-1], end_date=after.end_date)
        else:
            joined.append(after)
    return joined
