"""Log lines: one structured event a line, on the standard error stream.

Events have static names and carry identifiers, never objects and never personal
data. Lines written while a call is served carry its request id.
"""

import json
import logging
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from services.common.settings import Settings

current_request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the call that is served in this context; empty outside calls."""


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Set up the logs of a process, once, before anything is logged.

    Args:
        settings: Format and level.
        stream: The standard error stream by default.
    """
    stream = stream or sys.stderr
    level = _LEVELS[settings.log_level]
    console = settings.log_format == "console" or (
        settings.log_format == "auto" and stream.isatty()
    )
    structlog.configure(
        processors=_console() if console else _json(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    # What libraries have to say matters only if something is wrong.
    logging.basicConfig(stream=stream, level=max(level, logging.WARNING), force=True)


# Private functions -----------------------------------------------------------

_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

_encode: Final[Callable[[Any], str]] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=str
).encode


def _console() -> list[Processor]:
    return [
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        # Its own tracebacks would show local variables, and personal data among them.
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]


def _json() -> list[Processor]:
    return [
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _render_json,
    ]


def _add_request_id(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    request_id = current_request_id.get()
    if request_id:
        event.setdefault("request_id", request_id)
    return event


def _render_json(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    return _encode(event)
