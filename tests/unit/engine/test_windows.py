"""Windows: the days on which what they hold changes by time alone."""

from datetime import date

import pytest

from services.engine.cases import case_population
from services.engine.days import NEVER, day_number
from tests.unit.engine.holding import cases_of, compiled, written
from tests.unit.engine.test_policies import VOCABULARY

ALL = """\
      all_accidents:
        records: accident
        window: {last: {months: 12}}
        measure: count
        unit: accident
        SOURCE
"""
LIABLE = """\
      liable_accidents:
        records: accident
        where: {liability: liable}
        window: {last: {months: 12}}
        measure: count
        unit: accident
        SOURCE
"""
COUNTED = """\
    outputs:
      all_accidents: {is: all_accidents, unit: accident}
      liable_accidents: {is: liable_accidents, unit: accident}
"""


@pytest.mark.parametrize("padding", [0, 60], ids=["plain-numbers", "columns"])
@pytest.mark.parametrize("indicators", [ALL + LIABLE, LIABLE + ALL], ids=["all-first", "all-last"])
def test_indicators_of_one_window_turn_with_the_first_of_their_records(
    indicators: str, padding: int
) -> None:
    """One counts all records and one some: it is the next day's accident that changes either."""
    plan = compiled(written(f"    indicators:\n{indicators}{COUNTED}"))
    old = "      - {kind: accident, event_date: 2019-01-01}\n" * padding
    (case,) = cases_of(
        "  - name: one today, one tomorrow\n    as_of: 2021-01-01\n    records:\n"
        "      - {kind: accident, event_date: 2021-01-01, liability: liable}\n"
        f"      - {{kind: accident, event_date: 2021-01-02, liability: not_liable}}\n{old}"
        "    expect: {}\n"
    )
    population = case_population([case], plan, VOCABULARY)

    until = plan.run(population, case.as_of).valid_until()

    assert until.tolist() == [case.as_of + 1]


@pytest.mark.parametrize(
    ("as_of", "turns"),
    [
        pytest.param("2023-12-31", "2024-01-01", id="the-day-before-it-begins"),
        pytest.param("2024-01-01", "2025-01-01", id="on-its-first-day"),
        pytest.param("2024-12-31", "2025-01-01", id="on-its-last-day"),
        pytest.param("2025-01-01", "", id="when-it-is-over"),
    ],
)
@pytest.mark.parametrize("padding", [0, 60], ids=["plain-numbers", "columns"])
def test_what_is_valid_for_a_time_turns_at_both_its_ends(
    as_of: str, turns: str, padding: int
) -> None:
    """An honour from 1 January to the end of the year turns when it begins and when it is over."""
    plan = compiled(
        written("""\
    indicators:
      honours:
        records: honour
        window: {valid_until: end_date}
        measure: count
        unit: honour
        SOURCE
    outputs:
      honours: {is: honours, unit: honour}
""")
    )
    old = "      - {kind: honour, event_date: 2019-01-01, end_date: 2020-01-01}\n" * padding
    (case,) = cases_of(
        f"  - name: a year\n    as_of: {as_of}\n    records:\n"
        f"      - {{kind: honour, event_date: 2024-01-01, end_date: 2025-01-01}}\n{old}"
        "    expect: {}\n"
    )

    until = plan.run(case_population([case], plan, VOCABULARY), case.as_of).valid_until()

    expected = day_number(date.fromisoformat(turns)) if turns else NEVER
    assert until.tolist() == [expected]
