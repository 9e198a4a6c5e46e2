"""What a repair was granted for lists nobody anew (信用修复管理办法 art. 3)."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from models.remedies import RemedyRow, RemedyStepRow, RepairRow
from services.common.database import Database
from services.scoring.main import ScoringServer
from tests.fakes.list_policies import write_list_policies
from tests.fakes.list_world import BUREAU, CHIEF, CLERK, DECISION, ON_SQLITE, ListWorld
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import WRITER

pytestmark = ON_SQLITE
BEFORE, REPAIRED, AFTER = date(2025, 6, 3), date(2025, 6, 4), date(2025, 6, 5)
DOCUMENT = "京朝应急信修〔2025〕1号"
CLAUSE = """      basis_excluded_by:
        {value: [repair], source: {article: 第二十条, confidence: assumed}}
"""
DECIDE = 10
COUNTING = "cn.test.counting-blacklist"
"""The same list, whose rule itself passes over what was repaired, as those of the project do."""

UNREPAIRED = "{major: true, not: {repaired_date: {on_or_before: as_of}},"
IN_FORCE, CORRECTED = 1, 3


@pytest.fixture(scope="session")
def list_policies_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let the test blacklist leave out what was repaired, its rule, too, in a list of its own."""
    folder = write_list_policies(tmp_path_factory.mktemp("repaired-bases"))
    path = folder / "cn/blacklist.yaml"
    text = path.read_text(encoding="utf-8") + CLAUSE
    path.write_text(text, encoding="utf-8")
    counting = text.replace("cn.test.blacklist", COUNTING).replace("{major: true,", UNREPAIRED)
    path.with_name("counting-blacklist.yaml").write_text(counting, encoding="utf-8")
    return folder


def repair(database: Database, record_id: int, granted: date = REPAIRED) -> None:
    """Grant the repair of a record as the credit service does."""
    with database.write(caller=WRITER, method="test") as write:
        remedy_id = write.new_id()
        header: dict[str, Any] = {"remedy_id": remedy_id, "recorded_revision": write.revision}
        remedy = {
            **header,
            "kind": 2,
            "record_id": record_id,
            "subject_id": 1,
            "person": False,
            "field": 1,
            "authority": "局",
            "document_number": "罚1号",
            "decision_date": date(2025, 3, 1),
            "policy_id": "cn.credit-repair",
            "policy_version": "1",
            "policy_digest": "0" * 64,
        }
        step = {
            **header,
            "number": 3,
            "state": 5,
            "step_date": granted,
            "authority": "局",
            "document_number": DOCUMENT,
            "text": "",
            "follow_up": 0,
        }
        held = {"row_id": write.new_id(), "record_id": record_id, "repaired_date": granted}
        write.connection.execute(insert(RemedyRow).values(remedy))
        write.connection.execute(insert(RemedyStepRow).values(step))
        write.connection.execute(insert(RepairRow).values({**header, **held, "subject_id": 1}))
        write.commit()


def withdraw(database: Database) -> None:
    """Withdraw every repair."""
    with database.write(caller=WRITER, method="test") as write:
        revision = write.revision
        write.connection.execute(update(RepairRow).values(superseded_revision=revision))
        write.commit()


async def refused(call: Any) -> Mapping[str, str]:  # noqa: ANN401 -- a call.
    """Give the facts of the refusal that a call meets."""
    with pytest.raises(RefusedError) as met:
        await call
    assert met.value.reason == "BASIS_REPAIRED"
    return met.value.facts


def nomination(world: ListWorld, *records: int, **wish: Any) -> Any:  # noqa: ANN401 -- a call.
    """Nominate the enterprise with records."""
    return world.opened(record_ids=[f"r-{one}" for one in records], cause="性质恶劣", **wish)


@pytest.mark.parametrize("by_rule", [True, False], ids=["by-rule", "nominated"])
async def test_no_case_is_opened_on_what_was_repaired(
    world: ListWorld, database: Database, *, by_rule: bool
) -> None:
    """From the day of the repair on; one that is collected on the day before goes on."""
    _, penalty = world.penalised()
    repair(database, penalty)
    records = () if by_rule else (penalty,)
    world.stand_at(REPAIRED)

    facts = await refused(nomination(world, *records))
    collected = await nomination(world, *records, day=BEFORE)

    assert facts["repair_documents"] == DOCUMENT
    assert facts["clause"] == "测试名单办法 测〔2020〕1号 第二十条"
    assert collected.case_id


async def test_another_basis_carries_the_case_and_its_own_authority_decides(
    world: ListWorld, database: Database
) -> None:
    """Of two penalties one is repaired: who made the other one decides; withdrawn, both do."""
    number, penalty = world.penalised()
    other = world.penalty(number, authority="北京市通州区应急管理局")
    repair(database, penalty)
    world.stand_at(AFTER)

    case_id = (await nomination(world, penalty, other)).case_id
    with pytest.raises(RefusedError) as wrong:
        await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("CloseListCase", CLERK, case_id=case_id, reason="另行立案")
    withdraw(database)
    again = await nomination(world, penalty)

    assert wrong.value.reason == "WRONG_AUTHORITY"
    assert "made the penalty decision" in wrong.value.facts["wanted"]
    assert again.case_id


async def test_a_list_that_does_not_say_so_uses_what_was_repaired(
    world: ListWorld, database: Database
) -> None:
    """It is for the law of the list to say."""
    _, penalty = world.penalised()
    repair(database, penalty)
    world.stand_at(AFTER)

    assert (await world.opened(policy_id="cn.test.several-blacklist")).case_id


@pytest.mark.parametrize("by_rule", [True, False], ids=["by-rule", "nominated"])
async def test_a_case_goes_on_only_on_what_is_unrepaired_at_its_decision(
    world: ListWorld, database: Database, *, by_rule: bool
) -> None:
    """Opened on 3 June, repaired on the 4th: a decision of that day is refused, none is offered."""
    number, penalty = world.penalised()
    world.stand_at(BEFORE)
    case = await nomination(world, *(() if by_rule else (penalty,)))
    case_id = case.case_id
    approved = await world.approved(case_id)
    repair(database, penalty)
    world.stand_at(REPAIRED)

    facts = await refused(world.take("DecideListCase", CHIEF, case_id=case_id, **DECISION))
    shown = await world.call("GetListCase", CHIEF, case_id=case_id)
    decided = await world.take("DecideListCase", CHIEF, case_id=case_id, day=BEFORE, **DECISION)

    assert facts["repair_documents"] == DOCUMENT
    assert facts["party_subject_ids"] == f"e-{number}"
    assert DECIDE in [step.kind for step in approved.next_steps]
    assert DECIDE not in [step.kind for step in shown.list_case.next_steps]
    assert decided.case_id


async def test_a_person_with_a_repaired_penalty_alone_is_left_out(
    world: ListWorld, database: Database
) -> None:
    """The unit is listed by its own penalty, the person by none: the decision names it."""
    number, penalty = world.penalised()
    person = world.principal(number, "王小明")
    own = world.facts.record(
        "penalty", person, date(2025, 1, 10), person=True, major=True, final_date=date(2025, 3, 1)
    )
    repair(database, penalty, granted=date(2025, 6, 9))
    world.stand_at(BEFORE)
    case = await nomination(world, penalty, own, person_ids=[f"p-{person}"])
    await world.approved(case.case_id)
    world.stand_at(date(2025, 6, 9))

    decide = ("DecideListCase", CHIEF)
    facts = await refused(world.take(*decide, case_id=case.case_id, **DECISION))
    alone = {**DECISION, "party_subject_ids": [f"p-{person}"]}
    decided = await world.take(*decide, case_id=case.case_id, **alone)

    assert facts["party_subject_ids"] == f"e-{number}"
    assert decided.case_id


async def test_what_was_decided_before_the_repair_is_published_and_stays(
    world: ListWorld, database: Database
) -> None:
    """A repair of the penalty is no removal of the entry, which has one of its own."""
    _, penalty = world.penalised()
    world.stand_at(BEFORE)
    case_id = (await world.opened()).case_id
    await world.decided(case_id)
    repair(database, penalty)
    world.stand_at(REPAIRED)
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    published = await world.take("PublishListCase", CHIEF, case_id=case_id)
    world.stand_at(AFTER)

    shown = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case

    assert [held.state for held in published.entries] == [1]
    assert [held.state for held in shown.entries] == [1]


@pytest.mark.parametrize(
    "granted",
    [
        pytest.param(date(2025, 5, 30), id="before-the-case"),
        pytest.param(BEFORE, id="on-the-day-of-the-case"),
        pytest.param(REPAIRED, id="the-day-after"),
    ],
)
async def test_a_listing_stands_though_a_repair_of_before_is_recorded_later(
    world: ListWorld, case_server: ScoringServer, database: Database, granted: date
) -> None:
    """It leaves its list by its own removal; with its penalty revoked it falls all the same."""
    number, penalty = world.penalised()
    world.principal(number, "王小明")
    world.stand_at(BEFORE)
    case = await world.opened(policy_id=COUNTING)
    await world.published(case.case_id)
    repair(database, penalty, granted=granted)
    world.stand_at(AFTER)

    async def states() -> list[int]:
        case_server.lists.once()
        shown = await world.call("GetListCase", CHIEF, case_id=case.case_id)
        return [held.state for held in shown.list_case.entries]

    repaired = await states()
    entry_id = (await world.call("ListListEntries", CHIEF)).entries[0].entry.entry_id
    with pytest.raises(RefusedError) as stands:
        await world.take("CorrectListEntry", CHIEF, entry_id=entry_id, reason="已修复")
    world.facts.revoke(penalty)
    revoked = await states()

    assert repaired == [IN_FORCE] * 2
    assert stands.value.reason == "BASIS_STANDS"
    assert revoked == [CORRECTED] * 2


async def test_of_two_penalties_the_repaired_one_goes_on_carrying_the_entry(
    world: ListWorld, case_server: ScoringServer, database: Database
) -> None:
    """Both were its ground: one is repaired, which ends no listing, and the other one revoked."""
    number, penalty = world.penalised()
    other = world.penalty(number)
    world.stand_at(BEFORE)
    case_id = (await world.published((await world.opened(policy_id=COUNTING)).case_id)).case_id
    repair(database, penalty, granted=BEFORE)
    world.facts.revoke(other)

    case_server.lists.once()

    shown = await world.call("GetListCase", CHIEF, case_id=case_id)
    assert [held.state for held in shown.list_case.entries] == [IN_FORCE]


async def test_an_open_case_falls_with_a_repair_of_before_that_is_recorded_later(
    world: ListWorld, database: Database
) -> None:
    """Nothing is published yet: the decision is refused by the repair's name."""
    _, penalty = world.penalised()
    world.stand_at(BEFORE)
    case_id = (await world.opened(policy_id=COUNTING)).case_id
    await world.approved(case_id)
    repair(database, penalty, granted=BEFORE)

    facts = await refused(world.take("DecideListCase", CHIEF, case_id=case_id, **DECISION))

    assert facts["repair_documents"] == DOCUMENT
