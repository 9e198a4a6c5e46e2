"""BatchRecommendRates over loopback: the bytes of single calls, at one point, in order."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, cast

import pytest
from google.type.date_pb2 import Date

from safetycredit.scoring.v1.rate_service_pb2 import (
    BatchRateItem,
    BatchRateTerms,
    BatchRecommendRatesRequest,
    RateInput,
    TransactionKind,
)
from safetycredit.type.v1.subject_pb2 import SubjectRef
from tests.fakes.rate_client import RateClient
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.rate_fixtures import CODE, ON_SQLITE, policies_folder, rates
from tests.integration.scoring.test_rates import factor, rate, yuan

__all__ = ["policies_folder", "rates"]


def items(*codes: str, **fields: Any) -> list[BatchRateItem]:  # noqa: ANN401 -- fields of an item.
    """Ask for enterprises by credit code or identifier."""
    return [
        BatchRateItem(
            subject=SubjectRef(enterprise_id=code)
            if code.startswith("e-")
            else SubjectRef(credit_code=code),
            **fields,
        )
        for code in codes
    ]


async def test_a_batch_gives_the_bytes_of_single_calls(
    rates: RateClient, facts: FactWriter
) -> None:
    """Different places, plans, facts and inputs, each as if it had been asked for alone."""
    numbers = []
    for count in range(6):
        number = facts.enterprise(headcount=10 + count, division=110105 if count % 2 else 110102)
        numbers.append(number)
        for day in range(count):
            facts.record("accident", number, date(2025, 1, 1) + timedelta(days=day))
        facts.record("hazard", number, date(2025, 2, 1))
        facts.record("penalty", number, date(2025, 2, 1))
    names = [f"e-{number}" for number in numbers]
    wanted = [*items(*names), *items(names[1], names[3], inputs=[factor("0.95")])]
    terms = BatchRateTerms(worksheets=True, outlook=True)

    (answer,) = await rates.batch([BatchRecommendRatesRequest(terms=terms, items=wanted)])

    singles = [
        await rate(rates, subject=item.subject, inputs=item.inputs, known_at=answer.point.known_at)
        for item in wanted
    ]
    for result, single in zip(answer.results, singles, strict=True):
        assert result.error_reason == ""
        single.basis.ClearField("point")
        assert result.rate.SerializeToString(deterministic=True) == single.SerializeToString(
            deterministic=True
        )


async def test_without_worksheets_the_recommendation_is_the_same(
    rates: RateClient, facts: FactWriter
) -> None:
    """What is written straight from columns has the bytes of the message, whatever it says."""
    names = []
    for count, division in enumerate([110105, 110105, 110105, 320106, 110105]):
        number = facts.enterprise(
            headcount=None if count == 4 else 10 * count + 2, division=division
        )
        names.append(f"e-{number}")
        for day in range(2 * count):
            facts.record("accident", number, date(2025, 1, 1) + timedelta(days=day))
        facts.record("hazard", number, date(2025, 2, 1))
    wanted = [*items(*names), *items(names[0], inputs=[factor("0.90")])]
    cover = Date(year=2025, month=7, day=1)

    for terms in (
        BatchRateTerms(insurer="jia"),
        BatchRateTerms(
            insurer="jia",
            cover_start_date=cover,
            transaction_kind=TransactionKind.TRANSACTION_KIND_RENEWAL,
        ),
        BatchRateTerms(policy_id="cn.test.rate"),
    ):
        if terms.policy_id:
            # It takes no factor.
            wanted = items(*names[:3])
        (answer,) = await rates.batch([BatchRecommendRatesRequest(terms=terms, items=wanted)])
        for item, result in zip(wanted, answer.results, strict=True):
            single = await rate(
                rates,
                subject=item.subject,
                inputs=item.inputs,
                insurer=terms.insurer,
                policy_id=terms.policy_id,
                transaction_kind=terms.transaction_kind,
                known_at=answer.point.known_at,
                cover_start_date=terms.cover_start_date
                if terms.HasField("cover_start_date")
                else None,
            )
            for name in ("worksheet", "inputs", "reliefs", "depends_on"):
                single.ClearField(name)
            for name in ("point", "results"):
                single.basis.ClearField(name)
            assert result.error_reason == ""
            assert result.rate.SerializeToString(deterministic=True) == single.SerializeToString(
                deterministic=True
            )


async def test_a_stream_stands_at_one_point_and_keeps_the_order(
    rates: RateClient, facts: FactWriter
) -> None:
    """Facts written while it runs do not count; one unknown enterprise fails no other."""
    number = facts.enterprise(credit_code=CODE, headcount=50)

    def messages() -> Iterator[BatchRecommendRatesRequest]:
        yield BatchRecommendRatesRequest(
            terms=BatchRateTerms(), items=items("91110000802100433B", CODE)
        )
        facts.record("accident", number, date(2025, 3, 1))
        yield BatchRecommendRatesRequest(items=items(CODE, "e-7"))

    first, second = await rates.batch(messages())

    assert first.point == second.point
    assert [one.error_reason for one in first.results] == ["SUBJECT_UNKNOWN", ""]
    assert [one.error_reason for one in second.results] == ["", "SUBJECT_UNKNOWN"]
    assert first.results[1] == second.results[0]
    assert first.results[1].rate.recommendation.premium == yuan(1500)
    assert not first.results[1].rate.worksheet


@ON_SQLITE
async def test_what_is_wrong_with_one_item_is_said_in_its_place(
    rates: RateClient, facts: FactWriter
) -> None:
    """Each refusal of a single call has its reason and its fields in the batch."""
    facts.enterprise(credit_code=CODE, headcount=50)
    no_industry = facts.enterprise(industry=None, headcount=50)
    nobody = facts.enterprise(headcount=0)
    elsewhere = facts.enterprise(division=320613)
    contradicting = facts.enterprise(division=110101, headcount=10)
    wanted = [
        *items(CODE, inputs=[factor("2")]),
        *items(CODE, inputs=[RateInput(name="mood", code="good")]),
        *items("nonsense"),
        *items(f"e-{no_industry}", f"e-{nobody}", f"e-{elsewhere}", f"e-{contradicting}"),
        *items(CODE),
    ]

    (answer,) = await rates.batch(
        [BatchRecommendRatesRequest(terms=BatchRateTerms(), items=wanted)]
    )
    (named,) = await rates.batch(
        [
            BatchRecommendRatesRequest(
                terms=BatchRateTerms(policy_id="cn.test.plan.place-110105"),
                items=items(f"e-{contradicting}", CODE),
            )
        ]
    )

    assert [(one.error_reason, list(one.error_fields)) for one in answer.results] == [
        ("FACTOR_OUT_OF_RANGE", ["inputs.underwriter_factor"]),
        ("INPUT_NOT_TAKEN", ["inputs.mood"]),
        ("CREDIT_CODE_MALFORMED", ["subject.credit_code"]),
        ("INDUSTRY_UNKNOWN", ["subject"]),
        ("INSURED_HEADCOUNT_REFUSED", ["insured_headcount"]),
        ("POLICY_NOT_IN_FORCE", []),
        ("RATE_BOUNDS_CONFLICT", []),
        ("", []),
    ]
    assert [one.error_reason for one in named.results] == ["RATE_BOUNDS_CONFLICT", ""]


@ON_SQLITE
@pytest.mark.parametrize(
    ("messages", "violations"),
    [
        pytest.param([{"items": items(CODE)}], {"terms": "TERMS_MISPLACED"}, id="no-terms"),
        pytest.param(
            [{"terms": BatchRateTerms(), "items": items(CODE)}] * 2,
            {"terms": "TERMS_MISPLACED"},
            id="terms-twice",
        ),
        pytest.param([{"terms": BatchRateTerms()}], {"items": "COUNT_OUT_OF_RANGE"}, id="nobody"),
        pytest.param(
            [{"terms": BatchRateTerms(), "items": items(CODE) * 1001}],
            {"items": "COUNT_OUT_OF_RANGE"},
            id="too-many",
        ),
        pytest.param(
            [
                {
                    "terms": BatchRateTerms(transaction_kind=cast("TransactionKind", 9)),
                    "items": items(CODE),
                }
            ],
            {"terms.transaction_kind": "ENUM_UNKNOWN"},
            id="kind",
        ),
    ],
)
async def test_a_wrong_stream_is_refused(
    rates: RateClient, messages: list[dict[str, Any]], violations: dict[str, str]
) -> None:
    """What holds for all is said once, and a message has 1 to 1,000 enterprises."""
    with pytest.raises(RefusedError) as error:
        await rates.batch(BatchRecommendRatesRequest(**message) for message in messages)

    assert error.value.violations == violations
