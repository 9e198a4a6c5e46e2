"""Requests of CreditService that are right, to be made wrong in one place by each test."""

# ruff: noqa: ANN401 -- fields of messages are of any type.

from datetime import date
from itertools import count
from typing import Any, Final

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import enterprise_pb2, record_pb2
from safetycredit.type.v1 import field_pb2, subject_pb2
from services.credit.domain.codes import INSURANCE_KINDS, RecordKind

# Vectors of GB 32100 that pass both checks.
HUAWEI: Final = "914403001922038216"
TENCENT: Final = "9144030071526726XG"
XIAOMI: Final = "91110108551385082Q"
STANDARD: Final = "91350100M000100Y43"
# That of an insurer, published in every one of its reports.
INSURER: Final = "91100000710931483R"
# Sample numbers in GB 11643; no real person's.
SAMPLE_ID: Final = "11010519491231002X"
OTHER_SAMPLE_ID: Final = "440524188001010014"

WORK_SAFETY: Final = field_pb2.FIELD_WORK_SAFETY
FIRE: Final = field_pb2.FIELD_FIRE
DECIDED: Final = date(2025, 3, 10)

_numbers = count(1)


def request_id() -> str:
    """Make a request identifier that no other call has."""
    return f"request-{next(_numbers)}"


def day(value: date) -> Date:
    """Write a day."""
    return Date(year=value.year, month=value.month, day=value.day)


def yuan(units: int, nanos: int = 0) -> Money:
    """Write an amount of money."""
    return Money(currency_code="CNY", units=units, nanos=nanos)


def credit_code(code: str) -> subject_pb2.SubjectRef:
    """Name an enterprise by its credit code."""
    return subject_pb2.SubjectRef(credit_code=code)


def local(value: str, scheme: str = "tw.entity-name") -> subject_pb2.SubjectRef:
    """Name an enterprise by a local identity."""
    identity = subject_pb2.LocalIdentity(scheme=scheme, value=value)
    return subject_pb2.SubjectRef(local_identity=identity)


def profile(**changes: Any) -> enterprise_pb2.EnterpriseProfile:
    """Describe an enterprise of Chaoyang that makes machines."""
    values: dict[str, Any] = {
        "name": "北京朝阳机械有限公司",
        "division": "110105",
        "industry": "C3411",
        "fields": [WORK_SAFETY, FIRE],
    }
    return enterprise_pb2.EnterpriseProfile(**values | changes)


def registration(code: str = HUAWEI, **changes: Any) -> service.RegisterEnterpriseRequest:
    """Register an enterprise from 2020 on."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "identity": credit_code(code),
        "profile": profile(),
        "start_date": day(date(2020, 1, 1)),
    }
    return service.RegisterEnterpriseRequest(**values | changes)


def update(code: str = HUAWEI, **changes: Any) -> service.UpdateEnterpriseRequest:
    """Write the request that renames an enterprise from 2024 on."""
    values: dict[str, Any] = {
        "request_id": request_id(),
        "subject": credit_code(code),
        "effective_date": day(date(2024, 1, 1)),
        "profile": profile(name="北京朝阳精密机械有限公司"),
        "document_number": "更名1号",
    }
    return service.UpdateEnterpriseRequest(**values | changes)


def header(**changes: Any) -> record_pb2.RecordHeader:
    """Write the header of a document of 2025-03-10."""
    values: dict[str, Any] = {
        "subject": credit_code(HUAWEI),
        "field": WORK_SAFETY,
        "authority": "北京市朝阳区应急管理局",
        "document_number": "（京朝）应急罚〔2025〕12号",
        "event_date": day(DECIDED),
    }
    return record_pb2.RecordHeader(**values | changes)


def body(kind: RecordKind, /, **changes: Any) -> Any:
    """Write a body of a kind that is right; it lacks the records that it names."""
    given = _BODIES[kind] | changes
    return getattr(record_pb2, kind.title)(**given)


def record(kind: RecordKind, /, *, head: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Write the request that records a fact of a kind.

    Args:
        kind: The kind.
        head: Changes of the header.
        changes: Changes of the body.
    """
    request: Any = getattr(service, f"Record{kind.title}Request")
    own = {"authority_code": INSURER} if kind in INSURANCE_KINDS else {}
    return request(
        request_id=request_id(),
        header=header(**own | (head or {})),
        **{kind.label: body(kind, **changes)},
    )


def penalty(*, head: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Write the request that records a penalty."""
    return record(RecordKind.PENALTY, head=head, **changes)


def import_row(number: int, **changes: Any) -> service.ImportRow:
    """Write a row of an import: a penalty with a number of its own."""
    values: dict[str, Any] = {
        "row_number": number,
        "header": header(document_number=f"〔2025〕{number}号"),
        "body": record_pb2.RecordBody(penalty=body(RecordKind.PENALTY)),
    }
    return service.ImportRow(**values | changes)


def method_of(request: Message) -> str:
    """Give the method that takes a request."""
    return type(request).DESCRIPTOR.name.removesuffix("Request")


NAMED: Final[dict[RecordKind, tuple[str, RecordKind]]] = {
    RecordKind.RECTIFICATION: ("target_record_id", RecordKind.HAZARD),
    **dict.fromkeys(
        INSURANCE_KINDS - {RecordKind.INSURANCE_POLICY},
        ("policy_record_id", RecordKind.INSURANCE_POLICY),
    ),
}
"""The record that a body of a kind must name: its field, and the kind of that record."""

_BODIES: Final[dict[RecordKind, dict[str, Any]]] = {
    RecordKind.INSPECTION: {"occasion": record_pb2.Inspection.OCCASION_RANDOM},
    RecordKind.VIOLATION: {"violation_code": "training"},
    RecordKind.PENALTY: {
        "sanctions": [record_pb2.Penalty.SANCTION_WARNING, record_pb2.Penalty.SANCTION_FINE],
        "fine": yuan(50_000),
        "violation_code": "training",
    },
    RecordKind.RECTIFICATION: {
        "target_record_id": "r-1",
        "outcome": record_pb2.Rectification.OUTCOME_ACCEPTED,
    },
    RecordKind.HAZARD: {"level": record_pb2.Hazard.LEVEL_MAJOR, "description": "堵塞安全出口"},
    RecordKind.ACCIDENT: {"deaths": 1},
    RecordKind.HONOUR: {
        "kind": record_pb2.Honour.KIND_STANDARDISATION,
        "standardisation_level": 2,
    },
    RecordKind.REPORT: {"description": "夜间违规动火作业"},
    RecordKind.INSURANCE_POLICY: {
        "insurance_kind": record_pb2.INSURANCE_KIND_WORK_SAFETY_LIABILITY,
        "start_date": day(date(2025, 4, 1)),
        "end_date": day(date(2026, 4, 1)),
        "insured_headcount": 50,
        "limit_per_person": yuan(400_000),
        "aggregate_limit": yuan(4_000_000),
        "premium": yuan(12_000),
        "plan_id": "cn.beijing.xicheng.insurance-rate",
    },
    RecordKind.ENDORSEMENT: {
        "policy_record_id": "r-1",
        "effective_date": day(date(2025, 4, 10)),
        "insured_headcount": 60,
        "premium_change": yuan(-1, -500_000_000),
    },
    RecordKind.CLAIM: {
        "policy_record_id": "r-1",
        "incurred_date": day(date(2025, 3, 9)),
        "reserved": yuan(30_000),
    },
    RecordKind.INSURANCE_PAYMENT: {
        "policy_record_id": "r-1",
        "payment_kind": record_pb2.InsurancePayment.PAYMENT_KIND_PREMIUM,
        "amount": yuan(12_000),
    },
    RecordKind.PREVENTION_PLAN: {
        "policy_record_id": "r-1",
        "item": record_pb2.PREVENTION_ITEM_TRAINING,
        "service_count": 4,
        "due_date": day(date(2026, 3, 31)),
    },
    RecordKind.PREVENTION_SERVICE: {
        "policy_record_id": "r-1",
        "item": record_pb2.PREVENTION_ITEM_TRAINING,
        "participant_count": 20,
        "cost": yuan(1_000),
        "insurer_confirmed_date": day(DECIDED),
    },
}
