"""Terms by the shipped lists themselves, on the days that are worked out for them by hand."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.scoring.main import ScoringServer
from tests.fakes.list_policies import SHARED
from tests.fakes.list_world import (
    CHIEF,
    CLERK,
    CODE,
    DECISION,
    LISTED,
    NOTICE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    plain_day,
    wire_day,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_policies import POLICIES

NEW_AREA = "cn.unnamed.new-area-blacklist"
ORDER_11 = "cn.serious-dishonesty-list"
SHIPPED = ("cn.unnamed/new-area-blacklist.yaml", "cn/serious-dishonesty-list.yaml")
HIGHER = replace(CHIEF, identity="head", authority="北京市应急管理局")


@pytest.fixture(scope="session")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give two of the project's lists as they are shipped, the new area where the officials are."""
    folder = tmp_path_factory.mktemp("shipped-lists")
    for name in (*SHARED, *SHIPPED):
        (folder / name).parent.mkdir(exist_ok=True)
        text = (POLICIES / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace('"980100"', '"110105"'), encoding="utf-8")
    return folder


async def listed(world: ListWorld) -> Any:  # noqa: ANN401 -- an entry.
    """Walk a case of the new area from its collection to its publication, today."""
    case_id = (await world.opened(policy_id=NEW_AREA)).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=HIGHER.authority)
    await world.take("NotifyListCase", HIGHER, case_id=case_id, person="郑", **NOTICE)
    await world.take("RecordStatement", HIGHER, case_id=case_id, person="郑", waived=True)
    await world.take("ReviewListCase", HIGHER, case_id=case_id, person="郑", field=1, opinion=1)
    await world.take("ApproveListCase", HIGHER, case_id=case_id, person="郑", opinion=1)
    # In its years no edition of the national list allowed a measure: none is wanted.
    decision = {**DECISION, "measure_codes": []}
    await world.take("DecideListCase", HIGHER, case_id=case_id, person="郑", **decision)
    await world.take("ServeDecision", HIGHER, case_id=case_id, person="郑")
    case = await world.take("PublishListCase", HIGHER, case_id=case_id, person="郑")
    return case.entries[0].entry


async def stands(world: ListWorld, day: date, policy_id: str = NEW_AREA) -> bool:
    """Say whether the enterprise is on the list on a day."""
    status = await world.status(policy_id=policy_id, as_of=wire_day(day))
    return bool(status.standing == LISTED)


@ON_SQLITE
async def test_new_area_one_year_then_three_then_as_long_as_the_hazard_is_open(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """2016-03-31 to 2017-03-31; on again that day, to 2020-03-31; the hazard goes on to 2021."""
    world.stand_at(date(2016, 3, 31))
    number = world.facts.enterprise(credit_code=CODE, start_date=date(2010, 1, 1))
    for day in (date(2015, 6, 1), date(2016, 2, 1)):
        world.facts.record("accident", number, day, level=1, liability=1)
    first = await listed(world)
    assert (plain_day(first.start_date), plain_day(first.end_date)) == (
        date(2016, 3, 31),
        date(2017, 3, 31),
    )

    world.stand_at(date(2017, 3, 31))
    case_server.lists.once()
    assert await stands(world, date(2017, 3, 30))
    assert not await stands(world, date(2017, 3, 31))

    for day in (date(2016, 10, 1), date(2017, 2, 1)):
        world.facts.record("accident", number, day, level=1, liability=1)
    second = await listed(world)
    assert plain_day(second.end_date) == date(2020, 3, 31)

    hazard = world.facts.record("hazard", number, date(2020, 1, 5), level=2)
    world.stand_at(date(2020, 4, 1))
    case_server.lists.once()
    assert await stands(world, date(2020, 4, 1))
    world.facts.record(
        "rectification", number, date(2021, 1, 15), target_record_id=hazard, outcome=3
    )
    world.stand_at(date(2021, 1, 20))
    case_server.lists.once()

    assert await stands(world, date(2021, 1, 14))
    assert not await stands(world, date(2021, 1, 15))


@ON_SQLITE
async def test_new_area_ends_on_its_day_without_an_open_hazard(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """A hazard whose removal was accepted on the last day of the term extends nothing."""
    world.stand_at(date(2016, 3, 31))
    number = world.facts.enterprise(credit_code=CODE, start_date=date(2010, 1, 1))
    for day in (date(2015, 6, 1), date(2016, 2, 1)):
        world.facts.record("accident", number, day, level=1, liability=1)
    await listed(world)
    hazard = world.facts.record("hazard", number, date(2017, 1, 5), level=2)
    world.facts.record(
        "rectification", number, date(2017, 3, 30), target_record_id=hazard, outcome=3
    )
    world.stand_at(date(2017, 4, 1))

    case_server.lists.once()

    assert await stands(world, date(2017, 3, 30))
    assert not await stands(world, date(2017, 3, 31))


@ON_SQLITE
async def test_order_11_lasts_three_years_and_may_be_left_after_one(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Listed 2024-01-10: to 2027-01-10; early removal is asked for from 2025-01-10."""
    world.stand_at(date(2024, 1, 10))
    number = world.facts.enterprise(credit_code=CODE, start_date=date(2010, 1, 1))
    accident = world.facts.record("accident", number, date(2023, 10, 20), level=3, liability=1)
    world.facts.record(
        "penalty",
        number,
        date(2023, 11, 20),
        accident_record_id=accident,
        final_date=date(2024, 1, 5),
    )
    case = await world.published((await world.opened(policy_id=ORDER_11)).case_id)
    entry = case.entries[0].entry
    assert (plain_day(entry.start_date), plain_day(entry.end_date)) == (
        date(2024, 1, 10),
        date(2027, 1, 10),
    )

    world.stand_at(date(2025, 1, 9))
    with pytest.raises(RefusedError) as error:
        await world.take("ApplyForEarlyRemoval", PORTAL, entry_id=entry.entry_id)
    assert error.value.reason == "STEP_TOO_EARLY"
    world.stand_at(date(2025, 1, 10))
    applied = await world.take("ApplyForEarlyRemoval", PORTAL, entry_id=entry.entry_id)
    assert applied.steps[-1].authority == ""

    world.stand_at(date(2027, 1, 10))
    case_server.lists.once()
    assert await stands(world, date(2027, 1, 9), ORDER_11)
    assert not await stands(world, date(2027, 1, 10), ORDER_11)


@ON_SQLITE
@pytest.mark.parametrize(
    ("removed", "end"),
    [
        pytest.param(date(2017, 4, 14), date(2018, 4, 15), id="a-day-between-them"),
        pytest.param(date(2017, 4, 15), date(2020, 4, 15), id="without-a-break"),
    ],
)
async def test_new_area_a_hazard_that_is_known_late_may_close_the_break(
    world: ListWorld, case_server: ScoringServer, removed: date, end: date
) -> None:
    """To 2017-03-31, and on again on 2017-04-15: a repeat if a hazard kept the first until then."""
    world.stand_at(date(2016, 3, 31))
    number = world.facts.enterprise(credit_code=CODE, start_date=date(2010, 1, 1))
    for day in (date(2015, 6, 1), date(2016, 2, 1)):
        world.facts.record("accident", number, day, level=1, liability=1)
    await listed(world)
    world.stand_at(date(2017, 4, 15))
    case_server.lists.once()
    for day in (date(2016, 10, 1), date(2017, 2, 1)):
        world.facts.record("accident", number, day, level=1, liability=1)
    second = await listed(world)
    assert plain_day(second.end_date) == date(2018, 4, 15)

    hazard = world.facts.record("hazard", number, date(2017, 1, 5), level=2)
    world.facts.record("rectification", number, removed, target_record_id=hazard, outcome=3)
    case_server.lists.once()

    answer = await world.call("GetListEntry", CHIEF, entry_id=second.entry_id)
    assert plain_day(answer.entry.entry.end_date) == end
