"""The days of a line of a total of which one rule alone counts."""

from datetime import date, timedelta

import pytest

from services.engine.cases import case_population
from services.engine.days import day_number
from services.engine.explaining import explain
from tests.unit.engine.holding import cases_of, compiled, written
from tests.unit.engine.test_policies import VOCABULARY

TODAY = date(2022, 9, 1)
FIRST_DAY, LAST_DAY = date(2022, 1, 1), date(2023, 6, 1)
BODY = """\
    indicators:
      hazards: {records: hazard, window: {last: {days: 90}}, measure: count, unit: hazard, SOURCE}
      fines: {records: penalty, window: {last: {days: 60}}, measure: count, unit: penalty, SOURCE}
    totals:
      points: {unit: point, start: 0, combine: COMBINE, SOURCE}
    rules:
      - {id: FEW, when: {hazards: {at_least: 1}}, add: {to: points, amount: 5}, SAID, SOURCE}
      - {id: FINE, when: {fines: {at_least: 1}}, add: {to: points, amount: 5}, SAID, SOURCE}
      - {id: MANY, when: {hazards: {at_least: 2}}, add: {to: points, amount: 8}, SAID, SOURCE}
    score: points
"""
SAID = "wording: {zh: 行, en: line}"


@pytest.mark.parametrize("combine", ["max", "first", "sum"])
def test_a_line_stands_while_its_rule_is_the_one_that_counts(combine: str) -> None:
    """Hazards of 70 and 40 days ago, a penalty between: every line, held against every day.

    Of a maximum the line of the lesser rule ends where the greater one takes its place, though the
    lesser one goes on to hold; of a sum both stand.
    """
    plan = compiled(written(BODY.replace("COMBINE", combine).replace("SAID", SAID)))
    records = [("hazard", 70), ("penalty", 45), ("hazard", 40)]
    said = ", ".join(
        f"{{kind: {kind}, event_date: {TODAY - timedelta(days=ago)}}}" for kind, ago in records
    )
    (case,) = cases_of(
        f"  - name: one\n    as_of: {TODAY}\n    records: [{said}]\n    expect: {{}}\n"
    )
    population = case_population([case], plan, VOCABULARY)
    days = range(day_number(FIRST_DAY), day_number(LAST_DAY))
    runs = {day: plan.run(population, day) for day in days}
    plain = {day: explain(run, 0, dated=False) for day, run in runs.items()}
    there = {day: {(line.rule_id, line.amount) for line in lines} for day, lines in plain.items()}

    for today in days[::7]:
        for line in explain(runs[today], 0):
            shown = (line.rule_id, line.amount)
            before = next(
                (day for day in range(today, days.start, -1) if shown not in there[day]), None
            )
            after = next((day for day in range(today, days.stop) if shown not in there[day]), None)
            assert line.end_day == after, (today, shown)
            assert line.start_day == (None if before is None else before + 1), (today, shown)
