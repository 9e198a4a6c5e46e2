"""Worse records never give a better result: a search for facts that break this.

Facts and inputs are drawn at the edges that a policy speaks of, records that fit an indicator are
piled up as high as what it is compared with; then one adverse record is added to each subject, and
no subject may come out better. The draw is seeded, so a finding can be repeated.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.engine.cases import Case
from services.engine.climbing import Climber
from services.engine.comparing import BEST_FIRST, Compared
from services.engine.drawing import SOURCE_STEP, Drawer, Drawn
from services.engine.evaluation import NOT_APPLICABLE, RESULT, Evaluation
from services.engine.frames import Setting
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.population import Population, RecordColumns
from services.engine.seeding import Sower, merged
from services.engine.stacking import Pile, Piler
from services.engine.vocabulary import Vocabulary, split_source

NOT_APPLYING: Final = "applies"
"""Stands for the condition of a version where it does not apply, among what is lacking."""

_PLACES: Final = frozenset({"grade", "place"})
_SUBJECTS: Final = 3000
_PILES: Final = 4200
_ROUNDS: Final = 3
_LEAST_PERCENT: Final = 1
_TRIED_MOST: Final = 400
_LOOKED_AT_MOST: Final = 24


@dataclass(frozen=True, slots=True)
class Improvement:
    """An adverse record that made a result better, with as little beside it as still shows it.

    Attributes:
        source: Whose record it is, see `vocabulary.record_source`.
        record: Its attributes as numbers.
        inputs: What a caller would tell, by name of the input.
        before: The result without it, of one subject.
        after: The result with it.
        compared: What of them was compared.
        grade: Input of another policy's grade or ordered word that is a place lower instead; empty
            for a record.
    """

    source: str
    record: Mapping[str, int]
    inputs: Mapping[str, int]
    before: Evaluation
    after: Evaluation
    compared: Compared
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to.

    Attributes:
        improvement: What it found; none for nothing.
        drawn: Number of enterprises that were compared with and without a record.
        settled: Number of those that had a result both times.
        lacking: How many of the others lack each input, or are no matter of the policy.
        open: How many had a result that could get better or worse, by what was added to them: the
            source of a record, or the input of a grade.
        standings: What grades and statuses they had, as place on the ladder and number of status.
    """

    improvement: Improvement | None = None
    drawn: int = 0
    settled: int = 0
    lacking: Mapping[str, int] = field(default_factory=dict)
    open: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    standings: frozenset[tuple[int, int]] = frozenset()

    @property
    def empty(self) -> bool:
        """Say whether hardly anything was compared, so that finding nothing means nothing."""
        return self.settled * 100 < self.drawn * _LEAST_PERCENT

    @property
    def closed(self) -> tuple[str, ...]:
        """Name what was added to hardly anybody in whom a slip could show."""
        return tuple(
            name
            for name, (open_, drawn) in self.open.items()
            if open_ * 100 < drawn * _LEAST_PERCENT
        )


def search(
    plan: Plan,
    vocabulary: Vocabulary,
    as_of: int,
    *,
    compared: Compared,
    cases: Sequence[Case] = (),
) -> Search:
    """Search for an adverse record that improves the result, and tell how much was compared.

    Args:
        plan: The policy.
        vocabulary: The words that it uses.
        as_of: A day on which it is in force.
        compared: What of a result is compared, and what is better.
        cases: Golden cases of days on which it is in force; near them is looked, too.
    """
    searcher = _Searcher(plan, vocabulary, as_of, compared=compared)
    improvement = searcher.near_cases(cases) or searcher.improvement()
    return Search(
        improvement,
        searcher.drawn,
        searcher.settled,
        dict(searcher.lacking),
        {name: (searcher.opened[name], count) for name, count in searcher.tried.items()},
        frozenset(searcher.standings),
    )


# Private functions -----------------------------------------------------------


class _Searcher:
    def __init__(
        self, plan: Plan, vocabulary: Vocabulary, as_of: int, *, compared: Compared
    ) -> None:
        self._plan = plan
        self._vocabulary = vocabulary
        self._as_of = as_of
        self._compared_by = compared
        self._sources = sorted(plan.needs.records)
        self._grades = dict(_taken_grades(plan))
        self._adverse = [one for one in self._sources if split_source(one)[0] in vocabulary.adverse]
        self._drawer = Drawer(plan, vocabulary, as_of)
        self.drawn = 0
        self.settled = 0
        self.lacking: Counter[str] = Counter()
        self.opened: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        self.standings: set[tuple[int, int]] = set()

    def near_cases(self, cases: Sequence[Case]) -> Improvement | None:
        """Add to the enterprises of golden cases, on their own days."""
        if not cases or not (self._adverse or self._grades):
            return None
        asked = self._as_of
        for sown in Sower(self._plan, self._vocabulary, cases).sown():
            self._as_of = sown.day
            setting = self._setting(sown.before)
            before = self._run(sown.before, setting)
            found = self._lowered(sown.before, before, setting) or self._added(
                sown.before, before, setting, sown.more
            )
            if found is not None:
                return found
        self._as_of = asked
        return None

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
        for name, worse in self._grades.items():
            places = drawn.inputs[name]
            numbers = self._plan.words.get(name, {"": np.iinfo(np.int64).max}).values()
            lowest = max(numbers) if worse > 0 else min(numbers)
            lower = (places > 0) & (places != lowest)
            inputs = {**drawn.inputs, name: np.where(lower, places + worse, places)}
            after = self._run(Drawn(drawn.population, inputs), setting)
            self._note(before, after, np.full(places.size, name))
            for position in self._looked_at(before, after):
                found = self._lowered_alone(drawn, inputs, position, setting=setting, grade=name)
                if self._compared_by.counts(found.before, found.after):
                    return found
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
        return Improvement("", {}, first, before, after, self._compared_by, grade)

    def _single(self, drawn: Drawn, before: Evaluation, setting: Setting) -> Improvement | None:
        """Add one drawn record of each kind to every enterprise."""
        everybody = np.arange(drawn.population.size)
        for source in self._adverse:
            more = self._drawer.adverse(source, everybody, self._sources.index(source))
            found = self._added(drawn, before, setting, {source: more})
            if found is not None:
                return found
        return None

    def _added(
        self,
        drawn: Drawn,
        before: Evaluation,
        setting: Setting,
        more: Mapping[str, RecordColumns],
    ) -> Improvement | None:
        """Add records to enterprises, at most one to each."""
        base, records = drawn.population, dict(drawn.population.records)
        extra = np.full(base.size, -1)
        for source, added in more.items():
            # What was there first has the smaller identifiers.
            extra[added.subjects] = added.record_ids + records[source].record_ids.size
            records[source] = merged(records[source], added)
        worse = Drawn(Population(base.size, base.attributes, records), drawn.inputs)
        after = self._run(worse, setting)
        return self._compared(before, after, worse=worse, extra=extra, setting=setting)

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
        self._note(before, after, np.array(self._sources)[extra // SOURCE_STEP])
        for position in self._looked_at(before, after):
            inputs = {name: int(column[position]) for name, column in worse.inputs.items()}
            alone = _alone(worse.population, position)
            one = Setting(peers=setting.peers, earlier=partial(_told, inputs))
            found = self._least(alone, int(extra[position]), inputs, setting=one)
            if found is not None:
                return found
        return None

    def _note(self, before: Evaluation, after: Evaluation, added: NDArray[np.str_]) -> None:
        """Count how many had a result both times, and what the others lack."""
        both = (before.states() == RESULT) & (after.states() == RESULT)
        self.drawn += both.size
        self.settled += int(both.sum())
        statuses = len(self._plan.statuses) + 1
        for run in (before, after):
            counted = np.bincount((run.ranks() * statuses + run.status_numbers())[both])
            self.standings |= {divmod(one, statuses) for one in np.flatnonzero(counted).tolist()}
        self.lacking[NOT_APPLYING] += int((before.states() == NOT_APPLICABLE).sum())
        for name, slot in self._plan.required:
            self.lacking[name] += int(np.count_nonzero(before.column(slot)))
        self.tried.update(added.tolist())
        self.opened.update(added[self._compared_by.open(before, after)].tolist())

    def _looked_at(self, before: Evaluation, after: Evaluation) -> list[int]:
        """Choose of those that are better: one, or some of all where not each is looked for."""
        better = self._better(before, after)
        if self._compared_by.wanted is None:
            return [int(one) for one in better[:1]]
        places = np.linspace(0, better.size - 1, min(_LOOKED_AT_MOST, better.size))
        return [int(one) for one in better[places.astype(np.int64)]]

    def _better(self, before: Evaluation, after: Evaluation) -> NDArray[np.intp]:
        return np.flatnonzero(self._compared_by.better(before, after))

    # The case found ----------------------------------------------------------------

    def _least(
        self, worse: Population, extra: int, inputs: Mapping[str, int], *, setting: Setting
    ) -> Improvement | None:
        """Leave out every record without which the improvement still shows; nothing if unwanted."""
        kept = {one for records in worse.records.values() for one in records.record_ids.tolist()}
        kinds = [set(records.record_ids.tolist()) for records in worse.records.values()]
        groups = [*kinds, *({one} for one in sorted(kept))]
        one = partial(self._one, worse, extra=extra, inputs=inputs, setting=setting)
        found = one(kept)
        assert found or self._compared_by.wanted, "one enterprise gives what it gave among many"
        if found is None:
            return None
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
        if not self._better(before, after).size or not self._compared_by.counts(before, after):
            return None
        source = self._sources[extra // SOURCE_STEP]
        records = worse.records[source]
        row = int(np.flatnonzero(records.record_ids == extra)[0])
        record = {name: int(column[row]) for name, column in records.columns.items()}
        return Improvement(source, record, inputs, before, after, self._compared_by)


def _taken_grades(plan: Plan) -> Iterator[tuple[str, int]]:
    """Give inputs of another policy's grades and ordered words, and the way to the next worse."""
    for name, one in plan.version.inputs.items():
        if one.origin != "policy":
            continue
        codes = plan.version.codes.get(one.codes)
        if one.attribute in _PLACES:
            yield name, 1
        elif codes is not None and codes.order:
            yield name, 1 if codes.order == BEST_FIRST else -1


def _told(inputs: Mapping[str, int], _day: int) -> Mapping[str, int]:
    return inputs


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
