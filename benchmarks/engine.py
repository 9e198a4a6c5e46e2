"""The engine against NumPy code written by hand for the same rules."""

from collections.abc import Callable
from math import inf
from time import perf_counter

import numpy as np

from benchmarks import chaoyang
from benchmarks.workload import AS_OF, by_hand, compiled, facts
from services.engine.explaining import explain

_SUBJECTS, _RECORDS = 1_000_000, 5_000_000
_ROUNDS, _CALLS = 5, 500


def run() -> list[str]:
    """Measure, and give the lines of the report."""
    return [*_one(), *chaoyang.run(), *_million()]


# Private functions -----------------------------------------------------------


def _best(*functions: Callable[[], object], calls: int = 1, rounds: int = _ROUNDS) -> list[float]:
    """Give the least time of a call of each function, in seconds.

    The functions take turns, so that a change of the machine's speed meets them all.
    """
    best = [inf] * len(functions)
    for _ in range(rounds):
        for place, function in enumerate(functions):
            start = perf_counter()
            for _ in range(calls):
                function()
            best[place] = min(best[place], (perf_counter() - start) / calls)
    return best


def _one() -> list[str]:
    plan, population = compiled(), facts(1, 10)

    def explained() -> object:
        evaluation = plan.run(population, AS_OF)
        evaluation.ranks()
        return explain(evaluation, 0)

    lines = len(explain(plan.run(population, AS_OF), 0))
    (seconds,) = _best(explained, calls=_CALLS)
    report = (
        f"engine: one enterprise, 10 records, 15 rules, explained in {lines} lines:"
        f" {seconds * 1e3:.3f} ms (at most 0.3)"
    )
    return [report]


def _million() -> list[str]:
    plan, population = compiled(), facts(_SUBJECTS, _RECORDS)
    results = plan.results(population, AS_OF, with_valid_until=False)
    score, grade = by_hand(population)
    assert plan.score is not None, "the workload has a score"
    assert np.array_equal(results.scores, score * 10**plan.score.places), "both ways must agree"
    assert np.array_equal(results.ranks, grade), "both ways must agree"

    ours, theirs = _best(
        lambda: plan.results(population, AS_OF, with_valid_until=False),
        lambda: by_hand(population),
        rounds=2 * _ROUNDS,
    )
    report = (
        f"engine: {_SUBJECTS:,} enterprises, {_RECORDS:,} records, 15 rules: {ours:.3f} s;"
        f" by hand {theirs:.3f} s; ratio {ours / theirs:.2f} (at most 2)"
    )
    return [report]
