"""Evaluations of insurers' prevention services: what they say and what may be done about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from services.common.errors import Category, SafetyCreditError

EVALUATION: Final = "v"
"""Letter of the identifiers of evaluations."""


class StepKind(IntEnum):
    """What was done about an evaluation; the numbers are those of the tables and the wire."""

    DISPUTED = 1
    ACCEPTED = 2
    REJECTED = 3
    PUBLISHED = 4


class EvaluationState(IntEnum):
    """Where an evaluation stands; the numbers are those of the wire."""

    OPEN = 1
    """Told to the insurer, who may dispute it."""

    DISPUTED = 2
    """Disputed, and not decided."""

    PUBLISHED = 3
    """Open to everyone, and final."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that an evaluation rests on.

    Attributes:
        number: Whole number of ``10**-places`` of the unit; none where nobody knows.
        places: Decimals.
        unit: Unit.
    """

    number: int | None
    places: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """What a policy says of an insurer's figures.

    Attributes:
        policy_id: Policy applied.
        policy_version: Its version.
        policy_digest: Its digest.
        figures: What was counted, by name.
        status: 1 for a result, 2 for no data.
        grade: Grade; empty without a result.
        score: Score in its smallest unit; none without one.
        score_places: Decimals of the score.
        missing: Figures that are missing or that the policy refuses.
        dispute_days: Working days for disputes.
    """

    policy_id: str
    policy_version: str
    policy_digest: str
    figures: Mapping[str, Figure]
    status: int
    grade: str
    score: int | None
    score_places: int
    missing: tuple[str, ...]
    dispute_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationKey:
    """Whose evaluation, where and when: one each.

    Attributes:
        insurer_code: Credit code of the insurer.
        division: Place as a number (GB/T 2260).
        start_date: First day of the period.
        end_date: Day after its last day.
    """

    insurer_code: str
    division: int
    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationStep:
    """Something done about an evaluation.

    Attributes:
        kind: What.
        edition: Edition that it is about.
        step_date: Civil day.
        authority: Who did it.
        document_number: Document that says so.
        reason: Why; empty for a publication.
    """

    kind: StepKind
    edition: int
    step_date: date
    authority: str
    document_number: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The latest edition of an evaluation, with everything done about it.

    Attributes:
        evaluation_id: Number of the evaluation.
        edition: Edition, from 1.
        key: Whose, where and when.
        insurer: Name of the insurer.
        evaluation_date: Day of this edition.
        appraisal: What it says.
        dispute_end_date: Day after the last day for disputes.
        dispute_end_provisional: Whether a working day on the way is not announced yet.
        revision: Revision that recorded the edition; the facts are those known then.
        steps: What was done, in order.
    """

    evaluation_id: int
    edition: int
    key: EvaluationKey
    insurer: str
    evaluation_date: date
    appraisal: Appraisal
    dispute_end_date: date
    dispute_end_provisional: bool
    revision: int
    steps: tuple[EvaluationStep, ...] = ()

    @property
    def name(self) -> str:
        """Give the identifier, for example ``v-100001``."""
        return f"{EVALUATION}-{self.evaluation_id}"

    @property
    def state(self) -> EvaluationState:
        """Say where it stands."""
        if not self.steps:
            return EvaluationState.OPEN
        match self.steps[-1].kind:
            case StepKind.DISPUTED:
                return EvaluationState.DISPUTED
            case StepKind.PUBLISHED:
                return EvaluationState.PUBLISHED
            case _:
                return EvaluationState.OPEN

    @property
    def publish_date(self) -> date | None:
        """Give the day of publication; none while it is not published."""
        published = (one.step_date for one in self.steps if one.kind is StepKind.PUBLISHED)
        return next(published, None)

    def require_disputable(self, day: date) -> None:
        """Refuse a dispute that comes too late or twice.

        Raises:
            EvaluationPublishedError: It is published.
            EvaluationDisputedError: A dispute is not decided yet.
            DisputeDecidedError: One about this edition has been decided.
            DisputePeriodOverError: The period for disputes is over.
        """
        self._require_unpublished()
        self._require_undisputed()
        if any(one.edition == self.edition for one in self.steps):
            raise DisputeDecidedError(
                f"a dispute about edition {self.edition} of {self.name} was decided;"
                " the way on is reconsideration or a suit",
                evaluation_id=self.name,
                edition=self.edition,
            )
        if day >= self.dispute_end_date:
            raise DisputePeriodOverError(
                f"disputes about {self.name} were to be filed before {self.dispute_end_date}",
                evaluation_id=self.name,
                dispute_end_date=self.dispute_end_date,
            )

    def require_disputed(self) -> None:
        """Refuse to decide where nothing is disputed.

        Raises:
            NoDisputeError: No dispute is open.
        """
        if self.state is not EvaluationState.DISPUTED:
            raise NoDisputeError(
                f"nothing about {self.name} is disputed; there is nothing to decide",
                evaluation_id=self.name,
            )

    def require_publishable(self, day: date) -> None:
        """Refuse to publish too early or twice.

        Raises:
            EvaluationPublishedError: It is published.
            EvaluationDisputedError: A dispute is not decided yet.
            DisputePeriodRunningError: It can still be disputed.
        """
        self._require_unpublished()
        self._require_undisputed()
        # A decided dispute about this edition ends the period: nobody can file another.
        decided = any(one.edition == self.edition for one in self.steps)
        if day < self.dispute_end_date and not decided:
            raise DisputePeriodRunningError(
                f"{self.name} can be disputed until the day before {self.dispute_end_date};"
                " publish it from that day on",
                evaluation_id=self.name,
                dispute_end_date=self.dispute_end_date,
            )

    # Private methods -------------------------------------------------------------

    def _require_unpublished(self) -> None:
        if self.state is EvaluationState.PUBLISHED:
            raise EvaluationPublishedError(
                f"{self.name} was published on {self.publish_date} and is final",
                evaluation_id=self.name,
                publish_date=self.publish_date,
            )

    def _require_undisputed(self) -> None:
        if self.state is EvaluationState.DISPUTED:
            raise EvaluationDisputedError(
                f"{self.name} is disputed; decide that first", evaluation_id=self.name
            )


class EvaluationUnknownError(SafetyCreditError):
    """No such evaluation was known, or none that the caller may see."""

    reason = "EVALUATION_UNKNOWN"
    category = Category.NOT_FOUND


class InsurerUnknownError(SafetyCreditError):
    """No insurance of that insurer was recorded in the place by the end of the period."""

    reason = "INSURER_UNKNOWN"
    category = Category.NOT_FOUND


class PeriodNotEndedError(SafetyCreditError):
    """A period is evaluated once it has ended."""

    reason = "PERIOD_NOT_ENDED"
    category = Category.PRECONDITION


class EvaluationPublishedError(SafetyCreditError):
    """A published evaluation is final."""

    reason = "EVALUATION_PUBLISHED"
    category = Category.PRECONDITION


class EvaluationDisputedError(SafetyCreditError):
    """A dispute about the evaluation is not decided yet."""

    reason = "EVALUATION_DISPUTED"
    category = Category.PRECONDITION


class DisputeDecidedError(SafetyCreditError):
    """An edition is disputed once."""

    reason = "DISPUTE_DECIDED"
    category = Category.PRECONDITION


class DisputePeriodOverError(SafetyCreditError):
    """The period for disputes is over."""

    reason = "DISPUTE_PERIOD_OVER"
    category = Category.PRECONDITION


class DisputePeriodRunningError(SafetyCreditError):
    """The period for disputes is not over."""

    reason = "DISPUTE_PERIOD_RUNNING"
    category = Category.PRECONDITION


class NoDisputeError(SafetyCreditError):
    """No dispute is open."""

    reason = "NO_DISPUTE_OPEN"
    category = Category.PRECONDITION


class NotTheInsurerError(SafetyCreditError):
    """An insurer reaches for an evaluation that is another's."""

    reason = "NOT_THE_INSURER"
    category = Category.DENIED


class EvaluationOutOfScopeError(SafetyCreditError):
    """The place lies outside the caller's divisions and fields."""

    reason = "OUT_OF_SCOPE"
    category = Category.DENIED
