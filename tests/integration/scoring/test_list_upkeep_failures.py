"""What the upkeep of the lists cannot keep right stands among the deadlines until it is mended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, timedelta
from types import ModuleType
from typing import Any

import pytest

from safetycredit.scoring.v1.list_case_pb2 import LIST_ENTRY_STATE_REMOVED as REMOVED
from services.common.errors import Category, SafetyCreditError
from services.scoring.commands.lists import fallen_entries, upkeep_chores
from services.scoring.main import ScoringServer, build_scoring_server
from tests.fakes.clock import FixedClock
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CODE,
    FIRE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    plain_day,
    wire_day,
)

OPENED, ENDED = date(2025, 6, 3), date(2026, 6, 4)
EXPIRE = 14


class LockedError(SafetyCreditError):
    """A refusal that names somebody."""

    reason = "LOCKED"
    category = Category.PRECONDITION


@contextmanager
def failing(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, error: Exception
) -> Iterator[None]:
    """Let a part of the upkeep fail inside a block."""

    def refuse(*_: Any, **__: Any) -> None:  # noqa: ANN401 -- as it is called.
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(module, name, refuse)
        yield


async def listed(world: ListWorld) -> tuple[Any, int, int]:
    """List the enterprise and its principal; give the case and both numbers."""
    number, penalty = world.penalised()
    world.stand_at(OPENED)
    return await world.published((await world.opened()).case_id), number, penalty


async def due(world: ListWorld, **wanted: Any) -> list[Any]:  # noqa: ANN401 -- a filter.
    """List what is due."""
    return list((await world.call("ListDeadlines", CHIEF, **wanted)).deadlines)


async def test_a_case_that_cannot_be_kept_right_is_shown_until_it_is(
    world: ListWorld,
    case_server: ScoringServer,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With its reason and since when, also after a restart; later it is known to have failed."""
    case, number, penalty = await listed(world)
    world.principal(number, "张小丰")
    world.facts.revise(penalty, performed_date=OPENED)
    refused = LockedError("the record of 张小丰 is locked; unlock it")
    since = clock.now()
    with failing(monkeypatch, fallen_entries, "standing_basis", refused):
        case_server.lists.once()
        (first,) = [one for one in await due(world) if one.HasField("failure")]
        clock.advance(timedelta(hours=3))
        restarted = build_scoring_server(case_server.settings, clock=clock)
        restarted.lists.once()
        restarted.close()
        (second,) = await due(world, overdue=True)
    known = clock.now()
    clock.advance(timedelta(hours=1))

    case_server.lists.once()

    assert first.case_id == case.case_id
    assert not first.HasField("step")
    failure = first.failure
    assert (failure.chore, failure.reason, failure.entry_id) == ("basis", "LOCKED", "")
    assert failure.authority == BUREAU
    assert failure.message == "the record of 张＊ is locked; unlock it"
    started = failure.since_time.ToDatetime(UTC)
    assert since <= started < since + timedelta(minutes=1)
    assert second.failure == failure
    assert not [one for one in await due(world) if one.HasField("failure")]
    (then,) = await due(world, known_at=known, overdue=True)
    assert then.failure == failure


@ON_SQLITE
async def test_a_term_that_cannot_be_ended_is_shown_beside_its_step(
    world: ListWorld, case_server: ScoringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step was due on 3 June 2026; why it is not done stands beside it until it is."""
    case, _, _ = await listed(world)
    with failing(monkeypatch, upkeep_chores, "put_term_right", KeyError("李四")):
        world.stand_at(ENDED)
        case_server.lists.once()
        step, failed = await due(world, overdue=True)
        of_step = await due(world, step=EXPIRE)
        before = await due(world, due_before=wire_day(ENDED))
    case_server.lists.once()

    assert (step.step.kind, plain_day(step.step.due_date)) == (EXPIRE, date(2026, 6, 3))
    entry_id = case.entries[0].entry.entry_id
    assert (failed.failure.chore, failed.failure.entry_id) == ("term", entry_id)
    # What a mistake says may be anything, and somebody's name.
    assert failed.failure.reason == "INTERNAL"
    assert "李四" not in failed.failure.message
    assert [one.HasField("failure") for one in (*of_step, *before)] == [False, False]
    assert await due(world, overdue=True) == []
    (held,) = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case.entries
    assert held.state == REMOVED


@ON_SQLITE
@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        pytest.param({"authority": BUREAU}, 1, id="its-authority"),
        pytest.param({"authority": FIRE}, 0, id="another-authority"),
        pytest.param({"field": 1}, 1, id="its-field"),
        pytest.param({"field": 2}, 0, id="another-field"),
        pytest.param({"list": 1}, 1, id="its-list"),
        pytest.param({"list": 2}, 0, id="another-list"),
        pytest.param({"subject": {"credit_code": CODE}}, 1, id="its-subject"),
    ],
)
async def test_failures_are_filtered_as_deadlines_are(
    world: ListWorld,
    case_server: ScoringServer,
    monkeypatch: pytest.MonkeyPatch,
    wanted: dict[str, Any],
    shown: int,
) -> None:
    """By authority, field, list and party."""
    _, _, penalty = await listed(world)
    world.facts.revise(penalty, performed_date=OPENED)
    with failing(monkeypatch, fallen_entries, "standing_basis", KeyError("")):
        case_server.lists.once()

    found = await due(world, overdue=True, **wanted)

    assert [one.failure.chore for one in found] == ["basis"] * shown


@ON_SQLITE
async def test_a_party_is_told_of_no_failure(
    world: ListWorld, case_server: ScoringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the service cannot do is a matter of the authority."""
    _, _, penalty = await listed(world)
    world.facts.revise(penalty, performed_date=OPENED)
    with failing(monkeypatch, fallen_entries, "standing_basis", KeyError("")):
        case_server.lists.once()
    own = {"subject": {"credit_code": CODE}}

    answer = await world.call("ListDeadlines", PORTAL, **own)

    assert [one for one in answer.deadlines if one.HasField("failure")] == []
    assert len([one for one in await due(world, **own) if one.HasField("failure")]) == 1


@ON_SQLITE
async def test_pages_hold_failures_too(
    world: ListWorld, case_server: ScoringServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three cases that fail stand on three pages of one."""
    for _ in range(3):
        number = world.facts.enterprise()
        penalty = world.penalty(number)
        world.stand_at(OPENED)
        wish = {"subject": {"enterprise_id": f"e-{number}"}}
        await world.published((await world.opened(**wish)).case_id)
        world.facts.revise(penalty, performed_date=OPENED)
    with failing(monkeypatch, fallen_entries, "standing_basis", KeyError("")):
        case_server.lists.once()
    found: list[str] = []
    token = ""
    while not found or token:
        page = await world.call("ListDeadlines", CHIEF, overdue=True, page_size=1, page_token=token)
        found += [one.case_id for one in page.deadlines]
        token = page.next_page_token

    assert len(found) == len(set(found)) == 3
