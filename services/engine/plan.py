"""Plans: what a policy version compiles to, and what running one gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import NEVER
from services.engine.errors import InputMissingError
from services.engine.language import Rule, Source, Version
from services.engine.numbers import MISSING, Cell
from services.engine.population import Population, blocks, is_missing

Slots = list[Any]
"""Results of the steps so far: columns of subjects or records, or plain whole numbers."""


@dataclass(slots=True)
class Frame:
    """One run of a plan.

    Attributes:
        population: The columns.
        as_of: The day asked for, as a number.
        inputs: Columns or whole numbers of the inputs that come with the question.
        slots: Results of the steps.
    """

    population: Population
    as_of: int
    inputs: Mapping[str, Any]
    slots: Slots

    def single(self, values: Any) -> Cell:  # noqa: ANN401 -- a column or a whole number.
        """Give a column as it is, and that of a population of one as a plain number."""
        if isinstance(values, np.ndarray) and self.population.size == 1:
            return MISSING if is_missing(values)[0] else int(values[0])
        return values


Step = Callable[[Frame], Any]
"""Calculates one slot from the ones before it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that an indicator counted.

    Attributes:
        kind: Kind of the records.
        mask: Slot with bool[m].
        leaving: Gives for each subject the first day after ``as_of`` on which the records
            selected change by time alone.
    """

    kind: str
    mask: int
    leaving: Callable[[Frame], NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class RulePlan:
    """Slots of one rule.

    Attributes:
        hit: Slot with bool[n], or a plain truth.
        amount: Slot with the amount in the total's smallest unit; -1 for a rule without.
        bound: Greatest size of the amount; none when nobody knows.
        optional: Whether the amount may be missing.
        selections: Indicators that the rule rests on, by position in `Plan.selections`.
    """

    rule: Rule
    hit: int
    amount: int
    selections: tuple[int, ...]
    bound: int | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class TotalPlan:
    """Slots of one total.

    Attributes:
        start: Slot with what was there before any rule.
        result: Slot with the total after its bounds.
        rules: Positions of the rules that contribute, in order.
        counted: Slot of what each of those rules really contributed, in the same order.
    """

    name: str
    unit: str
    places: int
    combine: str
    source: Source
    start: int
    result: int
    rules: tuple[int, ...]
    counted: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GradePlan:
    """Slots of the grade.

    Attributes:
        start: Slot with the starting place on the ladder, from 1; 0 where no band holds.
        rank: Slot with the final place on the ladder; 0 for none.
        status: Slot with the position in `Plan.statuses` plus 1; 0 for none.
    """

    start: int
    rank: int
    status: int


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """Slot of one output, a whole number of ``10**-places`` of its unit."""

    slot: int
    unit: str
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a plan reads.

    Attributes:
        attributes: Attributes of the subjects.
        records: Attributes of the records by kind.
        requests: Inputs that come with the question.
        policies: Inputs that are results of other policies: name, policy and output.
    """

    attributes: frozenset[str]
    records: Mapping[str, frozenset[str]]
    requests: frozenset[str]
    policies: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A compiled policy version; runs over any population.

    Attributes:
        ladder: Grades from best to worst; empty for a policy without a ladder.
        statuses: Statuses outside the ladder that rules or the ladder's end can set.
        constants: What each slot holds before a run: its number or truth, or nothing yet.
        steps: Slot and calculation, in order.
        types: What each name of the version is, for the checks before use.
    """

    policy_id: str
    version: Version
    digest: str
    needs: Needs
    ladder: tuple[str, ...]
    statuses: tuple[str, ...]
    constants: tuple[int | bool | None, ...]
    steps: tuple[tuple[int, Step], ...]
    applies: int
    required: tuple[tuple[str, int], ...]
    selections: tuple[Selection, ...]
    changes: tuple[Callable[[Frame], NDArray[np.int32]], ...]
    rules: tuple[RulePlan, ...]
    totals: Mapping[str, TotalPlan]
    score: OutputPlan | None
    grade: GradePlan | None
    outputs: Mapping[str, OutputPlan] = field(default_factory=dict)
    refusals: tuple[tuple[str, int], ...] = ()
    types: Mapping[str, Any] = field(default_factory=dict)

    def run(
        self, population: Population, as_of: int, inputs: Mapping[str, Any] | None = None
    ) -> "Evaluation":
        """Run over a population.

        Args:
            population: Columns that have at least what `needs` says.
            as_of: The day asked for, days since 1970-01-01.
            inputs: Columns [n] or whole numbers, by name of the input; a name left out is a
                missing value. Any named input may be given, whatever its origin.

        Raises:
            InputMissingError: ``inputs`` has a name that the policy does not know.
            NumberTooLargeError: A calculation left the 64-bit range.
        """
        frame = Frame(population, as_of, inputs or {}, list(self.constants))
        for name in frame.inputs:
            if name not in self.version.inputs:
                raise InputMissingError(f"the policy has no input {name!r}", input=name)
        slots = frame.slots
        for slot, step in self.steps:
            slots[slot] = step(frame)
        return Evaluation(self, frame)

    def results(
        self,
        population: Population,
        as_of: int,
        inputs: Mapping[str, NDArray[np.int64]] | None = None,
        *,
        with_valid_until: bool = True,
    ) -> "Results":
        """Run over a population of any size, block by block.

        Args:
            population: As for `run`.
            as_of: As for `run`.
            inputs: Columns [n] by name of the input.
            with_valid_until: Whether to find the days of change; else they are all 0.
        """
        size = population.size
        results = Results(
            np.empty(size, dtype=np.int8),
            np.empty(size, dtype=np.int64),
            np.empty(size, dtype=np.int64),
            np.full(size, MISSING, dtype=np.int64),
            np.zeros(size, dtype=np.int32),
        )
        for rows, block in blocks(population):
            cut = {name: column[rows] for name, column in (inputs or {}).items()}
            evaluation = self.run(block, as_of, cut)
            results.states[rows] = evaluation.states()
            results.ranks[rows] = evaluation.ranks()
            results.statuses[rows] = evaluation.status_numbers()
            if (scores := evaluation.scores()) is not None:
                results.scores[rows] = scores
            if with_valid_until:
                results.valid_until[rows] = evaluation.valid_until()
        return results


@dataclass(frozen=True, slots=True)
class Results:
    """What a plan gave a population; every column is [n].

    Attributes:
        states: int8, `RESULT`, `NO_DATA` or `NOT_APPLICABLE`.
        ranks: int64, place on the ladder, 1 is the best; 0 for none.
        statuses: int64, position in the plan's statuses plus 1; 0 for none.
        scores: int64, the score in its smallest unit; `MISSING` without one.
        valid_until: int32, the first day on which the result may change with nothing new.
    """

    states: NDArray[np.int8]
    ranks: NDArray[np.int64]
    statuses: NDArray[np.int64]
    scores: NDArray[np.int64]
    valid_until: NDArray[np.int32]


RESULT: Final = 1
"""State: the policy gives a result."""

NO_DATA: Final = 2
"""State: something that the policy needs is missing."""

NOT_APPLICABLE: Final = 3
"""State: the policy does not apply to the subject."""


class Evaluation:
    """What running a plan gave; every column is [n]."""

    def __init__(self, plan: Plan, frame: Frame) -> None:
        """Keep the run."""
        self.plan = plan
        self.frame = frame
        self.size = frame.population.size
        self._states: NDArray[np.int8] | None = None

    def column(self, slot: int) -> NDArray[Any]:
        """Give a slot as a column."""
        value = self.frame.slots[slot]
        if isinstance(value, np.ndarray) and value.shape == (self.size,):
            return value
        if self.size == 1:
            return np.array([value])
        return np.broadcast_to(np.asarray(value), (self.size,))

    def states(self) -> NDArray[np.int8]:
        """Give int8[n]: `RESULT`, `NO_DATA` or `NOT_APPLICABLE`."""
        if self._states is None:
            self._states = self._find_states()
        return self._states

    def _find_states(self) -> NDArray[np.int8]:
        states = np.full(self.size, RESULT, dtype=np.int8)
        for _, slot in self.plan.required:
            states[self.column(slot)] = NO_DATA
        if self.plan.grade is not None:
            settled = (self.column(self.plan.grade.rank) > 0) | (
                self.column(self.plan.grade.status) > 0
            )
            states[~settled] = NO_DATA
        states[~self.column(self.plan.applies).astype(np.bool_)] = NOT_APPLICABLE
        return states

    def missing(self, position: int) -> tuple[str, ...]:
        """Name the inputs that one subject lacks."""
        return tuple(name for name, slot in self.plan.required if self.column(slot)[position])

    def refused(self, position: int) -> tuple[str, ...]:
        """Name the inputs whose given value the policy does not allow."""
        return tuple(name for name, slot in self.plan.refusals if self.column(slot)[position])

    def ranks(self) -> NDArray[np.int64]:
        """Give int64[n]: place on the ladder, 1 is the best; 0 for none."""
        if self.plan.grade is None:
            return np.zeros(self.size, dtype=np.int64)
        ranks = np.where(self.states() == RESULT, self.column(self.plan.grade.rank), 0)
        return np.where(self.column(self.plan.grade.status) > 0, 0, ranks)

    def status_numbers(self) -> NDArray[np.int64]:
        """Give int64[n]: position in the plan's statuses plus 1; 0 for none."""
        if self.plan.grade is None:
            numbers = np.zeros(self.size, dtype=np.int64)
            for one in reversed(self.plan.rules):
                if one.rule.effect == "status":
                    number = self.plan.statuses.index(one.rule.target) + 1
                    numbers[self.column(one.hit).astype(np.bool_)] = number
        else:
            numbers = self.column(self.plan.grade.status)
        return np.where(self.states() == RESULT, numbers, 0)

    def scores(self) -> NDArray[np.int64] | None:
        """Give int64[n], the score in its smallest unit; none without a score."""
        return None if self.plan.score is None else self.column(self.plan.score.slot)

    def output(self, name: str) -> NDArray[np.int64]:
        """Give int64[n], an output in its smallest unit; `MISSING` where there is none."""
        return self.column(self.plan.outputs[name].slot)

    def valid_until(self) -> NDArray[np.int32]:
        """Give int32[n]: the first day on which the result may change with nothing new.

        It is certain to hold until the day before; `days.NEVER` when time alone never changes
        it. The end of the policy version is not looked at here.
        """
        days = np.full(self.size, NEVER, dtype=np.int32)
        for selection in self.plan.selections:
            np.minimum(days, selection.leaving(self.frame), out=days)
        for change in self.plan.changes:
            np.minimum(days, change(self.frame), out=days)
        return days

    def known(self, value: int) -> int | None:
        """Give a whole number, or nothing where it is missing."""
        return None if value == MISSING else value
