"""Calls that write: what their commands need to know, and how their answers go out."""

from collections.abc import Callable
from typing import Any, TypeVar

from google.protobuf.message import Message

from services.common.call_context import CallContext
from services.common.calls import Response
from services.common.idempotency import body_digest
from services.common.once import Answer, Call, WriteCall

Result = TypeVar("Result")


def call_of(context: CallContext) -> Call:
    """Give what a command needs to know about a call."""
    return Call(caller=context.caller, method=context.method, now=context.clock.now())


def write_call(
    request: Any,  # noqa: ANN401 -- every request that writes has a request_id.
    context: CallContext,
    encode: Callable[[Result], Message],
    *,
    digest: Callable[[bytes], bytes] = body_digest,
) -> WriteCall[Result]:
    """Give what a command that writes needs to know about a call.

    Args:
        request: The request, whose ``request_id`` has been read.
        context: The call.
        encode: Writes the answer.
        digest: Digests the request; a keyed digest if it holds personal data.
    """
    return WriteCall(
        caller=context.caller,
        method=context.method,
        now=context.clock.now(),
        request_id=request.request_id,
        digest=digest(request.SerializeToString(deterministic=True)),
        encode=lambda result: encode(result).SerializeToString(deterministic=True),
    )


def response_of(answer: Answer, response: type[Message]) -> Response:
    """Give an answer; one that was given before says so."""
    if not answer.repeated:
        return answer.response
    message: Any = response.FromString(answer.response)
    message.repeated = True
    written: Message = message
    return written
