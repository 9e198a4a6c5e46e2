"""Withdrawals of early removals that are recorded when the restored term is over."""

from datetime import date
from typing import Any

import pytest

from services.common.database import Database
from services.scoring.main import ScoringServer
from tests.fakes.list_sync_server import cursor_of, list_sync_client
from tests.fakes.list_world import CHIEF, ListWorld, plain_day

EXPIRE, WITHDRAW = 14, 19
IN_FORCE, REMOVED = 1, 2
EXPIRED = 1
WITHDRAWN, OVER = date(2026, 1, 5), date(2027, 1, 5)
"""By the test list the term of a year restarts on the day of the withdrawal."""


async def removed_early(world: ListWorld) -> str:
    """List a unit on 3 June 2025 and remove it on 5 December; give its entry."""
    world.penalised(performed_date=date(2025, 4, 1))
    world.stand_at(date(2025, 6, 3))
    case = await world.published((await world.opened()).case_id)
    entry_id: str = case.entries[0].entry.entry_id
    world.stand_at(date(2025, 12, 5))
    proof = {"harm_removed": "整改报告"}
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id, attachments=proof)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    await world.take("DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    return entry_id


@pytest.mark.parametrize(
    ("day", "over"),
    [(date(2027, 1, 4), False), (OVER, True), (date(2028, 12, 5), True)],
    ids=["last-day-of-the-term", "day-after-it", "long-after"],
)
async def test_a_withdrawal_after_the_restored_term_lists_nobody(
    world: ListWorld, case_server: ScoringServer, database: Database, day: date, *, over: bool
) -> None:
    """Withdrawn on 5 January 2026, recorded later: the ledger has it, and nobody is sent it."""
    entry_id = await removed_early(world)
    world.stand_at(day)
    case_server.lists.once()
    async with list_sync_client(database) as lists:
        cursor = await cursor_of(lists, kind=1, field=1)
        withdrawal: dict[str, Any] = {"reason": "材料系伪造", "day": WITHDRAWN}
        case = await world.take("WithdrawEarlyRemoval", CHIEF, entry_id=entry_id, **withdrawal)
        held = (await world.call("GetListEntry", CHIEF, entry_id=entry_id)).entry
        case_server.lists.once()
        page = await lists.call("ListChanges", kind=1, field=1, cursor=cursor)
    sent = [change for delta in page.deltas for change in delta.changes]

    assert plain_day(held.entry.end_date) == OVER
    kinds = [one.kind for one in case.steps]
    if over:
        assert kinds[-2:] == [WITHDRAW, EXPIRE]
        assert (held.state, held.removal.reason) == (REMOVED, EXPIRED)
        assert plain_day(held.removal.removal_date) == OVER
        assert sent == []
    else:
        assert kinds[-1] == WITHDRAW
        assert held.state == IN_FORCE
        assert [one.entry.entry_id for one in sent] == [entry_id]
    again = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case
    assert [one.kind for one in again.steps] == kinds
