"""Means of indicators, and what their parts say."""

import pytest

from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written

MEAN = written("""\
    inputs:
      management: {from: request, unit: point, if_missing: unknown}
      equipment: {from: request, unit: point, if_missing: unknown}
      transport: {from: request, unit: point, if_missing: unknown}
    totals:
      score:
        unit: point
        places: 1
        combine: weighted_mean
        rounding: half_up
        if_none: no_data
        at_most: 95
        SOURCE
    rules:
      - id: M-1
        when: {management: {known: true}}
        add: {to: score, amount: management, weight: 50}
        wording: {zh: 管理, en: management}
        SOURCE
      - id: M-2
        when: {equipment: {known: true}}
        add: {to: score, amount: equipment, weight: 30}
        wording: {zh: 设备, en: equipment}
        SOURCE
      - id: M-3
        when: {transport: {known: true}}
        add: {to: score, amount: transport, weight: 20}
        wording: {zh: 运输, en: transport}
        SOURCE
    outputs: {score: {is: score, unit: point, places: 1}}
    score: score
""")


def test_mean_spreads_the_weight_of_what_does_not_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    """(80×50 + 61×30) ÷ 80 is 72.875: rounded once, and the lines add up to it."""
    cases = cases_of("""\
  - {name: all, as_of: 2024-06-01, inputs: {management: 80, equipment: 60, transport: 100}, expect: {score: 78.0}}
  - {name: two, as_of: 2024-06-01, inputs: {management: 80, equipment: 61}, expect: {score: 72.9}}
  - {name: one, as_of: 2024-06-01, inputs: {transport: 7}, expect: {score: 7.0}}
  - {name: capped, as_of: 2024-06-01, inputs: {transport: 100}, expect: {score: 95.0}}
  - {name: none, as_of: 2024-06-01, expect: {state: no_data}}
""")  # noqa: E501 -- a row or case a line.
    plan = compiled(MEAN)

    hold(plan, cases, monkeypatch)

    lines = {one.rule_id: one.amount for one in lines_of(plan, cases[1])}
    # 50.0 and 22.875, rounded for themselves, leave nothing over; together they are 72.9.
    assert lines == {"M-1": 500, "M-2": 229}
    assert {one.rule_id: one.amount for one in lines_of(plan, cases[3])} == {
        "M-3": 1000,
        "score.bound": -50,
    }


def test_rounding_of_the_parts_is_a_line_of_its_own() -> None:
    """Three thirds of 1 point are 0.3 each; the tenth that is missing is shown."""
    plan = compiled(MEAN.replace("weight: 50", "weight: 20").replace("weight: 30", "weight: 20"))
    (case,) = cases_of("""\
  - {name: thirds, as_of: 2024-06-01, inputs: {management: 1, equipment: 1, transport: 1}, expect: {}}
""")  # noqa: E501 -- a row or case a line.

    lines = {one.rule_id: one.amount for one in lines_of(plan, case)}

    assert lines == {"M-1": 3, "M-2": 3, "M-3": 3, "score.rounding": 1}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(", weight: 50", "", "missing-weight", id="no-weight"),
        pytest.param(", weight: 50", ", weight: -5", "weight", id="negative-weight"),
        pytest.param("        if_none: no_data\n", "", "missing-if-none", id="nothing-applies"),
        pytest.param("        rounding: half_up\n", "", "missing-rounding", id="no-rounding"),
        pytest.param(
            "combine: weighted_mean",
            "start: 3\n        combine: weighted_mean",
            "unknown-key",
            id="start",
        ),
    ],
)
def test_wrong_mean_is_named(old: str, new: str, code: str) -> None:
    """A mean says its weights, its rounding, and what holds when nothing applies."""
    assert code in {one.split(":")[2] for one in problems(MEAN.replace(old, new, 1))}
