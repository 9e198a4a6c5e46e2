"""Publication of a penalty: from when to when, and why it ended."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from itertools import pairwise
from typing import Final

from services.credit.domain.codes import RecordState
from services.credit.domain.record import Edition, Penalty
from services.credit.domain.remedy import Remedy, RemedyAct, RemedyState
from services.credit.domain.remedy_errors import NotRepairableError, PeriodsUndefinedError
from services.credit.domain.repair_law import (
    CaseLaw,
    PublicationLaw,
    UnusableLaw,
    applied,
)


class PublicationState(IntEnum):
    """Whether a penalty is published; the numbers are those of the wire."""

    NOT_PUBLISHED = 1
    PUBLISHED = 2
    ENDED = 3


class PublicationEnd(IntEnum):
    """Why publication ended; the numbers are those of the wire."""

    NONE = 0
    TERM = 1
    REPAIRED = 2
    REVOKED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Publication of a penalty on a day.

    Attributes:
        edition: The penalty.
        law: Class and periods by the policy in force on the day.
        state: Whether it is published.
        end: Why it is not any more.
        period_start_date: Day from which the periods run.
        end_date: Day after the last day of publication; none for what should never have been
            published.
    """

    edition: Edition
    law: PublicationLaw
    state: PublicationState
    end: PublicationEnd
    period_start_date: date
    end_date: date | None

    @property
    def last_date(self) -> date | None:
        """Give the last day of publication."""
        return None if self.end_date is None else self.end_date - _DAY


LawOf = Callable[[date], Sequence[CaseLaw]]
"""Gives class and periods by every version in order, for periods that run from a day."""


def publication_of(
    edition: Edition, remedies: Sequence[Remedy], law_of: LawOf, *, as_of: date
) -> Publication:
    """Say how the publication of a penalty stands on a day.

    A longest period that a new version shortens ends on that version's first day at the earliest,
    so that nothing published before was wrong.

    Args:
        edition: The penalty's latest edition.
        remedies: Remedies about it, with their steps up to the day.
        law_of: Gives the law.
        as_of: The day.

    Raises:
        NotRepairableError: The record is no penalty.
        PeriodsUndefinedError: No version was in force on the day.
        SafetyCreditError: A version that matters cannot be applied.

    Source:
        信用修复管理办法 (国家发展改革委令第36号) on the periods of publication; 行政处罚法 art. 48
        on penalties that were revoked.
    """
    require_penalty(edition)
    start_date, repaired_date = _history(edition, remedies, law_of, as_of)
    laws = law_of(start_date)
    law = _in_force(laws, as_of)
    if law is None:
        raise PeriodsUndefinedError(
            f"no policy on credit repair was in force on {as_of}; ask for another day", day=as_of
        )
    if edition.state is RecordState.REVOKED:
        state, end, end_date = PublicationState.ENDED, PublicationEnd.REVOKED, None
    elif repaired_date is not None:
        state, end, end_date = PublicationState.ENDED, PublicationEnd.REPAIRED, repaired_date
    else:
        end_date = _term_end(edition, laws, start_date)
        state, end = _by_term(edition, end_date, as_of)
    return Publication(
        edition=edition,
        law=law,
        state=state,
        end=end,
        period_start_date=start_date,
        end_date=end_date,
    )


def period_start(decision_date: date, withdrawn: Iterable[date], law_of: LawOf) -> date:
    """Give the day from which the periods run.

    Args:
        decision_date: Day of the decision.
        withdrawn: Days on which what had been obtained by deceit was withdrawn.
        law_of: Gives the law, which says whether the term runs anew from such a day.
    """
    start_date = decision_date
    for day in sorted(withdrawn):
        law = _in_force(law_of(start_date), day)
        if law is None or law.withdrawal_restarts_term:
            start_date = day
    return start_date


def require_penalty(edition: Edition) -> Penalty:
    """Give the penalty of a record.

    Raises:
        NotRepairableError: It is none.
    """
    if not isinstance(edition.body, Penalty):
        raise NotRepairableError(
            f"{edition.name} is no penalty but {edition.body.kind.label}; credit repair is for"
            " penalties and blacklist entries, everything else can be objected to",
            record_id=edition.name,
            kind=edition.body.kind.label,
        )
    return edition.body


# Private functions -----------------------------------------------------------

_DAY: Final = timedelta(days=1)


def _history(
    edition: Edition, remedies: Sequence[Remedy], law_of: LawOf, as_of: date
) -> tuple[date, date | None]:
    """Find the day from which the periods run, and the day of a repair that holds."""
    steps = sorted(
        (
            step
            for remedy in remedies
            for step in remedy.steps
            if step.step_date <= as_of and step.act is RemedyAct.NONE
        ),
        key=lambda step: (step.recorded_revision, step.number),
    )
    repaired_date: date | None = None
    for step in steps:
        if step.state is RemedyState.GRANTED:
            repaired_date = step.step_date
        elif step.state is RemedyState.WITHDRAWN:
            repaired_date = None
    withdrawn = [step.step_date for step in steps if step.state is RemedyState.WITHDRAWN]
    return period_start(edition.header.event_date, withdrawn, law_of), repaired_date


def _in_force(laws: Sequence[CaseLaw], day: date) -> PublicationLaw | None:
    return next((applied(law) for law in laws if law.basis.in_force(day)), None)


def _term_end(edition: Edition, laws: Sequence[CaseLaw], start_date: date) -> date:
    """Find the day after the term by the first version under which it ends."""
    end_date = applied(laws[0]).end_date
    for earlier, law in pairwise(laws):
        if earlier.basis.end_date is not None and end_date <= earlier.basis.end_date:
            break
        if isinstance(law, UnusableLaw) and law is not laws[-1]:
            # What nobody could apply ended nothing, and another version took its place.
            continue
        end_date = max(applied(law).end_date, law.basis.start_date)
    own = require_penalty(edition).publicity_end_date
    if own is not None and start_date == edition.header.event_date:
        # The authority's own end may lie before that of the law, never after it.
        end_date = min(end_date, own + _DAY)
    return end_date


def _by_term(
    edition: Edition, end_date: date, as_of: date
) -> tuple[PublicationState, PublicationEnd]:
    first = edition.header.publish_date
    if first is None or first > as_of:
        return PublicationState.NOT_PUBLISHED, PublicationEnd.NONE
    if as_of >= end_date:
        return PublicationState.ENDED, PublicationEnd.TERM
    return PublicationState.PUBLISHED, PublicationEnd.NONE
