"""A worse record never gives a lower rate, on every rate plan that the project ships.

The premium is the one that an enterprise is told: through the grade and the list that the plan
takes in, and after the bounds. Plans that a clause exempts are listed here, with the clause.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.engine.comparing import Compared, laid_outputs
from services.engine.days import day_number
from services.engine.monotone import search
from services.engine.vocabulary import Vocabulary
from services.scoring.commands.policies.policy_library import CompiledVersion, PolicyLibrary
from services.scoring.commands.rates.rate_inputs import GivenInput
from services.scoring.commands.rates.recommend_rate import RateQuestion, RecommendRate
from services.scoring.commands.standpoint import Standpoint
from services.scoring.domain.amount import Amount
from services.scoring.domain.subject import EnterpriseId
from services.scoring.store.policies import load_policies, load_vocabulary
from tests.fakes.clock import FixedClock
from tests.fakes.scoring_policies import POLICIES
from tests.fakes.scoring_store import FakeStore

AS_OF: Final = date(2026, 6, 1)
VOCABULARY: Final = load_vocabulary(POLICIES)
LIBRARY: Final = load_policies(POLICIES)
PLANS: Final = tuple(
    one
    for one in LIBRARY.listed("rate", field=0, division=None, as_of=AS_OF)
    if not one.policy.bounding
)
VERSIONS: Final = tuple(
    one
    for one in LIBRARY.listed("rate", field=0, division=None, as_of=None)
    if not one.policy.bounding
)
EXEMPTED: Final[dict[str, str]] = {}
"""Plans in which a worse record may be cheaper, and the clause that means it so."""

ASKED: Final = {
    "project_cost": Decimal(12_000_000),
    "base_premium": Decimal(10_000),
    "payroll": Decimal(2_000_000),
    "listed": Decimal(0),
    "risk_class": Decimal(5),
    "months_paid": Decimal(24),
    "new_injuries": Decimal(1),
    "pay_ratio": Decimal(100),
}
"""What callers tell plans; what is not named here, and without which there is no rate, is 1."""

Drawn = tuple[str, int, int, bool]
"""Kind of a record, its age in days, how grave it is, and whether it is graver still."""

records = st.lists(
    st.tuples(
        st.sampled_from(["violation", "penalty", "hazard", "accident"]),
        st.integers(0, 4 * 366),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=6,
)


def named(one: CompiledVersion) -> str:
    """Name a version in a test's identifier."""
    return f"{one.policy.policy_id} {one.version.version}"


def body(kind: str, grade: int, *, grave: bool) -> dict[str, Any]:
    """Give attributes of an adverse record."""
    match kind:
        case "violation":
            return {"severity": grade}
        case "penalty":
            return {
                "major": grave,
                "procedure": 2,
                "sanctions": 1 << 3,
                "final_date": date(2020, 1, 1),
            }
        case "hazard":
            return {"level": min(grade, 2), "due_date": date(2026, 1, 1) if grave else None}
        case _:
            return {"level": grade, "liability": 1, "deaths": grade, "reporting": 5 if grave else 1}


def inputs(one: CompiledVersion) -> tuple[GivenInput, ...]:
    """Give what a plan has no rate without."""
    version = one.version
    return tuple(
        GivenInput(name, ASKED.get(name, Decimal(1)))
        for name, given in version.inputs.items()
        if given.origin == "request"
        and not given.codes
        and (name in ASKED or given.if_missing == "no_data")
    )


def cost(store: FakeStore, one: CompiledVersion, number: int) -> int | None:
    """Rate an enterprise by a plan: its premium or, in a plan that names none, its rate."""
    question = RateQuestion(
        policy_id=one.policy.policy_id, inputs=inputs(one), insured_headcount=None, outlook=False
    )
    answer = RecommendRate(store, LIBRARY, VOCABULARY.code_numbers)(
        EnterpriseId(number), Standpoint(as_of=AS_OF), question=question
    )
    if answer.rate.premium_fen is not None:
        return answer.rate.premium_fen
    rates = [value for name, value, _ in answer.rate.outputs if name == "rate"]
    return next((value.number for value in rates if isinstance(value, Amount)), None)


@pytest.mark.parametrize("number_of_plan", range(len(PLANS)), ids=map(named, PLANS))
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(history=records, more=records.filter(bool), founded=st.integers(0, 3000))
def test_a_worse_record_is_never_cheaper(
    number_of_plan: int, history: list[Drawn], more: list[Drawn], founded: int
) -> None:
    """Whatever stands against an enterprise already, another record does not lower its premium."""
    one, store = PLANS[number_of_plan], FakeStore(VOCABULARY, FixedClock())
    number = store.enterprise(
        industry="C2611",
        headcount=100,
        division=110102,
        founding_date=AS_OF - timedelta(days=founded),
    )
    for kind, age, grade, grave in history:
        store.record(kind, number, AS_OF - timedelta(days=age), **body(kind, grade, grave=grave))
    before = cost(store, one, number)

    for kind, age, grade, grave in more:
        store.record(kind, number, AS_OF - timedelta(days=age), **body(kind, grade, grave=grave))
    after = cost(store, one, number)

    assert before is not None
    assert after is not None
    assert after >= before or one.policy.policy_id in EXEMPTED


@pytest.mark.parametrize("one", VERSIONS, ids=named)
def test_the_search_at_the_edges_of_a_plan_finds_no_cheaper_record(one: CompiledVersion) -> None:
    """3,000 enterprises drawn at the numbers that the plan's file names, one record more each."""
    day = max(one.version.start_date, date(2020, 1, 1))

    compared = Compared(laid_outputs(one.plan, "rate"))
    found = search(one.plan, VOCABULARY, day_number(day), compared=compared).improvement

    assert (found is None) or one.policy.policy_id in EXEMPTED


def test_every_exemption_is_declared_with_its_clause() -> None:
    """What the files exempt is what is listed here, and nothing else."""
    declared = {
        one.policy.policy_id: one.version.exemption.source.article
        for one in VERSIONS
        if one.version.exemption is not None
    }

    assert declared == EXEMPTED


def test_every_shipped_plan_is_looked_at() -> None:
    """Plans of places, filed plans and those of other insurance: none is left out."""
    assert {"cn.beijing.xicheng.insurer-jia.rate", "cn.work-injury-rate"} <= {
        one.policy.policy_id for one in PLANS
    }
    assert isinstance(LIBRARY, PolicyLibrary)
    assert isinstance(VOCABULARY, Vocabulary)
