"""A clock that stands still until it is told otherwise."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """Tells the instant it was set to; a `services.common.clock.Clock`."""

    def __init__(self, now: datetime = datetime(2025, 6, 1, 4, 0, tzinfo=UTC)) -> None:
        """Stand at ``now``: by default noon of 2025-06-01 in Shanghai."""
        self._now = now

    def now(self) -> datetime:
        """Give the instant it stands at."""
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move on by ``step``; back, if it is negative."""
        self._now += step
