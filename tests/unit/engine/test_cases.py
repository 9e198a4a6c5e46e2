"""Golden cases: one that cannot fail, or that names what is not there, is told at its place."""

import pytest

from services.engine.cases import read_cases, rules_held, try_case
from services.engine.errors import PolicyRefusedError, Problem
from tests.unit.engine.holding import compiled, written
from tests.unit.engine.test_policies import VOCABULARY

POLICY = written("""\
    inputs:
      industry: {from: subject, if_missing: unknown}
      division: {from: subject, if_missing: unknown}
      founding_date: {from: subject, if_missing: unknown}
      mark: {from: request, unit: mark, if_missing: no_data}
      ahead: {from: peers, attribute: rank, of: mark, among: [], if_missing: unknown}
    values:
      closed: {is: {day: founding_date, years: 30}, unit: date, SOURCE}
    rules:
      - id: C-MARK
        when: {mark: {at_least: 60}}
        set: {duty: retraining}
        wording: {zh: 培训, en: training}
        SOURCE
    grade:
      ladder: [A, B]
      start:
        - {grade: A, when: {mark: {at_least: 90}}}
        - {grade: B, when: true}
      SOURCE
    outputs:
      closed: {is: closed, unit: date}
""")
CASE = """\
policy: cn.example.construct
cases:
  - name: one
    as_of: 2024-06-01
    subject: {industry: C26, division: "110105"}
    inputs: {mark: 90}
    peers: {ahead: [10, 20]}
    expect: {grade: A, rules: [C-MARK]}
"""


def tried(old: str, new: str) -> list[str]:
    """Change a right case and try it; give the problems as they are printed."""
    assert old in CASE
    plan, text = compiled(POLICY), CASE.replace(old, new, 1)
    found: tuple[Problem, ...]
    try:
        (case,) = read_cases(text.encode(), "x.cases.yaml", VOCABULARY).cases
        found = try_case(plan, case, VOCABULARY, "x.cases.yaml")
    except PolicyRefusedError as error:
        found = error.problems
    return [str(one) for one in found]


def test_right_case_passes() -> None:
    """The case that the others change."""
    assert tried("one", "one") == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            "{grade: A, rules: [C-MARK]}",
            "{}",
            "3:5: missing-expect: one: say at least one result that is expected",
            id="nothing-expected",
        ),
        pytest.param(
            "grade: A",
            "garde: A",
            "8:21: unknown-name: one: no result is called 'garde'; 'grade' may be meant",
            id="result",
        ),
        pytest.param(
            "[C-MARK]",
            "[C-MRAK]",
            "8:32: unknown-name: one: no rule is called 'C-MRAK'; 'C-MARK' may be meant",
            id="rule",
        ),
        pytest.param(
            "{mark: 90}",
            "{mark: 90, limit: 3}",
            "6:31: unknown-name: one: no input is called 'limit'; there are industry, division,"
            " founding_date, mark, ahead",
            id="input",
        ),
        pytest.param(
            "peers: {ahead",
            "peers: {behind",
            "7:21: unknown-name: one: no place among peers is called 'behind'; there are ahead",
            id="place-among-peers",
        ),
        pytest.param(
            "[10, 20]",
            "[10, 20.5]",
            "7:20: syntax: one: what 'ahead' compares has 0 decimals, and no more",
            id="finer-than-what-is-compared",
        ),
        pytest.param(
            "[10, 20]", "[10, true]", "7:20: syntax: peers are numbers of the unit", id="no-number"
        ),
        pytest.param(
            "C26",
            "C99",
            "5:25: unknown-code: GB/T 4754 has no C99: section C has divisions C13 to C43",
            id="industry",
        ),
        pytest.param("C26", "C2X", "5:25: type: 'C2X' is no industry", id="no-industry-at-all"),
        pytest.param(
            '"110105"',
            '"990105"',
            "5:40: unknown-code: GB/T 2260 has no division 990105: no province begins with 99",
            id="division",
        ),
        pytest.param(
            '"110105"', '"1101"', "5:40: type: '1101' is no division", id="no-division-at-all"
        ),
        pytest.param(
            'division: "110105"',
            "founding_date: 9990-01-01",
            "3:5: case-failed: one: 'closed': a day lies outside the years 1 to 9999; look less far"
            " back or on",
            id="day-that-cannot-be",
        ),
    ],
)
def test_mistake_is_named_at_its_place(old: str, new: str, problem: str) -> None:
    """Line and column are those of the word that is wrong."""
    assert tried(old, new) == [f"x.cases.yaml:{problem}"]


def test_no_rule_holds_in_a_case_that_cannot_be_tried() -> None:
    """A case that stops counts for no rule as tried."""
    text = CASE.replace('division: "110105"', "founding_date: 9990-01-01")
    (case,) = read_cases(text.encode(), "x.cases.yaml", VOCABULARY).cases
    (right,) = read_cases(CASE.encode(), "x.cases.yaml", VOCABULARY).cases

    assert rules_held(compiled(POLICY), case, VOCABULARY) == frozenset()
    assert rules_held(compiled(POLICY), right, VOCABULARY) == {"C-MARK"}
