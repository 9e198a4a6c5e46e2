"""Say whether an enterprise must insure, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.engine.evaluation import NO_DATA
from services.engine.explained import ExplainedLine
from services.engine.numbers import MISSING
from services.scoring.commands.answers import Basis
from services.scoring.commands.choosing import find_subject
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.insurance.covers import joined_needs
from services.scoring.commands.insurance.obligations import (
    ACTIVITIES,
    DIVISION,
    OBLIGATION,
    classes_of,
    declared,
    floors_of,
)
from services.scoring.commands.peers.peer_lines import explained
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import FactNeeds, Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.commands.taken_results import taken_results
from services.scoring.domain.insurance import (
    IndustryUnknownError,
    ObligationClass,
    ObligationUndecidedError,
)
from services.scoring.domain.subject import Subject, SubjectRef
from services.scoring.domain.viewpoint import Viewpoint

_INDUSTRY = "industry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationQuestion:
    """Whose obligation is wanted, by which policy.

    Attributes:
        policy_id: The policy; empty for the most local one.
        version: Its version; empty for the one in force.
        said: Activities that the question states or denies, whatever is declared.
    """

    policy_id: str = ""
    version: str = ""
    said: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationAnswer:
    """What an enterprise owes.

    Attributes:
        subject: The enterprise.
        owed: Class.
        floor_fen: Least limit per person; none where the policy names none.
        lines: Why.
        valid_until_date: First day on which it would change; none when never.
        basis: What it stands on.
    """

    subject: Subject
    owed: ObligationClass
    floor_fen: int | None
    lines: tuple[ExplainedLine, ...]
    valid_until_date: date | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class GetInsuranceObligation:
    """Says what one enterprise owes on a day.

    Attributes:
        store: Where facts are stored.
        library: The policies.
    """

    store: Store
    library: PolicyLibrary

    def __call__(
        self, ref: SubjectRef, standpoint: Standpoint, *, question: ObligationQuestion
    ) -> ObligationAnswer:
        """Find it.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            PolicyUnknownError: There is no such policy, or version of it.
            PolicyNotInForceError: None applies on the day.
            IndustryUnknownError: The class hangs on an industry that nobody knows.
            ObligationUndecidedError: The policy lacks other data.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            subject = find_subject(reading.subjects, ref, at)
            library = self.library.at(point.revision)
            pinned = _pinned(library, question, subject, as_of=as_of)
            needs = joined_needs(pinned.needs, _DECLARED)
            population = reading.facts.population([subject], needs, at)
        outcome = evaluate(pinned, population, as_of, declared(pinned, population, question.said))
        _require_decided(outcome, subject)
        floor = int(floors_of(outcome)[0])
        results = taken_results(outcome, 0, subject, dated=True)
        profile_until = subject.changes_on(pinned.deciding | {ACTIVITIES})
        return ObligationAnswer(
            subject=subject,
            owed=ObligationClass(int(classes_of(outcome)[0])),
            floor_fen=None if floor == MISSING else floor,
            lines=explained(outcome, 0, results),
            valid_until_date=outcome.valid_until_date(0, profile_until),
            basis=Basis.of(pinned, as_of, point, results),
        )


# Private functions -----------------------------------------------------------

_DECLARED = FactNeeds(attributes=frozenset({DIVISION, ACTIVITIES}))


def _pinned(
    library: PolicyLibrary, question: ObligationQuestion, subject: Subject, *, as_of: date
) -> PinnedVersion:
    if question.policy_id:
        return library.named(OBLIGATION, question.policy_id, version=question.version, as_of=as_of)
    return library.most_local(OBLIGATION, field=EVERY_FIELD, division=subject.division, as_of=as_of)


def _require_decided(outcome: Outcome, subject: Subject) -> None:
    run = outcome.evaluation
    if int(run.states()[0]) != NO_DATA:
        return
    missing = run.missing(0)
    facts = {"subject_id": subject.identifier, "missing": ",".join(missing)}
    if _INDUSTRY in missing:
        raise IndustryUnknownError(
            f"nobody knows the industry of {subject.identifier} on the day; register it first",
            **facts,
        )
    raise ObligationUndecidedError(
        f"the policy needs {facts['missing'] or 'more data'} of {subject.identifier}", **facts
    )
