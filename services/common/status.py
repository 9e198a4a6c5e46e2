"""Errors as gRPC statuses: the one place that knows both.

Every status carries ``google.rpc.ErrorInfo`` with the reason and the facts, and
``google.rpc.BadRequest`` with every violation of an invalid request. What nobody
meant to raise becomes INTERNAL with the request id and nothing else.
"""

from typing import Final

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from services.common.errors import Category, InvalidInputError, SafetyCreditError
from services.common.store_errors import store_error

ERROR_DOMAIN: Final = "safetycredit"
"""Domain of every ErrorInfo; reasons are unique within it."""

INTERNAL_REASON: Final = "INTERNAL"
"""Reason of an error that nobody meant to raise."""

STATUS_CODES: Final[dict[Category, grpc.StatusCode]] = {
    Category.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Category.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Category.CONFLICT: grpc.StatusCode.ALREADY_EXISTS,
    Category.PRECONDITION: grpc.StatusCode.FAILED_PRECONDITION,
    Category.DENIED: grpc.StatusCode.PERMISSION_DENIED,
    Category.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Category.OUT_OF_RANGE: grpc.StatusCode.OUT_OF_RANGE,
    Category.EXHAUSTED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Category.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
    Category.ABORTED: grpc.StatusCode.ABORTED,
    Category.LOST: grpc.StatusCode.DATA_LOSS,
    Category.DEADLINE: grpc.StatusCode.DEADLINE_EXCEEDED,
}
"""The one table from what went wrong to the gRPC status."""

# A status travels in HTTP/2 trailers, of which clients accept 8 KiB by default. A
# Chinese character takes nine bytes in the percent-encoded message.
_MESSAGE_CHARACTERS_MAX: Final = 300
_DETAILS_BYTES_MAX: Final = 3000


def meant_error(error: Exception) -> SafetyCreditError | None:
    """Give the error that a caller may see, or nothing for a programmer's error."""
    return error if isinstance(error, SafetyCreditError) else store_error(error)


def status_code(error: SafetyCreditError) -> grpc.StatusCode:
    """Give the gRPC status code of an error."""
    return STATUS_CODES[error.category]


def rpc_status(error: SafetyCreditError) -> Status:
    """Write an error as a status with its details."""
    status = _status(status_code(error), error.message)
    info = ErrorInfo(reason=error.reason, domain=ERROR_DOMAIN)
    for name, fact in error.facts.items():
        info.metadata[name] = _shortened(fact)
    if isinstance(error, InvalidInputError):
        # Clients see how many there are even if not all of them fit.
        info.metadata["violations"] = str(len(error.violations))
    _append(status, info)
    if isinstance(error, InvalidInputError):
        _append(status, _bad_request(error))
    return status


def internal_status(request_id: str) -> Status:
    """Write the status of an error that nobody meant to raise."""
    status = _status(
        grpc.StatusCode.INTERNAL,
        f"something went wrong inside; tell the operator the request id {request_id}",
    )
    info = ErrorInfo(reason=INTERNAL_REASON, domain=ERROR_DOMAIN)
    info.metadata["request_id"] = request_id
    _append(status, info)
    return status


# Private functions -----------------------------------------------------------


def _status(code: grpc.StatusCode, message: str) -> Status:
    number: int = code.value[0]
    return Status(code=number, message=_shortened(message))


def _append(status: Status, detail: ErrorInfo | BadRequest) -> None:
    packed = Any()
    packed.Pack(detail)
    status.details.append(packed)


def _shortened(text: str) -> str:
    if len(text) <= _MESSAGE_CHARACTERS_MAX:
        return text
    return text[: _MESSAGE_CHARACTERS_MAX - 3] + "..."


def _bad_request(error: InvalidInputError) -> BadRequest:
    """List the violations, as many as a trailer can carry."""
    request = BadRequest()
    for violation in error.violations:
        request.field_violations.add(
            field=_shortened(violation.field),
            reason=violation.reason,
            description=_shortened(violation.message),
        )
        if request.ByteSize() > _DETAILS_BYTES_MAX:
            del request.field_violations[-1]
            break
    return request
