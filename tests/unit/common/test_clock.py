"""Civil days, Asia/Shanghai."""

from datetime import UTC, date, datetime

import pytest

from services.common.clock import SystemClock, civil_day, today
from tests.fakes.clock import FixedClock


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        pytest.param(datetime(2025, 5, 31, 15, 59, 59, tzinfo=UTC), date(2025, 5, 31), id="last"),
        pytest.param(datetime(2025, 5, 31, 16, 0, tzinfo=UTC), date(2025, 6, 1), id="first"),
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(instant: datetime, day: date) -> None:
    """Midnight in Shanghai is 16:00 UTC of the day before."""
    assert today(FixedClock(instant)) == day


def test_a_naive_instant_has_no_civil_day() -> None:
    """An instant without a zone is a programmer's mistake."""
    with pytest.raises(AssertionError):
        civil_day(datetime(2025, 6, 1))  # noqa: DTZ001 -- what is refused.


def test_the_system_clock_tells_utc() -> None:
    """The machine's clock gives aware instants in UTC."""
    assert SystemClock().now().tzinfo is UTC
