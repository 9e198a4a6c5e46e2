"""Rate one enterprise by every plan in force where it is."""

from dataclasses import dataclass, field
from datetime import date

from services.common.errors import FieldViolation, InvalidInputError, SafetyCreditError
from services.common.tokens import StorePoint
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.ports import Reading, Store
from services.scoring.commands.rates.rate_inputs import Codes, given_inputs
from services.scoring.commands.rates.rate_plans import AppliedPlan, plans_of
from services.scoring.commands.rates.rating import OWN_FIELDS, rate_columns
from services.scoring.commands.rates.recommend_rate import (
    RateAnswer,
    RatedRow,
    RateQuestion,
    detailed_answer,
    require_cover,
)
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRates:
    """Rates of one enterprise side by side.

    Attributes:
        subject: The enterprise.
        rates: Each plan with its rate, or why it gives none.
        cover_start_date: First day of cover.
        as_of: Rating day.
        point: Point of the store.
    """

    subject: Subject
    rates: tuple[tuple[CompiledVersion, RateAnswer | SafetyCreditError], ...]
    cover_start_date: date
    as_of: date
    point: StorePoint


@dataclass(frozen=True, slots=True)
class CompareRates:
    """Compares the plans that are filed.

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
    ) -> ComparedRates:
        """Rate the enterprise by every plan; one that refuses an input fails no other.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            PolicyNotInForceError: No plan is in force where it is.
            InvalidInputError: Cover begins before the rating day, or no plan takes an input.
            SafetyCreditError: As `reading_at` says.
        """
        as_of, cover = standpoint.as_of, question.cover_start_date
        require_cover(cover, as_of)
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            subject = find_subject(reading.subjects, ref, at)
            plans = plans_of(self.library.at(point.revision)).filed(
                subject.division, as_of=as_of, cover=cover
            )
            _require_taken(plans, question)
            asking = _Asking(self.codes, question, subject, point, at)
            rates = tuple(
                (applied.pinned.compiled, asking.rate(applied, reading)) for applied in plans
            )
        return ComparedRates(
            subject=subject,
            rates=rates,
            cover_start_date=cover or as_of,
            as_of=as_of,
            point=point,
        )


# Private functions and classes ------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asking:
    codes: Codes
    question: RateQuestion
    subject: Subject
    point: StorePoint
    at: Viewpoint

    def rate(self, applied: AppliedPlan, reading: Reading) -> RateAnswer | SafetyCreditError:
        subject, question = self.subject, self.question
        population = reading.facts.population([subject], applied.needs, self.at)
        try:
            given = given_inputs(applied.pinned.plan, question.wanted, subject, lenient=True)
            rated = rate_columns(
                applied,
                population,
                self.at.as_of,
                given=given,
                cover_start_date=question.cover_start_date,
            )
            row = RatedRow(rated, 0, subject, given, self.point)
            return detailed_answer(row, question, as_of=self.at.as_of, codes=self.codes)
        except SafetyCreditError as error:
            return error


def _require_taken(plans: tuple[AppliedPlan, ...], question: RateQuestion) -> None:
    """Refuse an input that no plan takes: it would be passed over everywhere."""
    taken = frozenset[str]().union(*(one.pinned.plan.needs.requests for one in plans))
    unknown = [one.name for one in question.inputs if one.name not in taken - OWN_FIELDS]
    if unknown:
        raise InvalidInputError(
            FieldViolation(f"inputs.{name}", "INPUT_NOT_TAKEN", "no rate plan here takes it")
            for name in dict.fromkeys(unknown)
        )
