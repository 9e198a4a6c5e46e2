"""Where a result improves that should not: the rule, band, table or output by which it does."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from services.engine.comparing import MORE, STILL, WORST_FIRST, Compared
from services.engine.evaluation import RESULT, Evaluation
from services.engine.explaining import explain
from services.engine.language import (
    Expression,
    GradeBand,
    Literal,
    Lookup,
    Name,
    Place,
    Rule,
    Version,
    compared,
)
from services.engine.monotone import Improvement
from services.engine.plan import TotalPlan

# What a rule that comes to hold, or no longer holds, can lift a result by.
_LIFTING_NEW: Final = frozenset({"exactly", "at_worst", "status"})
_LIFTING_GONE: Final = frozenset({"exactly", "grade", "status"})


def improving(found: Improvement) -> tuple[Place, str]:
    """Find the part by which a result improves: what the two explanations do not share."""
    version, before, after = found.before.plan.version, found.before, found.after
    lines: tuple[_Amounts, _Amounts] = (_amounts(before), _amounts(after))
    graded = found.compared.standing
    band = _band(found) if graded else None
    own = {*version.indicators, *version.inputs}
    rule = _effective(version, lines, _target(before), _target(after)) if graded else None
    if rule is None and band is not None and own.issuperset(compared(band.when)):
        return band.place, ""
    rule = rule or _contributing(found, lines)
    if rule is not None:
        return rule.place, rule.id
    place = _table(found)
    if place is not None:
        return place, ""
    if band is not None:
        return band.place, ""
    for name, direction in found.compared.laid.items():
        # What is missing is the least number there is.
        moved = int(after.output(name)[0]) - int(before.output(name)[0])
        if (
            moved > 0
            if direction in {MORE, WORST_FIRST}
            else moved < 0 or (moved and direction == STILL)
        ):
            expression = version.outputs[name].expression
            value = version.values.get(expression.name) if isinstance(expression, Name) else None
            return (value or version.outputs[name]).place, ""
    return version.place, ""


def is_by_rule(before: Evaluation, after: Evaluation) -> bool:
    """Say whether it is a rule by which the result of one subject improves."""
    return bool(improving(Improvement("", {}, {}, before, after, Compared({})))[1])


def standing(run: Evaluation) -> str:
    """Say the grade, or the status outside the ladder."""
    plan, rank, status = run.plan, int(run.ranks()[0]), int(run.status_numbers()[0])
    if int(run.states()[0]) != RESULT:
        return "no result"
    if status:
        return f"status {plan.statuses[status - 1]}"
    return f"grade {plan.ladder[rank - 1]}" if rank else "no status"


# Private functions -----------------------------------------------------------


_Amounts = Mapping[tuple[str, str], int | None]
"""Amounts of the lines of an explanation, by rule and total."""


def _amounts(run: Evaluation) -> _Amounts:
    return {(line.rule_id, line.total): line.amount for line in explain(run, 0, dated=False)}


def _target(run: Evaluation) -> str:
    """Name the grade or status of a result."""
    return standing(run).partition(" ")[2]


def _effective(
    version: Version, lines: tuple[_Amounts, _Amounts], old: str, new: str
) -> Rule | None:
    """Find a rule that newly sets what came out, or no longer sets what was."""
    before, after = ({rule for rule, _ in one} for one in lines)
    for rule in version.rules:
        comes, goes = rule.id in after - before, rule.id in before - after
        if comes and rule.effect in _LIFTING_NEW and rule.target == new:
            return rule
        if goes and rule.effect in _LIFTING_GONE and rule.target == old:
            return rule
    return None


def _contributing(found: Improvement, lines: tuple[_Amounts, _Amounts]) -> Rule | None:
    """Find the rule that moved a total most in the direction in which it went."""
    plan, best = found.before.plan, (0, "")
    for total in plan.totals.values():
        moved = int(found.after.column(total.result)[0]) - int(found.before.column(total.result)[0])
        for rule in plan.version.rules:
            if rule.total != total.name:
                continue
            first, second = (_counted(one, rule.id, total) for one in lines)
            if moved and (second - first) * moved > 0:
                best = max(best, (abs(second - first), rule.id))
    return next((rule for rule in plan.version.rules if rule.id == best[1]), None)


def _counted(lines: _Amounts, rule_id: str, total: TotalPlan) -> int:
    """Give what a rule contributed; what does not apply multiplies by one."""
    amount = lines.get((rule_id, total.name))
    return (10**total.places if total.combine == "product" else 0) if amount is None else amount


def _band(found: Improvement) -> GradeBand | None:
    """Find the band that gives the starting grade, where that is another one."""
    grade, plan = found.before.plan.version.grade, found.before.plan.grade
    if grade is None or plan is None:
        return None
    held = [(band, slot) for band, slot in zip(grade.start, plan.bands, strict=True)]
    first, second = (
        next((band for band, slot in held if run.column(slot)[0]), None)
        for run in (found.before, found.after)
    )
    return None if second is first else second


def _table(found: Improvement) -> Place | None:
    """Find a table, or its row, by which a value changed."""
    plan = found.before.plan
    for name, value in plan.version.values.items():
        ref = plan.types[name]
        first, second = (int(run.column(ref.slot)[0]) for run in (found.before, found.after))
        lookup = value.expression
        if first == second or not isinstance(lookup, Lookup):
            continue
        table = plan.version.tables[lookup.table]
        names = [output for output, _ in table.outputs]
        given = names.index(lookup.output) if lookup.output else 0
        new = Decimal(second).scaleb(-ref.scale)
        rows = [row for row in table.rows if _is(row.outputs[given], new)]
        return rows[0].place if len(rows) == 1 else table.place
    return None


def _is(expression: Expression, number: Decimal) -> bool:
    return isinstance(expression, Literal) and expression.value == number
