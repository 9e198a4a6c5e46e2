"""A log of calls that remembers them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompletedCall:
    """One line of the log, without its duration."""

    method: str
    status: str
    caller: str
    request_id: str


class RecordingCallLog:
    """Keeps every line; a `services.common.call_log.CallLog`."""

    def __init__(self) -> None:
        """Begin empty."""
        self.lines: list[CompletedCall] = []

    def completed(
        self, method: str, status: str, *, duration_ms: float, caller: str, request_id: str
    ) -> None:
        """Keep a line."""
        assert duration_ms >= 0
        self.lines.append(CompletedCall(method, status, caller, request_id))

    def flush(self) -> None:
        """Keep everything."""
