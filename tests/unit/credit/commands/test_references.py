"""References between records: which kinds, whose, and in which state."""

from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.errors import SafetyCreditError
from services.credit.domain.codes import RecordKind as Kind
from services.credit.domain.errors import (
    RecordRevokedError,
    RecordUnknownError,
    RectificationOfAnotherSubjectError,
    ReferenceOfAnotherKindError,
    ReferenceOfAnotherSubjectError,
)
from tests.fakes.credit_calls import InlineService
from tests.fakes.credit_requests import (
    HUAWEI,
    TENCENT,
    credit_code,
    method_of,
    record,
    registration,
    request_id,
)

OWNERS = {HUAWEI: "huawei", TENCENT: "tencent"}


@pytest.fixture(autouse=True)
def registered(credit: InlineService) -> None:
    """Register two enterprises of Chaoyang."""
    credit("RegisterEnterprise", registration(HUAWEI))
    credit("RegisterEnterprise", registration(TENCENT))


def send(credit: InlineService, request: Any) -> Any:  # noqa: ANN401 -- eight messages.
    """Record a fact."""
    return credit(method_of(request), request)


def stored(credit: InlineService, kind: Kind, **changes: Any) -> str:  # noqa: ANN401 -- as above.
    """Record a fact of its own document, and give its identifier."""
    head = {"document_number": request_id()} | changes.pop("head", {})
    record_id: str = send(credit, record(kind, head=head, **changes)).record.record_id
    return record_id


def reference(
    kind: Kind, named: str, target: Kind, owner: str, *refusal: type[SafetyCreditError]
) -> Any:  # noqa: ANN401 -- a row of a table.
    """Name a record of a subject in another, of Huawei's."""
    return pytest.param(
        kind,
        f"{named}_record_id",
        target,
        owner,
        *refusal,
        id=f"{kind.label}-{named}-is-{target.label}-of-{OWNERS[owner]}",
    )


WRONG_REFERENCES = [
    reference(
        Kind.RECTIFICATION, "target", Kind.VIOLATION, TENCENT, RectificationOfAnotherSubjectError
    ),
    reference(
        Kind.RECTIFICATION, "target", Kind.HAZARD, TENCENT, RectificationOfAnotherSubjectError
    ),
    reference(Kind.RECTIFICATION, "target", Kind.PENALTY, HUAWEI, ReferenceOfAnotherKindError),
    reference(Kind.PENALTY, "violation", Kind.VIOLATION, TENCENT, ReferenceOfAnotherSubjectError),
    reference(Kind.PENALTY, "violation", Kind.HAZARD, HUAWEI, ReferenceOfAnotherKindError),
    reference(Kind.PENALTY, "accident", Kind.VIOLATION, HUAWEI, ReferenceOfAnotherKindError),
    reference(Kind.INSPECTION, "report", Kind.HAZARD, HUAWEI, ReferenceOfAnotherKindError),
    reference(Kind.VIOLATION, "inspection", Kind.REPORT, HUAWEI, ReferenceOfAnotherKindError),
]

RIGHT_REFERENCES = [
    reference(Kind.PENALTY, "violation", Kind.VIOLATION, HUAWEI),
    reference(Kind.PENALTY, "accident", Kind.ACCIDENT, TENCENT),
    reference(Kind.INSPECTION, "report", Kind.REPORT, TENCENT),
    reference(Kind.VIOLATION, "inspection", Kind.INSPECTION, TENCENT),
    reference(Kind.RECTIFICATION, "target", Kind.VIOLATION, HUAWEI),
]


@pytest.mark.parametrize(("kind", "attribute", "target", "owner", "refusal"), WRONG_REFERENCES)
def test_wrong_references_are_refused(
    credit: InlineService,
    kind: Kind,
    attribute: str,
    target: Kind,
    owner: str,
    refusal: type[SafetyCreditError],
) -> None:
    """A reference names a record of the right kind, and of the same subject where it must."""
    target_id = stored(credit, target, head={"subject": credit_code(owner)})

    with pytest.raises(refusal) as error:
        stored(credit, kind, **{attribute: target_id})

    assert error.value.facts["record_id"] == target_id
    assert error.value.facts["field"] == attribute


@pytest.mark.parametrize(("kind", "attribute", "target", "owner"), RIGHT_REFERENCES)
def test_right_references_are_kept(
    credit: InlineService, kind: Kind, attribute: str, target: Kind, owner: str
) -> None:
    """A penalty may punish an accident of another, an inspection find another's violation."""
    target_id = stored(credit, target, head={"subject": credit_code(owner)})

    record_id = stored(credit, kind, **{attribute: target_id})

    found = credit("GetRecord", service.GetRecordRequest(record_id=record_id)).record
    assert getattr(getattr(found.body, kind.label), attribute) == target_id


def test_an_unknown_reference_is_refused(credit: InlineService) -> None:
    """A rectification of nothing is not recorded."""
    with pytest.raises(RecordUnknownError) as error:
        stored(credit, Kind.RECTIFICATION, target_record_id="r-1")

    assert error.value.facts == {"field": "target_record_id", "record_id": "r-1"}


def test_a_reference_to_a_revoked_record_is_refused(credit: InlineService) -> None:
    """What never counted is neither punished nor rectified."""
    violation = stored(credit, Kind.VIOLATION)
    credit(
        "RevokeRecord",
        service.RevokeRecordRequest(
            request_id=request_id(),
            record_id=violation,
            edition=1,
            reason="撤销",
            document_number="撤1号",
        ),
    )

    with pytest.raises(RecordRevokedError):
        stored(credit, Kind.PENALTY, violation_record_id=violation)
