"""A ladder: where a grade starts, how it moves, and what is off it."""

import pytest

from tests.unit.engine.holding import cases_of, compiled, hold, written

UNPLACED = written("""\
    inputs:
      mark: {from: request, unit: mark, if_missing: no_data}
      late: {from: request, unit: report, if_missing: no_data}
    rules:
      - id: U-LATE
        when: {late: {at_least: 1}}
        add: {to: steps, amount: late}
        wording: {zh: 逾期, en: late}
        SOURCE
    totals:
      steps: {unit: step, places: 0, start: 0, combine: sum, SOURCE}
    grade:
      ladder: [A, B, C]
      start:
        - {grade: A, when: {mark: {at_least: 90}}}
        - {grade: B, when: {mark: {at_least: 60, below: 90}}}
      steps_down: steps
      beyond: fallen
      SOURCE
""")


def test_who_has_no_place_falls_off_no_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three steps down from A are off the ladder of three; without a start there is no result."""
    cases = cases_of("""\
  - {name: A, as_of: 2024-06-01, inputs: {mark: 90, late: 2}, expect: {grade: C}}
  - {name: off, as_of: 2024-06-01, inputs: {mark: 90, late: 3}, expect: {status: fallen}}
  - {name: B, as_of: 2024-06-01, inputs: {mark: 89, late: 1}, expect: {grade: C}}
  - {name: no band, as_of: 2024-06-01, inputs: {mark: 59, late: 9}, expect: {state: no_data}}
""")

    hold(compiled(UNPLACED), cases, monkeypatch)
