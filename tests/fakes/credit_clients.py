"""A client of CreditService over the network, which names refusals by their reasons."""

# ruff: noqa: ANN401 -- requests and answers are messages of any type.

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub
from services.common.identity import Caller, caller_metadata
from tests.fakes.credit_calls import RECORDER
from tests.fakes.credit_requests import method_of


@dataclass
class RefusalError(Exception):
    """An answer that is a refusal.

    Attributes:
        code: Status code.
        reason: Reason of the refusal.
        facts: Its facts.
        wrong: Fields and reasons of an invalid request.
        message: What it says.
    """

    code: grpc.StatusCode
    reason: str
    facts: dict[str, str] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    message: str = ""


class CreditClient:
    """Calls CreditService, by the type of the request."""

    def __init__(self, stub: CreditServiceStub) -> None:
        """Call through a stub."""
        self._stub = stub

    def __call__(self, request: Message, caller: Caller | None = RECORDER) -> Any:
        """Send a request and give its answer.

        Raises:
            RefusalError: The answer is a refusal.
        """
        call: Any = getattr(self._stub, method_of(request))
        metadata = caller_metadata(caller) if caller else ()
        try:
            return call(request, metadata=metadata, timeout=30)
        except grpc.RpcError as error:
            raise refusal(error) from error

    def import_rows(
        self,
        rows: Iterable[service.ImportRow],
        caller: Caller = RECORDER,
        *,
        message_rows: int = 1,
    ) -> list[service.ImportRecordsResponse]:
        """Import rows, so many in a message, and give the answers of all batches."""
        call: Any = self._stub.ImportRecords
        sent = list(rows)
        try:
            messages = (
                service.ImportRecordsRequest(rows=sent[start : start + message_rows])
                for start in range(0, len(sent), message_rows)
            )
            return list(call(messages, metadata=caller_metadata(caller), timeout=30))
        except grpc.RpcError as error:
            raise refusal(error) from error


def refusal(error: Any) -> RefusalError:
    """Read a refusal from the status of a call."""
    status = rpc_status.from_call(error)
    assert status is not None, "every refusal carries its details"
    info, bad = ErrorInfo(), BadRequest()
    for detail in status.details:
        detail.Unpack(info)
        detail.Unpack(bad)
    return RefusalError(
        code=error.code(),
        reason=info.reason,
        facts=dict(info.metadata),
        wrong=[(one.field, one.reason) for one in bad.field_violations],
        message=status.message,
    )
