"""What a handler knows about the call that it serves, and how it runs a command."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from time import monotonic, perf_counter
from typing import ParamSpec, TypeVar

from services.common.clock import Clock
from services.common.deadline import Deadline, check_deadline, under_deadline
from services.common.identity import Caller

P = ParamSpec("P")
T = TypeVar("T")


class CallContext:
    """One call.

    Attributes:
        caller: Who calls.
        method: Full name of the RPC, ``package.Service/Method``.
        request_id: Names the call in the logs; not the request id of a write.
        request_bytes: The request as it came; empty if requests are streamed.
        clock: The clock to read, instead of the machine's.
    """

    __slots__ = (
        "_deadline",
        "_remaining_seconds",
        "_require_serving",
        "_started_seconds",
        "_workers",
        "caller",
        "clock",
        "method",
        "request_bytes",
        "request_id",
    )

    caller: Caller

    def __init__(
        self,
        method: str,
        *,
        clock: Clock,
        workers: ThreadPoolExecutor,
        remaining_seconds: Callable[[], float | None],
        require_serving: Callable[[], None],
    ) -> None:
        """Begin a call whose caller is not known yet.

        Args:
            method: Full name of the RPC.
            clock: Of the server.
            workers: Threads in which commands run.
            remaining_seconds: Tells how long the caller still waits; nothing if
                it set no deadline. Asked only when it matters.
            require_serving: Refuses to go on once the server must not serve.
        """
        self.method = method
        self.request_id = ""
        self.request_bytes = b""
        self.clock = clock
        self._workers = workers
        self._remaining_seconds = remaining_seconds
        self._require_serving = require_serving
        self._deadline: Deadline | None = None
        self._started_seconds = perf_counter()

    @property
    def deadline(self) -> Deadline:
        """Give the deadline of the call, which may be none."""
        if self._deadline is None:
            remaining = self._remaining_seconds()
            self._deadline = Deadline(None if remaining is None else monotonic() + remaining)
        return self._deadline

    @property
    def elapsed_ms(self) -> float:
        """Say how long the call has run, in milliseconds."""
        return (perf_counter() - self._started_seconds) * 1000

    def require_serving(self) -> None:
        """Refuse to go on with a stream that would keep a stopping server from ending.

        Raises:
            NotServingError: The server stops, or is not ready any more.
        """
        self._require_serving()

    async def run_command(self, command: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a command, which may block, in a worker thread, under the deadline.

        A command that has not begun when the deadline passes never begins. One that
        runs by then is not interrupted, but a write that has not committed is undone:
        `WriteTransaction.commit` looks at the deadline.

        Raises:
            DeadlinePassedError: The deadline passed before the command began.
        """
        deadline = self.deadline

        def run() -> T:
            with under_deadline(deadline):
                check_deadline()
                return command(*args, **kwargs)

        loop = asyncio.get_running_loop()
        try:
            # The copied context carries the request id to the lines that are logged.
            return await loop.run_in_executor(self._workers, copy_context().run, run)
        except asyncio.CancelledError:
            deadline.abandoned = True
            raise
