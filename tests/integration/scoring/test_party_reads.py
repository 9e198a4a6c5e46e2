"""What portals read of the cases of their own party: its part and its periods, once it was told."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.common.identity import Caller
from tests.fakes.credit_remedies import portal_of
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

pytestmark = ON_SQLITE

STATE = 4
UNIT: dict[str, Any] = {"subject": {"credit_code": CODE}}


async def reported(world: ListWorld) -> tuple[str, str]:
    """Report a case of a unit and its principal on Tuesday 3 June; give case and person."""
    number, _ = world.penalised()
    world.principal(number, "甲某某")
    world.stand_at(date(2025, 6, 3))
    case = await world.opened()
    await world.take("ReportListCase", CLERK, case_id=case.case_id, addressee=BUREAU)
    return case.case_id, case.parties[1].subject_id


async def refusal(world: ListWorld, method: str, who: Caller, **fields: Any) -> str:  # noqa: ANN401 -- fields of a request.
    """Give the reason why a call is refused."""
    with pytest.raises(RefusedError) as error:
        await world.call(method, who, **fields)
    return error.value.reason


async def test_a_party_learns_of_its_case_when_it_is_told(world: ListWorld) -> None:
    """Before the notice it is refused as anybody's case is, and finds none in its lists."""
    case_id, _ = await reported(world)

    before = await refusal(world, "GetListCase", PORTAL, case_id=case_id)
    none = await world.call("ListListCases", PORTAL, **UNIT)
    nothing = await world.call("ListDeadlines", PORTAL, **UNIT)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    told = (await world.call("GetListCase", PORTAL, case_id=case_id)).list_case
    (found,) = (await world.call("ListListCases", PORTAL, **UNIT)).list_cases

    assert before == await refusal(world, "GetListCase", PORTAL, case_id="c-77") == "OTHER_SUBJECT"
    assert (len(none.list_cases), len(nothing.deadlines)) == (0, 0)
    assert [one.credit_code for one in told.parties] == [CODE]
    assert (found.case_id, list(found.parties)) == (case_id, list(told.parties))


async def test_every_party_sees_its_own_period_and_no_other(world: ListWorld) -> None:
    """Five working days from the notice of Tuesday 3 June end on the 10th, for each of both."""
    case_id, person = await reported(world)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    own = replace(portal_of(person), divisions=frozenset({"*"}))
    of_person: dict[str, Any] = {"subject": {"person_id": person}}

    unit_due = (await world.call("ListDeadlines", PORTAL, **UNIT)).deadlines
    person_due = (await world.call("ListDeadlines", own, **of_person)).deadlines
    all_due = (await world.call("ListDeadlines", CHIEF, **UNIT)).deadlines
    case = await world.call("GetListCase", own, case_id=case_id, party_subject_id=person)

    (mine,) = [one.step for one in person_due]
    assert (mine.kind, mine.party_subject_id) == (STATE, person)
    assert plain_day(mine.due_date) == date(2025, 6, 10)
    assert [one.step.party_subject_id != person for one in unit_due] == [True]
    assert {one.step.kind for one in all_due} > {STATE}
    assert [one.subject_id for one in case.list_case.parties] == [person]
    assert "甲某某" not in str(case)


async def test_nobody_reads_what_is_anothers(world: ListWorld) -> None:
    """Without naming itself, or naming another, a portal is refused; it sees no full names."""
    case_id, person = await reported(world)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    own = replace(portal_of(person), divisions=frozenset({"*"}))

    refused = [
        await refusal(world, "GetListCase", own, case_id=case_id),
        await refusal(world, "ListListCases", PORTAL),
        await refusal(world, "ListDeadlines", PORTAL),
        await refusal(world, "ListListCases", own, **UNIT),
        await refusal(world, "ListDeadlines", own, **UNIT),
    ]

    assert refused == ["OTHER_SUBJECT"] * 5
    wanted = {"case_id": case_id, "full_names": True}
    assert await refusal(world, "GetListCase", PORTAL, **wanted) == "NAMES_NOT_ENTITLED"
