"""List the credit grades of one policy.

Grades that were kept are used where they are right for exactly the day and the point asked about;
otherwise the page is evaluated. Both give the same grades.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.common.errors import FieldViolation, InvalidInputError
from services.engine.evaluation import NO_DATA
from services.engine.plan import Plan
from services.scoring.commands.answers import Basis, Grade, GradeColumns, amount_of_score
from services.scoring.commands.choosing import GRADE
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.grades.refresh_grades import RefreshGrades
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.ports import KeptGrade, Reading, Scan, Store
from services.scoring.commands.scanning import Matching, Search, scan
from services.scoring.commands.standpoint import (
    PageReading,
    PageRequest,
    Standpoint,
    reading_page,
)
from services.scoring.domain.subject import Subject
from services.scoring.domain.viewpoint import EnterpriseFilter, Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesWanted:
    """Which grades are listed.

    Attributes:
        policy_id: The policy.
        version: Version, whatever the day; empty for the one in force.
        enterprises: Filters on the enterprises.
        grades: Grades wanted; empty for all.
    """

    policy_id: str
    version: str = ""
    enterprises: EnterpriseFilter = field(default_factory=EnterpriseFilter)
    grades: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GradePage:
    """A page of grades.

    Attributes:
        grades: Grades in order of the enterprises' numbers.
        next_token: Token of the next page; empty on the last.
        basis: What they stand on.
    """

    grades: tuple[Grade, ...]
    next_token: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class ListCreditGrades:
    """Lists the grades of the enterprises that exist on a day.

    Attributes:
        store: Where facts are stored.
        library: The policies.
        refresh: Brings the grades that are kept up to date.
    """

    store: Store
    library: PolicyLibrary
    refresh: RefreshGrades

    def __call__(
        self, wanted: GradesWanted, standpoint: Standpoint, page: PageRequest
    ) -> GradePage:
        """Read a page.

        Raises:
            PolicyUnknownError: There is no such policy, or version of it.
            PolicyNotInForceError: It is not in force on the day.
            PageOfAnotherPolicyError: It has been replaced since the page before.
            InvalidInputError: A grade wanted is none of the policy's.
            SafetyCreditError: As `reading_page` says.
        """
        if not (page.token or wanted.version or standpoint.known_at):
            self.refresh.before_reading(wanted.policy_id, standpoint.as_of)
        with reading_page(self.store, standpoint, page) as opened:
            as_of = opened.at.as_of
            library = self.library.at(opened.at.revision)
            pinned = library.named(GRADE, wanted.policy_id, version=wanted.version, as_of=as_of)
            opened.require_digest(pinned.digest)
            ranks = _ranks(pinned.plan, wanted.grades)
            if not wanted.version and _right(opened, pinned):
                grades, last = _kept_page(opened, pinned, wanted, ranks=ranks, size=page.size)
            else:
                grades, last = _evaluated_page(opened, pinned, wanted, ranks=ranks, size=page.size)
            return GradePage(
                grades=grades,
                next_token="" if last is None else opened.next_token(last, pinned.digest),
                basis=Basis.of(pinned, as_of, opened.point),
            )


# Private functions -----------------------------------------------------------

_Page = tuple[tuple[Grade, ...], int | None]


def _ranks(plan: Plan, grades: Sequence[str]) -> dict[str, int]:
    """Give the place of each grade on the ladder, 0 for a status outside it."""
    known = {grade: rank for rank, grade in enumerate(plan.ladder, start=1)}
    known |= dict.fromkeys(plan.statuses, 0)
    violations = [
        FieldViolation(f"grades[{position}]", "GRADE_UNKNOWN", f"give one of {', '.join(known)}")
        for position, grade in enumerate(grades)
        if grade not in known
    ]
    if violations:
        raise InvalidInputError(violations)
    return {grade: known[grade] for grade in grades}


def _right(opened: PageReading, pinned: PinnedVersion) -> bool:
    """Say whether the grades kept are right for exactly what is asked."""
    standing = opened.reading.grades.standing(pinned.policy_id)
    return standing is not None and (standing.digest, standing.revision, standing.as_of) == (
        pinned.digest,
        opened.at.revision,
        opened.at.as_of,
    )


def _kept_page(
    opened: PageReading,
    pinned: PinnedVersion,
    wanted: GradesWanted,
    *,
    ranks: Mapping[str, int],
    size: int,
) -> _Page:
    part = Scan(wanted=wanted.enterprises, after=opened.after, limit=size + 1)
    rows = opened.reading.grades.page(pinned.policy_id, part, opened.at, grades=ranks)
    shown = rows[:size]
    subjects = opened.reading.subjects.by_number([row.subject_id for row in shown], opened.at)
    missing = _missing(
        opened.reading,
        pinned,
        [subjects[row.subject_id] for row in shown if row.status == NO_DATA],
        opened.at,
    )
    grades = tuple(
        _grade(row, subjects[row.subject_id], pinned, missing.get(row.subject_id, ()))
        for row in shown
    )
    return grades, shown[-1].subject_id if len(rows) > size else None


def _missing(
    reading: Reading, pinned: PinnedVersion, subjects: Sequence[Subject], at: Viewpoint
) -> dict[int, tuple[str, ...]]:
    """Name what enterprises without data lack, which is not kept."""
    if not subjects:
        return {}
    population = reading.facts.population(subjects, pinned.needs, at)
    columns = GradeColumns(evaluate(pinned, population, at.as_of))
    return {
        subject.subject_id: columns.missing(position) for position, subject in enumerate(subjects)
    }


def _grade(
    row: KeptGrade, subject: Subject, pinned: PinnedVersion, missing: tuple[str, ...]
) -> Grade:
    return Grade(
        subject=subject,
        status=row.status,
        grade=row.grade,
        rank=row.rank,
        score=amount_of_score(pinned, row.score),
        valid_until_date=row.valid_until_date,
        missing=missing,
    )


def _evaluated_page(
    opened: PageReading,
    pinned: PinnedVersion,
    wanted: GradesWanted,
    *,
    ranks: Mapping[str, int],
    size: int,
) -> _Page:
    matching = _matching(pinned.plan, ranks) if ranks else None
    search = Search(wanted=wanted.enterprises, matching=matching)
    stretch = scan(opened, pinned, search=search, size=size)
    numbers = [one.subject_id for one in stretch.found]
    subjects = opened.reading.subjects.by_number(numbers, opened.at)
    columns: dict[int, GradeColumns] = {}
    grades: list[Grade] = []
    for one in stretch.found:
        key = id(one.outcome)
        if key not in columns:
            columns[key] = GradeColumns(one.outcome)
        grades.append(columns[key].grade(one.position, subjects[one.subject_id]))
    return tuple(grades), stretch.next_after


def _matching(plan: Plan, ranks: Mapping[str, int]) -> Matching:
    on_ladder = [rank for rank in ranks.values() if rank]
    outside = [plan.statuses.index(grade) + 1 for grade, rank in ranks.items() if not rank]

    def matching(outcome: Outcome) -> NDArray[np.bool_]:
        run = outcome.evaluation
        return np.isin(run.ranks(), on_ladder) | np.isin(run.status_numbers(), outside)

    return matching
