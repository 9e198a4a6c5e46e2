"""Words of a scheme's own over the wire: given, taken in, refused by name, and told with titles."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import grpc
import pytest
from google.type.decimal_pb2 import Decimal

from safetycredit.scoring.v1.list_service_pb2 import InputAnswer
from safetycredit.scoring.v1.rate_service_pb2 import RateInput
from services.common.server import running
from services.scoring.main import ScoringServer
from tests.fakes.list_policies import BLACKLIST, write_list_policies
from tests.fakes.list_world import CODE, ON_SQLITE, ListWorld
from tests.fakes.rate_client import RateClient
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import write_policies

pytestmark = ON_SQLITE

SOURCE = "{instrument: 测试办法, article: 第一条, confidence: assumed}"
CODES = """
    codes:
      colour:
        green: {zh: 绿色, en: green}
        red: {zh: 红色, en: red}
"""
COLOUR = f"""
policy: cn.test.colour
kind: supervision
title: {{zh: 测试颜色, en: Test colours}}
documentation: Red with a penalty.
field: all
division: "000000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {SOURCE}
{CODES}    indicators:
      penalties: {{records: penalty, window: ever, measure: count, unit: penalty, source: {SOURCE}}}
    outputs:
      colour: {{is: {{if: {{penalties: 0}}, then: green, else: red}}, codes: colour}}
"""
RATE = f"""
policy: cn.test.colour.rate
kind: rate
insurance: work_safety_liability
title: {{zh: 测试费率, en: Test rates}}
documentation: A tenth more for red; what the insurer is, says the caller.
field: work_safety
division: "110000"
versions:
  - version: "one"
    start_date: 2015-01-01
    end_date: null
    source: {SOURCE}
{CODES}      insurer_class:
        excellent: {{zh: 特优, en: excellent}}
        poor: {{zh: 差, en: poor}}
    inputs:
      colour:
        {{from: policy, policy: cn.test.colour, output: colour, codes: colour, if_missing: no_data}}
      insurer: {{from: request, codes: insurer_class, if_missing: poor}}
      heads: {{from: request, each: insurer_class, unit: person, if_missing: 0}}
    tables:
      factors:
        keys: [colour, insurer]
        outputs: {{factor: ratio}}
        rows:
          - {{colour: green, insurer: excellent, factor: 0.8}}
          - {{colour: green, insurer: poor, factor: 1}}
          - {{colour: red, insurer: any, factor: 1.1}}
        otherwise: no_data
        source: {SOURCE}
    values:
      base_premium: {{is: 1000, unit: CNY, source: {SOURCE}}}
      factor: {{is: {{lookup: factors}}, unit: ratio, source: {SOURCE}}}
      premium: {{is: {{multiply: [base_premium, factor]}}, unit: CNY, source: {SOURCE}}}
    outputs:
      base_premium: {{is: base_premium, unit: CNY, places: 2}}
      factor: {{is: factor, unit: ratio, places: 1}}
      premium: {{is: premium, unit: CNY, places: 2}}
      insurer: {{is: insurer, codes: insurer_class}}
      heads: {{is: {{sum: heads, each: insurer_class}}, unit: person}}
"""
ASKING = (
    BLACKLIST.replace("cn.test.blacklist", "cn.test.asking-blacklist")
    .replace(
        "    indicators:\n",
        """    codes:
      harm: {grave: {zh: 严重, en: grave}, light: {zh: 轻微, en: light}}
    inputs:
      harm: {from: request, codes: harm, if_missing: no_data}
    indicators:
""",
    )
    .replace("{major_penalties: {at_least: 1}}", "{major_penalties: {at_least: 1}, harm: grave}")
)


@pytest.fixture(scope="module")
def policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the colours and the rate that takes them in."""
    files = {"cn/colour.yaml": COLOUR, "cn.beijing/colour-rate.yaml": RATE}
    return write_policies(tmp_path_factory.mktemp("words"), files)


@pytest.fixture(scope="module")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the policies of the tests, and a blacklist that asks for a word of its own."""
    folder = write_list_policies(tmp_path_factory.mktemp("asking"))
    (folder / "cn/asking-blacklist.yaml").write_text(ASKING, encoding="utf-8")
    return folder


@pytest.fixture
async def rates(built: ScoringServer) -> AsyncIterator[RateClient]:
    """Serve the store under test on loopback."""
    async with (
        running(built.settings, built.plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as opened,
    ):
        yield RateClient(opened)


@pytest.mark.parametrize(
    ("penalised", "insurer", "premium"),
    [
        pytest.param(False, "excellent", 800, id="green-of-an-excellent-insurer"),
        pytest.param(False, "", 1000, id="green-of-whom-nobody-names"),
        pytest.param(True, "excellent", 1100, id="red"),
    ],
)
async def test_words_of_another_policy_and_of_the_caller_set_the_rate(
    rates: RateClient, facts: FactWriter, insurer: str, premium: int, *, penalised: bool
) -> None:
    """The table reads both words; the answer tells them with their titles."""
    number = facts.enterprise(credit_code=CODE)
    if penalised:
        facts.record("penalty", number, date(2025, 1, 10))
    inputs = [RateInput(name="insurer", code=insurer)] if insurer else []

    answer = await rates.call("RecommendRate", subject={"credit_code": CODE}, inputs=inputs)

    used = {one.name: (one.value, one.wording.zh) for one in answer.inputs}
    given = next(one for one in answer.recommendation.outputs if one.name == "insurer")
    assert answer.recommendation.premium.units == premium
    assert used["colour"] == (("red", "红色") if penalised else ("green", "绿色"))
    assert used["insurer"] == (("excellent", "特优") if insurer else ("poor", "差"))
    assert (given.text, given.wording.en) == ((insurer or "poor"),) * 2


async def test_wrong_word_is_refused_by_name(rates: RateClient, facts: FactWriter) -> None:
    """A word of another set is none of this one's; what is meant is named."""
    facts.enterprise(credit_code=CODE)

    with pytest.raises(RefusedError) as refused:
        await rates.call(
            "RecommendRate",
            subject={"credit_code": CODE},
            inputs=[RateInput(name="insurer", code="green")],
        )

    assert refused.value.violations == {"inputs.insurer": "INPUT_MALFORMED"}


async def test_number_for_each_word_is_given_by_its_name(
    rates: RateClient, facts: FactWriter
) -> None:
    """Three and two heads are five; of a class that there is not, nobody may say how many."""
    facts.enterprise(credit_code=CODE)
    heads = [
        RateInput(name=f"heads.{word}", decimal=Decimal(value=number))
        for word, number in (("excellent", "3"), ("poor", "2"), ("fair", "1"))
    ]

    answer = await rates.call("RecommendRate", subject={"credit_code": CODE}, inputs=heads[:2])
    with pytest.raises(RefusedError) as refused:
        await rates.call("RecommendRate", subject={"credit_code": CODE}, inputs=heads)

    results = {one.name: one.value.value for one in answer.recommendation.outputs}
    assert results["heads"] == "5"
    assert {one.name: one.value for one in answer.inputs}["heads.poor"] == "2"
    assert refused.value.violations == {"inputs.heads.fair": "INPUT_NOT_TAKEN"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(InputAnswer(name="harm", code="grave"), "", id="grave"),
        pytest.param(InputAnswer(name="harm", code="grievous"), "INPUT_UNKNOWN", id="no-such-word"),
        pytest.param(InputAnswer(name="harm", value=3), "INPUT_UNKNOWN", id="number-of-no-word"),
    ],
)
async def test_list_asks_for_a_word(world: ListWorld, answer: InputAnswer, reason: str) -> None:
    """A grave one opens the case; what is no word of the list is refused by name."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    wish = {"policy_id": "cn.test.asking-blacklist", "inputs": [answer]}

    if not reason:
        assert (await world.opened(**wish)).case_id
        return
    with pytest.raises(RefusedError) as refused:
        await world.opened(**wish)
    assert (refused.value.reason, refused.value.facts["inputs"]) == (reason, "harm")
