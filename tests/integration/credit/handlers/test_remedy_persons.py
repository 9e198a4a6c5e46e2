"""Persons in objections and repairs: a party's words are masked, an authority's are refused."""

from datetime import date

import pytest
from google.protobuf.message import Message

from safetycredit.credit.v1 import remedy_service_pb2 as service
from safetycredit.credit.v1.credit_service_pb2 import AssignRoleRequest
from safetycredit.credit.v1.person_pb2 import ROLE_KIND_PRINCIPAL
from safetycredit.type.v1.subject_pb2 import SubjectRef
from tests.fakes.credit_bench import Bench
from tests.fakes.credit_calls import AUDITOR
from tests.fakes.credit_clients import RefusalError
from tests.fakes.credit_remedies import DECIDER, acceptance, application, decided, objection
from tests.fakes.credit_requests import SAMPLE_ID, day, request_id
from tests.fakes.credit_world import person

NAME = "王小明"
REVOKE = service.DecideObjectionRequest.OUTCOME_REVOKE


def penalty_of_a_person(bench: Bench) -> str:
    """Record a penalty of a person; give the record."""
    registered = bench.call.credit(person(SAMPLE_ID, NAME), DECIDER)
    subject = SubjectRef(person_id=registered.person.person_id)
    return bench.penalty(head={"subject": subject})


def in_office(bench: Bench) -> None:
    """Make a person the principal of the enterprise, from 2021 on."""
    registered = bench.call.credit(person(SAMPLE_ID, NAME), DECIDER)
    role = AssignRoleRequest(
        request_id=request_id(),
        person_id=registered.person.person_id,
        enterprise=bench.subject,
        kind=ROLE_KIND_PRINCIPAL,
        start_date=day(date(2021, 1, 1)),
    )
    bench.call.credit(role, DECIDER)


def refused(bench: Bench, request: Message) -> RefusalError:
    """Send a request that is refused; give the refusal."""
    with pytest.raises(RefusalError) as error:
        bench.call(request)
    return error.value


def test_what_a_party_writes_of_itself_is_masked(bench: Bench) -> None:
    """Its name and number, in ground and title, for the authority and for auditors."""
    record_id = penalty_of_a_person(bench)
    ground = f"本人{NAME}，身份证{SAMPLE_ID}，不服"
    titled = [service.Evidence(sha256="ab" * 32, title=f"{NAME}的说明")]
    filed = bench.call(objection(record_id, ground=ground, evidence=titled)).remedy

    (listed,) = bench.call(service.ListRemediesRequest(target_id=record_id), AUDITOR).remedies
    got = bench.call(service.GetRemedyRequest(remedy_id=filed.remedy_id), AUDITOR).remedy

    masked = f"本人王＊，身份证{SAMPLE_ID[:6]}********{SAMPLE_ID[-4:]}，不服"
    for shown in (filed, listed, got):
        assert shown.steps[0].text == masked
        assert shown.steps[0].evidence[0].title == "王＊的说明"


def test_what_an_authority_decides_tells_nobody_who(bench: Bench) -> None:
    """Refused by the field, and nothing is decided; the same without the name is."""
    record_id = penalty_of_a_person(bench)
    remedy_id = bench.call(objection(record_id)).remedy.remedy_id
    wrong = decided(remedy_id, outcome=REVOKE, reasons=f"{NAME}未参与作业")

    named = refused(bench, wrong)
    numbered = refused(bench, decided(remedy_id, reasons=f"{SAMPLE_ID}未参与"))
    upheld = bench.call(decided(remedy_id, outcome=REVOKE, reasons="有关人员未参与作业")).remedy

    for error, found in ((named, "name"), (numbered, "identity_number")):
        assert (error.reason, error.facts["field"], error.facts["found"]) == (
            "PERSON_IN_TEXT",
            "reasons",
            found,
        )
    assert len(upheld.steps) == 2


def test_an_unacceptable_application_is_declined_without_names(bench: Bench) -> None:
    """The field is named as the request has it; of an enterprise without persons, the number."""
    record_id = bench.penalty()
    remedy_id = bench.call(application(record_id)).remedy.remedy_id

    error = refused(bench, acceptance(remedy_id, declined_reasons=f"经办人{SAMPLE_ID}无授权"))

    assert (error.reason, error.facts["field"]) == ("PERSON_IN_TEXT", "declined_reasons")


def test_who_has_a_role_in_an_enterprise_is_named_by_nobody(bench: Bench) -> None:
    """Its objection masks the principal, its authority's decision may not name him."""
    in_office(bench)
    record_id = bench.penalty(head={"document_number": f"罚{NAME}1号"})
    filed = bench.call(objection(record_id, ground=f"{NAME}当日不在场")).remedy

    error = refused(bench, decided(filed.remedy_id, outcome=REVOKE, reasons=f"{NAME}不在场"))
    told = bench.call(service.GetPublicationRequest(record_id=record_id), AUDITOR).publication

    assert filed.steps[0].text == "王＊当日不在场"
    assert filed.document_number == "罚王＊1号"
    assert (error.reason, error.facts["found"]) == ("PERSON_IN_TEXT", "name")
    assert "罚王＊1号" in told.repair_notice
    assert NAME not in told.repair_notice
