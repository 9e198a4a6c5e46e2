"""Say what would lift the grade of one enterprise, and from which day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from services.engine.days import NEVER, day_date, day_number
from services.engine.looking import Look
from services.engine.outlook import Gain, Lift, Prospects, find_lifts
from services.engine.population import Population
from services.engine.vocabulary import split_source
from services.scoring.commands.answers import (
    Basis,
    Grade,
    GradeColumns,
    PolicyChoice,
    amount_of_score,
)
from services.scoring.commands.choosing import find_subject, graded_by
from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.grades.repair_days import PENALTY, RepairLaw, penalties_in
from services.scoring.commands.policies.policy_library import (
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import FactNeeds, Store
from services.scoring.commands.standpoint import Standpoint, reading_at
from services.scoring.domain.amount import Amount
from services.scoring.domain.errors import PolicyNotInForceError
from services.scoring.domain.subject import SubjectRef
from services.scoring.domain.viewpoint import Viewpoint

HORIZON_YEARS: Final = 5
"""House decision: longer than the windows and terms of any policy seen."""

_VERSIONS_MAX: Final = 100
_DEFAULT_FIELD: Final = 1


@dataclass(frozen=True, slots=True)
class GradeLift:
    """Acts that lead to a better grade.

    Attributes:
        lift: The acts, and what they lead to.
        grade: The grade.
        score: The score; none when there is none.
        version: Version by which it was found.
    """

    lift: Lift
    grade: str
    score: Amount | None
    version: CompiledVersion


@dataclass(frozen=True, slots=True)
class OutlookAnswer:
    """The grade as it stands, and what would lift it.

    Attributes:
        grade: The grade.
        lifts: What would lift it, the best grade first.
        basis: What the answer stands on.
    """

    grade: Grade
    lifts: tuple[GradeLift, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class GetGradeOutlook:
    """Finds what would lift a grade, by evaluating it.

    Attributes:
        store: Where facts are stored.
        library: The policies.
        gains: Honours that could be gained.
    """

    store: Store
    library: PolicyLibrary
    gains: Sequence[Gain]

    def __call__(
        self,
        ref: SubjectRef,
        standpoint: Standpoint,
        *,
        choice: PolicyChoice,
        horizon: date | None = None,
    ) -> OutlookAnswer:
        """Find it.

        Args:
            ref: The enterprise.
            standpoint: When the question is about.
            choice: Which policy is applied.
            horizon: Last day looked at; none for five years ahead.

        Raises:
            SubjectUnknownError: The enterprise was not known.
            PolicyUnknownError: There is no such policy, or version of it.
            PolicyNotInForceError: No policy applies on the day.
            SafetyCreditError: As `reading_at` says.
        """
        as_of = standpoint.as_of
        last = horizon or as_of + timedelta(days=HORIZON_YEARS * 366)
        with reading_at(self.store, standpoint) as (reading, point):
            at = Viewpoint(point.revision, as_of)
            subject = find_subject(reading.subjects, ref, at)
            library = self.library.at(point.revision)
            chosen = _Chosen(library, choice, subject.division)
            versions = list(chosen.until(as_of, last))
            repair = RepairLaw.of(library, subject.division, as_of)
            needs = _needs(versions, repair.versions)
            population = reading.facts.population([subject], needs, at)
            publicity = reading.facts.publicity(penalties_in(population), at)
        pinned = versions[0]
        outcome = evaluate(pinned, population, as_of)
        lifts = find_lifts(
            chosen.look,
            population,
            day_number(as_of),
            horizon_days=(chosen.last(last) - as_of).days,
            prospects=Prospects(_gains(self.gains, pinned), repair.days(population, publicity)),
        )
        return OutlookAnswer(
            grade=GradeColumns(outcome).grade(0, subject),
            lifts=tuple(_found(lift) for lift in lifts),
            basis=Basis.of(pinned, as_of, point),
        )


# Private functions and classes ------------------------------------------------


class _Chosen:
    """The policy that answers, from day to day."""

    def __init__(self, library: PolicyLibrary, choice: PolicyChoice, division: int | None) -> None:
        self._library = library
        self._choice = choice
        self._division = division
        self._seen: dict[int, PinnedVersion] = {}
        self._end: date | None = None

    def on(self, day: date) -> PinnedVersion:
        """Give the version of a day."""
        return graded_by(self._library, self._choice, self._division, as_of=day)

    def until(self, first: date, last: date) -> Iterator[PinnedVersion]:
        """Give the versions from one day to another; none after the law ends."""
        day = first
        for _ in range(_VERSIONS_MAX):
            try:
                pinned = self.on(day)
            except PolicyNotInForceError:
                if day == first:
                    raise
                self._end = day
                return
            self._seen[day_number(day)] = pinned
            yield pinned
            if pinned.until is None or pinned.until > last:
                return
            day = pinned.until

    def last(self, last: date) -> date:
        """Give the last day of the versions that were given, if that is before another day."""
        return last if self._end is None else min(last, self._end - timedelta(days=1))

    def look(self, population: Population, day: int) -> Look:
        """Evaluate on a day, by the version that is in force then."""
        start = max(seen for seen in self._seen if seen <= day)
        pinned = self._seen[start]
        outcome = evaluate(pinned, population, day_date(day))
        next_start = min((seen for seen in self._seen if seen > day), default=NEVER)
        return Look(outcome.evaluation, np.minimum(outcome.valid_until, next_start), pinned)


def _needs(versions: Sequence[PinnedVersion], repair: Sequence[PinnedVersion]) -> FactNeeds:
    """Give what versions need; what repair needs of a penalty it needs of every source of them."""
    records: dict[str, frozenset[str]] = {}
    for one in (*versions, *repair):
        for kind, names in one.needs.records.items():
            records[kind] = records.get(kind, frozenset()) | names
    asked = frozenset[str]().union(*(one.needs.records.get(PENALTY, ()) for one in repair))
    for source in records:
        if split_source(source)[0] == PENALTY:
            records[source] |= asked
    attributes = frozenset[str]().union(*(one.needs.attributes for one in (*versions, *repair)))
    return FactNeeds(attributes=attributes, records=records)


def _gains(gains: Sequence[Gain], pinned: PinnedVersion) -> tuple[Gain, ...]:
    """Let honours be of the field that the policy is about."""
    field = pinned.compiled.field or _DEFAULT_FIELD
    return tuple(replace(one, values={"field": field, **one.values}) for one in gains)


def _found(lift: Lift) -> GradeLift:
    pinned = lift.look.version
    assert isinstance(pinned, PinnedVersion), "every look says by which version"
    standing, plan = lift.standing, pinned.plan
    if standing.status:
        grade = plan.statuses[standing.status - 1]
    else:
        grade = plan.ladder[standing.rank - 1] if standing.rank else ""
    return GradeLift(lift, grade, amount_of_score(pinned, standing.score), pinned.compiled)
