"""Terms of later listings, where an earlier one is removed early, or that is withdrawn."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.list_policies import BLACKLIST, write_list_policies
from tests.fakes.list_world import CHIEF, ListWorld, plain_day

LISTED, AGAIN, GRANTED, WITHDRAWN = (
    date(2025, 6, 3),
    date(2025, 12, 10),
    date(2025, 12, 12),
    date(2026, 2, 2),
)
CORRECT = 20
UNIT, PERSON = 0, 1
REPEATED, ALONE = date(2028, 12, 10), date(2026, 12, 10)


@pytest.fixture(scope="session")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a blacklist by which a listing is a repeat until a day after the one before."""
    folder = write_list_policies(tmp_path_factory.mktemp("repeats-within"))
    source = "{article: 第十四条, confidence: assumed}"
    within = f"      repeat_within: {{value: 1, unit: day, source: {source}}}"
    (folder / "cn/blacklist.yaml").write_text(f"{BLACKLIST.rstrip()}\n{within}\n", "utf-8")
    return folder


async def twice_listed(world: ListWorld) -> tuple[Any, str]:
    """List a unit and its principal on 3 June and 10 December 2025; give both cases.

    Both penalties are for facts from before the first listing, so that nobody relapsed.
    """
    number, _ = world.penalised(performed_date=date(2025, 5, 1))
    person = world.principal(number, "王小明")
    world.stand_at(LISTED)
    first = await world.published((await world.opened()).case_id)
    other = world.facts.record(
        "penalty", number, date(2025, 1, 12), major=True, final_date=date(2025, 11, 1)
    )
    world.stand_at(AGAIN)
    opened = await world.opened(
        record_ids=[f"r-{other}"], cause="再次受到处罚", person_ids=[f"p-{person}"]
    )
    return first, str((await world.published(opened.case_id)).case_id)


async def removed_early(world: ListWorld, entry_id: str, day: date) -> None:
    """Grant an early removal on 12 December that is dated on a day before."""
    world.stand_at(GRANTED)
    of_entry: dict[str, Any] = {"entry_id": entry_id, "day": day}
    await world.take("ApplyForEarlyRemoval", CHIEF, **of_entry)
    await world.take("AcceptEarlyRemoval", CHIEF, **of_entry, opinion=1)
    proof = {"harm_removed": "整改报告"}
    await world.take("DecideEarlyRemoval", CHIEF, **of_entry, opinion=1, attachments=proof)


async def ends(world: ListWorld, case_id: str) -> list[tuple[date, list[int]]]:
    """Give the end of each entry of a case, and the steps about it since its publication."""
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    return [
        (
            plain_day(held.entry.end_date),
            [step.kind for step in case.steps if step.entry_id == held.entry.entry_id],
        )
        for held in case.entries
    ]


@pytest.mark.parametrize("party", [UNIT, PERSON], ids=["unit", "person"])
async def test_a_grant_and_its_withdrawal_retime_the_next_listing(
    world: ListWorld, party: int
) -> None:
    """Off the list from 5 December, the listing of the 10th is no repeat; withdrawn, it is again.

    Three years from 10 December 2025, or one. Who was not removed early keeps three throughout.
    """
    first, second = await twice_listed(world)
    other = PERSON - party
    assert await ends(world, second) == [(REPEATED, []), (REPEATED, [])]
    entry_id = first.entries[party].entry.entry_id

    await removed_early(world, entry_id, date(2025, 12, 5))

    found = await ends(world, second)
    assert (found[party], found[other]) == ((ALONE, [CORRECT]), (REPEATED, []))
    published = await world.call("ListListEntries", CHIEF, state=1)
    by_case = {plain_day(one.entry.end_date) for one in published.entries if one.case_id == second}
    assert by_case == {ALONE, REPEATED}
    world.stand_at(WITHDRAWN)
    await world.take("WithdrawEarlyRemoval", CHIEF, entry_id=entry_id, reason="材料系伪造")
    found = await ends(world, second)
    assert (found[party], found[other]) == ((REPEATED, [CORRECT, CORRECT]), (REPEATED, []))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_grant_of_the_day_before_leaves_a_repeat(world: ListWorld) -> None:
    """Removed on 10 December itself, the listing of that day follows at once: three years stay."""
    first, second = await twice_listed(world)

    await removed_early(world, first.entries[UNIT].entry.entry_id, AGAIN)

    assert await ends(world, second) == [(REPEATED, []), (REPEATED, [])]
