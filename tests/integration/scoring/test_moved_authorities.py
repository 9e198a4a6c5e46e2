"""Who acts on a case and an entry once the enterprise has moved: whoever decides, nobody else."""

from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import grpc
import pytest

from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.identity import Caller
from services.credit.main import build_credit_server
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_remedies import RemedyClient, decided, objection, portal_of
from tests.fakes.credit_servers import serving, settings_of
from tests.fakes.list_world import (
    BUREAU,
    CODE,
    DECISION,
    FIRE,
    NOTICE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    caller,
)
from tests.fakes.scoring_client import RefusedError

OLD, NEW = frozenset({"110105"}), frozenset({"110106"})
LISTED, MOVED, LATER = date(2025, 6, 3), date(2025, 6, 2), date(2026, 6, 3)
CLERK = replace(caller("clerk", fields="work_safety"), divisions=OLD)
CHIEF = replace(CLERK, identity="chief")
ELSEWHERE = replace(CHIEF, divisions=frozenset({"110101"}))
NEIGHBOUR = replace(CHIEF, authority="北京市丰台区应急管理局", divisions=NEW)
FIREMAN = replace(caller("fireman", FIRE, fields="fire"), divisions=OLD)
PROOF = {"harm_removed": "整改报告"}
CORRECT_ENTRY = service.DecideObjectionRequest.OUTCOME_CORRECT_ENTRY


@pytest.fixture
def remedies(database_url: str, clock: FixedClock) -> Iterator[RemedyClient]:
    """Serve credit over the store of the lists."""
    server = build_credit_server(settings_of(database_url), clock=clock)
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield RemedyClient.on(channel)
    server.close()


async def reason(call: Coroutine[Any, Any, Any]) -> str:
    """Give the reason of a refusal; empty where there is none."""
    try:
        await call
    except RefusedError as refused:
        return refused.reason
    return ""


def move(world: ListWorld, number: int) -> None:
    """Move the enterprise to the next district; it is there today."""
    world.facts.change(number, MOVED, division=110106)


async def walk(world: ListWorld, case_id: str, *, moved_before: str = "", number: int = 0) -> Any:  # noqa: ANN401 -- the case.
    """Walk a case to its publication by its own bureau's desk; the unit moves before a step."""
    steps: tuple[tuple[str, Caller, dict[str, Any]], ...] = (
        ("ReportListCase", CLERK, {"addressee": BUREAU}),
        ("NotifyListCase", CHIEF, NOTICE),
        ("RecordStatement", CHIEF, {"waived": True}),
        ("ReviewListCase", CHIEF, {"field": 1, "opinion": 1}),
        ("ReviewListCase", FIREMAN, {"field": 2, "opinion": 1}),
        ("ApproveListCase", CHIEF, {"opinion": 1}),
        ("DecideListCase", CHIEF, DECISION),
        ("ServeDecision", CHIEF, {}),
        ("PublishListCase", CHIEF, {}),
    )
    case: Any = None
    for method, who, fields in steps:
        if method == moved_before:
            move(world, number)
        if case is not None and fields.get("field") not in {None, *case.review_fields}:
            continue
        case = await world.take(method, who, case_id=case_id, **fields)
    return case


@pytest.mark.parametrize(
    "step", ["ReportListCase", "RecordStatement", "ApproveListCase", "PublishListCase"]
)
@ON_SQLITE
async def test_a_case_goes_on_though_the_enterprise_moves(world: ListWorld, step: str) -> None:
    """Its own bureau, whose desk reaches the old district alone, takes every step after it."""
    number, _ = world.penalised(fields=0b110)
    world.stand_at(LISTED)
    opened = await world.take(
        "OpenListCase", CLERK, subject={"credit_code": CODE}, policy_id="cn.test.blacklist"
    )

    case = await walk(world, opened.case_id, moved_before=step, number=number)

    assert [one.entry.authority for one in case.entries] == [BUREAU]


async def test_an_entry_stays_with_who_decided(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The bureau removes and restores it; neither its neighbour nor another desk of it does."""
    number, _ = world.penalised(performed_date=date(2025, 5, 1))
    world.stand_at(LISTED)
    opened = await world.opened()
    entry_id = (await walk(world, opened.case_id)).entries[0].entry.entry_id
    move(world, number)
    case_server.lists.once()
    world.stand_at(LATER)

    async def apply(who: Caller) -> str:
        return await reason(world.take("ApplyForEarlyRemoval", who, entry_id=entry_id))

    assert await apply(NEIGHBOUR) == "WRONG_AUTHORITY"
    assert await apply(ELSEWHERE) == "OUT_OF_SCOPE"
    assert await apply(FIREMAN) == "OUT_OF_SCOPE"
    assert await apply(replace(CHIEF, fields=frozenset({"fire"}))) == "OUT_OF_SCOPE"
    assert await apply(CHIEF) == ""
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    case = await world.take(
        "DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1, attachments=PROOF
    )
    assert case.entries[0].state == 2
    case = await world.take("WithdrawEarlyRemoval", CHIEF, entry_id=entry_id, reason="伪造")
    assert case.entries[0].state == 1


@ON_SQLITE
async def test_a_party_acts_through_a_portal_of_either_district(world: ListWorld) -> None:
    """Its rights move with it, and stay where its case is."""
    number, _ = world.penalised()
    world.stand_at(LISTED)
    case_id = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    move(world, number)
    party = replace(PORTAL, authority="")
    portals = {one: replace(party, divisions=frozenset({one})) for one in ("110101", *OLD, *NEW)}

    async def state(division: str) -> str:
        return await reason(
            world.take("RecordStatement", portals[division], case_id=case_id, statement="我们申辩")
        )

    assert await state("110101") == "OUT_OF_SCOPE"
    assert [await state(one) for one in (*OLD, *NEW)] == ["", ""]


@ON_SQLITE
async def test_a_joint_review_is_of_the_departments_of_the_case(world: ListWorld) -> None:
    """The fire brigade of the old district reviews; one that reaches neither district does not."""
    number, _ = world.penalised(fields=0b110)
    world.stand_at(LISTED)
    case_id = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    await world.take("RecordStatement", CHIEF, case_id=case_id, waived=True)
    move(world, number)
    stranger = replace(FIREMAN, divisions=frozenset({"110101"}))

    async def review(who: Caller) -> str:
        return await reason(world.take("ReviewListCase", who, case_id=case_id, field=2, opinion=1))

    assert [await review(one) for one in (stranger, FIREMAN)] == ["OUT_OF_SCOPE", ""]


@ON_SQLITE
async def test_who_penalised_lists_though_the_enterprise_has_moved(world: ListWorld) -> None:
    """On its own record, which lay in its district: on somebody else's it opens nothing."""
    number, _ = world.penalised(division=110105)
    world.stand_at(LISTED)
    move(world, number)
    strange = replace(NEIGHBOUR, authority="北京市房山区应急管理局", divisions=OLD)

    async def opened(who: Caller) -> str:
        return await reason(
            world.take(
                "OpenListCase", who, subject={"credit_code": CODE}, policy_id="cn.test.blacklist"
            )
        )

    assert [await opened(one) for one in (strange, ELSEWHERE)] == ["OUT_OF_SCOPE"] * 2
    case = await world.take(
        "OpenListCase", CLERK, subject={"credit_code": CODE}, policy_id="cn.test.blacklist"
    )
    listed = await walk(world, case.case_id)
    assert [one.entry.division for one in listed.entries] == ["110106"]


@ON_SQLITE
async def test_who_penalised_decides_what_the_new_district_reports(world: ListWorld) -> None:
    """The neighbour collects a case of an enterprise that is its own now, and reports it back."""
    number, _ = world.penalised(division=110105)
    world.stand_at(LISTED)
    move(world, number)
    case = await world.take(
        "OpenListCase", NEIGHBOUR, subject={"credit_code": CODE}, policy_id="cn.test.blacklist"
    )
    await world.take("ReportListCase", NEIGHBOUR, case_id=case.case_id, addressee=BUREAU)

    by_the_neighbour = await reason(
        world.take("NotifyListCase", NEIGHBOUR, case_id=case.case_id, **NOTICE)
    )
    by_the_bureau = await reason(
        world.take("NotifyListCase", CHIEF, case_id=case.case_id, **NOTICE)
    )

    assert (by_the_neighbour, by_the_bureau) == ("WRONG_AUTHORITY", "")


@ON_SQLITE
async def test_an_objection_to_an_entry_is_upheld_and_carried_out_where_its_case_is(
    world: ListWorld, case_server: ScoringServer, remedies: RemedyClient
) -> None:
    """The penalty says no place; the case was opened in the old district."""
    number, _ = world.penalised()
    world.stand_at(LISTED)
    entry_id = (await walk(world, (await world.opened()).case_id)).entries[0].entry.entry_id
    move(world, number)
    case_server.lists.once()
    remedy_id = remedies(objection(entry_id), portal_of(CODE)).remedy.remedy_id
    uphold = decided(remedy_id, outcome=CORRECT_ENTRY, document_number="异决1号")

    with pytest.raises(RefusalError) as elsewhere:
        remedies(uphold, ELSEWHERE)
    remedies(uphold, CLERK)
    case = await world.take(
        "CorrectListEntry", CHIEF, entry_id=entry_id, reason="异议成立", document_number="异决1号"
    )

    assert elsewhere.value.reason == "OUT_OF_SCOPE"
    assert case.entries[0].state == 3
