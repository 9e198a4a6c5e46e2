"""What the upkeep of the lists gathers in a look: what is due later, and what failed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import structlog

from services.common.errors import SafetyCreditError
from services.scoring.commands.lists.upkeep_ports import FailedWork

MISTAKE: Final = "INTERNAL"
"""Reason of what is no refusal but a mistake of the program; its log says which."""


@dataclass(slots=True)
class DueDays:
    """From which days on redlistings are to be looked at again, as found and not kept yet."""

    _found: dict[int, date | None] = field(default_factory=dict)

    def add(self, number: int, day: date | None) -> None:
        """Look again on a day; none for never."""
        self._found[number] = day

    def found(self) -> Mapping[int, date | None]:
        """Give what was found."""
        return self._found

    def clear(self) -> None:
        """Forget what was found: it is kept, or it does not count."""
        self._found.clear()

    def __len__(self) -> int:
        """Count what was found."""
        return len(self._found)


@dataclass(slots=True)
class Failures:
    """What could not be done; told when it fails for the first time, or for another reason."""

    _kept: dict[tuple[str, int], FailedWork] = field(default_factory=dict)
    _now: dict[tuple[str, int], FailedWork] = field(default_factory=dict)
    _told: dict[tuple[str, int], str] = field(default_factory=dict)

    def begin(self, kept: Iterable[FailedWork]) -> None:
        """Begin a look, in which all that failed before is tried again."""
        self._kept = {one.key: one for one in kept}
        self._now = {}

    def of(self, chore: str) -> list[int]:
        """Give the cases or entries at which a chore failed before."""
        return sorted(number for name, number in self._kept if name == chore)

    def note(self, chore: str, number: int, error: Exception) -> None:
        """Note that a chore failed at a case or entry."""
        text = f"{type(error).__name__}: {error}"
        if self._told.get((chore, number)) != text:
            _log.error("list_work_failed", chore=chore, number=number, exc_info=error)
        self._told[chore, number] = text
        # A mistake may say anything, also whose name it stumbled over.
        said = (MISTAKE, _MISTAKEN)
        if isinstance(error, SafetyCreditError):
            said = (error.reason, error.message)
        self._now[chore, number] = FailedWork(chore, number, *said)

    def fresh(self) -> list[FailedWork]:
        """Give what fails now, or for another reason than is kept."""
        return [
            one
            for key, one in sorted(self._now.items())
            if key not in self._kept or self._kept[key].reason != one.reason
        ]

    def mended(self) -> list[tuple[str, int]]:
        """Give what is kept and fails no more, or for another reason."""
        return [
            key
            for key, one in sorted(self._kept.items())
            if key not in self._now or self._now[key].reason != one.reason
        ]

    def end(self) -> None:
        """End a look whose failures are kept; what did not fail in it is well."""
        self._kept, self._now = self._now, {}
        self._told = {key: text for key, text in self._told.items() if key in self._kept}

    def __bool__(self) -> bool:
        """Say whether anything failed in the last look."""
        return bool(self._kept or self._now)


# Private values ----------------------------------------------------------------

_MISTAKEN: Final = "the service made a mistake; whoever runs it finds it in the log of the service"
_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
