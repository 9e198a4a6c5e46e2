"""References between records: which kinds, whose, and in which state."""

from typing import Any

import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.errors import SafetyCreditError
from services.credit.domain.codes import RecordKind
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


@pytest.fixture(autouse=True)
def registered(credit: InlineService) -> None:
    """Register two enterprises of Chaoyang."""
    credit("RegisterEnterprise", registration(HUAWEI))
    credit("RegisterEnterprise", registration(TENCENT))


def send(credit: InlineService, request: Any) -> Any:  # noqa: ANN401 -- eight messages.
    """Record a fact."""
    return credit(method_of(request), request)


def stored(credit: InlineService, kind: RecordKind, **changes: Any) -> str:  # noqa: ANN401 -- as above.
    """Record a fact of its own document, and give its identifier."""
    head = {"document_number": request_id()} | changes.pop("head", {})
    record_id: str = send(credit, record(kind, head=head, **changes)).record.record_id
    return record_id


WRONG_REFERENCES = [
    pytest.param(
        RecordKind.RECTIFICATION,
        "target_record_id",
        (RecordKind.VIOLATION, TENCENT),
        RectificationOfAnotherSubjectError,
        id="rectification-of-anothers-violation",
    ),
    pytest.param(
        RecordKind.RECTIFICATION,
        "target_record_id",
        (RecordKind.HAZARD, TENCENT),
        RectificationOfAnotherSubjectError,
        id="rectification-of-anothers-hazard",
    ),
    pytest.param(
        RecordKind.RECTIFICATION,
        "target_record_id",
        (RecordKind.PENALTY, HUAWEI),
        ReferenceOfAnotherKindError,
        id="rectification-of-a-penalty",
    ),
    pytest.param(
        RecordKind.PENALTY,
        "violation_record_id",
        (RecordKind.VIOLATION, TENCENT),
        ReferenceOfAnotherSubjectError,
        id="penalty-for-anothers-violation",
    ),
    pytest.param(
        RecordKind.PENALTY,
        "violation_record_id",
        (RecordKind.HAZARD, HUAWEI),
        ReferenceOfAnotherKindError,
        id="penalty-for-a-hazard",
    ),
    pytest.param(
        RecordKind.PENALTY,
        "accident_record_id",
        (RecordKind.VIOLATION, HUAWEI),
        ReferenceOfAnotherKindError,
        id="penalty-for-an-accident-that-is-none",
    ),
    pytest.param(
        RecordKind.INSPECTION,
        "report_record_id",
        (RecordKind.HAZARD, HUAWEI),
        ReferenceOfAnotherKindError,
        id="inspection-after-a-hazard",
    ),
    pytest.param(
        RecordKind.VIOLATION,
        "inspection_record_id",
        (RecordKind.REPORT, HUAWEI),
        ReferenceOfAnotherKindError,
        id="violation-found-by-a-report",
    ),
]


@pytest.mark.parametrize(("kind", "attribute", "target", "refusal"), WRONG_REFERENCES)
def test_wrong_references_are_refused(
    credit: InlineService,
    kind: RecordKind,
    attribute: str,
    target: tuple[RecordKind, str],
    refusal: type[SafetyCreditError],
) -> None:
    """A reference names a record of the right kind, and of the same subject where it must."""
    target_kind, owner = target
    target_id = stored(credit, target_kind, head={"subject": credit_code(owner)})

    with pytest.raises(refusal) as error:
        stored(credit, kind, **{attribute: target_id})

    assert error.value.facts["record_id"] == target_id
    assert error.value.facts["field"] == attribute


@pytest.mark.parametrize(
    ("kind", "attribute", "target"),
    [
        pytest.param(
            RecordKind.PENALTY,
            "violation_record_id",
            (RecordKind.VIOLATION, HUAWEI),
            id="penalty-for-its-violation",
        ),
        pytest.param(
            RecordKind.PENALTY,
            "accident_record_id",
            (RecordKind.ACCIDENT, TENCENT),
            id="penalty-for-an-accident-of-another",
        ),
        pytest.param(
            RecordKind.INSPECTION,
            "report_record_id",
            (RecordKind.REPORT, TENCENT),
            id="inspection-after-a-report-of-another",
        ),
        pytest.param(
            RecordKind.VIOLATION,
            "inspection_record_id",
            (RecordKind.INSPECTION, TENCENT),
            id="violation-found-at-anothers-site",
        ),
        pytest.param(
            RecordKind.RECTIFICATION,
            "target_record_id",
            (RecordKind.VIOLATION, HUAWEI),
            id="rectification-of-its-violation",
        ),
    ],
)
def test_right_references_are_kept(
    credit: InlineService, kind: RecordKind, attribute: str, target: tuple[RecordKind, str]
) -> None:
    """A penalty may punish an accident of another, an inspection find another's violation."""
    target_kind, owner = target
    target_id = stored(credit, target_kind, head={"subject": credit_code(owner)})

    record_id = stored(credit, kind, **{attribute: target_id})

    found = credit("GetRecord", service.GetRecordRequest(record_id=record_id)).record
    assert getattr(getattr(found.body, kind.label), attribute) == target_id


def test_an_unknown_reference_is_refused(credit: InlineService) -> None:
    """A rectification of nothing is not recorded."""
    with pytest.raises(RecordUnknownError) as error:
        stored(credit, RecordKind.RECTIFICATION, target_record_id="r-1")

    assert error.value.facts == {"field": "target_record_id", "record_id": "r-1"}


def test_a_reference_to_a_revoked_record_is_refused(credit: InlineService) -> None:
    """What never counted is neither punished nor rectified."""
    violation = stored(credit, RecordKind.VIOLATION)
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
        stored(credit, RecordKind.PENALTY, violation_record_id=violation)
