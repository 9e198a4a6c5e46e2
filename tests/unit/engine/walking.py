"""Walking through every day, to hold the days of lines against it."""

from datetime import date
from typing import Any

import numpy as np

from services.engine.cases import Case, case_population
from services.engine.days import day_number
from services.engine.evaluation import Evaluation
from services.engine.explaining import explain
from services.engine.plan import Plan, RulePlan
from tests.unit.engine.test_policies import VOCABULARY

_RECORDS_MOST = 12


def check_days_of_lines(plan: Plan, case: Case, before: date, after: date) -> None:
    """Check that each line stood on every day between its own, and not on the days beside them.

    Args:
        plan: The plan, whose rules are called R and a number.
        case: Who is explained, on the day of the case.
        before: First day that is walked through.
        after: First day that is not.
    """
    days = range(day_number(before), day_number(after))
    population = case_population([case], plan, VOCABULARY)
    runs = [plan.run(population, day) for day in days]
    today = case.as_of - days.start

    for line in explain(runs[today], 0):
        if not line.rule_id.startswith("R"):
            continue
        rule = next(one for one in plan.rules if one.rule.id == line.rule_id)
        standing = [_came_to(run, rule) == _came_to(runs[today], rule) for run in runs]
        start = end = today
        while start and standing[start - 1]:
            start -= 1
        while end < len(standing) and standing[end]:
            end += 1
        context = line.rule_id
        if line.undated:
            # Ages change for ever; nobody looks at all of their days.
            assert line.end_day is None, context
        elif start:
            assert line.start_day == days[start], context
        else:
            assert line.start_day is None or line.start_day <= days[0], context
        if end < len(days):
            assert line.end_day == days[end], context
        else:
            assert line.end_day is None or line.end_day >= days.stop, context


def _came_to(run: Evaluation, rule: RulePlan) -> tuple[object, ...]:
    """Give whether a rule holds, what it adds, and what it counts where that is worked out."""
    slots, selections = run.frame.slots, run.plan.selections
    if not slots[rule.hit]:
        return (False,)
    counted = rule.selections if rule.whole else ()
    return (
        slots[rule.amount] if rule.amount >= 0 else None,
        *(_places(slots[selections[number].mask]) for number in counted),
    )


def _places(mask: Any) -> list[int]:  # noqa: ANN401 -- of records: few in a number, or a column.
    """Give the places of the records that count, of a dozen at most."""
    if isinstance(mask, np.ndarray):
        found: list[int] = np.flatnonzero(mask).tolist()
        return found
    return [place for place in range(_RECORDS_MOST) if mask is True or mask >> place & 1]
