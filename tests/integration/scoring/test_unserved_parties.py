"""Parties whom nothing carries any more once it is decided: nobody serves them a decision."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from models.persons import RoleRow
from tests.fakes.credit_remedies import portal_of
from tests.fakes.list_world import BUREAU, CHIEF, ON_SQLITE, ListWorld
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import WRITER

SERVE, PUBLISH, CLOSE = 11, 12, 13
CLOSED = 12


class Decided:
    """A case that lists a unit and both its principals, decided on 3 June 2025 and not served.

    Attributes:
        unit: The unit.
        gone: A principal whose role turns out never to have been.
        stays: The other one.
        penalty: What carries them.
        case_id: The case.
    """

    def __init__(self, world: ListWorld) -> None:
        """Record the facts, and stand at 3 June."""
        self.world = world
        number, self.penalty = world.penalised()
        self.person = world.principal(number, "赵六")
        self.unit, self.gone = f"e-{number}", f"p-{self.person}"
        self.stays = f"p-{world.principal(number, '孙七')}"
        world.stand_at(date(2025, 6, 3))
        self.case_id = ""

    async def fall(self) -> None:
        """Decide, then learn that one of the persons never was a principal."""
        self.case_id = (await self.world.decided((await self.world.opened()).case_id)).case_id
        with self.world.facts.database.write(caller=WRITER, method="test") as write:
            role = update(RoleRow).where(RoleRow.person_id == self.person)
            write.connection.execute(role.values(superseded_revision=write.revision))
            write.commit()

    async def asked(self) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """Give the next steps and the deadlines, with whom they are about."""
        case = (await self.world.call("GetListCase", CHIEF, case_id=self.case_id)).list_case
        due = await self.world.call("ListDeadlines", CHIEF, authority=BUREAU)
        return (
            [(one.kind, one.party_subject_id) for one in case.next_steps],
            [(one.step.kind, one.step.party_subject_id) for one in due.deadlines],
        )

    async def serve(self, party: str) -> None:
        """Serve the decision on a party."""
        await self.world.take("ServeDecision", CHIEF, case_id=self.case_id, party_subject_id=party)

    async def publish(self) -> Any:  # noqa: ANN401 -- the case.
        """Publish the case."""
        return await self.world.take("PublishListCase", CHIEF, case_id=self.case_id)


async def test_who_is_left_out_is_served_nothing_and_whoever_stands_is(world: ListWorld) -> None:
    """The unit and the other principal are waited for, one by one; then it is published."""
    case = Decided(world)
    await case.fall()
    serve_both = [(SERVE, case.unit), (SERVE, case.stays)]
    assert await case.asked() == ([*serve_both, (CLOSE, "")], serve_both)

    await case.serve(case.unit)
    assert await case.asked() == ([(SERVE, case.stays), (CLOSE, "")], [(SERVE, case.stays)])
    with pytest.raises(RefusedError) as early:
        await case.publish()
    assert (early.value.reason, early.value.facts["step"]) == ("STEP_MISSING", "serve")
    await case.serve(case.stays)
    assert await case.asked() == ([(PUBLISH, ""), (CLOSE, "")], [(PUBLISH, "")])
    published = await case.publish()

    assert {one.entry.subject_id for one in published.entries} == {case.unit, case.stays}
    assert {one.name: one.text for one in published.steps[-1].contents} == {"left_out": case.gone}


@ON_SQLITE
async def test_once_nothing_stands_nobody_is_served(world: ListWorld) -> None:
    """The penalty is revoked, too: the case can be closed, and nothing of it is due."""
    case = Decided(world)
    await case.fall()
    world.facts.revoke(case.penalty)

    assert await case.asked() == ([(CLOSE, "")], [])
    with pytest.raises(RefusedError) as refused:
        await case.publish()
    assert refused.value.reason == "FINAL_PENALTY_MISSING"


@ON_SQLITE
async def test_who_stands_again_is_served_again(world: ListWorld) -> None:
    """The role is recorded anew before the publication, which then waits for that person."""
    case = Decided(world)
    await case.fall()
    await case.serve(case.unit)
    await case.serve(case.stays)
    world.facts.in_office(case.person, int(case.unit.removeprefix("e-")), date(2020, 1, 1))

    assert await case.asked() == ([(SERVE, case.gone), (CLOSE, "")], [(SERVE, case.gone)])
    with pytest.raises(RefusedError) as early:
        await case.publish()
    assert early.value.reason == "STEP_MISSING"


@ON_SQLITE
async def test_who_was_left_out_unserved_learns_that_it_is_over(world: ListWorld) -> None:
    """It had a notice, so it is told how its case ended: without an entry."""
    case = Decided(world)
    await case.fall()
    await case.serve(case.unit)
    await case.serve(case.stays)
    await case.publish()

    portal = replace(portal_of(case.gone), divisions=frozenset({"*"}))
    subject = {"person_id": case.gone}
    (own,) = (await world.call("ListListCases", portal, subject=subject)).list_cases

    assert (own.state, list(own.entries), list(own.next_steps)) == (CLOSED, [], [])
    assert [one.kind for one in own.steps][-1] == PUBLISH
    assert {one.name: one.text for one in own.steps[-1].contents} == {"left_out": case.gone}
