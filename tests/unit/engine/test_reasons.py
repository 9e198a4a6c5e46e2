"""Reasons: every line of any explanation is registered, the weightiest first."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import case_inputs, case_population
from services.engine.explaining import explain
from services.engine.plan import Plan
from services.engine.reasons import ReasonEffect, reasons_of
from tests.unit.engine.test_policies import (
    CASE_FILES,
    POLICY_FILES,
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
    registered = {reason.rule_id for reason in reasons_of(plan)}

    evaluation = plan.run(case_population(drawn, plan, VOCABULARY), as_of)

    for position in range(len(drawn)):
        assert {line.rule_id for line in explain(evaluation, position)} <= registered


@pytest.mark.parametrize("path", CASE_FILES, ids=shown)
def test_every_line_of_every_golden_case_is_registered(path: Path) -> None:
    """The registry knows each rule, start, bound and rounding that a case's explanation has."""
    for as_of in {case.as_of for case in cases_of(path).cases}:
        found = [case for case in cases_of(path).cases if case.as_of == as_of]
        plan = plan_on(policy_path(path), as_of)
        registered = {reason.rule_id for reason in reasons_of(plan)}
        for case in found:
            population = case_population([case], plan, VOCABULARY)
            evaluation = plan.run(population, as_of, case_inputs(plan, case))

            assert {line.rule_id for line in explain(evaluation, 0)} <= registered


@pytest.mark.parametrize("path", POLICY_FILES, ids=shown)
def test_reasons_are_unique_and_ordered(path: Path) -> None:
    """No two have one name; effects come by weight, sizes fall within an effect."""
    reasons = reasons_of(compiled(path, 0))

    names = [reason.rule_id for reason in reasons]
    assert len(set(names)) == len(names)
    assert [reason.effect for reason in reasons] == sorted(reason.effect for reason in reasons)
    sizes = [
        reason.size
        for reason in reasons
        if reason.effect is ReasonEffect.AMOUNT and reason.size is not None
    ]
    assert sizes == sorted(sizes, reverse=True)
