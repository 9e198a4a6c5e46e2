"""Compiling totals: the amounts of rules put together, and what each really contributed."""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any, Final

from services.engine.assembly import NUMBER, RANGE, Ref
from services.engine.conditions import Scope
from services.engine.frames import Frame
from services.engine.language import Total
from services.engine.numbers import (
    MISSING,
    Cell,
    add,
    divide_rounded,
    flip,
    larger,
    multiply,
    only_where,
    or_else,
    pick,
    present,
    rescale,
    smaller,
)
from services.engine.operations import add_up, guarded
from services.engine.plan import PartPlan, RulePlan, TotalPlan
from services.engine.unrolled import TERMS_MOST, Line

MEAN: Final = "weighted_mean"
"""The combination that leaves out what does not apply, and spreads its weight on the rest."""


def compile_total(total: Total, scope: Scope, rules: Sequence[RulePlan]) -> tuple[Ref, TotalPlan]:
    """Compile a total.

    Args:
        total: What the file says.
        scope: Scope of the subjects.
        rules: The rules that contribute, compiled, in the order of the file.
    """
    start = scope.number(total.start)
    if start.scale > total.places:
        raise scope.assembly.refuse(total.place, "rounding", "the start has too many decimals")
    start = scope.at_scale(start, total.places)
    bound = _bound_of(total, start, rules)
    if total.combine == MEAN:
        raw, counted = _mean(total, scope, rules)
        maybe = True
    else:
        counted = tuple(_counted(total, scope, rules, order) for order in range(len(rules)))
        refs = (start.optional, *(rule.optional for rule in rules))
        maybe = any(refs)
        function = guarded(
            _combining(total, safe=bound is not None and bound < RANGE),
            tuple(place for place, optional in enumerate(refs) if optional),
        )
        raw = scope.calculate(("combined", total.name), (start.slot, *counted), function)
    result = _bounded(total, scope, raw, optional=maybe)
    plan = TotalPlan(
        total.name,
        total.unit,
        total.places,
        total.combine,
        total.source,
        start.slot,
        result,
        tuple(PartPlan(rule.hit, slot, rule) for rule, slot in zip(rules, counted, strict=True)),
        raw,
    )
    selections = start.selections.union(*(rule.selections for rule in rules))
    ref = Ref(result, NUMBER, total.places, maybe, selections, bound=bound)
    return ref, plan


# Private functions -----------------------------------------------------------

_GREATEST: Final = -(MISSING + 1)
"""The largest number that there is: no amount is more."""


def _counted(total: Total, scope: Scope, rules: Sequence[RulePlan], order: int) -> int:
    """Compile what one rule of a total really contributes."""
    hit, amount = rules[order].hit, rules[order].amount
    neutral = 10**total.places if total.combine == "product" else 0
    earlier = tuple(rule.hit for rule in rules[:order])
    # What is not known wins over every number, so that nothing is left out in silence.
    unknown = [total.combine == "max" and rule.optional for rule in rules]
    others = tuple((rule.hit, rule.amount, one) for rule, one in zip(rules, unknown, strict=True))

    def plain(frame: Frame) -> Cell:
        counts = frame.slots[hit]
        if counts is False:
            return neutral
        if neutral:
            return pick(counts, frame.slots[amount], neutral)
        return only_where(counts, frame.slots[amount])

    def step(frame: Frame) -> Cell:
        slots = frame.slots
        counts = slots[hit]
        if counts is False:
            return neutral
        if total.combine == "first":
            for one in earlier:
                counts = counts & flip(slots[one])
        elif total.combine in {"max", "min"}:
            counts = counts & _wins(total.combine, slots, others, order)
        return pick(counts, slots[amount], neutral)

    key = ("counted", total.name, order)
    if total.combine not in {"sum", "product"}:
        return scope.assembly.emit(key, step, _won(total.combine, others, order, neutral))
    line = Line(f"{{1}} if {{0}} else {neutral}", (hit, amount))
    return scope.assembly.emit(key, plain, line)


_Candidates = tuple[tuple[int, int, bool], ...]
"""Of each rule the slots of whether it holds and of its amount, and if unknown is the greatest."""


def _won(combine: str, others: _Candidates, order: int, neutral: int) -> Line | None:
    """Write out what one rule contributes where one of several does; nothing for many rules."""
    if len(others) > TERMS_MOST // 2:
        return None
    amounts = [
        f"({text} if {text} != MISSING else {_GREATEST})" if others[place][2] else text
        for place, text in enumerate(f"{{{2 * place + 1}}}" for place in range(len(others)))
    ]
    mine, beaten = amounts[order], [f"{{{2 * order}}}"]
    for position, amount in enumerate(amounts):
        hit = f"{{{2 * position}}}"
        if combine == "first" and position < order:
            beaten.append(f"not {hit}")
        elif combine != "first" and position != order:
            sign = (">" if combine == "max" else "<") + ("" if position > order else "=")
            beaten.append(f"not ({hit} and {amount} {sign} {mine})")
    slots = tuple(slot for hit, amount, _ in others for slot in (hit, amount))
    return Line(f"{{{2 * order + 1}}} if {' and '.join(beaten)} else {neutral}", slots)


def _wins(combine: str, slots: list[Any], others: _Candidates, order: int) -> Cell:
    """Say where one rule's amount is the first extreme among those that hold."""
    mine = _greatest(slots, others[order])
    wins: Cell = True
    for position, one in enumerate(others):
        if position == order:
            continue
        hit, other = one[0], _greatest(slots, one)
        if combine == "max":
            ahead = other > mine if position > order else other >= mine
        else:
            ahead = other < mine if position > order else other <= mine
        wins = wins & flip(slots[hit] & ahead)
    return wins


def _greatest(slots: list[Any], one: tuple[int, int, bool]) -> Cell:
    """Give an amount, more than any other where it is not known."""
    _, amount, unknown = one
    return or_else(slots[amount], _GREATEST) if unknown else slots[amount]


def _mean(total: Total, scope: Scope, rules: Sequence[RulePlan]) -> tuple[int, tuple[int, ...]]:
    """Compile a weighted mean of the amounts that apply; give its slot and those of the parts.

    Each part is rounded for itself, so that it can be shown; the mean is not: it is rounded once.
    """
    weighted = tuple((rule.hit, rule.amount, rule.weight) for rule in rules)

    def weigh(frame: Frame) -> tuple[list[Cell], Cell]:
        slots = frame.slots
        products: list[Cell] = []
        whole: Cell = 0
        for hit, amount, weight in weighted:
            there = slots[hit] & present(slots[amount]) & present(slots[weight])
            by = pick(there, slots[weight], 0)
            products.append(multiply(pick(there, slots[amount], 0), by))
            whole = add(whole, by)
        return products, whole

    weights = scope.assembly.emit(("weighed", total.name), weigh)

    def mean(frame: Frame) -> Cell:
        products, whole = frame.slots[weights]
        return _shared(reduce(add, products, 0), whole, total.rounding, MISSING)

    def part(frame: Frame, order: int) -> Cell:
        products, whole = frame.slots[weights]
        return _shared(products[order], whole, total.rounding, 0)

    raw = scope.assembly.emit(("combined", total.name), mean)
    parts = tuple(
        scope.assembly.emit(("counted", total.name, order), partial(part, order=order))
        for order in range(len(rules))
    )
    return raw, parts


def _shared(number: Cell, whole: Cell, rounding: str, otherwise: int) -> Cell:
    """Divide by the sum of the weights; where nothing has a weight there is nothing to divide."""
    some = whole > 0
    return pick(some, divide_rounded(number, pick(some, whole, 1), rounding), otherwise)


def _bound_of(total: Total, start: Ref, rules: Sequence[RulePlan]) -> int | None:
    bounds = [rule.bound for rule in rules if rule.bound is not None]
    if start.bound is None or len(bounds) < len(rules) or total.combine in {"product", MEAN}:
        return None
    return start.bound + sum(bounds)


def _combining(total: Total, *, safe: bool) -> Callable[..., Cell]:
    places, rounding = total.places, total.rounding
    if total.combine != "product":
        if safe:
            return add_up
        return lambda *parts: reduce(add, parts)
    return lambda *parts: reduce(
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
        maybe = tuple(place for place, needed in enumerate((optional, edge.optional)) if needed)
        slot = scope.calculate(
            (keep.__name__, slot, edge.slot), (slot, edge.slot), guarded(keep, maybe)
        )
    return slot
