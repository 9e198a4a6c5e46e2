"""Amounts that nobody knows: no total leaves one out in silence, no grade goes without steps."""

import pytest

from tests.unit.engine.holding import cases_of, compiled, hold, written

STRICTEST = """\
    inputs:
      by_risk: {from: request, unit: inspection, if_missing: unknown}
      by_size: {from: request, unit: inspection, if_missing: unknown}
      risky: {from: request, unit: site, if_missing: 1}
    totals:
      inspections: {unit: inspection, start: 0, combine: COMBINE, SOURCE}
    rules:
      - id: T-RISK
        when: {risky: {at_least: 1}}
        add: {to: inspections, amount: by_risk}
        wording: {zh: 按风险, en: by risk}
        SOURCE
      - id: T-ALL
        when: true
        add: {to: inspections, amount: 2}
        wording: {zh: 一般, en: all}
        SOURCE
      - id: T-SIZE
        when: {risky: {at_least: 2}}
        add: {to: inspections, amount: by_size}
        wording: {zh: 按规模, en: by size}
        SOURCE
    score: inspections
"""


@pytest.mark.parametrize(
    ("combine", "told", "one_unknown", "both_unknown", "does_not_apply"),
    [
        # Told 6 by risk and 4 by size; then 4 by size alone; then neither; then only "all" holds.
        pytest.param("max", "6", "null", "null", "2", id="greatest"),
        pytest.param("min", "2", "null", "null", "2", id="least"),
        pytest.param("sum", "12", "null", "null", "2", id="sum"),
        pytest.param("first", "6", "null", "null", "2", id="first"),
    ],
)
def test_amount_that_nobody_knows_leaves_a_total_without_value(
    combine: str,
    told: str,
    one_unknown: str,
    both_unknown: str,
    does_not_apply: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The strictest of 6 and 2 is 6; of what nobody knows and 2 it is not 2."""
    plan = compiled(written(STRICTEST.replace("COMBINE", combine)))
    cases = f"""\
  - {{name: told, as_of: 2024-06-01, inputs: {{by_risk: 6, by_size: 4, risky: 2}},
      expect: {{score: {told}}}}}
  - {{name: one, as_of: 2024-06-01, inputs: {{by_size: 4, risky: 2}},
      expect: {{score: {one_unknown}}}}}
  - {{name: both, as_of: 2024-06-01, inputs: {{risky: 2}}, expect: {{score: {both_unknown}}}}}
  - {{name: none of them, as_of: 2024-06-01, inputs: {{risky: 0}},
      expect: {{score: {does_not_apply}}}}}
"""

    hold(plan, cases_of(cases), monkeypatch)


STEPS = """\
    inputs:
      told: {from: request, unit: step, if_missing: unknown}
      late: {from: request, unit: report, if_missing: 0}
      fraud: {from: request, unit: case, if_missing: 0}
    totals:
      steps: {unit: step, start: START, combine: COMBINE, SOURCE}
    rules:
      - id: S-LATE
        when: {late: {at_least: 1}}
        add: {to: steps, amount: AMOUNT}
        wording: {zh: 逾期, en: late}
        SOURCE
      - id: S-FRAUD
        when: {fraud: {at_least: 1}}
        set: {exactly: C}
        wording: {zh: 弄虚作假, en: fraud}
        SOURCE
    grade:
      ladder: [A, B, C]
      start: [{grade: A, when: true}]
      steps_down: steps
      beyond: BEYOND
      SOURCE
"""
SUM = STEPS.replace("START", "0").replace("AMOUNT", "told").replace("COMBINE", "sum")
MEAN = (
    STEPS.replace(" start: START,", "")
    .replace("amount: AMOUNT", "amount: told, weight: 1")
    .replace("COMBINE", "weighted_mean, rounding: up, if_none: unknown")
)


@pytest.mark.parametrize(
    ("body", "unconcerned"),
    [
        pytest.param(SUM, "{grade: A}", id="amount"),
        pytest.param(STEPS.replace("START", "told").replace("COMBINE", "sum")
                     .replace("AMOUNT", "0"), "{state: no_data}", id="start"),
        pytest.param(SUM.replace("sum", "max"), "{grade: A}", id="greatest"),
        pytest.param(MEAN, "{state: no_data}", id="mean-of-nothing"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("beyond", ["clamp", "barred"])
def test_steps_that_nobody_can_count_give_no_grade(
    body: str, unconcerned: str, beyond: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One step from A is B; without a word of how many, A would be the best of all answers."""
    cases = f"""\
  - {{name: one, as_of: 2024-06-01, inputs: {{told: 1, late: 1}}, expect: {{grade: B}}}}
  - {{name: nobody says, as_of: 2024-06-01, inputs: {{late: 1}}, expect: {{state: no_data}}}}
  - {{name: unconcerned, as_of: 2024-06-01, expect: {unconcerned}}}
"""

    hold(compiled(written(body.replace("BEYOND", beyond))), cases_of(cases), monkeypatch)


@pytest.mark.parametrize(
    ("beyond", "expected"),
    [
        pytest.param("clamp", "{grade: C}", id="settled"),
        pytest.param("barred", "{state: no_data}", id="may-be-barred"),
    ],
)
def test_veto_settles_a_grade_without_the_steps(
    beyond: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fraud is exactly C wherever the steps lead, unless they may lead off the ladder."""
    cases = f"""\
  - {{name: fraud, as_of: 2024-06-01, inputs: {{late: 1, fraud: 1}}, expect: {expected}}}
"""

    hold(compiled(written(SUM.replace("BEYOND", beyond))), cases_of(cases), monkeypatch)
