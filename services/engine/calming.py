"""Answers that leave an enterprise well off, so that one record more can show what it does.

Where a policy asks a dozen questions, answers drawn by chance leave nearly everybody with the worst
grade, in which no slip shows. So one answer after the other is changed to what serves best,
beginning with nothing, with the highest and with drawn answers.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import RESULT, Evaluation
from services.engine.frames import Setting
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.population import Population, RecordColumns

Answers = Mapping[str, NDArray[np.int64]]
"""Columns [n] by name of the input."""

_BEGINNINGS: Final = 4
_VALUES_MOST: Final = 9
_TURNS: Final = 2
_NO_RESULT: Final = -(2**62)


class Calmer:
    """Finds the answers that serve an enterprise of a plan best."""

    def __init__(self, plan: Plan, as_of: int, values: Mapping[str, Sequence[int]]) -> None:
        """Look at the inputs of a plan.

        Args:
            plan: The policy.
            as_of: The day asked for.
            values: What each input is drawn from.
        """
        self._plan = plan
        self._as_of = as_of
        self._values = {name: _spread(sorted(held)) for name, held in values.items() if held}

    def answers(self, population: Population, inputs: Answers) -> dict[str, NDArray[np.int64]]:
        """Find good answers.

        Args:
            population: Enterprises, the attributes of some of which are taken.
            inputs: What they answer.

        Returns:
            Columns [k] by name of the input; no column where the plan has no questions.
        """
        if not self._values or not population.size:
            return {}
        bare = _bare(population)
        first = self._run(bare, inputs)
        better = self._goodness(first, first)
        order = np.argsort(-better, kind="stable")
        rows = np.resize(order[: _BEGINNINGS - 2], _BEGINNINGS)
        found = {name: column[rows].copy() for name, column in inputs.items()}
        for name, held in self._values.items():
            found[name][-2:] = (max(min(held), 0), max(held))
        few = _rows(bare, rows)
        for _ in range(_TURNS):
            found = self._turn(few, found, first)
        last = self._goodness(self._run(few, found), first)
        kept = np.flatnonzero(last == last.max()) if last.max() > _NO_RESULT else np.arange(0)
        return {name: column[kept] for name, column in found.items()} if kept.size else {}

    # Private methods ----------------------------------------------------------------

    def _run(self, population: Population, inputs: Answers) -> Evaluation:
        setting = Setting(earlier=lambda _day: inputs)
        return self._plan.run(population, self._as_of, inputs, setting=setting)

    def _turn(
        self, few: Population, held: dict[str, NDArray[np.int64]], first: Evaluation
    ) -> dict[str, NDArray[np.int64]]:
        """Change each answer by itself, and keep those changes together that serve best."""
        changes = [(name, value) for name, values in self._values.items() for value in values]
        count = few.size
        rows = np.tile(np.arange(count), len(changes) + 1)
        inputs = {name: column[rows].copy() for name, column in held.items()}
        for place, (name, value) in enumerate(changes):
            inputs[name][place * count : (place + 1) * count] = value
        good = self._goodness(self._run(_rows(few, rows), inputs), first).reshape(-1, count)
        best = {name: good[-1].copy() for name in held}
        found = {name: column.copy() for name, column in held.items()}
        for (name, value), reached in zip(changes, good[:-1], strict=True):
            better = reached > best[name]
            found[name][better] = value
            best[name] = np.maximum(best[name], reached)
        return found

    def _goodness(self, run: Evaluation, first: Evaluation) -> NDArray[np.int64]:
        """Give how well off each is: by grade, then by score, else by what it bears."""
        good = -run.ranks() * 2**40
        scores = run.scores()
        if scores is not None:
            good += _direction(first) * np.clip(scores, -(2**38), 2**38)
        elif self._plan.grade is None:
            for name, one in self._plan.outputs.items():
                if not one.words:
                    numbers = run.output(name)
                    good -= np.where(numbers == MISSING, 0, np.clip(numbers, -(2**38), 2**38))
        # A status outside the ladder is the end of it.
        good -= (run.status_numbers() > 0) * 2**50
        return np.where(run.states() == RESULT, good, _NO_RESULT)


# Private functions -----------------------------------------------------------


def _direction(first: Evaluation) -> int:
    """Say whether more of the score is better: 1, or -1; as it is with most."""
    scores, ranks = first.scores(), first.ranks()
    if scores is None:
        return 1
    graded = (ranks > 0) & (scores != MISSING)
    if not graded.any():
        return 1
    best, worst = (
        scores[graded & (ranks == end)].mean() for end in (ranks[graded].min(), ranks[graded].max())
    )
    return 1 if best >= worst else -1


def _spread(values: list[int]) -> list[int]:
    """Give a few of sorted values: nothing, one, the lowest, the highest and some between."""
    places = np.linspace(0, len(values) - 1, _VALUES_MOST).round().astype(int)
    chosen = {values[place] for place in places.tolist()}
    return sorted(chosen | ({0, 1} & set(values)))


def _bare(population: Population) -> Population:
    """Give enterprises without their records."""
    none = np.arange(0)
    return Population(
        population.size,
        population.attributes,
        {source: _cut(records, none) for source, records in population.records.items()},
    )


def _rows(bare: Population, rows: NDArray[np.intp]) -> Population:
    attributes = {name: column[rows] for name, column in bare.attributes.items()}
    return Population(rows.size, attributes, bare.records)


def _cut(records: RecordColumns, rows: NDArray[np.intp]) -> RecordColumns:
    return RecordColumns(
        records.record_ids[rows],
        records.subjects[rows],
        {name: column[rows] for name, column in records.columns.items()},
    )
