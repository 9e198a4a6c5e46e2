"""Whose listing still rests on something, party by party: over loopback."""

from collections.abc import Coroutine
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, update

from models.persons import RoleRow
from services.scoring.main import ScoringServer
from tests.fakes.list_world import (
    BUREAU,
    CHIEF,
    CODE,
    DECISION,
    ON_SQLITE,
    ListWorld,
    redlist_decided,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import WRITER

SEVERAL = "cn.test.several-blacklist"
PRINCIPAL, RESPONSIBLE = 2, 5
FACT = date(2025, 1, 10)
NEIGHBOUR = "北京市朝阳区交通委员会"


async def refusal(call: Coroutine[Any, Any, Any]) -> RefusedError:
    """Give the refusal of a call that fails a precondition."""
    with pytest.raises(RefusedError) as error:
        await call
    assert error.value.code == "FAILED_PRECONDITION", error.value.message
    return error.value


def assign(
    world: ListWorld, person: int, number: int, kind: int, end_date: date | None = None
) -> int:
    """Give a person a role from 2020 on; give the number of its row."""
    with world.facts.database.write(caller=WRITER, method="test") as write:
        row_id: int = write.new_id()
        write.connection.execute(
            insert(RoleRow).values(
                row_id=row_id,
                role_id=row_id,
                person_id=person,
                enterprise_id=number,
                kind=kind,
                start_date=date(2020, 1, 1),
                end_date=end_date,
                recorded_revision=write.revision,
            )
        )
        write.commit()
    return row_id


def end(world: ListWorld, row_id: int, person: int, number: int, day: date) -> None:
    """Correct a role of a directly responsible person: it ended on a day."""
    with world.facts.database.write(caller=WRITER, method="test") as write:
        write.connection.execute(
            update(RoleRow)
            .where(RoleRow.row_id == row_id)
            .values(superseded_revision=write.revision)
        )
        write.commit()
    assign(world, person, number, RESPONSIBLE, day)


class Two:
    """A unit with a major and a minor penalty, its principal, and who is directly responsible.

    Attributes:
        number: The unit.
        principal: Reached by the major penalty alone.
        responsible: Reached by the minor one alone.
        role: Row of the role of that person.
        major: The major penalty.
        minor: The minor one.
    """

    def __init__(self, world: ListWorld) -> None:
        """Record them, and stand at 3 June 2025."""
        self.number, self.major = world.penalised()
        self.minor = world.penalty(self.number, major=False)
        self.principal = world.facts.person("王小明")
        self.responsible = world.facts.person("李小红")
        assign(world, self.principal, self.number, PRINCIPAL)
        self.role = assign(world, self.responsible, self.number, RESPONSIBLE)
        world.stand_at(date(2025, 6, 3))

    def states(self, case: Any) -> dict[str, int]:  # noqa: ANN401 -- a case.
        """Give the states of the entries, by whom they list."""
        names = {
            f"e-{self.number}": "unit",
            f"p-{self.principal}": "principal",
            f"p-{self.responsible}": "responsible",
        }
        return {names[one.entry.subject_id]: one.state for one in case.entries}


async def read(world: ListWorld, case_id: str) -> Any:  # noqa: ANN401 -- a case.
    """Read a case."""
    return (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case


async def test_an_entry_falls_with_the_basis_of_its_own_party(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """The minor penalty alone listed the directly responsible; the others stay for the major."""
    two = Two(world)
    case = await world.published((await world.opened(policy_id=SEVERAL)).case_id)
    assert two.states(case) == {"unit": 1, "principal": 1, "responsible": 1}
    assert set(case.entries[0].entry.rule_ids) == {"TS-MAJOR", "TS-MINOR"}

    world.facts.revoke(two.minor)
    case_server.lists.once()

    case = await read(world, case.case_id)
    assert two.states(case) == {"unit": 1, "principal": 1, "responsible": 3}
    assert (case.state, case.steps[-1].kind) == (10, 20)
    # The unit goes on without the circumstance that fell.
    assert [list(one.entry.rule_ids) for one in case.entries[:2]] == [["TS-MAJOR"], ["TS-MAJOR"]]
    steps = len(case.steps)
    case_server.lists.once()
    assert len((await read(world, case.case_id)).steps) == steps
    world.facts.revoke(two.major)
    case_server.lists.once()
    case = await read(world, case.case_id)
    assert two.states(case) == {"unit": 3, "principal": 3, "responsible": 3}


@ON_SQLITE
async def test_who_is_no_more_carried_is_corrected_by_hand(world: ListWorld) -> None:
    """Without an objection, and nobody else of the case."""
    two = Two(world)
    case = await world.published((await world.opened(policy_id=SEVERAL)).case_id)
    entries = {one.entry.subject_id: one.entry.entry_id for one in case.entries}
    world.facts.revoke(two.minor)

    def correct(name: str) -> Coroutine[Any, Any, Any]:
        wish = {"entry_id": entries[name], "reason": "处罚已撤销"}
        return world.take("CorrectListEntry", CHIEF, **wish)

    assert (await refusal(correct(f"p-{two.principal}"))).reason == "BASIS_STANDS"
    assert (await refusal(correct(f"e-{two.number}"))).reason == "BASIS_STANDS"
    case = await correct(f"p-{two.responsible}")
    assert two.states(case) == {"unit": 1, "principal": 1, "responsible": 3}


@ON_SQLITE
async def test_who_is_no_more_carried_is_neither_decided_nor_published(world: ListWorld) -> None:
    """The decision lists the others alone; what falls after it is left out, and said to be."""
    two = Two(world)
    case_id = (await world.opened(policy_id=SEVERAL)).case_id
    again = world.penalty(two.number, major=False)
    world.facts.revise(two.minor, final_date=date(2025, 6, 4))

    refused = await refusal(world.decided(case_id))
    # A penalty that came after the case was opened is a ground for another.
    assert refused.facts["party_subject_ids"] == f"p-{two.responsible}"
    assert (refused.reason, refused.facts["clause"]) == (
        "FINAL_PENALTY_MISSING",
        "测试名单办法 测〔2020〕1号 第三条",
    )
    world.facts.revoke(again)
    world.facts.revise(two.minor, final_date=date(2025, 3, 1))
    decision = {**DECISION, "measure_codes": ["more_inspections", "information_published"]}
    await world.take("DecideListCase", CHIEF, case_id=case_id, **decision)
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    world.facts.revoke(two.minor)
    case = await world.take("PublishListCase", CHIEF, case_id=case_id)

    assert two.states(case) == {"unit": 1, "principal": 1}
    assert [list(one.entry.rule_ids) for one in case.entries] == [["TS-MAJOR"], ["TS-MAJOR"]]
    said = {one.name: one.text for one in case.steps[-1].contents}
    assert said == {"left_out": f"p-{two.responsible}"}


@ON_SQLITE
async def test_a_person_is_no_party_for_what_has_no_basis(world: ListWorld) -> None:
    """The minor penalty is not final yet: its circumstance lists with another, and lists nobody."""
    two = Two(world)
    world.facts.revise(two.minor, final_date=None)

    case = await world.opened(policy_id=SEVERAL)

    assert [one.subject_id for one in case.parties] == [f"e-{two.number}", f"p-{two.principal}"]


@pytest.mark.parametrize(
    ("day", "state"),
    [(FACT, 3), (date(2025, 1, 11), 1)],
    ids=["ended-on-the-day-of-the-fact", "ended-the-day-after"],
)
async def test_an_entry_falls_with_the_role_of_its_person(
    world: ListWorld, case_server: ScoringServer, day: date, state: int
) -> None:
    """Whoever is known now to have had no role on the day of the fact was never listed."""
    two = Two(world)
    case = await world.published((await world.opened(policy_id=SEVERAL)).case_id)

    end(world, two.role, two.responsible, two.number, day)
    case_server.lists.once()

    case = await read(world, case.case_id)
    assert two.states(case) == {"unit": 1, "principal": 1, "responsible": state}


@ON_SQLITE
async def test_a_role_that_falls_before_the_decision_lists_nobody(world: ListWorld) -> None:
    """By rule and by nomination; who left after the fact is listed all the same."""
    two = Two(world)
    case_id = (await world.opened(policy_id=SEVERAL)).case_id
    end(world, two.role, two.responsible, two.number, FACT)

    refused = await refusal(world.decided(case_id))
    assert refused.facts["party_subject_ids"] == f"p-{two.responsible}"
    await world.take("CloseListCase", CHIEF, case_id=case_id, reason="另案")
    named: dict[str, Any] = {
        "record_ids": [f"r-{two.minor}"],
        "person_ids": [f"p-{two.responsible}"],
        "cause": "瞒报",
    }

    assert (await refusal(world.opened(**named))).reason == "PARTY_UNKNOWN"
    assign(world, two.responsible, two.number, PRINCIPAL, date(2025, 1, 11))
    case = await world.opened(**named)
    assert case.parties[1].role == "principal"


@ON_SQLITE
async def test_who_made_no_penalty_that_stands_decides_nothing(world: ListWorld) -> None:
    """The own penalty is revoked, the neighbour's stands: neither decision nor publication."""
    number, own = world.penalised()
    other = world.penalty(number, authority=NEIGHBOUR)
    world.stand_at(date(2025, 6, 3))
    grounds: dict[str, Any] = {"record_ids": [f"r-{own}", f"r-{other}"], "cause": "两案"}
    first = (await world.opened(**grounds)).case_id
    await world.decided(first)
    await world.take("ServeDecision", CHIEF, case_id=first)

    world.facts.revoke(own)
    published = await refusal(world.take("PublishListCase", CHIEF, case_id=first))
    await world.take("CloseListCase", CHIEF, case_id=first, reason="处罚已撤销")

    assert (published.reason, published.facts["wanted"]) == ("WRONG_AUTHORITY", NEIGHBOUR)
    assert "close it" in published.message
    assert published.facts["clause"].endswith("第四条")
    own = world.penalty(number)
    grounds["record_ids"] = [f"r-{own}", f"r-{other}"]
    second = (await world.opened(**grounds)).case_id
    world.facts.revoke(other)
    # The own penalty stands, whatever becomes of the neighbour's.
    assert (await world.decided(second)).state == 8


@ON_SQLITE
async def test_one_accident_lists_once(world: ListWorld) -> None:
    """Two penalties for one accident are one fact; one for the next accident is another."""
    number = world.facts.enterprise(credit_code=CODE)
    accident, following = (
        world.facts.record("accident", number, day) for day in (FACT, date(2025, 2, 10))
    )
    penalties = [
        world.penalty(number, accident_record_id=one) for one in (accident, accident, following)
    ]
    world.stand_at(date(2025, 6, 3))

    def nominated(penalty: int) -> Coroutine[Any, Any, Any]:
        return world.opened(record_ids=[f"r-{penalty}"], cause="事故")

    await world.published((await nominated(penalties[0])).case_id)

    assert (await refusal(nominated(penalties[1]))).reason == "BASIS_USED_ALREADY"
    assert (await nominated(penalties[2])).state == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("codes", "refused"),
    [
        (["more_inspections", "talk_and_training"], True),
        (["talk_and_training"], False),
    ],
    ids=["for-enterprises", "for-persons-too"],
)
async def test_a_measure_fits_who_is_listed(
    world: ListWorld, codes: list[str], *, refused: bool
) -> None:
    """Of a unit's case that lists its principal alone, a measure for enterprises is no measure."""
    two = Two(world)
    case_id = (await world.opened(policy_id=SEVERAL)).case_id
    wish = {"measure_codes": codes, "party_subject_ids": [f"p-{two.principal}"]}

    if refused:
        error = await refusal(world.decided(case_id, **wish))
        assert (error.reason, error.facts["measure"]) == ("MEASURE_NOT_ALLOWED", codes[0])
        # With the unit among those listed it is carried by the unit.
        both = [f"p-{two.principal}", f"e-{two.number}"]
        decision = {**DECISION, **wish, "party_subject_ids": both}
        case = await world.take("DecideListCase", CHIEF, case_id=case_id, **decision)
        assert list(case.steps[-1].measure_codes) == codes
    else:
        case = await world.published(case_id, **wish)
        assert list(case.entries[0].entry.measure_codes) == codes


@ON_SQLITE
async def test_what_nothing_carries_is_not_due(world: ListWorld) -> None:
    """Neither a case nor the deadlines ask for a publication that would be refused."""
    two = Two(world)
    case_id = (await world.opened(policy_id=SEVERAL)).case_id
    await world.decided(case_id)
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    # What changed without falling is published as before.
    world.facts.revise(two.minor, performed_date=date(2025, 6, 2))
    world.stand_at(date(2025, 7, 2))

    async def asked() -> tuple[list[int], list[int]]:
        case = await read(world, case_id)
        due = await world.call("ListDeadlines", CHIEF, authority=BUREAU, overdue=True)
        return (
            [one.kind for one in case.next_steps],
            [one.step.kind for one in due.deadlines],
        )

    assert await asked() == ([12, 13], [12])
    world.facts.revoke(two.major)
    # The minor penalty alone carries the unit still.
    assert await asked() == ([12, 13], [12])
    world.facts.revoke(two.minor)

    assert await asked() == ([13], [])
    error = await refusal(world.take("PublishListCase", CHIEF, case_id=case_id))
    assert error.reason == "FINAL_PENALTY_MISSING"
    assert "close the case" in error.message


@ON_SQLITE
async def test_a_nomination_whose_penalty_is_of_another_field_is_not_due(world: ListWorld) -> None:
    """Corrected to fire after the decision, it can be closed, and nothing else."""
    _, penalty = world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened(record_ids=[f"r-{penalty}"], cause="瞒报")).case_id
    await world.decided(case_id)
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    assert [one.kind for one in (await read(world, case_id)).next_steps] == [12, 13]

    world.facts.revise(penalty, field=2)

    assert [one.kind for one in (await read(world, case_id)).next_steps] == [13]
    error = await refusal(world.take("PublishListCase", CHIEF, case_id=case_id))
    assert (error.reason, error.facts["field"]) == ("BASIS_OF_OTHER_FIELD", "work_safety")
    assert "close it" in error.message


@ON_SQLITE
async def test_a_redlisting_whose_conditions_broke_is_not_due(world: ListWorld) -> None:
    """Decided, it waits for its publication until a penalty comes in between."""
    number = world.facts.enterprise(credit_code=CODE)
    world.stand_at(date(2025, 6, 3))
    case_id = (await redlist_decided(world)).case_id

    async def asked() -> list[int]:
        return [one.kind for one in (await read(world, case_id)).next_steps]

    assert await asked() == [12, 13]
    penalty = world.facts.record("penalty", number, date(2025, 6, 11))
    assert await asked() == [13]
    publish = world.take("PublishListCase", CHIEF, case_id=case_id)
    assert (await refusal(publish)).reason == "CONDITION_UNMET"
    world.facts.revoke(penalty)
    assert await asked() == [12, 13]


@ON_SQLITE
async def test_a_person_answers_for_its_own_penalty_alone(world: ListWorld) -> None:
    """Who is listed for the minor penalty, performed, leaves early; the unit's other keeps it."""
    two = Two(world)
    world.facts.revise(two.minor, performed_date=date(2025, 5, 1))
    case = await world.published((await world.opened(policy_id=SEVERAL)).case_id)
    entries = {one.entry.subject_id: one.entry.entry_id for one in case.entries}
    world.stand_at(date(2025, 12, 3))

    def early(name: str) -> Coroutine[Any, Any, Any]:
        return leave(world, entries[name])

    for name in (f"p-{two.principal}", f"e-{two.number}"):
        error = await refusal(early(name))
        assert (error.reason, error.facts["condition"]) == ("CONDITION_UNMET", "penalty_performed")
    case = await early(f"p-{two.responsible}")

    assert two.states(case) == {"unit": 1, "principal": 1, "responsible": 2}


@ON_SQLITE
@pytest.mark.parametrize(
    ("day", "major", "relapsed"),
    [
        (date(2025, 6, 3), True, True),
        (date(2025, 6, 2), True, False),
        (date(2025, 6, 3), False, False),
    ],
    ids=["on-the-day-of-the-listing", "the-day-before", "of-another-role"],
)
async def test_a_principal_relapses_with_an_enterprise_of_its_own(
    world: ListWorld, day: date, *, major: bool, relapsed: bool
) -> None:
    """What happens elsewhere from the listing on counts if its circumstance reaches principals."""
    two = Two(world)
    for penalty in (two.minor, two.major):
        world.facts.revise(penalty, performed_date=date(2025, 5, 1))
    case = await world.published((await world.opened(policy_id=SEVERAL)).case_id)
    principal = next(
        one.entry.entry_id for one in case.entries if one.entry.subject_id == f"p-{two.principal}"
    )
    elsewhere = world.facts.enterprise(credit_code="91110000802100433B")
    assign(world, two.principal, elsewhere, PRINCIPAL)
    world.facts.record("penalty", elsewhere, day, major=major, final_date=date(2025, 8, 1))
    world.stand_at(date(2025, 12, 3))

    if relapsed:
        error = await refusal(leave(world, principal))
        assert (error.reason, error.facts["condition"]) == ("CONDITION_UNMET", "no_relapse")
    else:
        assert two.states(await leave(world, principal))["principal"] == 2


async def leave(world: ListWorld, entry_id: str) -> Any:  # noqa: ANN401 -- a case.
    """Apply for early removal with evidence, and let it be granted."""
    proof = {"harm_removed": "整改报告"}
    await world.take("ApplyForEarlyRemoval", CHIEF, entry_id=entry_id, attachments=proof)
    await world.take("AcceptEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)
    return await world.take("DecideEarlyRemoval", CHIEF, entry_id=entry_id, opinion=1)


@ON_SQLITE
@pytest.mark.parametrize("step", ["decide", "publish"])
async def test_nothing_is_decided_or_published_before_a_penalty_is_final(
    world: ListWorld, step: str
) -> None:
    """Final on 10 June by a later edition, known on the 12th: not by a step of the 9th."""
    _, penalty = world.penalised()
    world.stand_at(date(2025, 6, 3))
    nomination = {"record_ids": [f"r-{penalty}"], "cause": "瞒报事故"}
    case_id = (await world.opened(**nomination)).case_id
    if step == "decide":
        await world.approved(case_id)
    else:
        await world.decided(case_id)
        await world.take("ServeDecision", CHIEF, case_id=case_id)
    world.facts.revise(penalty, final_date=date(2025, 6, 10))
    world.stand_at(date(2025, 6, 12))
    method, said = {
        "decide": ("DecideListCase", DECISION),
        "publish": ("PublishListCase", {}),
    }[step]

    before = world.take(method, CHIEF, case_id=case_id, day=date(2025, 6, 9), **said)
    refused = await refusal(before)
    taken = await world.take(method, CHIEF, case_id=case_id, day=date(2025, 6, 10), **said)

    assert refused.reason == "FINAL_PENALTY_MISSING"
    assert taken.case_id == case_id
