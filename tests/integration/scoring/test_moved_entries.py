"""Entries whose enterprise moves: every division's copy of the list ends right."""

from datetime import date
from typing import Any

from services.common.database import Database
from services.scoring.main import ScoringServer
from tests.fakes.list_sync_server import cursor_of, ids, list_sync_client
from tests.fakes.list_world import CHIEF, ON_SQLITE, ListWorld

OLD, NEW = "110105", "110106"
CORRECT, LEFT_VIEW = 20, 5
LISTED, MOVED = date(2025, 6, 3), date(2025, 7, 1)


async def entries(world: ListWorld, case_id: str) -> list[tuple[str, str]]:
    """Give the division and the authority of the entries of a case."""
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    return [(one.entry.division, one.entry.authority) for one in case.entries]


async def test_an_entry_follows_its_enterprise_to_another_division(
    world: ListWorld, case_server: ScoringServer, database: Database
) -> None:
    """Known on 3 June, true from 1 July: until then nothing changes, and nothing twice.

    The old division's copy loses the unit and its principal, the new one's has both; who decided
    stays.
    """
    number, _ = world.penalised()
    world.principal(number, "王小明")
    world.stand_at(LISTED)
    case = await world.published((await world.opened()).case_id)
    names = {one.entry.entry_id for one in case.entries}
    authority = case.entries[0].entry.authority
    async with list_sync_client(database) as lists:
        views: dict[str, dict[str, Any]] = {one: {"division": one} for one in (OLD, NEW)}
        cursors = {one: await cursor_of(lists, kind=1, field=1, **views[one]) for one in views}
        world.facts.change(number, MOVED, division=110106)
        case_server.lists.once()
        assert await entries(world, case.case_id) == [(OLD, authority)] * 2

        world.stand_at(MOVED)
        case_server.lists.once()
        case_server.lists.once()

        assert await entries(world, case.case_id) == [(NEW, authority)] * 2
        pages = {
            one: await lists.call("ListChanges", kind=1, field=1, cursor=cursors[one], **views[one])
            for one in views
        }
        left = [change for delta in pages[OLD].deltas for change in delta.changes]
        come = [change for delta in pages[NEW].deltas for change in delta.changes]
        assert {one.removal.entry_id for one in left} == names
        assert {one.removal.reason for one in left} == {LEFT_VIEW}
        assert [one.entry.entry_id for one in come] == sorted(names)
        held = {one: ids(await lists.export(field=1, **views[one])) for one in views}
        assert (held[OLD], set(held[NEW])) == ([], names)
    steps = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case.steps
    reasons = [one.contents[0].text for one in steps if one.kind == CORRECT]
    assert reasons == ["监管区划由110105变更为110106"] * 2


async def test_the_entry_of_a_persons_own_case_follows_its_unit(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The unit of the fact, though the person works elsewhere now; as of the day of the move."""
    number, _ = world.penalised()
    person = world.principal(number, "王小明")
    fact: dict[str, Any] = {"person": True, "major": True, "final_date": date(2025, 5, 20)}
    penalty = world.facts.record("penalty", person, date(2025, 5, 1), **fact)
    other = world.facts.enterprise(credit_code="91350100M000100Y43", division=110102)
    world.stand_at(LISTED)
    case_id = (
        await world.opened(
            subject={"person_id": f"p-{person}"}, record_ids=[f"r-{penalty}"], cause="瞒报"
        )
    ).case_id
    case = await world.published(case_id)
    authority = case.entries[0].entry.authority
    world.facts.in_office(person, other, date(2025, 6, 10))
    world.facts.change(number, MOVED, division=110106)

    found = []
    for day in (date(2025, 6, 30), MOVED, date(2025, 7, 2)):
        world.stand_at(day)
        case_server.lists.once()
        found.append(await entries(world, case.case_id))

    assert found == [[(OLD, authority)], [(NEW, authority)], [(NEW, authority)]]
    steps = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case.steps
    assert [one.kind for one in steps].count(CORRECT) == 1


@ON_SQLITE
async def test_an_entry_that_is_over_stays_where_it_was(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Whoever moves after its removal takes nothing along."""
    number, _ = world.penalised()
    world.stand_at(LISTED)
    case = await world.published((await world.opened()).case_id)
    world.stand_at(date(2026, 6, 3))
    case_server.lists.once()

    world.facts.change(number, date(2026, 6, 3), division=110106)
    case_server.lists.once()

    assert [division for division, _ in await entries(world, case.case_id)] == [OLD]


async def test_an_entry_follows_its_enterprise_to_another_name(
    world: ListWorld, case_server: ScoringServer, database: Database
) -> None:
    """Renamed from 1 July: published anew on that day, once; its principal's entry is as it was."""
    number, _ = world.penalised()
    world.principal(number, "王小明")
    world.stand_at(LISTED)
    case = await world.published((await world.opened()).case_id)
    before = {one.entry.entry_id: one.entry.name for one in case.entries}
    unit = next(one.entry.entry_id for one in case.entries if one.entry.subject_id == f"e-{number}")
    async with list_sync_client(database) as lists:
        cursor = await cursor_of(lists, kind=1, field=1)
        world.facts.change(number, MOVED, name="再名有限公司")
        case_server.lists.once()
        assert await names(world, case.case_id) == before

        world.stand_at(MOVED)
        case_server.lists.once()
        case_server.lists.once()

        assert await names(world, case.case_id) == {**before, unit: "再名有限公司"}
        deltas = (await lists.call("ListChanges", kind=1, field=1, cursor=cursor)).deltas
        sent = [change.entry for delta in deltas for change in delta.changes]
        assert [(one.entry_id, one.name) for one in sent] == [(unit, "再名有限公司")]
    steps = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case.steps
    assert [one.contents[0].text for one in steps if one.kind == CORRECT] == ["单位名称已变更"]


@ON_SQLITE
async def test_an_entry_is_published_where_its_enterprise_is_by_then(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Moved and renamed after the decision: published so at once, and not a second time."""
    number, _ = world.penalised()
    world.stand_at(LISTED)
    case_id = (await world.decided((await world.opened()).case_id)).case_id
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    world.facts.change(number, date(2025, 6, 10), division=110106, name="再名有限公司")
    world.stand_at(date(2025, 6, 16))

    (held,) = (await world.take("PublishListCase", CHIEF, case_id=case_id)).entries
    case_server.lists.once()

    assert (held.entry.division, held.entry.name) == (NEW, "再名有限公司")
    steps = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case.steps
    assert CORRECT not in [one.kind for one in steps]


async def names(world: ListWorld, case_id: str) -> dict[str, str]:
    """Give the names of the entries of a case."""
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    return {one.entry.entry_id: one.entry.name for one in case.entries}
