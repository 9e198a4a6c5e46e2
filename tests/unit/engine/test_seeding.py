"""Where the search for improvements begins: golden cases, and enterprises that are well off."""

from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import pytest

from services.engine.building import compile_policy
from services.engine.calming import Calmer
from services.engine.cases import Case, read_cases
from services.engine.days import day_number
from services.engine.language import Policy
from services.engine.monotone_problems import check_monotone
from services.engine.plan import Plan
from services.engine.population import Population
from services.engine.seeding import Sower
from tests.unit.engine.test_monotone import POINTS, SERIOUS, codes, policy_of
from tests.unit.engine.test_policies import LADDERS, VOCABULARY

CASES: Final = """policy: cn.example.x
cases:
  - name: two
    as_of: 2024-06-01
    inputs: {a: 12, b: 7}
    records:
      - {kind: violation, event_date: 2024-05-22, severity: serious, times: 2}
    expect: {grade: B}
  - name: none
    as_of: 2024-06-01
    inputs: {a: 1, b: 1}
    expect: {grade: A}
  - name: a year before
    as_of: 2023-06-01
    inputs: {a: 0, b: 0}
    records:
      - {kind: violation, event_date: 2023-05-02, severity: general}
    expect: {grade: A}
"""

# 12 and 7, which nothing names, make 12 × 137 + 7 × 91 = 2281.
ODD: Final = """    values:
      odd: {is: {add: [{multiply: [a, 137]}, {multiply: [b, 91]}]}, unit: point, SOURCE}
"""
ASKED: Final = "{from: request, unit: point, if_missing: no_data}"


def compiled(policy: Policy) -> Plan:
    """Compile the one version of a policy."""
    return compile_policy(policy, policy.versions[0], VOCABULARY, LADDERS)


def odd(effect: str) -> Policy:
    """Make a policy with 10 points off for a violation, and a rule that chance hardly meets."""
    inputs = f"    inputs:\n      a: {ASKED}\n      b: {ASKED}\n"
    points = POINTS.replace("WHEN", "{n: {at_least: 3}, odd: 2281}").replace("EFFECT", effect)
    return policy_of(inputs + SERIOUS + ODD + points)


def cases() -> tuple[Case, ...]:
    """Read the cases."""
    return read_cases(CASES.encode(), "x.cases.yaml", VOCABULARY).cases


def test_what_chance_never_meets_is_found_near_a_golden_case() -> None:
    """Two violations are B; a third makes it A where the answers are those of the case."""
    wrong, right = odd("{exactly: A}"), odd("{grade: C}")

    def found(policy: Policy, known: tuple[Case, ...]) -> list[str]:
        problems = check_monotone(policy, compiled(policy), VOCABULARY, cases=known)
        return [one.code for one in problems]

    assert found(wrong, cases()) == ["not-monotone"]
    assert found(right, cases()) == []
    assert found(wrong, ()) == []
    # The same answers, with which the grade is the best already.
    two = cases()[0]
    assert found(wrong, (replace(two, records=()),)) == []
    ended = replace(wrong.versions[0], end_date=date(2024, 6, 1))
    assert found(replace(wrong, versions=(ended,)), (two,)) == []


def test_cases_are_sown_on_the_days_of_most_of_them() -> None:
    """On the day of two cases the third is moved there, its record 30 days before as ever."""
    plan = compiled(odd("{grade: C}"))

    first, second = Sower(plan, VOCABULARY, cases()).sown()

    days = [day_number(date(2024, 6, 1)), day_number(date(2023, 6, 1))]
    assert [first.day, second.day] == days
    for one in (first, second):
        records = one.before.population.records["violation"]
        assert set((one.day - records.columns["event_date"]).tolist()) == {10, 30}
        assert set(one.before.inputs["a"].tolist()) <= {12, 1, 0}
        more = one.more["violation"]
        assert more.subjects.tolist() == list(range(one.before.population.size))
        assert {10, 30} <= set((one.day - more.columns["event_date"]).tolist())
        assert np.unique(more.record_ids).size == more.record_ids.size


def test_cases_without_a_record_against_anybody_are_not_sown() -> None:
    """There is nothing that could be added, and none whose inputs the version does not have."""
    plan = compiled(odd("{grade: C}"))
    two, none, _ = cases()

    assert list(Sower(plan, VOCABULARY, [none]).sown()) == []
    assert list(Sower(plan, VOCABULARY, [replace(two, inputs={"c": 1})]).sown()) == []


def sheet(count: int, flat: int) -> Policy:
    """Make a check sheet: 5 points off for each found, 1 to be answered yes; and accidents.

    A violation takes off 20 points unless there is a larger accident, which takes off some alone.
    """
    names = [f"q_{number}" for number in range(count)]
    inputs = "".join(f"      {name}: {ASKED}\n" for name in names)
    rules = "".join(
        f"      - {{id: Q-{name}, when: {{{name}: {{at_least: 1}}}}, add: {{to: score,"
        f" amount: {{multiply: [{name}, -5]}}}}, WORDING, SOURCE}}\n"
        for name in names
    )
    body = (
        "    inputs:\n      trained: {from: request, unit: truth, if_missing: no_data,"
        " allowed: {in: [0, 1]}}\n"
        + inputs
        + SERIOUS
        + "      larger: {records: accident, where: {level: {at_least: larger}}, window: ever,"
        " measure: count, unit: accident, SOURCE}\n" + POINTS
    )
    body = body.replace("when: {n: {at_least: 1}}", "when: {n: {at_least: 1}, larger: 0}")
    body = body.replace("[n, -10]", "[n, -20]")
    body = body.replace(
        "      - id: EX\n        when: WHEN\n        set: EFFECT\n",
        "      - id: EX\n"
        f"        when: {{larger: {{at_least: 1}}}}\n        add: {{to: score, amount: {flat}}}\n",
    )
    untrained = (
        "      - {id: T, when: {trained: 0}, add: {to: score, amount: -70}, WORDING, SOURCE}\n"
    )
    return policy_of(body.replace("    grade:\n", untrained + rules + "    grade:\n", 1))


@pytest.mark.parametrize("count", [2, 10, 14])
def test_a_slip_shows_however_long_the_check_sheet_is(count: int) -> None:
    """Two violations are −40; with a larger accident besides −25, which −100 mends."""
    assert codes(sheet(count, -25)) == ["not-monotone"]
    assert codes(sheet(count, -100)) == []


def test_good_answers_are_found_one_by_one() -> None:
    """Nothing found in ten questions, and training answered with yes, give 100 points."""
    plan = compiled(sheet(10, -100))
    values = {f"q_{number}": [0, 1, 2, 3, 10, 100] for number in range(10)} | {"trained": [0, 1]}
    drawn = {name: np.array([max(held)] * 5) for name, held in values.items()}
    empty = Population(5, {}, {})

    good = Calmer(plan, day_number(date(2024, 6, 1)), values).answers(empty, drawn)

    assert {name: set(column.tolist()) for name, column in good.items()} == {
        name: {1} if name == "trained" else {0} for name in values
    }


WORST: Final = """    inputs:
      asked: {from: request, unit: point, if_missing: no_data, allowed: {at_least: 0}}
    indicators:
      n: {records: violation, window: ever, measure: count, unit: violation, SOURCE}
    rules:
      - {id: W, when: {n: {at_least: 1}}, set: {grade: B}, WORDING, SOURCE}
    grade:
      ladder: [A, B]
      start: [{grade: A, when: {asked: LIMIT}}, {grade: B, when: true}]
      beyond: clamp
      SOURCE
"""


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        pytest.param("{below: 0}", ["not-searched"], id="all-at-the-worst"),
        pytest.param("{at_least: 100}", [], id="some-at-the-best"),
    ],
)
def test_a_search_in_which_nothing_can_show_says_so(limit: str, found: list[str]) -> None:
    """Who has the worst grade whatever he answers shows nothing by a violation more."""
    assert codes(policy_of(WORST.replace("LIMIT", limit))) == found
