"""CreditStatementService over loopback: issued, verified without a network, withdrawn."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from services.common.server import running
from services.common.settings import load_settings
from services.common.statement_keys import StatementKeys
from services.common.statement_verifying import (
    StatementExpiredError,
    StatementKeyUnknownError,
    VerifiedStatement,
    verify_statement,
)
from services.scoring.main import ScoringServer, build_scoring_server
from tests.fakes.clock import FixedClock
from tests.fakes.rate_client import REGULATOR, RateClient, caller
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import FactWriter
from tests.integration.scoring.rate_fixtures import CODE, ON_SQLITE, SUBJECT

PUBLIC = caller("public")
NOON = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Make the key file of a server."""
    path = tmp_path / "keys.json"
    StatementKeys(path).rotate(NOON)
    return path


@pytest.fixture
def built(
    database_url: str, policies_folder: Path, clock: FixedClock, key_file: Path
) -> Iterator[ScoringServer]:
    """Put a server with a key file together; nothing listens yet."""
    settings = load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": database_url,
            "SAFETYCREDIT_POLICIES_DIR": str(policies_folder),
            "SAFETYCREDIT_SCORING_LISTEN": "127.0.0.1:0",
            "SAFETYCREDIT_TOKEN_WAIT_SECONDS": "0",
            "SAFETYCREDIT_LOG_LEVEL": "error",
            "SAFETYCREDIT_STATEMENT_KEY_FILE": str(key_file),
            "SAFETYCREDIT_STATEMENT_VALIDITY_DAYS": "20",
        }
    )
    server = build_scoring_server(settings, clock=clock)
    yield server
    server.close()


@pytest.fixture
async def statements(built: ScoringServer) -> AsyncIterator[RateClient]:
    """Serve the store under test on loopback, and call it in any role."""
    async with (
        running(built.settings, built.plan) as server,
        grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield RateClient(channel)


async def issued(client: RateClient, request_id: str = "s1", **fields: Any) -> Any:  # noqa: ANN401 -- a response.
    """Issue a statement of the test's enterprise."""
    wanted = {"request_id": request_id, "subject": SUBJECT, **fields}
    return await client.call("IssueCreditStatement", REGULATOR, **wanted)


async def status(client: RateClient, statement_id: str) -> Any:  # noqa: ANN401 -- a response.
    """Ask where a statement stands, as anybody may."""
    return await client.call("GetCreditStatementStatus", PUBLIC, statement_id=statement_id)


def lose(key_file: Path) -> None:
    """Delete the key file."""
    key_file.unlink()


async def verified(client: RateClient, text: str, now: datetime = NOON) -> VerifiedStatement:
    """Verify a statement with the keys that the server lists."""
    keys = await client.call("ListStatementKeys", PUBLIC)
    return verify_statement(text, json.loads(keys.jwks), now=now)


async def refused(client: RateClient, method: str, *callers: Any, **fields: Any) -> RefusedError:  # noqa: ANN401 -- any request.
    """Make a call that must be refused."""
    with pytest.raises(RefusedError) as error:
        await client.call(method, *callers, **fields)
    return error.value


async def test_a_statement_says_what_its_message_says(
    statements: RateClient, facts: FactWriter
) -> None:
    """Grade, lists, days and digests; for 20 days; nothing personal and no name."""
    number = facts.enterprise(credit_code=CODE, name="王大力加工厂")
    for day in (1, 2, 3):
        facts.record("penalty", number, date(2025, 5, day))

    answer = await issued(statements)
    found = await verified(statements, answer.signed_statement)

    stated = answer.statement
    assert (stated.grade, stated.grade_rank, stated.credit_code) == ("B", 2, CODE)
    assert [(one.policy.policy_id, one.standing) for one in stated.standings] == [
        ("cn.test.list", "not_listed")
    ]
    assert found.claims == {
        "jti": stated.statement_id,
        "iss": "朝阳区应急管理局",
        "sub": CODE,
        "iat": int(NOON.timestamp()),
        "exp": int((NOON + timedelta(days=20)).timestamp()),
        "enterprise_id": f"e-{number}",
        "field": 1,
        "grade": "B",
        "grade_rank": 2,
        "grade_policy": {
            "policy_id": stated.grade_policy.policy_id,
            "version": stated.grade_policy.version,
            "digest": stated.grade_policy.digest,
        },
        "lists": [
            {
                "policy_id": "cn.test.list",
                "version": "one",
                "digest": stated.standings[0].policy.digest,
                "standing": "not_listed",
            }
        ],
        "as_of": "2025-06-01",
        "known_at": stated.known_at.ToDatetime(UTC).isoformat(),
    }
    assert "王" not in str(found.claims)
    assert found.key_id == stated.key_id
    assert stated.expiry_time.ToDatetime(UTC) == NOON + timedelta(days=20)


async def test_a_statement_is_withdrawn_and_found_so(
    statements: RateClient, facts: FactWriter, clock: FixedClock
) -> None:
    """Valid, then withdrawn with its reason; another one expires after 20 days."""
    facts.enterprise(credit_code=CODE)
    first, second = [
        (await issued(statements, name)).statement.statement_id for name in ("s1", "s2")
    ]
    fields = {"statement_id": first, "reason": "等级计算依据更正"}

    before = await status(statements, first)
    done = await statements.call("WithdrawCreditStatement", REGULATOR, request_id="w1", **fields)
    repeated = await statements.call(
        "WithdrawCreditStatement", REGULATOR, request_id="w1", **fields
    )
    again = await refused(
        statements, "WithdrawCreditStatement", REGULATOR, request_id="w2", **fields
    )
    after = await status(statements, first)
    clock.advance(timedelta(days=20, seconds=-1))
    last_second = await status(statements, second)
    clock.advance(timedelta(seconds=1))
    expired = await status(statements, second)

    assert (before.state, last_second.state, expired.state) == (1, 1, 2)
    assert repeated.repeated
    assert repeated.withdraw_time == done.withdraw_time == after.withdraw_time
    assert (after.state, after.withdraw_reason) == (3, "等级计算依据更正")
    assert (again.code, again.reason) == ("FAILED_PRECONDITION", "STATEMENT_WITHDRAWN")


async def test_a_reason_tells_nobody_who_somebody_is(
    statements: RateClient, facts: FactWriter
) -> None:
    """It is open to everyone: the principal is not named, and no number stands in it."""
    number = facts.enterprise(credit_code=CODE, name="王大力加工厂")
    facts.in_office(facts.person("王大力"), number, date(2020, 1, 1))
    statement_id = (await issued(statements)).statement.statement_id
    wish = {"request_id": "w1", "statement_id": statement_id}

    async def withdrawn(reason: str) -> Any:  # noqa: ANN401 -- a response.
        fields = {**wish, "reason": reason}
        return await statements.call("WithdrawCreditStatement", REGULATOR, **fields)

    for reason, found in (("王大力已离职", "name"), ("证号11010519491231002X", "identity_number")):
        with pytest.raises(RefusedError) as error:
            await withdrawn(reason)
        assert error.value.reason == "PERSON_IN_TEXT"
        assert error.value.facts == {"field": "reason", "found": found}
    await withdrawn("王大力加工厂与李小华有关")
    before = await status(statements, statement_id)
    facts.in_office(facts.person("李小华"), number, date(2020, 1, 1))

    # Whoever becomes known afterwards is masked when it is read.
    after = await status(statements, statement_id)
    assert before.withdraw_reason == "王大力加工厂与李小华有关"
    assert after.withdraw_reason == "王大力加工厂与李＊有关"


async def test_keys_rotate_and_old_ones_stay(
    statements: RateClient, facts: FactWriter, key_file: Path
) -> None:
    """A rotation needs no restart; the old key verifies what it signed, even if lost."""
    facts.enterprise(credit_code=CODE)
    old = await issued(statements, "s1")
    StatementKeys(key_file).rotate(NOON + timedelta(hours=1))

    new = await issued(statements, "s2")
    listed = await statements.call("ListStatementKeys", PUBLIC)
    both = [await verified(statements, one.signed_statement) for one in (old, new)]
    lose(key_file)
    StatementKeys(key_file).rotate(NOON + timedelta(hours=2))
    after_loss = await verified(statements, old.signed_statement)

    assert [one.key_id for one in both] == [one.key_id for one in listed.keys]
    assert listed.keys[0].HasField("retire_time")
    assert not listed.keys[1].HasField("retire_time")
    assert after_loss.key_id == old.statement.key_id
    assert '"d"' not in listed.jwks


async def test_a_statement_ends_with_what_it_states(
    statements: RateClient, facts: FactWriter
) -> None:
    """The penalty of 2024-06-10 counts for a year: on that day the grade would change."""
    number = facts.enterprise(credit_code=CODE)
    facts.record("penalty", number, date(2024, 6, 10))

    answer = await issued(statements)
    end = answer.statement.expiry_time.ToDatetime(UTC)

    # Midnight in Shanghai is 16:00 UTC of the day before.
    assert end == datetime(2025, 6, 9, 16, 0, tzinfo=UTC)
    assert (await verified(statements, answer.signed_statement, end - timedelta(seconds=1))).claims
    with pytest.raises(StatementExpiredError):
        await verified(statements, answer.signed_statement, end)


@ON_SQLITE
async def test_statements_are_refused_by_name(
    statements: RateClient, facts: FactWriter, key_file: Path
) -> None:
    """No grade, no such enterprise, a day to come, no key, no statement, another's district."""
    facts.enterprise(credit_code=CODE)
    ungraded = facts.enterprise(headcount=None)
    statement_id = (await issued(statements)).statement.statement_id
    elsewhere = caller("regulator", "崇川区应急管理局", "320613")

    no_grade = await refused(
        statements,
        "IssueCreditStatement",
        request_id="a",
        subject={"enterprise_id": f"e-{ungraded}"},
    )
    unknown = await refused(
        statements, "IssueCreditStatement", request_id="b", subject={"enterprise_id": "e-1"}
    )
    future = await refused(
        statements,
        "IssueCreditStatement",
        request_id="c",
        subject=SUBJECT,
        as_of=Date(year=2025, month=6, day=2),
    )
    reused = await refused(
        statements, "IssueCreditStatement", request_id="s1", subject=SUBJECT, field=2
    )
    nobody = await refused(
        statements,
        "GetCreditStatementStatus",
        PUBLIC,
        statement_id="00000000-0000-0000-0000-000000000000",
    )
    malformed = await refused(statements, "GetCreditStatementStatus", PUBLIC, statement_id="1")
    foreign = await refused(
        statements,
        "WithdrawCreditStatement",
        elsewhere,
        request_id="d",
        statement_id=statement_id,
        reason="x",
    )
    empty = await refused(
        statements, "WithdrawCreditStatement", request_id="e", statement_id=statement_id
    )
    public = await refused(statements, "IssueCreditStatement", PUBLIC, request_id="f")
    lose(key_file)
    no_key = await refused(statements, "IssueCreditStatement", request_id="g", subject=SUBJECT)

    assert (no_grade.code, no_grade.reason) == ("FAILED_PRECONDITION", "STATEMENT_WITHOUT_GRADE")
    assert (unknown.code, unknown.reason) == ("NOT_FOUND", "SUBJECT_UNKNOWN")
    assert future.violations == {"as_of": "DATE_IN_FUTURE"}
    assert (reused.code, reused.reason) == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")
    assert (nobody.code, nobody.reason) == ("NOT_FOUND", "STATEMENT_UNKNOWN")
    assert malformed.violations == {"statement_id": "ID_MALFORMED"}
    assert (foreign.code, foreign.reason) == ("PERMISSION_DENIED", "OUT_OF_SCOPE")
    assert empty.violations == {"reason": "REQUIRED"}
    assert public.reason == "ACCESS_DENIED"
    assert (no_key.code, no_key.reason) == ("FAILED_PRECONDITION", "STATEMENT_KEY_MISSING")


@ON_SQLITE
async def test_a_key_of_another_server_verifies_nothing(
    statements: RateClient, facts: FactWriter, tmp_path: Path
) -> None:
    """Whoever has the wrong keys is told so, not that the statement is false."""
    facts.enterprise(credit_code=CODE)
    answer = await issued(statements)
    other = StatementKeys(tmp_path / "other.json")
    other.rotate(NOON)

    with pytest.raises(StatementKeyUnknownError):
        verify_statement(
            answer.signed_statement, {"keys": [one.jwk() for one in other.public()]}, now=NOON
        )
