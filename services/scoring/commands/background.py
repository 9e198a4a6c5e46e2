"""Work that a server does in a thread of its own, again and again, until it ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import structlog

from services.common.errors import SafetyCreditError

PAUSE_SECONDS: Final = 1.0
"""House decision: how soon work that another replica asked for is seen."""

PAUSE_FACTOR: Final = 4.0
"""House decision: work takes a fifth of the time at most; callers have the rest."""


class Stopping:
    """Says whether to stop, and waits for it."""

    def __init__(self) -> None:
        """Go on."""
        self._stopped = threading.Event()
        self._woken = threading.Event()

    def __call__(self) -> bool:
        """Say whether to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Stop."""
        self._stopped.set()
        self._woken.set()

    def wake(self) -> None:
        """End a pause between two pieces of work: there is some."""
        self._woken.set()

    def pause(self, seconds: float) -> bool:
        """Wait, unless work comes or everything stops; say whether to stop."""
        self._woken.wait(seconds)
        self._woken.clear()
        return self._stopped.is_set()

    def rest(self, seconds: float) -> bool:
        """Wait in the middle of work; say whether to stop."""
        return self._stopped.wait(seconds)


@dataclass(frozen=True, slots=True)
class BackgroundWork:
    """Does a piece of work again and again.

    Attributes:
        name: Name of the thread.
        work: Does it, and says whether more waits; is given what says whether to stop.
        ready: Raises a refusal while the store cannot be used.
        meant: Gives the refusal that an error of the store stands for; nothing for a mistake.
    """

    name: str
    work: Callable[[Stopping], bool]
    ready: Callable[[], None]
    meant: Callable[[Exception], SafetyCreditError | None]
    stopping: Stopping = field(default_factory=Stopping)

    @contextmanager
    def running(self, *, drain_seconds: float) -> Iterator[None]:
        """Do it inside a block."""
        thread = threading.Thread(target=self.run, name=self.name, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stopping.stop()
            thread.join(drain_seconds)

    def run(self) -> None:
        """Work until told to stop."""
        while not self.stopping():
            begun = monotonic()
            if not self.once():
                self.stopping.pause(max(PAUSE_SECONDS, PAUSE_FACTOR * (monotonic() - begun)))

    def once(self) -> bool:
        """Do it once; say whether more waits. A refusal leaves it for the next time."""
        try:
            self.ready()
            return self.work(self.stopping)
        except Exception as error:
            meant = self.meant(error)
            if meant is None:
                raise
            _log.warning(
                "background_work_refused",
                work=self.name,
                reason=meant.reason,
                message=meant.message,
            )
            return False


# Private values --------------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
