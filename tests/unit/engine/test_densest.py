"""So many records within a length of time, wherever in the window it lies: ``most_within``."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engine.cases import Case, case_population, case_results
from services.engine.days import add_months, day_date, day_number
from services.engine.explaining import explain
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written
from tests.unit.engine.test_policies import VOCABULARY

FIRST, AS_OF = date(2022, 1, 1), date(2025, 7, 15)

POLICY = written("""\
    indicators:
      most:
        records: accident
        where: {liability: liable}
        window: {last: {years: 3}}
        measure: {most_within: {months: 12}}
        unit: accident
        SOURCE
    rules:
      - id: T-TWO
        when: {most: {at_least: 2}}
        set: {grade: B}
        wording: {zh: 任意12个月内累计两起以上, en: two or more within any twelve months}
        SOURCE
    grade:
      ladder: [A, B]
      start: [{grade: A, when: true}]
      beyond: clamp
      SOURCE
    outputs:
      most: {is: most, unit: accident}
""")

CASES = """\
  - name: on the last day of the twelve months
    as_of: 2025-07-15
    records:
      - {kind: accident, liability: liable, event_date: 2024-06-02}
      - {kind: accident, liability: liable, event_date: 2025-06-01}
    expect: {grade: B, most: 2}
  - name: a day later they are a year apart
    as_of: 2025-07-15
    records:
      - {kind: accident, liability: liable, event_date: 2024-06-02}
      - {kind: accident, liability: liable, event_date: 2025-06-02}
    expect: {grade: A, most: 1}
  - name: long after both, on the last day on which the first is in the window
    as_of: 2027-02-28
    records:
      - {kind: accident, liability: liable, event_date: 2024-03-01}
      - {kind: accident, liability: liable, event_date: 2025-01-20}
    expect: {grade: B, most: 2}
  - name: and a day later
    as_of: 2027-03-01
    records:
      - {kind: accident, liability: liable, event_date: 2024-03-01}
      - {kind: accident, liability: liable, event_date: 2025-01-20}
    expect: {grade: A, most: 1}
  - name: one of them is not liable
    as_of: 2025-07-15
    records:
      - {kind: accident, liability: liable, event_date: 2025-01-01}
      - {kind: accident, event_date: 2025-01-02, liability: not_liable}
    expect: {grade: A, most: 1}
  - name: more than are few, half of them ten months before the others
    as_of: 2025-07-15
    records:
      - {kind: accident, liability: liable, event_date: 2024-06-01, times: 40}
      - {kind: accident, liability: liable, event_date: 2025-03-31, times: 40}
      - {kind: accident, liability: liable, event_date: 2023-05-31, times: 39}
    expect: {grade: B, most: 80}
  - name: nobody had any
    as_of: 2025-07-15
    expect: {grade: A, most: 0}
"""


def accidents(days: list[date]) -> Case:
    """Write a case of liable accidents on some days."""
    records = ", ".join(f"{{kind: accident, liability: liable, event_date: {day}}}" for day in days)
    (case,) = cases_of(
        f"  - {{name: one, as_of: {AS_OF}, records: [{records}], expect: {{state: result}}}}\n"
    )
    return case


def year_after(day: date) -> date:
    """Give the same day a year later."""
    return day_date(add_months(day_number(day), 12))


def test_records_count_together_wherever_in_the_window_they_lie(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twelve months are a stretch between records, three years the window from today."""
    hold(compiled(POLICY), cases_of(CASES), monkeypatch)


def test_a_line_names_the_closest_records_and_the_last_of_equal_stretches() -> None:
    """Of 3 + 2 + 3 records the last three; two within a year since 2023-02-01."""
    days = [date(2023, 1, 1), date(2023, 2, 1), date(2023, 3, 1), date(2024, 4, 1)]
    days += [date(2024, 5, 1), date(2025, 5, 5), date(2025, 5, 6), date(2025, 5, 9)]

    (line,) = [one for one in lines_of(compiled(POLICY), accidents(days)) if one.rule_id == "T-TWO"]

    assert line.record_ids == (5, 6, 7)
    assert line.start_day == day_number(date(2023, 2, 1))
    assert line.end_day == day_number(date(2028, 5, 6))


@given(
    st.lists(
        st.lists(st.integers(0, 1_300).map(lambda late: FIRST + timedelta(late)), max_size=9),
        min_size=1,
        max_size=4,
    )
)
def test_one_and_many_count_what_trying_every_stretch_gives(histories: list[list[date]]) -> None:
    """Alone and together each has the greatest number within a year, and the same lines."""
    plan = compiled(POLICY)
    cases = [accidents(days) for days in histories]

    together = plan.run(case_population(cases, plan, VOCABULARY), day_number(AS_OF))

    for position, (case, days) in enumerate(zip(cases, histories, strict=True)):
        inside = [day for day in days if date(2022, 7, 15) < day <= AS_OF]
        stretches = (sum(first <= day < year_after(first) for day in inside) for first in inside)
        most = max(stretches, default=0)
        assert case_results(together, position)["most"] == most
        assert explain(together, position) == lines_of(plan, case)


@pytest.mark.parametrize(
    ("length", "found"),
    [
        pytest.param("{months: 0}", ["0.yaml:17:syntax"], id="no-time"),
        pytest.param("{years: 1, months: 6}", ["0.yaml:17:unknown-window"], id="two-lengths"),
        pytest.param("{weeks: 2}", ["0.yaml:17:unknown-window"], id="another-unit"),
        pytest.param("length", ["0.yaml:17:syntax"], id="no-length"),
        pytest.param("{days: 1}", [], id="a-day"),
    ],
)
def test_a_stretch_has_one_length_of_at_least_a_day(length: str, found: list[str]) -> None:
    """Days, months or years, one of them, as a rolling window has."""
    text = POLICY.replace("{most_within: {months: 12}}", f"{{most_within: {length}}}")

    assert problems(text) == found
