"""Compiling totals: the amounts of rules put together, and what each really contributed."""

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from services.engine.compiling import NUMBER, RANGE, Ref, Scope, guarded
from services.engine.language import Total
from services.engine.numbers import Cell, add, flip, larger, multiply, pick, rescale, smaller
from services.engine.plan import Frame, RulePlan, TotalPlan


def compile_total(
    total: Total, scope: Scope, rules: Sequence[RulePlan], positions: tuple[int, ...]
) -> tuple[Ref, TotalPlan]:
    """Compile a total.

    Args:
        total: What the file says.
        scope: Scope of the subjects.
        rules: The rules that contribute, compiled, in the order of the file.
        positions: Their positions among all rules.
    """
    start = scope.number(total.start)
    if start.scale > total.places:
        raise scope.assembly.refuse(total.place, "rounding", "the start has too many decimals")
    start = scope.at_scale(start, total.places)
    counted = tuple(_counted(total, scope, rules, order) for order in range(len(rules)))
    bound = _bound_of(total, start, rules)
    function = _combining(total, safe=bound is not None and bound < RANGE)
    maybe = [slot for slot, rule in zip(counted, rules, strict=True) if rule.optional]
    if start.optional:
        maybe.append(start.slot)
    slots = (start.slot, *counted)
    raw = scope.assembly.emit(("combined", total.name), guarded(function, slots, tuple(maybe)))
    result = _bounded(total, scope, raw, optional=bool(maybe))
    plan = TotalPlan(
        total.name,
        total.unit,
        total.places,
        total.combine,
        total.source,
        start.slot,
        result,
        positions,
        counted,
    )
    selections = start.selections.union(*(rule.selections for rule in rules))
    ref = Ref(result, NUMBER, total.places, bool(maybe), selections, bound=bound)
    return ref, plan


# Private functions -----------------------------------------------------------


def _counted(total: Total, scope: Scope, rules: Sequence[RulePlan], order: int) -> int:
    """Compile what one rule of a total really contributes."""
    hit, amount = rules[order].hit, rules[order].amount
    neutral = 10**total.places if total.combine == "product" else 0
    earlier = tuple(rule.hit for rule in rules[:order])
    others = tuple((rule.hit, rule.amount) for rule in rules)

    def step(frame: Frame) -> Cell:
        slots = frame.slots
        counts = slots[hit]
        if total.combine == "first":
            for one in earlier:
                counts = counts & flip(slots[one])
        elif total.combine in {"max", "min"}:
            counts = counts & _wins(total.combine, slots, others, order)
        return pick(counts, slots[amount], neutral)

    return scope.assembly.emit(("counted", total.name, order), step)


def _wins(combine: str, slots: list[Any], others: tuple[tuple[int, int], ...], order: int) -> Cell:
    """Say where one rule's amount is the first extreme among those that hold."""
    mine = slots[others[order][1]]
    wins: Cell = True
    for position, (hit, amount) in enumerate(others):
        if position == order:
            continue
        other = slots[amount]
        if combine == "max":
            ahead = other > mine if position > order else other >= mine
        else:
            ahead = other < mine if position > order else other <= mine
        wins = wins & flip(slots[hit] & ahead)
    return wins


def _bound_of(total: Total, start: Ref, rules: Sequence[RulePlan]) -> int | None:
    bounds = [rule.bound for rule in rules if rule.bound is not None]
    if start.bound is None or len(bounds) < len(rules) or total.combine == "product":
        return None
    return start.bound + sum(bounds)


def _combining(total: Total, *, safe: bool) -> Callable[[list[Cell]], Cell]:
    places, rounding = total.places, total.rounding
    if total.combine != "product":
        plus = operator.add if safe else add
        return lambda parts: reduce(plus, parts)
    return lambda parts: reduce(
        lambda one, other: rescale(multiply(one, other), 2 * places, places, rounding), parts
    )


def _bounded(total: Total, scope: Scope, slot: int, *, optional: bool) -> int:
    for bound, keep in ((total.at_least, larger), (total.at_most, smaller)):
        if bound is None:
            continue
        limit = scope.number(bound)
        if limit.scale > total.places:
            raise scope.assembly.refuse(total.place, "rounding", "a bound has too many decimals")
        edge = scope.at_scale(limit, total.places)
        maybe = tuple(
            one for one, needed in ((slot, optional), (edge.slot, edge.optional)) if needed
        )
        step = guarded(lambda parts, keep=keep: keep(*parts), (slot, edge.slot), maybe)  # type: ignore[misc]
        slot = scope.assembly.emit((keep.__name__, slot, edge.slot), step)
    return slot
