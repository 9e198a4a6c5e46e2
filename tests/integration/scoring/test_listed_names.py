"""Everybody whom a decision or an entry lists is named, by whatever day the steps are dated."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from models.enterprises import EnterpriseVersionRow
from services.common.database import Database
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    DECISION,
    NOTICE,
    ON_SQLITE,
    ListWorld,
    redlisted,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import PROFILE, WRITER

NOTIFY, DECIDE = 3, 10
REGISTERED, TODAY = date(2025, 6, 20), date(2025, 7, 1)
NAME = PROFILE["name"]


def contents(case: Any, kind: int) -> dict[str, str]:  # noqa: ANN401 -- a case.
    """Give what the last step of a kind says."""
    step = [one for one in case.steps if one.kind == kind][-1]
    return {one.name: one.text for one in step.contents}


async def backdated(world: ListWorld, *, until: str = "publish") -> Any:  # noqa: ANN401 -- a case.
    """Walk a case of a unit and its principal with steps of June, before the registration."""
    number = world.facts.enterprise(credit_code=CODE, fields=0b10, start_date=REGISTERED)
    world.penalty(number)
    world.principal(number, "王小明")
    world.stand_at(TODAY)
    case_id = (await world.opened(day=date(2025, 6, 2))).case_id
    of: dict[str, Any] = {"case_id": case_id, "day": date(2025, 6, 3)}
    await world.take("ReportListCase", CLERK, addressee=BUREAU, **of)
    await world.take("NotifyListCase", CHIEF, **of, **NOTICE)
    await world.take("RecordStatement", CHIEF, waived=True, **of)
    await world.take("ReviewListCase", CHIEF, field=1, opinion=1, **of)
    await world.take("ApproveListCase", CHIEF, opinion=1, **of)
    if until == "approve":
        return case_id
    await world.take("DecideListCase", CHIEF, **of, **DECISION)
    await world.take("ServeDecision", CHIEF, **of)
    return case_id if until == "serve" else await world.take("PublishListCase", CHIEF, **of)


def unnamed(database: Database) -> None:
    """Take the names of all enterprises away."""
    with database.write(caller=WRITER, method="test") as write:
        write.connection.execute(update(EnterpriseVersionRow).values(name=""))
        write.commit()


async def test_a_unit_is_named_though_the_steps_are_of_before_its_registration(
    world: ListWorld,
) -> None:
    """Decision, entries and the list hold the unit's name beside the person's, masked."""
    case = await backdated(world)

    page = await world.call("ListListEntries", CHIEF)

    assert contents(case, DECIDE)["name"] == f"{NAME}、王＊"
    for held in (case.entries, page.entries):
        assert {one.entry.name for one in held} == {NAME, "王＊"}


@ON_SQLITE
async def test_a_party_table_of_before_the_registration_names_the_unit(world: ListWorld) -> None:
    """The case read as of a day on which it was not registered says the same."""
    case = await backdated(world)

    then = {"year": 2025, "month": 6, "day": 3}
    shown = await world.call("GetListCase", CHIEF, case_id=case.case_id, as_of=then)

    assert [one.name for one in shown.list_case.parties] == [NAME, "王＊"]


async def test_a_decision_that_leaves_a_party_unnamed_is_refused(
    world: ListWorld, database: Database
) -> None:
    """The person's name does not stand in for the unit's; of the person alone it may be decided."""
    case_id = await backdated(world, until="approve")
    unnamed(database)
    decide: dict[str, Any] = {"case_id": case_id, "day": date(2025, 6, 3), **DECISION}

    with pytest.raises(RefusedError) as refused:
        await world.take("DecideListCase", CHIEF, **decide)
    shown = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    unit, person = (one.subject_id for one in shown.parties)
    decided = await world.take("DecideListCase", CHIEF, party_subject_ids=[person], **decide)

    facts = refused.value.facts
    assert refused.value.reason == "CONTENT_MISSING"
    assert (facts["missing"], facts["party_subject_ids"]) == ("name", unit)
    assert facts["clause"] == "测试名单办法 测〔2020〕1号 第十条"
    assert contents(decided, DECIDE)["name"] == "王＊"


@ON_SQLITE
async def test_no_entry_is_published_without_a_name(world: ListWorld, database: Database) -> None:
    """What was decided before names were asked for is not published nameless."""
    case_id = await backdated(world, until="serve")
    unnamed(database)

    with pytest.raises(RefusedError) as refused:
        await world.take("PublishListCase", CHIEF, case_id=case_id, day=date(2025, 6, 3))

    assert (refused.value.reason, refused.value.facts["missing"]) == ("CONTENT_MISSING", "name")
    assert not (await world.call("ListListEntries", CHIEF)).entries


@ON_SQLITE
async def test_a_unit_that_bears_its_principals_name_is_written_out(world: ListWorld) -> None:
    """In a notice that is dated before its registration, and in the ledger as it is shown."""
    name = "王小明五金店"
    number = world.facts.enterprise(credit_code=CODE, fields=0b10, start_date=REGISTERED, name=name)
    world.penalty(number)
    world.principal(number, "王小明")
    world.stand_at(TODAY)
    case_id = (await world.opened(day=date(2025, 6, 2))).case_id
    of: dict[str, Any] = {"case_id": case_id, "day": date(2025, 6, 3)}
    await world.take("ReportListCase", CLERK, addressee=BUREAU, **of)

    told = await world.take("NotifyListCase", CHIEF, **of, **{**NOTICE, "cause": f"{name}受罚"})

    assert contents(told, NOTIFY)["cause"] == f"{name}受罚"


@ON_SQLITE
async def test_a_redlist_names_a_unit_between_two_registrations(
    world: ListWorld, database: Database
) -> None:
    """By the last name that it had, not by the one that it has from August on."""
    number = world.facts.enterprise(credit_code=CODE, fields=0b10)
    again = date(2025, 8, 1)
    world.facts.change(number, again, name="北京新样本有限公司")
    world.stand_at(date(2025, 6, 3))
    with database.write(caller=WRITER, method="test") as write:
        before = EnterpriseVersionRow.end_date == again
        ended = update(EnterpriseVersionRow).where(before).values(end_date=date(2025, 6, 1))
        write.connection.execute(ended)
        write.commit()

    case = await redlisted(world)

    assert [held.entry.name for held in case.entries] == [NAME]
