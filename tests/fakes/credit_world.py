"""What a test of CreditService over the network may refer to."""

# ruff: noqa: ANN401 -- requests, answers and their fields are of any type.

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import grpc
import pytest

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import enterprise_pb2, record_pb2
from safetycredit.type.v1 import subject_pb2
from services.credit.domain.codes import RecordKind
from tests.fakes.credit_clients import CreditClient, RefusalError
from tests.fakes.credit_requests import (
    SAMPLE_ID,
    body,
    day,
    header,
    profile,
    record,
    request_id,
    yuan,
)

INVALID = grpc.StatusCode.INVALID_ARGUMENT
UNKNOWN = grpc.StatusCode.NOT_FOUND
EXISTS = grpc.StatusCode.ALREADY_EXISTS
PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
DENIED = grpc.StatusCode.PERMISSION_DENIED
STATE = enterprise_pb2.EnterpriseState

_names = count(1)


@dataclass
class World:
    """What a test may refer to: two enterprises of its own, and a service.

    Attributes:
        credit: The service.
        one: An enterprise.
        other: Another.
        document: A document number that no other test uses.
    """

    credit: CreditClient
    one: subject_pb2.SubjectRef
    other: subject_pb2.SubjectRef
    document: str

    def penalty(self, **changes: Any) -> Any:
        """Write a penalty of the first enterprise."""
        return self.record(RecordKind.PENALTY, **changes)

    def record(self, kind: RecordKind, /, **changes: Any) -> Any:
        """Write a record of the first enterprise."""
        own = {"subject": self.one, "document_number": self.document}
        return record(kind, head=own | changes.pop("head", {}), **changes)

    def stored(self, kind: RecordKind, /, **changes: Any) -> str:
        """Record a fact and give its identifier."""
        record_id: str = self.credit(self.record(kind, **changes)).record.record_id
        return record_id

    def revision(self, record_id: str, **changes: Any) -> service.ReviseRecordRequest:
        """Write the revision of a penalty to 1 yuan."""
        values: dict[str, Any] = {
            "request_id": request_id(),
            "record_id": record_id,
            "edition": 1,
            "header": header(subject=self.one, document_number=self.document),
            "body": record_pb2.RecordBody(penalty=body(RecordKind.PENALTY, fine=yuan(1))),
            "reason": "更正",
            "document_number": "更1号",
        }
        return service.ReviseRecordRequest(**values | changes)

    def update(self, **changes: Any) -> service.UpdateEnterpriseRequest:
        """Write a rename of the first enterprise."""
        values: dict[str, Any] = {
            "request_id": request_id(),
            "subject": self.one,
            "effective_date": day(date(2024, 1, 1)),
            "profile": profile(name="新名"),
            "document_number": "更名1号",
        }
        return service.UpdateEnterpriseRequest(**values | changes)


def revocation(record_id: str, edition: int = 1) -> service.RevokeRecordRequest:
    """Write the revocation of a record."""
    return service.RevokeRecordRequest(
        request_id=request_id(),
        record_id=record_id,
        edition=edition,
        reason="复议撤销",
        document_number="复1号",
    )


def person(number: str = SAMPLE_ID, name: str = "王小明") -> service.RegisterPersonRequest:
    """Write the registration of a person."""
    return service.RegisterPersonRequest(request_id=request_id(), name=name, identity_number=number)


def refused(call: Callable[[], object]) -> RefusalError:
    """Give the refusal of a call."""
    with pytest.raises(RefusalError) as error:
        call()
    return error.value
