"""Hearings over the wire: asked for, held, and only then reviewed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    NOTICE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    plain_day,
)
from tests.fakes.scoring_client import RefusedError

ASK, HOLD, REVIEW = 22, 23, 7
EQUIPMENT = 5
JUDGE = replace(CHIEF, identity="judge")


async def notified(world: ListWorld, policy_id: str = "cn.test.hearing-blacklist") -> str:
    """Open a case, and serve its notice on Wednesday 4 June."""
    # Bit 5 is special equipment.
    number = world.facts.enterprise(credit_code=CODE, fields=0b100010)
    world.penalty(number)
    world.stand_at(date(2025, 6, 3))
    case_id: str = (await world.opened(policy_id=policy_id)).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    world.stand_at(date(2025, 6, 4))
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    return case_id


async def refused(world: ListWorld, method: str, **fields: Any) -> str:  # noqa: ANN401 -- fields of a request.
    """Give the reason for which a step is refused."""
    with pytest.raises(RefusedError) as error:
        await world.take(method, fields.pop("by", JUDGE), **{"person": "吴", **fields})
    return error.value.reason


async def test_a_demanded_hearing_comes_before_the_review(world: ListWorld) -> None:
    """Asked for through the portal, due within 30 days, held after seven working days."""
    case_id = await notified(world)
    await world.take("AskForHearing", PORTAL, case_id=case_id)
    review = {"case_id": case_id, "field": 1, "opinion": 1, "by": CHIEF}
    world.stand_at(date(2025, 6, 30))

    due = await world.call("ListDeadlines", CHIEF, step=HOLD)
    assert await refused(world, "ReviewListCase", **review) == "STEP_MISSING"
    assert await refused(world, "HoldHearing", case_id=case_id) == "CONTENT_MISSING"
    own = {"case_id": case_id, "outcome": "维持", "person": "赵一"}
    assert await refused(world, "HoldHearing", **own) == "INVESTIGATOR_MAY_NOT_PRESIDE"
    held = await world.take(
        "HoldHearing", JUDGE, case_id=case_id, person="吴", outcome="当事人陈述意见，建议列入"
    )

    # Thirty days after 4 June.
    (one,) = due.deadlines
    assert (one.case_id, plain_day(one.step.due_date)) == (case_id, date(2025, 7, 4))
    assert one.step.authority == BUREAU
    assert [step.kind for step in held.steps][-2:] == [ASK, HOLD]
    assert held.steps[-2].authority == ""
    assert {part.name: part.text for part in held.steps[-1].contents} == {
        "outcome": "当事人陈述意见，建议列入"
    }
    assert REVIEW in {step.kind for step in held.next_steps}


@ON_SQLITE
async def test_a_hearing_is_refused_out_of_order(world: ListWorld) -> None:
    """Nobody holds one that nobody asked for; nobody asks twice, or too late."""
    case_id = await notified(world)
    hold: dict[str, Any] = {"case_id": case_id, "outcome": "维持"}

    assert await refused(world, "HoldHearing", **hold) == "STEP_MISSING"
    asked = {"case_id": case_id, "party_subject_id": "e-9"}
    assert await refused(world, "AskForHearing", **asked) == "PARTY_UNKNOWN"
    # Five working days after 4 June end on Wednesday 11 June.
    world.stand_at(date(2025, 6, 12))
    assert await refused(world, "AskForHearing", case_id=case_id, by=PORTAL) == "PERIOD_OVER"
    await world.take("AskForHearing", CHIEF, case_id=case_id, day=date(2025, 6, 11))
    assert await refused(world, "AskForHearing", case_id=case_id, by=PORTAL) == "STEP_REPEATED"
    # Seven working days after 11 June end on Friday 20 June.
    world.stand_at(date(2025, 6, 19))
    assert await refused(world, "HoldHearing", **hold) == "STEP_TOO_EARLY"
    world.stand_at(date(2025, 6, 20))
    await world.take("HoldHearing", JUDGE, person="吴", **hold)
    assert await refused(world, "HoldHearing", **hold) == "STEP_REPEATED"
    assert await refused(world, "HoldHearing", **{**hold, "case_id": "c-9"}) == "CASE_UNKNOWN"


@ON_SQLITE
async def test_a_list_whose_procedure_has_no_hearing_holds_none(world: ListWorld) -> None:
    """As before: it is neither offered nor accepted."""
    case_id = await notified(world, policy_id="cn.test.blacklist")

    assert await refused(world, "AskForHearing", case_id=case_id) == "HEARING_NOT_PROVIDED"
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    assert not {ASK, HOLD} & {step.kind for step in case.next_steps}
