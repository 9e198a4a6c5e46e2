"""The procedure of the redlists over loopback: application, publicity, loss."""

from datetime import date
from typing import Any

import pytest

from services.scoring.main import ScoringServer
from tests.fakes.list_world import (
    CHIEF,
    CODE,
    LISTED,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    plain_day,
    redlisted,
    wire_day,
)
from tests.fakes.scoring_client import RefusedError


async def test_a_redlist_case_walks_from_application_to_loss(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Three years from the publication, and lost at once when a condition breaks."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))

    case = await redlisted(world)

    red: dict[str, Any] = {"policy_id": "cn.test.redlist"}
    assert (case.origin, case.state) == (3, 10)
    assert case.steps[0].attachments[0].proves == "dishonest_acts"
    assert plain_day(case.entries[0].entry.end_date) == date(2028, 6, 11)
    assert (await world.status(**red)).standing == LISTED
    case_server.lists.once()
    assert (await world.status(**red)).standing == LISTED

    world.facts.record("penalty", number, date(2025, 6, 5))
    case_server.lists.once()

    after = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case
    assert after.entries[0].removal.reason == 4
    assert after.steps[-1].kind == 21
    assert (await world.status(**red)).standing != LISTED


@ON_SQLITE
async def test_a_person_can_be_redlisted(world: ListWorld) -> None:
    """A person's application goes the same way; the entry shows the name masked."""
    number = world.facts.enterprise(credit_code=CODE)
    person = world.principal(number, "王小明")
    world.stand_at(date(2025, 6, 3))

    case = await redlisted(world, {"person_id": f"p-{person}"})

    assert [(one.entry.subject_id, one.entry.name) for one in case.entries] == [
        (f"p-{person}", "王＊")
    ]


@ON_SQLITE
async def test_an_application_is_checked_by_rule_and_evidence(world: ListWorld) -> None:
    """An unproved answer, a broken condition and a blacklisted applicant are each refused."""
    number = world.facts.enterprise(credit_code=CODE)

    async def refused(value: int = 0, **fields: Any) -> str:  # noqa: ANN401 -- fields of a request.
        with pytest.raises(RefusedError) as error:
            await world.take(
                "ApplyForRedlist",
                PORTAL,
                subject={"credit_code": CODE},
                policy_id="cn.test.redlist",
                inputs=[{"name": "dishonest_acts", "value": value}],
                **fields,
            )
        if "unmet" in error.value.facts:
            unmet.append(error.value.facts["unmet"])
        return error.value.reason

    unmet: list[str] = []
    proof = {"dishonest_acts": "信用报告"}
    assert await refused(attachments=proof) == "FIELD_OF_CASE_UNCLEAR"
    assert await refused(field=1) == "EVIDENCE_MISSING"
    assert await refused(1, field=1, attachments=proof) == "CONDITION_UNMET"
    assert unmet == ["dishonest_acts"]
    assert await refused(-1, field=1, attachments=proof) == "INPUT_UNKNOWN"
    world.penalty(number)
    assert await refused(field=1, attachments=proof) == "CONDITION_UNMET"
    assert await refused(1, field=1, attachments=proof) == "CONDITION_UNMET"
    assert unmet == ["dishonest_acts", "penalties", "penalties,dishonest_acts"]
    await world.published((await world.opened()).case_id)
    assert await refused(field=1, attachments=proof) == "ON_OTHER_LIST"


async def test_nobody_is_on_both_lists_of_a_field(world: ListWorld) -> None:
    """Who is blacklisted leaves the redlist of the field on the first day of the listing."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    red = await redlisted(world)
    world.stand_at(date(2025, 7, 1))
    world.penalty(number)

    black = await world.published((await world.opened()).case_id)

    after = (await world.call("GetListCase", CHIEF, case_id=red.case_id)).list_case
    start_date = plain_day(black.entries[0].entry.start_date)
    assert plain_day(after.entries[0].entry.end_date) == start_date == date(2025, 7, 1)
    for day in (date(2025, 6, 30), date(2025, 7, 1)):
        entries = await world.call(
            "ListListEntries", CHIEF, subject={"credit_code": CODE}, as_of=wire_day(day)
        )
        assert len(entries.entries) == 1


@ON_SQLITE
async def test_a_redlisting_is_restored_with_the_correction_of_what_ended_it(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """As if the blacklisting had never been; its own conditions hold again."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    red = await redlisted(world)
    world.stand_at(date(2025, 7, 1))
    penalty = world.penalty(number)
    await world.published((await world.opened()).case_id)
    lists = {"subject": {"credit_code": CODE}}
    listed = (await world.call("ListListEntries", CHIEF, **lists)).entries
    assert [one.entry.kind for one in listed] == [1]

    world.facts.revoke(penalty)
    case_server.lists.once()

    listed = (await world.call("ListListEntries", CHIEF, **lists)).entries
    assert [(one.entry.kind, one.case_id) for one in listed] == [(2, red.case_id)]
    assert plain_day(listed[0].entry.end_date) == date(2028, 6, 11)
