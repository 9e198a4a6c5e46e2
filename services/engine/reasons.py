"""The reasons that a policy's explanations can give, each with its effect and its size."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from math import ceil
from typing import Final

from services.engine.combining import MEAN
from services.engine.explaining import (
    BOUND_WORDING,
    GRADE_WORDING,
    ROUNDING_WORDING,
    start_wording,
)
from services.engine.extents import Extents
from services.engine.language import Expression, Literal, Rule, Source, Total, Wording
from services.engine.plan import Plan, RulePlan, TotalPlan
from services.engine.vocabulary import Vocabulary


class ReasonEffect(IntEnum):
    """What a reason does to a result, in order of weight."""

    STATUS = 1
    GRADE = 2
    FLOOR = 3
    DUTY = 4
    AMOUNT = 5
    START = 6
    BOUND = 7
    RESULT = 8
    PLACE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason.

    Attributes:
        rule_id: As in the lines of explanations.
        effect: What it does.
        total: Total to which it contributes; empty for none.
        size: Greatest size of what it contributes; none where it sets something, or is not bounded.
        unit: Unit of the size.
        target: Grade, status or duty that it sets; empty for none.
        bounded: Whether the rule itself bounds what it contributes.
        place: Where it stands among those that set something of its kind, 0 for the weightiest: by
            grade the worst that is set, or the best that is kept; by status the one that goes over
            the others.
    """

    rule_id: str
    effect: ReasonEffect
    total: str = ""
    size: Decimal | None = None
    unit: str = ""
    target: str = ""
    bounded: bool = True
    place: int = 0
    wording: Wording
    source: Source

    @property
    def weight(self) -> tuple[int, int, Decimal]:
        """Give a key by which reasons are sorted, the weightiest first."""
        size = -(self.size or Decimal(0)) if self.bounded else Decimal("-Infinity")
        return self.effect, self.place, size


def reasons_of(plan: Plan, vocabulary: Vocabulary) -> tuple[Reason, ...]:
    """Give every reason that an explanation of a plan's result can give, the weightiest first.

    Args:
        plan: The plan.
        vocabulary: The words that it uses.
    """
    found = [*_grade_start(plan)]
    for total in plan.totals.values():
        found.extend(_total(total))
    extents = Extents(plan.version, plan.types, vocabulary)
    found.extend(_rule(plan, one, extents) for one in plan.rules)
    return tuple(sorted(found, key=lambda one: (one.weight, one.rule_id)))


# Private values and functions ---------------------------------------------------

_SAID_MAX: Final = Decimal(10**9)
"""Beyond it a bound is only that of the numbers that the program keeps."""

_EFFECTS: Final = {
    "status": ReasonEffect.STATUS,
    "grade": ReasonEffect.GRADE,
    "exactly": ReasonEffect.GRADE,
    "at_worst": ReasonEffect.FLOOR,
    "duty": ReasonEffect.DUTY,
}


def _grade_start(plan: Plan) -> Iterator[Reason]:
    if plan.grade is not None and plan.version.grade is not None:
        yield Reason(
            rule_id="grade.start",
            effect=ReasonEffect.START,
            wording=GRADE_WORDING,
            source=plan.version.grade.source,
        )


def _total(total: TotalPlan) -> Iterator[Reason]:
    """Give the lines of a total that no rule stands behind."""
    lines = [("start", ReasonEffect.START, start_wording(total))]
    if total.combine != "product":
        lines.append(("bound", ReasonEffect.BOUND, BOUND_WORDING))
    if total.combine == MEAN:
        lines.append(("rounding", ReasonEffect.BOUND, ROUNDING_WORDING))
    for name, effect, wording in lines:
        yield Reason(
            rule_id=f"{total.name}.{name}",
            effect=effect,
            total=total.name,
            unit=total.unit,
            wording=wording,
            source=total.source,
        )


def _rule(plan: Plan, one: RulePlan, extents: Extents) -> Reason:
    rule = one.rule
    total = plan.totals.get(rule.total)
    size = None if total is None else _size(plan, one, total, extents)
    return Reason(
        rule_id=rule.id,
        effect=_EFFECTS.get(rule.effect, ReasonEffect.AMOUNT),
        total=rule.total,
        size=size,
        unit=total.unit if total else "",
        target=rule.target,
        bounded=total is None or size is not None,
        place=_place(plan, rule),
        wording=rule.wording,
        source=rule.source,
    )


def _place(plan: Plan, rule: Rule) -> int:
    """Say how many targets of the rule's kind weigh more than its own."""
    match rule.effect:
        case "status":
            return plan.statuses.index(rule.target)
        case "grade" | "exactly":
            # Counted from the worst, so that it compares between ladders of other lengths.
            return len(plan.ladder) - 1 - plan.ladder.index(rule.target)
        case "at_worst":
            return plan.ladder.index(rule.target)
        case _:
            return 0


def _size(plan: Plan, one: RulePlan, total: TotalPlan, extents: Extents) -> Decimal | None:
    """Give the most that a rule can move its total by, as far as anybody can say."""
    bounds = [_range(plan.version.totals[total.name]), _reach(one, total, extents)]
    if one.bound is not None:
        bounds.append(Decimal(one.bound).scaleb(-total.places))
    sizes = [bound for bound in bounds if bound is not None and bound <= _SAID_MAX]
    return min(sizes, default=None)


def _reach(one: RulePlan, total: TotalPlan, extents: Extents) -> Decimal | None:
    """Give the greatest size of an amount; none where it has no end, or nobody knows it."""
    if one.rule.amount is None:
        return None
    extent = extents.expression(one.rule.amount)
    if extent.low is None or extent.high is None:
        return None
    size = ceil(max(-extent.low, extent.high) * 10**total.places)
    return Decimal(size).scaleb(-total.places)


def _range(total: Total) -> Decimal | None:
    """Give the distance between the ends of a total; its start is an end where no other is."""
    start, least, most = (_number(part) for part in (total.start, total.at_least, total.at_most))
    ends = [end for end in (start, least, most) if end is not None]
    return max(ends) - min(ends) if total.combine == "sum" and len(ends) > 1 else None


def _number(expression: Expression | None) -> Decimal | None:
    if not isinstance(expression, Literal) or isinstance(expression.value, bool):
        return None
    return Decimal(expression.value) if isinstance(expression.value, int | Decimal) else None
