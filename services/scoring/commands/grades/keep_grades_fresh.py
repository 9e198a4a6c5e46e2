"""Keep the grades of every policy fresh in the background."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import structlog

from services.common.clock import today
from services.common.errors import SafetyCreditError
from services.scoring.commands.choosing import GRADE
from services.scoring.commands.grades.refresh_grades import RefreshGrades

PAUSE_SECONDS: Final = 1.0
"""House decision: readers bring small changes up to date themselves."""

PAUSE_FACTOR: Final = 4.0
"""House decision: work takes a fifth of the time at most; writers of facts have the rest."""


@dataclass(frozen=True, slots=True)
class KeepGradesFresh:
    """Refreshes the grades of every policy in force, again and again, in a thread of its own.

    Attributes:
        refresh: Brings one policy's grades up to date.
        ready: Raises a refusal while the store cannot be used.
        meant: Gives the refusal that an error of the store stands for; nothing for a mistake.
    """

    refresh: RefreshGrades
    ready: Callable[[], None]
    meant: Callable[[Exception], SafetyCreditError | None]
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stopped.is_set():
            begun = monotonic()
            self.once()
            self._stopped.wait(max(PAUSE_SECONDS, PAUSE_FACTOR * (monotonic() - begun)))

    def stop(self) -> None:
        """Tell the thread to stop."""
        self._stopped.set()

    def once(self) -> None:
        """Bring all grades up to date; a refusal leaves them for the next time."""
        try:
            self._bring_up_to_date()
        except Exception as error:
            meant = self.meant(error)
            if meant is None:
                raise
            _log.warning("grades_not_refreshed", reason=meant.reason, message=meant.message)

    def _bring_up_to_date(self) -> None:
        self.ready()
        day = today(self.refresh.clock)
        for pinned in self.refresh.library.in_force_of_kind(GRADE, day):
            self.refresh.bring_up_to_date(pinned, day, stopped=self._stopped.is_set)


# Private values --------------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
