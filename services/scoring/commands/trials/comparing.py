"""Two evaluations of the same subjects side by side: who moves, where to, and by which clauses."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.engine.evaluation import NO_DATA, RESULT, Evaluation
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain
from services.engine.language import Source, Wording
from services.engine.numbers import MISSING
from services.engine.population import Population
from services.scoring.commands.evaluating import CANDIDATE, Outcome, evaluate
from services.scoring.commands.plain_inputs import plain_inputs
from services.scoring.commands.policies.policy_library import PinnedVersion
from services.scoring.commands.rates.rate_plans import RATE
from services.scoring.commands.rates.worksheet import PREMIUM
from services.scoring.commands.showing import shown_result
from services.scoring.commands.trials.bounded_rates import BoundedRates, bounded_rates
from services.scoring.commands.trials.pairing import LIST, Asked, Pair
from services.scoring.domain.amount import Amount

NO_POLICY: Final = 0
"""Status of a subject where there is no policy to say anything."""

_NEVER_ORDER: Final = 10**6
_DUTIES_MAX: Final = 62


class Movement(IntEnum):
    """How a subject moved."""

    ENTERED = 1
    LEFT = 2
    BETTER = 3
    WORSE = 4
    OTHER = 5


@dataclass(frozen=True, slots=True, order=True)
class ShortResult:
    """What a policy said of a subject, in short.

    Attributes:
        order: Place among the results of the policy, the best first.
        status: 1 for a result, 2 for no data, 3 for not applicable, 0 without a policy.
        label: Grade, status, candidature, duties or factor; empty when none.
    """

    order: int
    status: int
    label: str


@dataclass(frozen=True, slots=True)
class Side:
    """What one version gave for a population; every column is [n].

    Attributes:
        run: Its evaluation; none where no version is in force.
        states: Results, 1 to 3; 0 without a policy.
        results: The short results there are.
        codes: Position of each subject's among them.
        ranks: Place on the ladder; 0 for none.
        candidates: Whether the subject is a candidate of the list.
        premiums: Premium recommended, after all bounds, in fen; `MISSING` for none.
        scores: Score in its smallest unit; `MISSING` for none.
        ladder: Grades from best to worst.
        valid_until: First day on which it may change with nothing new.
        rates: What the bounds make of a rate; none for a policy that is no rate plan.
    """

    run: Evaluation | None
    states: NDArray[np.int64]
    results: tuple[ShortResult, ...]
    codes: NDArray[np.int64]
    ranks: NDArray[np.int64]
    candidates: NDArray[np.bool_]
    premiums: NDArray[np.int64]
    scores: NDArray[np.int64]
    ladder: tuple[str, ...]
    valid_until: NDArray[np.int32]
    rates: BoundedRates | None = None

    def result(self, position: int) -> ShortResult:
        """Give the short result of one subject."""
        return self.results[int(self.codes[position])]

    def score(self, position: int) -> Amount | None:
        """Give the score of one subject; none when there is none."""
        number = int(self.scores[position])
        if number == MISSING or self.run is None or self.run.plan.score is None:
            return None
        return Amount(number, self.run.plan.score.places)

    def premium_fen(self, position: int) -> int | None:
        """Give the premium of one subject; none when there is none."""
        number = int(self.premiums[position])
        return None if number == MISSING else number

    def lines(self, position: int, bounds: Collection[str]) -> tuple[ExplainedLine, ...]:
        """Explain the result of one subject; without a result there is nothing to explain.

        Args:
            position: Position of the subject.
            bounds: Lines of bounds that are wanted.
        """
        if self.run is None or self.states[position] != RESULT:
            return ()
        of_bounds = () if self.rates is None else self.rates.lines(position, bounds)
        return (*explain(self.run, position, dated=False), *of_bounds)

    def binding(self, position: int) -> frozenset[str]:
        """Name the lines of the bounds at which the premium of one subject stands."""
        return frozenset() if self.rates is None else self.rates.binding(position)

    def lacking(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Say who has no result for want of what, by name of the input."""
        if self.run is None:
            return
        for name, slot in (*self.run.plan.required, *self.run.plan.refusals):
            yield name, (self.states == NO_DATA) & self.run.column(slot).astype(np.bool_)
        yield from () if self.rates is None else self.rates.lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLine:
    """A line of an explanation that differs between the two sides.

    Attributes:
        rule_id: The rule.
        total: Total to which it contributes; empty for none.
        unit: Unit of the amounts.
        live: What it contributed by the live version; none without an amount.
        candidate: What it contributes by the other; none without an amount.
        live_effect: What it set by the live version.
        candidate_effect: What it sets by the other.
        wording: What the rule says.
        source: Where it comes from.
        in_live: Whether the line stood by the live version.
        in_candidate: Whether it stands by the other.
    """

    rule_id: str
    total: str
    unit: str
    live: Amount | None
    candidate: Amount | None
    live_effect: str
    candidate_effect: str
    wording: Wording
    source: Source
    in_live: bool
    in_candidate: bool


class Comparison:
    """Both sides of a pair over one population; every column is [n]."""

    def __init__(
        self,
        pair: Pair,
        population: Population,
        as_of: date,
        *,
        asked: Asked | None = None,
        answers: Mapping[str, NDArray[np.int64]] = MappingProxyType({}),
    ) -> None:
        """Evaluate both sides.

        Args:
            pair: The policy both ways.
            population: Columns that have what both sides need, with divisions for a rate.
            as_of: Day asked for.
            asked: Who counts; none for everybody.
            answers: Columns of what callers answered, by name of the input.
        """
        self.pair = pair
        self.asked = Asked.everybody(population.size) if asked is None else asked
        question = _Question(population, as_of, answers)
        self.live = _no_side(population.size)
        if pair.live is not None:
            self.live = question.side(pair.live, pair.live_bounds)
        self.candidate = question.side(pair.candidate, pair.candidate_bounds)
        # Those who do not count move too.
        self.moves = self._movements()
        self.movements: NDArray[np.int64] = np.where(self.within, self.moves, 0)
        self.changed: NDArray[np.bool_] = self.movements > 0

    @property
    def within(self) -> NDArray[np.bool_]:
        """Say who counts."""
        return self.asked.within

    @property
    def size(self) -> int:
        """Say how many subjects count."""
        return int(np.count_nonzero(self.within))

    def cells(self) -> Mapping[tuple[ShortResult, ShortResult], int]:
        """Count the subjects that went from one result to another."""
        width = len(self.candidate.results)
        pairs, counts = np.unique(
            (self.live.codes * width + self.candidate.codes)[self.within], return_counts=True
        )
        return {
            (self.live.results[pair // width], self.candidate.results[pair % width]): count
            for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
        }

    def weights(self) -> NDArray[np.int64]:
        """Say how far each subject moved; 0 for one that did not."""
        if PREMIUM in self.pair.candidate.plan.outputs:
            return np.where(self.changed, np.abs(self._premium_change()) + 1, 0)
        ranks = np.abs(self.candidate.ranks - self.live.ranks)
        known = (self.live.scores != MISSING) & (self.candidate.scores != MISSING)
        scores = np.where(known, np.abs(self.candidate.scores - self.live.scores), 0)
        steps = np.minimum(ranks, _NEVER_ORDER) * 10**9 + np.minimum(scores, 10**8) + 1
        return np.where(self.changed, steps, 0)

    def moved_lines(self, position: int) -> tuple[MovedLine, ...]:
        """Give the lines of one subject that differ, those that weigh most first."""
        bounds = self.live.binding(position) | self.candidate.binding(position)
        live = _by_rule(self.live.lines(position, bounds))
        candidate = _by_rule(self.candidate.lines(position, bounds))
        found = [
            _moved(live.get(key), candidate.get(key))
            for key in dict.fromkeys((*candidate, *live))
            if not _alike(live.get(key), candidate.get(key))
        ]
        return tuple(sorted(found, key=_line_weight))

    # Private methods -------------------------------------------------------------

    def _premium_change(self) -> NDArray[np.int64]:
        both = (self.live.premiums != MISSING) & (self.candidate.premiums != MISSING)
        return np.where(both, self.candidate.premiums - self.live.premiums, 0)

    def _movements(self) -> NDArray[np.int64]:
        """Say how each subject moved; 0 for one that did not."""
        live, candidate = self.live, self.candidate
        moves = np.where(self._differ(), int(Movement.OTHER), 0)
        if live.ladder == candidate.ladder:
            both = (live.ranks > 0) & (candidate.ranks > 0)
            moves[both & (candidate.ranks < live.ranks)] = Movement.BETTER
            moves[both & (candidate.ranks > live.ranks)] = Movement.WORSE
        change = self._premium_change()
        moves[change < 0] = Movement.BETTER
        moves[change > 0] = Movement.WORSE
        if self.pair.policy.kind == LIST:
            moves[candidate.candidates & ~live.candidates] = Movement.ENTERED
            moves[live.candidates & ~candidate.candidates] = Movement.LEFT
        return moves

    def _differ(self) -> NDArray[np.bool_]:
        """Say where the short results differ in more than their order."""
        same = {
            (position, other)
            for position, one in enumerate(self.live.results)
            for other, two in enumerate(self.candidate.results)
            if (one.status, one.label) == (two.status, two.label)
        }
        table = np.ones((len(self.live.results), len(self.candidate.results)), dtype=np.bool_)
        for one, two in same:
            table[one, two] = False
        return table[self.live.codes, self.candidate.codes]


# Private functions -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Question:
    """What both sides are asked.

    Attributes:
        population: The subjects.
        as_of: Day asked for.
        answers: Columns of what callers answered.
    """

    population: Population
    as_of: date
    answers: Mapping[str, NDArray[np.int64]]

    def side(self, pinned: PinnedVersion, bounds: Sequence[PinnedVersion]) -> Side:
        """Evaluate a version as a question without particulars would, but for the answers."""
        requests = pinned.plan.needs.requests
        told = {name: self.answers[name] for name in requests if name in self.answers}
        given = plain_inputs(pinned, self.population) | told
        outcome = evaluate(pinned, self.population, self.as_of, given)
        states = _states(outcome.evaluation)
        policy = pinned.compiled.policy
        if policy.kind != RATE or policy.bounding:
            return _side(outcome, states, None)
        rates = bounded_rates(outcome, states, bounds, population=self.population, as_of=self.as_of)
        return _side(outcome, rates.states, rates)


def _no_side(size: int) -> Side:
    """Give what no version gives."""
    zeros = np.zeros(size, dtype=np.int64)
    missing = np.full(size, MISSING, dtype=np.int64)
    return Side(
        run=None,
        states=zeros,
        results=(ShortResult(_NEVER_ORDER, NO_POLICY, ""),),
        codes=zeros,
        ranks=zeros,
        candidates=np.zeros(size, dtype=np.bool_),
        premiums=missing,
        scores=missing,
        ladder=(),
        valid_until=np.full(size, np.iinfo(np.int32).max, dtype=np.int32),
    )


def _side(outcome: Outcome, states: NDArray[np.int64], rates: BoundedRates | None) -> Side:
    run = outcome.evaluation
    missing = np.full(run.size, MISSING, dtype=np.int64)
    results, codes = _short(run, states)
    ranks = np.where(states == RESULT, run.ranks(), 0)
    scores = run.scores()
    return Side(
        run=run,
        states=states,
        results=results,
        codes=codes,
        ranks=ranks,
        candidates=_candidates(run, states),
        premiums=missing if rates is None else rates.premiums,
        scores=missing if scores is None else np.where(states == RESULT, scores, MISSING),
        ladder=run.plan.ladder,
        valid_until=outcome.valid_until if rates is None else rates.valid_until,
        rates=rates,
    )


def _states(run: Evaluation) -> NDArray[np.int64]:
    """Give the states; whoever has an input that the policy refuses has no result either."""
    states = run.states().astype(np.int64)
    for _, slot in run.plan.refusals:
        refused = run.column(slot).astype(np.bool_) & (states == RESULT)
        states = np.where(refused, NO_DATA, states)
    return states


def _candidates(run: Evaluation, states: NDArray[np.int64]) -> NDArray[np.bool_]:
    if CANDIDATE not in run.plan.statuses:
        return np.zeros(run.size, dtype=np.bool_)
    number = run.plan.statuses.index(CANDIDATE) + 1
    met: NDArray[np.bool_] = (states == RESULT) & (run.status_numbers() == number)
    return met


def _short(
    run: Evaluation, states: NDArray[np.int64]
) -> tuple[tuple[ShortResult, ...], NDArray[np.int64]]:
    """Give the short results that occur, and the position of each subject's among them."""
    columns = [np.where(states == RESULT, column, 0) for column in _keys(run)]
    table = np.stack([states, *columns], axis=1)
    found, codes = np.unique(table, axis=0, return_inverse=True)
    results = tuple(
        _named(run, state, keys, place) for place, (state, *keys) in enumerate(found.tolist())
    )
    return results, codes.reshape(-1).astype(np.int64)


def _keys(run: Evaluation) -> list[NDArray[np.int64]]:
    """Give columns that are equal where the results are: a grade, a status, duties or numbers."""
    plan = run.plan
    statuses = run.status_numbers().astype(np.int64)
    if plan.grade is not None:
        return [np.where(statuses > 0, len(plan.ladder) + statuses, run.ranks())]
    if plan.statuses:
        return [statuses]
    duties = _duties(run)
    if duties:
        keys = np.zeros(run.size, dtype=np.int64)
        for number, (_, hits) in enumerate(duties):
            keys |= hits.astype(np.int64) << number
        return [keys]
    return [run.output(name).astype(np.int64) for name in _shown_outputs(run)]


def _shown_outputs(run: Evaluation) -> tuple[str, ...]:
    """Name the numbers that are a policy's result; premiums differ from everybody's to everybody's.

    What they do is told by their bands.
    """
    return () if PREMIUM in run.plan.outputs else tuple(run.plan.outputs)


def _named(run: Evaluation, state: int, keys: Sequence[int], place: int) -> ShortResult:
    """Name a result by its state and its keys."""
    plan = run.plan
    if state != RESULT:
        return ShortResult(_NEVER_ORDER + state, state, "")
    duties = _duties(run)
    if plan.grade is not None or plan.statuses:
        words = (*plan.ladder, *plan.statuses)
        (key,) = keys
        return ShortResult(key, state, words[key - 1] if key else "")
    if duties:
        (key,) = keys
        targets = [target for number, (target, _) in enumerate(duties) if key >> number & 1]
        return ShortResult(key, state, ", ".join(targets))
    named = zip(_shown_outputs(run), keys, strict=True)
    values = [(name, shown_result(key, plan.outputs[name])) for name, key in named]
    texts = [f"{name} {value}" for name, value in values if value is not None]
    return ShortResult(place, state, ", ".join(texts))


def _duties(run: Evaluation) -> list[tuple[str, NDArray[Any]]]:
    """Give each duty with whom it binds."""
    found: dict[str, NDArray[Any]] = {}
    for one in run.plan.rules:
        if one.rule.effect != "duty":
            continue
        hits = run.column(one.hit).astype(np.bool_)
        before = found.get(one.rule.target)
        found[one.rule.target] = hits if before is None else before | hits
    return list(found.items())[:_DUTIES_MAX]


LineKey = tuple[str, str]


def _by_rule(lines: Iterable[ExplainedLine]) -> dict[LineKey, ExplainedLine]:
    return {(line.rule_id, line.total): line for line in lines}


def _alike(live: ExplainedLine | None, candidate: ExplainedLine | None) -> bool:
    if live is None or candidate is None:
        return live is candidate
    return (_amount(live), live.effect) == (_amount(candidate), candidate.effect)


def _amount(line: ExplainedLine | None) -> Amount | None:
    return None if line is None else Amount.of(line.amount, line.places)


def _moved(live: ExplainedLine | None, candidate: ExplainedLine | None) -> MovedLine:
    line = candidate or live
    assert line is not None, "a line that moved stands on one side"
    return MovedLine(
        rule_id=line.rule_id,
        total=line.total,
        unit=line.unit,
        live=_amount(live),
        candidate=_amount(candidate),
        live_effect="" if live is None else live.effect,
        candidate_effect="" if candidate is None else candidate.effect,
        wording=line.wording,
        source=line.source,
        in_live=live is not None,
        in_candidate=candidate is not None,
    )


def _line_weight(line: MovedLine) -> tuple[bool, int, str]:
    """Sort what sets something before what adds, and the greater change before the smaller."""
    change = _number(line.candidate) - _number(line.live)
    return bool(line.total), -abs(change), line.rule_id


def _number(amount: Amount | None) -> int:
    return 0 if amount is None else amount.number
