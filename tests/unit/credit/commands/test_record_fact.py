"""Recording a fact: business keys, subjects, scope, references and what is derived."""

from datetime import date
from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import enterprise_pb2, person_pb2, record_pb2
from safetycredit.type.v1 import subject_pb2
from services.common.idempotency import RequestIdReusedError
from services.common.identity import Caller
from services.credit.domain.codes import RecordKind
from services.credit.domain.errors import (
    AccidentLevelUndefinedError,
    EnterpriseEndedError,
    OutOfScopeError,
    RecordDiffersError,
    RecordRevokedError,
    SubjectUnknownError,
)
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_requests import (
    FIRE,
    HUAWEI,
    NAMED,
    SAMPLE_ID,
    TENCENT,
    WORK_SAFETY,
    credit_code,
    day,
    local,
    method_of,
    penalty,
    profile,
    record,
    registration,
    request_id,
    yuan,
)
from tests.fakes.credit_store import FakeStore


@pytest.fixture(autouse=True)
def registered(credit: InlineService) -> None:
    """Register two enterprises of Chaoyang."""
    credit("RegisterEnterprise", registration(HUAWEI))
    credit("RegisterEnterprise", registration(TENCENT))


def caller(*divisions: str, fields: str = "work_safety") -> Caller:
    """Make a recorder of some divisions."""
    return Caller(
        identity="wang",
        roles=frozenset({"recorder"}),
        divisions=frozenset(divisions),
        fields=frozenset(fields.split(",")),
    )


def send(credit: InlineService, request: Any) -> Any:  # noqa: ANN401 -- any message.
    """Record a fact."""
    return credit(method_of(request), request)


def stored(credit: InlineService, kind: RecordKind, **changes: Any) -> str:  # noqa: ANN401 -- as above.
    """Record a fact of its own document, and give its identifier."""
    head = {"document_number": request_id()} | changes.pop("head", {})
    record_id: str = send(credit, record(kind, head=head, **changes)).record.record_id
    return record_id


@pytest.mark.parametrize("kind", list(RecordKind), ids=lambda kind: kind.label)
def test_every_kind_comes_back_as_it_was_recorded(credit: InlineService, kind: RecordKind) -> None:
    """What is read is what was written, with the subject by its identifier."""
    changes: dict[str, Any] = {}
    if kind in NAMED:
        field, target = NAMED[kind]
        changes[field] = stored(credit, target)
    request = record(kind, **changes)

    answer = send(credit, request)

    found = credit("GetRecord", service.GetRecordRequest(record_id=answer.record.record_id))
    assert found.record == answer.record
    body = getattr(answer.record.body, kind.label)
    if kind is RecordKind.ACCIDENT:
        assert body.level == record_pb2.ACCIDENT_LEVEL_GENERAL
        body.ClearField("level")
    assert body == getattr(request, kind.label)
    assert answer.record.header.subject.enterprise_id == answer.record.subject_id
    assert answer.record.header.document_number == request.header.document_number
    assert (answer.record.edition, answer.repeated) == (1, False)
    assert answer.record.state == record_pb2.RECORD_STATE_ACTIVE


def test_the_division_of_the_enterprise_is_the_default(credit: InlineService) -> None:
    """Where it happened is where the enterprise is, unless the document says otherwise."""
    default = send(credit, penalty())
    elsewhere = send(credit, penalty(head={"document_number": "2号", "division": "320613"}))

    assert default.record.header.division == "110105"
    assert elsewhere.record.header.division == "320613"


def test_the_division_of_the_day_of_the_fact_is_the_default(credit: InlineService) -> None:
    """A move changes nothing about what happened before it, even if it is recorded later."""
    moved = service.UpdateEnterpriseRequest(
        request_id=request_id(),
        subject=credit_code(HUAWEI),
        effective_date=day(date(2025, 3, 11)),
        profile=profile(division="110102"),
        document_number="迁1号",
    )
    credit("UpdateEnterprise", moved)

    before = send(credit, penalty())
    after = send(
        credit, penalty(head={"document_number": "2号", "event_date": day(date(2025, 3, 11))})
    )

    assert before.record.header.division == "110105"
    assert after.record.header.division == "110102"


def test_a_fact_before_the_first_period_has_the_first_division(credit: InlineService) -> None:
    """What is recorded of older days belongs where the enterprise was first known."""
    answer = send(credit, penalty(head={"event_date": day(date(2015, 5, 5))}))

    assert answer.record.header.division == "110105"


def test_an_equal_body_is_the_same_record(credit: InlineService, store: FakeStore) -> None:
    """The business key protects from recording a document twice."""
    first = send(credit, penalty())

    again = send(credit, penalty())

    assert again.repeated
    assert again.record == first.record
    assert len(store.state.editions) == 1


def test_a_repeated_request_gets_the_first_answer(credit: InlineService) -> None:
    """The first answer comes again, whatever has happened since."""
    request = penalty()
    first = send(credit, request)
    revoke = service.RevokeRecordRequest(
        request_id=request_id(),
        record_id=first.record.record_id,
        edition=1,
        reason="复议撤销",
        document_number="复1号",
    )
    credit("RevokeRecord", revoke)

    again = send(credit, request)

    assert again.repeated
    assert (again.record, again.point) == (first.record, first.point)


def test_a_request_id_stands_for_one_request(credit: InlineService) -> None:
    """Another body under the same identifier is a mistake of the client."""
    request = penalty()
    send(credit, request)
    request.header.document_number = "13号"

    with pytest.raises(RequestIdReusedError):
        send(credit, request)


def test_another_body_under_the_key_is_refused(credit: InlineService, store: FakeStore) -> None:
    """The answer names the record and every field that differs."""
    first = send(credit, penalty())
    other = penalty(
        head={"event_date": day(date(2025, 3, 11)), "subject": credit_code(TENCENT)},
        fine=yuan(60_000),
    )

    with pytest.raises(RecordDiffersError) as error:
        send(credit, other)

    assert error.value.fields == ("header.subject", "header.event_date", "penalty.fine")
    assert error.value.facts["record_id"] == first.record.record_id
    assert len(store.state.editions) == 1


@pytest.mark.parametrize(
    "head",
    [
        pytest.param({"authority": "北京市应急管理局"}, id="authority"),
        pytest.param({"document_number": "13号"}, id="number"),
        pytest.param({"document_item": "二"}, id="item"),
    ],
)
def test_another_key_is_another_record(credit: InlineService, head: dict[str, str]) -> None:
    """Each part of the key tells records apart."""
    send(credit, penalty())

    assert not send(credit, penalty(head=head, fine=yuan(1))).repeated


def test_another_kind_is_another_record(credit: InlineService) -> None:
    """A document may find a violation and punish it."""
    send(credit, penalty())

    assert not send(credit, record(RecordKind.VIOLATION)).repeated


def test_every_edition_is_the_same_record(credit: InlineService) -> None:
    """A file that is sent again does not know what was revised since; nor one made after it."""
    first = send(credit, penalty())
    revised = penalty(fine=yuan(60_000))
    credit(
        "ReviseRecord",
        service.ReviseRecordRequest(
            request_id=request_id(),
            record_id=first.record.record_id,
            edition=1,
            header=revised.header,
            body=record_pb2.RecordBody(penalty=revised.penalty),
            reason="更正",
            document_number="更1号",
        ),
    )

    as_first, as_revised = send(credit, penalty()), send(credit, revised)

    assert as_first.repeated
    assert as_revised.repeated
    assert as_first.record.edition == as_revised.record.edition == 2


def test_a_revoked_document_is_not_recorded_again(credit: InlineService) -> None:
    """Who revoked it must say more than its number; the answer names the record."""
    record_id = send(credit, penalty()).record.record_id
    credit(
        "RevokeRecord",
        service.RevokeRecordRequest(
            request_id=request_id(),
            record_id=record_id,
            edition=1,
            reason="判决撤销",
            document_number="判1号",
        ),
    )

    with pytest.raises(RecordRevokedError) as error:
        send(credit, penalty())

    assert error.value.facts["record_id"] == record_id


@pytest.mark.parametrize(
    ("subject", "facts"),
    [
        pytest.param(
            credit_code("91110108551385082Q"),
            {"credit_code": "91110108551385082Q"},
            id="credit-code",
        ),
        pytest.param(
            subject_pb2.SubjectRef(enterprise_id="e-1"), {"enterprise_id": "e-1"}, id="enterprise"
        ),
        pytest.param(subject_pb2.SubjectRef(person_id="p-1"), {"person_id": "p-1"}, id="person"),
        # The value of a local identity may be a person's name.
        pytest.param(local("王记面馆"), {"scheme": "tw.entity-name"}, id="local-identity"),
    ],
)
def test_an_unknown_subject_is_refused(
    credit: InlineService, subject: subject_pb2.SubjectRef, facts: dict[str, str]
) -> None:
    """Nothing is recorded about nobody."""
    with pytest.raises(SubjectUnknownError) as error:
        send(credit, penalty(head={"subject": subject}))

    assert error.value.facts == facts
    assert "王" not in str(error.value)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        pytest.param(caller("*"), True, id="everywhere"),
        pytest.param(caller("11"), True, id="the-city"),
        pytest.param(caller("110105"), True, id="the-district"),
        pytest.param(caller("110102"), False, id="another-district"),
        pytest.param(caller(), False, id="nowhere"),
        pytest.param(caller("110105", fields="fire"), False, id="another-field"),
        pytest.param(caller("110105", fields="fire,work_safety"), True, id="two-fields"),
    ],
)
def test_a_caller_writes_within_its_scope(
    credit: InlineService, store: FakeStore, who: Caller, *, allowed: bool
) -> None:
    """The division is the enterprise's, the field the record's."""
    if allowed:
        credit("RecordPenalty", penalty(), who)
    else:
        with pytest.raises(OutOfScopeError):
            credit("RecordPenalty", penalty(), who)

    assert len(store.state.editions) == int(allowed)


def test_the_division_of_today_decides_the_scope(credit: InlineService) -> None:
    """After a move the new district writes, even about the days before it."""
    credit(
        "UpdateEnterprise",
        service.UpdateEnterpriseRequest(
            request_id=request_id(),
            subject=credit_code(HUAWEI),
            effective_date=day(date(2025, 5, 1)),
            profile=profile(division="110102"),
            document_number="迁1号",
        ),
    )

    credit("RecordPenalty", penalty(), caller("110102"))
    with pytest.raises(OutOfScopeError):
        credit("RecordPenalty", penalty(head={"document_number": "2号"}), caller("110105"))


def test_an_enterprise_without_division_needs_a_caller_for_all(credit: InlineService) -> None:
    """Nobody knows whose it is."""
    unknown = local("无名氏")
    credit(
        "RegisterEnterprise",
        registration(identity=unknown, profile=profile(division="", name="无名氏商号")),
    )
    request = penalty(head={"subject": unknown})

    with pytest.raises(OutOfScopeError):
        credit("RecordPenalty", request, caller("11", "32"))
    answer = credit("RecordPenalty", request, caller("*"))

    assert answer.record.header.division == ""


def test_a_person_belongs_to_the_divisions_of_its_roles(credit: InlineService) -> None:
    """A person has no division; where the person works, there is who may write."""
    person = credit(
        "RegisterPerson",
        service.RegisterPersonRequest(
            request_id=request_id(), name="王小明", identity_number=SAMPLE_ID
        ),
    ).person.person_id
    request = penalty(head={"subject": subject_pb2.SubjectRef(person_id=person)})
    with pytest.raises(OutOfScopeError):
        credit("RecordPenalty", request, caller("110105"))
    credit(
        "AssignRole",
        service.AssignRoleRequest(
            request_id=request_id(),
            person_id=person,
            enterprise=credit_code(HUAWEI),
            kind=person_pb2.ROLE_KIND_PRINCIPAL,
            start_date=day(date(2021, 1, 1)),
        ),
    )

    answer = credit("RecordPenalty", request, caller("110105"))

    assert answer.record.subject_id == person
    assert answer.record.header.subject.person_id == person


def test_a_merged_enterprise_takes_no_later_records(credit: InlineService) -> None:
    """Records of the days before the merger stay with it."""
    credit(
        "UpdateEnterprise",
        service.UpdateEnterpriseRequest(
            request_id=request_id(),
            subject=credit_code(HUAWEI),
            effective_date=day(date(2025, 3, 10)),
            state=enterprise_pb2.ENTERPRISE_STATE_MERGED,
            successors=[credit_code(TENCENT)],
            document_number="并1号",
        ),
    )

    with pytest.raises(EnterpriseEndedError):
        send(credit, penalty())
    send(credit, penalty(head={"event_date": day(date(2025, 3, 9))}))


@pytest.mark.parametrize(
    ("deaths", "injuries", "loss_yuan", "level"),
    [
        # 国务院令第493号 art. 3: 以上 includes the number, 以下 excludes it.
        pytest.param(0, 0, 0, "GENERAL", id="nothing"),
        pytest.param(2, 9, 9_999_999, "GENERAL", id="just-general"),
        pytest.param(3, 0, 0, "LARGER", id="three-deaths"),
        pytest.param(0, 10, 0, "LARGER", id="ten-injuries"),
        pytest.param(0, 0, 10_000_000, "LARGER", id="ten-million"),
        pytest.param(9, 49, 49_999_999, "LARGER", id="just-larger"),
        pytest.param(10, 0, 0, "MAJOR", id="ten-deaths"),
        pytest.param(0, 50, 0, "MAJOR", id="fifty-injuries"),
        pytest.param(0, 0, 50_000_000, "MAJOR", id="fifty-million"),
        pytest.param(29, 99, 99_999_999, "MAJOR", id="just-major"),
        pytest.param(30, 0, 0, "EXTRA_MAJOR", id="thirty-deaths"),
        pytest.param(0, 100, 0, "EXTRA_MAJOR", id="hundred-injuries"),
        pytest.param(0, 0, 100_000_000, "EXTRA_MAJOR", id="hundred-million"),
    ],
)
def test_the_level_of_an_accident_is_derived(
    credit: InlineService, deaths: int, injuries: int, loss_yuan: int, level: str
) -> None:
    """Deaths, injuries and loss decide, the gravest of them first."""
    request = record(
        RecordKind.ACCIDENT,
        deaths=deaths,
        serious_injuries=injuries,
        direct_loss=yuan(loss_yuan),
    )

    body = send(credit, request).record.body.accident

    assert record_pb2.AccidentLevel.Name(body.level) == f"ACCIDENT_LEVEL_{level}"


def test_an_accident_before_the_regulation_has_no_level(credit: InlineService) -> None:
    """The regulation is in force from 2007-06-01."""
    first = record(RecordKind.ACCIDENT, head={"event_date": day(date(2007, 6, 1))})
    older = record(
        RecordKind.ACCIDENT,
        head={"event_date": day(date(2007, 5, 31)), "document_number": "2号"},
    )

    send(credit, first)
    with pytest.raises(AccidentLevelUndefinedError):
        send(credit, older)


def test_fields_of_a_record_are_apart(credit: InlineService) -> None:
    """Every record belongs to one field, and is found by it."""
    send(credit, penalty())
    send(credit, penalty(head={"field": FIRE, "document_number": "消1号"}))

    found = [
        len(credit("ListRecords", service.ListRecordsRequest(field=field)).records)
        for field in (WORK_SAFETY, FIRE, None)
    ]

    assert found == [1, 1, 2]
