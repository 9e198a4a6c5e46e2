"""What happens around every handler, through a real server."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any, cast

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from sqlalchemy import select
from structlog.testing import capture_logs

from models.store_state import RevisionRow
from services.common.call_context import CallContext
from services.common.database import Database
from services.common.deadline import DeadlinePassedError, check_deadline
from services.common.errors import FieldViolation, InvalidInputError
from services.common.identity import Caller, caller_metadata
from services.common.logs import current_request_id
from tests.fakes.call_log import CompletedCall, RecordingCallLog
from tests.fakes.clock import FixedClock
from tests.fakes.echo_service import NAME
from tests.integration.common.conftest import METADATA, REGULATOR, Echo


def method(channel: grpc.aio.Channel, name: str = "Echo", kind: str = "unary_unary") -> Any:  # noqa: ANN401 -- grpc's four kinds of stubs share no type.
    """Give a stub of one method."""
    return getattr(channel, kind)(
        f"/{NAME}/{name}",
        request_serializer=StringValue.SerializeToString,
        response_deserializer=StringValue.FromString,
    )


def bytes_method(channel: grpc.aio.Channel) -> "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]":
    """Give a stub of the unary method that sends bytes as they are."""
    return channel.unary_unary(f"/{NAME}/Echo")


def rich_status(error: grpc.aio.AioRpcError) -> Status | None:
    """Give the status with its details; nothing if the error has none."""
    # An error has all that is asked of a call here, but grpc's types do not say so.
    status: Status | None = rpc_status.from_call(cast("grpc.Call", error))
    return status


async def refused(call: Any) -> tuple[grpc.StatusCode, ErrorInfo, grpc.aio.AioRpcError]:  # noqa: ANN401 -- grpc's calls share no type.
    """Await a call that fails, and give its code and its reason."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    error = caught.value
    info = ErrorInfo()
    status = rich_status(error)
    if status is not None:
        assert status.details[0].Unpack(info)
    return error.code(), info, error


async def words(*values: str) -> AsyncIterator[StringValue]:
    """Stream requests."""
    for value in values:
        yield StringValue(value=value)


async def test_a_handler_knows_its_caller(echo: Echo, calls: RecordingCallLog) -> None:
    """Identity comes from the metadata; a line is left with all that names the call."""
    metadata = (
        *caller_metadata(Caller(identity="王", roles=frozenset({"regulator"}))),
        ("x-request-id", "abc-1"),
    )
    async with echo() as (_, channel):
        response = await method(channel)(StringValue(value="hello"), metadata=metadata)

    assert response.value == "王: hello"
    assert calls.lines == [CompletedCall(f"{NAME}/Echo", "OK", "王", "abc-1")]


async def test_all_four_kinds_of_methods_are_served(echo: Echo, calls: RecordingCallLog) -> None:
    """Requests and answers may be streams; answers may be messages or bytes."""
    async with echo() as (_, channel):
        collected = await method(channel, "Collect", "stream_unary")(
            words("a", "b"), metadata=METADATA
        )
        repeated = method(channel, "Repeat", "unary_stream")(
            StringValue(value="c d"), metadata=METADATA
        )
        conversed = method(channel, "Converse", "stream_stream")(words("e", "f"), metadata=METADATA)

        assert collected.value == "a b"
        assert [response.value async for response in repeated] == ["c", "d"]
        assert [response.value async for response in conversed] == ["E", "F"]
    assert [line.status for line in calls.lines] == ["OK"] * 3


async def test_concurrent_callers_are_not_mixed_up(echo: Echo) -> None:
    """Each of many calls at once is served as its own caller's."""
    arrived: list[str] = []
    everybody = asyncio.Event()

    async def wait_for_all(request: StringValue, context: CallContext) -> StringValue:
        arrived.append(context.caller.identity)
        if len(arrived) == 20:
            everybody.set()
        await everybody.wait()
        assert current_request_id.get() == context.request_id
        return StringValue(value=f"{request.value} {context.caller.identity}")

    async with echo(Echo=wait_for_all) as (_, channel):
        responses = await asyncio.gather(
            *(
                method(channel)(
                    StringValue(value=str(number)),
                    metadata=caller_metadata(
                        Caller(identity=f"c{number}", roles=frozenset({"regulator"}))
                    ),
                )
                for number in range(20)
            )
        )

    assert [response.value for response in responses] == [f"{n} c{n}" for n in range(20)]


async def test_a_call_without_a_caller_is_unauthenticated(
    echo: Echo, calls: RecordingCallLog
) -> None:
    """The refusal says which metadata to send."""
    async with echo() as (_, channel):
        code, info, error = await refused(method(channel)(StringValue()))

    assert (code, info.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CALLER_MISSING")
    assert "x-safetycredit-caller" in (error.details() or "")
    assert [(line.status, line.caller) for line in calls.lines] == [("UNAUTHENTICATED", "")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Echo", "unary_unary"),
        ("Collect", "stream_unary"),
        ("Repeat", "unary_stream"),
        ("Converse", "stream_stream"),
    ],
)
async def test_a_caller_without_the_role_is_denied(echo: Echo, name: str, kind: str) -> None:
    """Every kind of method is guarded; the refusal names the roles that would do."""
    metadata = caller_metadata(Caller(identity="x", roles=frozenset({"insurer"})))
    request = words("a") if kind.startswith("stream") else StringValue()
    async with echo() as (_, channel):
        call = method(channel, name, kind)(request, metadata=metadata)
        code, info, _ = await refused(call if kind.endswith("unary") else anext(aiter(call)))

    assert (code, info.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ACCESS_DENIED")
    assert dict(info.metadata) == {"method": f"{NAME}/{name}", "roles": "regulator"}


async def test_an_unknown_method_is_unimplemented(echo: Echo) -> None:
    """What is not in the descriptors is not there."""
    async with echo() as (_, channel):
        code, _, _ = await refused(method(channel, "Sing")(StringValue(), metadata=METADATA))

    assert code is grpc.StatusCode.UNIMPLEMENTED


async def test_an_invalid_request_is_told_every_wrong_field(echo: Echo) -> None:
    """All violations come with the status, and the request id in the trailers."""

    async def refuse(_request: StringValue, _context: CallContext) -> StringValue:
        raise InvalidInputError(
            [
                FieldViolation("fine_fen", "FINE_BELOW_ZERO", "must be at least 0"),
                FieldViolation("authority", "AUTHORITY_MISSING", "应急管理局 must be given"),
            ]
        )

    async with echo(Echo=refuse) as (_, channel):
        code, info, error = await refused(
            method(channel)(StringValue(), metadata=(*METADATA, ("x-request-id", "abc-1")))
        )

    request = BadRequest()
    status = rich_status(error)
    assert status is not None
    assert status.details[1].Unpack(request)
    assert (code, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_INPUT")
    assert [violation.reason for violation in request.field_violations] == [
        "FINE_BELOW_ZERO",
        "AUTHORITY_MISSING",
    ]
    assert dict(error.trailing_metadata() or ())["x-request-id"] == "abc-1"


async def test_an_unmeant_error_hides_its_text(echo: Echo, calls: RecordingCallLog) -> None:
    """A caller learns the request id and nothing else; the log has all of it."""

    async def fail(_request: StringValue, _context: CallContext) -> StringValue:
        raise KeyError("secret text")

    with capture_logs() as logs:
        async with echo(Echo=fail) as (_, channel):
            code, info, error = await refused(method(channel)(StringValue(), metadata=METADATA))

    (line,) = calls.lines
    (failure,) = (log for log in logs if log["event"] == "rpc_failed")
    assert (code, info.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert dict(info.metadata) == {"request_id": line.request_id}
    assert "secret" not in str(error)
    assert line.status == "INTERNAL"
    assert repr(failure["exc_info"]) == "KeyError('secret text')"


async def test_a_drivers_text_never_reaches_a_caller(echo: Echo, sqlite_url: str) -> None:
    """A statement that fails in the database is an internal error without its text."""
    database = Database(sqlite_url)

    def ask() -> StringValue:
        with database.read() as read:
            read.connection.exec_driver_sql("SELECT secret FROM nowhere")
        return StringValue()

    async def fail(_request: StringValue, context: CallContext) -> StringValue:
        return await context.run_command(ask)

    async with echo(Echo=fail) as (_, channel):
        code, info, error = await refused(method(channel)(StringValue(), metadata=METADATA))
    database.close()

    assert (code, info.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "secret" not in str(error)


async def test_a_response_that_cannot_be_written_is_internal(echo: Echo) -> None:
    """A handler that returns no message has failed, and its call is logged so."""

    async def forget(_request: StringValue, _context: CallContext) -> StringValue:
        return None  # type: ignore[return-value] # The mistake that is made here.

    async with echo(Echo=forget) as (_, channel):
        code, _, _ = await refused(method(channel)(StringValue(), metadata=METADATA))

    assert code is grpc.StatusCode.INTERNAL


async def test_an_unreadable_request_is_refused_by_name(echo: Echo) -> None:
    """Bytes that are no message are the caller's mistake."""
    async with echo() as (_, channel):
        code, info, _ = await refused(bytes_method(channel)(b"\xff\xff", metadata=METADATA))

    assert (code, info.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_UNREADABLE")


@pytest.mark.parametrize(
    ("text_bytes", "code"),
    [
        # A message is its text with a tag and a two-byte length.
        pytest.param(1024 - 3, grpc.StatusCode.OK, id="largest"),
        pytest.param(1024 - 2, grpc.StatusCode.RESOURCE_EXHAUSTED, id="one-byte-more"),
    ],
)
async def test_messages_have_a_largest_size(
    echo: Echo, text_bytes: int, code: grpc.StatusCode
) -> None:
    """A request of the largest size is served, one byte more is refused."""

    async def measure(request: StringValue, _context: CallContext) -> StringValue:
        return StringValue(value=str(len(request.value)))

    variables = {"SAFETYCREDIT_MESSAGE_BYTES_MAX": "1024"}
    async with echo(variables=variables, Echo=measure) as (_, channel):
        call = method(channel)(StringValue(value="a" * text_bytes), metadata=METADATA)

        assert await call.code() is code


async def test_calls_at_once_have_a_limit(echo: Echo) -> None:
    """One call more than the limit is refused by name; afterwards there is room again."""
    began, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_request: StringValue, _context: CallContext) -> StringValue:
        began.set()
        await go_on.wait()
        return StringValue(value="done")

    variables = {"SAFETYCREDIT_CONCURRENT_CALLS_MAX": "1"}
    async with echo(variables=variables, Echo=wait) as (_, channel):
        first = method(channel)(StringValue(), metadata=METADATA)
        await began.wait()
        code, info, _ = await refused(method(channel)(StringValue(), metadata=METADATA))
        go_on.set()
        after = await method(channel)(StringValue(), metadata=METADATA)

        assert (code, info.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS")
        assert [(await first).value, after.value] == ["done", "done"]


async def test_a_handler_is_cancelled_at_its_deadline(echo: Echo, calls: RecordingCallLog) -> None:
    """When the deadline passes, the handler stops and the call is logged as exceeded."""
    stopped = asyncio.Event()

    async def wait(_request: StringValue, _context: CallContext) -> StringValue:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return StringValue()

    async with echo(Echo=wait) as (_, channel):
        code, _, _ = await refused(method(channel)(StringValue(), metadata=METADATA, timeout=0.1))
        await stopped.wait()

    assert code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert [line.status for line in calls.lines] == ["DEADLINE_EXCEEDED"]


@pytest.mark.parametrize(("name", "kind"), [("Echo", "unary_unary"), ("Repeat", "unary_stream")])
async def test_a_call_that_is_given_up_is_logged_as_cancelled(
    echo: Echo, calls: RecordingCallLog, name: str, kind: str
) -> None:
    """When the caller goes away, its handler stops, in streams too."""
    began, stopped = asyncio.Event(), asyncio.Event()

    async def wait(_request: StringValue, _context: CallContext) -> StringValue:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return StringValue()

    async def wait_streaming(
        request: StringValue, context: CallContext
    ) -> AsyncIterator[StringValue]:
        yield StringValue(value="first")
        yield await wait(request, context)

    async with echo(Echo=wait, Repeat=wait_streaming) as (_, channel):
        call = method(channel, name, kind)(StringValue(), metadata=METADATA)
        if kind == "unary_stream":
            assert (await call.read()).value == "first"
        await began.wait()
        call.cancel()
        await stopped.wait()

    assert [line.status for line in calls.lines] == ["CANCELLED"]


async def test_a_write_past_its_deadline_is_undone(echo: Echo, database: Database) -> None:
    """A command that still runs when its caller has gone does not commit."""
    gone = threading.Event()
    outcome: list[type[Exception] | None] = []

    def write_late() -> StringValue:
        with database.write(caller=REGULATOR, method="late") as write:
            assert gone.wait(10)
            try:
                write.commit()
            except DeadlinePassedError as error:
                outcome.append(type(error))
                raise
            return StringValue()

    async def serve(_request: StringValue, context: CallContext) -> StringValue:
        return await context.run_command(write_late)

    async with echo(Echo=serve) as (_, channel):
        code, _, _ = await refused(method(channel)(StringValue(), metadata=METADATA, timeout=0.1))
        gone.set()
    # The server has drained: the command is over.

    with database.read() as read:
        rows = read.connection.execute(select(RevisionRow.revision)).all()
    assert code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert outcome == [DeadlinePassedError]
    assert rows == []


async def test_a_command_knows_its_call(echo: Echo) -> None:
    """A command runs in another thread, with the call's request id and deadline."""
    loop_thread = threading.get_ident()

    def look(word: str, *, more: str) -> str:
        check_deadline()
        return f"{word} {more} {current_request_id.get()} {threading.get_ident() == loop_thread}"

    async def serve(_request: StringValue, context: CallContext) -> StringValue:
        return StringValue(value=await context.run_command(look, "a", more="b"))

    async with echo(Echo=serve) as (_, channel):
        response = await method(channel)(
            StringValue(), metadata=(*METADATA, ("x-request-id", "abc-1")), timeout=30
        )

    assert response.value == "a b abc-1 False"


async def test_a_handler_reads_the_servers_clock(echo: Echo, clock: FixedClock) -> None:
    """Handlers get their time from the context, and their method's full name."""

    async def tell(_request: StringValue, context: CallContext) -> StringValue:
        return StringValue(value=f"{context.method} {context.clock.now().isoformat()}")

    async with echo(Echo=tell) as (_, channel):
        response = await method(channel)(StringValue(), metadata=METADATA)

    assert response.value == f"{NAME}/Echo {clock.now().isoformat()}"


@pytest.mark.parametrize("given", ["", "a b", "a" * 65, '"}'])
async def test_a_strange_request_id_is_replaced(
    echo: Echo, calls: RecordingCallLog, given: str
) -> None:
    """A request id that could garble a log line is replaced by one of ours."""
    async with echo() as (_, channel):
        await method(channel)(StringValue(), metadata=(*METADATA, ("x-request-id", given)))

    (line,) = calls.lines
    assert line.request_id
    assert line.request_id != given
