"""Worse records never give a better result: a search for facts that break this.

Facts and inputs are drawn at the edges that a policy speaks of, records that fit an indicator are
piled up as high as what it is compared with; then one adverse record is added to each subject, and
no subject may come out better. The draw is seeded, so a finding can be repeated.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.climbing import Climber
from services.engine.drawing import SOURCE_STEP, Drawer, Drawn
from services.engine.evaluation import NOT_APPLICABLE, RESULT, Evaluation
from services.engine.frames import Setting
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.population import Population, RecordColumns
from services.engine.stacking import Pile, Piler
from services.engine.vocabulary import Vocabulary, split_source

LAID_UNITS: Final[Mapping[str, frozenset[str]]] = {
    "rate": frozenset(
        {"CNY", "fen", "ratio", "percent", "per mille", "basis_point", "basis point"}
    ),
    "supervision": frozenset({"inspection", "percent"}),
}
"""Units of what a policy of a kind lays on somebody: premiums, rates, factors; inspections."""

NOT_APPLYING: Final = "applies"
"""Stands for the condition of a version where it does not apply, among what is lacking."""

_PLACES: Final = frozenset({"grade", "place"})
_SUBJECTS: Final = 3000
_PILES: Final = 4200
_ROUNDS: Final = 3
_LEAST_PERCENT: Final = 1
_TRIED_MOST: Final = 400


@dataclass(frozen=True, slots=True)
class Improvement:
    """An adverse record that made a result better, with as little beside it as still shows it.

    Attributes:
        source: Whose record it is, see `vocabulary.record_source`.
        record: Its attributes as numbers.
        inputs: What a caller would tell, by name of the input.
        before: The result without it, of one subject.
        after: The result with it.
        grade: Input of another policy's grade that is a place lower instead; empty for a record.
        laid: Outputs that are compared, see `laid_outputs`.
    """

    source: str
    record: Mapping[str, int]
    inputs: Mapping[str, int]
    before: Evaluation
    after: Evaluation
    laid: tuple[str, ...]
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to.

    Attributes:
        improvement: What it found; none for nothing.
        drawn: Number of enterprises that were compared with and without a record.
        settled: Number of those that had a result both times.
        lacking: How many of the others lack each input, or are no matter of the policy.
    """

    improvement: Improvement | None = None
    drawn: int = 0
    settled: int = 0
    lacking: Mapping[str, int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Say whether hardly anything was compared, so that finding nothing means nothing."""
        return self.settled * 100 < self.drawn * _LEAST_PERCENT


def search(
    plan: Plan,
    vocabulary: Vocabulary,
    as_of: int,
    *,
    favourable: bool = False,
    laid: tuple[str, ...] = (),
) -> Search:
    """Search for an adverse record that improves the result, and tell how much was compared.

    Args:
        plan: The policy.
        vocabulary: The words that it uses.
        as_of: A day on which it is in force.
        favourable: Whether a status is a good thing, as on a redlist.
        laid: Outputs of which less is better, see `laid_outputs`.
    """
    searcher = _Searcher(plan, vocabulary, as_of, favourable=favourable, laid=laid)
    improvement = searcher.improvement()
    return Search(improvement, searcher.drawn, searcher.settled, dict(searcher.lacking))


def laid_outputs(plan: Plan, kind: str) -> tuple[str, ...]:
    """Name the outputs by which a policy of a kind lays something on somebody, by their units."""
    units = LAID_UNITS.get(kind, frozenset())
    return tuple(
        name
        for name, one in plan.outputs.items()
        if not one.words and one.unit.partition(" per ")[0] in units
    )


# Private functions -----------------------------------------------------------


class _Searcher:
    def __init__(
        self,
        plan: Plan,
        vocabulary: Vocabulary,
        as_of: int,
        *,
        favourable: bool,
        laid: tuple[str, ...],
    ) -> None:
        self._plan = plan
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._favourable = favourable
        self._laid = laid
        self._sources = sorted(plan.needs.records)
        self._grades = [
            name
            for name, one in plan.version.inputs.items()
            if one.origin == "policy" and one.attribute in _PLACES
        ]
        self._adverse = [one for one in self._sources if split_source(one)[0] in vocabulary.adverse]
        self._drawer = Drawer(plan, vocabulary, as_of)
        self.drawn = 0
        self.settled = 0
        self.lacking: Counter[str] = Counter()

    def improvement(self) -> Improvement | None:
        if not self._adverse and not self._grades:
            return None
        inputs = self._plan.version.inputs.values()
        own = any(one.origin in {"last_period", "peers"} for one in inputs)
        for results in (False, True) if own else (False,):
            drawn = self._drawer.drawn(_SUBJECTS, results=results)
            found = self._around(drawn)
            if found is not None:
                return found
        return None

    def _around(self, drawn: Drawn, *, climbing: bool = True) -> Improvement | None:
        """Look near drawn enterprises, then near those put together for what they do not meet."""
        setting = self._setting(drawn)
        before = self._run(drawn, setting)
        found = (
            self._lowered(drawn, before, setting)
            or self._single(drawn, before, setting)
            or self._piled(drawn, before)
        )
        if found is not None or not climbing:
            return found
        climber = Climber(
            self._plan, self._drawer, drawn, run=lambda one: self._run(one, self._setting(one))
        )
        climbed = climber.climbed(before)
        return None if climbed is None else self._around(climbed, climbing=False)

    def _setting(self, drawn: Drawn) -> Setting:
        """Pin the table of peers: a record more moves the subject in it, and nobody else."""
        inputs = drawn.inputs
        setting = Setting(earlier=lambda _day: inputs)
        if not self._plan.peers:
            return setting
        return Setting(peers=self._run(drawn, setting).peer_tables(), earlier=lambda _day: inputs)

    def _run(self, drawn: Drawn, setting: Setting) -> Evaluation:
        return self._plan.run(drawn.population, self._as_of, drawn.inputs, setting=setting)

    def _lowered(self, drawn: Drawn, before: Evaluation, setting: Setting) -> Improvement | None:
        """Take in each grade of another policy a place lower."""
        for name in self._grades:
            places = drawn.inputs[name]
            lowest = max(self._plan.words.get(name, {"": np.iinfo(np.int64).max}).values())
            lower = (places > 0) & (places < lowest)
            inputs = {**drawn.inputs, name: np.where(lower, places + 1, places)}
            after = self._run(Drawn(drawn.population, inputs), setting)
            self._note(before, after)
            for position in self._better(before, after)[:1].tolist():
                return self._lowered_alone(drawn, inputs, position, setting=setting, grade=name)
        return None

    def _lowered_alone(
        self,
        drawn: Drawn,
        inputs: Mapping[str, NDArray[np.int64]],
        position: int,
        *,
        setting: Setting,
        grade: str,
    ) -> Improvement:
        """Give one enterprise with and without the lower grade, without records if they may go."""
        alone = _alone(drawn.population, position)
        first = {name: int(column[position]) for name, column in drawn.inputs.items()}
        second = {name: int(column[position]) for name, column in inputs.items()}
        one = Setting(peers=setting.peers, earlier=lambda _day: first)
        for population in (_only(alone, set()), alone):
            before = self._plan.run(population, self._as_of, first, setting=one)
            after = self._plan.run(population, self._as_of, second, setting=one)
            if self._better(before, after).size:
                break
        return Improvement("", {}, first, before, after, self._laid, grade)

    def _single(self, drawn: Drawn, before: Evaluation, setting: Setting) -> Improvement | None:
        """Add one drawn record of each kind to every enterprise."""
        base = drawn.population
        for source in self._adverse:
            number = self._sources.index(source)
            more = self._drawer.adverse(source, np.arange(base.size), number)
            records = _merged(base.records[source], more)
            worse = Drawn(
                Population(base.size, base.attributes, {**base.records, source: records}),
                drawn.inputs,
            )
            # What was drawn first has the smaller identifiers.
            extra = more.record_ids + base.records[source].record_ids.size
            after = self._run(worse, setting)
            found = self._compared(before, after, worse=worse, extra=extra, setting=setting)
            if found is not None:
                return found
        return None

    def _piled(self, drawn: Drawn, run: Evaluation) -> Improvement | None:
        """Compare piles of records without and with their last."""
        piler = Piler(self._plan, self._vocabulary, self._drawer)
        patterns: Mapping[int, NDArray[np.int64]] | None = None
        for _ in range(_ROUNDS):
            pile = piler.piled(drawn, run, size=_PILES, patterns=patterns)
            if pile is None:
                return None
            setting = self._setting(pile.before)
            before, after = self._run(pile.before, setting), self._run(pile.after, setting)
            found = self._compared(
                before, after, worse=pile.after, extra=pile.extra, setting=setting
            )
            patterns = _lifting(before, after, pile)
            if found is not None or not patterns:
                return found
        return None

    def _compared(
        self,
        before: Evaluation,
        after: Evaluation,
        *,
        worse: Drawn,
        extra: NDArray[np.int64],
        setting: Setting,
    ) -> Improvement | None:
        self._note(before, after)
        better = self._better(before, after)
        if not better.size:
            return None
        position = int(better[0])
        inputs = {name: int(column[position]) for name, column in worse.inputs.items()}
        alone = _alone(worse.population, position)
        one = Setting(peers=setting.peers, earlier=lambda _day: inputs)
        return self._least(alone, int(extra[position]), inputs, setting=one)

    def _note(self, before: Evaluation, after: Evaluation) -> None:
        """Count how many had a result both times, and what the others lack."""
        both = (before.states() == RESULT) & (after.states() == RESULT)
        self.drawn += both.size
        self.settled += int(both.sum())
        self.lacking[NOT_APPLYING] += int((before.states() == NOT_APPLICABLE).sum())
        for name, slot in self._plan.required:
            self.lacking[name] += int(np.count_nonzero(before.column(slot)))

    def _better(self, before: Evaluation, after: Evaluation) -> NDArray[np.intp]:
        had, has = before.states() == RESULT, after.states() == RESULT
        one, two = before.status_numbers() > 0, after.status_numbers() > 0
        # Leaving a status outside the ladder is a relief, unless the status is an honour.
        better = ~one & two if self._favourable else one & ~two
        ranks = (before.ranks(), after.ranks())
        better |= (ranks[0] > ranks[1]) & (ranks[1] > 0)
        for name in self._laid:
            first, second = before.output(name), after.output(name)
            better |= (second < first) & (first != MISSING) & (second != MISSING)
        # So is having no result any more, for whoever had a status or not the best grade.
        gone = had & ~has & (one & (not self._favourable) | (ranks[0] > 1))
        return np.flatnonzero(better & had & has | gone)

    # The case found ----------------------------------------------------------------

    def _least(
        self, worse: Population, extra: int, inputs: Mapping[str, int], *, setting: Setting
    ) -> Improvement:
        """Leave out every record without which the improvement still shows."""
        kept = {one for records in worse.records.values() for one in records.record_ids.tolist()}
        kinds = [set(records.record_ids.tolist()) for records in worse.records.values()]
        groups = [*kinds, *({one} for one in sorted(kept))]
        one = partial(self._one, worse, extra=extra, inputs=inputs, setting=setting)
        found = one(kept)
        assert found is not None, "one enterprise gives what it gave among many"
        for group in groups[:_TRIED_MOST]:
            fewer = kept - (group - {extra})
            smaller = one(fewer) if fewer != kept else None
            if smaller is not None:
                kept, found = fewer, smaller
        return found

    def _one(
        self,
        worse: Population,
        kept: set[int],
        *,
        extra: int,
        inputs: Mapping[str, int],
        setting: Setting,
    ) -> Improvement | None:
        after = self._plan.run(_only(worse, kept), self._as_of, inputs, setting=setting)
        before = self._plan.run(_only(worse, kept - {extra}), self._as_of, inputs, setting=setting)
        if not self._better(before, after).size:
            return None
        source = self._sources[extra // SOURCE_STEP]
        records = worse.records[source]
        row = int(np.flatnonzero(records.record_ids == extra)[0])
        record = {name: int(column[row]) for name, column in records.columns.items()}
        return Improvement(source, record, inputs, before, after, self._laid)


def _lifting(before: Evaluation, after: Evaluation, pile: Pile) -> dict[int, NDArray[np.int64]]:
    """Give the records that moved a score towards better grades, though not over an edge yet."""
    first, second, ranks = before.scores(), after.scores(), before.ranks()
    if first is None or second is None:
        return {}
    graded = (ranks > 0) & (first != MISSING)
    if not graded.any():
        return {}
    ends = (ranks[graded].min(), ranks[graded].max())
    best, worst = (first[graded & (ranks == one)].mean() for one in ends)
    both = (before.states() == RESULT) & (after.states() == RESULT)
    lifted = both & ((second > first) if best > worst else (second < first))
    lifted &= bool(best != worst)
    return {
        int(position): pile.patterns[lifted & (pile.positions == position)]
        for position in np.unique(pile.positions[lifted])
    }


def _merged(one: RecordColumns, more: RecordColumns) -> RecordColumns:
    """Put records beside others; theirs are the later identifiers."""
    subjects = np.concatenate([one.subjects, more.subjects])
    days = np.concatenate([one.columns["event_date"], more.columns["event_date"]])
    ids = np.concatenate([one.record_ids, more.record_ids + one.record_ids.size])
    order = np.lexsort((days, subjects))
    columns = {
        name: np.concatenate([column, more.columns[name]])[order]
        for name, column in one.columns.items()
    }
    return RecordColumns(ids[order], subjects[order], columns)


def _alone(population: Population, position: int) -> Population:
    """Give one subject of a population."""
    attributes = {name: one[position : position + 1] for name, one in population.attributes.items()}
    records = {
        source: _chosen(one, one.subjects == position) for source, one in population.records.items()
    }
    return Population(1, attributes, records)


def _only(one: Population, kept: set[int]) -> Population:
    """Give an enterprise with some of its records alone."""
    wanted = sorted(kept)
    records = {
        source: _chosen(records, np.isin(records.record_ids, wanted))
        for source, records in one.records.items()
    }
    return Population(1, one.attributes, records)


def _chosen(records: RecordColumns, kept: NDArray[np.bool_]) -> RecordColumns:
    return RecordColumns(
        records.record_ids[kept],
        np.zeros(int(kept.sum()), dtype=np.int64),
        {name: column[kept] for name, column in records.columns.items()},
    )
