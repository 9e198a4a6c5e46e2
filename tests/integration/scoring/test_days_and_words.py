"""Days and words over the wire: given, checked, and shown as what they are, never as numbers."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from safetycredit.scoring.v1.rate_service_pb2 import (
    BatchRateItem,
    BatchRateTerms,
    BatchRecommendRatesRequest,
    RateInput,
)
from services.common.server import running
from services.scoring.main import ScoringServer
from tests.fakes.policy_desk import PolicyDesk
from tests.fakes.rate_client import RateClient
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import write_policies
from tests.integration.scoring.test_simulations import run_waiting

CODE = "91110000600037341L"
SUBJECT = {"credit_code": CODE}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SOURCE = "{instrument: 测试办法, article: 第一条, confidence: assumed}"

FREE = f"""
policy: cn.test.supervision
kind: supervision
title: {{zh: 测试监管, en: Test supervision}}
documentation: When the next inspection falls due, and what kind of subject it is of.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {SOURCE}
    inputs:
      founding_date: {{from: subject, if_missing: no_data}}
      kind: {{from: subject, if_missing: no_data}}
    values:
      due_date: {{is: {{day: founding_date, years: 3}}, unit: date, source: {SOURCE}}}
    outputs:
      due_date: {{is: due_date, unit: date}}
      kind: {{is: kind, unit: code}}
"""

RATE = f"""
policy: cn.test.days.rate
kind: rate
insurance: work_safety_liability
title: {{zh: 测试费率, en: Test rates}}
documentation: A tenth off while the permit runs; what is insured is said by a word.
field: work_safety
division: "110000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {SOURCE}
    inputs:
      founding_date: {{from: subject, if_missing: unknown}}
      kind: {{from: subject, if_missing: unknown}}
      fields: {{from: subject, if_missing: unknown}}
      due_date:
        from: policy
        policy: cn.test.supervision
        output: due_date
        unit: date
        if_missing: unknown
      permit_date:
        from: request
        unit: date
        if_missing: unknown
        allowed: {{on_or_after: 2020-01-01}}
      duty: {{from: request, codes: role_kind, if_missing: principal}}
      last_premium:
        from: last_period
        period: year
        back: 1
        output: premium
        places: 2
        if_missing: unknown
    values:
      base_premium: {{is: 1000, unit: CNY, source: {SOURCE}}}
      free_date: {{is: {{day: permit_date, years: 3}}, unit: date, source: {SOURCE}}}
      premium: {{is: {{multiply: [base_premium, factor]}}, unit: CNY, source: {SOURCE}}}
    totals:
      factor: {{unit: ratio, places: 1, start: 1, combine: sum, source: {SOURCE}}}
    rules:
      - id: D-PERMIT
        when: {{permit_date: {{before: 2025-06-01}}}}
        add: {{to: factor, amount: -0.1}}
        wording: {{zh: 许可早于六月下浮, en: off for an early permit}}
        source: {SOURCE}
    outputs:
      base_premium: {{is: base_premium, unit: CNY, places: 2}}
      factor: {{is: factor, unit: ratio, places: 1}}
      premium: {{is: premium, unit: CNY, places: 2}}
      free_date: {{is: free_date, unit: date}}
      duty: {{is: duty, unit: code}}
"""


def given(permit: Date | None = None, duty: str = "") -> list[RateInput]:
    """Give the inputs of a caller."""
    found = []
    if permit is not None:
        found.append(RateInput(name="permit_date", day=permit))
    if duty:
        found.append(RateInput(name="duty", code=duty))
    return found


@pytest.fixture(scope="module")
def policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write both policies."""
    files = {"cn/supervision.yaml": FREE, "cn.beijing/days-rate.yaml": RATE}
    return write_policies(tmp_path_factory.mktemp("days"), files)


@pytest.fixture
async def channel(built: ScoringServer) -> AsyncIterator[grpc.aio.Channel]:
    """Serve the store under test on loopback."""
    async with (
        running(built.settings, built.plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as opened,
    ):
        yield opened


@pytest.fixture
def enterprise(facts: FactWriter) -> int:
    """Register an individual trader of two fields, founded on a leap day."""
    return facts.enterprise(credit_code=CODE, kind=2, fields=0b110, founding_date=date(2020, 2, 29))


async def recommend(channel: grpc.aio.Channel, inputs: list[RateInput]) -> Any:  # noqa: ANN401 -- the answer.
    """Ask for the rate."""
    return await RateClient(channel).call("RecommendRate", subject=SUBJECT, inputs=inputs)


@pytest.mark.usefixtures("enterprise")
async def test_a_rate_shows_days_and_words_as_they_are(channel: grpc.aio.Channel) -> None:
    """Inputs, results and worksheet: three years after the permit, and the word that was given."""
    inputs = given(Date(year=2025, month=5, day=31), "driver")

    answer = await recommend(channel, inputs)

    used = {one.name: (one.value, one.unit) for one in answer.inputs}
    results = {one.name: one.text or one.value.value for one in answer.recommendation.outputs}
    lines = {one.rule_id: (one.amount.value, one.unit, one.effect) for one in answer.worksheet}
    assert used == {
        "founding_date": ("2020-02-29", ""),
        "kind": ("individual_trader", ""),
        "fields": ("work_safety, fire", ""),
        "due_date": ("2023-02-28", ""),
        "permit_date": ("2025-05-31", ""),
        "duty": ("driver", ""),
        "last_premium": ("1000", ""),
    }
    assert [one.origin for one in answer.inputs] == [1, 1, 1, 3, 2, 2, 4]
    assert results == {
        "base_premium": "1000",
        "factor": "0.9",
        "premium": "900",
        "free_date": "2028-05-31",
        "duty": "driver",
    }
    assert not any(one.HasField("value") for one in answer.recommendation.outputs if one.text)
    assert lines["free_date"] == ("", "", "2028-05-31")
    assert lines["duty"] == ("", "", "driver")
    wordings = {one.name: (one.wording.zh, one.wording.en) for one in answer.inputs}
    assert wordings["kind"] == ("个体工商户", "individual trader")
    assert wordings["fields"] == ("安全生产、消防", "work safety, fire safety")
    assert wordings["founding_date"] == ("", "")
    duty = next(one for one in answer.recommendation.outputs if one.name == "duty")
    assert (duty.wording.zh, duty.wording.en) == ("驾驶人员", "driver")
    line = next(one for one in answer.worksheet if one.rule_id == "duty")
    assert (line.wording.zh, line.wording.en) == (
        "计算结果：duty：驾驶人员",
        "result: duty: driver",
    )


@ON_SQLITE
@pytest.mark.usefixtures("enterprise")
async def test_what_stands_in_is_a_word_and_what_nobody_gave_is_none(
    channel: grpc.aio.Channel,
) -> None:
    """Without a permit there is no day of freedom, and the plan's word stands in."""
    answer = await recommend(channel, given())

    used = {one.name: one.value for one in answer.inputs}
    results = {one.name: one.text for one in answer.recommendation.outputs if one.text}
    assert (used["permit_date"], used["duty"]) == ("", "principal")
    assert results == {"duty": "principal"}
    assert answer.recommendation.premium.units == 1000


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        pytest.param(RateInput(name="permit_date", day=Date(year=2025, month=2, day=30)),
                     "DATE_INVALID", id="no-day-of-the-calendar"),
        pytest.param(RateInput(name="permit_date", day=Date(year=2025)),
                     "DATE_INCOMPLETE", id="half-a-day"),
        pytest.param(RateInput(name="permit_date", decimal=Decimal(value="20000")),
                     "INPUT_MALFORMED", id="number-for-a-day"),
        pytest.param(RateInput(name="permit_date", code="driver"),
                     "INPUT_MALFORMED", id="word-for-a-day"),
        pytest.param(RateInput(name="permit_date", day=Date(year=2019, month=12, day=31)),
                     "PERMIT_DATE_REFUSED", id="day-before-the-permitted"),
        pytest.param(RateInput(name="duty", day=Date(year=2025, month=1, day=1)),
                     "INPUT_MALFORMED", id="day-for-a-word"),
        pytest.param(RateInput(name="duty", decimal=Decimal(value="8")),
                     "INPUT_MALFORMED", id="number-for-a-word"),
        pytest.param(RateInput(name="duty", code="captain"),
                     "INPUT_MALFORMED", id="unknown-word"),
    ],
)  # fmt: skip
@ON_SQLITE
@pytest.mark.usefixtures("enterprise")
async def test_what_is_neither_a_day_nor_a_word_is_refused(
    channel: grpc.aio.Channel, one: RateInput, reason: str
) -> None:
    """Each is refused with a reason of its own, also just before the first permitted day."""
    with pytest.raises(RefusedError) as refused:
        await recommend(channel, [one])

    assert reason in refused.value.violations.values()


@ON_SQLITE
@pytest.mark.usefixtures("enterprise")
async def test_the_first_permitted_day_is_taken(channel: grpc.aio.Channel) -> None:
    """The other side of the boundary."""
    answer = await recommend(channel, given(Date(year=2020, month=1, day=1)))

    assert answer.recommendation.premium.units == 900


@ON_SQLITE
@pytest.mark.usefixtures("enterprise")
async def test_a_batch_shows_them_as_a_single_answer_does(channel: grpc.aio.Channel) -> None:
    """The short answers of many have the same results, to the byte."""
    inputs = given(Date(year=2025, month=5, day=31), "driver")
    single = await recommend(channel, inputs)

    (answer,) = await RateClient(channel).batch(
        [
            BatchRecommendRatesRequest(
                terms=BatchRateTerms(), items=[BatchRateItem(subject=SUBJECT, inputs=inputs)]
            )
        ]
    )

    (result,) = answer.results
    assert [one.SerializeToString() for one in result.rate.recommendation.outputs] == [
        one.SerializeToString() for one in single.recommendation.outputs
    ]


@ON_SQLITE
@pytest.mark.usefixtures("enterprise")
async def test_supervision_and_dry_runs_show_days_and_words(
    channel: grpc.aio.Channel, built: ScoringServer
) -> None:
    """The result of another kind of policy, and the short results of a simulation."""
    desk = PolicyDesk(channel)
    answer = await desk.call("GetSupervision", roles="regulator", subject=SUBJECT)
    candidate = FREE.lstrip().replace('"one"', '"two"').replace("years: 3", "years: 4")
    candidate = candidate.replace("2015-01-01", "2026-01-01").replace("测试办法", "新办法")
    started = await desk.call("StartSimulation", content=candidate.encode())
    run_waiting(built)
    number = started.simulation.simulation_id

    found = (await desk.call("GetSimulation", simulation_id=number)).simulation

    assert {one.name: one.text for one in answer.result.outputs} == {
        "due_date": "2023-02-28", "kind": "individual_trader",
    }  # fmt: skip
    (cell,) = found.impacts[0].matrix
    assert cell.live.label == "due_date 2023-02-28, kind individual_trader"
    assert cell.candidate.label == "due_date 2024-02-29, kind individual_trader"
