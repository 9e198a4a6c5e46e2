"""Errors as gRPC statuses."""

import sqlite3

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from services.common.errors import Category, FieldViolation, InvalidInputError, SafetyCreditError
from services.common.status import (
    STATUS_CODES,
    internal_status,
    meant_error,
    rpc_status,
    status_code,
)


class KettleColdError(SafetyCreditError):
    """A kettle is cold; for these tests alone."""

    reason = "KETTLE_COLD"
    category = Category.PRECONDITION


def details(status: Status) -> tuple[ErrorInfo, BadRequest | None]:
    """Unpack the details of a status."""
    info, request = ErrorInfo(), BadRequest()
    assert status.details[0].Unpack(info)
    if len(status.details) == 1:
        return info, None
    assert status.details[1].Unpack(request)
    return info, request


def test_every_category_has_a_status() -> None:
    """The table is complete, and no error is mapped to OK, UNKNOWN or INTERNAL."""
    assert STATUS_CODES.keys() == set(Category)
    assert not set(STATUS_CODES.values()) & {
        grpc.StatusCode.OK,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
    }


def test_a_status_carries_reason_and_facts() -> None:
    """Clients decide by the reason and the facts, people read the message."""
    error = KettleColdError("heat kettle 7 first", kettle=7)

    status = rpc_status(error)
    info, request = details(status)

    assert status_code(error) is grpc.StatusCode.FAILED_PRECONDITION
    assert (status.code, status.message) == (9, "heat kettle 7 first")
    assert (info.reason, info.domain, dict(info.metadata)) == (
        "KETTLE_COLD",
        "safetycredit",
        {"kettle": "7"},
    )
    assert request is None


def test_a_status_carries_every_violation() -> None:
    """An invalid request is told all its wrong fields at once."""
    status = rpc_status(
        InvalidInputError(
            [
                FieldViolation("fine_fen", "FINE_BELOW_ZERO", "must be at least 0"),
                FieldViolation("deaths", "DEATHS_BELOW_ZERO", "must be at least 0"),
            ]
        )
    )
    info, request = details(status)

    assert status.code == 3
    assert dict(info.metadata) == {"violations": "2"}
    assert request is not None
    assert [
        (violation.field, violation.reason, violation.description)
        for violation in request.field_violations
    ] == [
        ("fine_fen", "FINE_BELOW_ZERO", "must be at least 0"),
        ("deaths", "DEATHS_BELOW_ZERO", "must be at least 0"),
    ]


def test_a_status_fits_into_a_trailer() -> None:
    """A thousand violations in Chinese stay below the 8 KiB that clients accept."""
    violations = [
        FieldViolation(f"records[{i}].name", "NAME_TOO_LONG", "名称过长" * 200) for i in range(1000)
    ]

    status = rpc_status(InvalidInputError(violations))
    info, request = details(status)

    # The message is percent-encoded: nine bytes for three.
    assert len(status.message.encode()) * 3 + status.ByteSize() < 8000
    assert info.metadata["violations"] == "1000"
    assert request is not None
    assert len(request.field_violations) > 1


def test_an_internal_error_says_nothing_but_the_request_id() -> None:
    """Of what nobody meant to raise, a caller learns the request id."""
    status = internal_status("abc-1")
    info, request = details(status)

    assert status.code == 13
    assert "abc-1" in status.message
    assert (info.reason, dict(info.metadata), request) == (
        "INTERNAL",
        {"request_id": "abc-1"},
        None,
    )


@pytest.mark.parametrize(
    "error", [KeyError("x"), sqlite3.OperationalError("no such table: x"), AssertionError("x")]
)
def test_a_programmers_error_is_not_meant(error: Exception) -> None:
    """Errors outside our own hierarchy are not shown to callers."""
    assert meant_error(error) is None
