"""What a policy says of a population on a day, and which result is better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import RESULT, Evaluation
from services.engine.plan import Plan
from services.engine.population import IntColumn, Population


@dataclass(frozen=True, slots=True)
class Standing:
    """A result, comparable: ladder place, status, score."""

    rank: int
    status: int
    score: int | None

    @property
    def top(self) -> bool:
        """Say whether nothing is better."""
        return self.rank == 1 and not self.status


@dataclass(frozen=True, slots=True)
class Look:
    """What a policy says of a population on a day.

    Attributes:
        evaluation: Its run.
        until: First later day on which the result of each subject may change, [n].
        version: Whatever names the version that was run.
    """

    evaluation: Evaluation
    until: IntColumn
    version: Any = None


Looking = Callable[[Population, int], Look]
"""Evaluates a population on a day."""


def looking_by(plan: Plan, inputs: Mapping[str, Any] | None = None) -> Looking:
    """Look by one plan, whatever the day."""

    def look(population: Population, day: int) -> Look:
        evaluation = plan.run(population, day, inputs or {})
        return Look(evaluation, evaluation.valid_until())

    return look


def standings_of(evaluation: Evaluation) -> list[Standing | None]:
    """Give the result of every subject; none where there is none."""
    scores = evaluation.scores()
    return [
        Standing(rank, status, score) if state == RESULT else None
        for state, rank, status, score in zip(
            evaluation.states().tolist(),
            evaluation.ranks().tolist(),
            evaluation.status_numbers().tolist(),
            [None] * evaluation.size if scores is None else scores.tolist(),
            strict=True,
        )
    ]


def standing_of(evaluation: Evaluation) -> Standing | None:
    """Give the result of the first subject; none where there is none."""
    return standings_of(evaluation)[0]


def is_better(new: Standing | None, old: Standing | None) -> bool:
    """Say whether a result is better: out of a status, or higher on the ladder."""
    if new is None or old is None:
        return False
    if bool(new.status) != bool(old.status):
        return not new.status
    return 0 < new.rank < old.rank


def better_than(evaluation: Evaluation, old: Standing) -> NDArray[np.bool_]:
    """Give bool[n]: whose result is better, as `is_better` says it."""
    free = (evaluation.states() == RESULT) & (evaluation.status_numbers() == 0)
    if not old.status:
        ranks = evaluation.ranks()
        free &= (ranks > 0) & (ranks < old.rank)
    return np.asarray(free, dtype=np.bool_)
