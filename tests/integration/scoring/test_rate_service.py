"""RateService over loopback, on both databases."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from tests.fakes.scoring_client import RefusedError, ScoringClient
from tests.fakes.scoring_facts import FactWriter

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is refused before any database is asked needs one database only."""

CODE = "91110000600037341L"
SUBJECT = {"credit_code": CODE}


async def rate(client: ScoringClient, **fields: Any) -> Any:  # noqa: ANN401 -- a response.
    """Ask for the rate of the test's enterprise."""
    return await client.call("RecommendRate", **{"subject": SUBJECT, **fields})


async def refused(client: ScoringClient, **fields: Any) -> RefusedError:  # noqa: ANN401 -- any request.
    """Ask for a rate that must be refused."""
    with pytest.raises(RefusedError) as error:
        await rate(client, **fields)
    return error.value


async def test_lines_say_the_results_of_other_policies_and_until_when(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Five penalties leave 47.5 points and a place for the list, until they are a year old."""
    number = facts.enterprise(credit_code=CODE)
    for _ in range(5):
        facts.record("penalty", number, date(2024, 6, 11))
    ends = Date(year=2025, month=6, day=11)

    answer = await client.call("RecommendRate", subject=SUBJECT)

    lines = {line.rule_id: line for line in answer.worksheet}
    (listed,), (score,) = lines["R-LISTED"].results, lines["R-SCORE"].results
    assert (listed.output, listed.value, listed.wording.zh) == ("status", "1", "是")
    assert (score.output, score.value, score.unit) == ("score", "47.5", "point")
    assert lines["R-LISTED"].end_date == lines["R-SCORE"].end_date == ends
    assert answer.recommendation.valid_until_date == ends
    assert not lines["factor.start"].results
    assert [(one.name, one.value) for one in answer.basis.results] == [
        ("grade", "C"),
        ("score", "47.5"),
        ("listed", "1"),
    ]


async def test_a_rate_comes_with_its_worksheet(client: ScoringClient, facts: FactWriter) -> None:
    """50 people at 33.33 yuan; grade A takes 30% off, and the floor is 0.8."""
    number = facts.enterprise(credit_code=CODE, headcount=50)

    answer = await rate(client)

    result = answer.recommendation
    assert answer.enterprise_id == f"e-{number}"
    assert result.status == 1
    assert result.base_premium == Money(currency_code="CNY", units=1666, nanos=500_000_000)
    assert (result.factor.value, result.factor_min.value, result.factor_max.value) == (
        "0.8",
        "0.8",
        "1.5",
    )
    assert result.premium == Money(currency_code="CNY", units=1333, nanos=200_000_000)
    assert result.rounding == "half_up to 0.01 CNY"
    assert answer.cover_start_date == Date(year=2025, month=6, day=1)
    assert [
        (line.rule_id, line.total, line.amount.value, line.unit) for line in answer.worksheet
    ] == [
        ("base_premium", "base_premium", "1666.5", "CNY"),
        ("factor.start", "factor", "1", "ratio"),
        ("R-GRADE-A", "factor", "-0.3", "ratio"),
        ("factor.bound", "factor", "0.1", "ratio"),
        ("premium", "premium", "1333.2", "CNY"),
    ]
    assert [line.source.article for line in answer.worksheet] == [
        "第一条",
        "第三条",
        "第四条",
        "第三条",
        "第二条",
    ]
    # The grade's policy is replaced on 2025-07-01: what is taken in may change.
    assert result.valid_until_date == Date(year=2025, month=7, day=1)


async def test_results_of_other_policies_are_pinned_in_order_of_use(
    client: ScoringClient, facts: FactWriter
) -> None:
    """The rate takes a grade and a list status, and the list takes the grade itself."""
    number = facts.enterprise(credit_code=CODE, headcount=10)
    for _ in range(5):
        facts.record("penalty", number, date(2025, 1, 1))

    answer = await rate(client)

    # A score of 47.5 is a C: a candidate (+0.25), and below 50 (+0.10).
    assert [line.rule_id for line in answer.worksheet if line.rule_id.startswith("R-")] == [
        "R-LISTED",
        "R-SCORE",
    ]
    assert answer.recommendation.factor.value == "1.35"
    # 333.30 yuan times 1.35 is 449.955, rounded half up.
    assert answer.recommendation.premium == Money(currency_code="CNY", units=449, nanos=960_000_000)
    assert [one.policy_id for one in answer.basis.inputs] == ["cn.test.grade", "cn.test.list"]


async def test_what_the_caller_asks_for_counts(client: ScoringClient, facts: FactWriter) -> None:
    """Headcount and kind of transaction come from the request where they are given."""
    facts.enterprise(credit_code=CODE, headcount=None)

    new = await rate(client, insured_headcount=2, transaction_kind=1)
    renewal = await rate(client, insured_headcount=2, transaction_kind=2)
    default = await rate(client, insured_headcount=2)

    # Without a headcount the enterprise has no grade; a renewal takes 5% off 66.66 yuan.
    assert new.recommendation.factor.value == "1"
    assert renewal.recommendation.factor.value == "0.95"
    assert renewal.recommendation.premium == Money(currency_code="CNY", units=63, nanos=330_000_000)
    assert default == new


async def test_without_what_the_plan_needs_there_is_no_rate(
    client: ScoringClient, facts: FactWriter
) -> None:
    """A missing headcount gives no amounts and its name; without an industry there is a refusal."""
    facts.enterprise(credit_code=CODE, industry=None)
    facts.enterprise(local=("test", "甲"), headcount=None)

    no_industry = await refused(client)
    second = {"local_identity": {"scheme": "test", "value": "甲"}}
    no_headcount = (await rate(client, subject=second)).recommendation

    assert no_industry.violations == {"subject": "INDUSTRY_UNKNOWN"}
    assert (no_headcount.status, list(no_headcount.missing_inputs)) == (
        2,
        ["insured_headcount", "headcount"],
    )
    assert not no_headcount.HasField("premium")


async def test_the_plan_is_that_of_the_first_day_of_cover(
    client: ScoringClient, facts: FactWriter
) -> None:
    """The plan ends with 2025: cover from its last day is rated, a day later is not."""
    facts.enterprise(credit_code=CODE)

    last = await rate(client, cover_start_date=Date(year=2025, month=12, day=31))
    after = await refused(client, cover_start_date=Date(year=2026, month=1, day=1))
    named = await rate(
        client,
        policy_id="cn.test.rate",
        policy_version="one",
        cover_start_date=Date(year=2026, month=1, day=1),
    )

    assert last.cover_start_date == Date(year=2025, month=12, day=31)
    assert last.basis.as_of == Date(year=2025, month=6, day=1)
    # What is taken in is that of the rating day.
    assert [one.version for one in last.basis.inputs if one.policy_id == "cn.test.grade"] == ["one"]
    assert (after.code, after.reason) == ("FAILED_PRECONDITION", "POLICY_NOT_IN_FORCE")
    assert named.recommendation.status == 1


async def test_a_quote_is_not_valid_beyond_the_start_of_cover(
    client: ScoringClient, facts: FactWriter
) -> None:
    """The day after cover starts the same request would be refused."""
    facts.enterprise(credit_code=CODE)

    answer = await rate(client, cover_start_date=Date(year=2025, month=6, day=10))

    assert answer.recommendation.valid_until_date == Date(year=2025, month=6, day=11)


@ON_SQLITE
@pytest.mark.parametrize(
    ("fields", "violations"),
    [
        pytest.param(
            {"insured_headcount": 0}, {"insured_headcount": "NUMBER_OUT_OF_RANGE"}, id="nobody"
        ),
        pytest.param(
            {"insured_headcount": 1},
            {"insured_headcount": "INSURED_HEADCOUNT_REFUSED"},
            id="refused-by-the-plan",
        ),
        pytest.param(
            {"limit_per_person": Money(currency_code="CNY", units=400_000)},
            {"limit_per_person": "INPUT_NOT_TAKEN"},
            id="not-taken-by-the-plan",
        ),
        pytest.param(
            {"limit_per_person": Money(currency_code="USD", units=1)},
            {"limit_per_person": "MONEY_NOT_CNY"},
            id="currency",
        ),
        pytest.param(
            {"limit_per_person": Money(currency_code="CNY", nanos=1)},
            {"limit_per_person": "MONEY_BELOW_FEN"},
            id="below-a-fen",
        ),
        pytest.param(
            {"limit_per_person": Money(currency_code="CNY")},
            {"limit_per_person": "MONEY_OUT_OF_RANGE"},
            id="nothing",
        ),
        pytest.param({"transaction_kind": 4}, {"transaction_kind": "ENUM_UNKNOWN"}, id="kind"),
        pytest.param(
            {"cover_start_date": Date(year=2025, month=5, day=31)},
            {"cover_start_date": "COVER_BEFORE_RATING_DAY"},
            id="cover-in-the-past",
        ),
        pytest.param(
            {"policy_version": "one"}, {"policy_version": "POLICY_MISSING"}, id="version-alone"
        ),
        pytest.param(
            {"subject": {"person_id": "p-1"}},
            {"subject.person_id": "NOT_AN_ENTERPRISE"},
            id="person",
        ),
    ],
)
async def test_inputs_are_refused_by_name(
    client: ScoringClient, facts: FactWriter, fields: dict[str, Any], violations: dict[str, str]
) -> None:
    """Each input that cannot be used is a violation of its field."""
    facts.enterprise(credit_code=CODE)

    error = await refused(client, **fields)

    assert error.code == "INVALID_ARGUMENT"
    assert error.violations == violations


async def test_an_enterprise_without_staff_is_refused(
    client: ScoringClient, facts: FactWriter
) -> None:
    """The enterprise's own headcount is held to the plan's condition like a given one."""
    facts.enterprise(credit_code=CODE, headcount=0)

    error = await refused(client)

    assert error.violations == {"insured_headcount": "INSURED_HEADCOUNT_REFUSED"}


async def test_elsewhere_no_plan_applies(client: ScoringClient, facts: FactWriter) -> None:
    """The plan is Beijing's: in Chongchuan there is none unless it is named."""
    facts.enterprise(credit_code=CODE, division=320613)

    error = await refused(client)
    named = await rate(client, policy_id="cn.test.rate")

    assert (error.code, error.reason) == ("FAILED_PRECONDITION", "POLICY_NOT_IN_FORCE")
    assert named.recommendation.status == 1


async def test_the_same_question_has_the_same_bytes(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Later facts change nothing for a request that names its point."""
    number = facts.enterprise(credit_code=CODE)
    first = await rate(client)
    facts.record("penalty", number, date(2025, 1, 1))
    question = {"as_of": first.basis.as_of, "known_at": first.basis.point.known_at}

    again = await rate(client, **question)
    now = await rate(client)

    assert again.SerializeToString(deterministic=True) == first.SerializeToString(
        deterministic=True
    )
    assert now.recommendation != first.recommendation
