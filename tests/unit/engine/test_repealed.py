"""A repealed policy is to others, before the day of its repeal, what it was."""

from datetime import date

import pytest

from services.engine.review import review_policies
from tests.unit.engine.holding import written
from tests.unit.engine.test_policies import ROOT

GRADED = written("""\
    indicators:
      n: {records: accident, window: {last: {years: 1}}, measure: count, unit: accident, SOURCE}
    rules:
      - id: A-1
        when: {n: {at_least: 3}}
        set: {status: closed}
        wording: {zh: 三起, en: three}
        SOURCE
      - id: A-2
        when: {n: {at_least: 1}}
        set: {grade: B}
        wording: {zh: 一起, en: one}
        SOURCE
    grade: {ladder: [A, B], start: [{grade: A, when: true}], beyond: clamp, SOURCE}
""")
REPEAL = """\
  - version: "2"
    start_date: 2027-07-01
    end_date: null
    source: {instrument: 关于废止的决定, checked_date: 2026-11-22, confidence: text-seen}
    repeals: {version: "1", source: {article: 第一条, confidence: text-seen}}
"""
TAKING = written("""\
    inputs:
      closed:
        {from: policy, policy: cn.example.construct, output: status_word, if_missing: none}
    outputs:
      times: {is: {if: {closed: closed}, then: 4, else: 1}, unit: inspection}
""").replace(
    "policy: cn.example.construct\nkind: grade", "policy: cn.example.taking\nkind: supervision"
)
GRADED_CASES = """\
policy: cn.example.construct
cases:
  - name: one
    as_of: 2026-05-01
    records: [{kind: accident, event_date: 2026-01-01}]
    expect: {grade: B}
  - name: three
    as_of: 2026-05-01
    records: [{kind: accident, event_date: 2026-01-01, times: 3}]
    expect: {status: closed, rules: [A-1, A-2]}
"""
TAKING_CASES = """\
policy: cn.example.taking
cases:
  - {name: closed, as_of: 2026-05-01, inputs: {closed: closed}, expect: {times: 4}}
"""


@pytest.mark.parametrize("repeal", ["", REPEAL], ids=["in-force", "repealed"])
def test_what_takes_in_a_repealed_policy_still_knows_its_words(repeal: str) -> None:
    """The repeal has no statuses of its own, and takes those of before from nobody."""
    files = {
        "cn.example/a.yaml": GRADED + repeal,
        "cn.example/a.cases.yaml": GRADED_CASES,
        "cn.example/b.yaml": TAKING,
        "cn.example/b.cases.yaml": TAKING_CASES,
    }
    shared = {name: (ROOT / name).read_bytes() for name in ("vocabulary.yaml", "instruments.yaml")}

    found = review_policies(
        shared | {name: text.encode() for name, text in files.items()}, date(2026, 11, 22)
    )

    assert [str(one) for one in found.problems] == []
