"""Get the credit grades of many enterprises at one point of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.common.errors import SafetyCreditError
from services.common.tokens import StorePoint
from services.scoring.commands.answers import Grade, GradeColumns, PolicyChoice
from services.scoring.commands.choosing import graded_by, unknown_subject
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.policies.policy_library import (
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import Reading, Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.errors import PolicyNotInForceError
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class GradedBy:
    """A grade and the policy behind it."""

    grade: Grade
    policy: CompiledVersion


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """Grades of many.

    Attributes:
        results: A grade or a refusal for each enterprise asked for, in their order.
        as_of: Day that they are for.
        point: Point of the store.
    """

    results: tuple[GradedBy | SafetyCreditError, ...]
    as_of: date
    point: StorePoint


@dataclass(frozen=True, slots=True)
class BatchGetCreditGrades:
    """Grades many enterprises, those of one policy in one run.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self, refs: Sequence[SubjectRef], standpoint: Standpoint, *, choice: PolicyChoice
    ) -> BatchAnswer:
        """Grade them; one that cannot be graded does not fail the others.

        Raises:
            PolicyUnknownError: There is no such policy, or version of it.
            PolicyNotInForceError: The policy named is not in force on the day.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        if choice.policy_id:
            # A policy that nobody has, or that is not in force, fails the call and not each part.
            graded_by(self.library.now(), choice, None, as_of=as_of)
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            found = reading.subjects.find(set(refs), at)
            graded = self._graded(reading, found, choice=choice, at=at)
        results = tuple(
            graded[found[ref].subject_id] if ref in found else unknown_subject(ref) for ref in refs
        )
        return BatchAnswer(results, as_of, point)

    def _graded(
        self,
        reading: Reading,
        found: Mapping[SubjectRef, Subject],
        *,
        choice: PolicyChoice,
        at: Viewpoint,
    ) -> dict[int, GradedBy | SafetyCreditError]:
        """Grade every subject found, once."""
        results: dict[int, GradedBy | SafetyCreditError] = {}
        groups: dict[PinnedVersion, list[Subject]] = {}
        subjects = {subject.subject_id: subject for subject in found.values()}
        library = self.library.at(at.revision)
        for number, subject in subjects.items():
            try:
                pinned = graded_by(library, choice, subject.division, as_of=at.as_of)
            except PolicyNotInForceError as error:
                results[number] = error
            else:
                groups.setdefault(pinned, []).append(subject)
        for pinned, members in groups.items():
            population = reading.facts.population(members, pinned.needs, at)
            columns = GradeColumns(evaluate(pinned, population, at.as_of))
            for position, subject in enumerate(members):
                grade = columns.grade(position, subject)
                results[subject.subject_id] = GradedBy(grade, pinned.compiled)
        return results
