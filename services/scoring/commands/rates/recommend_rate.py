"""Recommend a floating rate of work-safety liability insurance (安全生产责任保险)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from services.common.errors import FieldViolation, InvalidInputError
from services.common.tokens import StorePoint
from services.engine.evaluation import RESULT
from services.engine.explained import ExplainedLine
from services.engine.population import alone
from services.scoring.commands.answers import Basis
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.peers.peer_lines import peer_lines
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Store
from services.scoring.commands.rates.bounds_worksheet import bounds_lines
from services.scoring.commands.rates.rate_inputs import (
    Codes,
    GivenInput,
    InputUsed,
    Wanted,
    given_inputs,
    inputs_used,
)
from services.scoring.commands.rates.rate_outlook import RatedFacts, Relief, find_reliefs
from services.scoring.commands.rates.rate_plans import RATE, PlanChoice, plans_of
from services.scoring.commands.rates.rating import Rate, RatedColumns, rate_columns
from services.scoring.commands.rates.worksheet import worksheet
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.taken_results import taken_results, with_results
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint

__all__ = [
    "NEW_BUSINESS",
    "RATE",
    "Rate",
    "RateAnswer",
    "RateQuestion",
    "RecommendRate",
]

NEW_BUSINESS: Final = 1
"""Number of the transaction kind that is taken when none is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuestion:
    """What a rate is wanted for.

    Attributes:
        policy_id: The rate plan; empty for the one that applies by itself.
        version: Its version; empty for the one in force on the first day of cover.
        insurer: Insurer whose filed plan is wanted; empty for the plan of the place.
        transaction_kind: Number of the kind of transaction.
        cover_start_date: First day of cover; none for the rating day.
        insured_headcount: Employees to be insured; none for all of the enterprise.
        limit_per_person_fen: Limit per person; none for the lowest that the plan offers.
        inputs: Further inputs of the plan.
        outlook: Whether to find what would lower the premium.
        lenient: Whether to leave out what the plan does not take.
    """

    policy_id: str = ""
    version: str = ""
    insurer: str = ""
    transaction_kind: int = NEW_BUSINESS
    cover_start_date: date | None = None
    insured_headcount: int | None = None
    limit_per_person_fen: int | None = None
    inputs: tuple[GivenInput, ...] = ()
    outlook: bool = True
    lenient: bool = False

    @property
    def choice(self) -> PlanChoice:
        """Give which plan is wanted."""
        return PlanChoice(policy_id=self.policy_id, version=self.version, insurer=self.insurer)

    @property
    def wanted(self) -> Wanted:
        """Give what is wanted of it."""
        return Wanted(
            transaction_kind=self.transaction_kind,
            insured_headcount=self.insured_headcount,
            limit_per_person_fen=self.limit_per_person_fen,
            inputs=self.inputs,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAnswer:
    """A recommended rate with its worksheet.

    Attributes:
        subject: The enterprise.
        rate: The recommendation.
        worksheet: Lines in order of calculation.
        cover_start_date: First day of cover that it is for.
        basis: What it stands on.
        inputs: Values used.
        reliefs: What would lower the premium.
        depends_on: Names of everything that may change it.
        insurer: Insurer that filed the plan; empty for the plan of a place.
        transaction_kind: Number of the kind of transaction.
    """

    subject: Subject
    rate: Rate
    worksheet: tuple[ExplainedLine, ...]
    cover_start_date: date
    basis: Basis
    inputs: tuple[InputUsed, ...] = ()
    reliefs: tuple[Relief, ...] = ()
    depends_on: tuple[str, ...] = ()
    insurer: str = ""
    transaction_kind: int = NEW_BUSINESS


@dataclass(frozen=True, slots=True)
class RecommendRate:
    """Recommends a rate for one enterprise.

    Attributes:
        store: Where facts are stored.
        library: The policies.
        codes: Numbers of code words, by code set.
    """

    store: Store
    library: PolicyLibrary
    codes: Codes = field(default_factory=dict)

    def __call__(
        self, ref: SubjectRef, standpoint: Standpoint, *, question: RateQuestion
    ) -> RateAnswer:
        """Work it out.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            PolicyUnknownError: There is no such rate plan, or version of it.
            PolicyNotInForceError: No rate plan applies on the first day of cover.
            RatePlanAmbiguousError: Several plans apply, and none is named.
            RateBoundsConflictError: The bounds contradict each other.
            InvalidInputError: Cover begins before the rating day, or the plan refuses an input.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        require_cover(question.cover_start_date, as_of)
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            subject = find_subject(reading.subjects, ref, at)
            applied = plans_of(self.library.at(point.revision)).answering(
                question.choice, subject.division, as_of=as_of, cover=question.cover_start_date
            )
            population = reading.facts.population([subject], applied.needs, at)
        given = given_inputs(
            applied.pinned.plan,
            question.wanted,
            subject,
            lenient=question.lenient,
        )
        rated = rate_columns(
            applied, population, as_of, given=given, cover_start_date=question.cover_start_date
        )
        row = RatedRow(rated, 0, subject, given, point)
        return detailed_answer(row, question, as_of=as_of, codes=self.codes)


@dataclass(frozen=True, slots=True)
class RatedRow:
    """One enterprise of a rated population.

    Attributes:
        rated: The population's rates.
        position: Where the enterprise stands in it.
        subject: The enterprise.
        given: Inputs that came with the question about it.
        point: Point of the store.
    """

    rated: RatedColumns
    position: int
    subject: Subject
    given: Mapping[str, int]
    point: StorePoint


def require_cover(cover_start_date: date | None, as_of: date) -> None:
    """Refuse cover that begins before the rating day.

    Raises:
        InvalidInputError: It does.
    """
    if cover_start_date is not None and cover_start_date < as_of:
        raise InvalidInputError(
            [
                FieldViolation(
                    "cover_start_date",
                    "COVER_BEFORE_RATING_DAY",
                    f"let cover begin on the rating day, {as_of}, or later",
                )
            ]
        )


def detailed_answer(
    row: RatedRow, question: RateQuestion, *, as_of: date, codes: Codes
) -> RateAnswer:
    """Give a rate with everything that explains it.

    Raises:
        InvalidInputError: The plan refuses an input.
        RateBoundsConflictError: The bounds contradict each other.
    """
    rated, position, subject = row.rated, row.position, row.subject
    rate = rated.rate(position, subject)
    plain = brief_answer(row, question, rate, as_of=as_of)
    results = taken_results(rated.outcome, position, subject)
    lines: tuple[ExplainedLine, ...] = ()
    reliefs: tuple[Relief, ...] = ()
    if rate.status == RESULT:
        lines = (
            *with_results(worksheet(rated.evaluation, position), rated.outcome, results),
            *bounds_lines(rate),
            *peer_lines(rated.outcome, position),
        )
        if question.outlook:
            reliefs = find_reliefs(
                RatedFacts(
                    applied=rated.applied,
                    subject=subject,
                    population=alone(rated.population, position),
                    as_of=as_of,
                    given=row.given,
                    rate=rate,
                    until=rated.until(position),
                )
            )
    return replace(
        plain,
        worksheet=lines,
        basis=replace(plain.basis, results=results),
        inputs=inputs_used(rated.outcome, position, subject, codes=codes, results=results),
        reliefs=reliefs,
        depends_on=rated.applied.depends_on,
    )


def brief_answer(row: RatedRow, question: RateQuestion, rate: Rate, *, as_of: date) -> RateAnswer:
    """Give a rate without what explains it."""
    applied = row.rated.applied
    policy = applied.pinned.compiled
    return RateAnswer(
        subject=row.subject,
        rate=rate,
        worksheet=(),
        cover_start_date=question.cover_start_date or as_of,
        basis=Basis(policy, applied.policies, as_of, row.point, applied.tables),
        insurer=policy.policy.insurer,
        transaction_kind=question.transaction_kind,
    )
