"""Persons in the texts of records: named to those entitled, and masked to everybody else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from google.protobuf.message import Message

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import person_pb2, record_pb2
from safetycredit.type.v1.subject_pb2 import SubjectRef
from services.common.errors import InvalidInputError
from services.common.identity import Caller
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_calls import AUDITOR, RECORDER, REGULATOR, InlineService, violations
from tests.fakes.credit_requests import (
    HUAWEI,
    NAMED,
    SAMPLE_ID,
    body,
    credit_code,
    day,
    header,
    method_of,
    penalty,
    profile,
    record,
    registration,
    request_id,
    update,
)
from tests.fakes.text_fields import MASKED

NAME = "王小明"
NUMBER = f"{SAMPLE_ID[:6]}********{SAMPLE_ID[-4:]}"
TOLD = f"当事人{NAME}（{SAMPLE_ID}）"
BUREAU = replace(RECORDER, identity="bureau", authority="北京市朝阳区应急管理局")
OTHER = replace(RECORDER, identity="other", authority="北京市朝阳区消防救援支队")
OUTSIDE = replace(REGULATOR, divisions=frozenset({"320613"}))


def registered_person(credit: InlineService) -> str:
    """Register a person; give the identifier."""
    wish = service.RegisterPersonRequest(
        request_id=request_id(), name=NAME, identity_number=SAMPLE_ID
    )
    person_id: str = credit("RegisterPerson", wish).person.person_id
    return person_id


@pytest.fixture(autouse=True)
def person_id(credit: InlineService) -> str:
    """Register an enterprise of Chaoyang, and a person who was its principal until 2022."""
    credit("RegisterEnterprise", registration(HUAWEI))
    holder = registered_person(credit)
    role = service.AssignRoleRequest(
        request_id=request_id(),
        person_id=holder,
        enterprise=credit_code(HUAWEI),
        kind=person_pb2.ROLE_KIND_PRINCIPAL,
        start_date=day(date(2021, 1, 1)),
        end_date=day(date(2022, 1, 1)),
    )
    credit("AssignRole", role)
    return holder


def recorded(credit: InlineService, kind: RecordKind, told: str = TOLD) -> str:
    """Record a fact of which every text says the same; give its identifier."""
    changes: dict[str, Any] = dict.fromkeys(MASKED.get(kind.title, "").split(), told)
    if kind in NAMED:
        field, of = NAMED[kind]
        named = record(of, head={"document_number": f"前{kind.label}"})
        changes[field] = credit(method_of(named), named).record.record_id
    head = {"document_number": told, "document_item": told}
    request = record(kind, head=head, **changes)
    record_id: str = credit(method_of(request), request).record.record_id
    return record_id


def found(credit: InlineService, record_id: str, caller: Caller) -> record_pb2.Record:
    """Read a record."""
    request = service.GetRecordRequest(record_id=record_id)
    shown: record_pb2.Record = credit("GetRecord", request, caller).record
    return shown


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Give every text of a message and of what it holds, by message and field."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            yield from texts(value)
        elif isinstance(value, str):
            yield f"{message.DESCRIPTOR.name}.{field.name}", value


@pytest.mark.parametrize("kind", RecordKind)
def test_every_text_of_every_kind_is_masked(credit: InlineService, kind: RecordKind) -> None:
    """Neither the name nor the number is left, in any field that holds a text."""
    record_id = recorded(credit, kind)

    told = dict(texts(found(credit, record_id, AUDITOR)))

    fields = [f"{kind.title}.{name}" for name in MASKED.get(kind.title, "").split()]
    fields += ["RecordHeader.document_number", "RecordHeader.document_item"]
    assert {one: told[one] for one in fields} == dict.fromkeys(fields, f"当事人王＊（{NUMBER}）")
    assert not [one for one, text in told.items() if NAME in text or SAMPLE_ID in text]


@pytest.mark.parametrize(
    ("caller", "name"),
    [
        pytest.param(BUREAU, NAME, id="who-issued-it"),
        pytest.param(OTHER, "王＊", id="another-authority"),
        pytest.param(RECORDER, "王＊", id="of-no-authority"),
        pytest.param(REGULATOR, NAME, id="regulator"),
        pytest.param(replace(REGULATOR, divisions=frozenset({"1101"})), NAME, id="own-division"),
        pytest.param(OUTSIDE, "王＊", id="regulator-elsewhere"),
        pytest.param(AUDITOR, "王＊", id="auditor"),
    ],
)
def test_names_are_for_those_entitled(credit: InlineService, caller: Caller, name: str) -> None:
    """Got and listed alike; nobody sees the number in full."""
    record_id = recorded(credit, RecordKind.PENALTY)

    got = found(credit, record_id, caller)
    (listed,) = credit("ListRecords", service.ListRecordsRequest(), caller).records

    assert got.body.penalty.facts == f"当事人{name}（{NUMBER}）"
    assert listed == got


def test_a_record_of_a_person_names_neither_it_nor_its_colleagues(
    credit: InlineService, person_id: str
) -> None:
    """The enterprise is not the subject; who has a role there is masked all the same."""
    head: dict[str, Any] = {"subject": SubjectRef(person_id=person_id)}
    request = penalty(head=head, facts=f"{NAME}与李大力", basis="第九十四条")
    other = service.RegisterPersonRequest(
        request_id=request_id(), name="李大力", identity_number="440524188001010014"
    )
    colleague = credit("RegisterPerson", other).person.person_id
    role = service.AssignRoleRequest(
        request_id=request_id(),
        person_id=colleague,
        enterprise=credit_code(HUAWEI),
        kind=person_pb2.ROLE_KIND_SAFETY_MANAGER,
        start_date=day(date(2023, 1, 1)),
    )
    credit("AssignRole", role)
    record_id = credit("RecordPenalty", request).record.record_id

    assert found(credit, record_id, AUDITOR).body.penalty.facts == "王＊与李＊"
    assert found(credit, record_id, OUTSIDE).body.penalty.facts == "王＊与李＊"
    assert found(credit, record_id, REGULATOR).body.penalty.facts == f"{NAME}与李大力"


def test_a_name_within_that_of_an_enterprise_stays(credit: InlineService) -> None:
    """The enterprise is called after its owner, whom the rest of the text does not tell."""
    named = f"北京{NAME}机械有限公司"
    credit("UpdateEnterprise", update(HUAWEI, profile=profile(name=named)))
    request = penalty(facts=f"{named}的{NAME}")
    record_id = credit("RecordPenalty", request).record.record_id

    assert found(credit, record_id, AUDITOR).body.penalty.facts == f"{named}的王＊"


def test_who_is_registered_later_is_masked_in_what_was_known_before(credit: InlineService) -> None:
    """What is due to whom is asked now, whatever the instant of knowledge."""
    request = penalty(facts="李大力未到场")
    answer = credit("RecordPenalty", request)
    wish = service.RegisterPersonRequest(
        request_id=request_id(), name="李大力", identity_number="440524188001010014"
    )
    role = service.AssignRoleRequest(
        request_id=request_id(),
        person_id=credit("RegisterPerson", wish).person.person_id,
        enterprise=credit_code(HUAWEI),
        kind=person_pb2.ROLE_KIND_PRINCIPAL,
        start_date=day(date(2023, 1, 1)),
    )
    before = found(credit, answer.record.record_id, AUDITOR)
    credit("AssignRole", role)

    then = service.GetRecordRequest(
        record_id=answer.record.record_id, known_at=answer.point.known_at
    )
    again = credit("GetRecord", then, AUDITOR).record

    assert before.body.penalty.facts == "李大力未到场"
    assert again.body.penalty.facts == "李＊未到场"


def test_reasons_of_corrections_are_masked(credit: InlineService) -> None:
    """Reason and document of a revocation, in its answer and in the record."""
    record_id = recorded(credit, RecordKind.PENALTY)
    request = service.RevokeRecordRequest(
        request_id=request_id(), record_id=record_id, edition=1, reason=TOLD, document_number=TOLD
    )

    answered = credit("RevokeRecord", request, OTHER).record
    got = found(credit, record_id, OTHER)
    own = found(credit, record_id, BUREAU)

    assert got == answered
    masked = f"当事人王＊（{NUMBER}）"
    assert (got.superseded_reason, got.superseded_document_number) == (masked, masked)
    assert own.superseded_reason == f"当事人{NAME}（{NUMBER}）"


def revision(record_id: str, facts: str) -> service.ReviseRecordRequest:
    """Write new facts into a penalty."""
    new = body(RecordKind.PENALTY, facts=facts)
    return service.ReviseRecordRequest(
        request_id=request_id(),
        record_id=record_id,
        edition=1,
        header=header(),
        body=record_pb2.RecordBody(penalty=new),
        reason="更正",
        document_number="更1号",
    )


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        pytest.param("王＊未到场", True, id="the-name-masked"),
        pytest.param(f"{NAME}（{NUMBER}）未到场", True, id="the-number-masked"),
        pytest.param(f"{NAME}（{SAMPLE_ID}）未到场", False, id="as-in-the-document"),
        pytest.param("有关人员未到场", False, id="without-either"),
    ],
)
def test_a_mask_is_not_recorded(credit: InlineService, facts: str, *, refused: bool) -> None:
    """Who may not read a name writes it as the document does, or not at all."""
    request = penalty(facts=TOLD)
    record_id = credit("RecordPenalty", request).record.record_id

    if refused:
        with pytest.raises(InvalidInputError) as error:
            credit("ReviseRecord", revision(record_id, facts), OTHER)
        assert violations(error.value) == [("body.penalty.facts", "TEXT_MASKED")]
        return
    credit("ReviseRecord", revision(record_id, facts), OTHER)
    assert found(credit, record_id, BUREAU).edition == 2


def test_a_sign_of_the_document_itself_may_be_recorded(credit: InlineService) -> None:
    """Nothing of the text was masked, so that the sign is the document's own."""
    request = penalty(facts="编号＊12未公示")
    record_id = credit("RecordPenalty", request).record.record_id

    credit("ReviseRecord", revision(record_id, "编号＊13未公示"), OTHER)

    assert found(credit, record_id, AUDITOR).body.penalty.facts == "编号＊13未公示"


def test_documents_of_an_enterprise_name_nobody(credit: InlineService) -> None:
    """The number of the document that changed it, with a name and a number in it."""
    changed = credit("UpdateEnterprise", update(HUAWEI, document_number=TOLD)).enterprise
    request = service.GetEnterpriseRequest(subject=credit_code(HUAWEI), with_history=True)

    history = credit("GetEnterprise", request, AUDITOR).enterprise.history

    for versions in (changed.history, history):
        documents = {one.document_number for one in versions} - {""}
        assert documents == {f"当事人王＊（{NUMBER}）"}
