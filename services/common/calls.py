"""What happens around every handler: identity, access, errors, limits, log.

Handlers are wrapped once, when they are registered. A chain of interceptors would
cost every call a coroutine for each link and a second pass over its metadata.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NoReturn, TypeAlias

import grpc
import structlog
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from grpc_status import rpc_status as grpc_rpc_status

from services.common.access import AccessTable, require_role
from services.common.call_context import CallContext
from services.common.call_log import CallLog
from services.common.clock import Clock
from services.common.errors import Category, SafetyCreditError
from services.common.identity import Authenticator, Metadata
from services.common.logs import current_request_id
from services.common.portals import PortalGate, SubjectFinder, is_bound
from services.common.status import internal_status, meant_error, rpc_status, status_code

REQUEST_ID_KEY: Final = "x-request-id"
"""Metadata key: the caller's name for this call, for the logs; made if absent."""

Response: TypeAlias = Message | bytes
"""An answer: a message, or its bytes if they are at hand."""

UnaryHandler: TypeAlias = Callable[[Any, CallContext], Awaitable[Response]]
"""Answers a request, or an asynchronous iterator of requests, once."""

StreamHandler: TypeAlias = Callable[[Any, CallContext], AsyncIterator[Response]]
"""Answers a request, or an asynchronous iterator of requests, with a stream."""

Handler: TypeAlias = UnaryHandler | StreamHandler


class RequestUnreadableError(SafetyCreditError):
    """A request's bytes are no message of the type that the RPC takes."""

    reason = "REQUEST_UNREADABLE"
    category = Category.INVALID


class NotServingError(SafetyCreditError):
    """The server runs and cannot serve yet, or any more."""

    reason = "NOT_SERVING"
    category = Category.UNAVAILABLE


class TooManyCallsError(SafetyCreditError):
    """The server is at its limit of calls at once."""

    reason = "TOO_MANY_CALLS"
    category = Category.EXHAUSTED


@dataclass(slots=True, kw_only=True)
class CallRules:
    """What all calls of one server have in common.

    Attributes:
        access: Who may call what.
        authenticator: Finds out who calls.
        clock: The clock that handlers see.
        log: Gets a line for every call.
        workers: Threads in which commands run.
        find_subjects: Finds out whom requests are about; none where no portal may call.
        calls_max: Calls at once.
        calls_running: Calls that run now.
        calls_over: Set when the last call is over, once somebody waits for that.
        refusal: Why the server does not serve now; nothing while it does.
    """

    access: AccessTable
    authenticator: Authenticator
    clock: Clock
    log: CallLog
    workers: ThreadPoolExecutor
    find_subjects: SubjectFinder | None
    calls_max: int
    calls_running: int = field(default=0)
    calls_over: asyncio.Event | None = field(default=None)
    refusal: SafetyCreditError | None = field(default=None)

    def require_serving(self) -> None:
        """Refuse while the server is not ready, or too busy.

        Raises:
            NotServingError: Says what it waits for.
            TooManyCallsError: Names the limit.
        """
        self.require_going_on()
        if self.calls_running > self.calls_max:
            raise TooManyCallsError(
                f"this server serves {self.calls_max} calls at once; try again shortly",
                calls_max=self.calls_max,
            )

    def require_going_on(self) -> None:
        """Refuse while the server is not ready, however busy it is.

        Raises:
            NotServingError: Says what it waits for.
        """
        if self.refusal is not None:
            raise NotServingError(
                f"this server does not serve: {self.refusal.message}",
                **{**self.refusal.facts, "cause": self.refusal.reason},
            )


@dataclass(frozen=True, slots=True)
class ServedService:
    """One service and the handlers of all its methods.

    Attributes:
        descriptor: From the generated module, ``DESCRIPTOR.services_by_name[...]``.
        handlers: One for each method, by its short name.
    """

    descriptor: ServiceDescriptor
    handlers: Mapping[str, Handler]

    def __post_init__(self) -> None:
        """Refuse handlers and methods that do not match."""
        names = {method.name for method in self.descriptor.methods}
        different = sorted(names.symmetric_difference(self.handlers))
        if different:
            raise ValueError(
                f"handlers and methods of {self.descriptor.full_name} differ: "
                + ", ".join(different)
            )


class MethodTable(grpc.GenericRpcHandler):
    """Finds the wrapped handler of every method, and keeps the call's metadata.

    grpc has the metadata at hand when it asks for a handler. Each call runs in a
    task of its own, so a context variable carries it to the handler, and what costs
    one twentieth of an empty call is not done twice.
    """

    def __init__(self, services: Iterable[ServedService], rules: CallRules) -> None:
        """Wrap all handlers."""
        self._methods = {
            f"/{served.descriptor.full_name}/{method.name}": _Call(method, rules).wrapped(
                served.handlers[method.name]
            )
            for served in services
            for method in served.descriptor.methods
        }

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Give the handler of a call, or nothing if it is not ours."""
        handler = self._methods.get(handler_call_details.method)
        if handler is not None:
            _call_metadata.set(handler_call_details.invocation_metadata)
        return handler


# Private functions and classes ------------------------------------------------

_ServicerContext: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

_call_metadata: ContextVar[Iterable[tuple[str, str | bytes]]] = ContextVar("call_metadata")

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# Ids that we make are unique among processes by a random word, within one by a count.
_request_id_prefix = secrets.token_hex(4)
_request_numbers = count(1)


class _Call:
    """Wraps one handler; grpc hands over bytes and gets bytes.

    Requests are parsed here rather than by grpc, so that a caller without access
    costs nothing and an unreadable request is refused by name.
    """

    def __init__(self, method: MethodDescriptor, rules: CallRules) -> None:
        service: str = method.containing_service.full_name
        self._descriptor = method
        self._method = f"{service}/{method.name}"
        self._rules = rules
        self._roles = rules.access.roles(service, method.name)
        self._portal = _portal_gate(self._method, self._roles, method, rules)
        self._parse: Callable[[bytes], Message] = GetMessageClass(method.input_type).FromString
        self._read = self._read_each if method.client_streaming else self._read_one

    # grpc's types of handlers are overloads that no common name fits; hence Any.
    def wrapped(self, handler: Any) -> "grpc.RpcMethodHandler[Any, Any]":  # noqa: ANN401 -- as said above.
        if self._descriptor.server_streaming:
            stream = self._streaming(handler)
            if self._descriptor.client_streaming:
                return grpc.stream_stream_rpc_method_handler(stream)
            return grpc.unary_stream_rpc_method_handler(stream)
        unary = self._answering(handler)
        if self._descriptor.client_streaming:
            return grpc.stream_unary_rpc_method_handler(unary)
        return grpc.unary_unary_rpc_method_handler(unary)

    def _answering(self, handler: Any) -> Any:  # noqa: ANN401 -- as said above.
        async def serve(request: Any, servicer: _ServicerContext) -> bytes:  # noqa: ANN401 -- as said above.
            context = self._begin(servicer)
            try:
                self._admit(context, servicer)
                message = self._read(request, context)
                portal = self._portal
                if portal is not None and portal.binds(context.caller):
                    assert isinstance(message, Message), "what portals may call streams nothing"
                    await context.run_command(portal.require_own, context.caller, message)
                response = _bytes(await handler(message, context))
            except asyncio.CancelledError:
                self._cancelled(context)
                raise
            except Exception as error:  # noqa: BLE001 -- the one border that no error may cross unmapped.
                await self._refuse(context, servicer, error)
            self._complete(context, "OK")
            return response

        return serve

    def _streaming(self, handler: Any) -> Any:  # noqa: ANN401 -- as said above.
        async def serve(request: Any, servicer: _ServicerContext) -> AsyncIterator[bytes]:  # noqa: ANN401 -- as said above.
            context = self._begin(servicer)
            try:
                self._admit(context, servicer)
                async with aclosing(handler(self._read(request, context), context)) as responses:
                    async for response in responses:
                        yield _bytes(response)
            except (asyncio.CancelledError, GeneratorExit):
                # grpc drops the generator of a cancelled call where it stands.
                self._cancelled(context)
                raise
            except Exception as error:  # noqa: BLE001 -- as in the unary case.
                await self._refuse(context, servicer, error)
            self._complete(context, "OK")

        return serve

    def _begin(self, servicer: _ServicerContext) -> CallContext:
        self._rules.calls_running += 1
        return CallContext(
            self._method,
            clock=self._rules.clock,
            workers=self._rules.workers,
            remaining_seconds=servicer.time_remaining,
            require_serving=self._rules.require_going_on,
        )

    def _admit(self, context: CallContext, servicer: _ServicerContext) -> None:
        """Find out who calls, and refuse those who may not."""
        metadata: Metadata = dict(_call_metadata.get())
        context.request_id = _request_id(metadata.get(REQUEST_ID_KEY))
        current_request_id.set(context.request_id)
        context.caller = self._rules.authenticator.authenticate(metadata, servicer.auth_context)
        require_role(context.caller, self._roles, self._method)
        self._rules.require_serving()

    def _read_one(self, request: bytes, context: CallContext) -> Message:
        context.request_bytes = request
        return self._message(request)

    async def _read_each(
        self, requests: AsyncIterator[bytes], _context: CallContext
    ) -> AsyncIterator[Message]:
        async for request in requests:
            yield self._message(request)

    def _message(self, request: bytes) -> Message:
        try:
            return self._parse(request)
        except DecodeError as error:
            raise RequestUnreadableError(
                "the request's bytes are no message of this RPC's type", method=self._method
            ) from error

    def _complete(self, context: CallContext, status: str) -> None:
        """End a call, however it went; reached exactly once."""
        self._rules.calls_running -= 1
        if self._rules.calls_over is not None and self._rules.calls_running == 0:
            self._rules.calls_over.set()
        caller = getattr(context, "caller", None)
        self._rules.log.completed(
            self._method,
            status,
            duration_ms=context.elapsed_ms,
            caller=caller.identity if caller else "",
            request_id=context.request_id,
        )

    def _cancelled(self, context: CallContext) -> None:
        passed = context.deadline.passed
        context.deadline.abandoned = True
        code = grpc.StatusCode.DEADLINE_EXCEEDED if passed else grpc.StatusCode.CANCELLED
        self._complete(context, code.name)

    async def _refuse(
        self, context: CallContext, servicer: _ServicerContext, error: Exception
    ) -> NoReturn:
        meant = meant_error(error)
        if meant is None:
            _log.error("rpc_failed", method=self._method, exc_info=error)
            code, status = grpc.StatusCode.INTERNAL, internal_status(context.request_id)
        else:
            if meant is not error:
                _log.warning("store_failed", method=self._method, exc_info=error)
            code, status = status_code(meant), rpc_status(meant)
        self._complete(context, code.name)
        written = grpc_rpc_status.to_status(status)
        await servicer.abort(
            written.code,
            written.details,
            (*written.trailing_metadata, (REQUEST_ID_KEY, context.request_id)),
        )


def _portal_gate(
    name: str, roles: frozenset[str], method: MethodDescriptor, rules: CallRules
) -> PortalGate | None:
    if not is_bound(roles):
        return None
    assert rules.find_subjects is not None, "a server that portals may call finds subjects"
    fields = rules.access.about(method.containing_service.full_name, method.name)
    return PortalGate(name, roles, fields, rules.find_subjects)


def _bytes(response: Response) -> bytes:
    return response if isinstance(response, bytes) else response.SerializeToString()


def _request_id(given: str | bytes | None) -> str:
    if isinstance(given, str) and _REQUEST_ID.fullmatch(given):
        return given
    return f"{_request_id_prefix}-{next(_request_numbers):x}"
