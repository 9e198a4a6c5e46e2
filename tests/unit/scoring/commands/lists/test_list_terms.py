"""Which listing is the first of two, whenever each was recorded."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.scoring.commands.lists.list_terms import listed_before
from services.scoring.domain.entry_course import HeldEntry
from tests.fakes.list_course import case
from tests.fakes.list_entries import entry

DAY = date(2025, 6, 3)


def reading(number: int, start_date: date) -> Any:  # noqa: ANN401 -- a snapshot.
    """Give a snapshot in which the subject has an entry of another case."""
    own = entry(number, subject_id=100, start_date=start_date, end_date=date(2026, 6, 3))
    other = HeldEntry(entry=own, case_id=2, publish_date=start_date)
    return SimpleNamespace(
        point=SimpleNamespace(revision=5), entries=SimpleNamespace(of_subject=lambda *_: [other])
    )


@pytest.mark.parametrize(
    ("number", "start_date", "before"),
    [
        pytest.param(7, date(2025, 6, 2), True, id="a-day-earlier-recorded-later"),
        pytest.param(4, date(2025, 6, 4), False, id="a-day-later-recorded-earlier"),
        pytest.param(4, DAY, True, id="of-that-day-recorded-earlier"),
        pytest.param(6, DAY, False, id="of-that-day-recorded-later"),
    ],
)
def test_the_earlier_listing_is_before(number: int, start_date: date, *, before: bool) -> None:
    """By its first day; of two of one day that which was entered first."""
    own = replace(case(), case_id=1)

    found = listed_before(reading(number, start_date), 100, start_date=DAY, case=own, entry_id=5)

    assert found is before


def test_a_new_entry_is_entered_last() -> None:
    """Before it has a number of its own, every other one of that day was before it."""
    assert listed_before(reading(6, DAY), 100, start_date=DAY, case=case())
