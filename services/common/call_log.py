"""One line per call, cheap enough for the calls that are answered from memory.

A line through structlog costs about a fifth of an empty call. In JSON form these
lines are therefore put together here, in the shape that structlog gives all others,
and written a few at a time.
"""

import asyncio
import sys
import time
from functools import lru_cache
from json import dumps
from typing import Final, Protocol, TextIO

import structlog

from services.common.settings import Settings

EVENT: Final = "rpc_completed"
"""Name of the event that every call leaves."""

_FLUSH_SECONDS: Final = 0.05
"""House decision: so much of the log may be lost if the process is killed."""


class CallLog(Protocol):
    """Writes a line for every call."""

    def completed(
        self, method: str, status: str, *, duration_ms: float, caller: str, request_id: str
    ) -> None:
        """Write that a call is over, on the event loop."""
        ...

    def flush(self) -> None:
        """Write what is still waiting."""
        ...


def call_log(settings: Settings, stream: TextIO | None = None) -> CallLog:
    """Give the log of calls in the form that the settings ask for."""
    stream = stream or sys.stderr
    if settings.log_level not in {"debug", "info"}:
        return _SilentCallLog()
    if settings.log_format == "json" or (settings.log_format == "auto" and not stream.isatty()):
        return JsonCallLog(stream)
    return _StructuredCallLog()


class JsonCallLog:
    """Writes JSON lines in small batches."""

    def __init__(self, stream: TextIO) -> None:
        """Write to ``stream``."""
        self._stream = stream
        self._lines: list[str] = []
        self._second = -1
        self._second_text = ""

    def completed(
        self, method: str, status: str, *, duration_ms: float, caller: str, request_id: str
    ) -> None:
        """Keep a line for the next batch."""
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._second_text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        if not self._lines:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)
        # Methods, statuses and request ids hold nothing that JSON would escape.
        self._lines.append(
            f'{{"method":"{method}","status":"{status}","duration_ms":{duration_ms:.3f},'
            f'"caller":{_quoted(caller)},"request_id":"{request_id}","event":"{EVENT}",'
            f'"level":"info","timestamp":"{self._second_text}.{int((now - second) * 1e6):06d}Z"}}\n'
        )

    def flush(self) -> None:
        """Write the batch."""
        if self._lines:
            lines, self._lines = self._lines, []
            self._stream.write("".join(lines))
            self._stream.flush()


# Private functions and classes ------------------------------------------------

_quoted = lru_cache(maxsize=1024)(dumps)


class _StructuredCallLog:
    def __init__(self) -> None:
        self._log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

    def completed(
        self, method: str, status: str, *, duration_ms: float, caller: str, request_id: str
    ) -> None:
        self._log.info(
            EVENT,
            method=method,
            status=status,
            duration_ms=round(duration_ms, 3),
            caller=caller,
            request_id=request_id,
        )

    def flush(self) -> None:
        """Write nothing: nothing waits."""


class _SilentCallLog:
    def completed(
        self, method: str, status: str, *, duration_ms: float, caller: str, request_id: str
    ) -> None:
        pass

    def flush(self) -> None:
        """Write nothing."""
