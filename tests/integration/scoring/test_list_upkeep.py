"""The upkeep of the lists as a whole: it goes on, whatever is wrong with one case, and rests."""

from datetime import date
from typing import Any

import pytest
from structlog.testing import capture_logs

from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_CORRECTED as CORRECTED
from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_IN_FORCE as IN_FORCE
from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_REMOVED as REMOVED
from services.scoring.commands.lists import fallen_entries, keep_lists_right
from services.scoring.commands.lists.list_grounds import find_by_rule
from services.scoring.main import ScoringServer
from tests.fakes.list_world import CHIEF, CODE, ON_SQLITE, ListWorld

OTHER_CODE = "91110111YY0000060A"
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
    """It is logged once for each reason, and tried at each look; terms end all the same."""
    _, penalty = world.penalised()
    case_id = await listed(world)
    world.facts.revise(penalty, performed_date=OPENED)
    world.stand_at(YEARS_LATER)
    mistakes = ["one", "one", "another", "another"]
    left = iter(mistakes)

    def mistaken(*_: Any, **__: Any) -> None:  # noqa: ANN401 -- as it is called.
        raise KeyError(next(left))

    with capture_logs() as logs:
        with monkeypatch.context() as patch:
            patch.setattr(fallen_entries, "standing_basis", mistaken)
            for _ in mistakes:
                case_server.lists.once()
        case_server.lists.once()

    assert await state(world, case_id) == REMOVED
    assert next(left, None) is None
    failures = [one for one in logs if one["event"] == "list_work_failed"]
    assert [(one["chore"], f"c-{one['number']}") for one in failures] == [("basis", case_id)] * 2


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


@ON_SQLITE
@pytest.mark.parametrize(
    ("since", "found"),
    [
        pytest.param(date(2025, 6, 3), CORRECTED, id="on-the-day-of-the-case"),
        pytest.param(date(2025, 6, 4), IN_FORCE, id="a-day-later"),
    ],
)
async def test_a_listing_falls_with_what_makes_its_list_apply(
    world: ListWorld, case_server: ScoringServer, since: date, found: int
) -> None:
    """No trader on the day of its case, by what is recorded later, it is on no list of traders."""
    number = world.facts.enterprise(credit_code=CODE, kind=2)
    world.penalty(number)
    case_id = await listed(world, policy_id="cn.test.traders-blacklist", field=1)
    case_server.lists.once()
    assert await state(world, case_id) == IN_FORCE

    world.facts.change(number, since, kind=1)
    case_server.lists.once()

    assert await state(world, case_id) == found


@ON_SQLITE
@pytest.mark.parametrize("limit", ["CHANGED_AT_ONCE", "CHANGED_MAX"])
async def test_however_many_were_written_about_each_is_looked_at(
    world: ListWorld, case_server: ScoringServer, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """With room for one subject at a time, and with room for one at all, both entries fall."""
    _, penalty = world.penalised()
    other = world.facts.enterprise(credit_code=OTHER_CODE)
    penalties = [penalty, world.penalty(other)]
    cases = [await listed(world), await listed(world, subject={"credit_code": OTHER_CODE})]
    case_server.lists.once()
    monkeypatch.setattr(keep_lists_right, limit, 1)

    for one in penalties:
        world.facts.revoke(one)
    case_server.lists.once()

    assert [await state(world, case_id) for case_id in cases] == [CORRECTED, CORRECTED]
