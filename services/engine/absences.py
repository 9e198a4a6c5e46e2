"""Values that may be missing though all they are made from is there, and what is said of that.

A division by zero has no value, and neither has the time to a day that lies before. Comparisons
with what is missing do not hold, so without a word for it the last band or no rule would count.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from services.engine.combining import MEAN
from services.engine.errors import Problem, problem_at
from services.engine.extents import ChildExtents, Extents, comparisons
from services.engine.language import (
    Choice,
    Comparison,
    Condition,
    Elapsed,
    Every,
    Expression,
    Literal,
    Name,
    Negation,
    Operation,
    Policy,
    Rule,
    Version,
)
from services.engine.plan import Plan
from services.engine.usage import comparisons as all_comparisons
from services.engine.usage import used_names
from services.engine.vocabulary import Vocabulary


def check_absences(policy: Policy, plan: Plan, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Look for what can have no value, counts for more than an output, and has no word for that.

    Args:
        policy: The policy.
        plan: One of its versions, compiled.
        vocabulary: The words that it uses.
    """
    version = plan.version
    extents = Extents(version, plan.types, vocabulary)
    asked = {one.name for one in all_comparisons(version) if one.comparator == "known"}
    counting = _counting(version)
    for value in version.values.values():
        if value.name in counting and value.if_none is None and value.name not in asked:
            for one in _valueless(value.expression, extents, frozenset()):
                advice = "say with 'if_none' what holds then: no_data, unknown or what stands in"
                yield _problem(policy, one, f"{value.name!r} {_why(one)}; {advice}")
    for group in version.children.values():
        inside = ChildExtents(extents, group)
        bands = () if group.grade is None else group.grade.start
        compared = {one.name for band in bands for one in comparisons(band.when)}
        for name in sorted(compared & set(group.values) - asked):
            for one in _valueless(group.values[name].expression, inside, frozenset()):
                advice = "choose with 'if' what holds then"
                yield _problem(policy, one, f"{name!r} of a child {_why(one)}; {advice}")
    for expression in _written_out(version):
        for one in _valueless(expression, extents, frozenset()):
            yield _problem(
                policy, one, f"it {_why(one)}; make it a value of its own, with 'if_none'"
            )


def scores_without_word(version: Version) -> tuple[str, ...]:
    """Name totals, and the score, that bands compare and of which nothing says what holds without.

    There is no grade where one of them has no value: the last band would not be meant for that.
    """
    grade = version.grade
    compared = [one for band in (grade.start if grade else ()) for one in comparisons(band.when)]
    asked = {one.name for one in compared if one.comparator == "known"}
    totals = {name for name, total in version.totals.items() if total.combine != MEAN}
    score = version.values.get(version.score)
    if score is not None and score.if_none is None:
        totals.add(score.name)
    return tuple(dict.fromkeys(one.name for one in compared if one.name in totals - asked))


# Private functions -----------------------------------------------------------


_Valueless = Operation | Elapsed


def _why(one: _Valueless) -> str:
    if isinstance(one, Operation):
        return "has no value where it divides by 0"
    return "has no value where the time would end before it begins"


def _problem(policy: Policy, one: _Valueless, message: str) -> Problem:
    return problem_at(policy.file, one.place, "missing-if-none", message)


def _counting(version: Version) -> frozenset[str]:
    """Name the values that more than outputs rest on, those with a word between them left out."""
    bare = replace(
        version,
        outputs={},
        values={},
        score="",
        # A mean leaves out what has no value, and says itself what it is without anything.
        rules=tuple(_unaveraged(rule, version) for rule in version.rules),
    )
    found: set[str] = set()
    fresh = set(used_names(bare)) & set(version.values)
    while fresh:
        found |= fresh
        passing = {name: version.values[name] for name in fresh}
        rest = {name: one for name, one in passing.items() if one.if_none is None}
        fresh = (set(used_names(replace(bare, values=rest))) & set(version.values)) - found
    return frozenset(found)


def _unaveraged(rule: Rule, version: Version) -> Rule:
    total = version.totals.get(rule.total)
    averaged = total is not None and total.combine == MEAN
    return replace(rule, amount=None, weight=None) if averaged else rule


def _written_out(version: Version) -> Iterator[Expression]:
    """Give what is worked out in a rule, a total or a band itself."""
    given: list[Expression | str | None] = []
    for rule in (_unaveraged(one, version) for one in version.rules):
        given += [rule.amount, *_operands(rule.when)]
    for total in version.totals.values():
        given += [total.start, total.at_least, total.at_most, total.if_none]
    if version.grade is not None:
        given.append(version.grade.start_rank)
        for band in version.grade.start:
            given += _operands(band.when)
    yield from (one for one in given if not isinstance(one, str | None))


def _operands(condition: Condition) -> list[Expression]:
    return [operand for one in comparisons(condition) for operand in one.operands]


def _valueless(
    expression: Expression, extents: Extents, never_zero: frozenset[str]
) -> Iterator[_Valueless]:
    """Give each division by what may be zero, and each time that may end before it begins."""
    match expression:
        case Operation(operator, operands):
            if operator == "divide" and not _sure(operands[1], extents, never_zero):
                yield expression
            for operand in operands:
                yield from _valueless(operand, extents, never_zero)
        case Elapsed(_, _, end) if end is not None:
            yield expression
        case Choice(when, then, otherwise):
            yield from _valueless(then, extents, never_zero | _nonzero(when))
            yield from _valueless(otherwise, extents, never_zero | _nonzero(Negation(when)))
        case _:
            return


def _sure(divisor: Expression, extents: Extents, never_zero: frozenset[str]) -> bool:
    """Say whether a divisor is never zero."""
    if isinstance(divisor, Name) and divisor.name in never_zero:
        return True
    of = extents.expression(divisor)
    return (of.low is not None and of.low > 0) or (of.high is not None and of.high < 0)


def _nonzero(condition: Condition) -> frozenset[str]:
    """Name what cannot be zero where a condition holds."""
    match condition:
        case Every(parts):
            return frozenset[str]().union(*(_nonzero(part) for part in parts))
        case Negation(Every((part,))):
            return _nonzero(Negation(part))
        case Negation(Comparison(name, "is", (operand,))) if _number(operand) == 0:
            return frozenset({name})
        case Negation(Comparison(name, "at_most", (operand,))) if _number(operand) >= 0:
            return frozenset({name})
        case Negation(Comparison(name, "below", (operand,))) if _number(operand) > 0:
            return frozenset({name})
        case Comparison(name, "above", (operand,)) if _number(operand) >= 0:
            return frozenset({name})
        case Comparison(name, "at_least" | "is", (operand,)) if _number(operand) > 0:
            return frozenset({name})
        case _:
            return frozenset()


def _number(operand: Expression) -> Decimal:
    """Give a number that is written down; less than any that matters here for anything else."""
    if isinstance(operand, Literal) and isinstance(operand.value, int | Decimal):
        return Decimal(operand.value)
    return Decimal(-1)
