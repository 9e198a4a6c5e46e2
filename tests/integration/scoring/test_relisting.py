"""Who is listed besides, and again: new parties of an old fact, and new facts of a listed one."""

from collections.abc import Coroutine
from datetime import date
from typing import Any

import pytest

from tests.fakes.list_remedies import uphold
from tests.fakes.list_world import CHIEF, CODE, DECISION, ON_SQLITE, ListWorld, caller
from tests.fakes.scoring_client import RefusedError

pytestmark = ON_SQLITE

OPENED, LATER, DONE = date(2025, 6, 3), date(2026, 1, 5), date(2025, 12, 1)
REMOVED = 2
OTHER = caller("other")


async def refusal(call: Coroutine[Any, Any, Any]) -> RefusedError:
    """Give the refusal of a call that fails a precondition."""
    with pytest.raises(RefusedError) as error:
        await call
    assert error.value.code == "FAILED_PRECONDITION", error.value.message
    return error.value


def nominated(*records: int, persons: tuple[int, ...] = ()) -> dict[str, Any]:
    """Give the fields of a nomination of the unit and some of its persons."""
    return {
        "record_ids": [f"r-{one}" for one in records],
        "person_ids": [f"p-{one}" for one in persons],
        "cause": "事故后瞒报",
    }


# Whom the same fact lists besides -----------------------------------------------------


@pytest.mark.parametrize("by_rule", [True, False], ids=["by-rule", "by-nomination"])
async def test_a_principal_is_listed_after_its_unit(world: ListWorld, *, by_rule: bool) -> None:
    """Whose role was recorded late is listed for the same fact, alone; then nobody is left."""
    number, penalty = world.penalised()
    world.stand_at(OPENED)
    await world.published((await world.opened()).case_id)
    again: dict[str, Any] = {} if by_rule else nominated(penalty)
    nobody_new = await refusal(world.opened(**again))
    principal = world.principal(number, "王小明")
    if not by_rule:
        again = nominated(penalty, persons=(principal,))

    case = await world.opened(**again)
    both = [f"e-{number}", f"p-{principal}"]
    of_both = await refusal(world.decided(case.case_id, party_subject_ids=both))
    case = await world.take("DecideListCase", CHIEF, case_id=case.case_id, **DECISION)
    await world.take("ServeDecision", CHIEF, case_id=case.case_id)
    published = await world.take("PublishListCase", CHIEF, case_id=case.case_id)

    assert nobody_new.reason == of_both.reason == "BASIS_USED_ALREADY"
    assert of_both.facts["party_subject_id"] == f"e-{number}"
    assert {one.name: one.text for one in case.steps[-1].contents}["code"] == f"p-{principal}"
    assert [one.entry.subject_id for one in published.entries] == [f"p-{principal}"]
    assert (await refusal(world.opened(**again))).reason == "BASIS_USED_ALREADY"


async def test_whom_the_first_decision_left_out_is_listed_by_another(world: ListWorld) -> None:
    """The first decision lists the unit alone, the second case the principal."""
    number, _ = world.penalised()
    principal = world.principal(number, "王小明")
    world.stand_at(OPENED)
    case_id = (await world.opened()).case_id
    await world.published(case_id, party_subject_ids=[f"e-{number}"])

    second = await world.published((await world.opened()).case_id)

    assert [one.entry.subject_id for one in second.entries] == [f"p-{principal}"]


# Whoever is listed again --------------------------------------------------------------


@pytest.mark.parametrize(
    ("fact", "refused"),
    [(date(2025, 6, 3), True), (date(2025, 6, 2), False)],
    ids=["on-the-first-day-of-the-listing", "the-day-before"],
)
async def test_another_listing_is_a_relapse(world: ListWorld, fact: date, *, refused: bool) -> None:
    """A minor penalty is no circumstance of the rules; an authority listed for it all the same."""
    number, _ = world.penalised(performed_date=DONE)
    principal = world.principal(number, "王小明")
    world.stand_at(OPENED)
    first = await world.published((await world.opened()).case_id)
    minor = world.facts.record(
        "penalty",
        number,
        fact,
        major=False,
        final_date=date(2025, 7, 1),
        performed_date=DONE,
    )
    world.stand_at(date(2025, 8, 1))
    # A penalty for which nobody was listed keeps nobody.
    named = nominated(minor, persons=(principal,))
    await world.published((await world.opened(**named)).case_id)

    world.stand_at(LATER)
    proof = {"harm_removed": "整改报告"}
    for held in first.entries:
        wish: dict[str, Any] = {"entry_id": held.entry.entry_id}
        await world.take("ApplyForEarlyRemoval", CHIEF, **wish, attachments=proof)
        await world.take("AcceptEarlyRemoval", CHIEF, **wish, opinion=1)
        decision = world.take("DecideEarlyRemoval", CHIEF, **wish, opinion=1)
        if refused:
            error = await refusal(decision)
            assert (error.reason, error.facts["condition"]) == ("CONDITION_UNMET", "no_relapse")
        else:
            after = {one.entry.entry_id: one.state for one in (await decision).entries}
            assert after[held.entry.entry_id] == REMOVED


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "corrected"])
async def test_a_listing_that_never_counted_is_no_relapse(
    world: ListWorld, *, listed: bool
) -> None:
    """The second entry is corrected upon an objection, and keeps the first no more.

    That of its principal, by the same decision and penalty, stays.
    """
    number, _ = world.penalised(performed_date=DONE)
    world.stand_at(OPENED)
    first = await world.published((await world.opened()).case_id)
    minor = world.facts.record(
        "penalty", number, OPENED, major=False, final_date=OPENED, performed_date=DONE
    )
    named = nominated(minor, persons=(world.principal(number, "王小明"),))
    second = await world.published((await world.opened(**named)).case_id)
    if not listed:
        entry_id = second.entries[0].entry.entry_id
        uphold(world, entry_id, "异决1号")
        given: dict[str, Any] = {"reason": "异议成立", "document_number": "异决1号"}
        await world.take("CorrectListEntry", CHIEF, entry_id=entry_id, **given)

    world.stand_at(LATER)
    wish: dict[str, Any] = {"entry_id": first.entries[0].entry.entry_id}
    proof = {"harm_removed": "整改报告"}
    await world.take("ApplyForEarlyRemoval", CHIEF, **wish, attachments=proof)
    await world.take("AcceptEarlyRemoval", CHIEF, **wish, opinion=1)
    decision = world.take("DecideEarlyRemoval", CHIEF, **wish, opinion=1)

    if listed:
        assert (await refusal(decision)).facts["condition"] == "no_relapse"
    else:
        assert (await decision).entries[0].state == REMOVED


@pytest.mark.parametrize(
    ("done", "kept"),
    [
        pytest.param("approved", False, id="approved"),
        pytest.param("decided", True, id="decided"),
        pytest.param("served", True, id="served"),
        pytest.param("dropped", False, id="decided-and-dropped"),
        pytest.param("of-the-principal", False, id="decided-on-its-principal-alone"),
    ],
)
async def test_a_listing_that_is_decided_is_a_relapse_before_it_is_published(
    world: ListWorld, done: str, *, kept: bool
) -> None:
    """From the written decision on, unless its case ends without an entry."""
    number, _ = world.penalised(performed_date=DONE)
    principal = world.principal(number, "王小明")
    world.stand_at(OPENED)
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    minor = world.facts.record(
        "penalty", number, OPENED, major=False, final_date=OPENED, performed_date=DONE
    )
    world.stand_at(LATER)
    wish: dict[str, Any] = {"entry_id": entry_id}
    proof = {"harm_removed": "整改报告"}
    await world.take("ApplyForEarlyRemoval", CHIEF, **wish, attachments=proof)
    await world.take("AcceptEarlyRemoval", CHIEF, **wish, opinion=1)
    case_id = (await world.opened(**nominated(minor, persons=(principal,)))).case_id
    if done == "approved":
        await world.approved(case_id)
    else:
        only = {"party_subject_ids": [f"p-{principal}"]} if done == "of-the-principal" else {}
        await world.decided(case_id, **only)
    if done == "served":
        await world.take("ServeDecision", CHIEF, case_id=case_id)
    if done == "dropped":
        await world.take("CloseListCase", OTHER, case_id=case_id, reason="证据不足", person="吴九")

    decision = world.take("DecideEarlyRemoval", CHIEF, **wish, opinion=1)

    if kept:
        assert (await refusal(decision)).facts["condition"] == "no_relapse"
    else:
        after = {one.entry.entry_id: one.state for one in (await decision).entries}
        assert after[entry_id] == REMOVED


# Who reviews a person's own case ------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "wanted"), [(0b110, [1, 2]), (0b10, [1])], ids=["two-fields", "one-field"]
)
@pytest.mark.parametrize(
    "start_date",
    [date(2025, 1, 10), date(2025, 1, 11)],
    ids=["in-office-on-the-day-of-the-fact", "from-the-day-after"],
)
async def test_the_departments_of_its_unit_review_a_persons_own_case(
    world: ListWorld, start_date: date, fields: int, wanted: list[int]
) -> None:
    """Of the unit of the fact; whoever had none then, of the one of today."""
    number = world.facts.enterprise(credit_code=CODE, fields=fields)
    principal = world.principal(number, "王小明", start_date=start_date)
    fine = world.penalty(principal, person=True)
    world.stand_at(OPENED)

    subject = {"person_id": f"p-{principal}"}
    case = await world.opened(subject=subject, record_ids=[f"r-{fine}"], cause="瞒报")

    assert list(case.review_fields) == wanted


async def test_a_unit_of_another_time_reviews_no_case(world: ListWorld) -> None:
    """In office at the unit of the fact then, and at one of fire safety now: the first alone."""
    number = world.facts.enterprise(credit_code=CODE, fields=0b10)
    principal = world.principal(number, "王小明")
    fine = world.penalty(principal, person=True)
    now = world.facts.enterprise(fields=0b110)
    world.facts.in_office(principal, now, date(2025, 1, 11))
    world.stand_at(OPENED)

    subject = {"person_id": f"p-{principal}"}
    case = await world.opened(subject=subject, record_ids=[f"r-{fine}"], cause="瞒报")

    assert list(case.review_fields) == [1]
