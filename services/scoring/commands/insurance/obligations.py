"""What enterprises owe, by the policies of their places, for one of them and for all alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import day_date, day_number
from services.engine.evaluation import NOT_APPLICABLE, RESULT
from services.engine.numbers import MISSING
from services.engine.population import Population
from services.scoring.commands.evaluating import Outcome, evaluate
from services.scoring.commands.policies.policy_library import (
    EVERY_FIELD,
    CompiledVersion,
    PinnedVersion,
    PolicyLibrary,
)
from services.scoring.commands.ports import FactNeeds
from services.scoring.domain.errors import PolicyNotInForceError
from services.scoring.domain.insurance import Activity, ObligationClass

OBLIGATION: Final = "obligation"
"""Kind of the policies that say who must insure."""

FLOOR: Final = "limit_per_person_floor"
"""Output of such a policy: the least limit per person."""

ACTIVITIES: Final = "activities"
DIVISION: Final = "division"
_FEN_PLACES: Final = 2
_NO_DIVISION: Final = int(np.iinfo(np.int32).min)


@dataclass(frozen=True, slots=True)
class ObligationColumns:
    """What a population owes.

    Attributes:
        classes: int8[n], numbers of `ObligationClass`.
        floors_fen: int64[n], least limit per person on the day; `MISSING` without one.
    """

    classes: NDArray[np.int8]
    floors_fen: NDArray[np.int64]


class Obligations:
    """Finds what enterprises owe."""

    def __init__(self, library: PolicyLibrary) -> None:
        """Work with the policies of a program."""
        self._library = library
        # A cover that began long ago is held against the law of its day, so all versions count.
        versions = library.listed(OBLIGATION, field=EVERY_FIELD, division=None, as_of=None)
        plans = [one.plan for one in versions]
        edges = {one.version.start_date for one in versions}
        edges |= {one.version.end_date for one in versions if one.version.end_date is not None}
        # Between two of these days the law stays the same everywhere.
        self._edges = np.array(sorted(map(day_number, edges)), dtype=np.int64)
        attributes = frozenset[str]().union(*(plan.needs.attributes for plan in plans))
        records: dict[str, frozenset[str]] = {}
        for plan in plans:
            for kind, names in plan.needs.records.items():
                records[kind] = records.get(kind, frozenset()) | names
        self.needs = FactNeeds(attributes=attributes | {DIVISION, ACTIVITIES}, records=records)

    def of(self, population: Population, as_of: date) -> ObligationColumns:
        """Find what everybody in a population owes on a day."""
        classes = np.full(population.size, ObligationClass.NONE, dtype=np.int8)
        floors = np.full(population.size, MISSING, dtype=np.int64)
        for pinned, members in self._by_policy(population, as_of):
            outcome = evaluate(pinned, population, as_of, declared(pinned, population))
            classes[members] = classes_of(outcome)[members]
            floors[members] = floors_of(outcome)[members]
        return ObligationColumns(classes, floors)

    def floors_on(
        self, population: Population, positions: NDArray[np.int64], days: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        """Find the least limit per person that the law of some days asked of some subjects.

        Args:
            population: The subjects.
            positions: int64[m], positions in the population.
            days: int32[m], days since 1970-01-01.

        Returns:
            int64[m] in fen; `MISSING` where no policy named one.
        """
        floors = np.full(positions.size, MISSING, dtype=np.int64)
        divisions = population.attributes[DIVISION][positions].astype(np.int64)
        stretches = np.searchsorted(self._edges, days, side="right")
        count = self._edges.size + 1
        keys, place = np.unique(divisions * count + stretches, return_inverse=True)
        chosen = [self._since(*divmod(key, count)) for key in keys.tolist()]
        compiled = [None if one is None else one.compiled for one in chosen]
        for pinned in {one.compiled: one for one in chosen if one is not None}.values():
            same = np.array([one is pinned.compiled for one in compiled])[place]
            start = pinned.compiled.version.start_date
            outcome = evaluate(pinned, population, start, declared(pinned, population))
            floors[same] = floors_of(outcome)[positions[same]]
        return floors

    # Private methods -------------------------------------------------------------

    def _by_policy(
        self, population: Population, as_of: date
    ) -> Sequence[tuple[PinnedVersion, NDArray[np.bool_]]]:
        divisions = population.attributes[DIVISION]
        members: dict[CompiledVersion, tuple[PinnedVersion, NDArray[np.bool_]]] = {}
        for division in np.unique(divisions).tolist():
            pinned = self._chosen(division, as_of)
            if pinned is None:
                continue
            same = divisions == division
            held = members.get(pinned.compiled)
            members[pinned.compiled] = (pinned, same if held is None else held[1] | same)
        return tuple(members.values())

    def _since(self, division: int, stretch: int) -> PinnedVersion | None:
        """Give the policy of a place in a stretch of days; 0 is that before any law."""
        if not stretch:
            return None
        return self._chosen(division, day_date(int(self._edges[stretch - 1])))

    def _chosen(self, division: int, day: date) -> PinnedVersion | None:
        place = None if division == _NO_DIVISION else division
        try:
            return self._library.most_local(
                OBLIGATION, field=EVERY_FIELD, division=place, as_of=day
            )
        except PolicyNotInForceError:
            return None


def declared(
    pinned: PinnedVersion, population: Population, said: Mapping[str, bool] | None = None
) -> dict[str, int | NDArray[np.int64]]:
    """Give the inputs of a policy that ask for activities.

    An input that has the name of an activity is answered by what the enterprise declares, unless
    the question itself says something else.

    Args:
        pinned: The policy.
        population: Subjects with their ``activities``.
        said: What the question says, by name of the activity.
    """
    bits = population.attributes[ACTIVITIES].astype(np.int64)
    known = bits >= 0
    asked = pinned.plan.needs.requests
    inputs: dict[str, int | NDArray[np.int64]] = {}
    for activity in Activity:
        name = activity.name.lower()
        if name not in asked:
            continue
        inputs[name] = np.where(known, bits >> activity & 1, 0)
        if said and name in said:
            inputs[name] = int(said[name])
    return inputs


def classes_of(outcome: Outcome) -> NDArray[np.int8]:
    """Give int8[n], what an obligation policy says that everybody owes."""
    run = outcome.evaluation
    named = [ObligationClass[grade.upper()] for grade in run.plan.ladder]
    by_rank = np.array([ObligationClass.UNDECIDED, *named], dtype=np.int8)
    classes: NDArray[np.int8] = by_rank[run.ranks()]
    states = run.states()
    classes[states == NOT_APPLICABLE] = ObligationClass.NONE
    return classes


def floors_of(outcome: Outcome) -> NDArray[np.int64]:
    """Give int64[n], the least limit per person in fen; `MISSING` where none is named."""
    run = outcome.evaluation
    output = run.plan.outputs.get(FLOOR)
    if output is None:
        return np.full(run.size, MISSING, dtype=np.int64)
    floors = run.output(FLOOR)
    there = (floors != MISSING) & (run.states() == RESULT)
    scale = 10 ** (_FEN_PLACES - output.places)
    return np.where(there, np.where(there, floors, 0) * scale, MISSING)
