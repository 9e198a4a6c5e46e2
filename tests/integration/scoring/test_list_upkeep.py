"""The upkeep of the lists as a whole: it goes on, whatever is wrong with one case, and rests."""

from datetime import date
from typing import Any

import pytest

from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_CORRECTED as CORRECTED
from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_IN_FORCE as IN_FORCE
from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_REMOVED as REMOVED
from services.scoring.commands.lists import fallen_entries
from services.scoring.commands.lists.list_grounds import find_by_rule
from services.scoring.main import ScoringServer
from tests.fakes.list_world import CHIEF, ON_SQLITE, ListWorld

OPENED, YEARS_LATER = date(2025, 6, 3), date(2028, 9, 1)


async def listed(world: ListWorld, **opened: Any) -> str:  # noqa: ANN401 -- fields of a request.
    """List an enterprise; give its case."""
    world.stand_at(OPENED)
    case_id: str = (await world.published((await world.opened(**opened)).case_id)).case_id
    return case_id


async def state(world: ListWorld, case_id: str) -> int:
    """Give the state of the only entry of a case."""
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    (held,) = case.entries
    found: int = held.state
    return found


@ON_SQLITE
async def test_what_is_wrong_with_one_case_keeps_no_other_waiting(
    world: ListWorld, case_server: ScoringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in looking at one case is logged; terms end all the same, and it is tried again."""
    _, penalty = world.penalised()
    case_id = await listed(world)
    world.facts.revise(penalty, performed_date=OPENED)
    world.stand_at(YEARS_LATER)
    tried: list[int] = []

    def mistaken(*_: Any, **__: Any) -> None:  # noqa: ANN401 -- as it is called.
        tried.append(1)
        raise KeyError("a mistake")

    monkeypatch.setattr(fallen_entries, "standing_basis", mistaken)
    case_server.lists.once()
    case_server.lists.once()

    assert await state(world, case_id) == REMOVED
    assert len(tried) == 2


@ON_SQLITE
async def test_a_case_that_stands_is_looked_at_once_for_each_change(
    world: ListWorld, case_server: ScoringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own record's new edition is one; what is written about others afterwards is none."""
    _, penalty = world.penalised()
    case_id = await listed(world)
    looked: list[int] = []

    def counted(*args: Any, **named: Any) -> Any:  # noqa: ANN401 -- as it is called.
        looked.append(1)
        return find_by_rule(*args, **named)

    case_server.lists.once()
    monkeypatch.setattr("services.scoring.commands.lists.list_standing.find_by_rule", counted)
    world.facts.revise(penalty, performed_date=OPENED)
    case_server.lists.once()
    after_the_change = len(looked)
    world.facts.enterprise()
    case_server.lists.once()

    assert (after_the_change, len(looked)) == (1, 1)
    assert await state(world, case_id) == IN_FORCE


@ON_SQLITE
async def test_a_nomination_falls_with_the_field_of_its_penalty(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Corrected to fire safety, the penalty is no ground of a work-safety listing any more."""
    _, penalty = world.penalised()
    case_id = await listed(world, record_ids=[f"r-{penalty}"], cause="受到处罚")
    world.facts.revise(penalty, field=2)

    case_server.lists.once()

    assert await state(world, case_id) == CORRECTED
