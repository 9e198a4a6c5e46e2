"""The deadline of the call that runs, visible to the transaction that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic

from services.common.errors import Category, SafetyCreditError


class DeadlinePassedError(SafetyCreditError):
    """The caller's deadline passed, or it went away, before the commit."""

    reason = "DEADLINE_PASSED"
    category = Category.DEADLINE


@dataclass(slots=True)
class Deadline:
    """When a call must be over, and whether its caller still waits.

    Attributes:
        monotonic_seconds: Reading of the monotonic clock at which it passes;
            none if the caller set no deadline.
        abandoned: Whether the caller has gone away.
    """

    monotonic_seconds: float | None = None
    abandoned: bool = field(default=False)

    @property
    def passed(self) -> bool:
        """Say whether nobody waits for the answer any more."""
        return self.abandoned or (
            self.monotonic_seconds is not None and monotonic() >= self.monotonic_seconds
        )


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def under_deadline(deadline: Deadline) -> Iterator[None]:
    """Put everything inside under a deadline."""
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def check_deadline() -> None:
    """Refuse to go on once the deadline has passed.

    Raises:
        DeadlinePassedError: Nobody waits for the answer any more.
    """
    deadline = _current.get()
    if deadline is not None and deadline.passed:
        raise DeadlinePassedError(
            "the deadline passed before the work was done; nothing was written"
        )
