"""What the upkeep of the lists remembers between looks; another replica finds it anew."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import structlog


@dataclass(slots=True)
class DueDays:
    """From which day on something is to be looked at though nothing was written."""

    _numbers: dict[date, set[int]] = field(default_factory=dict)

    def add(self, number: int, day: date) -> None:
        """Remember to look on a day."""
        self._numbers.setdefault(day, set()).add(number)

    def due(self, day: date) -> frozenset[int]:
        """Give what is to be looked at by a day."""
        return frozenset().union(*(self._numbers[one] for one in self._past(day)))

    def forget(self, day: date) -> None:
        """Forget what was to be looked at by a day."""
        for one in self._past(day):
            del self._numbers[one]

    def clear(self) -> None:
        """Forget everything."""
        self._numbers.clear()

    # Private methods -------------------------------------------------------------

    def _past(self, day: date) -> list[date]:
        return [one for one in self._numbers if one <= day]


@dataclass(slots=True)
class Failures:
    """What could not be done; told when it fails for the first time, or for another reason."""

    _known: dict[tuple[str, int], str] = field(default_factory=dict)
    _now: dict[tuple[str, int], str] = field(default_factory=dict)

    def begin(self) -> None:
        """Begin a look, in which all that failed before is tried again."""
        self._known |= self._now
        self._now = {}

    def end(self) -> None:
        """End a look; what did not fail in it is well."""
        self._known, self._now = self._now, {}

    def of(self, chore: str) -> Iterable[int]:
        """Give the cases or entries at which a chore failed."""
        return sorted(number for name, number in self._known if name == chore)

    def note(self, chore: str, number: int, error: Exception) -> None:
        """Note that a chore failed at a case or entry."""
        text = f"{type(error).__name__}: {error}"
        if self._known.get((chore, number)) != text:
            _log.error("list_work_failed", chore=chore, number=number, exc_info=error)
        self._now[chore, number] = text

    def __bool__(self) -> bool:
        """Say whether anything failed in the last look."""
        return bool(self._known or self._now)


# Private values ----------------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
