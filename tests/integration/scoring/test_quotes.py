"""Quotes over loopback: kept to the byte, confirmed once, compared with what was charged."""

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from safetycredit.scoring.v1.rate_service_pb2 import RateInput, RecommendRateRequest
from services.common.database import Database
from services.common.server import running
from services.scoring.main import ScoringServer, build_scoring_server
from tests.fakes.clock import FixedClock
from tests.fakes.rate_client import JIA, REGULATOR, YI, RateClient, caller
from tests.fakes.rate_policies import CHAOYANG, bounds, filed_plan
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.fakes.scoring_policies import write_policies
from tests.integration.scoring.rate_fixtures import (
    CODE,
    ON_SQLITE,
    SUBJECT,
    policies_folder,
    rates,
)
from tests.integration.scoring.test_rates import yuan

__all__ = ["policies_folder", "rates"]

COVER = Date(year=2025, month=7, day=1)


async def quoted(client: RateClient, request_id: str = "q1", **fields: Any) -> Any:  # noqa: ANN401 -- a response.
    """Quote a rate for the test's enterprise, for cover from 2025-07-01."""
    wanted = RecommendRateRequest(
        **{"subject": SUBJECT, "insurer": "jia", "cover_start_date": COVER, **fields}
    )
    return await client.call("QuoteRate", JIA, request_id=request_id, rate=wanted)


async def refused(client: RateClient, method: str, *callers: Any, **fields: Any) -> RefusedError:  # noqa: ANN401 -- any request.
    """Make a call that must be refused."""
    with pytest.raises(RefusedError) as error:
        await client.call(method, *callers, **fields)
    return error.value


async def test_a_quote_is_repeated_to_the_byte_after_later_facts(
    rates: RateClient, facts: FactWriter
) -> None:
    """GetQuote gives the bytes kept, and so does the question that it keeps."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    facts.record("hazard", number, date(2025, 2, 1))
    first = await quoted(
        rates, inputs=[RateInput(name="underwriter_factor", decimal=Decimal(value="1.05"))]
    )
    facts.record("accident", number, date(2025, 3, 1))

    kept = await rates.call("GetQuote", JIA, quote_id=first.quote.quote_id)
    again = await rates.raw("RecommendRate", kept.request.SerializeToString())

    # 50 people at 28 yuan, a fifth on for the hazard, 5% for the underwriter.
    assert first.quote.premium == yuan(1764)
    assert kept.answer_bytes == again == first.answer.SerializeToString(deterministic=True)
    assert kept.quote.answer_digest == sha256(again).hexdigest()
    assert kept.answer == first.answer
    assert kept.quote == first.quote
    assert (kept.quote.insurer, kept.quote.state) == ("甲保险", 1)
    # The day after the first day of cover the quote holds no more.
    assert kept.quote.valid_until_date == Date(year=2025, month=7, day=2)


async def test_a_quote_is_confirmed_once(rates: RateClient, facts: FactWriter) -> None:
    """The same request gives the first answer again; another one is refused by name."""
    facts.enterprise(credit_code=CODE, headcount=50)
    quote_id = (await quoted(rates)).quote.quote_id
    second = (await quoted(rates, "q2")).quote.quote_id
    fields = {"quote_id": quote_id, "policy_number": "甲-2025-1"}

    first = await rates.call("ConfirmQuote", JIA, request_id="c1", **fields)
    repeated = await rates.call("ConfirmQuote", JIA, request_id="c1", **fields)
    again = await refused(rates, "ConfirmQuote", JIA, request_id="c2", **fields)
    other = await refused(
        rates, "ConfirmQuote", JIA, request_id="c3", quote_id=second, policy_number="甲-2025-1"
    )
    kept = await rates.call("GetQuote", JIA, quote_id=quote_id)
    before = await rates.call("GetQuote", JIA, quote_id=quote_id, known_at=first.quote.quote_time)

    assert (first.quote.state, first.quote.policy_number) == (2, "甲-2025-1")
    assert repeated.repeated
    assert repeated.quote == first.quote == kept.quote
    assert (again.code, again.reason) == ("FAILED_PRECONDITION", "QUOTE_ALREADY_BOUND")
    assert (other.code, other.reason) == ("ALREADY_EXISTS", "POLICY_NUMBER_USED")
    assert (before.quote.state, before.quote.policy_number) == (1, "")


async def test_an_insurer_sees_its_own_quotes_only(rates: RateClient, facts: FactWriter) -> None:
    """Another insurer's quote is unknown to it; a regulator sees both."""
    facts.enterprise(credit_code=CODE, headcount=50)
    quote_id = (await quoted(rates)).quote.quote_id

    seen = await refused(rates, "GetQuote", YI, quote_id=quote_id)
    confirmed = await refused(
        rates, "ConfirmQuote", YI, request_id="c", quote_id=quote_id, policy_number="1"
    )
    by_regulator = await rates.call("GetQuote", REGULATOR, quote_id=quote_id)
    made = await refused(rates, "QuoteRate", REGULATOR, request_id="x")

    assert (seen.code, seen.reason) == ("NOT_FOUND", "QUOTE_UNKNOWN")
    assert (confirmed.code, confirmed.reason) == ("NOT_FOUND", "QUOTE_UNKNOWN")
    assert by_regulator.quote.quote_id == quote_id
    assert (made.code, made.reason) == ("PERMISSION_DENIED", "ACCESS_DENIED")


async def test_a_quote_lapses(rates: RateClient, facts: FactWriter, clock: FixedClock) -> None:
    """Cover from 1 July can be bound on that day, and not on the next."""
    facts.enterprise(credit_code=CODE, headcount=50)
    first, second = [(await quoted(rates, name)).quote.quote_id for name in ("q1", "q2")]

    clock.advance(timedelta(days=30))
    await rates.call("ConfirmQuote", JIA, request_id="c1", quote_id=first, policy_number="1")
    clock.advance(timedelta(days=1))
    error = await refused(
        rates, "ConfirmQuote", JIA, request_id="c2", quote_id=second, policy_number="2"
    )
    kept = await rates.call("GetQuote", JIA, quote_id=second)

    assert (error.code, error.reason) == ("FAILED_PRECONDITION", "QUOTE_LAPSED")
    assert kept.quote.state == 3


@ON_SQLITE
async def test_a_request_of_a_quote_is_answered_once(rates: RateClient, facts: FactWriter) -> None:
    """The same request keeps one quote; its identifier stands for no other request."""
    facts.enterprise(credit_code=CODE, headcount=50)

    first = await quoted(rates)
    repeated = await quoted(rates)
    with pytest.raises(RefusedError) as other:
        await quoted(rates, insured_headcount=3)

    assert repeated.repeated
    assert repeated.quote == first.quote
    assert (other.value.code, other.value.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")


@ON_SQLITE
async def test_what_gives_no_premium_is_no_quote(rates: RateClient, facts: FactWriter) -> None:
    """Without a headcount there is no result to keep; a wrong field is named with its path."""
    facts.enterprise(credit_code=CODE, headcount=None)

    with pytest.raises(RefusedError) as nothing:
        await quoted(rates)
    with pytest.raises(RefusedError) as wrong:
        await quoted(rates, insured_headcount=-1)
    malformed = await refused(rates, "GetQuote", JIA, quote_id="r-1")
    no_request_id = await refused(rates, "QuoteRate", JIA)

    assert nothing.value.reason == "QUOTE_WITHOUT_PREMIUM"
    assert wrong.value.violations == {"rate.insured_headcount": "NUMBER_OUT_OF_RANGE"}
    assert malformed.violations == {"quote_id": "ID_MALFORMED"}
    assert no_request_id.violations == {"request_id": "REQUIRED"}


# What was charged -------------------------------------------------------------


def policy(facts: FactWriter, number: int, document: str, premium_fen: int, **body: Any) -> int:  # noqa: ANN401 -- columns of the table.
    """Record an insurance policy for a year from 2025-07-01."""
    return facts.record(
        "insurance_policy",
        number,
        date(2025, 6, 20),
        **{
            "authority": "甲保险",
            "document_number": document,
            "start_date": date(2025, 7, 1),
            "end_date": date(2026, 7, 1),
            "premium_fen": premium_fen,
            "plan_id": "cn.test.plan.place-110105",
            **body,
        },
    )


async def test_a_premium_otherwise_than_quoted_or_allowed_is_found(
    rates: RateClient, facts: FactWriter
) -> None:
    """Quoted 1,400 yuan, bounded 1,330 to 2,520; without a quote the plan's 1,500 counts."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    names = ["right", "less", "below", "above"]
    for name in names:
        quote_id = (await quoted(rates, name)).quote.quote_id
        await rates.call(
            "ConfirmQuote", JIA, request_id=f"c-{name}", quote_id=quote_id, policy_number=name
        )
    charged = [140_000, 139_999, 132_999, 252_001]
    records = [policy(facts, number, name, fen) for name, fen in zip(names, charged, strict=True)]
    # Without a quote: bounds of 1,500 yuan are 1,425 and 2,700; half a year has half of them.
    records += [
        policy(facts, number, "unquoted", 142_500),
        policy(facts, number, "保11010519491231002X", 142_499),
        policy(facts, number, "half", 72_000, end_date=date(2025, 12, 31)),
        policy(facts, number, "half-cheap", 71_000, end_date=date(2025, 12, 31)),
    ]

    answer = await rates.call("ListRateDeviations", page_size=100)

    assert [
        (one.kind, one.record_id, one.charged_premium, one.expected_premium, one.quote_id != "")
        for one in answer.deviations
    ] == [
        (1, f"r-{records[1]}", yuan(1399, 99), yuan(1400), True),
        (2, f"r-{records[2]}", yuan(1329, 99), yuan(1400), True),
        (3, f"r-{records[3]}", yuan(2520, 1), yuan(1400), True),
        (2, f"r-{records[5]}", yuan(1424, 99), yuan(1500), False),
        (2, f"r-{records[7]}", yuan(710), yuan(752, 5), False),
    ]
    # No identity number goes out, whatever an insurer took for the number of its policy.
    assert answer.deviations[3].policy_number == "保110105********002X"
    below, above = answer.deviations[1], answer.deviations[2]
    assert (below.premium_min, below.source.instrument) == (yuan(1330), "上下限110105")
    assert (above.premium_max, above.source.instrument) == (yuan(2520), "上下限110000")
    assert answer.deviations[0].source.instrument == "jia费率方案"
    assert answer.unjudged_count == 0


async def test_deviations_come_in_pages_and_by_insurer(
    rates: RateClient, facts: FactWriter
) -> None:
    """An insurer sees its own; a page token belongs to whoever got it."""
    number = facts.enterprise(credit_code=CODE, headcount=50)
    for count in range(3):
        policy(facts, number, f"a{count}", 1)
    policy(facts, number, "b", 1, authority="乙保险公司")
    policy(facts, number, "c", 1, start_date=date(2024, 1, 1), end_date=date(2025, 1, 1))
    policy(facts, number, "d", 1, plan_id="cn.nowhere.plan")

    first = await rates.call("ListRateDeviations", JIA, page_size=2)
    second = await rates.call(
        "ListRateDeviations", JIA, page_size=2, page_token=first.next_page_token
    )
    yi = await rates.call("ListRateDeviations", YI)
    recent = await rates.call(
        "ListRateDeviations", start_date=Date(year=2025, month=1, day=1), division="110000"
    )
    elsewhere = await rates.call("ListRateDeviations", division="320000")
    foreign = await refused(
        rates, "ListRateDeviations", YI, page_size=2, page_token=first.next_page_token
    )

    assert [one.policy_number for one in first.deviations] == ["a0", "a1"]
    assert [one.policy_number for one in second.deviations] == ["a2", "c"]
    assert [one.policy_number for one in yi.deviations] == ["b"]
    assert [one.policy_number for one in recent.deviations] == ["a0", "a1", "a2", "b"]
    assert recent.unjudged_count == 1
    assert not elsewhere.deviations
    assert (foreign.code, foreign.reason) == ("INVALID_ARGUMENT", "PAGE_TOKEN_MISMATCH")


@ON_SQLITE
async def test_quotes_are_kept_by_scoring_alone(
    rates: RateClient, facts: FactWriter, database: Database
) -> None:
    """A quote takes one revision, named for its RPC; an auditor may look, a recorder not."""
    facts.enterprise(credit_code=CODE, headcount=50)
    before = database.point().revision

    answer = await quoted(rates)
    auditor = await rates.call("GetQuote", caller("auditor"), quote_id=answer.quote.quote_id)
    recorder = await refused(rates, "GetQuote", caller("recorder"), quote_id=answer.quote.quote_id)

    assert answer.point.revision == before + 1
    assert auditor.quote == answer.quote
    assert recorder.reason == "ACCESS_DENIED"


@ON_SQLITE
async def test_a_quote_is_the_same_after_policies_are_added(
    rates: RateClient,
    facts: FactWriter,
    built: ScoringServer,
    clock: FixedClock,
    tmp_path: Path,
) -> None:
    """Another insurer files a plan for the place, another place gets bounds: nothing changes."""
    facts.enterprise(credit_code=CODE, headcount=50)
    kept = await quoted(rates, insurer="")
    shown = await rates.call("GetQuote", JIA, quote_id=kept.quote.quote_id)
    folder = write_policies(
        tmp_path / "more",
        {
            **CHAOYANG,
            "cn.more/bing.yaml": filed_plan("bing"),
            "cn.more/x.yaml": bounds("320000", most="1.5"),
        },
    )
    settings = built.settings.model_copy(update={"policies_dir": folder})
    server = build_scoring_server(settings, clock=clock)

    async with (
        running(settings, server.plan) as second,
        grpc.aio.insecure_channel(f"127.0.0.1:{second.port}") as channel,
    ):
        again = await RateClient(channel).raw("RecommendRate", shown.request.SerializeToString())
    server.close()

    assert again == shown.answer_bytes
