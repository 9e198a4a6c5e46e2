"""Get the credit grade of one enterprise."""

from dataclasses import dataclass

from services.scoring.commands.answers import Basis, GradeAnswer, GradeColumns, PolicyChoice
from services.scoring.commands.choosing import find_subject, graded_by
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.peers.peer_lines import explained as lines_of
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.commands.ports import Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.taken_results import taken_results
from services.scoring.domain.subject import SubjectRef
from services.scoring.domain.viewpoint import Viewpoint


@dataclass(frozen=True, slots=True)
class GetCreditGrade:
    """Grades one enterprise from the facts, whatever has been kept.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self,
        ref: SubjectRef,
        standpoint: Standpoint,
        *,
        choice: PolicyChoice,
        explained: bool = False,
    ) -> GradeAnswer:
        """Grade it.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            PolicyUnknownError: There is no such policy, or version of it.
            PolicyNotInForceError: No policy applies on the day.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            subject = find_subject(reading.subjects, ref, at)
            library = self.library.at(point.revision)
            pinned = graded_by(library, choice, subject.division, as_of=as_of)
            population = reading.facts.population([subject], pinned.needs, at)
        outcome = evaluate(pinned, population, as_of)
        results = taken_results(outcome, 0, subject, dated=explained)
        return GradeAnswer(
            grade=GradeColumns(outcome).grade(0, subject),
            lines=lines_of(outcome, 0, results) if explained else (),
            basis=Basis.of(pinned, as_of, point, results),
        )
