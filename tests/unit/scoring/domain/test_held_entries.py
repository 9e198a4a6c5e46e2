"""On which days an entry counts."""

from dataclasses import replace
from datetime import date

import pytest

from services.scoring.domain.entry_course import EntryState, HeldEntry
from tests.fakes.list_entries import entry

# In force from 1 June 2025 to 31 May 2028.
HELD = HeldEntry(entry=entry(1), case_id=1, publish_date=date(2025, 6, 1))
ENDLESS = replace(HELD, entry=replace(HELD.entry, end_date=None))


@pytest.mark.parametrize(
    ("start_date", "end_date", "overlaps"),
    [
        pytest.param(date(2024, 6, 1), date(2025, 6, 1), False, id="ends-where-it-begins"),
        pytest.param(date(2024, 6, 1), date(2025, 6, 2), True, id="ends-a-day-later"),
        pytest.param(date(2026, 1, 1), date(2026, 2, 1), True, id="within"),
        pytest.param(date(2024, 1, 1), date(2030, 1, 1), True, id="around"),
        pytest.param(date(2024, 1, 1), None, True, id="without-an-end"),
        pytest.param(date(2028, 5, 31), None, True, id="begins-on-its-last-day"),
        pytest.param(date(2028, 6, 1), None, False, id="begins-where-it-ends"),
        pytest.param(date(2026, 1, 1), date(2026, 1, 1), False, id="no-day-at-all"),
    ],
)
def test_two_stretches_overlap_where_a_day_is_in_both(
    start_date: date, end_date: date | None, *, overlaps: bool
) -> None:
    """The end is the day after the last one."""
    assert HELD.overlaps(start_date, end_date) is overlaps


def test_an_entry_without_an_end_overlaps_all_that_comes() -> None:
    """And nothing that ended before it began."""
    assert ENDLESS.overlaps(date(2040, 1, 1), None)
    assert not ENDLESS.overlaps(date(2020, 1, 1), date(2025, 6, 1))


def test_a_removed_entry_overlaps_what_it_counted_in_and_a_corrected_one_nothing() -> None:
    """A removed entry keeps its days until its end; a corrected one never counted."""
    removed = replace(
        HELD, entry=replace(HELD.entry, end_date=date(2026, 6, 1)), state=EntryState.REMOVED
    )

    assert removed.overlaps(date(2026, 5, 31), None)
    assert not removed.overlaps(date(2026, 6, 1), None)
    assert not replace(HELD, state=EntryState.CORRECTED).overlaps(date(2020, 1, 1), None)
