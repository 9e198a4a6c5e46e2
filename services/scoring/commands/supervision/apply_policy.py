"""Apply a policy of any kind to one enterprise: how often to inspect it, which colour it has."""

from dataclasses import dataclass
from datetime import date

from services.engine.explained import ExplainedLine
from services.scoring.commands.answers import Basis, Grade, GradeColumns, PolicyChoice
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.peers.peer_lines import explained
from services.scoring.commands.policies.policy_library import PinnedVersion, PolicyLibrary
from services.scoring.commands.ports import Store
from services.scoring.commands.showing import Shown, shown_result
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.taken_results import taken_results
from services.scoring.domain.subject import SubjectRef
from services.scoring.domain.viewpoint import Viewpoint

SUPERVISION = "supervision"
"""Kind of the policies that say how often to inspect."""

RISK = "risk"
"""Kind of the policies that give a risk colour."""


@dataclass(frozen=True, slots=True)
class NamedAmount:
    """A number that a policy gives by name.

    Attributes:
        name: Name of the output.
        value: The number, day or word.
        unit: Its unit.
    """

    name: str
    value: Shown
    unit: str


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """What a policy says of one enterprise, with its reasons.

    Attributes:
        grade: Result, and grade or colour.
        outputs: The policy's other results; those that are missing are left out.
        lines: Explanation, line by line.
        basis: What it stands on.
    """

    grade: Grade
    outputs: tuple[NamedAmount, ...]
    lines: tuple[ExplainedLine, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class ApplyPolicy:
    """Applies a policy of one kind to one enterprise.

    Attributes:
        store: Where facts are stored.
        library: The policies.
        kind: Kind of the policies.
    """

    store: Store
    library: PolicyLibrary
    kind: str

    def __call__(
        self, ref: SubjectRef, standpoint: Standpoint, *, choice: PolicyChoice
    ) -> PolicyAnswer:
        """Apply it.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            PolicyUnknownError: There is no such policy of the kind, or version of it.
            PolicyNotInForceError: None applies on the day.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            subject = find_subject(reading.subjects, ref, at)
            pinned = chosen(
                self.library.at(point.revision), self.kind, choice, subject.division, as_of=as_of
            )
            population = reading.facts.population([subject], pinned.needs, at)
        outcome = evaluate(pinned, population, as_of)
        results = taken_results(outcome, 0, subject, dated=True)
        return PolicyAnswer(
            grade=GradeColumns(outcome).grade(0, subject),
            outputs=_outputs(outcome),
            lines=explained(outcome, 0, results),
            basis=Basis.of(pinned, as_of, point, results),
        )


def chosen(
    library: PolicyLibrary, kind: str, choice: PolicyChoice, division: int | None, *, as_of: date
) -> PinnedVersion:
    """Find the policy of a kind that answers, by name or by place.

    Raises:
        PolicyUnknownError: There is no such policy of the kind, or version of it.
        PolicyNotInForceError: None applies on the day.
    """
    if choice.policy_id:
        return library.named(kind, choice.policy_id, version=choice.version, as_of=as_of)
    return library.most_local(kind, field=choice.field, division=division, as_of=as_of)


# Private functions -----------------------------------------------------------


def _outputs(outcome: Outcome) -> tuple[NamedAmount, ...]:
    run = outcome.evaluation
    found: list[NamedAmount] = []
    for name, output in run.plan.outputs.items():
        value = shown_result(int(run.output(name)[0]), output)
        if value is not None:
            found.append(NamedAmount(name, value, output.unit))
    return tuple(found)
