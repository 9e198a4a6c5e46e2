"""What the service of grades refuses, with every reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from services.common.tokens import StoreToken
from tests.fakes.scoring_client import ScoringClient
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.grade_fixtures import (
    CODE,
    POLICY,
    RUBBISH,
    SUBJECT,
    instant,
    refused,
)
from tests.stores.fixtures import ON_SQLITE


async def test_a_token_is_honoured_or_refused(client: ScoringClient, facts: FactWriter) -> None:
    """A token of the last write is answered from it; one of the future and one damaged are not."""
    facts.enterprise(credit_code=CODE)
    point = facts.point()
    ahead = StoreToken(point.store_id, point.revision + 1).encode()
    foreign = StoreToken("f" * 32, 1).encode()

    answer = await client.call("GetCreditGrade", subject=SUBJECT, token=point.token.encode())

    assert answer.basis.point.revision == point.revision
    for _ in range(2):  # The second time the answer is warm.
        error = await refused(client, "GetCreditGrade", subject=SUBJECT, token=ahead)
        assert (error.code, error.reason) == ("UNAVAILABLE", "TOKEN_NOT_REACHED")
        error = await refused(client, "GetCreditGrade", subject=SUBJECT, token=foreign)
        assert (error.code, error.reason) == ("INVALID_ARGUMENT", "TOKEN_FOREIGN_STORE")
        error = await refused(client, "GetCreditGrade", subject=SUBJECT, token=RUBBISH)
        assert (error.code, error.reason) == ("INVALID_ARGUMENT", "TOKEN_MALFORMED")


async def test_a_known_at_before_a_token_is_refused(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Nobody can know a write before it was made."""
    facts.enterprise(credit_code=CODE)
    early = instant(facts.point().recorded_time)
    facts.enterprise()
    token = facts.point().token.encode()

    error = await refused(client, "GetCreditGrade", subject=SUBJECT, known_at=early, token=token)

    assert (error.code, error.reason) == ("INVALID_ARGUMENT", "KNOWN_AT_BEFORE_TOKEN")


@pytest.mark.parametrize(
    ("fields", "code", "reason"),
    [
        pytest.param(
            {"subject": {"enterprise_id": "e-5"}}, "NOT_FOUND", "SUBJECT_UNKNOWN", id="subject"
        ),
        pytest.param({"policy_id": "cn.nothing"}, "NOT_FOUND", "POLICY_UNKNOWN", id="policy"),
        pytest.param(
            {"policy_id": "cn.test.list"}, "NOT_FOUND", "POLICY_UNKNOWN", id="no-grade-policy"
        ),
        pytest.param(
            {"policy_id": POLICY, "policy_version": "nine"},
            "NOT_FOUND",
            "POLICY_UNKNOWN",
            id="version",
        ),
        pytest.param(
            {"as_of": Date(year=2014, month=12, day=31)},
            "FAILED_PRECONDITION",
            "POLICY_NOT_IN_FORCE",
            id="before-any-policy",
        ),
        pytest.param(
            {"policy_id": POLICY, "as_of": Date(year=2014, month=12, day=31)},
            "FAILED_PRECONDITION",
            "POLICY_NOT_IN_FORCE",
            id="before-the-policy",
        ),
        pytest.param(
            {"known_at": instant(datetime(2025, 6, 1, 4, 0, 1, tzinfo=UTC))},
            "INVALID_ARGUMENT",
            "KNOWN_AT_IN_FUTURE",
            id="future",
        ),
    ],
)
async def test_every_refusal_has_its_reason(
    client: ScoringClient, facts: FactWriter, fields: dict[str, Any], code: str, reason: str
) -> None:
    """What cannot be answered is refused with the status and reason that the contract names."""
    facts.enterprise(credit_code=CODE)

    error = await refused(client, "GetCreditGrade", **{"subject": SUBJECT, **fields})

    assert (error.code, error.reason) == (code, reason)


async def test_known_before_anything_was_recorded_is_out_of_range(
    client: ScoringClient, facts: FactWriter
) -> None:
    """Before the first write there is no knowledge to answer from."""
    facts.enterprise(credit_code=CODE)
    early = instant(facts.point().recorded_time - timedelta(seconds=1))

    error = await refused(client, "GetCreditGrade", subject=SUBJECT, known_at=early)

    assert error.code == "OUT_OF_RANGE"


@ON_SQLITE
@pytest.mark.parametrize("method", ["GetCreditGrade", "BatchGetCreditGrades", "ListCreditGrades"])
async def test_every_wrong_field_is_named(client: ScoringClient, method: str) -> None:
    """One refusal names all that is wrong, each with its reason."""
    subject = {"credit_code": "91110000600037341A"}
    subjects: dict[str, dict[str, Any]] = {
        "GetCreditGrade": {"subject": subject},
        "BatchGetCreditGrades": {"subjects": [{"enterprise_id": "e-1"}, subject]},
        "ListCreditGrades": {
            "page_size": 1001,
            "division": "11010",
            "industry": "Z1",
            "grades": ["x" * 101],
        },
    }
    named = {
        "GetCreditGrade": {"subject.credit_code": "CREDIT_CODE_CHECK_WRONG"},
        "BatchGetCreditGrades": {"subjects[1].credit_code": "CREDIT_CODE_CHECK_WRONG"},
        "ListCreditGrades": {
            "page_size": "NUMBER_TOO_LARGE",
            "division": "DIVISION_MALFORMED",
            "industry": "INDUSTRY_MALFORMED",
            "grades[0]": "TEXT_TOO_LONG",
            "policy_id": "REQUIRED",
        },
    }

    error = await refused(
        client,
        method,
        **subjects[method],
        field=9,
        as_of=Date(year=2025, month=2, day=30),
        known_at=Timestamp(seconds=-(10**12)),
    )

    assert (error.code, error.reason) == ("INVALID_ARGUMENT", "INVALID_INPUT")
    assert error.violations == {
        **named[method],
        "field": "ENUM_UNKNOWN",
        "as_of": "DATE_INVALID",
        "known_at": "TIME_INVALID",
    }
