"""Whose records list a party, keep it on its list and hold it there: over loopback."""

from collections.abc import Coroutine, Iterator
from datetime import date
from typing import Any

import grpc
import pytest
from sqlalchemy import update

from models.persons import RoleRow
from models.records import RecordRow
from services.common.identity import Caller
from services.credit.main import build_credit_server
from services.scoring.main import ScoringServer
from tests.fakes.clock import FixedClock
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_remedies import (
    RemedyClient,
    acceptance,
    application,
    grant,
    portal_of,
)
from tests.fakes.credit_servers import serving, settings_of
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CLERK,
    CODE,
    DECISION,
    FIRE,
    ON_SQLITE,
    ListWorld,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import WRITER

NEIGHBOUR = "北京市朝阳区交通委员会"
OPENED, LATER = date(2025, 6, 3), date(2026, 1, 5)
DONE = date(2025, 12, 1)
DIRECTLY_RESPONSIBLE = 5
IN_FORCE, REMOVED, CORRECTED = 1, 2, 3
PORTAL: Caller = portal_of(CODE)


class Parties:
    """A unit and two principals, of whom one was fined too.

    Attributes:
        number: The unit.
        own: Its penalty.
        fined: Who was fined.
        fine: That fine.
        other: The other one.
    """

    def __init__(self, world: ListWorld, *, authority: str = BUREAU, **penalty: Any) -> None:  # noqa: ANN401 -- columns of the table.
        """Record them, and stand at 3 June 2025.

        Args:
            world: The world.
            authority: Who fined the person.
            penalty: What is said of the penalty of the unit.
        """
        self.number, self.own = world.penalised(**penalty)
        self.fined = world.principal(self.number, "王小明")
        self.other = world.principal(self.number, "李小红")
        self.fine = world.penalty(self.fined, person=True, authority=authority)
        world.stand_at(OPENED)

    def named(self, *records: int, persons: tuple[int, ...] = ()) -> dict[str, Any]:
        """Give the fields of a nomination of the unit and some of its persons."""
        return {
            "record_ids": [f"r-{one}" for one in records],
            "person_ids": [f"p-{one}" for one in persons],
            "cause": "受到重大行政处罚",
        }

    def states(self, case: Any) -> dict[str, int]:  # noqa: ANN401 -- a case.
        """Give the states of the entries, by whom they list."""
        names = {
            f"e-{self.number}": "unit",
            f"p-{self.fined}": "fined",
            f"p-{self.other}": "other",
        }
        return {names[one.entry.subject_id]: one.state for one in case.entries}


@pytest.fixture
def remedies(database_url: str, clock: FixedClock) -> Iterator[RemedyClient]:
    """Serve credit over the store of the lists."""
    server = build_credit_server(settings_of(database_url), clock=clock)
    with serving(server) as port, grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield RemedyClient.on(channel)
    server.close()


async def refusal(call: Coroutine[Any, Any, Any]) -> RefusedError:
    """Give the refusal of a call that fails a precondition."""
    with pytest.raises(RefusedError) as error:
        await call
    assert error.value.code == "FAILED_PRECONDITION", error.value.message
    return error.value


async def read(world: ListWorld, case_id: str) -> Any:  # noqa: ANN401 -- a case.
    """Read a case."""
    return (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case


async def early(world: ListWorld, entry_id: str) -> Any:  # noqa: ANN401 -- a case.
    """Have the early removal of an entry decided today."""
    proof = {"harm_removed": "整改报告"}
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id, attachments=proof)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    return await world.take("DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)


def revoke(world: ListWorld, record_id: int, document_number: str) -> None:
    """Revoke a record by a document."""
    world.facts.revoke(record_id)
    with world.facts.database.write(caller=WRITER, method="test") as write:
        write.connection.execute(
            update(RecordRow)
            .where(RecordRow.record_id == record_id)
            .values(superseded_document_number=document_number)
        )
        write.commit()


# What lists a party -----------------------------------------------------------------


@ON_SQLITE
async def test_no_unit_is_nominated_on_the_fine_of_its_principal(world: ListWorld) -> None:
    """Alone it lists that person, in a case of its own; with the unit's penalty it lists both."""
    by = Parties(world)

    refused = await refusal(world.opened(**by.named(by.fine, persons=(by.fined,))))
    of_both = await world.opened(**by.named(by.own, by.fine, persons=(by.fined,)))
    wish = {**by.named(by.fine), "subject": {"person_id": f"p-{by.fined}"}}
    of_person = await world.opened(**wish)

    assert (refused.reason, refused.facts["clause"]) == (
        "FINAL_PENALTY_MISSING",
        "测试名单办法 测〔2020〕1号 第三条",
    )
    assert [one.subject_id for one in of_both.parties] == [f"e-{by.number}", f"p-{by.fined}"]
    assert [one.subject_id for one in of_person.parties] == [f"p-{by.fined}"]


@ON_SQLITE
async def test_a_unit_is_nominated_by_a_penalty_of_its_own_in_the_field(world: ListWorld) -> None:
    """Its own is of fire safety, the principal's of work safety: no case of work safety."""
    by = Parties(world, field=2)

    named = by.named(by.own, by.fine, persons=(by.fined,))
    refused = await refusal(world.opened(**named))
    world.facts.revise(by.own, field=1)

    assert refused.reason == "BASIS_OF_OTHER_FIELD"
    assert (await world.opened(**named)).state == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("left", "reason"),
    [(date(2025, 1, 10), "PARTY_UNKNOWN"), (date(2025, 1, 11), "")],
    ids=["left-on-the-day-of-the-unit's", "left-the-day-after"],
)
async def test_nobody_is_nominated_by_a_role_on_the_day_of_anothers_fine(
    world: ListWorld, left: date, reason: str
) -> None:
    """The other principal was in office when the first was fined, which is that one's affair."""
    by = Parties(world)
    world.facts.revise(by.fine, event_date=date(2025, 1, 5))
    with world.facts.database.write(caller=WRITER, method="test") as write:
        of_other = RoleRow.person_id == by.other
        write.connection.execute(update(RoleRow).where(of_other).values(end_date=left))
        write.commit()

    named = by.named(by.own, by.fine, persons=(by.other,))
    named["person_ids"].append(f"p-{by.fined}")

    if reason:
        assert (await refusal(world.opened(**named))).reason == reason
    else:
        assert len((await world.opened(**named)).parties) == 3


async def test_a_party_falls_with_what_is_its_own(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The unit's penalty is revoked: it and who has no fine fall, by its document; one stays."""
    by = Parties(world)
    named = by.named(by.own, by.fine, persons=(by.fined, by.other))
    case = await world.published((await world.opened(**named)).case_id)
    assert by.states(case) == {"unit": IN_FORCE, "fined": IN_FORCE, "other": IN_FORCE}

    revoke(world, by.own, "京行复〔2025〕1号")
    case_server.lists.once()

    case = await read(world, case.case_id)
    assert by.states(case) == {"unit": CORRECTED, "fined": IN_FORCE, "other": CORRECTED}
    assert {one.document_number for one in case.steps[-2:]} == {"京行复〔2025〕1号"}
    revoke(world, by.fine, "京行复〔2025〕2号")
    case_server.lists.once()
    case = await read(world, case.case_id)
    assert by.states(case) == {"unit": CORRECTED, "fined": CORRECTED, "other": CORRECTED}
    assert case.steps[-1].document_number == "京行复〔2025〕2号"


async def test_a_fine_that_is_revoked_later_is_no_document_of_the_unit(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Both are revoked before anybody looks, the fine last: the unit falls by its own document."""
    by = Parties(world)
    named = by.named(by.own, by.fine, persons=(by.fined,))
    case = await world.published((await world.opened(**named)).case_id)

    revoke(world, by.own, "京行复〔2025〕1号")
    revoke(world, by.fine, "京行复〔2025〕2号")
    case_server.lists.once()

    case = await read(world, case.case_id)
    documents = {one.entry_id: one.document_number for one in case.steps[-2:]}
    assert [documents[one.entry.entry_id] for one in case.entries] == [
        "京行复〔2025〕1号",
        "京行复〔2025〕2号",
    ]


@ON_SQLITE
async def test_who_lost_the_own_penalty_is_corrected_by_hand(world: ListWorld) -> None:
    """The unit without an objection; the person whose fine stands only with one."""
    by = Parties(world)
    named = by.named(by.own, by.fine, persons=(by.fined,))
    case = await world.published((await world.opened(**named)).case_id)
    unit, fined = (one.entry.entry_id for one in case.entries)
    world.facts.revoke(by.own)

    of_person = await refusal(
        world.take("CorrectListEntry", CHIEF, entry_id=fined, reason="处罚已撤销")
    )
    case = await world.take("CorrectListEntry", CHIEF, entry_id=unit, reason="处罚已撤销")

    assert of_person.reason == "BASIS_STANDS"
    assert by.states(case) == {"unit": CORRECTED, "fined": IN_FORCE}


# Who decides --------------------------------------------------------------------------


@ON_SQLITE
async def test_who_fined_the_person_alone_does_not_decide_on_the_unit(world: ListWorld) -> None:
    """The case goes to who punished the unit, and lists with it whom another authority fined."""
    by = Parties(world, authority=FIRE)
    named = by.named(by.own, by.fine, persons=(by.fined,))
    case_id = (await world.opened(**named)).case_id

    refused = await refusal(world.take("ReportListCase", CLERK, case_id=case_id, addressee=FIRE))
    case = await world.published(case_id)

    assert refused.reason == "WRONG_AUTHORITY"
    assert by.states(case) == {"unit": IN_FORCE, "fined": IN_FORCE}


@ON_SQLITE
async def test_a_person_is_decided_on_by_who_punished_what_reaches_it(world: ListWorld) -> None:
    """The neighbour's minor penalty alone reaches the directly responsible: the others alone."""
    by = Parties(world)
    world.penalty(by.number, major=False, authority=NEIGHBOUR)
    with world.facts.database.write(caller=WRITER, method="test") as write:
        of_other = RoleRow.person_id == by.other
        write.connection.execute(update(RoleRow).where(of_other).values(kind=DIRECTLY_RESPONSIBLE))
        write.commit()
    case_id = (await world.opened(policy_id="cn.test.several-blacklist")).case_id

    refused = await refusal(world.decided(case_id))
    wish = {**DECISION, "party_subject_ids": [f"e-{by.number}", f"p-{by.fined}"]}
    case = await world.take("DecideListCase", CHIEF, case_id=case_id, **wish)

    assert (refused.reason, refused.facts["wanted"]) == ("WRONG_AUTHORITY", NEIGHBOUR)
    assert refused.facts["party_subject_ids"] == f"p-{by.other}"
    assert case.state == 8


@ON_SQLITE
async def test_a_publication_leaves_out_whom_its_authority_punished_no_more(
    world: ListWorld,
) -> None:
    """The unit is left with a penalty of the neighbour's; the fine of who decided stands."""
    by = Parties(world)
    other = world.penalty(by.number, authority=NEIGHBOUR)
    named = by.named(by.own, by.fine, other, persons=(by.fined,))
    case_id = (await world.opened(**named)).case_id
    await world.decided(case_id)
    await world.take("ServeDecision", CHIEF, case_id=case_id)

    world.facts.revoke(by.own)
    case = await world.take("PublishListCase", CHIEF, case_id=case_id)

    assert by.states(case) == {"fined": IN_FORCE}
    said = {one.name: one.text for one in case.steps[-1].contents}
    assert said == {"left_out": f"e-{by.number}"}


# What holds a party -------------------------------------------------------------------


@ON_SQLITE
async def test_only_the_own_duties_hold_a_party(world: ListWorld) -> None:
    """The person's fine is unpaid: the unit leaves early, the person once it is paid."""
    by = Parties(world, performed_date=DONE)
    named = by.named(by.own, by.fine, persons=(by.fined,))
    case = await world.published((await world.opened(**named)).case_id)
    unit, fined = (one.entry.entry_id for one in case.entries)

    world.stand_at(LATER)
    of_person = await refusal(early(world, fined))
    after = await early(world, unit)

    assert (of_person.reason, of_person.facts["condition"]) == (
        "CONDITION_UNMET",
        "penalty_performed",
    )
    assert by.states(after) == {"unit": REMOVED, "fined": IN_FORCE}
    world.facts.revise(by.fine, performed_date=DONE)
    case = await world.take("DecideEarlyRemoval", CHIEF, entry_id=fined, opinion=1)
    assert by.states(case) == {"unit": REMOVED, "fined": REMOVED}


async def test_only_the_own_duties_hold_a_repair(world: ListWorld, remedies: RemedyClient) -> None:
    """The person's fine is no duty of the unit; the unit's own penalty is."""
    by = Parties(world)
    named = by.named(by.own, by.fine, persons=(by.fined,))
    case = await world.published((await world.opened(**named)).case_id)
    world.stand_at(date(2026, 6, 4))
    remedy_id = remedies(application(case.entries[0].entry.entry_id), PORTAL).remedy.remedy_id
    remedies(acceptance(remedy_id))

    with pytest.raises(RefusalError) as own:
        remedies(grant(remedy_id))
    world.facts.revise(by.own, performed_date=DONE)
    granted = remedies(grant(remedy_id))

    assert own.value.reason == "DUTY_NOT_PERFORMED"
    assert granted.remedy.remedy_id == remedy_id
