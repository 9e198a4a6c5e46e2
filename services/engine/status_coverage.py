"""Which statuses outside the ladder can hold together: then the version says which one counts."""

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from services.engine.errors import Problem, problem_at
from services.engine.language import Rule, Version
from services.engine.sampling import Sampler, TooManyError
from services.engine.scales import statuses_of

_CODE: Final = "missing-statuses"


def check_statuses(version: Version, sampler: Sampler, file: str) -> Iterator[Problem]:
    """Look whether a version says what of several statuses counts, where more than one can hold.

    Args:
        version: The version.
        sampler: Gives samples of what its rules compare.
        file: Name for problems.
    """
    if version.statuses:
        yield from _named(version, file)
        return
    rules = [rule for rule in version.rules if rule.effect == "status"]
    for earlier, later in combinations(rules, 2):
        if earlier.target != later.target and (words := _together(earlier, later, sampler)):
            message = f"{earlier.id} sets {earlier.target!r}, {later.id} {later.target!r}, {words}"
            yield problem_at(file, later.place, _CODE, message + _ADVICE)
    beyond = "clamp" if version.grade is None else version.grade.beyond
    for rule in rules:
        if beyond not in {"clamp", rule.target}:
            message = f"{rule.id} sets {rule.target!r}, and a grade off the ladder is {beyond!r}"
            yield problem_at(file, rule.place, _CODE, message + _ADVICE)


# Private functions and values ---------------------------------------------------

_ADVICE: Final = "; write 'statuses' with all of them, the one first that goes over the others"


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


def _together(earlier: Rule, later: Rule, sampler: Sampler) -> str:
    """Say where two rules can hold together; nothing if they cannot."""
    try:
        sampled = sampler.sample([earlier.when, later.when])
        every = range(len(sampled.variables))
        ends = sampled.spread((sampled.allowed, *sampled.formulas), every)
    except TooManyError:
        return "and nobody can try whether both hold at once"
    witness = ends.get((True, True, True))
    if witness is None:
        return ""
    words = sampled.describe(witness)
    return f"and both can hold{f', where {words}' if words else ''}"
