"""Trying a policy on cases in every way that must not matter, each against its expectation."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from services.engine.building import compile_policy
from services.engine.cases import (
    Case,
    case_inputs,
    case_population,
    case_results,
    case_setting,
    read_cases,
    try_case,
)
from services.engine.days import day_number
from services.engine.errors import PolicyRefusedError
from services.engine.evaluation import Evaluation
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain
from services.engine.extending import extend_policies
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.scales import scales_of
from tests.unit.engine.test_policies import VOCABULARY

HEAD = """\
policy: cn.example.construct
kind: grade
title: {zh: 示例, en: example}
documentation: An example.
field: FIELD
division: "110105"
versions:
  - version: "1"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 示例办法, checked_date: 2026-11-21, confidence: assumed}
"""
SOURCE = "source: {article: 第一条, confidence: assumed}"
FIRST_DAY, LAST_DAY = day_number(date(2022, 1, 1)), day_number(date(2027, 12, 31))
_STEP_DAYS = 29


def written(body: str, field: str = "work_safety") -> str:
    """Write a policy of one version; ``SOURCE`` in the body stands for a source."""
    return HEAD.replace("FIELD", field) + body.replace("SOURCE", SOURCE)


def compiled(*texts: str) -> Plan:
    """Compile the last version of the last policy, which may rest on the ones before."""
    policies = [read_policy(text.encode(), f"{n}.yaml") for n, text in enumerate(texts)]
    whole = extend_policies(policies)
    scales = {
        name: scale
        for policy in whole.values()
        for name, scale in scales_of(policy.policy_id, policy.versions[-1]).items()
    }
    policy = whole[policies[-1].policy_id]
    return compile_policy(policy, policy.versions[-1], VOCABULARY, scales)


def problems(*texts: str) -> list[str]:
    """Compile policies; give the problems as ``file:line:code``."""
    try:
        compiled(*texts)
    except PolicyRefusedError as error:
        return [f"{one.file}:{one.line}:{one.code}" for one in error.problems]
    return []


def cases_of(text: str) -> tuple[Case, ...]:
    """Read cases from the list of them alone."""
    content = f"policy: cn.example.construct\ncases:\n{text}"
    return read_cases(content.encode(), "cases.yaml", VOCABULARY).cases


def lines_of(plan: Plan, case: Case) -> tuple[ExplainedLine, ...]:
    """Explain a case."""
    return explain(_alone(plan, case, case.as_of), 0)


def hold(plan: Plan, cases: tuple[Case, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold cases to their expectations, alone and together, on plain numbers and on columns.

    Besides, the order of the records does not matter, and no day before `valid_until` gives another
    result.
    """
    assert [str(one) for case in cases for one in try_case(plan, case, VOCABULARY, "cases")] == []
    for case in cases:
        _hold_order(plan, case)
        _hold_days(plan, case)
    _hold_together(plan, cases)
    monkeypatch.setattr("services.engine.population.FEW_MOST", -1)
    assert [str(one) for case in cases for one in try_case(plan, case, VOCABULARY, "cases")] == []
    for case in cases:
        _hold_days(plan, case)


# Private functions -----------------------------------------------------------


def _alone(plan: Plan, case: Case, as_of: int) -> Evaluation:
    return plan.run(
        case_population([case], plan, VOCABULARY),
        as_of,
        case_inputs(plan, case),
        setting=case_setting(plan, case),
    )


def _result(evaluation: Evaluation, position: int = 0) -> object:
    lines = explain(evaluation, position, dated=False)
    return case_results(evaluation, position), [(one.rule_id, one.amount) for one in lines]


def _hold_order(plan: Plan, case: Case) -> None:
    other = replace(case, records=tuple(reversed(case.records)))

    assert _result(_alone(plan, other, case.as_of)) == _result(_alone(plan, case, case.as_of))


def _hold_days(plan: Plan, case: Case) -> None:
    evaluation = _alone(plan, case, FIRST_DAY)
    until, before = int(evaluation.valid_until()[0]), _result(evaluation)
    for day in range(FIRST_DAY, LAST_DAY, _STEP_DAYS):
        if day >= until:
            evaluation = _alone(plan, case, day)
            until, before = int(evaluation.valid_until()[0]), _result(evaluation)
        assert until > day
        assert _result(_alone(plan, case, day)) == before


def _hold_together(plan: Plan, cases: tuple[Case, ...]) -> None:
    names = {name for case in cases for name in case.inputs}
    given = [case_inputs(plan, case) for case in cases]
    inputs = {name: np.array([one.get(name, MISSING) for one in given]) for name in names}
    for as_of in {case.as_of for case in cases}:
        together = plan.run(
            case_population(cases, plan, VOCABULARY),
            as_of,
            inputs,
            setting=case_setting(plan, cases[0]),
        )
        for position, case in enumerate(cases):
            if case.peers != cases[0].peers:
                continue
            single = _alone(plan, case, as_of)
            assert _result(together, position) == _result(single)
            assert together.valid_until()[position] == single.valid_until()[0]
