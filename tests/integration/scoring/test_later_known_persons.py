"""Persons who are registered after a text named them: masked wherever it is read since."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.common.database import Database
from services.common.identity import Caller
from services.scoring.domain.list_digest import bucket_of
from services.scoring.main import ScoringServer
from tests.fakes.list_sync_server import cursor_of, list_sync_client
from tests.fakes.list_world import (
    AUDITOR,
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    NOTICE,
    ON_SQLITE,
    ListWorld,
)
from tests.fakes.scoring_client import RefusedError

NAME = "司马样戊"
NAMED, MASKED = f"与{NAME}共同隐瞒", "与司＊共同隐瞒"
DECIDED: dict[str, Any] = {"cause": NAMED, "basis": f"{NAME}笔录"}
CORRECT = 20
TODAY = date(2025, 6, 3)
INSURER = Caller(identity="i", roles=frozenset({"insurer"}), authority="保险公司")
TAX = Caller(identity="tax", roles=frozenset({"subscriber"}), authority="北京市税务局")


async def published(world: ListWorld) -> tuple[int, Any]:
    """Publish an entry whose cause names somebody unknown; give the unit and the case."""
    number, _ = world.penalised()
    world.stand_at(TODAY)
    return number, await world.published((await world.opened()).case_id, **DECIDED)


@ON_SQLITE
async def test_who_is_registered_before_the_publication_is_not_published(
    world: ListWorld, database: Database
) -> None:
    """The decision is served already, and stays as it is; what is published is masked."""
    number, _ = world.penalised()
    world.stand_at(TODAY)
    case_id = (await world.decided((await world.opened()).case_id, **DECIDED)).case_id
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    world.principal(number, NAME)

    case = await world.take("PublishListCase", CHIEF, case_id=case_id)

    (shown,) = case.entries
    full = await world.call("GetListCase", CHIEF, case_id=case_id, full_names=True)
    entry = await world.call("GetListEntry", INSURER, entry_id=shown.entry.entry_id)
    async with list_sync_client(database) as lists:
        exported = str(await lists.export(field=1))
    texts = {(one.cause, one.basis) for one in (shown.entry, entry.entry.entry)}
    assert texts == {(MASKED, "司＊笔录")}
    assert NAME not in str(case)
    assert NAME not in exported
    assert MASKED in exported
    assert {one.entry.cause for one in full.list_case.entries} == {MASKED}


async def test_who_is_registered_later_is_masked_in_every_answer_at_once(
    world: ListWorld,
) -> None:
    """Before any upkeep, by whoever it is read, and as it was known before."""
    number, case = await published(world)
    before = (await world.call("GetListCase", AUDITOR, case_id=case.case_id)).point.known_at
    entry_id = case.entries[0].entry.entry_id
    assert case.entries[0].entry.cause == NAMED

    world.principal(number, NAME)

    reads: list[tuple[str, Caller, dict[str, Any]]] = [
        ("GetListEntry", INSURER, {"entry_id": entry_id}),
        ("ListListEntries", INSURER, {}),
        ("GetListCase", AUDITOR, {"case_id": case.case_id}),
        ("ListListCases", AUDITOR, {}),
        ("GetListStatus", TAX, {"subject": {"credit_code": CODE}}),
    ]
    for method, who, fields in reads:
        for moment in ({}, {"known_at": before}):
            answer = str(await world.call(method, who, **fields, **moment))
            assert "司＊" in answer, method
            assert NAME not in answer, method


async def test_the_entry_is_published_anew_without_the_name(
    world: ListWorld, case_server: ScoringServer, database: Database
) -> None:
    """Once, with a line in the ledger; whoever holds a copy takes the new text.

    Whoever has an older copy is not sent the old text on the way, but exports again.
    """
    async with list_sync_client(database) as lists:
        older = await cursor_of(lists, kind=1, field=1)
        number, case = await published(world)
        held = await lists.export(field=1)
        cursor = await cursor_of(lists, kind=1, field=1)
        case_server.lists.once()
        assert NAME in str(held)
        world.principal(number, NAME)

        case_server.lists.once()
        case_server.lists.once()

        changes = await lists.call("ListChanges", kind=1, field=1, cursor=cursor)
        exported = await lists.export(field=1)
        with pytest.raises(RefusedError) as refused:
            await lists.call("ListChanges", kind=1, field=1, cursor=older)
        assert refused.value.reason == "CURSOR_TOO_OLD"
        (changed,) = (one for delta in changes.deltas for one in delta.changes)
        assert (changed.entry.cause, changed.entry.basis) == (MASKED, "司＊笔录")
        assert NAME not in str(exported)
        assert MASKED in str(exported)
        # Nor is it told as of the version before, though whoever holds that goes on from it.
        version = held[-1].end.version
        every: dict[str, Any] = {
            "kind": 1,
            "field": 1,
            "buckets": [bucket_of(case.entries[0].entry.entry_id)],
        }
        with pytest.raises(RefusedError) as unreadable:
            await lists.call("GetListBuckets", version=version, **every)
        assert unreadable.value.reason == "LIST_VERSION_UNKNOWN"
        assert MASKED in str(await lists.call("GetListBuckets", **every))
    steps = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case.steps
    assert [one.contents[0].text for one in steps if one.kind == CORRECT] == [
        "公示内容涉及的人员已登记，隐去其姓名"
    ]


@pytest.mark.parametrize(
    ("said", "document"),
    [({}, f"{NAME}异议〔2025〕1号"), (DECIDED, "异议〔2025〕1号")],
    ids=["its-document", "what-it-removed"],
)
async def test_a_removal_is_sent_no_more_that_would_tell_the_name(
    world: ListWorld,
    case_server: ScoringServer,
    database: Database,
    said: dict[str, Any],
    document: str,
) -> None:
    """Published before the person was registered: who is behind it exports, all others go on."""
    number, record = world.penalised()
    world.stand_at(TODAY)
    async with list_sync_client(database) as lists:
        older = await cursor_of(lists, kind=1, field=1)
        case = await world.published((await world.opened()).case_id, **said)
        behind = await cursor_of(lists, kind=1, field=1)
        entry_id = case.entries[0].entry.entry_id
        world.facts.revoke(record)
        await world.take(
            "CorrectListEntry", CHIEF, entry_id=entry_id, document_number=document, reason="撤销"
        )
        current = await cursor_of(lists, kind=1, field=1)
        case_server.lists.once()
        assert NAME in str(await lists.call("ListChanges", kind=1, field=1, cursor=older))

        world.principal(number, NAME)
        case_server.lists.once()
        case_server.lists.once()

        for cursor in (older, behind):
            with pytest.raises(RefusedError) as refused:
                await lists.call("ListChanges", kind=1, field=1, cursor=cursor)
            assert refused.value.reason == "CURSOR_TOO_OLD"
        changes = await lists.call("ListChanges", kind=1, field=1, cursor=current)
        assert [one for delta in changes.deltas for one in delta.changes] == []


@ON_SQLITE
async def test_a_colleague_of_a_listed_person_is_masked_too(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Of a person's own case: who got a role in its unit since."""
    number, _ = world.penalised()
    listed = world.principal(number, "王小明")
    fact: dict[str, Any] = {"person": True, "major": True, "final_date": date(2025, 5, 20)}
    penalty = world.facts.record("penalty", listed, date(2025, 5, 1), **fact)
    world.stand_at(TODAY)
    wish = {"subject": {"person_id": f"p-{listed}"}, "record_ids": [f"r-{penalty}"]}
    case = await world.published((await world.opened(**wish, cause="瞒报")).case_id, **DECIDED)
    case_server.lists.once()

    world.principal(number, NAME)
    case_server.lists.once()

    read = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case
    assert [one.kind for one in read.steps].count(CORRECT) == 1
    assert read.entries[0].entry.cause == MASKED


@ON_SQLITE
async def test_a_new_colleague_whom_nothing_names_changes_nothing(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Nor does a unit that has the name of a person: its own name is no secret."""
    number = world.facts.enterprise(credit_code=CODE, name=f"北京{NAME}餐饮有限公司")
    world.penalty(number)
    world.stand_at(TODAY)
    decision = {"cause": f"北京{NAME}餐饮有限公司瞒报"}
    case = await world.published((await world.opened()).case_id, **decision)

    world.principal(number, NAME)
    case_server.lists.once()

    read = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case
    assert CORRECT not in {one.kind for one in read.steps}
    assert read.entries[0].entry.cause == decision["cause"]


@ON_SQLITE
async def test_a_statement_is_masked_as_it_was_known_before(world: ListWorld) -> None:
    """Whatever known_at is asked for: who is registered by now is masked."""
    number, _ = world.penalised()
    world.stand_at(TODAY)
    case_id = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    said = {"case_id": case_id, "statement": f"是{NAME}干的"}
    await world.take("RecordStatement", CHIEF, person="某", **said)
    before = await world.call("GetListCase", AUDITOR, case_id=case_id)

    world.principal(number, NAME)

    then = {"case_id": case_id, "known_at": before.point.known_at}
    after = await world.call("GetListCase", AUDITOR, **then)
    listed = await world.call("ListListCases", AUDITOR, known_at=before.point.known_at)
    assert before.list_case.steps[-1].contents[0].text == f"是{NAME}干的"
    assert after.list_case.steps[-1].contents[0].text == "是司＊干的"
    assert listed.list_cases[0].steps[-1].contents[0].text == "是司＊干的"


@ON_SQLITE
async def test_a_report_of_a_measure_is_masked_when_it_is_read(world: ListWorld) -> None:
    """Written before anybody was known; read now, and as of before."""
    number, case = await published(world)
    entry_id = case.entries[0].entry.entry_id
    report: dict[str, Any] = {"entry_id": entry_id, "measure": "information_published"}
    refused = {**report, "outcome": 2, "reason": f"{NAME}已离职", "request_id": "m-1"}
    made = await world.call("ReportMeasure", TAX, **refused)

    world.principal(number, NAME)

    for moment in ({}, {"known_at": made.point.known_at}):
        read = await world.call("ListMeasureReports", replace(CHIEF), **moment)
        assert [one.reason for one in read.reports] == ["司＊已离职"]
