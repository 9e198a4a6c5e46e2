"""What names can be: worked out by hand, and never narrower than what golden cases give."""

from fractions import Fraction
from pathlib import Path

import pytest

from services.engine.building import compile_policy
from services.engine.cases import case_inputs, case_population, case_setting
from services.engine.evaluation import RESULT
from services.engine.extents import Extents
from services.engine.numbers import MISSING
from services.engine.policy_file import read_policy
from tests.unit.engine.test_policies import (
    CASE_FILES,
    VOCABULARY,
    cases_of,
    plan_on,
    policy_path,
    shown,
)

SOURCE = "source: {article: 第一条, confidence: assumed}"
POLICY = f"""\
policy: cn.example.extents
kind: grade
title: {{zh: 示例, en: example}}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2024-01-01
    end_date: null
    source: {{instrument: 示例办法, confidence: assumed}}
    inputs:
      headcount: {{from: subject, if_missing: 1}}
      marks:
        {{from: request, unit: point, if_missing: no_data, allowed: {{at_least: 10, below: 20}}}}
      given: {{from: request, unit: point, if_missing: unknown}}
      told: {{from: request, unit: point, if_missing: no_data}}
    indicators:
      deaths:
        records: accident
        window: {{last: {{months: 12}}}}
        measure: {{sum: deaths}}
        unit: person
        {SOURCE}
      premium:
        records: endorsement
        window: {{last: {{months: 12}}}}
        measure: {{sum: premium_change_fen}}
        unit: fen
        {SOURCE}
      clean:
        records: accident
        window: {{calendar: year, first: -3, last_period: -1}}
        measure: {{consecutive: count, each_period: 0}}
        unit: year
        {SOURCE}
      gravest:
        records: accident
        window: {{last: {{months: 12}}}}
        measure: {{max: deaths}}
        if_none: unknown
        unit: person
        {SOURCE}
    tables:
      points:
        keys: [deaths]
        outputs: {{off: point}}
        rows:
          - {{deaths: 0, off: 2.5}}
          - {{deaths: {{at_least: 1}}, off: 7}}
        otherwise: no_data
        {SOURCE}
    values:
      off: {{is: {{lookup: points}}, unit: point, {SOURCE}}}
      twice: {{is: {{multiply: [marks, -2]}}, unit: point, {SOURCE}}}
      lost: {{is: {{multiply: [deaths, -20]}}, unit: point, {SOURCE}}}
      back: {{is: {{multiply: [lost, -1]}}, unit: point, {SOURCE}}}
      lost_again: {{is: {{multiply: [back, lost]}}, unit: point, {SOURCE}}}
      less: {{is: {{subtract: [marks, off]}}, unit: point, {SOURCE}}}
      share: {{is: {{divide: [deaths, headcount], places: 2, rounding: up}}, unit: ratio, {SOURCE}}}
      third: {{is: {{divide: [marks, 3], places: 0, rounding: down}}, unit: point, {SOURCE}}}
      capped: {{is: {{min: [told, 4]}}, unit: point, {SOURCE}}}
      fixed: {{is: {{add: [1, {{multiply: [2, 3]}}]}}, unit: point, {SOURCE}}}
    totals:
      open: {{unit: point, places: 1, start: 100, combine: sum, {SOURCE}}}
      score:
        {{unit: point, places: 1, start: 100, combine: sum, at_least: 0, at_most: 98, {SOURCE}}}
      held: {{unit: point, places: 1, start: told, combine: sum, at_least: 0, {SOURCE}}}
      mean:
        {{unit: point, places: 0, combine: weighted_mean, rounding: half_up, if_none: no_data,
          {SOURCE}}}
      odd_mean:
        {{unit: point, places: 0, combine: weighted_mean, rounding: half_up, if_none: unknown,
          {SOURCE}}}
    rules:
      - id: EX-1
        when: {{deaths: {{at_least: 1}}}}
        add: {{to: open, amount: {{multiply: [off, -1]}}}}
        wording: {{zh: 扣分, en: points off}}
        {SOURCE}
      - id: EX-2
        when: {{deaths: {{at_least: 1}}}}
        add: {{to: open, amount: 3}}
        wording: {{zh: 加分, en: points on}}
        {SOURCE}
      - id: EX-3
        when: {{deaths: {{at_least: 1}}}}
        add: {{to: score, amount: told}}
        wording: {{zh: 加分, en: points on}}
        {SOURCE}
      - id: EX-4
        when: {{deaths: {{at_least: 1}}}}
        add: {{to: mean, amount: marks, weight: headcount}}
        wording: {{zh: 加分, en: points on}}
        {SOURCE}
      - id: EX-5
        when: {{deaths: {{at_least: 1}}}}
        add: {{to: mean, amount: 4, weight: 1}}
        wording: {{zh: 加分, en: points on}}
        {SOURCE}
      - id: EX-6
        when: {{deaths: {{at_least: 1}}}}
        add: {{to: odd_mean, amount: marks, weight: told}}
        wording: {{zh: 加分, en: points on}}
        {SOURCE}
"""


def extents_of_example() -> Extents:
    """Compile the example; give what its names can be."""
    policy = read_policy(POLICY.encode(), "policy.yaml")
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)
    return Extents(plan.version, plan.types, VOCABULARY)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        pytest.param("headcount", 0, None, id="attribute-counts-something"),
        pytest.param("marks", 10, 20, id="what-is-allowed"),
        pytest.param("told", None, None, id="anything-may-be-told"),
        pytest.param("deaths", 0, None, id="sum-of-what-is-never-negative"),
        pytest.param("premium", None, None, id="sum-of-what-may-be-negative"),
        pytest.param("clean", 0, 3, id="periods-in-a-row"),
        pytest.param("gravest", 0, None, id="greatest"),
        # 2.5 or 7 by the table; 10 to 20 marks.
        pytest.param("off", Fraction("2.5"), 7, id="table"),
        pytest.param("twice", -40, -20, id="product"),
        pytest.param("lost", None, 0, id="product-of-opposite-signs"),
        pytest.param("back", 0, None, id="product-of-two-that-are-never-positive"),
        pytest.param("lost_again", None, 0, id="product-of-three"),
        pytest.param("less", 3, Fraction("17.5"), id="difference"),
        pytest.param("share", 0, None, id="quotient-of-counts"),
        pytest.param("third", 3, 7, id="quotient-rounded"),
        pytest.param("capped", None, 4, id="least"),
        pytest.param("fixed", 7, 7, id="constant"),
        # 100 less 7 at most, and 3 more at most, each of them or not.
        pytest.param("open", 93, 103, id="total"),
        pytest.param("score", 0, 98, id="total-between-floor-and-cap"),
        pytest.param("held", 0, None, id="total-with-a-floor"),
        pytest.param("mean", 4, 20, id="mean-between-its-parts"),
        pytest.param("odd_mean", None, None, id="mean-by-weights-below-zero"),
    ],
)
def test_extent_of_a_name(name: str, low: Fraction | int | None, high: Fraction | None) -> None:
    """Nothing is below the low end or above the high one; none where nobody knows it."""
    found = extents_of_example().of(name)

    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        pytest.param("marks", False, id="no-result-without"),
        pytest.param("given", True, id="unknown"),
        pytest.param("headcount", False, id="stands-in"),
        pytest.param("gravest", True, id="no-record"),
        pytest.param("deaths", False, id="sum"),
        # A headcount of 0 divides nothing.
        pytest.param("share", True, id="division-by-what-may-be-zero"),
        pytest.param("third", False, id="division-by-three"),
        pytest.param("mean", False, id="mean-without-which-there-is-no-result"),
        pytest.param("odd_mean", True, id="mean-of-nothing"),
    ],
)
def test_what_may_be_missing(name: str, lacking: bool) -> None:  # noqa: FBT001 -- a parameter.
    """A value may be missing where the file lets it."""
    assert extents_of_example().of(name).lacking is lacking


@pytest.mark.parametrize("path", CASE_FILES, ids=shown)
def test_golden_cases_lie_within(path: Path) -> None:
    """No name of a policy has a value beyond its extent, or is missing where it cannot be."""
    beyond: list[str] = []
    for case in cases_of(path).cases:
        plan = plan_on(policy_path(path), case.as_of)
        population = case_population([case], plan, VOCABULARY)
        run = plan.run(
            population, case.as_of, case_inputs(plan, case), setting=case_setting(plan, case)
        )
        if run.states()[0] != RESULT:
            continue
        extents = Extents(plan.version, plan.types, VOCABULARY)
        for name, ref in plan.types.items():
            if "." in name:
                continue
            value, extent = int(run.column(ref.slot)[0]), extents.of(name)
            number = Fraction(value, 10**ref.scale)
            inside = (
                extent.lacking
                if value == MISSING
                else (extent.low is None or extent.low <= number)
                and (extent.high is None or number <= extent.high)
            )
            if not inside:
                beyond.append(f"{case.name}: {name} = {number}, not within {extent}")

    assert beyond == []
