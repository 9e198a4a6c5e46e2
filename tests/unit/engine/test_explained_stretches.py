"""The days of a line, held against a walk through every day."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import case_population
from services.engine.days import day_number
from services.engine.evaluation import Evaluation
from services.engine.explaining import explain
from services.engine.plan import Plan, RulePlan
from tests.unit.engine.holding import cases_of, compiled, written
from tests.unit.engine.test_policies import VOCABULARY

TODAY, BEFORE, AFTER = date(2022, 9, 1), date(2022, 3, 1), date(2023, 3, 1)
LEVELS = st.sampled_from(["general", "major"])
CONDITIONS = (
    "{recent: {at_least: 1}}",
    "{recent: {at_least: 2}}",
    "{recent: {at_most: 1}}",
    "{recent: 0}",
    "{recent: 1}",
    "{recent: {above: 0, below: 3}}",
    "{recent: {at_least: 1}, monthly: 0}",
    "{not: {recent: {at_least: 2}}}",
    "{monthly: {below: 2}}",
    "{aged: {at_least: 1}}",
    "{aged: 0}",
    "{open: 0}",
    "{open: {at_least: 1}}",
    "{worst: {at_least: major}}",
    "{fewest: {above: 0}}",
    "{any: [{recent: {at_least: 2}}, {monthly: {at_least: 1}}]}",
    "{minor: {at_most: 1}}",
    "{older: true}",
    "{recent: 0, older: true}",
)
AMOUNTS = (
    "-1",
    "{multiply: [recent, -1]}",
    "{subtract: [recent, monthly]}",
    "{multiply: [open, -1]}",
)
BODY = """\
    inputs:
      founding_date: {from: subject, if_missing: no_data}
    indicators:
      recent: {records: hazard, window: {last: {days: 40}}, measure: count, unit: hazard, SOURCE}
      monthly:
        records: hazard
        window: {calendar: month, first: -1}
        measure: count
        unit: hazard
        SOURCE
      aged:
        records: hazard
        each: {age: {elapsed: months, from: event_date}}
        where: {age: {at_least: 1, below: 3}}
        window: ever
        measure: count
        unit: hazard
        SOURCE
      minor:
        records: hazard
        where: {not: {level: major}}
        window: {last: {days: 40}}
        measure: count
        unit: hazard
        SOURCE
      worst:
        records: hazard
        window: {last: {days: 40}}
        measure: {max: level}
        if_none: unknown
        unit: level
        SOURCE
      open:
        records: hazard
        where: {due_date: {before: as_of}}
        window: {last: {days: 60}}
        measure: count
        unit: hazard
        SOURCE
    values:
      years: {is: {elapsed: years, from: founding_date}, unit: year, SOURCE}
      fewest: {is: {subtract: [recent, monthly]}, unit: hazard, SOURCE}
      older: {is: {if: {years: {at_least: 2}}, then: true, else: false}, unit: truth, SOURCE}
    totals:
      score: {unit: point, start: 100, combine: sum, SOURCE}
    rules:
"""
RULE = """\
      - {id: RNUMBER, when: WHEN, EFFECT, wording: {zh: 行, en: line}, SOURCE}
"""


def _plan() -> Plan:
    rules = [(when, "set: {duty: duty}") for when in CONDITIONS]
    rules += [("{recent: {at_least: 1}}", f"add: {{to: score, amount: {one}}}") for one in AMOUNTS]
    written_out = (
        RULE.replace("NUMBER", str(number)).replace("WHEN", when).replace("EFFECT", effect)
        for number, (when, effect) in enumerate(rules)
    )
    return compiled(written(BODY + "".join(written_out)))


PLAN = _plan()


@settings(max_examples=25, deadline=None)
@given(
    hazards=st.lists(st.tuples(st.integers(-150, 60), st.integers(0, 50), LEVELS), max_size=5),
    founded=st.integers(-900, -500),
)
def test_line_names_the_days_between_which_it_stands(
    hazards: list[tuple[int, int, str]], founded: int
) -> None:
    """Every line of today stood on each day between its own, and not on the days beside them."""
    records = [
        f"{{kind: hazard, event_date: {_day(at)}, due_date: {_day(at + due)}, level: {level}}}"
        for at, due, level in hazards
    ]
    (case,) = cases_of(
        f"  - name: one\n    as_of: {TODAY}\n    subject: {{founding_date: {_day(founded)}}}\n"
        f"    records: [{', '.join(records)}]\n    expect: {{}}\n"
    )
    days = range(day_number(BEFORE), day_number(AFTER))
    population = case_population([case], PLAN, VOCABULARY)
    runs = [PLAN.run(population, day) for day in days]
    today = day_number(TODAY) - days.start

    for line in explain(runs[today], 0):
        if not line.rule_id.startswith("R"):
            continue
        rule = next(one for one in PLAN.rules if one.rule.id == line.rule_id)
        standing = [_came_to(run, rule) == _came_to(runs[today], rule) for run in runs]
        start = end = today
        while start and standing[start - 1]:
            start -= 1
        while end < len(standing) and standing[end]:
            end += 1
        context = line.rule_id
        if start:
            assert line.start_day == days[start], context
        else:
            assert line.start_day is None or line.start_day <= days[0], context
        assert line.end_day == (days[end] if end < len(days) else None), context


def _came_to(run: Evaluation, rule: RulePlan) -> tuple[object, ...]:
    """Give whether a rule holds and what it adds, or what it counts where that says as much."""
    slots = run.frame.slots
    held = bool(slots[rule.hit])
    if rule.timed or not rule.whole:
        return held, slots[rule.amount] if held and rule.amount >= 0 else None
    return held, *(slots[PLAN.selections[number].mask] for number in rule.selections)


def _day(after: int) -> date:
    return TODAY + timedelta(days=after)
