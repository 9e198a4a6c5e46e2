"""Units that meet agree: in comparisons, in sums and extremes, and as lengths of windows."""

import pytest

from services.engine.fitting import check_fitting
from services.engine.policy_file import read_policy
from tests.unit.engine.holding import written
from tests.unit.engine.test_policies import VOCABULARY

BODY = """\
    indicators:
      fines:
        records: penalty
        where: {fine_fen: {at_least: heavy}}
        window: {last: {months: term}}
        measure: {sum: fine_fen}
        unit: fen
        SOURCE
    values:
      heavy: {is: 50000, unit: fen, SOURCE}
      term: {is: 12, unit: month, SOURCE}
      cost: {is: 20, unit: point, SOURCE}
      both: {is: {add: [fines, heavy]}, unit: fen, SOURCE}
    totals:
      score: {unit: point, places: 2, start: 100, combine: sum, SOURCE}
    rules:
      - id: EX-1
        when: {both: {at_least: heavy}}
        add: {to: score, amount: {subtract: [0, cost]}}
        wording: {zh: 例, en: example}
        SOURCE
    grade:
      ladder: [A, C]
      start:
        - {grade: C, when: {score: {below: {multiply: [cost, 3]}}}}
        - {grade: A, when: true}
      SOURCE
    score: score
"""
HEAVY = "heavy: {is: 50000, unit: fen,"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], [], id="all-agree"),
        pytest.param(
            [(HEAVY, HEAVY.replace("fen", "CNY"))], ["15:38", "24:32", "29:33"], id="yuan-and-fen"
        ),
        pytest.param([("12, unit: month", "1, unit: year")], ["16:33"], id="months-of-a-year"),
        pytest.param(
            [("12, unit: month", "1, unit: year"), ("{months: term}", "{years: term}")],
            [],
            id="years-of-a-year",
        ),
        pytest.param(
            [("{months: term}", "{years: term}")], ["16:32"], id="years-of-twelve-months"
        ),
        pytest.param([("{below: {multiply: [cost, 3]}}", "{below: term}")], ["36:44"], id="score"),
        pytest.param([("[cost, 3]", "[term, 3]")], [], id="product-may-be-anything"),
        pytest.param([("amount: {subtract: [0, cost]}", "amount: term")], ["30:34"], id="total"),
        pytest.param([("[0, cost]", "[cost, term]")], ["30:52"], id="difference"),
        pytest.param([("20, unit: point", "20, unit: mark")], [], id="points-of-somebody-else"),
        pytest.param([("20, unit: point", "20, unit: award")], [], id="unit-of-its-own"),
    ],
)  # fmt: skip
def test_units_that_meet_agree(changes: list[tuple[str, str]], expected: list[str]) -> None:
    """50,000 yuan held against fen are 500, and a window of one year is none of one month."""
    body = BODY
    for old, new in changes:
        assert old in body
        body = body.replace(old, new)
    policy = read_policy(written(body).encode(), "policy.yaml")

    found = list(check_fitting(policy, policy.versions[0], VOCABULARY))

    assert {one.code for one in found} <= {"unit"}
    assert sorted(f"{one.line}:{one.column}" for one in found) == expected
