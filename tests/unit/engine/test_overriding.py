"""A mistake that a policy makes in what it extends is told in its own file."""

import pytest

from tests.unit.engine.test_review import CASES, review_of

ABOVE = """\
policy: cn.example.points
kind: grade
title: {zh: 示例, en: example}
documentation: An example.
field: work_safety
division: "110100"
versions:
  - version: "1"
    start_date: 2024-01-01
    end_date: null
    source: {instrument: 示例办法, checked_date: 2026-11-21, confidence: assumed}
    indicators:
      serious:
        records: violation
        where: {severity: serious}
        window: {last: {months: term}}
        measure: count
        unit: violation
        source: {article: 第三条, confidence: assumed}
    values:
      best: {is: 90, unit: point, source: {article: 第三条, confidence: assumed}}
      term: {is: 12, unit: month, source: {article: 第三条, confidence: assumed}}
    totals:
      score:
        unit: point
        places: 0
        start: 100
        combine: sum
        at_least: 0
        source: {article: 第二条, confidence: assumed}
    rules:
      - id: EX-1
        when: {serious: {at_least: 1}}
        add: {to: score, amount: {multiply: [serious, -10]}}
        wording: {zh: 扣分, en: points off}
        source: {article: 第四条, confidence: assumed}
    grade:
      ladder: [A, B]
      start:
        - {grade: A, when: {score: {at_least: best}}}
        - {grade: B, when: true}
      source: {article: 第五条, confidence: assumed}
    score: score
"""
DISTRICT = """\
policy: cn.example.district
kind: grade
title: {zh: 示例, en: example}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2024-01-01
    end_date: null
    source: {instrument: 区办法, checked_date: 2026-11-21, confidence: assumed}
    extends: {policy: cn.example.points, version: "1"}
    values:
      best: {is: 90, unit: point, source: {article: 第三条, confidence: assumed}}
      term: {is: 24, unit: month, source: {article: 第三条, confidence: assumed}}
"""


def found(above: str, district: str) -> list[str]:
    """Review both; give the problems as ``file:line:column:code``."""
    files = {
        "cn.example/points.yaml": above,
        "cn.example/points.cases.yaml": CASES,
        "cn.example/district.yaml": district,
        "cn.example/district.cases.yaml": CASES.replace("example.points", "example.district"),
    }
    several = [one for one in review_of(files).problems if not one.warning]
    return [f"{one.file.split('/')[1]}:{one.line}:{one.column}:{one.code}" for one in several]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("is: 90", "is: 80", [], id="fits"),
        pytest.param("is: 90", "is: 101", ["district.yaml:14:13:dead-band"], id="too-high"),
        pytest.param("is: 90", "is: 0", ["district.yaml:14:13:dead-band"], id="too-low"),
        pytest.param("is: 24", "is: 0", ["district.yaml:15:13:type"], id="no-window"),
        pytest.param("is: 24", "is: -1", ["district.yaml:15:13:not-whole"], id="backwards"),
    ],
)
def test_mistake_is_told_where_it_is_made(old: str, new: str, expected: list[str]) -> None:
    """What the city says is right; a district that says 101 of 100 points is not."""
    assert found(ABOVE, DISTRICT.replace(old, new)) == expected


def test_mistake_of_the_file_above_stays_there() -> None:
    """Both have it; the city's file is the one to mend."""
    places = found(ABOVE.replace("is: 90", "is: 101"), DISTRICT.replace("is: 90, ", "is: 101, "))

    assert places == ["points.yaml:40:11:dead-band"]


def test_message_says_with_what() -> None:
    """File, line and column of the part above stand in the message."""
    files = {
        "cn.example/points.yaml": ABOVE,
        "cn.example/points.cases.yaml": CASES,
        "cn.example/district.yaml": DISTRICT.replace("is: 90", "is: 101"),
    }

    (message,) = [str(one) for one in review_of(files).problems if not one.warning]

    assert "with best = 101, what it extends is wrong at cn.example/points.yaml:40:11: " in message
