"""A veto (一票否决) gives its grade whatever the score is, and where there is no score, too."""

from typing import Any

import numpy as np
import pytest

from services.engine.building import compile_policy
from services.engine.cases import case_results
from services.engine.evaluation import NO_DATA, RESULT
from services.engine.explaining import explain
from services.engine.plan import Plan
from services.engine.policy_file import read_policy
from services.engine.population import Population, RecordColumns
from tests.unit.engine.test_policies import VOCABULARY

FILE = """\
policy: cn.example.veto
kind: grade
title: {zh: 示例, en: example}
documentation: The questionnaire's points, less for penalties; a fatal accident is the worst grade.
field: work_safety
division: "000000"
versions:
  - version: "1"
    start_date: 2024-01-01
    end_date: null
    source: {instrument: 示例办法, confidence: assumed}
    inputs:
      answers: {from: request, unit: point, places: 0, if_missing: no_data}
      size: {from: request, unit: person, places: 0, if_missing: no_data}
    indicators:
      deaths:
        records: accident
        window: ever
        measure: {sum: deaths}
        unit: person
        source: {article: 第一条, confidence: assumed}
    totals:
      score:
        unit: point
        places: 0
        start: answers
        combine: sum
        source: {article: 第二条, confidence: assumed}
    rules:
      - id: V-DEATHS
        when: {deaths: {at_least: 1}}
        set: {exactly: C}
        wording: {zh: 发生死亡事故, en: a fatal accident}
        source: {article: 第三条, confidence: assumed}
      - id: V-SMALL
        when: {not: {size: {at_least: 10}}}
        set: {duty: visit}
        wording: {zh: 上门指导, en: a visit}
        source: {article: 第四条, confidence: assumed}
    grade:
      ladder: [A, B, C, D]
      start:
        - {grade: A, when: {score: {at_least: 90}}}
        - {grade: D, when: true}
      source: {article: 第五条, confidence: assumed}
    score: score
    outputs:
      per_head: {is: score, unit: point}
      deaths: {is: deaths, unit: person, better: less}
      best: {is: {if: {grade: A}, then: 1, else: 0}, unit: flag}
"""


def compiled(*changes: tuple[str, str]) -> Plan:
    """Compile the example with something else in it."""
    text = FILE
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    policy = read_policy(text.encode(), "veto.yaml")
    return compile_policy(policy, policy.versions[0], VOCABULARY)


def population(plan: Plan, *deaths: int) -> Population:
    """Make enterprises, each with one accident of so many deaths."""
    count = len(deaths)
    names = plan.needs.records["accident"]
    columns: dict[str, Any] = {name: np.zeros(count, dtype=np.int64) for name in names}
    columns |= {
        "event_date": np.full(count, 20_000, dtype=np.int32),
        "deaths": np.array(deaths, dtype=np.int64),
    }
    records = RecordColumns(np.arange(count) + 1, np.arange(count), columns)
    return Population(count, {}, {"accident": records})


def results(plan: Plan, *deaths: int, **inputs: int) -> list[dict[str, object]]:
    """Evaluate enterprises together and each alone, which must be the same; give the results."""
    given = {name: np.full(len(deaths), value) for name, value in inputs.items()}
    together = plan.run(population(plan, *deaths), 20_200, given)
    found = [case_results(together, position) for position in range(len(deaths))]
    alone = [
        case_results(plan.run(population(plan, one), 20_200, dict(inputs)), 0) for one in deaths
    ]
    assert found == alone
    return found


def shown(result: dict[str, object], *names: str) -> tuple[object, ...]:
    """Give some of a result."""
    return tuple(result[name] for name in names)


def test_a_veto_holds_without_a_score() -> None:
    """Nobody sent the answers: who had a fatal accident is C, of the other nothing is known."""
    fatal, other = results(compiled(), 1, 0, size=20)

    assert shown(fatal, "state", "grade", "score", "rules") == ("result", "C", None, ["V-DEATHS"])
    assert shown(fatal, "per_head", "deaths", "best") == (None, 1, 0)
    assert shown(other, "state", "grade", "rules") == ("no_data", None, ["V-SMALL"][1:])


def test_with_a_score_the_veto_says_the_same() -> None:
    """95 points are an A, and the starting grade of who is C by the veto."""
    fatal, other = results(compiled(), 1, 0, size=20, answers=95)

    assert shown(fatal, "grade", "score", "per_head", "best") == ("C", 95, 95, 0)
    assert shown(other, "grade", "score", "best") == ("A", 95, 1)


def test_the_lines_say_that_there_is_no_score() -> None:
    """No total is shown, nor a rule that nobody knows; the first line says what it would need."""
    plan = compiled()

    lines = explain(plan.run(population(plan, 1), 20_200, {}), 0)

    assert [(line.rule_id, line.amount, line.effect) for line in lines] == [
        ("grade.start", None, ""),
        ("V-DEATHS", None, "C"),
    ]
    assert (lines[0].wording.zh, lines[0].wording.en) == (
        "缺少answers，没有起始等级",
        "no starting grade without answers",
    )


KNOWN = ("when: {deaths: {at_least: 1}}", "when: {deaths: {at_least: 1}, size: {at_least: 1}}")
UNKNOWN = ("when: {deaths: {at_least: 1}}", "when: {not: {size: {at_least: 10}}}")
BY_SCORE = ("when: {deaths: {at_least: 1}}", "when: {deaths: {at_least: 1}, score: {below: 50}}")
V_WORSE = """\
      - id: V-WORSE
        when: {size: {at_least: 100}}
        set: {exactly: D}
        wording: {zh: 大, en: large}
        source: {article: 第四条, confidence: assumed}
    grade:
"""
WORSE = ("    grade:\n", V_WORSE)
BETTER = (WORSE[0], WORSE[1].replace("exactly: D", "exactly: B"))
STATUS = (WORSE[0], WORSE[1].replace("exactly: D", "status: unrated"))
APPLIES = (
    "    inputs:\n",
    "    applies: {not: {size: {at_least: 100}}}\n    inputs:\n",
)
BOUNDED = ("set: {exactly: C}", "set: {grade: C}")
WORST = ("set: {exactly: C}", "set: {grade: D}")
FALLING = (
    "        - {grade: D, when: true}\n",
    "        - {grade: D, when: true}\n      steps_down: steps\n      beyond: delisted\n",
)
STEPS_DOWN = """\
      steps:
        unit: step
        places: 0
        start: 1
        combine: sum
        source: {article: 第二条, confidence: assumed}
    rules:
"""
STEPS = ("    rules:\n", STEPS_DOWN)


@pytest.mark.parametrize(
    ("changes", "inputs", "expected"),
    [
        pytest.param([KNOWN], {"size": 20}, ("result", "C"), id="all-it-asks-is-known"),
        pytest.param([KNOWN], {}, ("no_data", None), id="something-it-asks-is-missing"),
        pytest.param([UNKNOWN], {"size": 5}, ("result", "C"), id="holds-by-a-known-size"),
        pytest.param([UNKNOWN], {}, ("no_data", None), id="held-by-what-nobody-knows"),
        pytest.param([BY_SCORE], {"size": 5}, ("no_data", None), id="asks-for-the-score-itself"),
        pytest.param([WORSE], {}, ("no_data", None), id="a-worse-one-is-not-known"),
        pytest.param([WORSE], {"size": 99}, ("result", "C"), id="a-worse-one-does-not-hold"),
        pytest.param([WORSE], {"size": 100}, ("result", "D"), id="a-worse-one-holds"),
        pytest.param([BETTER], {}, ("result", "C"), id="a-better-one-is-not-known"),
        pytest.param([STATUS], {}, ("no_data", None), id="a-status-is-not-known"),
        pytest.param([STATUS], {"size": 99}, ("result", "C"), id="no-status-holds"),
        pytest.param([APPLIES], {}, ("no_data", None), id="nobody-knows-whether-it-applies"),
        pytest.param([APPLIES], {"size": 99}, ("result", "C"), id="it-applies"),
        pytest.param([BOUNDED], {"size": 20}, ("no_data", None), id="at-best-C-may-be-D"),
        pytest.param([WORST], {"size": 20}, ("result", "D"), id="at-best-the-worst"),
        pytest.param([FALLING, STEPS], {"size": 20}, ("no_data", None), id="may-fall-off"),
    ],
)
def test_a_veto_must_be_known_itself(
    changes: list[tuple[str, str]], inputs: dict[str, int], expected: tuple[object, ...]
) -> None:
    """What it asks for is there, and whatever goes over it is known not to hold."""
    (found,) = results(compiled(*changes), 1, **inputs)

    assert shown(found, "state", "grade") == expected


def test_what_needs_the_score_has_no_value_for_others() -> None:
    """A policy that takes the grade in gets C; one that takes score or output gets nothing."""
    plan = compiled()

    one = plan.run(population(plan, 1), 20_200, {"size": 20})
    two = plan.run(population(plan, 1, 0), 20_200, {"size": np.array([20, 20])})

    for run, position in ((one, None), (two, 0)):
        taken = [run.taken(name, 0) for name in ("place", "score", "per_head", "deaths")]
        numbers = [one if position is None else int(one[position]) for one in taken]
        assert numbers == [3, -(2**63), -(2**63), 1]
    assert two.states().tolist() == [RESULT, NO_DATA]
