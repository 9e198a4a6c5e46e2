"""What answers have in common: what they stand on, and the grades in them."""

from dataclasses import dataclass, field
from datetime import date

from services.common.tokens import StorePoint
from services.engine.evaluation import NO_DATA, RESULT
from services.engine.explained import ExplainedLine, TakenResult
from services.engine.numbers import MISSING
from services.scoring.commands.evaluating import Outcome
from services.scoring.commands.peers.pinned_tables import PinnedTable
from services.scoring.commands.policies.policy_library import CompiledVersion, PinnedVersion
from services.scoring.commands.ports import KeptGrade
from services.scoring.domain.amount import Amount
from services.scoring.domain.subject import Subject


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer stands on.

    Attributes:
        policy: Version applied.
        inputs: Versions whose results it took in, in the order of use.
        as_of: Day that the answer is for.
        point: Point of the store.
        tables: Versions behind it that ask for places among peers, with their tables.
        results: What the version took in of other policies, in an answer about one subject.
    """

    policy: CompiledVersion
    inputs: tuple[CompiledVersion, ...]
    as_of: date
    point: StorePoint
    tables: tuple[tuple[CompiledVersion, PinnedTable | None], ...] = ()
    results: tuple[TakenResult, ...] = ()

    @classmethod
    def of(
        cls,
        pinned: PinnedVersion,
        as_of: date,
        point: StorePoint,
        results: tuple[TakenResult, ...] = (),
    ) -> "Basis":
        """Name what an answer by a pinned version stands on."""
        inputs = tuple(source.compiled for source in pinned.sources)
        return cls(pinned.compiled, inputs, as_of, point, pinned.places, results)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A credit grade of one enterprise.

    Attributes:
        subject: The enterprise.
        status: 1 for a result, 2 for no data, 3 for not applicable.
        grade: Grade, or status outside the ladder; empty when none.
        rank: Place on the ladder, 1 is the best; 0 for none.
        score: Score; none when there is none.
        valid_until_date: First day on which it would change; none when never.
        missing: Inputs that are missing, when there is no data.
    """

    subject: Subject
    status: int
    grade: str = ""
    rank: int = 0
    score: Amount | None = None
    valid_until_date: date | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GradeAnswer:
    """A grade with its reasons.

    Attributes:
        grade: The grade.
        lines: Explanation, line by line; empty unless asked for.
        basis: What it stands on.
    """

    grade: Grade
    lines: tuple[ExplainedLine, ...]
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChoice:
    """Which policy a caller wants applied.

    Attributes:
        policy_id: The policy; empty for the one that applies by itself.
        version: Version, whatever the day; empty for the one in force.
        field: Number of the field for which a policy is looked for.
    """

    policy_id: str = ""
    version: str = ""
    field: int


@dataclass(frozen=True, slots=True)
class GradeColumns:
    """Grades of a whole population, by position.

    Attributes:
        outcome: What the policy gave.
        statuses: Results, 1 to 3.
        ranks: Places on the ladder, 0 for none.
        status_numbers: Statuses outside the ladder, 0 for none.
        scores: Scores in the policy's smallest unit.
    """

    outcome: Outcome
    statuses: list[int] = field(init=False)
    ranks: list[int] = field(init=False)
    status_numbers: list[int] = field(init=False)
    scores: list[int] | None = field(init=False)

    def __post_init__(self) -> None:
        """Read the columns out, once for all positions."""
        run = self.outcome.evaluation
        scores = run.scores()
        object.__setattr__(self, "statuses", run.states().tolist())
        object.__setattr__(self, "ranks", run.ranks().tolist())
        object.__setattr__(self, "status_numbers", run.status_numbers().tolist())
        object.__setattr__(self, "scores", None if scores is None else scores.tolist())

    def grade_name(self, position: int) -> str:
        """Give the grade or the status outside the ladder; empty when none."""
        plan = self.outcome.pinned.plan
        number, rank = self.status_numbers[position], self.ranks[position]
        if number:
            return plan.statuses[number - 1]
        return plan.ladder[rank - 1] if rank else ""

    def score(self, position: int) -> int | None:
        """Give the score; none when there is none."""
        if self.scores is None or self.statuses[position] != RESULT:
            return None
        score = self.scores[position]
        return None if score == MISSING else score

    def missing(self, position: int) -> tuple[str, ...]:
        """Name the inputs that are missing, when there is no data."""
        if self.statuses[position] != NO_DATA:
            return ()
        return self.outcome.evaluation.missing(position)

    def grade(self, position: int, subject: Subject) -> Grade:
        """Give the grade of one enterprise."""
        pinned = self.outcome.pinned
        profile_until = subject.changes_on(pinned.deciding)
        return Grade(
            subject=subject,
            status=self.statuses[position],
            grade=self.grade_name(position),
            rank=self.ranks[position],
            score=amount_of_score(pinned, self.score(position)),
            valid_until_date=self.outcome.valid_until_date(position, profile_until),
            missing=self.missing(position),
        )

    def kept(self, position: int, subject_id: int, profile_until: date | None) -> KeptGrade:
        """Give the grade of one enterprise as it is kept."""
        return KeptGrade(
            subject_id=subject_id,
            status=self.statuses[position],
            grade=self.grade_name(position),
            rank=self.ranks[position],
            score=self.score(position),
            valid_until_date=self.outcome.valid_until_date(position, profile_until),
        )


def amount_of_score(pinned: PinnedVersion, score: int | None) -> Amount | None:
    """Give a score with its decimals."""
    output = pinned.plan.score
    return None if output is None else Amount.of(score, output.places)
