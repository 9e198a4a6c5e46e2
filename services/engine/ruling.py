"""Compiling rules: when each holds, what it adds, and how many records it asks for or allows."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.engine.assembly import Ref
from services.engine.combining import MEAN
from services.engine.conditions import Scope
from services.engine.language import Comparison, Condition, Every, Rule, Version, compared
from services.engine.plan import RulePlan, Selection


def compile_rule(
    rule: Rule, version: Version, scope: Scope, selections: Sequence[Selection]
) -> RulePlan:
    """Compile a rule.

    Args:
        rule: What the file says.
        version: The version that it stands in.
        scope: Scope of the subjects.
        selections: What the indicators count; gets what those that the rule names count.
    """
    before = scope.assembly.moved
    with scope.assembly.noting() as changes:
        when = scope.condition(rule.when)
        behind, amount = when.selections, None
        if rule.amount is not None:
            amount = _amount(rule, version, scope)
            behind |= amount.selections
    weight = _weight(rule, version, scope)
    _check_effect(rule, version, scope)
    parts = rule.when.parts if isinstance(rule.when, Every) else (rule.when,)
    most = _most(rule.when, scope, version)
    fixed = amount is None or amount.constant is not None
    least = _least(rule.when, scope, version) if fixed else {}
    # What a filter says of the day asked for is known of the records that pass it now, no others.
    by_day = any(selections[number].watched for number in behind)
    turned = any(_turned(rule.when, scope, version, frozenset(most)))
    return RulePlan(
        rule,
        when.slot,
        amount.slot if amount else _NONE,
        tuple(sorted(behind)),
        bound=amount.bound if amount else None,
        optional=amount.optional if amount else False,
        weight=weight,
        parts=tuple((compared(part), scope.condition(part).slot) for part in parts),
        enough=least,
        most=most,
        timed=by_day or (fixed and turned) or scope.assembly.moved != before,
        whole=not fixed,
        changes=frozenset(changes),
    )


# Private functions -----------------------------------------------------------

_NONE: Final = -1

_AT_LEAST: Final = {"at_least": 0, "above": 1, "is": 0}
_AT_MOST: Final = {"at_most": 0, "below": -1, "is": 0}
_LOW: Final = frozenset({"at_most", "below", "on_or_before", "before"})


def _amount(rule: Rule, version: Version, scope: Scope) -> Ref:
    assert rule.amount is not None, "asked for rules that add"
    ref = scope.number(rule.amount)
    total = version.totals.get(rule.total)
    if total is None:
        message = f"no total is called {rule.total!r}"
        raise scope.assembly.refuse(rule.place, "unknown-name", message)
    if ref.scale > total.places:
        raise scope.assembly.refuse(
            rule.place,
            "rounding",
            f"the amount has {ref.scale} decimals, {rule.total!r} keeps {total.places};"
            " round it, with a named mode",
        )
    return scope.at_scale(ref, total.places)


def _weight(rule: Rule, version: Version, scope: Scope) -> int:
    total = version.totals.get(rule.total)
    if total is None or total.combine != MEAN:
        return _NONE
    if rule.weight is None:
        raise scope.assembly.refuse(
            rule.place, "missing-weight", f"what is added to {total.name!r} needs a weight"
        )
    ref = scope.number(rule.weight)
    if ref.constant is not None and ref.constant < 0:
        raise scope.assembly.refuse(rule.place, "weight", "a weight is never negative")
    # All weights of a mean are brought to the decimals of the finest.
    weights = [one.weight for one in version.rules if one.total == total.name and one.weight]
    return scope.at_scale(ref, max(scope.number(weight).scale for weight in weights)).slot


def _check_effect(rule: Rule, version: Version, scope: Scope) -> None:
    if rule.effect in {"grade", "exactly", "at_worst"}:
        grade = version.grade
        if grade is None or rule.target not in grade.ladder:
            message = f"{rule.target!r} is not on the ladder"
            raise scope.assembly.refuse(rule.place, "unknown-grade", message)


def _least(condition: Condition, scope: Scope, version: Version) -> dict[int, int]:
    """Give how many records a condition asks for, by position of the indicator that counts them."""
    found: dict[int, int] = {}
    for number, asked in _edges(condition, scope, version, _AT_LEAST):
        found[number] = max(found.get(number, asked), asked)
    return found


def _most(condition: Condition, scope: Scope, version: Version) -> dict[int, int]:
    """Give how many records a condition allows, by position of the indicator that counts them."""
    found: dict[int, int] = {}
    for number, allowed in _edges(condition, scope, version, _AT_MOST):
        found[number] = min(found.get(number, allowed), allowed)
    return found


def _edges(
    condition: Condition, scope: Scope, version: Version, comparators: dict[str, int]
) -> Iterator[tuple[int, int]]:
    """Give the numbers of records with which a condition compares indicators that count them.

    Parts that count no records, or need not hold, say nothing.

    Args:
        condition: The condition.
        scope: Scope of the subjects.
        version: The version that it stands in.
        comparators: Those that are looked for, each with what it adds to the number.
    """
    for part in _comparisons(condition):
        indicator = version.indicators.get(part.name)
        if part.comparator not in comparators or indicator is None:
            continue
        if indicator.measure != "count" or indicator.over:
            continue
        if indicator.run is not None or indicator.within is not None:
            continue
        counted, asked = scope.resolve(part.name, part.place), scope.number(part.operands[0])
        if asked.constant is not None and not asked.scale and len(counted.selections) == 1:
            (number,) = counted.selections
            yield number, asked.constant + comparators[part.comparator]


def _turned(
    condition: Condition, scope: Scope, version: Version, most: frozenset[int]
) -> Iterator[bool]:
    """Say of parts of a condition whether records can end them by coming, not by going."""
    match condition:
        case Every(parts):
            for part in parts:
                yield from _turned(part, scope, version, most)
        case Comparison(name, comparator, _, place):
            grows = name in version.indicators and comparator not in _LOW
            yield not grows and not scope.resolve(name, place).selections <= most
        case _:
            yield bool(scope.condition(condition).selections)


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    """Give the comparisons that must all hold."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Every):
        for part in condition.parts:
            yield from _comparisons(part)
