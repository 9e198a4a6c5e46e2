"""Reasons: every line of any explanation is registered, the weightiest first."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.building import compile_policy
from services.engine.cases import case_inputs, case_population
from services.engine.days import day_number
from services.engine.explaining import explain
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.reasons import ReasonEffect, reasons_of
from tests.unit.engine.test_policies import (
    CASE_FILES,
    POLICY_FILES,
    ROOT,
    VOCABULARY,
    cases_of,
    compiled,
    plan_on,
    policy_path,
    shown,
)
from tests.unit.engine.test_properties import cases, every_plan


@every_plan
@given(data=st.data())
@settings(max_examples=4)
def test_every_line_of_drawn_facts_is_registered(plan: Plan, data: st.DataObject) -> None:
    """Whatever the facts, no explanation gives a reason that the registry does not know."""
    drawn = data.draw(st.lists(cases(plan), min_size=8, max_size=8))
    as_of = drawn[0].as_of
    registered = {reason.rule_id for reason in reasons_of(plan, VOCABULARY)}

    evaluation = plan.run(case_population(drawn, plan, VOCABULARY), as_of)

    for position in range(len(drawn)):
        assert {line.rule_id for line in explain(evaluation, position)} <= registered


@pytest.mark.parametrize("path", CASE_FILES, ids=shown)
def test_every_line_of_every_golden_case_is_registered(path: Path) -> None:
    """The registry knows each rule, start, bound and rounding that a case's explanation has."""
    for as_of in {case.as_of for case in cases_of(path).cases}:
        found = [case for case in cases_of(path).cases if case.as_of == as_of]
        plan = plan_on(policy_path(path), as_of)
        registered = {reason.rule_id for reason in reasons_of(plan, VOCABULARY)}
        for case in found:
            population = case_population([case], plan, VOCABULARY)
            evaluation = plan.run(population, as_of, case_inputs(plan, case))

            assert {line.rule_id for line in explain(evaluation, 0)} <= registered


@pytest.mark.parametrize("path", POLICY_FILES, ids=shown)
def test_reasons_are_unique_and_ordered(path: Path) -> None:
    """No two have one name; effects come by weight, sizes fall within an effect."""
    reasons = reasons_of(compiled(path, 0), VOCABULARY)

    names = [reason.rule_id for reason in reasons]
    assert len(set(names)) == len(names)
    assert [reason.effect for reason in reasons] == sorted(reason.effect for reason in reasons)
    assert reasons == tuple(sorted(reasons, key=lambda one: (one.weight, one.rule_id)))
    sizes = [
        reason.size
        for reason in reasons
        if reason.effect is ReasonEffect.AMOUNT and reason.size is not None
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_the_worst_grade_weighs_most_and_a_cap_on_points_is_the_size() -> None:
    """In Beijing's file a veto to D comes before a cap at C and one at B; violations cost 20."""
    path = ROOT / "cn.beijing" / "grade-work-safety.yaml"
    reasons = reasons_of(plan_on(path, day_number(date(2026, 1, 1))), VOCABULARY)

    grades = [one.target for one in reasons if one.effect is ReasonEffect.GRADE]
    sizes = {one.rule_id: one.size for one in reasons}
    assert set(grades) == {"B", "C", "D"}
    assert grades == sorted(grades, reverse=True)
    # {multiply: [{min: [violation_points, 20]}, -1]}, and points off without a most.
    assert sizes["BJ-VIOLATIONS"] == 20
    assert sizes["BJ-PENALTIES"] == 100


SIZED = """
policy: cn.test.sized
kind: grade
title: {zh: 例, en: An example}
documentation: An example.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2020-01-01
    end_date: null
    source: {instrument: 测试, effective_date: 2020-01-01, confidence: assumed}
    indicators:
      n:
        records: accident
        window: ever
        measure: count
        unit: accident
        source: {article: 第一条, confidence: assumed}
    values:
      less: {is: {subtract: [n, 5]}, unit: point, source: {article: 第一条, confidence: assumed}}
    totals:
      score:
        unit: point
        start: 100
        combine: sum
        at_least: 0
        source: {article: 第一条, confidence: assumed}
    rules:
      - id: T-ADD
        when: true
        add: {to: score, amount: AMOUNT}
        wording: {zh: 例, en: an example}
        source: {article: 第一条, confidence: assumed}
      - id: T-AT-WORST-B
        when: {n: 1}
        set: {at_worst: B}
        wording: {zh: 例, en: an example}
        source: {article: 第一条, confidence: assumed}
      - id: T-AT-WORST-A
        when: {n: 0}
        set: {at_worst: A}
        wording: {zh: 例, en: an example}
        source: {article: 第一条, confidence: assumed}
    grade:
      ladder: [A, B, C]
      start: [{grade: A, when: {score: {at_least: 80}}}, {grade: C, when: true}]
      source: {article: 第一条, confidence: assumed}
    score: score
"""


@pytest.mark.parametrize(
    ("amount", "size"),
    [
        pytest.param("{min: [n, 20]}", 20, id="count-capped"),
        pytest.param("{multiply: [{min: [n, 20]}, -2]}", 40, id="times-a-number"),
        pytest.param("{min: [less, 3]}", 5, id="as-far-below-as-it-goes"),
        pytest.param("{multiply: [{max: [n, 20]}, -1]}", 100, id="no-cap-but-the-floor"),
        pytest.param("{min: [{multiply: [n, -1]}, 20]}", 100, id="below-without-end"),
    ],
)
def test_the_size_is_what_the_amount_can_reach(amount: str, size: int) -> None:
    """A least of several is at most the smallest cap, unless it can fall without end."""
    policy = read_policy(SIZED.replace("AMOUNT", amount).encode(), "sized.yaml")
    reasons = reasons_of(compile_policy(policy, policy.versions[0], VOCABULARY), VOCABULARY)

    assert {one.rule_id: one.size for one in reasons}["T-ADD"] == size
    floors = [one.target for one in reasons if one.effect is ReasonEffect.FLOOR]
    assert floors == ["A", "B"]
