"""Broken calls in words: reason, fields, advice and exit code."""

from typing import Any

import grpc
import pytest
from google.rpc.status_pb2 import Status
from grpc_status.rpc_status import to_status

from cli.client.failures import failure_of_call, failure_of_error
from cli.importing.mapping_files import MappingUnknownError
from services.common.errors import Category, FieldViolation, InvalidInputError, SafetyCreditError
from services.common.status import rpc_status


class BrokenCall(grpc.RpcError):
    """What a client raises when a call fails, as far as it is asked."""

    def __init__(self, code: grpc.StatusCode, details: str, status: Status | None = None) -> None:
        """Break with a status."""
        super().__init__()
        self._code = code
        self._details = details
        self._trailers = () if status is None else to_status(status).trailing_metadata

    def code(self) -> grpc.StatusCode:
        """Give the status code."""
        return self._code

    def details(self) -> str:
        """Give the message."""
        return self._details

    def trailing_metadata(self) -> tuple[Any, ...]:
        """Give the trailers, which carry the details."""
        return tuple(self._trailers)


class TakenError(SafetyCreditError):
    """Something is taken."""

    reason = "THING_TAKEN"
    category = Category.CONFLICT


def refused(error: SafetyCreditError, code: grpc.StatusCode) -> BrokenCall:
    """Break as a service does that means it."""
    status = rpc_status(error)
    return BrokenCall(code, status.message, status)


def test_a_refusal_is_told_with_its_reason() -> None:
    """The reason comes from the details, and the exit code says that it was refused."""
    error = refused(TakenError("the thing is taken"), grpc.StatusCode.ALREADY_EXISTS)
    failure = failure_of_call(error)

    assert failure.reason == "THING_TAKEN"
    assert failure.message == "the thing is taken"
    assert failure.exit_code == 4
    assert failure.advice


class VersionExistsError(SafetyCreditError):
    """A published version is sent with other content."""

    reason = "POLICY_VERSION_EXISTS"
    category = Category.CONFLICT


def test_what_to_do_is_said_by_the_reason() -> None:
    """A published version is never revised, as a record would be; the advice says what there is."""
    code = grpc.StatusCode.ALREADY_EXISTS

    record = failure_of_call(refused(TakenError("the thing is taken"), code)).advice
    policy = failure_of_call(refused(VersionExistsError("it exists"), code)).advice

    assert "revise it" in record
    assert "revise" not in policy
    assert "safetycredit policy versions POLICY" in policy


def test_every_refused_field_is_told() -> None:
    """Each field comes with its own reason."""
    violations = [
        FieldViolation("header.event_date", "DATE_IN_FUTURE", "give a day that has come"),
        FieldViolation("penalty.fine", "FINE_BELOW_ZERO", "give at least 0"),
    ]
    error = refused(InvalidInputError(violations), grpc.StatusCode.INVALID_ARGUMENT)
    failure = failure_of_call(error)

    assert failure.reason == "INVALID_INPUT"
    assert failure.message == "2 values refused"
    assert [(fault.field, fault.message) for fault in failure.faults] == [
        ("header.event_date", "DATE_IN_FUTURE: give a day that has come"),
        ("penalty.fine", "FINE_BELOW_ZERO: give at least 0"),
    ]


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        pytest.param(grpc.StatusCode.UNAVAILABLE, 1, id="unreachable"),
        pytest.param(grpc.StatusCode.DEADLINE_EXCEEDED, 1, id="too-late"),
        pytest.param(grpc.StatusCode.INTERNAL, 1, id="defect"),
        pytest.param(grpc.StatusCode.NOT_FOUND, 4, id="not-found"),
        pytest.param(grpc.StatusCode.PERMISSION_DENIED, 4, id="denied"),
    ],
)
def test_the_exit_code_says_whether_the_service_judged_the_call(
    code: grpc.StatusCode, exit_code: int
) -> None:
    """4 is a refusal, 1 a call that could not be finished; both come with advice."""
    failure = failure_of_call(BrokenCall(code, "something"))

    assert failure.reason == code.name
    assert failure.exit_code == exit_code
    assert failure.advice


def test_an_error_of_the_command_line_keeps_its_advice() -> None:
    """What to do is said by who knows."""
    failure = failure_of_error(MappingUnknownError("there is none", advice="make one"))

    assert (failure.reason, failure.advice, failure.exit_code) == ("MAPPING_UNKNOWN", "make one", 1)
