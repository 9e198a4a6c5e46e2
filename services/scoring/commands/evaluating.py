"""Running a pinned version over a population, with everything that it takes in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.engine.days import NEVER, day_date, day_number
from services.engine.evaluation import CANDIDATE, Evaluation
from services.engine.frames import PLAIN, Setting
from services.engine.numbers import Cell
from services.engine.population import Population
from services.scoring.commands.policies.policy_library import CompiledVersion, PinnedVersion

__all__ = ["CANDIDATE", "Outcome", "evaluate", "evaluate_all"]


class Outcome(NamedTuple):
    """What a pinned version gave for a population.

    Attributes:
        pinned: The version.
        evaluation: Its run.
        valid_until: int32[n], first day on which the result may change with nothing new, as far
            as facts and what is taken in go; `days.NEVER` where time alone never changes it.
        untils: The same of every version that was run with it.
    """

    pinned: PinnedVersion
    evaluation: Evaluation
    valid_until: NDArray[np.int32]
    untils: Mapping[CompiledVersion, NDArray[np.int32]]

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
    given: Mapping[str, int | NDArray[np.int64]] | None = None,
) -> Outcome:
    """Run a version and, before it, those whose results it takes in.

    Args:
        pinned: The version.
        population: Columns that have what it needs.
        as_of: Day asked for.
        given: Inputs that come with the question, by name: for everybody one, or int64[n].

    Raises:
        NumberTooLargeError: A calculation left the 64-bit range.
    """
    (outcome,) = evaluate_all([pinned], population, as_of, given)
    return outcome


def evaluate_all(
    versions: Sequence[PinnedVersion],
    population: Population,
    as_of: date,
    given: Mapping[str, int | NDArray[np.int64]] | None = None,
) -> tuple[Outcome, ...]:
    """Run several versions, each once, however many of the others take its result in.

    Args:
        versions: The versions, in any order.
        population: Columns that have what all of them need.
        as_of: Day asked for.
        given: As for `evaluate`; given to these versions, not to what they take in.

    Raises:
        NumberTooLargeError: A calculation left the 64-bit range.
    """
    day = day_number(as_of)
    wanted = {one.compiled for one in versions}
    runs: dict[CompiledVersion, Evaluation] = {}
    until: dict[CompiledVersion, NDArray[np.int32]] = {}
    for one in _in_order(versions):
        own = given if one.compiled in wanted else None
        runs[one.compiled] = _run(one, population, day, runs, given=own)
        days = [runs[one.compiled].valid_until()]
        days += [until[source.compiled] for source in one.sources]
        until[one.compiled] = _earliest(days)
    return tuple(Outcome(one, runs[one.compiled], until[one.compiled], until) for one in versions)


# Private functions -----------------------------------------------------------


def _earliest(columns: Sequence[NDArray[np.int32]]) -> NDArray[np.int32]:
    """Give the earliest day of each subject; of one subject without NumPy's cost for a call."""
    if len(columns) == 1:
        return columns[0]
    if columns[0].size == 1:
        return min(columns, key=np.ndarray.item)
    return reduce(np.minimum, columns)


def _in_order(versions: Sequence[PinnedVersion]) -> list[PinnedVersion]:
    """Give versions and all that they rest on, each once and after what it takes in."""
    found: dict[CompiledVersion, PinnedVersion] = {}
    for one in versions:
        for each in (*one.sources, one):
            found.setdefault(each.compiled, each)
    return list(found.values())


def _run(
    pinned: PinnedVersion,
    population: Population,
    day: int,
    runs: Mapping[CompiledVersion, Evaluation],
    *,
    given: Mapping[str, int | NDArray[np.int64]] | None = None,
) -> Evaluation:
    """Run a version after those it takes results of."""
    inputs = _taken_in(pinned, runs)
    if given:
        inputs |= given
    back, table = pinned.plan.needs.back, pinned.peers
    setting = PLAIN
    if back or table is not None:
        setting = Setting(
            peers={} if table is None else table.open(),
            earlier=_earlier(pinned, population) if back else None,
        )
    return pinned.plan.run(population, day, inputs, setting=setting)


def _earlier(pinned: PinnedVersion, population: Population) -> Callable[[int], dict[str, Cell]]:
    """Give what a version took in on an earlier day; what came with the question is for today."""

    def earlier(day: int) -> dict[str, Cell]:
        found: dict[CompiledVersion, Evaluation] = {}
        for source in pinned.sources:
            found[source.compiled] = _run(source, population, day, found)
        return _taken_in(pinned, found)

    return earlier


def _taken_in(pinned: PinnedVersion, runs: Mapping[CompiledVersion, Evaluation]) -> dict[str, Cell]:
    return {
        one.name: runs[one.source.compiled].taken(one.output, one.places)
        for one in pinned.inputs
        if one.source is not None
    }
