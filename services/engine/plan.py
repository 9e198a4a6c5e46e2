"""Plans: what a policy version compiles to, and what running one gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.days import NEVER, day_number, period_start
from services.engine.errors import InputMissingError
from services.engine.frames import PLAIN, Frame, Setting, Step, Stretch
from services.engine.language import Rule, Source, Version
from services.engine.numbers import MISSING, Cell, pick, present, widen
from services.engine.peers import PeerTable, peer_table
from services.engine.population import Population, Sources, blocks

Turning = Callable[[Frame, Sources, tuple[int, ...]], Cell]
"""Gives the days on which records of some sources, in slots of sets, change sides of a window."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that an indicator counted.

    Attributes:
        sources: Which records.
        mask: Slot with bool[m], or with the set of a few records.
        window: Slot of the records inside the window.
        held: Slot of the records that pass the filter.
        turning: Gives for each subject, or for the one, the first day after ``as_of`` on which a
            record that passes one of some filters moves into the window or out of it.
    """

    sources: Sources
    mask: int
    window: int
    held: int
    turning: Turning

    def leaving(self, frame: Frame) -> Cell:
        """Give the first later day on which the records selected change by time alone."""
        return self.turning(frame, self.sources, (self.held,))


@dataclass(frozen=True, slots=True)
class RulePlan:
    """Slots of one rule.

    Attributes:
        hit: Slot with bool[n], or a plain truth.
        amount: Slot with the amount in the total's smallest unit; -1 for a rule without.
        bound: Greatest size of the amount; none when nobody knows.
        optional: Whether the amount may be missing.
        selections: Indicators that the rule rests on, by position in `Plan.selections`.
        weight: Slot with the weight of the amount in a mean; -1 for a rule without.
    """

    rule: Rule
    hit: int
    amount: int
    selections: tuple[int, ...]
    bound: int | None = None
    optional: bool = False
    weight: int = -1


@dataclass(frozen=True, slots=True)
class TotalPlan:
    """Slots of one total.

    Attributes:
        start: Slot with what was there before any rule.
        result: Slot with the total after its bounds.
        rules: Positions of the rules that contribute, in order.
        counted: Slot of what each of those rules really contributed, in the same order.
        raw: Slot with the total before its bounds.
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
    raw: int = -1


@dataclass(frozen=True, slots=True)
class GradePlan:
    """Slots of the grade.

    Attributes:
        start: Slot with the starting place on the ladder, from 1; 0 where no band holds.
        rank: Slot with the final place on the ladder; 0 for none.
        status: Slot with the position in `Plan.statuses` plus 1; 0 for none.
        bands: Slot of each band's condition, in order.
    """

    start: int
    rank: int
    status: int
    bands: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PeerPlan:
    """What a place among peers rests on.

    Attributes:
        of: Slot of what is compared.
        among: Slots of what peers have in common.
    """

    of: int
    among: tuple[int, ...]


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
        peers: Inputs that are places among peers.
        back: How many periods back the policy looks at its own result.
    """

    attributes: frozenset[str]
    records: Mapping[str, frozenset[str]]
    requests: frozenset[str]
    policies: tuple[tuple[str, str, str], ...]
    peers: frozenset[str] = frozenset()
    back: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A compiled policy version; runs over any population.

    Attributes:
        ladder: Grades from best to worst; empty for a policy without a ladder.
        statuses: Statuses outside the ladder that rules or the ladder's end can set.
        constants: What each slot holds before a run: its number or truth, or nothing yet.
        steps: Slot and calculation, in order.
        types: What each name of the version is, for the checks before use.
        peers: What the inputs that are places among peers rest on.
        words: Numbers of the words that an input takes, by name of the input.
        changes: Each gives for every subject the first later day on which something of the plan
            changes by time alone.
        stretches: The steps again, in stretches of which one subject may do without some.
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
    changes: tuple[Callable[[Frame], Cell], ...]
    rules: tuple[RulePlan, ...]
    totals: Mapping[str, TotalPlan]
    score: OutputPlan | None
    grade: GradePlan | None
    outputs: Mapping[str, OutputPlan] = field(default_factory=dict)
    refusals: tuple[tuple[str, int], ...] = ()
    types: Mapping[str, Any] = field(default_factory=dict)
    peers: Mapping[str, PeerPlan] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    stretches: tuple[Stretch, ...] = ()

    def run(
        self,
        population: Population,
        as_of: int,
        inputs: Mapping[str, Any] | None = None,
        *,
        setting: Setting = PLAIN,
    ) -> "Evaluation":
        """Run over a population.

        Args:
            population: Columns that have at least what `needs` says.
            as_of: The day asked for, days since 1970-01-01.
            inputs: Columns [n] or whole numbers, by name of the input; a name left out is a
                missing value. Any named input may be given, whatever its origin.
            setting: Tables of peers, and the inputs of earlier days.

        Raises:
            InputMissingError: ``inputs`` has a name that the policy does not know.
            NumberTooLargeError: A calculation left the 64-bit range.
        """
        frame = Frame(population, as_of, inputs or {}, list(self.constants), setting)
        for name in frame.inputs:
            if name not in self.version.inputs:
                raise InputMissingError(f"the policy has no input {name!r}", input=name)
        if population.size == 1:
            self._run_one(frame)
        else:
            for slot, step in self.steps:
                frame.slots[slot] = step(frame)
        return Evaluation(self, frame)

    def _run_one(self, frame: Frame) -> None:
        """Run for one subject, without what it has no records for."""
        slots = frame.slots
        for stretch in self.stretches:
            # An empty set of few records is the number 0; a column is none, and a truth neither.
            if (
                stretch.guard >= 0
                and type(slots[stretch.guard]) is int
                and not slots[stretch.guard]
            ):
                for slot, value in stretch.empty:
                    slots[slot] = value
            else:
                for slot, step in stretch.steps:
                    slots[slot] = step(frame)

    def run_before(self, frame: Frame, period: str) -> "Evaluation | None":
        """Give this plan's run on the last day of the calendar period before; none before its time.

        Facts are those of the run asked for, as they are known to it; what they say of that day is
        counted on that day. Attributes of the subjects are those of the day asked for.
        """
        day = period_start(frame.as_of, period, 0) - 1
        if day not in frame.before:
            begun = day_number(self.version.start_date) <= day
            earlier = frame.setting.earlier
            frame.before[day] = (
                self.run(
                    frame.population,
                    day,
                    earlier(day) if earlier else None,
                    setting=replace(frame.setting, back=frame.setting.back + 1),
                )
                if begun
                else None
            )
        found: Evaluation | None = frame.before[day]
        return found

    def results(
        self,
        population: Population,
        as_of: int,
        inputs: Mapping[str, NDArray[np.int64]] | None = None,
        *,
        with_valid_until: bool = True,
        setting: Setting = PLAIN,
    ) -> "Results":
        """Run over a population of any size, block by block.

        Args:
            population: As for `run`.
            as_of: As for `run`.
            inputs: Columns [n] by name of the input.
            with_valid_until: Whether to find the days of change; else they are all 0.
            setting: As for `run`; inputs of earlier days cannot be given.
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
            evaluation = self.run(block, as_of, cut, setting=setting)
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


CANDIDATE: Final = "candidate"
"""Status that the rules of a list set when a circumstance is met."""

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
            one = self.size == 1
            self._states = np.array([self._state()], np.int8) if one else self._find_states()
        return self._states

    def _state(self) -> int:
        """Give the state of the only subject; plain numbers need no columns."""
        slots, plan = self.frame.slots, self.plan
        if not slots[plan.applies]:
            return NOT_APPLICABLE
        if any(slots[slot] for _, slot in plan.required):
            return NO_DATA
        grade = plan.grade
        if grade is not None and not (slots[grade.rank] > 0 or slots[grade.status] > 0):
            return NO_DATA
        return RESULT

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
        grade = self.plan.grade
        if grade is None:
            return np.zeros(self.size, dtype=np.int64)
        if self.size == 1:
            slots = self.frame.slots
            settled = self.states()[0] == RESULT and not slots[grade.status] > 0
            return np.array([slots[grade.rank] if settled else 0], dtype=np.int64)
        ranks = np.where(self.states() == RESULT, self.column(grade.rank), 0)
        return np.where(self.column(grade.status) > 0, 0, ranks)

    def status_numbers(self) -> NDArray[np.int64]:
        """Give int64[n]: position in the plan's statuses plus 1; 0 for none."""
        if self.plan.grade is not None:
            numbers = self.column(self.plan.grade.status)
        elif not self.plan.statuses:
            return np.zeros(self.size, dtype=np.int64)
        else:
            numbers = np.zeros(self.size, dtype=np.int64)
            for one in reversed(self.plan.rules):
                if one.rule.effect == "status":
                    number = self.plan.statuses.index(one.rule.target) + 1
                    numbers[self.column(one.hit).astype(np.bool_)] = number
        if self.size == 1:
            return numbers if self.states()[0] == RESULT else np.zeros(1, dtype=np.int64)
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
        turns = [change(self.frame) for change in self.plan.changes]
        if self.size == 1:
            days = [int(one[0]) if isinstance(one, np.ndarray) else one for one in turns]
            return np.array([min(days, default=NEVER)], dtype=np.int32)
        earliest = np.full(self.size, NEVER, dtype=np.int32)
        for turn in turns:
            np.minimum(earliest, turn, out=earliest)
        return earliest

    def taken(self, output: str, places: int) -> Cell:
        """Give one result as another policy takes it in; `MISSING` where there is none.

        Args:
            output: ``grade`` or ``place`` (place on the ladder, from 1), ``status`` (whether a
                candidate of a list), ``status_word`` (as in `scales`), ``score`` or an output by
                name.
            places: Decimals wanted of a score or output, at least as many as it has.

        Returns:
            A whole number for a population of one, else int64[n].
        """
        result: Cell = self.states() == RESULT
        if self.size == 1:
            result = bool(result[0])
        if output in {"grade", "place"}:
            ranks = self._plain(self.ranks())
            return pick(ranks > 0, ranks, MISSING)
        if output in {"status", "status_word"}:
            numbers = self._plain(self.status_numbers())
            if output == "status_word":
                return pick(result, numbers, MISSING)
            number = self.candidate_number()
            met = pick((numbers == number) & (number > 0), 1, 0)
            # A list that does not apply to a subject does not hold it either.
            return pick(self._plain(self.states()) == NO_DATA, MISSING, met)
        plan = self.plan.score if output == "score" else self.plan.outputs[output]
        assert plan is not None, "the loader checks what is taken in"
        values = self._plain(self.column(plan.slot))
        there = result & present(values)
        return pick(there, pick(there, values, 0) * 10 ** (places - plan.places), MISSING)

    def _plain(self, column: NDArray[Any]) -> Cell:
        """Give a column as it is, and that of a population of one as a plain number."""
        return int(column[0]) if self.size == 1 else column

    def candidate_number(self) -> int:
        """Give the number of the status by which a list takes a subject in; 0 without one."""
        statuses = self.plan.statuses
        return statuses.index(CANDIDATE) + 1 if CANDIDATE in statuses else 0

    def peer_tables(self) -> dict[str, PeerTable]:
        """Put this population into tables of peers, by name of the input.

        Only subjects that the policy applies to are anybody's peers.
        """
        applies = self.states() != NOT_APPLICABLE
        return {
            name: peer_table(
                np.where(applies, self.column(one.of).astype(np.int64), MISSING),
                [widen(self.column(slot)).astype(np.int64) for slot in one.among],
            )
            for name, one in self.plan.peers.items()
        }

    def known(self, value: int) -> int | None:
        """Give a whole number, or nothing where it is missing."""
        return None if value == MISSING else value
