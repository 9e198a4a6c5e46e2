"""Insurers: what they may write and see, and what they may name."""

from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from services.common.identity import Caller
from services.credit.domain.codes import INSURANCE_KINDS, RecordKind
from services.credit.domain.errors import (
    NotTheInsurerError,
    RecordUnknownError,
    ReferenceOfAnotherInsurerError,
    ReferenceOfAnotherKindError,
)
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_requests import (
    INSURER,
    NAMED,
    TENCENT,
    body,
    credit_code,
    header,
    method_of,
    record,
    registration,
    request_id,
)

PICC = "人保财险北京市分公司"
PING_AN = "平安产险北京分公司"
POLICY = RecordKind.INSURANCE_POLICY


def insurer(authority: str = PICC) -> Caller:
    """Make an insurer's caller, which has neither divisions nor fields."""
    return Caller(identity="insurer", roles=frozenset({"insurer"}), authority=authority)


@pytest.fixture(autouse=True)
def _insured(credit: InlineService) -> None:
    credit("RegisterEnterprise", registration())


def stored(
    credit: InlineService,
    kind: RecordKind,
    *,
    authority: str = PICC,
    caller: Caller | None = None,
    **changes: Any,  # noqa: ANN401 -- fields of any type.
) -> str:
    """Record a fact of its own document, and give its identifier."""
    head = {"document_number": request_id(), "authority": authority} | changes.pop("head", {})
    request = record(kind, head=head, **changes)
    given = {} if caller is None else {"caller": caller}
    record_id: str = credit(method_of(request), request, **given).record.record_id
    return record_id


@pytest.mark.parametrize("kind", sorted(INSURANCE_KINDS), ids=lambda kind: kind.label)
def test_an_insurer_records_every_kind_of_its_own(credit: InlineService, kind: RecordKind) -> None:
    """It is bound to its name, and not to divisions."""
    changes = {}
    if kind in NAMED:
        changes[NAMED[kind][0]] = stored(credit, POLICY, caller=insurer())

    record_id = stored(credit, kind, caller=insurer(), **changes)

    request = service.GetRecordRequest(record_id=record_id)
    assert credit("GetRecord", request, insurer()).record.header.authority == PICC


@pytest.mark.parametrize(
    ("kind", "caller"),
    [
        pytest.param(POLICY, insurer(PING_AN), id="another-insurer"),
        pytest.param(POLICY, insurer(""), id="an-insurer-without-a-name"),
        pytest.param(RecordKind.PENALTY, insurer(), id="no-insurance"),
    ],
)
def test_an_insurer_records_nothing_else(
    credit: InlineService, kind: RecordKind, caller: Caller
) -> None:
    """Whoever issued the document records it."""
    with pytest.raises(NotTheInsurerError):
        stored(credit, kind, caller=caller)


def test_a_regulator_who_is_an_insurer_too_is_bound_to_divisions(credit: InlineService) -> None:
    """The role that reaches further decides."""
    both = Caller(
        identity="chen",
        roles=frozenset({"insurer", "regulator"}),
        divisions=frozenset({"11"}),
        fields=frozenset({"*"}),
    )

    assert stored(credit, POLICY, caller=both)


def test_an_insurer_sees_its_own_insurance_records_only(credit: InlineService) -> None:
    """A list holds its own, and a record of others is not there."""
    own = stored(credit, POLICY)
    foreign = stored(credit, POLICY, authority=PING_AN)
    penalty = stored(credit, RecordKind.PENALTY)

    listed = credit("ListRecords", service.ListRecordsRequest(), insurer()).records

    assert [one.record_id for one in listed] == [own]
    for record_id in (foreign, penalty):
        with pytest.raises(RecordUnknownError):
            credit("GetRecord", service.GetRecordRequest(record_id=record_id), insurer())


@pytest.mark.parametrize(
    ("changes", "caller"),
    [
        pytest.param({"authority": PING_AN}, insurer(), id="another-insurer"),
        pytest.param({"kinds": [record_pb2.RECORD_KIND_PENALTY]}, insurer(), id="no-insurance"),
        pytest.param({}, insurer(""), id="nobody"),
    ],
)
def test_an_insurer_cannot_list_others(
    credit: InlineService,
    changes: dict[str, Any],
    caller: Caller,
) -> None:
    """It is told so, instead of being shown an empty list."""
    with pytest.raises(NotTheInsurerError):
        credit("ListRecords", service.ListRecordsRequest(**changes), caller)


def test_an_insurer_revises_and_revokes_its_own_only(credit: InlineService) -> None:
    """Correcting needs what recording needs."""
    number = request_id()
    record_id = stored(credit, POLICY, head={"document_number": number})
    revision = service.ReviseRecordRequest(
        request_id=request_id(),
        record_id=record_id,
        edition=1,
        header=header(authority=PICC, authority_code=INSURER, document_number=number),
        body=record_pb2.RecordBody(insurance_policy=body(POLICY, insured_headcount=51)),
        reason="更正",
        document_number="更1号",
    )
    revocation = service.RevokeRecordRequest(
        request_id=request_id(),
        record_id=record_id,
        edition=2,
        reason="注销",
        document_number="注1号",
    )

    with pytest.raises(NotTheInsurerError):
        credit("ReviseRecord", revision, insurer(PING_AN))
    assert credit("ReviseRecord", revision, insurer()).record.edition == 2
    with pytest.raises(NotTheInsurerError):
        credit("RevokeRecord", revocation, insurer(PING_AN))
    revoked = credit("RevokeRecord", revocation, insurer()).record
    assert revoked.state == record_pb2.RECORD_STATE_REVOKED


def test_nobody_endorses_another_insurers_policy(credit: InlineService) -> None:
    """A policy is changed, paid and served by the insurer that issued it."""
    policy = stored(credit, POLICY, authority=PING_AN)

    with pytest.raises(ReferenceOfAnotherInsurerError) as error:
        stored(credit, RecordKind.ENDORSEMENT, policy_record_id=policy)

    assert error.value.facts["field"] == "policy_record_id"


def test_an_endorsement_names_a_policy(credit: InlineService) -> None:
    """Another kind of record cannot be endorsed."""
    claim = stored(credit, RecordKind.CLAIM, policy_record_id=stored(credit, POLICY))

    with pytest.raises(ReferenceOfAnotherKindError):
        stored(credit, RecordKind.ENDORSEMENT, policy_record_id=claim)


def test_an_insurer_imports_its_own_and_registers_nobody(credit: InlineService) -> None:
    """Rows are judged one by one, as single writes are."""

    def row(number: int, **head: Any) -> service.ImportRow:  # noqa: ANN401 -- as above.
        own = {"authority": PICC, "authority_code": INSURER, "document_number": f"{number}"}
        return service.ImportRow(
            row_number=number,
            header=header(**own | head),
            body=record_pb2.RecordBody(insurance_policy=body(POLICY)),
        )

    rows = [row(1), row(2, authority=PING_AN), row(3, subject=credit_code(TENCENT))]
    answers = credit.import_rows(rows, insurer())

    reasons = [one.reason for answer in answers for one in answer.results]
    assert reasons == ["", "NOT_THE_INSURER", "SUBJECT_UNKNOWN"]
