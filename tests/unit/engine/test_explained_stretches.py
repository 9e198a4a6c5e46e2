"""The days of a line, held against a walk through every day."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import case_population
from services.engine.days import day_number
from services.engine.explaining import explain
from services.engine.plan import Plan
from tests.unit.engine.holding import cases_of, compiled, written
from tests.unit.engine.test_policies import VOCABULARY
from tests.unit.engine.walking import check_days_of_lines

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
    "{dense: {at_least: 3}}",
    "{dense: {at_least: 2, below: 5}}",
    "{reached: {known: true}}",
    "{reached: {known: false}}",
    "{over: {after: as_of}}",
    "{again: {after: as_of}, recent: {at_least: 1}}",
    "{clean: {at_least: 1}}",
    "{earlier_ones: {at_least: 1}}",
)
AMOUNTS = (
    "-1",
    "{multiply: [recent, -1]}",
    "{subtract: [recent, monthly]}",
    "{multiply: [open, -1]}",
    "{multiply: [dense, -1]}",
    "{multiply: [clean, 2]}",
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
      dense:
        records: hazard
        window: {last: {days: 60}}
        measure: {most_within: {days: 20}, sum: {if: {level: major}, then: 2, else: 1}}
        unit: point
        SOURCE
      reached:
        records: hazard
        window: {last: {days: 30}}
        measure: {reached: 3, sum: {if: {level: major}, then: 2, else: 1}, again: from_below}
        if_none: unknown
        unit: date
        SOURCE
      second:
        records: hazard
        window: {calendar: month}
        measure: {reached: 2, again: with_each_record}
        if_none: unknown
        unit: date
        SOURCE
      clean:
        records: hazard
        window: {anniversary: founding_date, months: 2, first: -2, last_period: -1}
        measure: {consecutive: count, each_period: 0, since: founding_date}
        unit: year
        SOURCE
      latest:
        records: hazard
        where: {level: major}
        window: ever
        measure: last_day
        if_none: unknown
        unit: date
        SOURCE
      earlier_ones:
        records: hazard
        window: {back_from: latest, months: 1}
        measure: count
        unit: hazard
        SOURCE
    values:
      over: {is: {day: reached, days: 30}, unit: date, SOURCE}
      again: {is: {day: second, days: 20}, unit: date, SOURCE}
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


@settings(max_examples=20, deadline=None)
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
    check_days_of_lines(PLAN, case, BEFORE, AFTER)


DAILY = """\
    indicators:
      latest:
        records: hazard
        window: ever
        measure: last_day
        if_none: unknown
        unit: date
        SOURCE
      pending:
        records: hazard
        where: {due_date: {on_or_after: as_of}}
        window: {last: {months: 36}}
        measure: count
        unit: hazard
        SOURCE
    values:
      calm: {is: {elapsed: days, from: latest}, unit: day, SOURCE}
    totals:
      score: {unit: point, start: 100, combine: sum, SOURCE}
    outputs:
      calm_days: {is: calm, unit: day}
    rules:
"""


def test_a_rule_is_looked_at_on_the_days_of_what_it_rests_on_alone() -> None:
    """A number that another part shows each day anew does not use up the looks at a rule.

    Where they are used up, by a rule that rests on such a number itself, the line says so.
    """
    rules = [
        RULE.replace("RNUMBER", name).replace("WHEN", when).replace("EFFECT", "set: {duty: duty}")
        for name, when in (
            ("PENDING", "{pending: {at_least: 1}}"),
            ("CALM", "{calm: {at_least: 1}}"),
        )
    ]
    plan = compiled(written(DAILY + "".join(rules)))
    (case,) = cases_of(
        f"  - name: one\n    as_of: {TODAY}\n    records: [{{kind: hazard, event_date: 2020-01-01,"
        " due_date: 2024-09-01, level: general}]\n    expect: {}\n"
    )
    run = plan.run(case_population([case], plan, VOCABULARY), day_number(TODAY))

    lines = {line.rule_id: line for line in explain(run, 0)}

    pending, calm = lines["PENDING"], lines["CALM"]
    assert pending.start_day == day_number(date(2020, 1, 1))
    assert pending.end_day == day_number(date(2023, 1, 1))
    assert not pending.undated
    assert (calm.start_day, calm.end_day, calm.undated) == (None, None, True)


def _day(after: int) -> date:
    return TODAY + timedelta(days=after)
