"""What parties do through their portals in a case of several, and texts that say nothing."""

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
    DECISION,
    NOTICE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
)
from tests.fakes.scoring_client import RefusedError

pytestmark = ON_SQLITE

STATE, WAIVE = 4, 5
BLANKS = dict.fromkeys(NOTICE, "\u3000\u200b") | {"measures": "。", "rights": " "}


async def refused(world: ListWorld, method: str, who: Caller, **fields: Any) -> RefusedError:  # noqa: ANN401 -- fields of a request.
    """Give the refusal of a step."""
    with pytest.raises(RefusedError) as error:
        await world.take(method, who, **fields)
    return error.value


async def notified(world: ListWorld) -> tuple[str, str, str]:
    """Tell a unit and its principal of a case on Tuesday 3 June; give case, unit and person."""
    number, _ = world.penalised()
    world.principal(number, "甲某某")
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    case = await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    unit, person = (one.subject_id for one in case.parties)
    return case_id, unit, person


async def test_the_portal_of_a_unit_waives_for_the_unit_alone(world: ListWorld) -> None:
    """Its principal is heard still, and no review begins before that period is over."""
    case_id, unit, person = await notified(world)

    await world.take("RecordStatement", PORTAL, case_id=case_id, waived=True)

    early = await refused(world, "ReviewListCase", CHIEF, case_id=case_id, field=1, opinion=1)
    own = replace(portal_of(person), divisions=frozenset({"*"}))
    case = await world.take(
        "RecordStatement", own, case_id=case_id, party_subject_id=person, statement="当时不在岗"
    )
    ledger = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case.steps
    assert early.reason == "STEP_TOO_EARLY"
    assert [step.kind for step in case.steps if step.kind in {STATE, WAIVE}] == [STATE]
    assert [(step.kind, step.party_subject_id) for step in ledger[-2:]] == [
        (WAIVE, unit),
        (STATE, person),
    ]


async def test_an_authority_records_a_waiver_of_every_party(world: ListWorld) -> None:
    """What a regulator records without a party is of all of them, and the review begins."""
    case_id, _, _ = await notified(world)

    await world.take("RecordStatement", CHIEF, case_id=case_id, waived=True)

    case = await world.take("ReviewListCase", CHIEF, case_id=case_id, field=1, opinion=1)
    assert [step.party_subject_id for step in case.steps if step.kind == WAIVE] == [""]


async def test_a_portal_that_is_a_recorder_too_is_no_authority_here(world: ListWorld) -> None:
    """Recorders take no step of a case, so what it does is its own party's."""
    case_id, unit, _ = await notified(world)
    both = replace(PORTAL, roles=frozenset({"enterprise_portal", "recorder"}))

    await world.take("RecordStatement", both, case_id=case_id, waived=True)

    (waived,) = [
        step
        for step in (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case.steps
        if step.kind == WAIVE
    ]
    assert (waived.party_subject_id, waived.authority) == (unit, "")


async def test_a_portal_dates_its_steps_today(world: ListWorld) -> None:
    """After the period no earlier day helps it; what an authority received then it records then."""
    case_id, unit, _ = await notified(world)
    # Five working days after Tuesday 3 June end on Tuesday 10 June.
    world.stand_at(date(2025, 6, 11))
    said: dict[str, Any] = {
        "case_id": case_id,
        "party_subject_id": unit,
        "statement": "不服",
    }

    earlier = await refused(world, "RecordStatement", PORTAL, **said, day=date(2025, 6, 10))
    late = await refused(world, "RecordStatement", PORTAL, **said, day=date(2025, 6, 11))
    case = await world.take("RecordStatement", CHIEF, **said, day=date(2025, 6, 10))

    assert (earlier.code, earlier.reason) == ("INVALID_ARGUMENT", "STEP_NOT_TODAY")
    assert earlier.facts["today"] == "2025-06-11"
    assert late.reason == "PERIOD_OVER"
    assert case.steps[-1].kind == STATE


async def test_a_redlist_is_applied_for_today(world: ListWorld) -> None:
    """A portal does not date the application by which the store is asked what held."""
    world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    wish: dict[str, Any] = {
        "subject": {"credit_code": CODE},
        "policy_id": "cn.test.redlist",
        "field": 1,
        "inputs": [{"name": "dishonest_acts", "value": 0}],
        "attachments": {"dishonest_acts": "信用报告"},
    }

    error = await refused(world, "ApplyForRedlist", PORTAL, **wish, day=date(2025, 6, 2))

    assert error.reason == "STEP_NOT_TODAY"
    assert (await world.take("ApplyForRedlist", PORTAL, **wish)).state == 1


async def test_a_notice_of_blanks_lacks_its_contents(world: ListWorld) -> None:
    """Blanks and signs are named as missing, each."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)

    error = await refused(world, "NotifyListCase", CHIEF, case_id=case_id, **BLANKS)

    assert error.reason == "CONTENT_MISSING"
    assert set(error.facts["missing"].split(",")) == {"cause", "basis", "measures", "rights"}


async def test_a_decision_of_blanks_lacks_its_contents(world: ListWorld) -> None:
    """What the store knows it has; of the rest blanks around the words are left out."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id

    blank = dict.fromkeys(DECISION.keys() - {"measure_codes"}, "\u200b . \u3000")

    with pytest.raises(RefusedError) as error:
        await world.decided(case_id, **blank)

    assert error.value.reason == "CONTENT_MISSING"
    missing = set(error.value.facts["missing"].split(","))
    assert missing == {"cause", "basis", "measures", "repair", "remedies"}
    spaced = {**DECISION, "cause": "\u3000瞒报 "}
    decided = await world.take("DecideListCase", CHIEF, case_id=case_id, **spaced)
    assert {one.name: one.text for one in decided.steps[-1].contents}["cause"] == "瞒报"


async def test_blank_texts_of_steps_are_named(world: ListWorld) -> None:
    """What a party says, why a department dissents and why a case is closed are words."""
    case_id, _, _ = await notified(world)

    async def missing(method: str, **fields: Any) -> str:  # noqa: ANN401 -- fields of a request.
        error = await refused(world, method, CHIEF, case_id=case_id, **fields)
        assert error.reason == "CONTENT_MISSING"
        return error.facts["missing"]

    assert await missing("RecordStatement", statement="……") == "statement"
    assert await missing("CloseListCase", reason="-") == "reason"
    # Five working days after Tuesday 3 June end on Tuesday 10 June.
    world.stand_at(date(2025, 6, 11))
    assert await missing("ReviewListCase", field=1, opinion=2, reason="\u200b") == "reason"


async def test_who_and_which_document_are_words(world: ListWorld) -> None:
    """The ledger keeps no step of nobody, by nothing, to nobody."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id

    async def wrong(**given: Any) -> list[str]:  # noqa: ANN401 -- fields of a request.
        fields = {"case_id": case_id, "addressee": BUREAU, **given}
        return list((await refused(world, "ReportListCase", CLERK, **fields)).violations)

    assert await wrong(person="\u200b") == ["document.person"]
    assert await wrong(document_number="——") == ["document.document_number"]
    assert await wrong(addressee=" ") == ["addressee"]
    assert await wrong(attachments={"": "\u3000"}) == ["document.title"]
