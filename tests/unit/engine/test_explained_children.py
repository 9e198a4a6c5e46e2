"""The days of lines over child subjects and over own earlier results, held against a walk."""

from datetime import date, timedelta

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.engine.plan import Plan
from tests.unit.engine.holding import cases_of, compiled, written
from tests.unit.engine.walking import check_days_of_lines

TODAY, BEFORE, AFTER = date(2022, 9, 1), date(2022, 3, 1), date(2023, 3, 1)
SITES = """\
    children:
      sites:
        each: site_number
        roster: {records: inspection, window: {last: {days: 300}}}
        unnamed: left_out
        measures:
          lost:
            records: violation
            window: {last: {days: 120}}
            measure: {sum: {if: {severity: serious}, then: 3, else: 1}}
            unit: point
            SOURCE
          months:
            records: inspection
            each: {age: {elapsed: months, from: event_date}}
            where: {age: {at_least: 2}}
            window: {last: {days: 300}}
            measure: count
            unit: inspection
            SOURCE
        values:
          marks: {is: {max: [0, {subtract: [5, lost]}]}, unit: mark, SOURCE}
        SOURCE
    indicators:
      sites: {over: sites, measure: count, unit: site, SOURCE}
      failed: {over: sites, where: {lost: {at_least: 3}}, measure: count, unit: site, SOURCE}
      old: {over: sites, where: {months: {at_least: 1}}, measure: count, unit: site, SOURCE}
      points: {over: sites, measure: {sum: lost}, unit: point, SOURCE}
      least: {over: sites, measure: {min: marks}, if_none: 5, unit: mark, SOURCE}
      share:
        over: sites
        where: {lost: {at_least: 1}}
        measure: share
        places: 2
        rounding: half_up
        if_none: 0
        unit: ratio
        SOURCE
    totals:
      score: {unit: point, start: 100, combine: sum, SOURCE}
    rules:
"""
ABOUT_SITES = (
    ("{failed: {at_least: 1}}", "set: {duty: duty}"),
    ("{failed: 0}", "set: {duty: duty}"),
    ("{old: {at_least: 1}}", "set: {duty: duty}"),
    ("{sites: {at_least: 2}}", "set: {duty: duty}"),
    ("{least: {below: 3}}", "set: {duty: duty}"),
    ("{share: {at_least: 0.5}}", "set: {duty: duty}"),
    ("{points: {at_least: 1}}", "add: {to: score, amount: {multiply: [points, -1]}}"),
)
YEARS = """\
    inputs:
      years_before:
        {from: last_period, period: year, back: 3, output: calm_years, unit: year, if_missing: 0}
      place_before: {from: last_period, period: month, back: 2, output: place, if_missing: 1}
    indicators:
      hazards: {records: hazard, window: {calendar: year}, measure: count, unit: hazard, SOURCE}
      recent: {records: hazard, window: {last: {days: 40}}, measure: count, unit: hazard, SOURCE}
    totals:
      score: {unit: point, start: 100, combine: sum, SOURCE}
    grade:
      ladder: [A, B, C]
      start:
        - {grade: A, when: {hazards: 0}}
        - {grade: B, when: {hazards: 1}}
        - {grade: C, when: true}
      beyond: clamp
      SOURCE
    outputs:
      calm_years: {is: {if: {hazards: 0}, then: {add: [years_before, 1]}, else: 0}, unit: year}
    rules:
"""
ABOUT_YEARS = (
    ("{years_before: {at_least: 1}}", "set: {duty: duty}"),
    ("{years_before: {at_least: 2}}", "set: {duty: duty}"),
    ("{years_before: 0}", "set: {duty: duty}"),
    ("{place_before: {at_least: 2}}", "set: {duty: duty}"),
    ("{place_before: 1, recent: {at_least: 1}}", "set: {duty: duty}"),
    ("true", "add: {to: score, amount: {multiply: [years_before, 2]}}"),
)
RULE = """\
      - {id: RNUMBER, when: WHEN, EFFECT, wording: {zh: 行, en: line}, SOURCE}
"""


def _plan(body: str, rules: tuple[tuple[str, str], ...]) -> Plan:
    written_out = (
        RULE.replace("NUMBER", str(number)).replace("WHEN", when).replace("EFFECT", effect)
        for number, (when, effect) in enumerate(rules)
    )
    return compiled(written(body + "".join(written_out)))


WITH_SITES, WITH_YEARS = _plan(SITES, ABOUT_SITES), _plan(YEARS, ABOUT_YEARS)


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    records=st.lists(
        st.tuples(
            st.integers(-400, 60),
            st.integers(1, 3),
            st.sampled_from(
                ["inspection", "violation, severity: general", "violation, severity: serious"]
            ),
        ),
        max_size=8,
    ),
)
def test_lines_over_children_name_their_days(records: list[tuple[int, int, str]]) -> None:
    """Every line over sites stood on each day between its own, and on none beside them."""
    said = [
        f"{{kind: {kind}, event_date: {_day(at)}, site_number: {site}}}"
        for at, site, kind in records
    ]
    _check(WITH_SITES, said)


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(days=st.lists(st.integers(-900, 60), max_size=5))
def test_lines_over_own_earlier_results_name_their_days(days: list[int]) -> None:
    """Every line over the last year's or month's result stood on each day between its own."""
    _check(WITH_YEARS, [f"{{kind: hazard, event_date: {_day(at)}}}" for at in days])


def _check(plan: Plan, records: list[str]) -> None:
    listed = ", ".join(records)
    (case,) = cases_of(
        f"  - name: one\n    as_of: {TODAY}\n    records: [{listed}]\n    expect: {{}}\n"
    )
    check_days_of_lines(plan, case, BEFORE, AFTER)


def _day(after: int) -> date:
    return TODAY + timedelta(days=after)
