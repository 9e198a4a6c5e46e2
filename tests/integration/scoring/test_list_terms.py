"""Terms of blacklist entries by what is known, in whatever order it was recorded."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.scoring.main import ScoringServer
from tests.fakes.list_entries import REDLIST, entry
from tests.fakes.list_rows import listing
from tests.fakes.list_sync_server import publish
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    DECISION,
    FIREMAN,
    NOTICE,
    ON_SQLITE,
    ListWorld,
    plain_day,
)

HEAD = replace(CHIEF, identity="head", authority="北京市应急管理局")
FIRE = 2
IN_FORCE, REMOVED, CORRECTED = 1, 2, 3
EXPIRE, EXTEND, CORRECT, BREAK = 14, 15, 20, 21


async def walked(world: ListWorld, day: date, **opened: Any) -> str:  # noqa: ANN401 -- fields of a request.
    """Walk a case of the blacklist of work safety through one day; give its name."""
    case_id = (await world.opened(day=day, **opened)).case_id
    of_case: dict[str, Any] = {"case_id": case_id, "day": day}
    await world.take("ReportListCase", CLERK, addressee=BUREAU, **of_case)
    await world.take("NotifyListCase", CHIEF, **of_case, **NOTICE)
    await world.take("RecordStatement", CHIEF, waived=True, **of_case)
    await world.take("ReviewListCase", CHIEF, field=1, opinion=1, **of_case)
    await world.take("ApproveListCase", CHIEF, opinion=1, **of_case)
    await world.take("DecideListCase", CHIEF, **of_case, **DECISION)
    await world.take("ServeDecision", CHIEF, **of_case)
    await world.take("PublishListCase", CHIEF, **of_case)
    return str(case_id)


async def extendable(world: ListWorld) -> tuple[int, str]:
    """List an enterprise for fire safety from 3 June to 3 July 2025; give it and its case."""
    number, _ = world.penalised(fields=0b110)
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened(policy_id="cn.test.fire-blacklist")).case_id
    of_case: dict[str, Any] = {"case_id": case_id}
    await world.take("ReportListCase", CLERK, addressee=HEAD.authority, **of_case)
    await world.take("NotifyListCase", HEAD, person="郑", **of_case, **NOTICE)
    await world.take("RecordStatement", HEAD, person="郑", waived=True, **of_case)
    await world.take("ReviewListCase", FIREMAN, field=2, opinion=1, **of_case)
    await world.take("ApproveListCase", HEAD, person="郑", opinion=1, **of_case)
    await world.take("DecideListCase", HEAD, person="郑", **of_case, **DECISION)
    await world.take("ServeDecision", HEAD, person="郑", **of_case)
    await world.take("PublishListCase", HEAD, person="郑", **of_case)
    return number, str(case_id)


async def shown(world: ListWorld, case_id: str) -> tuple[int, date | None, list[int]]:
    """Give how the entry of a case stands, its end, and the steps since its publication."""
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    (held,) = case.entries
    end = plain_day(held.entry.end_date) if held.entry.HasField("end_date") else None
    return held.state, end, [step.kind for step in case.steps if step.entry_id]


def hazard(world: ListWorld, number: int, found: date, removed: date | None) -> int:
    """Record a major hazard, and its removal; give its number."""
    made = world.facts.record("hazard", number, found, level=2)
    if removed is not None:
        removal(world, number, made, removed)
    return made


def removal(world: ListWorld, number: int, target: int, day: date) -> int:
    """Record the accepted removal of a hazard; give its number."""
    return world.facts.record("rectification", number, day, target_record_id=target, outcome=3)


def redlisted_for_fire(world: ListWorld, number: int) -> int:
    """Put an enterprise on the redlist of fire safety for three years from 1 August 2025."""
    term: dict[str, Any] = {"start_date": date(2025, 8, 1), "end_date": date(2028, 8, 1)}
    given: dict[str, Any] = {"list_key": replace(REDLIST, field=FIRE)}
    red = listing(world.facts, number, term["start_date"], term["end_date"], **given)
    publish(world.facts.database, [entry(red, subject_id=number, **term, **given)])
    return red


# Hazards -------------------------------------------------------------------------


@ON_SQLITE
@pytest.mark.parametrize(
    ("found", "removed", "state", "end", "steps"),
    [
        pytest.param((5, 1), (8, 1), REMOVED, (8, 1), [EXTEND, EXPIRE], id="open-at-the-end"),
        pytest.param((7, 2), None, IN_FORCE, None, [EXTEND], id="found-on-the-last-day"),
        pytest.param((7, 3), None, REMOVED, (7, 3), [EXPIRE], id="found-a-day-later"),
        pytest.param((5, 1), (7, 3), REMOVED, (7, 3), [EXPIRE], id="removed-a-day-later"),
    ],
)
async def test_a_service_that_rested_ends_terms_as_if_it_had_not(
    world: ListWorld,
    case_server: ScoringServer,
    found: tuple[int, int],
    removed: tuple[int, int] | None,
    state: int,
    end: tuple[int, int] | None,
    steps: list[int],
) -> None:
    """Looked at only on 5 September, a hazard counts by the last day of the term, 2 July."""
    number, case_id = await extendable(world)
    hazard(world, number, date(2025, *found), None if removed is None else date(2025, *removed))
    world.stand_at(date(2025, 9, 5))

    case_server.lists.once()

    assert await shown(world, case_id) == (state, end and date(2025, *end), steps)


async def test_hazards_known_after_the_end_move_it(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Recorded late it comes back, is removed late, and ends on its own day if all was wrong."""
    number, case_id = await extendable(world)
    world.stand_at(date(2025, 7, 4))
    case_server.lists.once()
    assert await shown(world, case_id) == (REMOVED, date(2025, 7, 3), [EXPIRE])
    world.stand_at(date(2025, 9, 5))
    later = hazard(world, number, date(2025, 7, 3), None)
    case_server.lists.once()
    assert (await shown(world, case_id))[0] == REMOVED

    late = hazard(world, number, date(2025, 7, 2), None)
    red = redlisted_for_fire(world, number)
    case_server.lists.once()

    steps = [EXPIRE, EXTEND]
    assert await shown(world, case_id) == (IN_FORCE, None, steps)
    entries = await world.call("ListListEntries", CHIEF, subject={"credit_code": CODE})
    assert [one.entry.kind for one in entries.entries] == [1]
    gone = (await world.call("GetListEntry", CHIEF, entry_id=f"l-{red}")).entry
    assert plain_day(gone.entry.end_date) == date(2025, 8, 1)

    removed = removal(world, number, late, date(2025, 8, 15))
    case_server.lists.once()
    steps += [EXPIRE]
    assert await shown(world, case_id) == (REMOVED, date(2025, 8, 15), steps)

    world.facts.revoke(removed)
    removal(world, number, late, date(2025, 8, 20))
    case_server.lists.once()
    steps += [EXTEND, EXPIRE]
    assert await shown(world, case_id) == (REMOVED, date(2025, 8, 20), steps)

    world.facts.revoke(late)
    case_server.lists.once()
    steps += [CORRECT, EXPIRE]
    assert await shown(world, case_id) == (REMOVED, date(2025, 7, 3), steps)
    world.facts.revoke(later)
    case_server.lists.once()
    assert (await shown(world, case_id))[2] == steps


# Repeats -------------------------------------------------------------------------


async def test_a_first_listing_that_is_recorded_late_makes_the_next_one_a_repeat(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """In whatever order two listings are recorded, the later one lasts three years."""
    number, _ = world.penalised()
    world.stand_at(date(2025, 6, 3))
    second = (await world.published((await world.opened()).case_id)).case_id
    assert await shown(world, second) == (IN_FORCE, date(2026, 6, 3), [])
    other = world.facts.record(
        "penalty", number, date(2025, 1, 11), major=True, final_date=date(2025, 3, 2)
    )

    nominated: dict[str, Any] = {"record_ids": [f"r-{other}"], "cause": "此前受到处罚"}
    first = await walked(world, date(2025, 5, 6), **nominated)

    assert await shown(world, first) == (IN_FORCE, date(2026, 5, 6), [])
    assert await shown(world, second) == (IN_FORCE, date(2028, 6, 3), [CORRECT])

    world.facts.revoke(other)
    case_server.lists.once()
    assert (await shown(world, first))[0] == CORRECTED
    assert await shown(world, second) == (IN_FORCE, date(2026, 6, 3), [CORRECT, CORRECT])


@ON_SQLITE
async def test_a_listing_after_one_that_was_corrected_is_a_first_one(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """What never counted makes no repeat: a year, and not three."""
    number, penalty = world.penalised()
    world.stand_at(date(2025, 6, 3))
    await world.published((await world.opened()).case_id)
    world.facts.revoke(penalty)
    case_server.lists.once()
    world.facts.record(
        "penalty", number, date(2025, 1, 11), major=True, final_date=date(2025, 3, 2)
    )
    world.stand_at(date(2025, 7, 1))

    again = (await world.published((await world.opened()).case_id)).case_id

    assert await shown(world, again) == (IN_FORCE, date(2026, 7, 1), [])


@ON_SQLITE
async def test_a_repeat_that_was_over_by_the_term_of_a_first_listing_goes_on(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """It expired on 3 June 2026; a listing of 2025 that is recorded then keeps it until 2028."""
    number, _ = world.penalised()
    world.stand_at(date(2025, 6, 3))
    second = (await world.published((await world.opened()).case_id)).case_id
    world.stand_at(date(2026, 6, 4))
    case_server.lists.once()
    assert await shown(world, second) == (REMOVED, date(2026, 6, 3), [EXPIRE])
    other = world.facts.record(
        "penalty", number, date(2025, 1, 11), major=True, final_date=date(2025, 3, 2)
    )

    nominated: dict[str, Any] = {"record_ids": [f"r-{other}"], "cause": "此前受到处罚"}
    await walked(world, date(2025, 5, 6), **nominated)

    assert await shown(world, second) == (IN_FORCE, date(2028, 6, 3), [EXPIRE, CORRECT])
    entries = await world.call("ListListEntries", CHIEF, subject={"credit_code": CODE})
    assert [one.case_id for one in entries.entries] == [second]
