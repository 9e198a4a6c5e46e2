"""Values that may be missing though all they are made from is there, and what is said of that.

A division by zero has no value, and neither has the root of a negative number, or the time to a
day that lies before. Comparisons
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
    Either,
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
from services.engine.spans import always_raised
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
    asked = asked_names(version)
    counting = _counting(version)
    # Whom the version is not for gets no result by it, whatever is worked out.
    never_zero = _nonzero(version.applies)
    for value in version.values.values():
        if value.name in counting and value.if_none is None and value.name not in asked:
            sure = never_zero | _guarded(value.name, version)
            for one in _valueless(value.expression, extents, sure):
                advice = "say with 'if_none' what holds then: no_data, unknown or what stands in"
                yield _problem(policy, one, f"{value.name!r} {_why(one)}; {advice}")
    for group in version.children.values():
        inside = ChildExtents(extents, group)
        bands = () if group.grade is None else group.grade.start
        compared = {one.name for band in bands for one in comparisons(band.when)}
        # A name of the children is theirs, whatever the enterprise has by it.
        theirs = never_zero - {*group.measures, *group.values}
        for name in sorted(compared & set(group.values) - asked):
            for one in _valueless(group.values[name].expression, inside, theirs):
                advice = "choose with 'if' what holds then"
                yield _problem(policy, one, f"{name!r} of a child {_why(one)}; {advice}")
    for expression, where in _written_out(version):
        for one in _valueless(expression, extents, never_zero | _nonzero(where)):
            yield _problem(
                policy, one, f"it {_why(one)}; make it a value of its own, with 'if_none'"
            )


def scores_without_word(version: Version) -> tuple[str, ...]:
    """Name totals, and the score, that a grade hangs on without a word for where they are missing.

    There is no grade where one of them has no value: the last band would not be meant for that, and
    steps down that nobody can count are not none.
    """
    grade = version.grade
    steps = (grade.steps_down,) if grade is not None and grade.steps_down else ()
    compared = [one for band in (grade.start if grade else ()) for one in comparisons(band.when)]
    asked = {one.name for one in compared if one.comparator == "known"}
    totals = {name for name, total in version.totals.items() if total.combine != MEAN}
    score = version.values.get(version.score)
    if score is not None and score.if_none is None:
        totals.add(score.name)
    found = (one.name for one in compared if one.name in totals - asked)
    return tuple(dict.fromkeys((*found, *steps)))


# Private functions -----------------------------------------------------------


_Valueless = Operation | Elapsed


def _why(one: _Valueless) -> str:
    if isinstance(one, Operation) and one.operator == "power":
        return "has no value for the root of a negative number, nor for 0 to a negative power"
    if isinstance(one, Operation):
        return "has no value where it divides by 0"
    return "has no value where the time would end before it begins"


def _problem(policy: Policy, one: _Valueless, message: str) -> Problem:
    return problem_at(policy.file, one.place, "missing-if-none", message)


def asked_names(version: Version) -> frozenset[str]:
    """Name what the version says a word of for where it is missing, by asking whether it is known.

    A choice, a band or a row that asks leaves another for where it is not; a rule that asks
    whether something is known leaves nothing, one that asks whether it is not known says a word.
    """
    others = [rule for rule in version.rules if not _averaged(rule, version)]
    elsewhere = tuple(
        replace(rule, when=Every(())) if rule in others else rule for rule in version.rules
    )
    compared = all_comparisons(replace(version, rules=elsewhere))
    found = {one.name for one in compared if one.comparator == "known"}
    return frozenset(found).union(*(_asked_in(rule.when, known=False) for rule in others))


def _asked_in(condition: Condition, *, known: bool) -> Iterator[str]:
    """Name what a condition asks for being known, or for not being so."""
    match condition:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _asked_in(part, known=known)
        case Negation(part):
            yield from _asked_in(part, known=not known)
        case Comparison(name, "known", (Literal(value),)) if value is known:
            yield name
        case _:
            return


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


def _guarded(name: str, version: Version) -> frozenset[str]:
    """Name what cannot be zero wherever a value counts: what every rule that uses it rules out."""
    alone = replace(version, outputs={}, score="")
    if name in used_names(replace(alone, rules=())):
        return frozenset()
    bare = replace(alone, values={}, totals={}, tables={}, indicators={}, inputs={}, children={})
    bare = replace(bare, grade=None, applies=Every(()))
    using = [rule for rule in version.rules if name in used_names(replace(bare, rules=(rule,)))]
    return frozenset.intersection(*(_nonzero(rule.when) for rule in using))


def _averaged(rule: Rule, version: Version) -> bool:
    total = version.totals.get(rule.total)
    return total is not None and total.combine == MEAN


def _unaveraged(rule: Rule, version: Version) -> Rule:
    return replace(rule, amount=None, weight=None) if _averaged(rule, version) else rule


def _written_out(version: Version) -> Iterator[tuple[Expression, Condition]]:
    """Give what is worked out in a rule, a total or a band itself, and where that counts."""
    always = Every(())
    given: list[tuple[Expression | str | None, Condition]] = []
    for rule in (_unaveraged(one, version) for one in version.rules):
        given += [(one, rule.when) for one in (rule.amount, *_operands(rule.when))]
    for total in version.totals.values():
        bounds = (total.start, total.at_least, total.at_most, total.if_none)
        given += [(one, always) for one in bounds]
    if version.grade is not None:
        given.append((version.grade.start_rank, always))
        for band in version.grade.start:
            given += [(one, always) for one in _operands(band.when)]
    yield from ((one, where) for one, where in given if not isinstance(one, str | None))


def _operands(condition: Condition) -> list[Expression]:
    return [operand for one in comparisons(condition) for operand in one.operands]


def _valueless(
    expression: Expression, extents: Extents, never_zero: frozenset[str]
) -> Iterator[_Valueless]:
    """Give each division by what may be zero, each power that may have no value, each such time."""
    match expression:
        case Operation(operator, operands):
            if operator == "divide" and not _sure(operands[1], extents, never_zero):
                yield expression
            if operator == "power" and not always_raised(*map(extents.expression, operands)):
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
        case Every(parts) | Negation(Either(parts)):
            one_by_one = parts if isinstance(condition, Every) else map(Negation, parts)
            return frozenset[str]().union(*map(_nonzero, one_by_one))
        case Either(parts) | Negation(Every(parts)) if parts:
            one_by_one = parts if isinstance(condition, Either) else map(Negation, parts)
            return frozenset.intersection(*map(_nonzero, one_by_one))
        case Negation(Negation(part)):
            return _nonzero(part)
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
