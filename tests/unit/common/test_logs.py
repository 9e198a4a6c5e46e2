"""Log lines, and the lines of calls among them."""

import io
import json

import pytest
import structlog

from services.common.call_log import CallLog, call_log
from services.common.logs import configure_logging, current_request_id
from services.common.settings import load_settings


@pytest.fixture(autouse=True)
def _structlog_as_before() -> object:
    """Give structlog back as it was."""
    before = structlog.get_config()
    yield
    structlog.reset_defaults()
    structlog.configure(**before)


def log_one_call(log: CallLog) -> None:
    """Write the line of one call."""
    log.completed("a.B/C", "NOT_FOUND", duration_ms=1.25, caller='王"\n', request_id="abc-1")
    log.flush()


def test_lines_are_json_objects() -> None:
    """A line has its event, level, UTC time and fields, and the call's request id."""
    stream = io.StringIO()
    configure_logging(load_settings({"SAFETYCREDIT_LOG_FORMAT": "json"}), stream)
    current_request_id.set("abc-1")

    structlog.get_logger().info("penalty_recorded", record_id=7, authority="应急管理局")

    line = json.loads(stream.getvalue())
    timestamp = line.pop("timestamp")
    assert line == {
        "event": "penalty_recorded",
        "level": "info",
        "record_id": 7,
        "authority": "应急管理局",
        "request_id": "abc-1",
    }
    assert timestamp.endswith("Z")


def test_lines_below_the_level_are_not_written() -> None:
    """The level is the least important line that is written."""
    stream = io.StringIO()
    settings = load_settings({"SAFETYCREDIT_LOG_LEVEL": "warning"})
    configure_logging(settings, stream)

    structlog.get_logger().info("quiet")
    log_one_call(call_log(settings, stream))

    assert stream.getvalue() == ""


async def test_a_call_leaves_one_json_line() -> None:
    """Method, status, duration, caller and request id; hostile text does no harm."""
    stream = io.StringIO()

    log_one_call(call_log(load_settings({"SAFETYCREDIT_LOG_FORMAT": "json"}), stream))

    (text,) = stream.getvalue().splitlines()
    line = json.loads(text)
    timestamp = line.pop("timestamp")
    assert line == {
        "event": "rpc_completed",
        "level": "info",
        "method": "a.B/C",
        "status": "NOT_FOUND",
        "duration_ms": 1.25,
        "caller": '王"\n',
        "request_id": "abc-1",
    }
    # In the form that structlog gives, to the microsecond.
    assert len(timestamp) == len("2025-06-01T04:00:00.000000Z")


def test_a_call_leaves_a_readable_line_on_a_console() -> None:
    """On a console calls are written like everything else."""
    stream = io.StringIO()
    settings = load_settings({"SAFETYCREDIT_LOG_FORMAT": "console"})
    configure_logging(settings, stream)

    log_one_call(call_log(settings, stream))

    assert "rpc_completed" in stream.getvalue()
    assert "NOT_FOUND" in stream.getvalue()
