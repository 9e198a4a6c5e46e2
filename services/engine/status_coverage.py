"""Which statuses outside the ladder can hold together: then the version says which one counts.

Names are tried apart from each other. So where two rest on one thing, and may exclude each other,
enterprises are drawn: one that meets both is a mistake, and where none is found, a warning stands.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Final

import numpy as np

from services.engine.drawing import Drawer
from services.engine.errors import Problem, problem_at
from services.engine.evaluation import RESULT, Evaluation
from services.engine.language import Rule, Version
from services.engine.monotone_problems import well_inside
from services.engine.plan import Plan
from services.engine.sampling import Sampled, Sampler, TooManyError, Witness
from services.engine.scales import statuses_of
from services.engine.unfolding import unfolded
from services.engine.vocabulary import Vocabulary

Meet = Callable[[Rule, Rule], bool]
"""Says whether some drawn enterprise meets two rules."""


def check_statuses(
    version: Version, sampler: Sampler, file: str, *, meet: Meet
) -> Iterator[Problem]:
    """Look whether a version says what of several statuses counts, where more than one can hold.

    Args:
        version: The version.
        sampler: Gives samples of what its rules compare.
        file: Name for problems.
        meet: Draws enterprises, see `drawn_meet`.
    """
    rules = [rule for rule in version.rules if rule.effect == "status"]
    if version.statuses:
        yield from _named(version, file)
        yield from _covered(version, rules, sampler, file)
        return
    for earlier, later in combinations(rules, 2):
        if earlier.target == later.target:
            continue
        words, sure = _together(version, earlier, later, sampler)
        if words:
            sure = sure or meet(earlier, later)
            message = f"{earlier.id} sets {earlier.target!r}, {later.id} {later.target!r}, {words}"
            doubt = "" if sure else ", if that can come about"
            problem = problem_at(file, later.place, _CODE, message + doubt + _ADVICE)
            yield replace(problem, warning=not sure)
    beyond = "clamp" if version.grade is None else version.grade.beyond
    for rule in rules:
        if beyond not in {"clamp", rule.target}:
            message = f"{rule.id} sets {rule.target!r}, and a grade off the ladder is {beyond!r}"
            yield problem_at(file, rule.place, _CODE, message + _ADVICE)


def drawn_meet(plan: Plan, vocabulary: Vocabulary) -> Meet:
    """Give what looks for enterprises that meet two rules; they are drawn when first asked for.

    Args:
        plan: The version, compiled.
        vocabulary: The words that it uses.
    """

    @cache
    def runs() -> tuple[Evaluation, ...]:
        as_of = well_inside(plan.version)
        drawer = Drawer(plan, vocabulary, as_of)
        drawn = [drawer.drawn(_DRAWN, results=results) for results in (False, True)]
        return tuple(plan.run(one.population, as_of, one.inputs) for one in drawn)

    def meet(one: Rule, other: Rule) -> bool:
        hits = [rule.hit for rule in plan.rules if rule.rule is one or rule.rule is other]
        for run in runs():
            met = np.logical_and.reduce([run.column(hit).astype(np.bool_) for hit in hits])
            if np.any(met & (run.states() == RESULT)):
                return True
        return False

    return meet


# Private functions and values ---------------------------------------------------

_CODE: Final = "missing-statuses"
_ADVICE: Final = "; write 'statuses' with all of them, the one first that goes over the others"
_DRAWN: Final = 3000


def _named(version: Version, file: str) -> Iterator[Problem]:
    """Compare what is said of statuses with the statuses that there are."""
    found = statuses_of(version)
    for status in found:
        if version.statuses.count(status) != 1:
            message = f"'statuses' names {status!r} {version.statuses.count(status)} times; once"
            yield problem_at(file, version.place, _CODE, message)
    for status in version.statuses:
        # What a version extends may name more than the rules that are left of it set.
        if status not in found and not version.extends:
            message = f"nothing sets the status {status!r}; there are {', '.join(found) or 'none'}"
            yield problem_at(file, version.place, "unknown-status", message)


def _covered(
    version: Version, rules: Sequence[Rule], sampler: Sampler, file: str
) -> Iterator[Problem]:
    """Find rules of a status that never counts: where they hold, one that goes over it does."""
    places = {status: place for place, status in enumerate(version.statuses)}
    for later in rules:
        for earlier in rules:
            known = earlier.target in places and later.target in places
            if not known or places[earlier.target] >= places[later.target]:
                continue
            if _within(version, later, earlier, sampler):
                message = (
                    f"{later.id} never gives {later.target!r}: wherever it holds, {earlier.id}"
                    f" does, and {earlier.target!r} goes over it; exchange them in 'statuses'"
                )
                yield problem_at(file, later.place, "dead-status", message)
                break


def _within(version: Version, rule: Rule, other: Rule, sampler: Sampler) -> bool:
    """Say whether another rule holds wherever a rule does."""
    try:
        sampled = sampler.sample([unfolded(one.when, version) for one in (rule, other)])
        every = range(len(sampled.variables))
        ends = sampled.spread((sampled.allowed, *sampled.formulas), every)
    except TooManyError:
        return False
    return (True, True, True) in ends and (True, True, False) not in ends


def _together(version: Version, earlier: Rule, later: Rule, sampler: Sampler) -> tuple[str, bool]:
    """Say where two rules can hold together, and whether that is sure; nothing if they cannot."""
    try:
        sampled = sampler.sample([unfolded(rule.when, version) for rule in (earlier, later)])
        every = range(len(sampled.variables))
        ends = sampled.spread((sampled.allowed, *sampled.formulas), every)
    except TooManyError:
        return "and nobody can try whether both hold at once", False
    witness = ends.get((True, True, True))
    if witness is None:
        return "", True
    words = sampled.describe(witness)
    return f"and both can hold{f', where {words}' if words else ''}", _free(sampled, witness)


def _free(sampled: Sampled, witness: Witness) -> bool:
    """Say whether no two names of a witness rest on one thing, so that all can come together."""
    rests_on: dict[str, frozenset[str]] = {}
    for number in witness:
        one = sampled.variables[number]
        rests_on[one.name] = rests_on.get(one.name, frozenset()) | one.rests_on
    return all(not one & other for one, other in combinations(rests_on.values(), 2))
