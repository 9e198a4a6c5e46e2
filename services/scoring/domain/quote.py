"""Quotes: recommended rates that were kept, and the policies bound on them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Final

QUOTE: Final = "q"
"""Letter of a quote's identifier."""

_YEAR_DAYS: Final = (365, 366)


class QuoteState(IntEnum):
    """Where a quote stands; the numbers are those of the wire."""

    OPEN = 1
    """It can be confirmed."""

    BOUND = 2
    """A policy was bound on it."""

    LAPSED = 3
    """It holds no more, and no policy was bound on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A recommended rate that was kept.

    Attributes:
        quote_id: Number of the quote.
        subject_id: The enterprise.
        insurer: Whom the caller acted for.
        policy_id: The rate plan; with version and digest.
        premium_fen: Quoted annual premium.
        premium_min_fen: Lowest premium allowed; none where nothing bounds it.
        premium_max_fen: Highest premium allowed; none where nothing bounds it.
        transaction_kind: Number of the kind of transaction.
        cover_start_date: First day of cover.
        as_of: Rating day.
        known_at: Instant of knowledge, UTC.
        valid_until_date: First day on which it holds no more; none when it has no end.
        request: What was asked, serialised, with days and instants filled in.
        answer: The answer, serialised.
        answer_digest: SHA-256 of the answer, hexadecimal.
        quote_time: Instant at which it was kept, UTC.
        policy_number: Number of the policy bound on it; empty while none is.
        bind_time: Instant at which that was confirmed; none while it is not.
    """

    quote_id: int
    subject_id: int
    insurer: str
    policy_id: str
    policy_version: str
    policy_digest: str
    premium_fen: int
    premium_min_fen: int | None
    premium_max_fen: int | None
    transaction_kind: int
    cover_start_date: date
    as_of: date
    known_at: datetime
    valid_until_date: date | None
    request: bytes
    answer: bytes
    answer_digest: str
    quote_time: datetime
    policy_number: str = ""
    bind_time: datetime | None = None

    def state(self, day: date) -> QuoteState:
        """Say where it stands on a day."""
        if self.bind_time is not None:
            return QuoteState.BOUND
        lapsed = self.valid_until_date is not None and self.valid_until_date <= day
        return QuoteState.LAPSED if lapsed else QuoteState.OPEN


def insurer_of(*, authority: str, identity: str) -> str:
    """Give whom a caller acts for as an insurer: its authority, else itself."""
    return authority or identity


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargedPolicy:
    """What an insurer recorded of a policy that it issued.

    Attributes:
        record_id: Its record.
        subject_id: The enterprise.
        insurer: The insurer.
        policy_number: Number of the policy.
        issue_date: Day of issue.
        start_date: First day of cover.
        end_date: Day after the last day of cover.
        insured_headcount: Persons insured.
        limit_per_person_fen: Limit per person.
        premium_fen: Premium of the whole cover.
        plan_id: Rate plan that it names; empty when it names none.
    """

    record_id: int
    subject_id: int
    insurer: str
    policy_number: str
    issue_date: date
    start_date: date
    end_date: date
    insured_headcount: int
    limit_per_person_fen: int
    premium_fen: int
    plan_id: str


class DeviationKind(IntEnum):
    """How a premium charged is not as it should be; the numbers are those of the wire."""

    NOT_AS_QUOTED = 1
    """It is not the premium quoted, and within the bounds."""

    BELOW_BOUNDS = 2
    """It is below the lowest premium allowed."""

    ABOVE_BOUNDS = 3
    """It is above the highest premium allowed."""


def deviation_of(
    charged_fen: int, *, quoted_fen: int | None, least_fen: int | None, most_fen: int | None
) -> DeviationKind | None:
    """Judge a premium that was charged; none where it is as it should be.

    Args:
        charged_fen: The premium charged.
        quoted_fen: The premium quoted; none where there was no quote.
        least_fen: Lowest premium allowed; none where nothing bounds it.
        most_fen: Highest premium allowed; none where nothing bounds it.

    Source:
        House decision: what breaks a bound is reported as that, whatever was quoted.
    """
    if least_fen is not None and charged_fen < least_fen:
        return DeviationKind.BELOW_BOUNDS
    if most_fen is not None and charged_fen > most_fen:
        return DeviationKind.ABOVE_BOUNDS
    if quoted_fen is not None and charged_fen != quoted_fen:
        return DeviationKind.NOT_AS_QUOTED
    return None


def for_cover(annual_fen: int | None, charged: ChargedPolicy) -> int | None:
    """Give an annual premium for the days that a policy covers.

    A year counts once, whether it has 365 days or 366.

    Args:
        annual_fen: The annual premium; none where there is none.
        charged: The policy.

    Source:
        House decision: pro rata by days, half a fen up.
    """
    if annual_fen is None:
        return None
    days = (charged.end_date - charged.start_date).days
    if days in _YEAR_DAYS:
        return annual_fen
    return (annual_fen * days * 2 + _YEAR_DAYS[0]) // (_YEAR_DAYS[0] * 2)
