"""Missing is never the best: what is not known of somebody gives no better start than what is.

A comparison with what is missing does not hold, so the band that is open takes whoever lacks it;
where that is the best one, those who report nothing stand there. A band that asks whether it is
known says that it is meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import Final

from services.engine.absences import asked_names
from services.engine.errors import Problem, problem_at
from services.engine.extents import comparisons
from services.engine.formulas import Formula
from services.engine.language import (
    Comparison,
    Condition,
    Every,
    Expression,
    Indicator,
    Literal,
    Name,
    Value,
    Version,
)
from services.engine.sampling import Sampled, Sampler, TooManyError
from services.engine.unfolding import unfolded
from services.engine.usage import used_names
from services.engine.vocabulary import Vocabulary

MISSING_IS_BEST: Final = "missing-is-best"
"""Code of a warning: who lacks something starts better than who is known to have most of it."""


def check_favouring(
    version: Version, sampler: Sampler, vocabulary: Vocabulary, file: str
) -> Iterator[Problem]:
    """Look for inputs and indicators without which a grade starts best, and with which lower.

    Looked at is the start alone, and what values and tables it is made of; a rule that does not
    hold for what is missing, says so by what it asks.

    Records that speak against somebody may be missing at their best: nobody has any.

    Args:
        version: The version.
        sampler: Gives samples of what its bands compare.
        vocabulary: The words that it uses.
        file: Name for problems.
    """
    grade = version.grade
    if grade is None:
        return
    best = grade.ladder[0]
    starts: _Starts = [(grade.ladder.index(band.grade), band.when) for band in grade.start]
    if grade.start_rank is not None:
        version, starts = _by_place(version, grade.start_rank, len(grade.ladder))
    at = next((band.place for band in grade.start if band.grade == best), grade.place)
    meant = _meant(version) | _of_adverse(version, vocabulary)
    for name, words in _favouring(version, starts, sampler, meant):
        message = (
            f"the grade starts at {best!r}, the best, where {name!r} is not known, and lower where"
            f" {words}; say what holds then: no_data or what stands in where it comes from, or a"
            f" band or an 'if' that asks {{{name}: {{known: false}}}}"
        )
        yield replace(problem_at(file, at, MISSING_IS_BEST, message), warning=True)


# Private functions and values ---------------------------------------------------

_Starts = Sequence[tuple[int, Condition]]
"""Places on the ladder, 0 the best, each with its condition: the first that holds."""

_START: Final = "the place at which it starts"
"""Name of the number that is the start; no file can have it."""


def _by_place(version: Version, place: Expression, grades: int) -> tuple[Version, _Starts]:
    """Write a start that is a number as bands."""
    at = version.place
    start = Value(name=_START, expression=place, unit="", source=version.source, place=at)
    starts = [
        (n, Comparison(_START, "at_most", (Literal(value=n + 1, place=at),), at))
        for n in range(grades)
    ]
    return replace(version, values={**version.values, _START: start}), starts


def _favouring(
    version: Version, starts: _Starts, sampler: Sampler, meant: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Give what is the best where it is missing, and a value with which it is not."""
    told = [unfolded(one, version) for one in (version.applies, *(when for _, when in starts))]
    sampled = sampler.sample(told)
    for number, one in enumerate(sampled.variables):
        wanted = one.name in version.inputs or one.name in version.indicators
        if one.about != "known" or not wanted or one.name in meant:
            continue
        try:
            words = _lower_with(sampled, number, [place for place, _ in starts])
        except TooManyError:
            continue
        if words:
            yield one.name, words


def _lower_with(sampled: Sampled, known: int, places: Sequence[int]) -> str:
    """Write a value with which the start is lower, where without it it is the best."""
    variables = sampled.variables
    name = variables[known].name
    own = [n for n, one in enumerate(variables) if one.name == name and n != known]
    others = [n for n, one in enumerate(variables) if one.name != name]
    there, absent = (variables[known].samples.index(sample) for sample in (1, 0))
    tried = [range(len(variables[n].samples)) for n in own]
    if prod(len(one) for one in tried) > _VALUES_MOST:
        raise TooManyError
    given = [{known: there, **dict(zip(own, one, strict=True))} for one in product(*tried)]
    # What holds without it and with each of its values, all others being equal.
    held: list[Formula] = []
    for witness in ({known: absent, **dict.fromkeys(own, 0)}, *given):
        formulas = (sampled.allowed, *sampled.formulas)
        held += [sampled.value(one, witness) for one in formulas]
    width = 1 + len(sampled.formulas)
    for end in sampled.spread(held, others):
        found = [_place(end[at : at + width], places) for at in range(0, len(end), width)]
        lower = max(range(1, len(found)), key=lambda n: found[n] or 0)
        if found[0] == 0 and found[lower]:
            value = {n: sample for n, sample in given[lower - 1].items() if n != known}
            return sampled.describe(value)
    return ""


def _place(held: Sequence[Formula], places: Sequence[int]) -> int | None:
    """Give the place of the first band that holds; nothing for whom there is no start."""
    allowed, applies, *bands = held
    if allowed is not True or applies is not True:
        return None
    return next((place for place, one in zip(places, bands, strict=True) if one is True), None)


_VALUES_MOST: Final = 100
"""House limit: values of one name, as many as a word set has, that are held against its absence."""


def _meant(version: Version) -> frozenset[str]:
    """Name what the version asks being known, and what values rest on of which it asks so."""
    found: frozenset[str] = frozenset()
    bare = Version(
        version=version.version,
        start_date=version.start_date,
        end_date=None,
        source=version.source,
        applies=Every(()),
    )
    fresh = asked_names(version)
    while fresh:
        found |= fresh
        values = {name: version.values[name] for name in fresh if name in version.values}
        fresh = used_names(replace(bare, values=values)) - found
    return found


def _of_adverse(version: Version, vocabulary: Vocabulary) -> frozenset[str]:
    """Name the indicators that only records that speak against somebody give a value."""
    return frozenset(
        name
        for name, one in version.indicators.items()
        if one.over or all(_speaks_against(kind, one, vocabulary) for kind in one.kinds)
    )


def _speaks_against(kind: str, indicator: Indicator, vocabulary: Vocabulary) -> bool:
    """Say whether the records of a kind that an indicator counts are adverse."""
    codes = vocabulary.adverse.get(kind)
    if codes is None:
        return False
    asked = comparisons(indicator.where)
    for attribute, number in codes.items():
        numbers = vocabulary.code_numbers[vocabulary.kinds[kind].attributes[attribute].codes]
        words = [
            operand.name
            for one in asked
            if one.name == attribute
            for operand in one.operands
            if isinstance(operand, Name)
        ]
        if number not in {numbers.get(word) for word in words}:
            return False
    return True
