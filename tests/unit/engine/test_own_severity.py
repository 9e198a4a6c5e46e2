"""A scheme with more steps of severity than records have, by codes of violations and a table."""

from datetime import date

import pytest

from services.engine.review import review_policies
from tests.unit.engine.test_policies import ROOT

KINDS = ("dust", "noise")
STEPS = {"slight": 1, "light": 2, "common": 4, "heavy": 8, "grave": 16}
"""Points of the five steps: 轻微、较轻、一般、较重、严重."""

TODAY = date(2026, 11, 22)
FIRST_FREE = 25
OPEN = "  violation_code:\n"
WORDS = [f"{kind}_{step}" for kind in KINDS for step in STEPS]
ROWS = [
    f"          - {{violation_code: {kind}_{word}, kind: {n}, step: {step}, points: {points}}}\n"
    for n, kind in enumerate(KINDS, start=1)
    for step, (word, points) in enumerate(STEPS.items(), start=1)
]

POLICY = """\
policy: cn.example.five-steps
kind: grade
title: {zh: 示例裁量办法, en: Example of five steps}
documentation: Points by the step, doubled where the same kind was found within a year before.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2024-01-01
    end_date: null
    source: {instrument: 示例办法, checked_date: 2026-11-21, confidence: text-seen}
    indicators:
      points_off:
        records: violation
        each: {kind: {lookup: step_of, output: kind}}
        repeats: {same: [kind], window: {last: {months: 12}}}
        window: {last: {years: 3}}
        measure:
          sum:
            multiply: [{lookup: step_of, output: points}, {if: {earlier: 0}, then: 1, else: 2}]
        unit: point
        source: {article: 第三条, confidence: text-seen}
      gravest:
        records: violation
        window: {last: {years: 3}}
        measure: {max: {lookup: step_of, output: step}}
        if_none: 0
        unit: step
        source: {article: 第五条, confidence: text-seen}
    tables:
      step_of:
        keys: [violation_code]
        outputs: {kind: kind, step: step, points: point}
        rows:
ROWS        otherwise: {kind: 0, step: 0, points: 0}
        source: {article: 附表, confidence: text-seen}
    totals:
      score:
        unit: point
        start: 100
        combine: sum
        at_least: 0
        source: {article: 第二条, confidence: text-seen}
    rules:
      - id: EX-OFF
        when: {points_off: {at_least: 1}}
        add: {to: score, amount: {multiply: [points_off, -1]}}
        wording: {zh: 按裁量阶次扣分, en: points off by the step}
        source: {article: 第四条, confidence: text-seen}
      - id: EX-HEAVY
        when: {gravest: {at_least: 4}}
        set: {grade: B}
        wording: {zh: 有较重以上违法行为的，不高于B级, en: B at best from the fourth step on}
        source: {article: 第五条, confidence: text-seen}
    grade:
      ladder: [A, B, C]
      start:
        - {grade: A, when: {score: {at_least: 90}}}
        - {grade: B, when: {score: {at_least: 60}}}
        - {grade: C, when: true}
      beyond: clamp
      source: {article: 第五条, confidence: text-seen}
    score: score
"""
CASE = """\
policy: cn.example.five-steps
cases:
  - name: a case
    as_of: 2025-06-01
    records:
RECORDS      # Three years ago to the day: it counts no more.
      - {kind: violation, event_date: 2022-06-01, violation_code: noise_grave}
    expect: {EXPECT}
"""


def problems(records: list[str], expect: str) -> list[str]:
    """Review the policy with one case, by a vocabulary that has its kinds and steps.

    Args:
        records: Day and code of each violation.
        expect: What is expected on 1 June 2025.
    """
    own = "".join(
        f"    {word}: {{number: {number}, zh: {word}, en: {word}}}\n"
        for number, word in enumerate(WORDS, start=FIRST_FREE)
    )
    found = "".join(
        f"      - {{kind: violation, event_date: {day}, violation_code: {code}}}\n"
        for day, code in (one.split() for one in records)
    )
    shared = {name: (ROOT / name).read_text() for name in ("vocabulary.yaml", "instruments.yaml")}
    assert OPEN in shared["vocabulary.yaml"]
    shared["vocabulary.yaml"] = shared["vocabulary.yaml"].replace(OPEN, OPEN + own)
    files = {
        **shared,
        "x/five.yaml": POLICY.replace("ROWS", "".join(ROWS)),
        "x/five.cases.yaml": CASE.replace("RECORDS", found).replace("EXPECT", expect),
    }
    review = review_policies({name: text.encode() for name, text in files.items()}, TODAY)
    # One case alone need not try every rule.
    return [str(one) for one in review.problems if one.code != "rule-untried"]


@pytest.mark.parametrize(
    ("records", "expect"),
    [
        # The third step takes 4 points, and no grade is capped by it; the fourth is.
        pytest.param(["2025-03-01 dust_common"], "grade: A, score: 96", id="third-step"),
        pytest.param(["2025-03-01 dust_heavy"], "grade: B, score: 92", id="fourth-step"),
        # 4, and twice 2 for the same kind of another step: 100 - 8.
        pytest.param(
            ["2025-03-01 dust_common", "2025-04-01 dust_light"], "grade: A, score: 92",
            id="same-kind-of-another-step",
        ),
        pytest.param(
            ["2025-03-01 dust_common", "2025-04-01 noise_light"], "grade: A, score: 94",
            id="another-kind-of-that-step",
        ),
        # On the day on which the year ends the earlier one is none any more.
        pytest.param(
            ["2024-03-01 dust_common", "2025-02-28 dust_light"], "grade: A, score: 92",
            id="last-day-of-the-year",
        ),
        pytest.param(
            ["2024-03-01 dust_common", "2025-03-01 dust_light"], "grade: A, score: 94",
            id="a-year-later",
        ),
        # Codes without a step are of none, and repeat each other as such, for nothing.
        pytest.param(
            ["2025-03-01 training", "2025-04-01 training"], "grade: A, score: 100", id="no-step"
        ),
    ],
)  # fmt: skip
def test_steps_and_kinds_are_both_told(records: list[str], expect: str) -> None:
    """A code of a kind with its step keeps both, so that the same kind is found again."""
    assert problems(records, expect) == []
