"""Persons of cases over the wire: their names and numbers reach those entitled, and nobody else."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.common.identity import Caller
from tests.fakes.credit_remedies import portal_of
from tests.fakes.list_world import (
    AUDITOR,
    BUREAU,
    CHIEF,
    CLERK,
    DECISION,
    NOTICE,
    ON_SQLITE,
    PORTAL,
    ListWorld,
)
from tests.fakes.scoring_client import RefusedError

FIRST, SECOND = "欧阳样测丙", "司马样戊"
NUMBER = "11010519491231002X"
FAR = Caller(
    identity="far",
    roles=frozenset({"regulator"}),
    authority="南通市崇川区交通运输局",
    divisions=frozenset({"320613"}),
    fields=frozenset({"transport"}),
)


async def notified(world: ListWorld) -> tuple[str, str, str]:
    """Open a case of a unit and two principals, and serve its notice; name case and persons."""
    number, _ = world.penalised()
    first, second = (f"p-{world.principal(number, name)}" for name in (FIRST, SECOND))
    world.stand_at(date(2025, 6, 3))
    case_id: str = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    return case_id, first, second


async def refusal(world: ListWorld, method: str, who: Caller, **fields: Any) -> RefusedError:  # noqa: ANN401 -- fields of a request.
    """Take a step that is refused; give the refusal."""
    with pytest.raises(RefusedError) as error:
        await world.take(method, who, **fields)
    return error.value


@ON_SQLITE
async def test_no_text_that_is_published_tells_who(world: ListWorld) -> None:
    """Refused by the field, at the nomination, notice, decision and correction; nothing is kept."""
    number, penalty = world.penalised()
    world.principal(number, FIRST)
    world.stand_at(date(2025, 6, 3))
    nominated = {"record_ids": [f"r-{penalty}"]}
    opened = {"subject": {"enterprise_id": f"e-{number}"}, "policy_id": "cn.test.blacklist"}
    named, numbered = f"{FIRST}瞒报事故", f"负责人（{NUMBER}）瞒报"

    errors = [
        await refusal(world, "OpenListCase", CLERK, **opened, **nominated, cause=named),
        await refusal(world, "OpenListCase", CLERK, **opened, **nominated, cause=numbered),
    ]
    case_id = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    notice = {**NOTICE, "measures": named}
    errors.append(await refusal(world, "NotifyListCase", CHIEF, case_id=case_id, **notice))
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    await world.take("RecordStatement", CHIEF, case_id=case_id, waived=True)
    await world.take("ReviewListCase", CHIEF, case_id=case_id, field=1, opinion=1)
    await world.take("ApproveListCase", CHIEF, case_id=case_id, opinion=1)
    for text in (named, numbered):
        decision = {**DECISION, "cause": text}
        errors.append(await refusal(world, "DecideListCase", CHIEF, case_id=case_id, **decision))
    await world.take("DecideListCase", CHIEF, case_id=case_id, **DECISION)
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    case = await world.take("PublishListCase", CHIEF, case_id=case_id)
    entry_id = case.entries[0].entry.entry_id
    errors.append(await refusal(world, "CorrectListEntry", CHIEF, entry_id=entry_id, reason=named))

    assert {(one.code, one.reason) for one in errors} == {("INVALID_ARGUMENT", "PERSON_IN_TEXT")}
    assert [one.message.split()[0] for one in errors] == [
        *("cause", "cause", "measures", "cause", "cause", "reason")
    ]
    assert all("有关人员" in one.message for one in errors)
    assert not any(FIRST in one.message or NUMBER in one.message for one in errors)
    assert {one.entry.cause for one in case.entries} == {DECISION["cause"]}


@ON_SQLITE
async def test_the_ledger_masks_who_spoke_for_a_party(world: ListWorld) -> None:
    """An auditor reads neither name nor number in steps and texts; the bureau may read both."""
    case_id, first, second = await notified(world)
    said = f"本人{SECOND}（{NUMBER}）与{FIRST}无关"
    who = replace(portal_of(second), divisions=frozenset({"*"}))
    spoken: dict[str, Any] = {"case_id": case_id, "party_subject_id": second, "statement": said}
    await world.take("RecordStatement", who, person=SECOND, **spoken)

    read = (await world.call("GetListCase", AUDITOR, case_id=case_id)).list_case
    (listed,) = (await world.call("ListListCases", AUDITOR)).list_cases
    full = (await world.call("GetListCase", CHIEF, case_id=case_id, full_names=True)).list_case

    assert (read.steps[-1].person, read.steps[-1].contents[0].text) == (
        "司＊",
        "本人司＊（110105********002X）与欧＊无关",
    )
    assert read.steps[0].person == "赵一"
    assert not any(name in str(answer) for name in (FIRST, SECOND) for answer in (read, listed))
    assert (full.steps[-1].person, full.steps[-1].contents[0].text) == (SECOND, said)
    assert [one.subject_id for one in read.parties][1:] == [first, second]


UNKNOWN = "尉迟长风"


@ON_SQLITE
async def test_who_acted_for_a_party_is_masked_without_being_registered(world: ListWorld) -> None:
    """A statement names who brings it, whom nobody registered; later texts may not, and mask it."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    said = f"本人{UNKNOWN}受公司委托陈述"
    spoken = {"case_id": case_id, "person": UNKNOWN, "statement": said}

    own = await world.take("RecordStatement", PORTAL, **spoken)
    named: dict[str, Any] = {"case_id": case_id, "answer": f"{UNKNOWN}所述不予采纳"}
    error = await refusal(world, "AnswerStatement", CHIEF, **named)
    await world.take("AnswerStatement", CHIEF, **{**named, "answer": "所述不予采纳"})
    read = (await world.call("GetListCase", AUDITOR, case_id=case_id)).list_case
    full = (await world.call("GetListCase", CHIEF, case_id=case_id, full_names=True)).list_case

    assert (error.reason, error.message.split()[0]) == ("PERSON_IN_TEXT", "answer")
    texts = [content.text for step in read.steps for content in step.contents]
    assert "本人尉＊受公司委托陈述" in texts
    assert not any(UNKNOWN in str(answer) for answer in (read, own))
    # Officials are named as before.
    assert read.steps[-1].person == "钱二"
    assert said in [content.text for step in full.steps for content in step.contents]


@ON_SQLITE
async def test_a_portal_is_answered_with_its_own_part_of_a_case(world: ListWorld) -> None:
    """Neither the other person, nor the unit, nor what either said."""
    case_id, first, second = await notified(world)

    async def speak(party: str) -> Any:  # noqa: ANN401 -- a case.
        who = replace(portal_of(party), divisions=frozenset({"*"}))
        spoken: dict[str, Any] = {"party_subject_id": party, "statement": f"{party}不服"}
        return await world.take("RecordStatement", who, case_id=case_id, person="某", **spoken)

    await speak(first)
    own = await speak(second)
    whole = (await world.call("GetListCase", CHIEF, case_id=case_id)).list_case

    assert [one.subject_id for one in own.parties] == [second]
    assert [one.kind for one in own.steps] == [3, 4]
    assert own.steps[-1].contents[0].text == f"{second}不服"
    # Besides what it may do itself it is told that the authority owes it an answer.
    assert {one.party_subject_id or one.kind for one in own.next_steps} <= {second, 6}
    assert first not in str(own)
    assert [one.kind for one in whole.steps] == [1, 2, 3, 4, 4]


@ON_SQLITE
async def test_names_in_full_need_a_scope_that_reaches_the_case(world: ListWorld) -> None:
    """The role alone is not enough, for the case and for its entry; masked it is for all."""
    number, _ = world.penalised()
    world.principal(number, FIRST)
    case = await world.published((await world.opened()).case_id)
    wanted = {
        "GetListCase": {"case_id": case.case_id},
        "GetListEntry": {"entry_id": case.entries[1].entry.entry_id},
    }

    for method, fields in wanted.items():
        with pytest.raises(RefusedError) as error:
            await world.call(method, FAR, **fields, full_names=True)
        masked = await world.call(method, FAR, **fields)
        full = await world.call(method, CHIEF, **fields, full_names=True)

        assert (error.value.code, error.value.reason) == ("PERMISSION_DENIED", "NAMES_NOT_ENTITLED")
        assert FIRST not in str(masked)
        assert FIRST in str(full)


@ON_SQLITE
async def test_a_colleague_is_no_more_named_than_the_party(world: ListWorld) -> None:
    """In the case of a person neither is whoever has or had a role beside that person."""
    number, _ = world.penalised()
    first = world.principal(number, FIRST)
    world.principal(number, SECOND)
    own = world.facts.record(
        "penalty", first, date(2025, 5, 1), person=True, major=True, final_date=date(2025, 5, 20)
    )
    world.stand_at(date(2025, 6, 3))
    opened: dict[str, Any] = {
        "subject": {"person_id": f"p-{first}"},
        "policy_id": "cn.test.blacklist",
        "record_ids": [f"r-{own}"],
    }

    error = await refusal(world, "OpenListCase", CLERK, **opened, cause=f"与{SECOND}一共同隐瞒")
    case = await world.take("OpenListCase", CLERK, **opened, cause="与有关人员共同隐瞒")

    assert (error.reason, error.message.split()[0]) == ("PERSON_IN_TEXT", "cause")
    assert [one.subject_id for one in case.parties] == [f"p-{first}"]


@ON_SQLITE
async def test_the_ledger_masks_everybody_around_the_parties(world: ListWorld) -> None:
    """A statement of the unit names the principal of after its penalties, who is no party."""
    number, _ = world.penalised()
    world.principal(number, FIRST)
    successor = world.principal(number, SECOND, date(2025, 6, 2))
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    said = f"继任{SECOND}可以作证"

    await world.take("RecordStatement", CHIEF, case_id=case_id, statement=said)

    read = (await world.call("GetListCase", AUDITOR, case_id=case_id)).list_case
    (listed,) = (await world.call("ListListCases", AUDITOR)).list_cases
    full = (await world.call("GetListCase", CHIEF, case_id=case_id, full_names=True)).list_case
    assert f"p-{successor}" not in {one.subject_id for one in read.parties}
    assert [one.steps[-1].contents[0].text for one in (read, listed, full)] == [
        "继任司＊可以作证",
        "继任司＊可以作证",
        said,
    ]


@ON_SQLITE
async def test_what_an_attachment_proves_is_a_name_of_the_policy(world: ListWorld) -> None:
    """A condition or an input by its name, or nothing; a person's name is neither."""
    number, _ = world.penalised()
    world.principal(number, FIRST)
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id

    sent = {"case_id": case_id, "addressee": BUREAU}

    error = await refusal(
        world, "ReportListCase", CLERK, **sent, attachments={f"{FIRST}的证明": "材料"}
    )
    case = await world.take("ReportListCase", CLERK, **sent, attachments={"harm_removed": "材料"})

    assert error.code == "INVALID_ARGUMENT"
    assert FIRST not in error.message
    assert case.steps[-1].attachments[0].proves == "harm_removed"
