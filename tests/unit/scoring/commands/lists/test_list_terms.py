"""Which listing is the first of two, whenever each was recorded."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.scoring.commands.lists.list_terms import listing_number
from services.scoring.domain.entry_course import HeldEntry
from tests.fakes.list_course import case, clause
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

    found = listing_number(reading(number, start_date), 100, start_date=DAY, case=own, entry_id=5)

    assert found == 1 + before


def test_a_new_entry_is_entered_last() -> None:
    """Before it has a number of its own, every other one of that day was before it."""
    assert listing_number(reading(6, DAY), 100, start_date=DAY, case=case()) == 2


@pytest.mark.parametrize(
    ("starts", "within", "number"),
    [
        pytest.param([], None, 1, id="first"),
        pytest.param([date(2020, 1, 1)], None, 2, id="second-years-later"),
        pytest.param([date(2020, 1, 1), date(2022, 1, 1), date(2024, 1, 1)], None, 4, id="fourth"),
        # Each lasts a year, and one counts on from another that ended up to six months before.
        pytest.param([date(2024, 1, 1)], 6, 2, id="ended-in-time"),
        pytest.param([date(2023, 12, 2)], 6, 1, id="ended-a-day-too-long-ago"),
        pytest.param([date(2023, 1, 1), date(2024, 2, 1)], 6, 3, id="two-in-a-row"),
        pytest.param([date(2020, 1, 1), date(2024, 2, 1)], 6, 2, id="a-break-before-the-last"),
    ],
)
def test_listings_are_counted_on(starts: list[date], within: int | None, number: int) -> None:
    """Every listing before counts; where the text names a time, those in a row alone."""
    entries = [
        HeldEntry(
            entry=entry(
                place, subject_id=100, start_date=day, end_date=day.replace(year=day.year + 1)
            ),
            case_id=1 + place,
            publish_date=day,
        )
        for place, day in enumerate(starts, start=1)
    ]
    snapshot: Any = SimpleNamespace(
        point=SimpleNamespace(revision=5), entries=SimpleNamespace(of_subject=lambda *_: entries)
    )
    own = replace(case(), case_id=1)
    if within is not None:
        clauses = {**own.procedure.clauses, "repeat_within": clause(within, "month")}
        own = replace(own, procedure=replace(own.procedure, clauses=clauses))

    assert listing_number(snapshot, 100, start_date=DAY, case=own) == number
