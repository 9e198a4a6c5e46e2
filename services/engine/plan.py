"""Plans: what a policy version compiles to, and what running one gives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.engine.days import day_number, period_start
from services.engine.errors import InputMissingError, NumberTooLargeError
from services.engine.evaluation import Evaluation
from services.engine.frames import PLAIN, Frame, Setting, Step
from services.engine.language import Rule, Source, Version, Wording
from services.engine.numbers import MISSING, Cell
from services.engine.peers import Figure
from services.engine.population import Population, Sources, blocks
from services.engine.unrolled import Unrolled

Turning = Callable[[Frame, Sources, tuple[int, ...]], Cell]
"""Gives the days on which records of some sources, in slots of sets, change sides of a window."""


Spanning = Callable[[Frame, int], tuple[int, int]]
"""Gives the days between which a record, by its place, is inside a window."""


class Turn(NamedTuple):
    """A window, and the records whose change of sides is one of the plan's result.

    Attributes:
        turning: Tells when.
        sources: Which records.
        held: Slots of those that pass a filter; any of them is enough.
        key: Where the window keeps the days of one subject's records, in `frames.Frame.memory`.
    """

    turning: Turning
    sources: Sources
    held: tuple[int, ...]
    key: str


@dataclass(frozen=True, slots=True)
class ChildList:
    """The child subjects that an indicator counted.

    Attributes:
        attribute: Attribute of the records that names them.
        roster: Slot with all children, see `grouping`.
        chosen: Slot with bool[c], or a plain truth for all of them.
        words: Words of the codes that name them; empty for numbers.
    """

    attribute: str
    roster: int
    chosen: int
    words: Mapping[int, str]


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
        key: As in `Turn`.
        span: Gives the days between which a record is inside the window, see `WindowPlan.span`.
        watched: Slots of days of records with which the filter compares the day asked for, and how
            many days later it changes.
        kept: Those of the sources whose records are no facts, each with its kind.
        children: Child subjects that these records make children, to be named instead of the
            records; none for records that count themselves.
        before: Gives the records that some of those that count repeat; none where it does not
            matter.
        day: Slot of the day of a record that its window goes by.
    """

    sources: Sources
    mask: int
    window: int
    held: int
    turning: Turning
    key: str
    span: Spanning
    watched: tuple[tuple[int, int], ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    children: ChildList | None = None
    before: Callable[[Frame, Sequence[int]], list[int]] | None = None
    day: int = -1


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
        parts: Of what must all hold, each with the names that it compares and the slot of its
            truth.
        enough: How many records of an indicator it asks for, by its position in
            `Plan.selections`; of others it needs all that there are.
        most: How many records of an indicator it allows, in the same way; of others any number.
        timed: Whether something else than records that no longer count ends it by time alone.
        whole: Whether what it adds is another whenever a record comes or goes.
        changes: What else changes it by time alone, by position in `Plan.changes`.
    """

    rule: Rule
    hit: int
    amount: int
    selections: tuple[int, ...]
    bound: int | None = None
    optional: bool = False
    weight: int = -1
    parts: tuple[tuple[tuple[str, ...], int], ...] = ()
    enough: Mapping[int, int] = field(default_factory=dict)
    most: Mapping[int, int] = field(default_factory=dict)
    timed: bool = False
    whole: bool = False
    changes: frozenset[int] = frozenset()


class PartPlan(NamedTuple):
    """What one rule does for a total.

    Attributes:
        hit: Slot with whether the rule holds, as in `RulePlan`.
        counted: Slot of what it really contributed.
        rule: The rule.
    """

    hit: int
    counted: int
    rule: RulePlan


@dataclass(frozen=True, slots=True)
class TotalPlan:
    """Slots of one total.

    Attributes:
        start: Slot with what was there before any rule.
        result: Slot with the total after its bounds.
        parts: The rules that contribute, in order.
        raw: Slot with the total before its bounds.
    """

    name: str
    unit: str
    places: int
    combine: str
    source: Source
    start: int
    result: int
    parts: tuple[PartPlan, ...]
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


class Veto(NamedTuple):
    """A rule that settles the grade whatever the score is.

    Attributes:
        hit: Slot with whether it holds.
        unknown: Slots of what is missing where nobody knows whether it does, or is gone over.
    """

    hit: int
    unknown: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What has no value where a veto gives a grade though something is missing.

    Each is slots of what is missing, of which one that holds is enough.

    Attributes:
        vetoes: Rules that settle the grade; none in most versions.
        score: Behind the score.
        outputs: Behind the outputs, by name.
        start: Behind the starting grade.
        totals: Behind the totals, by name.
        rules: Behind the conditions of the rules, by identifier.
    """

    vetoes: tuple[Veto, ...] = ()
    score: tuple[int, ...] = ()
    outputs: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    start: tuple[int, ...] = ()
    totals: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    rules: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeerPlan:
    """What a place among peers, or a figure of theirs, rests on.

    Attributes:
        of: Slot of what is compared.
        among: Slots of what peers have in common.
        places: Decimals of what is compared.
        figure: What is asked of all their values; none for a place among them.
    """

    of: int
    among: tuple[int, ...]
    places: int = 0
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """Slot of one output, a whole number of ``10**-places`` of its unit.

    Attributes:
        slot: Where it is.
        unit: Its unit; ``date`` for a civil day.
        places: Decimals.
        words: Word of each number that stands for one; empty for numbers and days.
        titles: Titles of the words that have some.
    """

    slot: int
    unit: str
    places: int
    words: Mapping[int, str] = field(default_factory=dict)
    titles: Mapping[str, Wording] = field(default_factory=dict)


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
        statuses: Statuses outside the ladder that rules or the ladder's end can set; of several
            that hold at once the first counts.
        constants: What each slot holds before a run: its number or truth, or nothing yet.
        steps: Slot and calculation, in order.
        unrolled: The steps again, for a subject alone.
        types: What each name of the version is, for the checks before use.
        peers: What the inputs that are places among peers rest on.
        words: Numbers of the words that an input takes, by name of the input.
        titles: Titles of the words of an input, by name of the input.
        asked: Names of the subject that the records of each indicator, and of each group of
            children, are compared with or measured by.
        lacking: What has no value where a veto settles the grade without a score.
        apart: Those rules that contribute to no total.
        turns: Windows whose records change the result by time alone.
        changes: Each gives for every subject the first later day on which something else of the
            plan changes by time alone.
    """

    policy_id: str
    version: Version
    needs: Needs
    ladder: tuple[str, ...]
    statuses: tuple[str, ...]
    constants: tuple[int | bool | None, ...]
    steps: tuple[tuple[int, Step], ...]
    unrolled: Unrolled
    applies: int
    required: tuple[tuple[str, int], ...]
    selections: tuple[Selection, ...]
    turns: tuple[Turn, ...]
    changes: tuple[Callable[[Frame], Cell], ...]
    rules: tuple[RulePlan, ...]
    apart: tuple[RulePlan, ...]
    totals: Mapping[str, TotalPlan]
    score: OutputPlan | None
    grade: GradePlan | None
    outputs: Mapping[str, OutputPlan] = field(default_factory=dict)
    refusals: tuple[tuple[str, int], ...] = ()
    types: Mapping[str, Any] = field(default_factory=dict)
    peers: Mapping[str, PeerPlan] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    titles: Mapping[str, Mapping[str, Wording]] = field(default_factory=dict)
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lacking: Lacking = field(default_factory=Lacking)

    def run(
        self,
        population: Population,
        as_of: int,
        inputs: Mapping[str, Any] | None = None,
        *,
        setting: Setting = PLAIN,
    ) -> Evaluation:
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
        try:
            if population.size == 1:
                frame.memory = population.shared(as_of)
                self.unrolled.run(frame)
            else:
                for slot, step in self.steps:
                    frame.slots[slot] = step(frame)
        except NumberTooLargeError as error:
            raise self._named(error, frame) from error
        return Evaluation(self, frame)

    def _named(self, error: NumberTooLargeError, frame: Frame) -> NumberTooLargeError:
        """Say in which part of the policy a calculation stopped: the first that was not reached."""
        open_ones = [
            (ref.slot, name) for name, ref in self.types.items() if frame.slots[ref.slot] is None
        ]
        if "part" in error.facts or not open_ones:
            return error
        _, name = min(open_ones)
        return NumberTooLargeError(f"{name!r}: {error.message}", part=name)

    def run_before(self, frame: Frame, period: str) -> Evaluation | None:
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
