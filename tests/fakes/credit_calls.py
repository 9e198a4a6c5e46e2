"""Calls of the credit service's handlers without a network between."""

# ruff: noqa: ANN401 -- requests and answers are messages of any type.

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from google.protobuf.message import Message

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.calls import Handler
from services.common.clock import Clock
from services.common.errors import InvalidInputError, SafetyCreditError
from services.common.identity import Caller

SERVICE = service.DESCRIPTOR.services_by_name["CreditService"]
EVERYWHERE = frozenset({"*"})
REGULATOR = Caller(
    identity="chen", roles=frozenset({"regulator"}), divisions=EVERYWHERE, fields=EVERYWHERE
)
RECORDER = Caller(
    identity="liu", roles=frozenset({"recorder"}), divisions=EVERYWHERE, fields=EVERYWHERE
)
AUDITOR = Caller(identity="sun", roles=frozenset({"auditor"}))

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class InlineContext:
    """A `CallContext` that runs commands where they are."""

    caller: Caller
    method: str
    clock: Clock
    request_id: str = "test"
    request_bytes: bytes = b""

    async def run_command(self, command: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a command at once."""
        return command(*args, **kwargs)


class InlineService:
    """CreditService, called by method name."""

    def __init__(self, handlers: Mapping[str, Handler], clock: Clock) -> None:
        """Call these handlers."""
        self._handlers = handlers
        self._clock = clock

    def __call__(self, method: str, request: Any, caller: Caller = RECORDER) -> Any:
        """Call a method with one request and give its answer."""
        # Nothing in it waits, so that it needs no event loop.
        call = self._call(method, request, caller)
        try:
            call.send(None)
        except StopIteration as answered:
            return answered.value
        raise AssertionError("a call without a network waits for nothing")

    def bytes(self, method: str, request: Message, caller: Caller = RECORDER) -> bytes:
        """Call a method and give the bytes of its answer."""
        answer: Message = self(method, request, caller)
        return answer.SerializeToString(deterministic=True)

    def import_rows(
        self, rows: Iterable[service.ImportRow], caller: Caller = RECORDER
    ) -> list[service.ImportRecordsResponse]:
        """Import rows, each in a message of its own, and give the answers of all batches."""
        return self.import_messages(([row] for row in rows), caller)

    def import_messages(
        self, messages: Iterable[Iterable[service.ImportRow]], caller: Caller = RECORDER
    ) -> list[service.ImportRecordsResponse]:
        """Import messages of rows and give the answers of all batches."""
        return asyncio.run(self._import(messages, caller))

    async def _call(self, method: str, request: Any, caller: Caller) -> Any:
        handler: Any = self._handlers[method]
        answer = await handler(request, self._context(method, caller))
        if isinstance(answer, bytes):
            response: Any = getattr(service, f"{method}Response")
            return response.FromString(answer)
        return answer

    async def _import(
        self, messages: Iterable[Iterable[service.ImportRow]], caller: Caller
    ) -> list[service.ImportRecordsResponse]:
        async def stream() -> AsyncIterator[service.ImportRecordsRequest]:
            for rows in messages:
                yield service.ImportRecordsRequest(rows=rows)

        handler: Any = self._handlers["ImportRecords"]
        context = self._context("ImportRecords", caller)
        return [answer async for answer in handler(stream(), context)]

    def _context(self, method: str, caller: Caller) -> InlineContext:
        return InlineContext(caller, f"{SERVICE.full_name}/{method}", self._clock)


def violations(error: SafetyCreditError) -> list[tuple[str, str]]:
    """Give the fields and reasons that a refusal names."""
    assert isinstance(error, InvalidInputError)
    return [(one.field, one.reason) for one in error.violations]
