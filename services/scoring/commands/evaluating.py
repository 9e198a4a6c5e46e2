"""Running a pinned version over a population, with everything that it takes in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.engine.days import NEVER, day_date, day_number
from services.engine.numbers import MISSING
from services.engine.plan import NO_DATA, RESULT, Evaluation
from services.engine.population import Population
from services.scoring.commands.policy_library import (
    CompiledVersion,
    PinnedInput,
    PinnedVersion,
)

CANDIDATE = "candidate"
"""Status that the rules of a list set when a circumstance is met."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pinned version gave for a population.

    Attributes:
        pinned: The version.
        evaluation: Its run.
        valid_until: int32[n], first day on which the result may change with nothing new, as far
            as facts and what is taken in go; `days.NEVER` where time alone never changes it.
    """

    pinned: PinnedVersion
    evaluation: Evaluation
    valid_until: NDArray[np.int32]

    def valid_until_date(self, position: int, profile_until: date | None) -> date | None:
        """Give the first day on which one subject's result may change; none when never.

        Args:
            position: Position of the subject in the population.
            profile_until: First day on which the subject's own attributes change.
        """
        number = int(self.valid_until[position])
        ends = (None if number == NEVER else day_date(number), profile_until, self.pinned.until)
        return min((day for day in ends if day is not None), default=None)


def evaluate(
    pinned: PinnedVersion,
    population: Population,
    as_of: date,
    given: Mapping[str, int] | None = None,
) -> Outcome:
    """Run a version and, before it, those whose results it takes in.

    Args:
        pinned: The version.
        population: Columns that have what it needs.
        as_of: Day asked for.
        given: Inputs that come with the question, by name.

    Raises:
        NumberTooLargeError: A calculation left the 64-bit range.
    """
    day = day_number(as_of)
    runs: dict[CompiledVersion, Evaluation] = {}
    for source in pinned.sources:
        runs[source.compiled] = source.plan.run(population, day, _taken_in(source, runs))
    inputs = {**_taken_in(pinned, runs), **(given or {})}
    evaluation = pinned.plan.run(population, day, inputs)
    valid_until = evaluation.valid_until()
    for run in runs.values():
        valid_until = np.minimum(valid_until, run.valid_until())
    return Outcome(pinned, evaluation, valid_until)


# Private functions -----------------------------------------------------------


def _taken_in(
    pinned: PinnedVersion, runs: Mapping[CompiledVersion, Evaluation]
) -> dict[str, NDArray[np.int64]]:
    return {
        one.name: _result(one, runs[one.source.compiled])
        for one in pinned.inputs
        if one.source is not None
    }


def _result(one: PinnedInput, run: Evaluation) -> NDArray[np.int64]:
    """Give one result of another policy as an input; missing where it has none."""
    if one.output == "grade":
        ranks = run.ranks()
        return np.where(ranks > 0, ranks, MISSING)
    if one.output == "status":
        states = run.states()
        number = _candidate_number(run)
        met = (states == RESULT) & (run.status_numbers() == number) if number else states < 0
        # A list that does not apply to a subject does not hold it either.
        return np.where(states == NO_DATA, MISSING, met.astype(np.int64))
    if one.output == "score":
        scores, output = run.scores(), run.plan.score
        assert scores is not None, "the loader checks what is taken in"
        assert output is not None, "a score has its decimals"
        return _scaled(scores, run, one.places - output.places)
    places = run.plan.outputs[one.output].places
    return _scaled(run.output(one.output), run, one.places - places)


def _candidate_number(run: Evaluation) -> int:
    statuses = run.plan.statuses
    return statuses.index(CANDIDATE) + 1 if CANDIDATE in statuses else 0


def _scaled(values: NDArray[np.int64], run: Evaluation, places: int) -> NDArray[np.int64]:
    there = (run.states() == RESULT) & (values != MISSING)
    return np.where(there, np.where(there, values, 0) * 10**places, MISSING)
