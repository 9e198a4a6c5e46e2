"""The clock as a value, so that no rule ever asks the machine for the time."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

CIVIL_ZONE = ZoneInfo("Asia/Shanghai")
"""The zone in which the law counts days."""


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """Give the present instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant in UTC."""
        return datetime.now(UTC)


def civil_day(instant: datetime) -> date:
    """Give the civil day, Asia/Shanghai, on which an aware instant falls."""
    assert instant.tzinfo is not None, "instants are timezone-aware"
    return instant.astimezone(CIVIL_ZONE).date()


def today(clock: Clock) -> date:
    """Give the civil day, Asia/Shanghai, that it is now."""
    return civil_day(clock.now())
