"""Recommend a floating rate of work-safety liability insurance (安全生产责任保险)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.common.errors import FieldViolation, InvalidInputError
from services.engine.explaining import ExplainedLine
from services.engine.numbers import MISSING
from services.engine.plan import NO_DATA, RESULT, Evaluation, Plan
from services.engine.population import Population, is_missing
from services.scoring.commands.answers import Basis
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.policy_library import (
    EVERY_FIELD,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.worksheet import (
    BASE_PREMIUM,
    FACTOR,
    FACTOR_MAX,
    FACTOR_MIN,
    PREMIUM,
    rounding_of,
    worksheet,
)
from services.scoring.domain.amount import Amount
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint

RATE: Final = "rate"
"""Kind of the policies that are rate plans."""

NEW_BUSINESS: Final = 1
"""Number of the transaction kind that is taken when none is given."""

INSURED_HEADCOUNT: Final = "insured_headcount"
LIMIT_PER_PERSON: Final = "limit_per_person"
TRANSACTION_KIND: Final = "transaction_kind"

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuestion:
    """What a rate is wanted for.

    Attributes:
        policy_id: The rate plan; empty for the one that applies by itself.
        version: Its version; empty for the one in force on the first day of cover.
        transaction_kind: Number of the kind of transaction.
        cover_start_date: First day of cover; none for the rating day.
        insured_headcount: Employees to be insured; none for all of the enterprise.
        limit_per_person_fen: Limit per person; none for the lowest that the plan offers.
    """

    policy_id: str = ""
    version: str = ""
    transaction_kind: int = NEW_BUSINESS
    cover_start_date: date | None = None
    insured_headcount: int | None = None
    limit_per_person_fen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A recommended rate; amounts are none without a result.

    Attributes:
        status: 1 for a result, 2 for no data, 3 for not applicable.
        base_premium_fen: Premium before floating.
        factor: Factor on the base after its bounds.
        premium_fen: Annual premium.
        factor_min: Lowest factor that the plan allows; none when it names none.
        factor_max: Highest one.
        rounding: How the premium was rounded.
        valid_until_date: First day on which it would change; none when never.
        missing: Inputs that are missing, when there is no data.
    """

    status: int
    base_premium_fen: int | None = None
    factor: Amount | None = None
    premium_fen: int | None = None
    factor_min: Amount | None = None
    factor_max: Amount | None = None
    rounding: str = ""
    valid_until_date: date | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RateAnswer:
    """A recommended rate with its worksheet.

    Attributes:
        subject: The enterprise.
        rate: The recommendation.
        worksheet: Lines in order of calculation.
        cover_start_date: First day of cover that it is for.
        basis: What it stands on.
    """

    subject: Subject
    rate: Rate
    worksheet: tuple[ExplainedLine, ...]
    cover_start_date: date
    basis: Basis


@dataclass(frozen=True, slots=True)
class RecommendRate:
    """Recommends a rate for one enterprise.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self, ref: SubjectRef, standpoint: Standpoint, *, question: RateQuestion
    ) -> RateAnswer:
        """Work it out.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            PolicyUnknownError: There is no such rate plan, or version of it.
            PolicyNotInForceError: No rate plan applies on the first day of cover.
            InvalidInputError: Cover begins before the rating day, or the plan refuses an input.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        if question.cover_start_date is not None and question.cover_start_date < as_of:
            raise _cover_too_early(as_of)
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            subject = find_subject(reading.subjects, ref, at)
            pinned = self._plan(question, subject, as_of=as_of)
            population = reading.facts.population([subject], pinned.needs, at)
        given = _given(pinned.plan, question, subject)
        outcome = evaluate(pinned, population, as_of, given)
        _refuse_inputs(outcome.evaluation)
        rate = _rate(outcome, subject, population=population, question=question)
        lines = worksheet(outcome.evaluation, 0) if rate.status == RESULT else ()
        return RateAnswer(
            subject=subject,
            rate=rate,
            worksheet=lines,
            cover_start_date=question.cover_start_date or as_of,
            basis=Basis.of(pinned, as_of, point),
        )

    def _plan(self, question: RateQuestion, subject: Subject, *, as_of: date) -> PinnedVersion:
        """Find the plan of the first day of cover, with what it takes in on the rating day."""
        day = question.cover_start_date or as_of
        if question.policy_id:
            pinned = self.library.named(
                RATE, question.policy_id, version=question.version, as_of=day
            )
        else:
            pinned = self.library.most_local(
                RATE, field=EVERY_FIELD, division=subject.division, as_of=day
            )
        return pinned if question.cover_start_date is None else self.library.fixed(pinned, as_of)


# Private functions -----------------------------------------------------------


def _cover_too_early(as_of: date) -> InvalidInputError:
    return InvalidInputError(
        [
            FieldViolation(
                "cover_start_date",
                "COVER_BEFORE_RATING_DAY",
                f"let cover begin on the rating day, {as_of}, or later",
            )
        ]
    )


def _given(plan: Plan, question: RateQuestion, subject: Subject) -> dict[str, int]:
    """Give the inputs that the plan takes, and refuse those that it would pass over.

    Raises:
        InvalidInputError: The plan does not ask for something that the caller wants.
    """
    violations = [
        FieldViolation(name, "INPUT_NOT_TAKEN", f"the rate plan knows no {name}; leave it out")
        for name, value in (
            (INSURED_HEADCOUNT, question.insured_headcount),
            (LIMIT_PER_PERSON, question.limit_per_person_fen),
        )
        if value is not None and name not in plan.needs.requests
    ]
    if violations:
        raise InvalidInputError(violations)
    headcount = question.insured_headcount
    if headcount is None and subject.period is not None:
        # Given, not left for the plan to stand in, so that its conditions are looked at.
        headcount = subject.period.headcount
    wanted: Mapping[str, int | None] = {
        TRANSACTION_KIND: question.transaction_kind,
        INSURED_HEADCOUNT: headcount,
        LIMIT_PER_PERSON: question.limit_per_person_fen,
    }
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and name in plan.needs.requests
    }


def _refuse_inputs(run: Evaluation) -> None:
    refused = run.refused(0)
    if not refused:
        return
    asked = run.plan.needs.requests
    raise InvalidInputError(
        FieldViolation(
            name if name in asked else "subject",
            f"{name.upper()}_REFUSED",
            f"the rate plan does not allow this {name}",
        )
        for name in refused
    )


def _rate(
    outcome: Outcome, subject: Subject, *, population: Population, question: RateQuestion
) -> Rate:
    run = outcome.evaluation
    status = int(run.states()[0])
    valid_until = _valid_until(outcome, subject, question)
    outputs = {name: _output(run, name) for name in run.plan.outputs}
    lacking = any(
        outputs[name] is None for name in (BASE_PREMIUM, FACTOR, PREMIUM) if name in outputs
    )
    if status == RESULT and lacking:
        status = NO_DATA
    if status != RESULT:
        missing = _missing(run, population) if status == NO_DATA else ()
        return Rate(status=status, valid_until_date=valid_until, missing=missing)
    base_premium, premium = outputs.get(BASE_PREMIUM), outputs.get(PREMIUM)
    return Rate(
        status=status,
        base_premium_fen=None if base_premium is None else base_premium.number,
        factor=outputs.get(FACTOR),
        premium_fen=None if premium is None else premium.number,
        factor_min=outputs.get(FACTOR_MIN),
        factor_max=outputs.get(FACTOR_MAX),
        rounding=rounding_of(run.plan.version),
        valid_until_date=valid_until,
    )


def _output(run: Evaluation, name: str) -> Amount | None:
    value = int(run.output(name)[0])
    return None if value == MISSING else Amount(value, run.plan.outputs[name].places)


def _missing(run: Evaluation, population: Population) -> tuple[str, ...]:
    """Name the inputs without which there is no rate, and those that are simply not known."""
    unknown = (
        one.name
        for one in run.plan.version.inputs.values()
        if one.origin == "subject"
        and one.if_missing == "unknown"
        and bool(is_missing(population.attributes[one.attribute])[0])
    )
    return tuple(dict.fromkeys((*run.missing(0), *unknown)))


def _valid_until(outcome: Outcome, subject: Subject, question: RateQuestion) -> date | None:
    ends = [outcome.valid_until_date(0, subject.changes_on(outcome.pinned.deciding))]
    if question.cover_start_date is not None:
        # On the day after, cover would begin before the rating day.
        ends.append(question.cover_start_date + _ONE_DAY)
    return min((day for day in ends if day is not None), default=None)
