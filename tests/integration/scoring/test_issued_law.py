"""Law that PublishPolicy issues is the credit service's law too, from its publication on."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from safetycredit.credit.v1 import credit_service_pb2 as credit_service
from safetycredit.credit.v1 import record_pb2
from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.database import Database
from services.credit.domain.codes import RecordKind
from services.credit.main import build_credit_server
from services.credit.store.repair_law import repair_laws
from tests.fakes.clock import FixedClock
from tests.fakes.credit_bench import GENERAL
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_remedies import DECIDER, RemedyClient, objection, publication
from tests.fakes.credit_requests import (
    HUAWEI,
    credit_code,
    day,
    penalty,
    record,
    registration,
    request_id,
)
from tests.fakes.credit_servers import serving, settings_of
from tests.fakes.issued_law import levels_issued, periods_issued
from tests.fakes.policy_desk import PolicyDesk
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_policies import POLICIES
from tests.integration.scoring import policy_fixtures

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
# Who issues policies calls by other names, and numbers requests anew.
WRITER = replace(DECIDER, identity="recording")
EVE, FIRST_DAY, DECIDED = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 12)
CHAOYANG = "cn.beijing.chaoyang.grade.work-safety"


OLD = [("2023-05-01", date(2026, 4, 1)), ("2026-04-01", None)]
NEW = [OLD[0], ("2026-04-01", date(2026, 11, 10)), ("2026-11-10", None)]


@pytest.fixture
def remedies(database_url: str) -> Iterator[RemedyClient]:
    """Serve credit over the store under test."""
    server = build_credit_server(settings_of(database_url), clock=FixedClock(NOW))
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        client = RemedyClient.on(channel)
        client.credit(registration(HUAWEI), WRITER)
        yield client
    server.close()


@pytest.fixture
async def desk(database_url: str, remedies: RemedyClient) -> AsyncIterator[PolicyDesk]:
    """Issue policies over the same store, beside those of the project."""
    del remedies
    server = policy_fixtures.build(database_url, POLICIES, FixedClock(NOW))
    async with policy_fixtures.serving(server) as opened:
        yield opened
    server.close()


@pytest.fixture
def record_id(remedies: RemedyClient) -> str:
    """Record a fine of 60,000 yuan, of the second class: repairable after three months."""
    head = {"event_date": day(DECIDED), "publish_date": day(DECIDED)}
    stored = remedies.credit(
        penalty(head=head, performed_date=day(DECIDED), **GENERAL), WRITER
    ).record
    return str(stored.record_id)


def level(remedies: RemedyClient, number: int, on: date = DECIDED) -> int:
    """Record an accident with two deaths, and give its level."""
    return int(accident(remedies, number, on=on).body.accident.level)


def accident(
    remedies: RemedyClient, number: int, *, deaths: int = 2, on: date = DECIDED
) -> record_pb2.Record:
    """Record an accident."""
    head = {"event_date": day(on), "document_number": f"事故{number}号"}
    stored = remedies.credit(record(RecordKind.ACCIDENT, head=head, deaths=deaths), WRITER).record
    assert isinstance(stored, record_pb2.Record)
    return stored


def same_again(stored: record_pb2.Record) -> credit_service.ReviseRecordRequest:
    """Revise a record by its own header and body."""
    body = record_pb2.RecordBody()
    body.CopyFrom(stored.body)
    body.accident.ClearField("level")
    return credit_service.ReviseRecordRequest(
        request_id=request_id(),
        record_id=stored.record_id,
        edition=stored.edition,
        header=stored.header,
        body=body,
        reason="按新办法重新认定等级",
        document_number="定级1号",
    )


def revocation_of(stored: record_pb2.Record) -> credit_service.RevokeRecordRequest:
    """Revoke a record."""
    return credit_service.RevokeRecordRequest(
        request_id=request_id(),
        record_id=stored.record_id,
        edition=stored.edition,
        reason="录入错误",
        document_number="撤1号",
    )


def told(answer: Any) -> tuple[str, str, date, date]:  # noqa: ANN401 -- an answer.
    """Give the version, the instrument of the periods, and the days of a publication."""
    found = answer.publication
    first, last = (
        date(one.year, one.month, one.day) for one in (found.earliest_repair_date, found.last_date)
    )
    return found.basis.version, found.period_source.document_number, first, last


async def test_what_is_issued_is_the_law_of_the_credit_service(
    desk: PolicyDesk, remedies: RemedyClient, record_id: str
) -> None:
    """Two deaths are larger by the new law; the second class waits six months, for 24 at most."""
    filed = remedies(objection(record_id), WRITER).remedy
    asked = publication(record_id)
    before, general = remedies(asked), level(remedies, 1)
    await desk.issue(*periods_issued())
    await desk.issue(*levels_issued(), recorded_levels_kept=True)

    after = remedies(asked)
    larger, eve = level(remedies, 2), level(remedies, 3, EVE)

    asked.known_at.CopyFrom(before.point.known_at)
    old = ("2026-04-01", "国家发展改革委令第36号", date(2027, 2, 12), date(2027, 11, 11))
    new = ("2026-11-10", "试令第1号", date(2027, 5, 12), date(2028, 11, 11))
    assert (told(before), told(after)) == (old, new)
    # As it was known before, byte for byte.
    assert remedies(asked).SerializeToString(deterministic=True) == before.SerializeToString(
        deterministic=True
    )
    levels = record_pb2.AccidentLevel
    assert (general, eve) == (levels.ACCIDENT_LEVEL_GENERAL, levels.ACCIDENT_LEVEL_GENERAL)
    assert larger == levels.ACCIDENT_LEVEL_LARGER
    # A remedy keeps the version that it was begun by.
    kept = remedies(service.GetRemedyRequest(remedy_id=filed.remedy_id)).remedy
    assert (kept.basis.version, kept.basis) == ("2026-04-01", filed.basis)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_outlook_cites_what_sets_the_months(
    desk: PolicyDesk, remedies: RemedyClient, record_id: str
) -> None:
    """The new law overrides the table of months alone; the day of repair rests on it."""
    del record_id
    fined = remedies.credit(
        penalty(
            head={"event_date": day(DECIDED), "document_number": "罚2号"},
            performed_date=day(DECIDED),
            **GENERAL,
        ),
        WRITER,
    ).record
    await desk.issue(*periods_issued())

    outlook = await desk.call(
        "GetGradeOutlook", roles="auditor", subject=credit_code(HUAWEI), policy_id=CHAOYANG
    )

    cited = {
        one.document_number
        for lift in outlook.lifts
        for item in lift.items
        if item.record_id == fined.record_id and item.act == 3
        for one in item.sources
    }
    assert "试令第1号" in cited
    assert "国家发展改革委令第36号" not in cited


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_folder_that_has_it_too_changes_nothing(
    desk: PolicyDesk, remedies: RemedyClient, record_id: str, database_url: str, tmp_path: Path
) -> None:
    """A file of what was published is no law before its publication, and the same law after it."""
    del remedies, record_id
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES, folder)
    content, cases = periods_issued()
    (folder / "cn" / "credit-repair.yaml").write_bytes(content)
    published = (await desk.issue(content, cases)).point.revision
    database = Database(database_url)

    both, without = (repair_laws(each, database) for each in (folder, POLICIES))

    for law in (both, without):
        assert [
            [(one.basis.version, one.basis.end_date) for one in found.entry_publications(DECIDED)]
            for found in (law.at(published - 1), law.at(published), law.at(published + 1))
        ] == [OLD, NEW, NEW]
    database.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_accidents_are_named_before_their_level_would_be_another(
    desk: PolicyDesk, remedies: RemedyClient
) -> None:
    """Two deaths would be larger from the first day of the new law on; on the eve they are not."""
    first = accident(remedies, 1, on=FIRST_DAY)
    others = [accident(remedies, 2, on=EVE), accident(remedies, 3, deaths=1)]
    remedies.credit(revocation_of(accident(remedies, 4)), WRITER)
    proposal = await desk.approved(*levels_issued())

    with pytest.raises(RefusedError) as refused:
        await desk.publish(proposal)
    published = await desk.publish(proposal, recorded_levels_kept=True)

    assert (refused.value.code, refused.value.reason) == (
        "FAILED_PRECONDITION",
        "ACCIDENTS_RECORDED",
    )
    assert refused.value.facts == {"record_ids": first.record_id, "count": "1"}
    assert list(published.record_ids) == [first.record_id]
    # The same header and body derive its level anew; that of others is as the law has it.
    revised = remedies.credit(same_again(first), WRITER).record
    assert (first.body.accident.level, revised.body.accident.level) == (1, 2)
    for one in (revised, *others):
        with pytest.raises(RefusalError) as unchanged:
            remedies.credit(same_again(one), WRITER)
        assert unchanged.value.wrong == [("body", "NOTHING_CHANGES")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_levels_that_stay_hold_nobody_up(desk: PolicyDesk, remedies: RemedyClient) -> None:
    """One death is general by both laws, and so are two on the eve of the new one."""
    accident(remedies, 1, deaths=1)
    accident(remedies, 2, on=EVE)

    published = await desk.issue(*levels_issued())

    assert list(published.record_ids) == []
