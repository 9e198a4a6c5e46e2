"""What the credit service sees of an entry that the list service removes, restores or corrects."""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Any

import grpc
import pytest

from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.identity import Caller
from services.credit.main import build_credit_server
from tests.fakes.clock import FixedClock
from tests.fakes.credit_calls import AUDITOR
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_remedies import (
    DECIDER,
    RemedyClient,
    acceptance,
    application,
    decided,
    grant,
    objection,
    portal_of,
    withdrawal,
)
from tests.fakes.credit_requests import day
from tests.fakes.credit_servers import serving, settings_of
from tests.fakes.list_world import BUREAU, CHIEF, CODE, ListWorld, plain_day
from tests.fakes.scoring_client import RefusedError

D = service.DueStep
E = service.RemediedEntry
EXPIRE, DECIDE_EARLY, WITHDRAW_EARLY, CORRECT = 14, 18, 19, 20
PENALTY_LAW = "中华人民共和国行政处罚法 主席令第七十号 第四十八条"
PORTAL: Caller = portal_of(CODE)


@pytest.fixture
def remedies(database_url: str, clock: FixedClock) -> Iterator[RemedyClient]:
    """Serve credit over the store of the lists."""
    server = build_credit_server(settings_of(database_url), clock=clock)
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield RemedyClient.on(channel)
    server.close()


async def listed(world: ListWorld) -> str:
    """List an enterprise on 3 June 2025; give its entry."""
    world.penalised(performed_date=date(2025, 5, 1))
    world.stand_at(date(2025, 6, 3))
    entry_id: str = (
        (await world.published((await world.opened()).case_id)).entries[0].entry.entry_id
    )
    return entry_id


def granted(remedies: RemedyClient, entry_id: str) -> str:
    """Have the repair of an entry granted today."""
    remedy_id: str = remedies(application(entry_id), PORTAL).remedy.remedy_id
    remedies(acceptance(remedy_id))
    remedies(grant(remedy_id))
    return remedy_id


def got(remedies: RemedyClient, remedy_id: str, **fields: Any) -> service.GetRemedyResponse:  # noqa: ANN401 -- fields of a request.
    """Get a remedy."""
    request = service.GetRemedyRequest(remedy_id=remedy_id, **fields)
    answer: service.GetRemedyResponse = remedies(request, AUDITOR)
    return answer


def asked(remedy: service.Remedy) -> list[tuple[int, bool]]:
    """Give what is due besides the sharing, and whether that is overdue."""
    return [(one.action, one.overdue) for one in remedy.due if one.action != D.ACTION_SHARE_RESULT]


async def due_on(world: ListWorld, as_of: date) -> list[tuple[int, str, date, str, bool]]:
    """Give what is due at the authority on a day besides the end of the term."""
    page = await world.call("ListDeadlines", CHIEF, authority=BUREAU, as_of=day(as_of))
    return [
        (step.kind, step.entry_id, plain_day(step.due_date), step.clause, step.overdue)
        for step in (one.step for one in page.deadlines)
        if step.kind != EXPIRE
    ]


async def removed_early(world: ListWorld, entry_id: str) -> str:
    """Have an entry removed early; give the document."""
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    proof = {"harm_removed": "整改报告"}
    case = await world.take(
        "DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1, attachments=proof
    )
    document: str = case.steps[-1].document_number
    return document


async def test_a_granted_repair_waits_until_the_entry_is_off_its_list(
    world: ListWorld, remedies: RemedyClient
) -> None:
    """Granted on Thursday 4 June 2026, due by Tuesday the 9th, removed on Wednesday the 10th."""
    entry_id = await listed(world)
    world.stand_at(date(2026, 6, 4))
    remedy_id = granted(remedies, entry_id)
    world.stand_at(date(2026, 6, 10))
    on_the_desk = [await due_on(world, date(2026, 6, on)) for on in (9, 10)]
    before = got(remedies, remedy_id)
    due = [asked(got(remedies, remedy_id, as_of=day(date(2026, 6, on))).remedy) for on in (9, 10)]

    document_number = await removed_early(world, entry_id)

    assert before.remedy.entry == E(state=E.STATE_PUBLISHED)
    assert due == [[(D.ACTION_REMOVE_ENTRY, False)], [(D.ACTION_REMOVE_ENTRY, True)]]
    duties = [(kind, of, last, over) for kind, of, last, _, over in chain(*on_the_desk)]
    duty = (DECIDE_EARLY, entry_id, date(2026, 6, 9))
    assert duties == [(*duty, False), (*duty, True)]
    assert await due_on(world, date(2026, 6, 10)) == []
    after = got(remedies, remedy_id).remedy
    assert asked(after) == []
    assert after.entry == E(
        state=E.STATE_REMOVED,
        removal_date=day(date(2026, 6, 10)),
        reason=E.REASON_EARLY,
        document_number=document_number,
        list_version=2,
    )
    assert got(remedies, remedy_id, known_at=before.point.known_at).remedy == before.remedy
    the_day_before = got(remedies, remedy_id, as_of=day(date(2026, 6, 9))).remedy
    assert the_day_before.entry.state == E.STATE_PUBLISHED
    overdue = service.ListRemediesRequest(target_id=entry_id, overdue=True)
    (shown,) = remedies(overdue, AUDITOR).remedies
    assert shown.entry == after.entry


async def test_a_granted_repair_removes_the_entry_without_an_application(
    world: ListWorld, remedies: RemedyClient
) -> None:
    """By its document alone, in spite of a relapse; by any other document it needs the steps."""
    number, _ = world.penalised(performed_date=date(2025, 5, 1))
    world.stand_at(date(2025, 6, 3))
    case = await world.published((await world.opened()).case_id)
    entry_id: str = case.entries[0].entry.entry_id
    final = date(2025, 10, 1)
    world.facts.record("penalty", number, date(2025, 9, 1), major=True, final_date=final)
    world.stand_at(date(2026, 6, 4))
    remedy_id = granted(remedies, entry_id)
    (due,) = (one for one in got(remedies, remedy_id).remedy.due if one.document_number)
    removal: dict[str, Any] = {"entry_id": entry_id, "opinion": 1}

    with pytest.raises(RefusedError) as other:
        await world.take("DecideEarlyRemoval", CHIEF, **removal)
    await world.take("DecideEarlyRemoval", CHIEF, document_number=due.document_number, **removal)

    assert other.value.reason == "STEP_MISSING"
    after = got(remedies, remedy_id).remedy
    assert (asked(after), after.entry.document_number) == ([], due.document_number)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("removed", "late"), [(9, False), (10, True)], ids=["in-time", "late"])
async def test_a_removal_by_repair_is_late_in_the_ledger_after_its_last_day(
    world: ListWorld, remedies: RemedyClient, removed: int, *, late: bool
) -> None:
    """Granted on Thursday 4 June 2026: three working days end on Tuesday the 9th."""
    entry_id = await listed(world)
    world.stand_at(date(2026, 6, 4))
    remedy_id = granted(remedies, entry_id)
    (due,) = (one for one in got(remedies, remedy_id).remedy.due if one.document_number)
    world.stand_at(date(2026, 6, removed))

    removal: dict[str, Any] = {"entry_id": entry_id, "opinion": 1}
    document: dict[str, Any] = {"document_number": due.document_number}
    told = await world.take("DecideEarlyRemoval", CHIEF, **document, **removal)
    case = (await world.call("GetListCase", CHIEF, case_id=told.case_id)).list_case
    (shown,) = (await world.call("ListListCases", CHIEF)).list_cases

    for one in (told, case, shown):
        assert [step.late for step in one.steps if step.entry_id] == [late]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_refusal_by_the_document_of_a_repair_removes_nothing(
    world: ListWorld, remedies: RemedyClient
) -> None:
    """Refused on Friday 5 June 2026; removed a day after the last one, which is late."""
    entry_id = await listed(world)
    world.stand_at(date(2026, 6, 4))
    proof: dict[str, Any] = {"attachments": {"harm_removed": "整改报告"}}
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id, **proof)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    remedy_id = granted(remedies, entry_id)
    (due,) = (one for one in got(remedies, remedy_id).remedy.due if one.document_number)
    document: dict[str, Any] = {"entry_id": entry_id, "document_number": due.document_number}
    world.stand_at(date(2026, 6, 5))
    refusal: dict[str, Any] = {"opinion": 2, "reason": "材料不全"}
    await world.take("DecideEarlyRemoval", CHIEF, **document, **refusal)
    world.stand_at(date(2026, 6, 10))
    await world.take("DecideEarlyRemoval", CHIEF, **document, opinion=1)

    case_id = (await world.call("GetListEntry", CHIEF, entry_id=entry_id)).entry.case_id
    case = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case

    decided = [step for step in case.steps if step.kind == DECIDE_EARLY]
    assert [(step.opinion, step.late) for step in decided] == [(2, False), (1, True)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sanction", "excluded"),
    [
        pytest.param(8, True, id="activity-restricted"),
        pytest.param(9, False, id="production-stopped"),
        pytest.param(11, True, id="practice-restricted"),
    ],
)
async def test_a_ban_keeps_an_entry_on_its_list_though_it_is_repaired(
    world: ListWorld, remedies: RemedyClient, sanction: int, *, excluded: bool
) -> None:
    """Granted on 4 June 2026; banned on the 5th until the 8th, that day included."""
    number, _ = world.penalised(performed_date=date(2025, 5, 1))
    world.stand_at(date(2025, 6, 3))
    case = await world.published((await world.opened()).case_id)
    world.stand_at(date(2026, 6, 4))
    entry_id: str = case.entries[0].entry.entry_id
    remedy_id = granted(remedies, entry_id)
    (due,) = (one for one in got(remedies, remedy_id).remedy.due if one.document_number)
    ban: dict[str, Any] = {"sanctions": 1 << sanction, "valid_until_date": date(2026, 6, 8)}
    world.facts.record("penalty", number, date(2026, 6, 5), **ban)
    world.stand_at(date(2026, 6, 9))
    removal: dict[str, Any] = {"entry_id": entry_id, "opinion": 1}
    removal["document_number"] = due.document_number
    reasons: list[str] = []

    for last in (5, 8, 9):
        try:
            await world.take("DecideEarlyRemoval", CHIEF, day=date(2026, 6, last), **removal)
        except RefusedError as refused:
            reasons.append(refused.reason)

    wanted = ["EARLY_REMOVAL_EXCLUDED"] * 2 if excluded else ["ENTRY_NOT_IN_FORCE"] * 2
    assert reasons == wanted


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_removal_by_repair_is_undone_by_withdrawing_the_repair(
    world: ListWorld, remedies: RemedyClient
) -> None:
    """The list alone does not restore what the repair still keeps off it, and says so."""
    entry_id = await listed(world)
    world.stand_at(date(2026, 6, 4))
    remedy_id = granted(remedies, entry_id)
    (due,) = (one for one in got(remedies, remedy_id).remedy.due if one.document_number)
    removal: dict[str, Any] = {"entry_id": entry_id, "opinion": 1}
    document: dict[str, Any] = {"document_number": due.document_number}
    removed = await world.take("DecideEarlyRemoval", CHIEF, **document, **removal)
    case = (await world.call("GetListCase", CHIEF, case_id=removed.case_id)).list_case
    world.stand_at(date(2026, 6, 8))
    wish: dict[str, Any] = {"entry_id": entry_id, "reason": "凭证系伪造"}

    with pytest.raises(RefusedError) as alone:
        await world.take("WithdrawEarlyRemoval", CHIEF, **wish)
    remedies(withdrawal(remedy_id))
    restored = await world.take("WithdrawEarlyRemoval", CHIEF, **wish)

    assert not case.next_steps
    assert (alone.value.reason, alone.value.facts["step"]) == ("STEP_MISSING", "withdraw_repair")
    assert restored.entries[0].state == 1
    assert asked(got(remedies, remedy_id).remedy) == []


async def test_a_withdrawn_repair_waits_until_the_entry_is_restored(
    world: ListWorld, remedies: RemedyClient
) -> None:
    """What was removed early is to be restored; once it is, it is published again."""
    entry_id = await listed(world)
    world.stand_at(date(2026, 6, 4))
    remedy_id = granted(remedies, entry_id)
    await removed_early(world, entry_id)
    world.stand_at(date(2026, 6, 8))
    remedies(withdrawal(remedy_id))
    world.stand_at(date(2026, 6, 12))
    waiting = got(remedies, remedy_id).remedy
    on_the_desk = [await due_on(world, date(2026, 6, on)) for on in (11, 12)]

    await world.take("WithdrawEarlyRemoval", CHIEF, entry_id=entry_id, reason="凭证系伪造")

    # Three working days after Monday 8 June end on Thursday the 11th.
    duties = [(kind, of, last, over) for kind, of, last, _, over in chain(*on_the_desk)]
    duty = (WITHDRAW_EARLY, entry_id, date(2026, 6, 11))
    assert duties == [(*duty, False), (*duty, True)]
    assert await due_on(world, date(2026, 6, 12)) == []
    restored = got(remedies, remedy_id).remedy
    with pytest.raises(RefusalError) as early:
        remedies(application(entry_id), PORTAL)
    # Twelve months after 12 June 2026, on which the list was told of the deceit.
    assert (early.value.reason, early.value.facts["earliest_date"]) == (
        "REPAIR_TOO_EARLY",
        "2027-06-12",
    )
    assert (asked(waiting), waiting.entry.state) == (
        [(D.ACTION_RESTORE_ENTRY, True)],
        E.STATE_REMOVED,
    )
    assert (asked(restored), restored.entry) == ([], E(state=E.STATE_PUBLISHED))


async def test_an_entry_is_not_repaired_while_its_penalty_is_unperformed(
    world: ListWorld, remedies: RemedyClient
) -> None:
    """The lists would not remove it early either."""
    _, penalty = world.penalised()
    world.stand_at(date(2025, 6, 3))
    case = await world.published((await world.opened()).case_id)
    world.stand_at(date(2026, 6, 4))
    asked_for = application(case.entries[0].entry.entry_id)
    remedy_id = remedies(asked_for, PORTAL).remedy.remedy_id
    remedies(acceptance(remedy_id))

    with pytest.raises(RefusalError) as error:
        remedies(grant(remedy_id))

    assert (error.value.reason, error.value.facts["record_id"]) == (
        "DUTY_NOT_PERFORMED",
        f"r-{penalty}",
    )


async def test_an_upheld_objection_waits_until_the_entry_is_corrected(
    world: ListWorld, remedies: RemedyClient
) -> None:
    """The entry never counted; the lists say by which document, and from which day."""
    entry_id = await listed(world)
    world.stand_at(date(2025, 6, 9))
    remedy_id = remedies(objection(entry_id), PORTAL).remedy.remedy_id
    outcome = service.DecideObjectionRequest.OUTCOME_CORRECT_ENTRY
    upheld = remedies(decided(remedy_id, outcome=outcome), DECIDER).remedy

    on_the_desk = [await due_on(world, date(2025, 6, on)) for on in (12, 13)]
    overdue = [
        await world.call("ListDeadlines", CHIEF, overdue=True, as_of=day(date(2025, 6, on)))
        for on in (12, 13)
    ]
    case_id = (await world.call("GetListEntry", CHIEF, entry_id=entry_id)).entry.case_id
    shown = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case.next_steps
    document_number = upheld.due[0].document_number
    await world.take(
        "CorrectListEntry",
        CHIEF,
        day=date(2025, 6, 9),
        entry_id=entry_id,
        document_number=document_number,
        reason="查实有误",
    )

    # Three working days after Monday 9 June, by the law on penalties, end on Thursday the 12th.
    duty = (CORRECT, entry_id, date(2025, 6, 12), PENALTY_LAW)
    assert on_the_desk == [[(*duty, False)], [(*duty, True)]]
    assert [[one.step.kind for one in page.deadlines] for page in overdue] == [[], [CORRECT]]
    assert (CORRECT, document_number) in [(one.kind, one.document_number) for one in shown]
    assert await due_on(world, date(2025, 6, 13)) == []
    corrected = got(remedies, remedy_id).remedy
    assert asked(upheld) == [(D.ACTION_CORRECT_ENTRY, False)]
    assert asked(corrected) == []
    assert (corrected.entry.state, corrected.entry.reason, corrected.entry.list_version) == (
        E.STATE_CORRECTED,
        E.REASON_CORRECTED,
        2,
    )
    assert plain_day(corrected.entry.removal_date) == date(2025, 6, 9)
