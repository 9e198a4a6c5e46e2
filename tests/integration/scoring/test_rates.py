"""Rates over loopback: bounds, inputs, reliefs, plans side by side, many at once."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money

from safetycredit.scoring.v1.rate_service_pb2 import (
    RateInput,
    RecommendRateRequest,
)
from safetycredit.type.v1.subject_pb2 import SubjectRef
from tests.fakes.rate_client import RateClient
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.rate_fixtures import (
    CODE,
    ON_SQLITE,
    SUBJECT,
    policies_folder,
    rates,
)

__all__ = ["policies_folder", "rates"]


def yuan(units: int, fen: int = 0) -> Money:
    """Write an amount."""
    return Money(currency_code="CNY", units=units, nanos=fen * 10_000_000)


def factor(text: str) -> RateInput:
    """Give the underwriter's factor."""
    return RateInput(name="underwriter_factor", decimal=Decimal(value=text))


async def rate(client: RateClient, **fields: Any) -> Any:  # noqa: ANN401 -- a response.
    """Ask for the rate of the test's enterprise."""
    return await client.call("RecommendRate", **{"subject": SUBJECT, **fields})


async def refused(client: RateClient, method: str = "RecommendRate", **fields: Any) -> RefusedError:  # noqa: ANN401 -- any request.
    """Make a call that must be refused."""
    with pytest.raises(RefusedError) as error:
        await client.call(method, **{"subject": SUBJECT, **fields})
    return error.value


# One rate ---------------------------------------------------------------------


async def test_bounds_hold_whatever_the_plan_says(rates: RateClient, facts: FactWriter) -> None:
    """50 people at 30 yuan; two accidents double it, and Beijing allows 1.80 at most."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    for day in (1, 2):
        facts.record("accident", number, date(2025, 3, day))

    answer = await rate(rates)

    result = answer.recommendation
    assert (result.base_premium, result.plan_premium) == (yuan(1500), yuan(3000))
    assert (result.premium, result.premium_min, result.premium_max) == (
        yuan(2700),
        yuan(1425),
        yuan(2700),
    )
    assert (result.plan_factor.value, result.factor.value) == ("2", "1.8")
    assert [(one.division, one.binding) for one in result.bounds] == [
        ("000000", False),
        ("110000", True),
        ("110105", False),
    ]
    assert [line.rule_id for line in answer.worksheet][-2:] == ["premium.bounds", "factor.bounds"]
    lines = [line for line in answer.worksheet if line.total == "premium"]
    assert [line.amount.value for line in lines] == ["3000", "-300"]
    assert lines[-1].source.instrument == "上下限110000"


async def test_the_lowest_bound_of_all_levels_holds(rates: RateClient, facts: FactWriter) -> None:
    """The underwriter takes 10% off; the district allows 5%, whatever the country does."""
    facts.enterprise(credit_code=CODE, headcount=50)

    answer = await rate(rates, inputs=[factor("0.90")])

    assert answer.recommendation.plan_premium == yuan(1350)
    assert answer.recommendation.premium == yuan(1425)
    assert [one.policy.policy_id for one in answer.recommendation.bounds if one.binding] == [
        "cn.test.bounds.b110105"
    ]


async def test_an_answer_says_what_it_used(rates: RateClient, facts: FactWriter) -> None:
    """Values, permitted range, the plan's insurer, and all that may change the answer."""
    facts.enterprise(credit_code=CODE, headcount=50)

    answer = await rate(rates, insurer="jia", inputs=[factor("1.05")], transaction_kind=3)

    used = {
        one.name: (one.origin, one.value, one.min.value, one.max.value) for one in answer.inputs
    }
    assert used["industry"] == (1, "C2611", "", "")
    assert used["insured_headcount"] == (2, "50", "1", "")
    assert used["underwriter_factor"] == (2, "1.05", "0.9", "1.1")
    assert used["listing"] == (2, "general", "", "")
    assert (answer.insurer, answer.transaction_kind) == ("jia", 3)
    # 50 people at 28 yuan, and 5% on.
    assert answer.recommendation.premium == yuan(1470)
    assert list(answer.depends_on) == [
        "enterprise.division",
        "enterprise.headcount",
        "enterprise.industry",
        "policy.cn.test.bounds.b000000",
        "policy.cn.test.bounds.b110000",
        "policy.cn.test.bounds.b110105",
        "policy.cn.test.plan.jia-110105",
        "records.accident",
        "records.hazard",
        "request.insured_headcount",
        "request.listing",
        "request.underwriter_factor",
    ]


async def test_results_of_other_policies_are_named_with_their_digests(
    rates: RateClient, facts: FactWriter
) -> None:
    """The grade and the list status used stand beside the policy that gave them."""
    facts.enterprise(credit_code=CODE, headcount=50)

    answer = await rate(rates, policy_id="cn.test.rate")

    used = {one.name: one for one in answer.inputs}
    digests = {one.policy_id: one.digest for one in answer.basis.inputs}
    assert (used["grade"].value, used["grade"].output) == ("A", "grade")
    assert used["grade"].policy.digest == digests["cn.test.grade"] != ""
    assert (used["listed"].value, used["listed"].output) == ("0", "status")
    assert used["listed"].policy.digest == digests["cn.test.list"] != ""


async def test_reliefs_say_what_lowers_the_premium_and_from_when(
    rates: RateClient, facts: FactWriter
) -> None:
    """An accident costs half as much again for a year, an open hazard a fifth until closed."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    accident = facts.record("accident", number, date(2025, 3, 1))
    hazard = facts.record("hazard", number, date(2025, 4, 1))

    answer = await rate(rates)
    brief = await rate(rates, without_outlook=True)

    assert answer.recommendation.premium == yuan(2550)
    today = Date(year=2025, month=6, day=1)
    assert [
        (one.act, one.record_id, one.premium, one.from_date, one.factor.value)
        for one in answer.reliefs
    ] == [
        (3, f"r-{accident}", yuan(1800), today, "1.2"),
        (1, "", yuan(1800), Date(year=2026, month=3, day=1), "1.2"),
        (2, f"r-{hazard}", yuan(2250), today, "1.5"),
        (3, f"r-{hazard}", yuan(2250), today, "1.5"),
    ]
    assert not brief.reliefs
    assert brief.recommendation == answer.recommendation


async def test_a_repeated_question_has_the_same_bytes(rates: RateClient, facts: FactWriter) -> None:
    """From memory or worked out, with or without the point: one message has one serialisation."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    facts.record("hazard", number, date(2025, 4, 1))
    request = RecommendRateRequest(subject=SubjectRef(credit_code=CODE))

    first = await rates.raw("RecommendRate", request.SerializeToString())
    warm = await rates.raw("RecommendRate", request.SerializeToString())
    answer = await rate(rates)
    request.known_at.CopyFrom(answer.basis.point.known_at)
    request.as_of.CopyFrom(answer.basis.as_of)
    facts.record("accident", number, date(2025, 5, 1))
    later = await rates.raw("RecommendRate", request.SerializeToString())
    now = await rate(rates)

    assert first == warm == later == answer.SerializeToString(deterministic=True)
    assert now.recommendation != answer.recommendation


@ON_SQLITE
@pytest.mark.parametrize(
    ("fields", "violations"),
    [
        pytest.param(
            {"inputs": [factor("0.89")]},
            {"inputs.underwriter_factor": "FACTOR_OUT_OF_RANGE"},
            id="factor-below",
        ),
        pytest.param(
            {"inputs": [factor("1.11")]},
            {"inputs.underwriter_factor": "FACTOR_OUT_OF_RANGE"},
            id="factor-above",
        ),
        pytest.param(
            {"inputs": [factor("1.001")]},
            {"inputs.underwriter_factor": "INPUT_TOO_FINE"},
            id="too-fine",
        ),
        pytest.param(
            {"inputs": [factor("1"), factor("1")]},
            {"inputs.underwriter_factor": "INPUT_TWICE"},
            id="twice",
        ),
        pytest.param(
            {"inputs": [factor("1e400")]}, {"inputs[0]": "INPUT_MALFORMED"}, id="exponent"
        ),
        pytest.param(
            {"inputs": [factor("9" * 29)]},
            {"inputs.underwriter_factor": "INPUT_OUT_OF_RANGE"},
            id="huge",
        ),
        pytest.param({"inputs": [RateInput(name="x")]}, {"inputs[0]": "REQUIRED"}, id="no-value"),
        pytest.param(
            {"inputs": [RateInput(name="mood", code="good")]},
            {"inputs.mood": "INPUT_NOT_TAKEN"},
            id="unknown",
        ),
        pytest.param(
            {"inputs": [RateInput(name="listing", code="mild")]},
            {"inputs.listing": "INPUT_MALFORMED"},
            id="unknown-code",
        ),
        pytest.param(
            {"inputs": [RateInput(name="insured_headcount", decimal=Decimal(value="3"))]},
            {"inputs.insured_headcount": "INPUT_MISPLACED"},
            id="misplaced",
        ),
        pytest.param(
            {"inputs": [factor("1")] * 51}, {"inputs": "COUNT_OUT_OF_RANGE"}, id="too-many"
        ),
        pytest.param(
            {"insurer": "jia", "policy_id": "cn.test.plan.yi-110105"},
            {"insurer": "PLAN_TWICE"},
            id="plan-and-insurer",
        ),
        pytest.param(
            {"insured_headcount": 0}, {"insured_headcount": "NUMBER_OUT_OF_RANGE"}, id="nobody"
        ),
        pytest.param(
            {"limit_per_person": yuan(1)},
            {"limit_per_person": "INPUT_NOT_TAKEN"},
            id="limit-not-taken",
        ),
        pytest.param(
            {"cover_start_date": Date(year=2025, month=5, day=31)},
            {"cover_start_date": "COVER_BEFORE_RATING_DAY"},
            id="cover-in-the-past",
        ),
    ],
)
async def test_wrong_inputs_are_refused_by_name(
    rates: RateClient, facts: FactWriter, fields: dict[str, Any], violations: dict[str, str]
) -> None:
    """Each input that cannot be used is a violation that names it."""
    facts.enterprise(credit_code=CODE, headcount=50)

    error = await refused(rates, **fields)

    assert (error.code, error.violations) == ("INVALID_ARGUMENT", violations)


@ON_SQLITE
@pytest.mark.parametrize("text", ["0.90", "1.10"])
async def test_both_ends_of_the_permitted_range_are_permitted(
    rates: RateClient, facts: FactWriter, text: str
) -> None:
    """At least 0.90 and at most 1.10 take both numbers in."""
    facts.enterprise(credit_code=CODE, headcount=50)

    answer = await rate(rates, inputs=[factor(text)])

    assert answer.recommendation.status == 1


@ON_SQLITE
async def test_without_a_known_industry_there_is_no_rate(
    rates: RateClient, facts: FactWriter
) -> None:
    """The plan asks for the industry, and nobody knows it: refused, never guessed."""
    facts.enterprise(credit_code=CODE, industry=None)

    error = await refused(rates)

    assert error.violations == {"subject": "INDUSTRY_UNKNOWN"}


@ON_SQLITE
async def test_of_two_filed_plans_one_must_be_named(rates: RateClient, facts: FactWriter) -> None:
    """Without a plan of the place, two insurers' plans are none of them the one meant."""
    facts.enterprise(credit_code=CODE, division=320106, headcount=50)

    unnamed = await refused(rates)
    named = await rate(rates, insurer="jia")
    unfiled = await refused(rates, insurer="bing")

    assert (unnamed.code, unnamed.reason) == ("FAILED_PRECONDITION", "RATE_PLAN_AMBIGUOUS")
    assert "cn.test.plan.jia-320106, cn.test.plan.nothing-320106" in unnamed.message
    assert named.basis.policy.policy_id == "cn.test.plan.jia-320106"
    assert (unfiled.code, unfiled.reason) == ("FAILED_PRECONDITION", "POLICY_NOT_IN_FORCE")


@ON_SQLITE
async def test_contradicting_bounds_are_refused(rates: RateClient, facts: FactWriter) -> None:
    """Dongcheng wants 2.10 at least, Beijing 1.80 at most: no premium keeps both."""
    facts.enterprise(credit_code=CODE, division=110101, headcount=50)

    error = await refused(rates, policy_id="cn.test.plan.place-110105")

    assert (error.code, error.reason) == ("FAILED_PRECONDITION", "RATE_BOUNDS_CONFLICT")


@ON_SQLITE
async def test_a_base_of_zero_is_refused(rates: RateClient, facts: FactWriter) -> None:
    """A plan that gives nothing for the head has no premium to float."""
    facts.enterprise(credit_code=CODE, headcount=50)

    error = await refused(rates, policy_id="cn.test.plan.nothing-320106")

    assert error.violations == {"base_premium": "PREMIUM_BASE_ZERO"}


# Plans side by side -----------------------------------------------------------


async def test_plans_are_compared_side_by_side(rates: RateClient, facts: FactWriter) -> None:
    """The plan of the place first, not the city's behind it, then those filed by identifier."""
    facts.enterprise(credit_code=CODE, headcount=50)

    answer = await rates.call("CompareRates", subject=SUBJECT, inputs=[factor("1.10")])

    assert [(one.insurer, one.recommendation.premium) for one in answer.rates] == [
        ("", yuan(1650)),
        ("jia", yuan(1540)),
        ("yi", yuan(1833, 15)),
    ]
    assert all(one.policy.digest and one.worksheet for one in answer.rates)


@ON_SQLITE
async def test_a_plan_that_refuses_fails_no_other(rates: RateClient, facts: FactWriter) -> None:
    """The plan that gives nothing for the head refuses; the two others do not mind."""
    facts.enterprise(credit_code=CODE, headcount=50, division=320106)

    answer = await rates.call("CompareRates", subject=SUBJECT)

    assert [one.error_reason for one in answer.rates] == ["", "PREMIUM_BASE_ZERO", ""]


@ON_SQLITE
async def test_an_input_that_no_plan_takes_is_refused(rates: RateClient, facts: FactWriter) -> None:
    """What is passed over everywhere would be believed to count."""
    facts.enterprise(credit_code=CODE, headcount=50)

    error = await refused(rates, "CompareRates", inputs=[RateInput(name="mood", code="good")])

    assert error.violations == {"inputs.mood": "INPUT_NOT_TAKEN"}


@ON_SQLITE
async def test_where_no_plan_is_in_force_nothing_is_compared(
    rates: RateClient, facts: FactWriter
) -> None:
    """Chongchuan has no plan in these policies."""
    facts.enterprise(credit_code=CODE, division=320613)

    error = await refused(rates, "CompareRates")

    assert (error.code, error.reason) == ("FAILED_PRECONDITION", "POLICY_NOT_IN_FORCE")
