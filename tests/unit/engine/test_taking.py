"""Which lines rest on results of other policies."""

import pytest

from services.engine.building import compile_policy
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.taking import inputs_behind
from tests.unit.engine.holding import compiled, written
from tests.unit.engine.test_policies import VOCABULARY

HEAD = """
policy: cn.test.taker
kind: supervision
title: {zh: 取用, en: Taker}
documentation: Takes in.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: null
    source: &source {instrument: 测试, effective_date: 2020-01-01, confidence: assumed}
    inputs:
      headcount: {from: subject, if_missing: own}
      own: {from: request, unit: person, if_missing: rank}
      rank: {from: policy, policy: cn.test.other, output: rank, unit: person, if_missing: 0}
      grade: {from: policy, policy: cn.test.other, output: grade, if_missing: unknown}
    tables:
      changes:
        keys: [grade]
        outputs: {change: ratio}
        rows: [{grade: A, change: -0.1}]
        otherwise: {change: 0}
        source: {article: 第一条, confidence: assumed}
    values:
      change: {is: {lookup: changes}, unit: ratio, source: {article: 第一条, confidence: assumed}}
      least: {is: rank, unit: ratio, source: {article: 第一条, confidence: assumed}}
    totals:
      factor:
        unit: ratio
        places: 2
        start: START
        combine: sum
        at_least: LEAST
        source: {article: 第一条, confidence: assumed}
    rules:
      - id: T-1
        when: WHEN
        add: {to: factor, amount: AMOUNT}
        wording: {zh: 例, en: an example}
        source: {article: 第一条, confidence: assumed}
    outputs:
      factor: {is: factor, unit: ratio, places: 2}
      other: {is: OTHER, unit: ratio, places: 2}
"""


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"WHEN": "{grade: A}"}, {"T-1": ("grade",)}, id="condition"),
        pytest.param({"AMOUNT": "change"}, {"T-1": ("grade",)}, id="amount-by-value-and-table"),
        pytest.param(
            {"WHEN": "{headcount: {at_least: 5}}"}, {"T-1": ("rank",)}, id="what-stands-in"
        ),
        pytest.param(
            {"AMOUNT": "change", "WHEN": "{rank: 1}"}, {"T-1": ("rank", "grade")}, id="both"
        ),
        pytest.param(
            {"WHEN": "{grade: A}", "OTHER": "factor"},
            {"T-1": ("grade",)},
            id="a-total-says-it-itself",
        ),
        pytest.param({"START": "rank"}, {"factor.start": ("rank",)}, id="start"),
        pytest.param({"LEAST": "least"}, {"factor.bound": ("rank",)}, id="bound"),
        pytest.param({"OTHER": "change"}, {"other": ("grade",)}, id="output"),
    ],
)
def test_lines_name_the_inputs_behind_them(
    parts: dict[str, str], expected: dict[str, tuple[str, ...]]
) -> None:
    """Names are followed through values, tables and what stands in, and stop at totals."""
    assert inputs_behind(plan_of(**parts)) == expected


RECORDS = """
    inputs:
      severity: {from: policy, policy: cn.example.other, output: points, unit: point, if_missing: 0}
      serious: {from: policy, policy: cn.example.other, output: points, unit: point, if_missing: 0}
      limit: {from: policy, policy: cn.example.other, output: points, unit: fen, if_missing: 0}
      points: {from: policy, policy: cn.example.other, output: points, unit: point, if_missing: 0}
      chosen: {from: request, codes: severity, if_missing: serious}
      held: {from: policy, policy: cn.example.other, output: points, unit: truth, if_missing: 0}
    tables:
      points_of:
        keys: [severity]
        outputs: {points: point}
        rows: [{severity: serious, points: 5}]
        otherwise: {points: HELD}
        SOURCE
    children:
      sites:
        each: site_number
        roster: {records: violation, window: {last: {months: 12}}}
        unnamed: left_out
        measures:
          points:
            records: violation
            where: {severity: serious}
            window: {last: {months: 12}}
            measure: {sum: {lookup: points_of}}
            unit: point
            SOURCE
        values: {serious: {is: {multiply: [points, 2]}, unit: point, SOURCE}}
        SOURCE
    indicators:
      n:
        RECORDS
        unit: violation
        SOURCE
    rules:
      - id: T-1
        when: WHEN
        set: {duty: trained}
        wording: {zh: 例, en: an example}
        SOURCE
"""
COUNTED = "records: violation\n        where: {severity: serious}\n"
WINDOW = "        window: {last: {months: 12}}\n        measure: "


@pytest.mark.parametrize(
    ("records", "when", "held", "expected"),
    [
        pytest.param(f"{COUNTED}{WINDOW}count", "{n: 1}", "0", (), id="attribute-and-word"),
        pytest.param(
            f"records: penalty\n        where: {{fine_fen: {{above: limit}}}}\n{WINDOW}count",
            "{n: 1}",
            "0",
            ("limit",),
            id="compared-with-an-input",
        ),
        pytest.param(
            f"records: violation\n{WINDOW}{{sum: {{lookup: points_of}}}}",
            "{n: 1}",
            "0",
            (),
            id="key-of-a-table",
        ),
        pytest.param(
            f"records: violation\n{WINDOW}{{sum: {{lookup: points_of}}}}",
            "{n: 1}",
            "held",
            ("held",),
            id="what-a-table-gives",
        ),
        pytest.param(
            f"records: penalty\n{WINDOW}{{max: fine_fen}}\n        if_none: points",
            "{n: 1}",
            "0",
            ("points",),
            id="what-stands-in",
        ),
        pytest.param(
            "records: violation\n        window: {calendar: year, first: -2, last_period: 0}\n"
            "        measure: {consecutive: count, each_period: {at_least: points}}",
            "{n: 1}",
            "0",
            ("points",),
            id="compared-each-period",
        ),
        pytest.param(
            f"records: violation\n{WINDOW}{{reached: points, again: from_below}}\n"
            "        if_none: unknown",
            "{n: {known: true}}",
            "0",
            ("points",),
            id="what-is-reached",
        ),
        pytest.param(
            f"records: violation\n{WINDOW}"
            "{most_within: {months: 2}, sum: {lookup: points_of}}",
            "{n: 1}",
            "held",
            ("held",),
            id="what-is-added-up-closest",
        ),
        pytest.param(
            "over: sites\n        where: {serious: {at_least: 5}}\n        measure: {sum: points}",
            "{n: 1}",
            "0",
            (),
            id="of-children",
        ),
        pytest.param(
            "over: sites\n        where: {points: {at_least: limit}}\n        measure: count",
            "{n: 1}",
            "held",
            ("limit", "held"),
            id="of-children-by-an-input",
        ),
        pytest.param(f"{COUNTED}{WINDOW}count", "{chosen: serious}", "0", ("serious",), id="word"),
        pytest.param(f"{COUNTED}{WINDOW}count", "{severity: 1}", "0", ("severity",), id="input"),
    ],
)
def test_names_of_records_are_none_of_the_policy(
    records: str, when: str, held: str, expected: tuple[str, ...]
) -> None:
    """What a record or child has of itself is no input, though one is called like it."""
    text = RECORDS.replace("RECORDS", records).replace("WHEN", when).replace("HELD", held)

    plan = compiled(written(text.lstrip("\n")))

    assert inputs_behind(plan) == ({"T-1": expected} if expected else {})


def plan_of(**parts: str) -> Plan:
    """Compile the version with parts of its own."""
    text = HEAD
    plain = {"START": "1", "LEAST": "0", "WHEN": "true", "AMOUNT": "1", "OTHER": "1"}
    for name, part in {**plain, **parts}.items():
        text = text.replace(name, part)
    policy = read_policy(text.encode(), "taker.yaml")
    return compile_policy(policy, policy.versions[0], VOCABULARY, {"cn.test.other": ("A", "B")})
