"""Credit statements (信用证明): what is stated, for how long, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import Any


class StatementState(IntEnum):
    """Where a statement stands; the numbers are those of the wire."""

    VALID = 1
    """It may be relied on."""

    EXPIRED = 2
    """Its time is over."""

    WITHDRAWN = 3
    """It was withdrawn."""


@dataclass(frozen=True, slots=True)
class StatedPolicy:
    """A policy version that a statement rests on."""

    policy_id: str
    version: str
    digest: str

    def claim(self) -> dict[str, str]:
        """Give it as a part of a statement."""
        return {"policy_id": self.policy_id, "version": self.version, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class StatedStanding:
    """Where an enterprise stands with one list, as stated.

    Attributes:
        policy: The list policy.
        standing: ``not_listed``, ``candidate``, ``listed``, ``no_data`` or ``not_applicable``.
    """

    policy: StatedPolicy
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a statement says: nothing about persons, and no names.

    Attributes:
        statement_id: Unique identifier, a UUID.
        issuer: Authority that issues it.
        enterprise_id: The enterprise.
        credit_code: Its credit code; empty when it has none.
        grade: Credit grade.
        grade_rank: Place on the ladder, 1 is the best.
        grade_policy: The grade policy.
        standings: Where it stands with the lists of the field.
        field: Number of the field.
        as_of: Day that it is about.
        known_at: Instant of knowledge, UTC.
        issue_time: Instant at which it is issued, UTC, whole seconds.
        expiry_time: Instant from which it is expired, UTC, whole seconds.
    """

    statement_id: str
    issuer: str
    enterprise_id: str
    credit_code: str
    grade: str
    grade_rank: int
    grade_policy: StatedPolicy
    standings: tuple[StatedStanding, ...]
    field: int
    as_of: date
    known_at: datetime
    issue_time: datetime
    expiry_time: datetime

    def claims(self) -> Mapping[str, Any]:
        """Give what is signed, in the names of RFC 7519 where there are such."""
        return {
            "jti": self.statement_id,
            "iss": self.issuer,
            "sub": self.credit_code or self.enterprise_id,
            "iat": int(self.issue_time.timestamp()),
            "exp": int(self.expiry_time.timestamp()),
            "enterprise_id": self.enterprise_id,
            "field": self.field,
            "grade": self.grade,
            "grade_rank": self.grade_rank,
            "grade_policy": self.grade_policy.claim(),
            "lists": [{**one.policy.claim(), "standing": one.standing} for one in self.standings],
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedStatement:
    """A statement as it is kept.

    Attributes:
        statement_id: Its identifier.
        subject_id: The enterprise.
        field: Number of the field.
        as_of: Day that it is about.
        issue_time: When it was issued, UTC.
        expiry_time: When it expires, UTC.
        key_id: Key that signed it.
        signed_statement: The statement itself.
        withdraw_time: When it was withdrawn; none unless it was.
        withdraw_reason: Why; empty unless it was.
    """

    statement_id: str
    subject_id: int
    field: int
    as_of: date
    issue_time: datetime
    expiry_time: datetime
    key_id: str
    signed_statement: str
    withdraw_time: datetime | None = None
    withdraw_reason: str = ""

    def state(self, now: datetime) -> StatementState:
        """Say where it stands at an instant."""
        if self.withdraw_time is not None:
            return StatementState.WITHDRAWN
        return StatementState.EXPIRED if now >= self.expiry_time else StatementState.VALID


def expiry_of(issue_time: datetime, *, days: int, grade_end: datetime | None) -> datetime:
    """Give the instant from which a statement is expired.

    Args:
        issue_time: When it is issued.
        days: Days for which it may be relied on.
        grade_end: When the grade would change by time alone; none when never, or when it did
            already, because the statement is about a past day.

    Source:
        House decision: nobody relies on a grade beyond the day on which it is sure to hold.
    """
    end = issue_time + timedelta(days=days)
    return end if grade_end is None or grade_end <= issue_time else min(end, grade_end)
