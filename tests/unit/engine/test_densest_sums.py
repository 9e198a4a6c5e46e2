"""So many points within a length of time, wherever it lies: ``most_within`` with ``sum``."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import Case, case_population, case_results
from services.engine.days import add_months, day_date, day_number
from services.engine.errors import NumberTooLargeError
from services.engine.explaining import explain
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written
from tests.unit.engine.test_policies import VOCABULARY

FIRST, AS_OF = date(2022, 1, 1), date(2025, 7, 15)

POLICY = written("""\
    indicators:
      most:
        records: accident
        window: {last: {years: 3}}
        measure: {most_within: {months: 12}, sum: deaths}
        unit: person
        SOURCE
    totals:
      lost: {unit: person, start: 0, combine: sum, SOURCE}
    rules:
      - id: T-THREE
        when: {most: {at_least: 3}}
        set: {grade: B}
        wording: {zh: 任意12个月内累计死亡3人以上, en: three or more deaths in any twelve months}
        SOURCE
      - id: T-EACH
        when: {most: {at_least: 1}}
        add: {to: lost, amount: most}
        wording: {zh: 任意12个月内死亡人数, en: deaths within any twelve months}
        SOURCE
    grade:
      ladder: [A, B]
      start: [{grade: A, when: true}]
      beyond: clamp
      SOURCE
    outputs:
      most: {is: most, unit: person}
""")

CASES = """\
  - name: three in two accidents, on the last day of the twelve months
    as_of: 2025-07-15
    records:
      - {kind: accident, deaths: 1, event_date: 2024-06-02}
      - {kind: accident, deaths: 2, event_date: 2025-06-01}
    expect: {grade: B, most: 3}
  - name: a day later they are a year apart
    as_of: 2025-07-15
    records:
      - {kind: accident, deaths: 1, event_date: 2024-06-02}
      - {kind: accident, deaths: 2, event_date: 2025-06-02}
    expect: {grade: A, most: 2}
  - name: one grave accident, and more records of less elsewhere
    as_of: 2025-07-15
    records:
      - {kind: accident, deaths: 3, event_date: 2023-01-01}
      - {kind: accident, deaths: 1, event_date: 2025-01-01, times: 2}
    expect: {grade: B, most: 3}
  - name: on the last day on which the first is in the window
    as_of: 2027-02-28
    records:
      - {kind: accident, deaths: 2, event_date: 2024-03-01}
      - {kind: accident, deaths: 1, event_date: 2025-01-20}
    expect: {grade: B, most: 3}
  - name: and a day later
    as_of: 2027-03-01
    records:
      - {kind: accident, deaths: 2, event_date: 2024-03-01}
      - {kind: accident, deaths: 1, event_date: 2025-01-20}
    expect: {grade: A, most: 1}
  - name: how many died is not known, and adds nothing
    as_of: 2025-07-15
    records:
      - {kind: accident, deaths: 2, event_date: 2025-01-01}
      - {kind: accident, event_date: 2025-01-02}
    expect: {grade: A, most: 2}
  - name: more than are few
    as_of: 2025-07-15
    records:
      - {kind: accident, deaths: 1, event_date: 2024-06-01, times: 40}
      - {kind: accident, deaths: 2, event_date: 2025-03-31, times: 40}
      - {kind: accident, deaths: 3, event_date: 2023-05-31, times: 39}
    expect: {grade: B, most: 120}
  - name: nobody had any
    as_of: 2025-07-15
    expect: {grade: A, most: 0}
"""


def accidents(facts: list[tuple[date, int]]) -> Case:
    """Write a case of accidents on some days, each with deaths."""
    records = ", ".join(
        f"{{kind: accident, deaths: {deaths}, event_date: {day}}}" for day, deaths in facts
    )
    (case,) = cases_of(
        f"  - {{name: one, as_of: {AS_OF}, records: [{records}], expect: {{state: result}}}}\n"
    )
    return case


def year_after(day: date) -> date:
    """Give the same day a year later."""
    return day_date(add_months(day_number(day), 12))


def test_the_greatest_sum_counts_wherever_in_the_window_it_lies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Deaths within twelve months are added up, however many accidents there were."""
    hold(compiled(POLICY), cases_of(CASES), monkeypatch)


def test_a_line_names_the_records_of_the_greatest_sum_and_since_when() -> None:
    """Four died in 2023 in two accidents, later three in three: the line is of the two.

    With the second, on 5 February 2023, there were four; the first leaves three years after
    1 February 2023, and two of 2025 died with nobody in the twelve months before.
    """
    facts = [(date(2023, 2, 1), 1), (date(2023, 2, 5), 3)]
    facts += [(date(2025, 1, day), 1) for day in (1, 2, 3)]

    lines = {one.rule_id: one for one in lines_of(compiled(POLICY), accidents(facts))}

    assert lines["T-THREE"].record_ids == (0, 1)
    assert lines["T-THREE"].start_day == day_number(date(2023, 2, 5))
    # Three died within twelve months of 2025, which count three years.
    assert lines["T-THREE"].end_day == day_number(date(2028, 1, 1))
    assert lines["T-EACH"].record_ids == (0, 1)
    assert lines["T-EACH"].amount == 4
    assert lines["T-EACH"].start_day == day_number(date(2023, 2, 5))
    assert lines["T-EACH"].end_day == day_number(date(2026, 2, 1))


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(0, 1_300).map(lambda late: FIRST + timedelta(late)),
                st.integers(0, 4),
            ),
            max_size=9,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_one_and_many_add_up_what_trying_every_stretch_gives(
    histories: list[list[tuple[date, int]]],
) -> None:
    """Alone and together each has the greatest sum within a year, and the same lines."""
    plan = compiled(POLICY)
    cases = [accidents(facts) for facts in histories]

    together = plan.run(case_population(cases, plan, VOCABULARY), day_number(AS_OF))

    for position, (case, facts) in enumerate(zip(cases, histories, strict=True)):
        inside = [(day, deaths) for day, deaths in facts if date(2022, 7, 15) < day <= AS_OF]
        sums = (
            sum(deaths for day, deaths in inside if first <= day < year_after(first))
            for first, _ in inside
        )
        assert case_results(together, position)["most"] == max(sums, default=0)
        assert explain(together, position) == lines_of(plan, case)


def test_sums_beyond_64_bits_are_refused_and_those_within_are_exact() -> None:
    """Two years of half of what 64 bits hold fit apart, and not within one."""
    most = (1 << 62) - 1
    apart = accidents([(date(2023, 1, 1), most), (date(2024, 1, 1), most), (AS_OF, 1)])
    close = accidents([(date(2024, 1, 1), most), (date(2024, 2, 1), most), (date(2024, 3, 1), 2)])
    plan = compiled(POLICY)

    for cases in ([apart], [apart, apart]):
        run = plan.run(case_population(cases, plan, VOCABULARY), day_number(AS_OF))
        assert case_results(run, 0)["most"] == most
    for cases in ([close], [close, apart]):
        with pytest.raises(NumberTooLargeError):
            plan.run(case_population(cases, plan, VOCABULARY), day_number(AS_OF))


HELD = POLICY.replace(
    "      most:\n",
    """\
      late: {records: accident, where: {reporting: late}, window: ever, measure: count,
        unit: accident, SOURCE}
      most:
""".replace("SOURCE", "source: {article: 第一条, confidence: assumed}"),
    1,
).replace("sum: deaths}", "sum: deaths, holding: late}")


@pytest.mark.parametrize(
    ("late", "most"),
    [
        pytest.param("2023-01-01", 2, id="in-the-lesser"),
        pytest.param("2025-01-01", 3, id="in-the-greater"),
        pytest.param("2024-01-01", 0, id="a-year-after-and-before"),
        pytest.param("2024-01-02", 3, id="a-day-less-before"),
    ],
)
def test_a_greatest_sum_holds_what_it_must(
    late: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two died in 2023 and three in 2025; what was reported late killed nobody."""
    hold(
        compiled(HELD),
        cases_of(f"""\
  - name: one
    as_of: 2025-07-15
    records:
      - {{kind: accident, deaths: 2, event_date: 2023-01-01}}
      - {{kind: accident, deaths: 3, event_date: 2025-01-01}}
      - {{kind: accident, deaths: 0, reporting: late, event_date: {late}}}
    expect: {{most: {most}}}
"""),
        monkeypatch,
    )


NO_POINTS = POLICY.replace(
    "    indicators:\n",
    """\
    tables:
      points:
        keys: [level]
        outputs: {points: person}
        rows: [{level: general, points: 1}, {level: larger, points: 5}]
        otherwise: no_data
        source: {article: 第一条, confidence: assumed}
    indicators:
""",
    1,
).replace("sum: deaths}", "sum: {lookup: points}}")


def test_without_the_points_of_a_record_there_is_no_result_wherever_it_lies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A major accident has no points in the table: whether its stretch is the one, nobody knows."""
    hold(
        compiled(NO_POINTS),
        cases_of("""\
  - name: three stretches
    as_of: 2025-07-15
    records:
      - {kind: accident, level: larger, event_date: 2025-01-01}
      - {kind: accident, level: major, event_date: 2023-01-01}
    expect: {state: no_data}
  - name: without it
    as_of: 2025-07-15
    records:
      - {kind: accident, level: larger, event_date: 2025-01-01}
      - {kind: accident, level: general, event_date: 2024-06-01}
    expect: {most: 6}
"""),
        monkeypatch,
    )


@pytest.mark.parametrize(
    ("measure", "found"),
    [
        pytest.param("{most_within: {months: 12}, of: deaths}", ["0.yaml:16:unknown-key"], id="of"),
        pytest.param(
            "{most_within: {months: 12}, sum: level}", ["0.yaml:16:not-a-number"], id="codes"
        ),
        pytest.param(
            "{most_within: {months: 12}, sum: nothing}", ["0.yaml:16:unknown-name"], id="nothing"
        ),
    ],
)
def test_what_is_added_up_is_a_number_of_the_records(measure: str, found: list[str]) -> None:
    """Codes have no sum, and every word must mean something."""
    assert problems(POLICY.replace("{most_within: {months: 12}, sum: deaths}", measure)) == found
