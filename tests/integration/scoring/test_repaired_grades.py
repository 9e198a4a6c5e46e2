"""A repair that RemedyService grants lifts the grade of GradeService, by the shipped law."""

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

import grpc
import pytest
from google.type.date_pb2 import Date

from safetycredit.credit.v1.credit_service_pb2 import RecordPenaltyResponse
from safetycredit.credit.v1.record_pb2 import Penalty
from services.credit.main import build_credit_server
from tests.fakes.clock import FixedClock
from tests.fakes.credit_remedies import (
    DECIDER,
    NOON,
    RemedyClient,
    acceptance,
    application,
    grant,
    portal_of,
    withdrawal,
)
from tests.fakes.credit_requests import HUAWEI, credit_code, day, penalty, registration, yuan
from tests.fakes.credit_servers import serving, settings_of
from tests.fakes.credit_world import refused
from tests.fakes.policy_desk import PolicyDesk
from tests.fakes.scoring_policies import POLICIES
from tests.integration.scoring import policy_fixtures

CHAOYANG = "cn.beijing.chaoyang.grade.work-safety"
NOW, EVE = Date(year=2026, month=11, day=20), Date(year=2026, month=11, day=19)
WAIT, RECTIFY, REPAIR, GAIN, REVOKE = range(1, 6)


@pytest.fixture
def remedies(database_url: str) -> Iterator[RemedyClient]:
    """Serve credit over the store under test."""
    server = build_credit_server(settings_of(database_url), clock=FixedClock(NOON))
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield RemedyClient.on(channel)
    server.close()


@pytest.fixture
async def chaoyang(database_url: str, remedies: RemedyClient) -> AsyncIterator[PolicyDesk]:
    """Serve grades over the same store, by the policies of the project."""
    del remedies
    server = policy_fixtures.build(database_url, POLICIES, FixedClock(NOON))
    async with policy_fixtures.serving(server) as desk:
        yield desk
    server.close()


@pytest.fixture
def record_id(remedies: RemedyClient) -> str:
    """Record two performed fines of 50,000 yuan of 1 July 2026: ten points off for each."""
    remedies.credit(registration(HUAWEI), DECIDER)
    stored: list[RecordPenaltyResponse] = [
        remedies.credit(
            penalty(
                head={"event_date": day(date(2026, 7, 1)), "document_number": f"罚{number}号"},
                performed_date=day(date(2026, 7, 2)),
                fine=yuan(50_000),
            ),
            DECIDER,
        )
        for number in (1, 2)
    ]
    return stored[0].record.record_id


async def grade(desk: PolicyDesk, **fields: Any) -> tuple[str, str]:  # noqa: ANN401 -- fields of the request.
    """Give the grade and the score."""
    answer = await desk.call(
        "GetCreditGrade", roles="regulator", subject=credit_code(HUAWEI), policy_id=CHAOYANG,
        **fields,
    )  # fmt: skip
    return answer.grade.grade, answer.grade.score.value


def repairs(outlook: Any) -> dict[str, Any]:  # noqa: ANN401 -- a response.
    """Give the lifts by one repair alone, by record."""
    return {
        one.items[0].record_id: one
        for one in outlook.lifts
        if [item.act for item in one.items] == [REPAIR]
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_outlook_names_the_repair_and_the_repair_lifts_the_grade(
    chaoyang: PolicyDesk, remedies: RemedyClient, record_id: str
) -> None:
    """Two fines leave 85 less 20, less 5 for the second: a C; without one 75 are left, a B."""
    before = await grade(chaoyang)
    outlook = await chaoyang.call(
        "GetGradeOutlook", roles="auditor", subject=credit_code(HUAWEI), policy_id=CHAOYANG
    )
    portal = portal_of(HUAWEI)
    remedy_id = remedies(application(record_id), portal).remedy.remedy_id
    remedies(acceptance(remedy_id))
    remedies(grant(remedy_id))

    after = await grade(chaoyang)

    eve = await grade(chaoyang, as_of=EVE)
    remedies(withdrawal(remedy_id))
    withdrawn = await grade(chaoyang)
    later = await chaoyang.call(
        "GetGradeOutlook", roles="auditor", subject=credit_code(HUAWEI), policy_id=CHAOYANG
    )
    lift = repairs(outlook)[record_id]
    days = [
        item.earliest_date
        for one in later.lifts
        for item in one.items
        if (item.act, item.record_id) == (REPAIR, record_id)
    ]
    assert before == ("C", "60")
    assert (lift.earliest_date, lift.grade, lift.score.value) == (NOW, "B", "75")
    assert "BJ-PENALTIES" in lift.items[0].rule_ids
    assert any("信用修复" in one.instrument for one in lift.items[0].sources)
    assert after == ("B", "75")
    assert (eve, withdrawn) == (("C", "60"), ("C", "60"))
    # Withdrawn for deceit on 20 November: its three months run anew.
    anew = Date(year=2027, month=2, day=20)
    assert days == [anew] * len(days)
    assert days


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("decided", "own_end", "repairable"),
    [
        pytest.param(date(2026, 8, 21), None, True, id="last-day-of-three-months"),
        pytest.param(date(2026, 8, 20), None, False, id="over-today"),
        pytest.param(date(2026, 8, 21), date(2026, 11, 19), False, id="over-by-its-authority"),
        pytest.param(date(2026, 8, 21), date(2026, 11, 20), True, id="last-day-of-its-authority"),
    ],
)
async def test_what_is_not_published_any_more_is_not_to_be_repaired(
    chaoyang: PolicyDesk,
    remedies: RemedyClient,
    decided: date,
    own_end: date | None,
    repairable: bool,  # noqa: FBT001 -- a case.
) -> None:
    """A warning is published for three months at most; the outlook says what RemedyService does."""
    remedies.credit(registration(HUAWEI), DECIDER)
    stored: RecordPenaltyResponse = remedies.credit(
        penalty(
            head={"event_date": day(decided), "publish_date": day(decided)},
            sanctions=[Penalty.SANCTION_WARNING],
            fine=None,
            publicity_end_date=None if own_end is None else day(own_end),
        ),
        DECIDER,
    )
    record_id = stored.record.record_id

    outlook = await chaoyang.call(
        "GetGradeOutlook", roles="auditor", subject=credit_code(HUAWEI), policy_id=CHAOYANG
    )

    assert (record_id in repairs(outlook)) is repairable
    if repairable:
        remedies(application(record_id), portal_of(HUAWEI))
    else:
        refusal = refused(lambda: remedies(application(record_id), portal_of(HUAWEI)))
        assert refusal.reason == "PUBLICATION_OVER"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_repairs_that_lie_ahead_are_found_together(
    chaoyang: PolicyDesk, remedies: RemedyClient
) -> None:
    """A penalty that stops production may be repaired after twelve months; either is a D for 36.

    Both repaired, from the day of the second on, make a B; the second alone, or neither, makes it
    only when the others have left their 36 months.
    """
    remedies.credit(registration(HUAWEI), DECIDER)
    decided = (date(2026, 1, 10), date(2026, 3, 10))
    stored: list[RecordPenaltyResponse] = [
        remedies.credit(
            penalty(
                head={"event_date": day(decided_date), "document_number": f"罚{number}号"},
                sanctions=[Penalty.SANCTION_STOP_PRODUCTION],
                fine=None,
                violation_code="unlicensed_operation",
            ),
            DECIDER,
        )
        for number, decided_date in enumerate(decided)
    ]

    outlook = await chaoyang.call(
        "GetGradeOutlook", roles="auditor", subject=credit_code(HUAWEI), policy_id=CHAOYANG
    )

    ahead = [
        ([item.act for item in lift.items], lift.earliest_date, lift.grade)
        for lift in outlook.lifts
        if all(item.act in {REPAIR, WAIT} for item in lift.items)
    ]
    first, second = Date(year=2027, month=1, day=10), Date(year=2027, month=3, day=10)
    assert outlook.grade.grade == "D"
    assert ahead == [
        ([REPAIR, REPAIR], second, "B"),
        ([REPAIR], Date(year=2029, month=1, day=10), "B"),
        ([WAIT], Date(year=2029, month=3, day=10), "B"),
    ]
    both = next(lift for lift in outlook.lifts if len(lift.items) == 2)
    assert [item.record_id for item in both.items] == [one.record.record_id for one in stored]
    assert [item.earliest_date for item in both.items] == [first, second]
    assert [item.sources[0].instrument for item in both.items] == ["信用修复管理办法"] * 2
