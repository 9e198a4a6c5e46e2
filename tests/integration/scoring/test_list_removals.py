"""How entries leave a list: early, by deceit, by correction, at the end of their term."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.scoring.main import ScoringServer
from tests.fakes.list_remedies import uphold
from tests.fakes.list_world import (
    CANDIDATE,
    CHIEF,
    CLERK,
    CODE,
    DECISION,
    FIREMAN,
    LISTED,
    NOT_LISTED,
    NOTICE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
    plain_day,
    redlisted,
    wire_day,
)
from tests.fakes.scoring_client import RefusedError


async def test_early_removal_and_its_withdrawal_for_deceit(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """After six months, with every condition met; by deceit the entry is as if never removed."""
    number, _ = world.penalised(performed_date=date(2025, 5, 1))
    world.stand_at(date(2025, 6, 3))
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id

    async def refused(method: str, **fields: Any) -> str:  # noqa: ANN401 -- fields of a request.
        with pytest.raises(RefusedError) as error:
            await world.take(method, CHIEF, **{"entry_id": entry_id, **fields})
        return error.value.reason

    world.stand_at(date(2025, 12, 2))
    assert await refused("ApplyForEarlyRemoval") == "STEP_TOO_EARLY"
    world.stand_at(date(2025, 12, 3))
    assert await refused("DecideEarlyRemoval", opinion=1) == "STEP_MISSING"
    case = await world.take("ApplyForEarlyRemoval", PORTAL, entry_id=entry_id)
    assert case.steps[-1].authority == ""
    assert await refused("ApplyForEarlyRemoval") == "STEP_REPEATED"
    accept = next(step for step in case.next_steps if step.kind == 17)
    assert plain_day(accept.due_date) == date(2025, 12, 10)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    assert await refused("DecideEarlyRemoval", opinion=1) == "EVIDENCE_MISSING"
    assert await refused("DecideEarlyRemoval", opinion=2) == "CONTENT_MISSING"
    ban = world.facts.record(
        "penalty", number, date(2025, 1, 10), sanctions=1 << 11, performed_date=date(2025, 5, 1)
    )
    proof = {"harm_removed": "整改报告"}
    assert await refused("DecideEarlyRemoval", opinion=1, attachments=proof) == (
        "EARLY_REMOVAL_EXCLUDED"
    )
    world.facts.revoke(ban)
    case = await world.take(
        "DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1, attachments=proof
    )
    assert (case.state, case.entries[0].removal.reason) == (11, 2)
    assert (await world.status()).standing == CANDIDATE
    assert (await world.status(as_of=wire_day(date(2025, 12, 2)))).standing == LISTED

    world.stand_at(date(2026, 2, 2))
    assert await refused("WithdrawEarlyRemoval") == "CONTENT_MISSING"
    case = await world.take(
        "WithdrawEarlyRemoval", CHIEF, entry_id=entry_id, reason="整改报告系伪造"
    )
    assert (case.state, case.entries[0].state) == (10, 1)
    # The term of one year restarts on the day of the withdrawal.
    assert plain_day(case.entries[0].entry.end_date) == date(2027, 2, 2)
    assert (await world.status(as_of=wire_day(date(2026, 1, 1)))).standing == LISTED
    assert await refused("WithdrawEarlyRemoval", reason="再次") == "ENTRY_NOT_IN_FORCE"
    assert await refused("ApplyForEarlyRemoval") == "STEP_TOO_EARLY"
    for today, state in ((date(2027, 2, 1), 1), (date(2027, 2, 2), 2)):
        world.stand_at(today)
        case_server.lists.once()
        case = (await world.call("GetListCase", CHIEF, case_id=case.case_id)).list_case
        assert case.entries[0].state == state
    assert plain_day(case.entries[0].removal.removal_date) == date(2027, 2, 2)


@ON_SQLITE
async def test_conditions_of_early_removal_are_looked_up(world: ListWorld) -> None:
    """An unperformed penalty and a new circumstance each keep the entry."""
    number, penalty = world.penalised()
    world.stand_at(date(2025, 6, 3))
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    world.stand_at(date(2026, 1, 5))
    proof = {"harm_removed": "整改报告"}
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id, attachments=proof)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)

    async def condition() -> str:
        with pytest.raises(RefusedError) as error:
            await world.take("DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
        assert error.value.reason == "CONDITION_UNMET"
        return error.value.message

    assert "penalty_performed" in await condition()
    world.facts.revise(penalty, performed_date=date(2025, 12, 1))
    again = world.facts.record(
        "penalty",
        number,
        date(2025, 9, 1),
        major=True,
        final_date=date(2025, 10, 1),
        performed_date=date(2025, 11, 1),
    )
    assert "no_relapse" in await condition()
    world.facts.revoke(again)
    case = await world.take("DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    assert case.entries[0].state == 2


async def accepted(world: ListWorld) -> tuple[int, str]:
    """List the unit on 3 June 2025 for a year; accept its application on 5 December."""
    number, _ = world.penalised(performed_date=date(2025, 4, 1))
    world.stand_at(date(2025, 6, 3))
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    world.stand_at(date(2025, 12, 5))
    proof = {"harm_removed": "整改报告"}
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id, attachments=proof)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    return number, entry_id


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            {"major": True, "final_date": date(2025, 12, 8)}, "CONDITION_UNMET", id="relapse"
        ),
        pytest.param({"sanctions": 1 << 8}, "EARLY_REMOVAL_EXCLUDED", id="ban"),
        pytest.param({}, "", id="neither"),
    ],
)
async def test_an_early_removal_passes_over_nothing_that_is_recorded(
    world: ListWorld, body: dict[str, Any], reason: str
) -> None:
    """Of 8 December, known on the 20th: a decision that is dated on the 5th is refused as well."""
    number, entry_id = await accepted(world)
    world.facts.record("penalty", number, date(2025, 12, 8), **body)
    world.stand_at(date(2025, 12, 20))
    found: list[str] = []

    for day in (date(2025, 12, 20), date(2025, 12, 5)):
        try:
            wish: dict[str, Any] = {"entry_id": entry_id, "opinion": 1, "day": day}
            await world.take("DecideEarlyRemoval", CHIEF, **wish)
        except RefusedError as refused:
            found.append(refused.reason)

    assert found == ([reason] * 2 if reason else ["ENTRY_NOT_IN_FORCE"])
    assert (await world.status()).standing == (LISTED if reason else CANDIDATE)


@ON_SQLITE
@pytest.mark.parametrize(
    ("again", "reason"),
    [
        pytest.param(date(2026, 6, 2), "CONDITION_UNMET", id="on-its-last-day"),
        pytest.param(date(2026, 6, 3), "", id="the-day-after"),
    ],
)
async def test_what_came_after_the_term_is_no_relapse_within_it(
    world: ListWorld, again: date, reason: str
) -> None:
    """A removal of 5 December 2025 that is recorded in July, after the term of a year ended."""
    number, entry_id = await accepted(world)
    world.facts.record("penalty", number, again, major=True, final_date=again)
    world.stand_at(date(2026, 7, 1))
    found = ""

    try:
        wish: dict[str, Any] = {"entry_id": entry_id, "opinion": 1, "day": date(2025, 12, 5)}
        await world.take("DecideEarlyRemoval", CHIEF, **wish)
    except RefusedError as refused:
        found = refused.reason

    assert found == reason


async def test_an_entry_whose_basis_is_revoked_never_counted(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The job finds the revoked penalty; as known before, the entry counted and still does."""
    _, penalty = world.penalised()
    case = await world.published((await world.opened()).case_id)
    known = (await world.status()).basis.point.known_at
    case_server.lists.once()
    assert (await world.status()).standing == LISTED

    world.facts.revoke(penalty)
    case_server.lists.once()

    after = await world.call("GetListCase", CHIEF, case_id=case.case_id)
    assert (after.list_case.state, after.list_case.entries[0].state) == (11, 3)
    assert after.list_case.steps[-1].kind == 20
    assert after.list_case.steps[-1].caller == "safetycredit:lists"
    assert (await world.status()).standing == NOT_LISTED
    assert (await world.status(known_at=known)).standing == LISTED


@ON_SQLITE
async def test_an_entry_is_corrected_by_the_document_of_an_objection(world: ListWorld) -> None:
    """A judgment against the listing itself corrects it once, with a reason."""
    world.penalised()
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    uphold(world, entry_id, "异决1号")
    judged: dict[str, Any] = {"document_number": "异决1号", "reason": "复议撤销"}

    with pytest.raises(RefusedError) as silent:
        await world.take("CorrectListEntry", CHIEF, entry_id=entry_id, document_number="异决1号")
    case = await world.take("CorrectListEntry", CHIEF, entry_id=entry_id, **judged)
    with pytest.raises(RefusedError) as twice:
        await world.take("CorrectListEntry", CHIEF, entry_id=entry_id, reason="复议撤销")
    with pytest.raises(RefusedError) as unknown:
        await world.take("CorrectListEntry", CHIEF, entry_id="l-9", reason="复议撤销")

    assert case.entries[0].removal.reason == 3
    assert silent.value.reason == "CONTENT_MISSING"
    assert twice.value.reason == "ENTRY_NOT_IN_FORCE"
    assert unknown.value.reason == "ENTRY_UNKNOWN"


@ON_SQLITE
async def test_a_late_acceptance_is_marked_in_the_ledger(world: ListWorld) -> None:
    """Five working days from Wednesday 3 December 2025 end on the 10th, from there on the 17th.

    It is told at once, where one case is read, and where cases are listed; a portal is told of its
    own steps.
    """
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    listed = await world.published((await world.opened()).case_id)
    entry_id = listed.entries[0].entry.entry_id
    world.stand_at(date(2025, 12, 18))
    for applied, declined in ((3, 10), (10, 18)):
        on = date(2025, 12, applied)
        await world.take("ApplyForEarlyRemoval", CHIEF, day=on, entry_id=entry_id)
        on = date(2025, 12, declined)
        refusal: dict[str, Any] = {"entry_id": entry_id, "opinion": 2, "reason": "材料不全"}
        told = await world.take("AcceptEarlyRemoval", CHIEF, day=on, **refusal)

    case = (await world.call("GetListCase", CHIEF, case_id=listed.case_id)).list_case
    (shown,) = (await world.call("ListListCases", CHIEF)).list_cases
    whose: dict[str, Any] = {"subject": {"credit_code": CODE}}
    (own,) = (await world.call("ListListCases", PORTAL, **whose)).list_cases

    for one in (told, case, shown, own):
        assert [step.late for step in one.steps if step.entry_id] == [False, False, False, True]


@ON_SQLITE
async def test_what_stands_is_not_corrected_by_hand(world: ListWorld) -> None:
    """Neither without an objection, nor by another document, nor by who upheld it, nor early."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    world.stand_at(date(2025, 6, 9))

    async def refused(document_number: str, day: date | None = None) -> str:
        wish = {"entry_id": entry_id, "reason": "误", "document_number": document_number}
        with pytest.raises(RefusedError) as error:
            await world.take("CorrectListEntry", CHIEF, day=day, **wish)
        assert "第三条" in error.value.message
        return error.value.reason

    nothing = await refused("异决1号")
    uphold(world, entry_id, "异决1号", by=CHIEF)
    other, own = await refused("异决2号"), await refused("异决1号")
    uphold(world, entry_id, "异决3号")
    early = await refused("异决3号", date(2025, 6, 8))
    case = await world.take(
        "CorrectListEntry", CHIEF, entry_id=entry_id, reason="误", document_number="异决3号"
    )

    assert (nothing, other) == ("BASIS_STANDS", "BASIS_STANDS")
    assert (own, early) == ("PROPOSER_MAY_NOT_APPROVE", "STEP_TOO_EARLY")
    assert case.entries[0].removal.reason == 3


@ON_SQLITE
async def test_an_entry_whose_basis_fell_is_corrected_by_hand_before_the_job_comes(
    world: ListWorld,
) -> None:
    """A penalty that is revoked carries nothing; no objection need have been upheld."""
    _, penalty = world.penalised()
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    world.facts.revoke(penalty)

    case = await world.take("CorrectListEntry", CHIEF, entry_id=entry_id, reason="复议撤销")

    assert case.entries[0].removal.reason == 3


@ON_SQLITE
async def test_an_entry_is_not_corrected_before_its_publication(world: ListWorld) -> None:
    """What never stood on the list on a day cannot have been taken off it then."""
    _, penalty = world.penalised()
    world.stand_at(date(2025, 6, 3))
    entry_id = (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    world.facts.revoke(penalty)
    wish = {"entry_id": entry_id, "reason": "复议撤销"}

    with pytest.raises(RefusedError) as early:
        await world.take("CorrectListEntry", CHIEF, day=date(2025, 6, 2), **wish)
    case = await world.take("CorrectListEntry", CHIEF, day=date(2025, 6, 3), **wish)

    assert early.value.reason == "STEP_TOO_EARLY"
    assert case.entries[0].removal.reason == 3


async def test_a_term_ends_by_itself_and_a_second_one_is_longer(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """On the end day nobody is listed; a second case needs a new fact, and lasts longer."""
    number, penalty = world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.published((await world.opened()).case_id)).case_id
    world.stand_at(date(2026, 6, 2))
    case_server.lists.once()
    assert (await world.status()).standing == LISTED

    world.stand_at(date(2026, 6, 3))
    assert (await world.status()).standing == CANDIDATE
    case_server.lists.once()

    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    assert (case.state, case.entries[0].removal.reason) == (11, 1)
    assert plain_day(case.entries[0].removal.removal_date) == date(2026, 6, 3)
    with pytest.raises(RefusedError) as error:
        await world.opened()
    assert error.value.reason == "BASIS_USED_ALREADY"
    world.facts.record("penalty", number, date(2026, 1, 1), major=True, final_date=date(2026, 5, 1))
    second = await world.published((await world.opened()).case_id)
    assert plain_day(second.entries[0].entry.end_date) == date(2029, 6, 3)
    assert f"r-{penalty}" in second.reasons[0].record_ids


@ON_SQLITE
async def test_an_open_major_hazard_extends_the_term(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The listing goes on while the hazard is open, and ends on the day it is removed."""
    number, _ = world.penalised(fields=0b110)
    hazard = world.facts.record("hazard", number, date(2025, 5, 1), level=2)
    world.stand_at(date(2025, 6, 3))
    head = replace(CHIEF, identity="head", authority="北京市应急管理局")
    case_id = (await world.opened(policy_id="cn.test.fire-blacklist")).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=head.authority)
    await world.take("NotifyListCase", head, case_id=case_id, person="郑", **NOTICE)
    await world.take("RecordStatement", head, case_id=case_id, person="郑", waived=True)
    await world.take("ReviewListCase", FIREMAN, case_id=case_id, field=2, opinion=1)
    await world.take("ApproveListCase", head, case_id=case_id, person="郑", opinion=1)
    await world.take("DecideListCase", head, case_id=case_id, person="郑", **DECISION)
    await world.take("ServeDecision", head, case_id=case_id, person="郑")
    case = await world.take("PublishListCase", head, case_id=case_id, person="郑")
    assert plain_day(case.entries[0].entry.end_date) == date(2025, 7, 3)
    with pytest.raises(RefusedError) as error:
        await world.take(
            "ApplyForEarlyRemoval", head, entry_id=case.entries[0].entry.entry_id, person="郑"
        )
    assert error.value.reason == "EARLY_REMOVAL_NOT_PROVIDED"

    world.stand_at(date(2025, 7, 4))
    case_server.lists.once()
    fire: dict[str, Any] = {"policy_id": "cn.test.fire-blacklist"}
    extended = await world.status(**fire)
    assert (extended.standing, extended.HasField("valid_until_date")) == (LISTED, False)
    world.facts.record(
        "rectification", number, date(2025, 8, 1), target_record_id=hazard, outcome=3
    )
    world.stand_at(date(2025, 8, 5))
    case_server.lists.once()

    assert (await world.status(as_of=wire_day(date(2025, 7, 31)), **fire)).standing == LISTED
    assert (await world.status(as_of=wire_day(date(2025, 8, 1)), **fire)).standing == CANDIDATE
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case
    assert [step.kind for step in case.steps][-2:] == [15, 14]


@ON_SQLITE
async def test_two_replicas_do_not_work_on_the_lists_at_once(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """While another holds the lease nothing is done; it lapses after a minute."""
    world.penalised()
    await world.published((await world.opened()).case_id)
    world.stand_at(date(2026, 6, 1))
    held = case_server.lease.claim()
    assert held is not None
    assert case_server.lease.claim() is None

    case_server.lists.once()
    entries = await world.call("ListListEntries", CHIEF, state=1)
    world.stand_at(date(2026, 6, 2))
    case_server.lists.once()
    later = await world.call("ListListEntries", CHIEF, state=1)

    assert (len(entries.entries), len(later.entries)) == (1, 0)


@ON_SQLITE
async def test_a_corrected_repeat_is_no_repeat_any_more(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The next term becomes that of a first listing; the redlist ends with its penalty's day."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    red = await redlisted(world)
    world.stand_at(date(2025, 7, 1))
    first = world.penalty(number)
    await world.published((await world.opened()).case_id)
    world.stand_at(date(2025, 7, 4))
    second = world.facts.record(
        "penalty", number, date(2025, 7, 2), major=True, final_date=date(2025, 7, 2)
    )
    later = await world.published(
        (await world.opened(record_ids=[f"r-{second}"], cause="再次受到处罚")).case_id
    )
    assert plain_day(later.entries[0].entry.end_date) == date(2028, 7, 4)

    world.stand_at(date(2025, 7, 9))
    world.facts.revoke(first)
    case_server.lists.once()

    case = (await world.call("GetListCase", CHIEF, case_id=later.case_id)).list_case
    assert plain_day(case.entries[0].entry.end_date) == date(2026, 7, 4)
    assert case.steps[-1].kind == 20
    ended = (await world.call("GetListCase", CHIEF, case_id=red.case_id)).list_case
    assert plain_day(ended.entries[0].entry.end_date) == date(2025, 7, 2)
