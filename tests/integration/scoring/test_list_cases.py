"""The procedure of the blacklists over loopback: from candidate to publication."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from models.lists import ListCaseStepRow
from services.common.identity import Caller
from services.scoring.main import ScoringServer
from tests.fakes.list_world import (
    AUDITOR,
    BUREAU,
    CANDIDATE,
    CHIEF,
    CLERK,
    CODE,
    DECISION,
    FIRE,
    FIREMAN,
    FIREMAN_OF_ALL,
    LISTED,
    NO_DATA,
    NOT_LISTED,
    NOTICE,
    ON_SQLITE,
    ListWorld,
    plain_day,
    wire_day,
)
from tests.fakes.scoring_client import RefusedError
from tests.fakes.scoring_facts import WRITER


async def test_a_blacklist_case_walks_from_candidate_to_listed(world: ListWorld) -> None:
    """Collection, report, notice, defence, review, approval, decision, service, publication."""
    number, penalty = world.penalised(fields=0b110)
    world.stand_at(date(2025, 6, 3))

    case = await world.opened()
    assert (case.state, case.origin, case.list, case.field) == (1, 1, 1, 1)
    assert [reason.rule_id for reason in case.reasons] == ["TB-MAJOR"]
    assert list(case.reasons[0].record_ids) == [f"r-{penalty}"]
    assert list(case.review_fields) == [1, 2]
    assert (case.authority, case.deciding_authority) == (BUREAU, "")

    case = await world.take("ReportListCase", CLERK, case_id=case.case_id, addressee=BUREAU)
    assert (case.state, case.deciding_authority) == (2, BUREAU)

    case = await world.take("NotifyListCase", CHIEF, case_id=case.case_id, **NOTICE)
    review = next(step for step in case.next_steps if step.kind == 7)
    # Five working days after Tuesday 3 June end on Tuesday 10 June.
    assert plain_day(review.earliest_date) == date(2025, 6, 11)
    assert not review.earliest_provisional

    world.stand_at(date(2025, 6, 5))
    await world.take("RecordStatement", CHIEF, case_id=case.case_id, statement="处罚过重")
    await world.take("AnswerStatement", CHIEF, case_id=case.case_id, answer="经复核，不予采纳")
    world.stand_at(date(2025, 6, 11))
    await world.take("ReviewListCase", CHIEF, case_id=case.case_id, field=1, opinion=1)
    case = await world.take("ReviewListCase", FIREMAN, case_id=case.case_id, field=2, opinion=1)
    assert case.state == 4

    await world.take("ApproveListCase", CHIEF, case_id=case.case_id, opinion=1)
    case = await world.take("DecideListCase", CHIEF, case_id=case.case_id, **DECISION)
    service = next(step for step in case.next_steps if step.kind == 11)
    # Seven working days after Wednesday 11 June: the service is due on Friday 20 June.
    assert plain_day(service.due_date) == date(2025, 6, 20)
    assert (await world.status()).standing == CANDIDATE

    await world.take("ServeDecision", CHIEF, case_id=case.case_id)
    case = await world.take("PublishListCase", CHIEF, case_id=case.case_id)

    (listed,) = case.entries
    assert (case.state, listed.state) == (10, 1)
    assert list(listed.entry.measure_codes) == ["information_published"]
    assert listed.entry.subject_id == f"e-{number}"
    assert plain_day(listed.entry.start_date) == date(2025, 6, 11)
    assert plain_day(listed.entry.end_date) == date(2026, 6, 11)
    assert [step.kind for step in case.steps] == [1, 2, 3, 4, 6, 7, 7, 8, 10, 11, 12]
    assert all(step.person and step.document_number and step.caller for step in case.steps)
    assert case.steps[6].authority == FIRE
    status = await world.status()
    assert (status.standing, status.entry.entry.entry_id) == (LISTED, listed.entry.entry_id)
    assert plain_day(status.valid_until_date) == date(2026, 6, 11)


@ON_SQLITE
async def test_every_wrong_step_is_refused_by_name(world: ListWorld) -> None:
    """Skipped, repeated, early, by the wrong authority, by the proposer: each has its reason."""
    world.penalised(fields=0b110)
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id

    async def refused(method: str, who: Any = CHIEF, **fields: Any) -> str:  # noqa: ANN401 -- fields of a request.
        with pytest.raises(RefusedError) as error:
            await world.take(method, who, **{"case_id": case_id, **fields})
        assert error.value.code == "FAILED_PRECONDITION", error.value.message
        return error.value.reason

    early: dict[str, Any] = {"opinion": 1}
    assert await refused("NotifyListCase", **NOTICE) == "STEP_MISSING"
    assert await refused("DecideListCase", **DECISION) == "STEP_MISSING"
    assert await refused("PublishListCase") == "STEP_MISSING"
    assert await refused("ReportListCase", CLERK, addressee=FIRE) == "WRONG_AUTHORITY"
    assert await refused("ReportListCase", FIREMAN_OF_ALL, addressee=BUREAU) == "WRONG_AUTHORITY"
    assert await refused("AnnounceListCase") == "WRONG_LIST"
    await world.take("ReportListCase", CLERK, case_id=case_id, addressee=BUREAU)
    assert await refused("ReportListCase", CLERK, addressee=BUREAU) == "STEP_REPEATED"
    assert await refused("RecordStatement", statement="早") == "STEP_MISSING"
    incomplete = {name: text for name, text in NOTICE.items() if name != "rights"}
    assert await refused("NotifyListCase", **incomplete) == "CONTENT_MISSING"
    assert await refused("NotifyListCase", party_subject_id="p-7", **NOTICE) == "PARTY_UNKNOWN"
    await world.take("NotifyListCase", CHIEF, case_id=case_id, **NOTICE)
    assert await refused("NotifyListCase", **NOTICE) == "STEP_REPEATED"
    assert await refused("ReviewListCase", field=1, **early) == "STEP_TOO_EARLY"
    await world.take("RecordStatement", CHIEF, case_id=case_id, statement="处罚过重")
    world.stand_at(date(2025, 6, 11))
    assert await refused("RecordStatement", statement="迟") == "PERIOD_OVER"
    assert await refused("ReviewListCase", field=1, **early) == "STEP_MISSING"
    await world.take("AnswerStatement", CHIEF, case_id=case_id, answer="不予采纳")
    assert await refused("ReviewListCase", field=3, **early) == "WRONG_AUTHORITY"
    assert await refused("ApproveListCase", **early) == "STEP_MISSING"
    await world.take("ReviewListCase", CHIEF, case_id=case_id, field=1, opinion=1)
    assert await refused("ReviewListCase", field=1, **early) == "STEP_REPEATED"
    # One authority cannot speak for two departments.
    assert await refused("ReviewListCase", field=2, **early) == "WRONG_AUTHORITY"
    await world.take(
        "ReviewListCase", FIREMAN, case_id=case_id, field=2, opinion=2, reason="事实不清"
    )
    assert await refused("ApproveListCase", **early) == "REVIEW_DISSENTS"
    await world.take("ReviewListCase", FIREMAN, case_id=case_id, field=2, opinion=1)
    assert await refused("ApproveListCase", CLERK, **early) == "PROPOSER_MAY_NOT_APPROVE"
    # Another login of the same person is the same person.
    assert await refused("ApproveListCase", person="赵一", **early) == "PROPOSER_MAY_NOT_APPROVE"
    await world.take("ApproveListCase", CHIEF, case_id=case_id, opinion=1)
    assert await refused("DecideListCase", **{**DECISION, "remedies": ""}) == "CONTENT_MISSING"
    assert await refused("DecideListCase", **{**DECISION, "measure_codes": []}) == "CONTENT_MISSING"
    assert await refused("DecideListCase", day=date(2025, 6, 10), **DECISION) == "STEP_TOO_EARLY"
    await world.take("DecideListCase", CHIEF, case_id=case_id, **DECISION)
    assert await refused("PublishListCase") == "STEP_MISSING"
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    await world.take("PublishListCase", CHIEF, case_id=case_id)
    assert await refused("PublishListCase") == "CASE_OVER"
    assert await refused("CloseListCase", reason="晚") == "CASE_OVER"


@ON_SQLITE
@pytest.mark.parametrize(
    ("measures", "refused"),
    [
        pytest.param("[]", ("FAILED_PRECONDITION", "CONTENT_MISSING"), id="none"),
        pytest.param('["gone"]', ("NOT_FOUND", "MEASURE_UNKNOWN"), id="no-more-in-the-catalogue"),
        pytest.param(
            '["fewer_inspections"]',
            ("FAILED_PRECONDITION", "MEASURE_NOT_ALLOWED"),
            id="an-incentive",
        ),
    ],
)
async def test_no_entry_is_published_by_a_decision_without_right_measures(
    world: ListWorld, measures: str, refused: tuple[str, str]
) -> None:
    """A decision that an earlier release took, or one by another catalogue, is closed."""
    world.penalised()
    world.stand_at(date(2025, 6, 3))
    case_id = (await world.opened()).case_id
    await world.decided(case_id)
    await world.take("ServeDecision", CHIEF, case_id=case_id)
    with world.facts.database.write(caller=WRITER, method="test") as write:
        write.connection.execute(update(ListCaseStepRow).values(measures=measures))
        write.commit()

    with pytest.raises(RefusedError) as error:
        await world.take("PublishListCase", CHIEF, case_id=case_id)

    assert (error.value.code, error.value.reason) == refused
    assert (await world.status()).standing == CANDIDATE


@ON_SQLITE
async def test_a_case_is_not_opened_without_ground(world: ListWorld) -> None:
    """Whatever a case lacks, the refusal names it."""
    world.penalised()

    async def reason(**fields: Any) -> str:  # noqa: ANN401 -- fields of a request.
        with pytest.raises(RefusedError) as error:
            await world.opened(**fields)
        return error.value.reason

    assert await reason(policy_id="cn.test.bare") == "PROCEDURE_MISSING"
    assert await reason(policy_id="cn.test.redlist") == "WRONG_LIST"
    assert await reason(policy_id="cn.none") == "POLICY_UNKNOWN"
    assert await reason(subject={"person_id": "p-9"}) == "SUBJECT_UNKNOWN"
    assert await reason(record_ids=["r-9"]) == "RECORD_UNKNOWN"
    assert await reason(field=2) == "FIELD_OF_CASE_UNCLEAR"
    assert await reason(inputs=[{"name": "x"}]) == "INPUT_UNKNOWN"
    assert await reason(day=date(2025, 6, 2)) == "STEP_IN_FUTURE"
    assert await reason(request_id="") == "INVALID_INPUT"
    assert await reason(subject={"credit_code": "911"}) == "INVALID_INPUT"
    assert await reason(person="") == "INVALID_INPUT"


@ON_SQLITE
async def test_a_listing_needs_a_final_penalty(world: ListWorld) -> None:
    """A penalty that is not final makes no candidate, and carries no nomination."""
    number, penalty = world.penalised(final_date=None)

    with pytest.raises(RefusedError) as by_rule:
        await world.opened()
    with pytest.raises(RefusedError) as nominated:
        await world.opened(record_ids=[f"r-{penalty}"], cause="性质恶劣")
    final = world.penalty(number)
    case = await world.opened(record_ids=[f"r-{final}"], cause="性质恶劣")

    assert by_rule.value.reason == "NOT_A_CANDIDATE"
    assert nominated.value.reason == "FINAL_PENALTY_MISSING"
    assert case.origin == 2
    assert [party.subject_id for party in case.parties] == [f"e-{number}"]


@ON_SQLITE
async def test_who_may_call_for_whom(world: ListWorld) -> None:
    """Without an authority, or outside its divisions and fields, nobody opens a case."""
    world.penalised()
    nobody = Caller(identity="clerk", roles=frozenset({"regulator"}), divisions=frozenset({"11"}))
    elsewhere = replace(CLERK, divisions=frozenset({"32"}))

    async def reason(who: Caller) -> str:
        with pytest.raises(RefusedError) as error:
            await world.take(
                "OpenListCase",
                who,
                subject={"credit_code": CODE},
                policy_id="cn.test.blacklist",
            )
        return error.value.reason

    assert await reason(nobody) == "AUTHORITY_MISSING"
    assert await reason(elsewhere) == "OUT_OF_SCOPE"
    assert await reason(replace(CLERK, fields=frozenset({"fire"}))) == "OUT_OF_SCOPE"
    assert await reason(replace(CLERK, roles=frozenset({"insurer"}))) == "ACCESS_DENIED"


@ON_SQLITE
async def test_a_repeated_request_is_answered_and_not_repeated(world: ListWorld) -> None:
    """The same request gives the first answer; another body under its identifier is refused."""
    world.penalised()
    wish: dict[str, Any] = {"subject": {"credit_code": CODE}, "policy_id": "cn.test.blacklist"}
    body: dict[str, Any] = {
        "request_id": "one",
        "document": {"person": "赵一", "document_number": "文1号"},
    }

    first = await world.call("OpenListCase", CLERK, **wish, **body)
    second = await world.call("OpenListCase", CLERK, **wish, **body)
    with pytest.raises(RefusedError) as error:
        await world.call("OpenListCase", CLERK, **wish, **{**body, "field": 1})
    with pytest.raises(RefusedError) as another:
        await world.opened()

    assert (first.repeated, second.repeated) == (False, True)
    assert second.list_case == first.list_case
    assert error.value.reason == "REQUEST_ID_REUSED"
    assert another.value.reason == "CASE_OPEN_ALREADY"


async def test_persons_are_listed_with_their_unit_and_shown_masked(world: ListWorld) -> None:
    """The principal on the day of the fact has an own entry; names in full are for regulators."""
    number, _ = world.penalised()
    principal = world.principal(number, "王小明")
    world.principal(number, "刘晚", date(2025, 2, 1))

    case = await world.published((await world.opened()).case_id)

    assert [party.subject_id for party in case.parties] == [f"e-{number}", f"p-{principal}"]
    assert [entry.entry.name for entry in case.entries] == ["北京样本有限公司", "王＊"]
    assert all(entry.entry.credit_code == CODE for entry in case.entries)
    person = await world.status({"person_id": f"p-{principal}"})
    assert (person.standing, person.name) == (LISTED, "王＊")
    masked = await world.call("GetListCase", CHIEF, case_id=case.case_id)
    with capture_logs() as logs:
        full = await world.call("GetListCase", CHIEF, case_id=case.case_id, full_names=True)
        entry = await world.call(
            "GetListEntry", CHIEF, entry_id=case.entries[1].entry.entry_id, full_names=True
        )
    with pytest.raises(RefusedError) as error:
        await world.call("GetListCase", AUDITOR, case_id=case.case_id, full_names=True)
    assert "王小明" not in str(masked)
    assert (full.list_case.parties[1].name, entry.entry.full_name) == ("王小明", "王小明")
    assert [one["person_id"] for one in logs if one["event"] == "person_name_read"] == [
        f"p-{principal}"
    ] * 2
    assert error.value.reason == "NAMES_NOT_ENTITLED"


@ON_SQLITE
async def test_a_decision_may_list_the_person_alone(world: ListWorld) -> None:
    """Who is listed is decided; a measure for enterprises only stays off a person's entry."""
    number, _ = world.penalised()
    principal = world.principal(number, "王小明")

    case = await world.published(
        (await world.opened()).case_id, party_subject_ids=[f"p-{principal}"]
    )

    assert [entry.entry.subject_id for entry in case.entries] == [f"p-{principal}"]
    assert (await world.status()).standing == CANDIDATE


@ON_SQLITE
async def test_a_person_has_a_case_of_its_own(world: ListWorld) -> None:
    """A penalty on a person lists the person."""
    number = world.facts.enterprise(credit_code=CODE)
    person = world.principal(number, "王小明")
    world.facts.record(
        "penalty", person, date(2025, 1, 10), person=True, major=True, final_date=date(2025, 3, 1)
    )

    case = await world.published((await world.opened(subject={"person_id": f"p-{person}"})).case_id)

    assert [entry.entry.subject_id for entry in case.entries] == [f"p-{person}"]
    assert (await world.status()).standing == NOT_LISTED


@ON_SQLITE
async def test_a_case_whose_basis_falls_meanwhile_is_not_decided(world: ListWorld) -> None:
    """What was a candidate when it was collected may be none when it is decided."""
    _, penalty = world.penalised()
    case_id = (await world.opened()).case_id
    await world.decided(case_id)
    world.facts.revoke(penalty)
    await world.take("ServeDecision", CHIEF, case_id=case_id)

    with pytest.raises(RefusedError) as error:
        await world.take("PublishListCase", CHIEF, case_id=case_id)
    closed = await world.take("CloseListCase", CHIEF, case_id=case_id, reason="处罚已撤销")

    assert error.value.reason == "FINAL_PENALTY_MISSING"
    assert closed.state == 12


async def test_an_entry_is_a_fact_that_policies_read(
    world: ListWorld, case_server: ScoringServer
) -> None:
    """Publishing and correcting touch the subject, so that kept and warm answers are refreshed."""
    number, penalty = world.penalised()
    red: dict[str, Any] = {"policy_id": "cn.test.redlist", "as_of": wire_day(date(2029, 1, 1))}
    before = case_server.database.point()
    case = await world.published((await world.opened()).case_id)

    after = case_server.database.point()
    with case_server.lists.desk.store.read() as reading:
        changed = reading.facts.changed(after.revision - 1, after.revision, limit=9)
    assert changed == frozenset({number})
    assert before.revision < after.revision
    # In 2029 the penalty is older than three years, and the entry of one year has ended.
    assert (await world.status(**red)).standing == NO_DATA
    world.facts.revoke(penalty)
    case_server.lists.once()
    with case_server.lists.desk.store.read() as reading:
        last = reading.point.revision
        assert reading.facts.changed(last - 1, last, limit=9) == frozenset({number})
    assert case.entries[0].state == 1
