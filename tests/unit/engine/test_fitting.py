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
BOTH = "both: {is: {add: [fines, heavy]}, unit: fen,"
OUTPUT = "    score: score\n    outputs:\n      left: {is: score, unit: day, places: 2}\n"
INPUTS = """\
    inputs:
      told: {from: request, unit: fen, if_missing: ABSENT}
    indicators:
"""
FOUNDED = """\
    inputs:
      founded: {from: subject, attribute: founding_date, if_missing: no_data}
    indicators:
"""
TABLE = """\
    tables:
      off:
        keys: [term]
        outputs: {off: point}
        rows: [{term: {below: 12}, off: term}, {term: {at_least: 12}, off: cost}]
        otherwise: no_data
        SOURCE
    totals:
"""


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
        pytest.param([(BOTH, BOTH.replace("fen", "award"))], ["24:18"], id="value-of-another-unit"),
        pytest.param([(BOTH, "both: {is: {multiply: [cost, 3]}, unit: fen,")], [],
                     id="product-has-any-unit"),
        pytest.param([(BOTH, "both: {is: cost, unit: award,")], ["24:18"],
                     id="points-called-awards"),
        pytest.param([(BOTH, "both: {is: cost, unit: mark,")], ["29:33"], id="points-called-marks"),
        pytest.param([(BOTH, "both: {is: 7, unit: award,")], [], id="number-has-any-unit"),
        pytest.param([(BOTH, "both: {is: 7, unit: yuan,")], ["29:33"], id="yuan-by-its-name"),
        pytest.param([(BOTH, "both: {is: 7, unit: ten thousand yuan,")], ["29:33"],
                     id="ten-thousand-yuan"),
        pytest.param([(BOTH, "both: {is: 7, unit: 万元,")], ["29:33"], id="wan-yuan"),
        pytest.param([(BOTH, "both: {is: 7, unit: yuan per person,")], [], id="yuan-by-head"),
        pytest.param([(HEAVY, HEAVY.replace("fen", "CNY")), (BOTH, "both: {is: 7, unit: yuan,")],
                     ["15:38"], id="yuan-are-yuan"),
        pytest.param([(BOTH, "both: {is: {if: {cost: 1}, then: heavy, else: cost}, unit: fen,")],
                     ["24:18"], id="branches-of-two-units"),
        pytest.param([(BOTH, "both: {is: {if: {cost: 1}, then: heavy, else: 7}, unit: fen,")], [],
                     id="branches-of-one-unit"),
        pytest.param([("{sum: fine_fen}", "{max: fine_fen}\n        if_none: cost")],
                     ["18:18"], id="what-stands-in-for-the-greatest"),
        pytest.param([("{sum: fine_fen}", "{max: fine_fen}\n        if_none: heavy")], [],
                     id="what-rightly-stands-in"),
        pytest.param([("    indicators:\n", INPUTS.replace("ABSENT", "term"))], ["13:52"],
                     id="what-stands-in-for-an-input"),
        pytest.param([("    indicators:\n", INPUTS.replace("ABSENT", "heavy"))], [],
                     id="what-rightly-stands-in-for-an-input"),
        pytest.param([("12, unit: month", "{elapsed: months, from: founded}, unit: month"),
                      ("    indicators:\n", FOUNDED)], [], id="months-since"),
        pytest.param([("12, unit: month", "{elapsed: days, from: founded}, unit: month"),
                      ("    indicators:\n", FOUNDED)], ["24:18"], id="days-since-called-months"),
        pytest.param([("    score: score\n", OUTPUT)], ["41:18"], id="output-of-another-unit"),
        pytest.param([("    score: score\n", OUTPUT.replace("unit: day", "unit: point"))], [],
                     id="output-of-its-unit"),
        pytest.param([("    totals:\n", TABLE)], ["29:41"], id="row-of-another-unit"),
        pytest.param([("    totals:\n", TABLE.replace("off: term}", "off: 1}")
                       .replace("no_data", "{off: term}"))], ["30:26"],
                     id="what-stands-in-for-a-row"),
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
