"""Measures reported of the days on which an entry had left its list, though it is on it again."""

from datetime import date
from typing import Any

from services.common.identity import Caller
from tests.fakes.list_world import CHIEF, ON_SQLITE, ListWorld, wire_day
from tests.fakes.scoring_client import RefusedError

pytestmark = ON_SQLITE

APPLIED = 1
TAX = Caller(identity="tax", roles=frozenset({"subscriber"}), authority="北京市税务局")


async def left_and_came_back(world: ListWorld, entry_id: str) -> None:
    """Remove an entry early on 3 December, and withdraw that for deceit on 2 February."""
    world.stand_at(date(2025, 12, 3))
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    proof = {"harm_removed": "整改报告"}
    await world.take("DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1, attachments=proof)
    world.stand_at(date(2026, 2, 2))
    await world.take("WithdrawEarlyRemoval", CHIEF, entry_id=entry_id, reason="整改报告系伪造")


async def test_no_measure_was_applied_while_the_entry_was_off_its_list(world: ListWorld) -> None:
    """Removed on 3 December, restored for deceit on 2 February: from then on it may be again."""
    world.penalised(performed_date=date(2025, 5, 1))
    world.stand_at(date(2025, 6, 3))
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    await left_and_came_back(world, entry_id)

    async def reported(day: date) -> str:
        report: dict[str, Any] = {
            "request_id": f"m-{day}",
            "entry_id": entry_id,
            "measure": "information_published",
            "outcome": APPLIED,
            "date": wire_day(day),
        }
        try:
            await world.call("ReportMeasure", TAX, **report)
        except RefusedError as error:
            return error.reason
        return ""

    found = [await reported(day) for day in (date(2025, 12, 3), date(2026, 2, 1), date(2026, 2, 2))]

    assert found == ["ENTRY_OFF_LIST", "ENTRY_OFF_LIST", ""]


async def test_nobody_is_silent_about_what_may_not_be_reported(world: ListWorld) -> None:
    """Decided on 3 June and published on the 5th: counted from then on, but for the gap."""
    world.penalised(performed_date=date(2025, 5, 1))
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.decided((await world.opened()).case_id)).case_id
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    world.stand_at(date(2025, 6, 5))
    case = await world.take("PublishListCase", CHIEF, case_id=case_id)
    entry_id = case.entries[0].entry.entry_id
    await left_and_came_back(world, entry_id)

    async def counted(day: date) -> tuple[int, int]:
        answer = await world.call("GetMeasureStatistics", CHIEF, as_of=wire_day(day))
        totals = {one.measure: one for one in answer.measures}
        found = totals.get("information_published")
        return (found.carrying, found.unreported) if found else (0, 0)

    on_list = [date(2025, 6, 5), date(2025, 12, 2), date(2026, 2, 2)]
    off = [date(2025, 6, 4), date(2025, 12, 3), date(2026, 2, 1)]

    assert {day: await counted(day) for day in on_list} == dict.fromkeys(on_list, (1, 1))
    assert {day: await counted(day) for day in off} == dict.fromkeys(off, (0, 0))
