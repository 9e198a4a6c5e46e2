"""Policies that take in results of others: evaluated first, handed on exactly."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.scoring.commands.evaluating import evaluate
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.subject import EnterpriseId
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.policies import load_policies
from tests.fakes.scoring_policies import ALL, write_policies
from tests.fakes.scoring_store import FakeStore

TODAY = date(2025, 6, 1)
# One rule for each result that can be taken in, each with an amount of its own.
TAKER = """
policy: cn.test.taker
kind: supervision
title: {zh: 取用, en: Taker}
documentation: Shows what it takes in.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2010-01-01
    end_date: null
    source: {instrument: 测试, effective_date: 2010-01-01, confidence: assumed}
    inputs:
      rank: {from: policy, policy: cn.test.grade, output: grade, if_missing: -1}
      score: {from: policy, policy: cn.test.grade, output: score, places: 3, if_missing: -1}
      listed: {from: policy, policy: cn.test.list, output: status, if_missing: -1}
      factor: {from: policy, policy: cn.test.rate, output: factor, places: 4, if_missing: -1}
    outputs:
      rank: {is: rank_number, unit: place}
      score: {is: score, unit: point, places: 3}
      listed: {is: listed, unit: truth}
      factor: {is: factor, unit: ratio, places: 4}
    values:
      rank_number:
        is: {if: {rank: A}, then: 1, else: {if: {rank: B}, then: 2, else: {if: {rank: C}, then: 3,
             else: 0}}}
        unit: place
        source: {article: 第一条, confidence: assumed}
"""


@pytest.fixture(scope="module")
def taking(tmp_path_factory: pytest.TempPathFactory) -> PolicyLibrary:
    """Give the policies of the tests and one that takes in all kinds of results."""
    text = TAKER.replace("output: grade, if_missing: -1", "output: grade, if_missing: unknown")
    folder: Path = tmp_path_factory.mktemp("taking")
    return load_policies(write_policies(folder, {**ALL, "cn/taker.yaml": text}))


@pytest.mark.parametrize(
    ("profile", "penalties", "as_of", "expected"),
    [
        pytest.param({}, 0, TODAY, (1, 100_000, 0, 8000), id="best"),
        pytest.param({}, 1, TODAY, (2, 89_500, 0, 10_000), id="middle"),
        pytest.param({}, 5, TODAY, (3, 47_500, 1, 13_500), id="worst"),
        pytest.param({"kind": 3}, 0, TODAY, (0, -1000, 0, 10_000), id="not-graded"),
        pytest.param({}, 0, date(2014, 12, 31), (0, -1000, -1, -10_000), id="none-in-force"),
    ],
)
def test_results_are_taken_in_at_the_scale_of_the_input(
    taking: PolicyLibrary,
    store: FakeStore,
    profile: dict[str, Any],
    penalties: int,
    as_of: date,
    expected: tuple[int, int, int, int],
) -> None:
    """Grade, score, status and output arrive exactly; without a result what is stated stands in."""
    number = store.enterprise(**profile)
    for _ in range(penalties):
        store.record("penalty", number, date(2025, 1, 1))
    at = Viewpoint(store.point().revision, as_of)
    pinned = taking.named("supervision", "cn.test.taker", version="", as_of=as_of)

    with store.read() as reading:
        subject = reading.find([EnterpriseId(number)], at)[EnterpriseId(number)]
        population = reading.population([subject], pinned.needs, at)
    run = evaluate(pinned, population, as_of).evaluation

    found = tuple(int(run.output(name)[0]) for name in ("rank", "score", "listed", "factor"))
    assert found == expected


def test_validity_counts_what_is_taken_in(taking: PolicyLibrary, store: FakeStore) -> None:
    """A penalty that leaves the grade's window ends the validity of the taker too."""
    number = store.enterprise()
    store.record("penalty", number, date(2024, 6, 11))
    at = Viewpoint(store.point().revision, TODAY)
    pinned = taking.named("supervision", "cn.test.taker", version="", as_of=TODAY)
    with store.read() as reading:
        subject = reading.find([EnterpriseId(number)], at)[EnterpriseId(number)]
        population = reading.population([subject], pinned.needs, at)

    outcome = evaluate(pinned, population, TODAY)

    assert outcome.valid_until_date(0, None) == date(2025, 6, 11)
    assert outcome.valid_until_date(0, date(2025, 6, 10)) == date(2025, 6, 10)
