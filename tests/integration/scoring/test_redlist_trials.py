"""Dry runs of redlist policies: who is on the list and would lose it, for what, by which clause."""

from datetime import date
from typing import Any

import pytest
from google.type.date_pb2 import Date

from services.scoring.main import ScoringServer
from tests.fakes.list_policies import REDLIST
from tests.fakes.list_world import CODE, ON_SQLITE, ListWorld, redlisted
from tests.fakes.policy_desk import PolicyDesk

APPLIED = date(2025, 6, 3)
AUTUMN = Date(year=2025, month=9, day=1)
LATER = REDLIST.replace('version: "2020"', 'version: "2025"').replace(
    "start_date: 2020-01-01", "start_date: 2025-08-01", 1
)
STRICT = LATER.replace("window: {last: {years: 3}}", "window: {last: {years: 5}}")
ASKING = LATER.replace(
    "    inputs:\n", "    inputs:\n      fines: {from: request, unit: CNY, if_missing: no_data}\n"
).replace("dishonest_acts: 0,", "dishonest_acts: 0, fines: 0,")
NARROW = LATER.replace(
    "    inputs:\n",
    "    applies: {kind: individual_trader}\n    inputs:\n"
    "      kind: {from: subject, if_missing: unknown}\n",
)


async def tried(world: ListWorld, server: ScoringServer, content: str) -> Any:  # noqa: ANN401 -- the impact.
    """Try a redlist policy; give what it would do to the entries in force."""
    desk = PolicyDesk(world.channel)
    started = await desk.call("StartSimulation", content=content.lstrip().encode(), as_of=AUTUMN)
    while server.trials[0].once():
        pass
    number = started.simulation.simulation_id
    answer = await desk.call("GetSimulation", simulation_id=number)
    (impact,) = answer.simulation.impacts
    assert impact.HasField("redlist")
    return impact.redlist


async def listed(world: ListWorld, penalty: date | None) -> tuple[int, str]:
    """Put an enterprise on the redlist on 11 June 2025; give its number and the entry's name."""
    world.stand_at(APPLIED)
    number = world.facts.enterprise(credit_code=CODE)
    if penalty is not None:
        world.facts.record("penalty", number, penalty)
    case = await redlisted(world)
    return number, str(case.entries[0].entry.entry_id)


@pytest.mark.parametrize(
    ("penalty", "lost"),
    [
        pytest.param(date(2020, 8, 1), 0, id="five-years-before-it-is-law"),
        pytest.param(date(2020, 8, 2), 1, id="within-five-years-on-its-first-day"),
        pytest.param(date(2020, 9, 2), 1, id="within-five-years-on-the-day-asked-for"),
    ],
)
async def test_who_would_lose_the_redlist_is_named_with_the_clause(
    world: ListWorld, case_server: ScoringServer, penalty: date, lost: int
) -> None:
    """The penalty is none of the last three years; of the last five it is one for a while.

    The candidate would be law since 2025-08-01, and the entry lost on the first day on which it
    breaks a condition, though it broke none any more on 2025-09-01.
    """
    _, entry = await listed(world, penalty)

    found = await tried(world, case_server, STRICT)

    assert (found.entries, found.lost, found.undecided) == (1, lost, 0)
    assert [
        (one.entry_id, one.credit_code, [(u.name, u.source.article) for u in one.unmet])
        for one in found.losses
    ] == [(entry, CODE, [("penalties", "第二条")])] * lost
    assert all(
        (one.start_date, one.end_date)
        == (Date(year=2025, month=6, day=11), Date(year=2028, month=6, day=11))
        for one in found.losses
    )


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "lost", "undecided", "unmet"),
    [
        pytest.param(LATER, 0, 0, "", id="the-same-conditions"),
        pytest.param(ASKING, 0, 1, "", id="an-answer-that-nobody-gave"),
        pytest.param(NARROW, 1, 0, "applies", id="for-others-alone"),
    ],
)
async def test_what_the_applicant_answered_counts_in_a_dry_run(
    world: ListWorld,
    case_server: ScoringServer,
    content: str,
    lost: int,
    undecided: int,
    unmet: str,
) -> None:
    """Without the answer of the application no entry could be judged; a new question has none."""
    await listed(world, None)

    found = await tried(world, case_server, content)

    assert (found.entries, found.lost, found.undecided) == (1, lost, undecided)
    assert [one.unmet[0].name for one in found.losses] == ([unmet] if unmet else [])


@ON_SQLITE
async def test_what_is_lost_by_the_law_in_force_is_no_loss_of_the_candidate(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """A penalty of yesterday breaks both; nobody has looked at the entry since."""
    number, _ = await listed(world, None)
    world.facts.record("penalty", number, date(2025, 8, 31))

    found = await tried(world, case_server, STRICT)

    assert (found.entries, found.lost) == (1, 0)
