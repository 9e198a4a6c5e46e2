"""Every shipped rate plan that names predictions lets them count in bounds, one way, and once."""

from datetime import date

import numpy as np
import pytest

from services.engine.days import day_number
from services.engine.population import Population, RecordColumns
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.risk.risk_asking import naming
from services.scoring.store.policies import load_policies
from tests.fakes.scoring_policies import POLICIES

AS_OF = date(2026, 6, 1)
SWING_MAX = 5_000
"""House limit: what a prediction may move a factor by, in ten-thousandths."""


@pytest.fixture(scope="module")
def plans() -> tuple[CompiledVersion, ...]:
    """Give the shipped plans in force that name predictions."""
    library: PolicyLibrary = load_policies(POLICIES)
    return naming(library, AS_OF)


def factors(plan: CompiledVersion, relativities: list[int], credibility: int) -> list[int]:
    """Give the factor of subjects that differ in their prediction alone, in ten-thousandths."""
    size = len(relativities)
    day = day_number(AS_OF)
    records = RecordColumns(
        np.arange(size),
        np.arange(size),
        {
            "event_date": np.full(size, day - 10, dtype=np.int32),
            "end_date": np.full(size, day + 10, dtype=np.int32),
            "relativity_hundredths": np.array(relativities),
            "credibility_hundredths": np.full(size, credibility),
        },
    )
    empty = np.zeros(0, dtype=np.int64)
    words = plan.plan.needs.records
    population = Population(
        size,
        {name: np.full(size, 50, dtype=np.int64) for name in plan.plan.needs.attributes},
        {
            kind: records
            if kind == "risk_prediction"
            else RecordColumns(empty, empty, dict.fromkeys(names | {"event_date"}, empty))
            for kind, names in words.items()
        },
    )
    run = plan.plan.run(population, day, {})
    places = plan.plan.outputs["factor"].places
    return [int(one) * 10 ** (4 - places) for one in run.output("factor").tolist()]


def test_there_is_a_plan_to_look_at(plans: tuple[CompiledVersion, ...]) -> None:
    """The example; and it is marked as assumed, as nobody has filed it."""
    (example,) = plans

    assert example.policy.policy_id == "cn.unnamed.risk-model-rate"
    assert example.version.source.confidence == "assumed"


@pytest.mark.parametrize("credibility", [0, 1, 50, 100])
def test_a_prediction_counts_in_bounds_and_never_the_wrong_way(
    plans: tuple[CompiledVersion, ...], credibility: int
) -> None:
    """From a hundredth of the base rate to a thousand times it the factor never falls."""
    for plan in plans:
        found = factors(plan, [1, 50, 99, 100, 101, 150, 1_000, 100_000], credibility)

        assert found == sorted(found)
        assert found[-1] - found[0] <= SWING_MAX
        if credibility == 0:
            assert len(set(found)) == 1
