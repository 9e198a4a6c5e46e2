"""Writes that a repeated request does not repeat."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

from services.common.clock import civil_day
from services.common.identity import Caller

Result = TypeVar("Result")


class OnceWriting(Protocol):
    """A write transaction that keeps the answers it gave."""

    def recall(self, *, request_id: str, digest: bytes) -> bytes | None:
        """Give the first answer to a request; nothing if there was none.

        Raises:
            SafetyCreditError: The identifier stands for another request.
        """
        ...

    def remember(self, *, request_id: str, digest: bytes, response: bytes) -> None:
        """Keep the first answer to a request."""
        ...

    def commit(self) -> None:
        """Make everything durable."""
        ...


Writing_co = TypeVar("Writing_co", bound=OnceWriting, covariant=True)
Writing = TypeVar("Writing", bound=OnceWriting)


class OnceStore(Protocol[Writing_co]):
    """A store that opens such transactions."""

    def write(self, *, caller: Caller, method: str) -> AbstractContextManager[Writing_co]:
        """Begin a write; it is undone unless it is committed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who calls what, and when.

    Attributes:
        caller: Who calls.
        method: Full name of the RPC.
        now: Instant of the call, UTC.
    """

    caller: Caller
    method: str
    now: datetime

    @property
    def today(self) -> date:
        """Give the civil day of the call, Asia/Shanghai."""
        return civil_day(self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteCall(Call, Generic[Result]):
    """A call that writes, once however often it is sent.

    Attributes:
        request_id: The caller's own identifier of the request.
        digest: Digest of the request, equal for equal requests.
        encode: Writes the answer, so that it can be kept with what it answers.
    """

    request_id: str
    digest: bytes
    encode: Callable[[Result], bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a write.

    Attributes:
        response: The first answer, as it was encoded.
        repeated: Whether it had been given before.
    """

    response: bytes
    repeated: bool


def write_once(
    store: OnceStore[Writing], call: WriteCall[Result], work: Callable[[Writing], Result]
) -> Answer:
    """Do a piece of work in a transaction of its own, or give its first answer again.

    Args:
        store: Where to write.
        call: Who writes, and how the answer is encoded.
        work: Writes, and gives the result.

    Raises:
        SafetyCreditError: The work was refused, or the request identifier stands for another
            request; nothing was written.
    """
    with store.write(caller=call.caller, method=call.method) as write:
        first = write.recall(request_id=call.request_id, digest=call.digest)
        if first is not None:
            return Answer(first, repeated=True)
        response = call.encode(work(write))
        write.remember(request_id=call.request_id, digest=call.digest, response=response)
        write.commit()
        return Answer(response, repeated=False)
