"""Which lines rest on results of other policies."""

import pytest

from services.engine.language import Version
from services.engine.policy_file import read_policy
from services.engine.taking import inputs_behind

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
        pytest.param({"WHEN": "{factor: {below: 1}}"}, {}, id="a-total-says-it-itself"),
        pytest.param({"START": "rank"}, {"factor.start": ("rank",)}, id="start"),
        pytest.param({"LEAST": "least"}, {"factor.bound": ("rank",)}, id="bound"),
        pytest.param({"OTHER": "change"}, {"other": ("grade",)}, id="output"),
    ],
)
def test_lines_name_the_inputs_behind_them(
    parts: dict[str, str], expected: dict[str, tuple[str, ...]]
) -> None:
    """Names are followed through values, tables and what stands in, and stop at totals."""
    assert inputs_behind(version(**parts)) == expected


def version(**parts: str) -> Version:
    """Read the version with parts of its own."""
    text = HEAD
    plain = {"START": "1", "LEAST": "0", "WHEN": "true", "AMOUNT": "1", "OTHER": "1"}
    for name, part in {**plain, **parts}.items():
        text = text.replace(name, part)
    (found,) = read_policy(text.encode(), "taker.yaml").versions
    return found
