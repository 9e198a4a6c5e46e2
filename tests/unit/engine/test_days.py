"""Arithmetic of civil days, at the ends of months, years and windows."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engine.days import (
    add_months,
    add_months_each,
    day_date,
    day_number,
    elapsed,
    first_within,
    leaves_after,
    move_day,
    next_full,
    next_full_each,
    period_start,
)
from services.engine.errors import NumberTooLargeError
from services.engine.numbers import MISSING

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        pytest.param(date(2024, 1, 31), 1, date(2024, 2, 29), id="leap-february"),
        pytest.param(date(2023, 1, 31), 1, date(2023, 2, 28), id="plain-february"),
        pytest.param(date(2024, 2, 29), 12, date(2025, 2, 28), id="29-february-a-year-on"),
        pytest.param(date(2024, 2, 29), 48, date(2028, 2, 29), id="29-february-four-years-on"),
        pytest.param(date(2024, 12, 15), 1, date(2025, 1, 15), id="over-new-year"),
        pytest.param(date(2024, 3, 31), -1, date(2024, 2, 29), id="back"),
        pytest.param(date(2024, 1, 1), -1, date(2023, 12, 1), id="back-over-new-year"),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, expected: date) -> None:
    """A period in months ends on the same day, or the last of a month without it (民法典 202)."""
    assert day_date(add_months(day_number(day), months)) == expected


@given(days=st.lists(DAYS, min_size=20, max_size=40), months=st.integers(-60, 60))
def test_column_of_days_moves_as_each_day_does(days: list[date], months: int) -> None:
    """The column calculation gives what the scalar one gives."""
    numbers = np.array([day_number(day) for day in days], dtype=np.int32)

    moved = add_months_each(numbers, months)

    assert moved.tolist() == [add_months(int(number), months) for number in numbers]


@given(day=DAYS, as_of=DAYS, length=st.integers(1, 48))
def test_rolling_window_holds_an_event_until_it_leaves(day: date, as_of: date, length: int) -> None:
    """An event counts from its day to the day before the same day ``length`` months on."""
    number, today = day_number(day), day_number(as_of)

    inside = first_within(today, "months", length) <= number <= today

    assert inside == (number <= today < add_months(number, length))


@pytest.mark.parametrize(
    ("as_of", "inside"),
    [
        pytest.param(date(2024, 6, 1), True, id="its-own-day"),
        pytest.param(date(2025, 5, 31), True, id="day-before-the-end"),
        pytest.param(date(2025, 6, 1), False, id="same-day-a-year-on"),
    ],
)
def test_window_of_a_year_leaves_the_end_day_out(as_of: date, *, inside: bool) -> None:
    """Twelve months from 1 June 2024 end with 31 May 2025."""
    event = day_number(date(2024, 6, 1))

    assert (first_within(day_number(as_of), "years", 1) <= event) is inside


@given(day=DAYS, days=st.integers(1, 400))
def test_window_of_days_leaves_on_the_day_it_says(day: date, days: int) -> None:
    """On the day it leaves an event is out, on the day before it is in."""
    number = day_number(day)

    leaves = int(leaves_after(np.array([number], dtype=np.int32), "days", days)[0])

    assert first_within(leaves, "days", days) == number + 1
    assert first_within(leaves - 1, "days", days) == number


@pytest.mark.parametrize(
    ("unit", "offset", "expected"),
    [
        pytest.param("year", 0, date(2024, 1, 1), id="year"),
        pytest.param("year", -1, date(2023, 1, 1), id="last-year"),
        pytest.param("half_year", 0, date(2024, 1, 1), id="half-year"),
        pytest.param("half_year", 1, date(2024, 7, 1), id="next-half-year"),
        pytest.param("quarter", 0, date(2024, 4, 1), id="quarter"),
        pytest.param("quarter", -2, date(2023, 10, 1), id="quarter-before-last"),
        pytest.param("month", 0, date(2024, 5, 1), id="month"),
        pytest.param("month", -5, date(2023, 12, 1), id="five-months-back"),
    ],
)
def test_period_starts_on_its_first_day(unit: str, offset: int, expected: date) -> None:
    """Calendar periods seen from 31 May 2024."""
    assert day_date(period_start(day_number(date(2024, 5, 31)), unit, offset)) == expected


@given(day=DAYS, months=st.integers(-30, 30))
def test_moved_day_is_one_result_for_one_and_many(day: date, months: int) -> None:
    """A plain day and a column of days move alike, and a missing one stays missing."""
    number = day_number(day)

    column = move_day(np.array([number, MISSING] * 10), "months", months)

    assert column.tolist() == [move_day(number, "months", months), MISSING] * 10


@given(day=DAYS)
def test_days_are_counted_from_1970(day: date) -> None:
    """Day 0 is 1 January 1970, and every day has one number."""
    assert date(1970, 1, 1) + timedelta(days=day_number(day)) == day
    assert day_date(day_number(day)) == day


@pytest.mark.parametrize(
    ("start", "end", "unit", "expected"),
    [
        pytest.param(date(2024, 1, 31), date(2024, 2, 28), "months", 0, id="day-before-the-last"),
        pytest.param(date(2024, 1, 31), date(2024, 2, 29), "months", 1, id="last-of-february"),
        pytest.param(date(2024, 2, 29), date(2025, 2, 27), "years", 0, id="day-before-the-year"),
        pytest.param(date(2024, 2, 29), date(2025, 2, 28), "years", 1, id="leap-day-a-year-on"),
        pytest.param(date(2024, 5, 1), date(2024, 5, 1), "days", 0, id="same-day"),
        pytest.param(date(2024, 5, 1), date(2024, 5, 31), "days", 30, id="days"),
        pytest.param(date(2024, 5, 2), date(2024, 5, 1), "days", MISSING, id="before-the-start"),
    ],
)
def test_full_units_are_counted(start: date, end: date, unit: str, expected: int) -> None:
    """A month is full on the same day of the next, or on the last of a month without it."""
    assert elapsed(day_number(start), day_number(end), unit) == expected


@given(
    days=st.lists(DAYS, min_size=1, max_size=40),
    as_of=DAYS,
    unit=st.sampled_from(["days", "months", "years"]),
)
def test_elapsed_time_is_one_result_for_one_and_many(
    days: list[date], as_of: date, unit: str
) -> None:
    """Plain days and columns of days give the same numbers and the same next days."""
    numbers, today = [day_number(day) for day in days], day_number(as_of)
    column = np.array([*numbers, MISSING], dtype=np.int64)

    assert elapsed(column, today, unit).tolist() == [
        elapsed(number, today, unit) for number in [*numbers, MISSING]
    ]
    assert next_full_each(column[:-1].astype(np.int32), today, unit).tolist() == [
        next_full(number, today, unit) for number in numbers
    ]


@given(day=DAYS, as_of=DAYS, unit=st.sampled_from(["days", "months", "years"]))
def test_next_full_unit_is_the_first_day_of_change(day: date, as_of: date, unit: str) -> None:
    """Until the day before it the count stays, and on it the count is another."""
    start, today = day_number(day), day_number(as_of)

    turn = next_full(start, today, unit)

    assert turn > today
    assert elapsed(start, turn - 1, unit) == elapsed(start, today, unit)
    assert elapsed(start, turn, unit) != elapsed(start, today, unit)


FIRST_DAY, LAST_DAY = day_number(date.min), day_number(date.max)


def test_first_and_last_days_of_the_calendar_are_days() -> None:
    """A month back from the second month, and on to the last month but one."""
    assert day_date(FIRST_DAY) == date(1, 1, 1)
    assert day_date(LAST_DAY) == date(9999, 12, 31)
    assert add_months(FIRST_DAY + 31, -1) == FIRST_DAY
    assert add_months(day_number(date(9999, 10, 31)), 1) == day_number(date(9999, 11, 30))
    assert period_start(FIRST_DAY, "year", 0) == FIRST_DAY


@pytest.mark.parametrize(
    "calculate",
    [
        pytest.param(lambda: day_date(FIRST_DAY - 1), id="day-before-the-first"),
        pytest.param(lambda: day_date(LAST_DAY + 1), id="day-after-the-last"),
        pytest.param(lambda: day_date(2**62), id="no-day-at-all"),
        pytest.param(lambda: add_months(FIRST_DAY, -1), id="month-before-the-first"),
        pytest.param(lambda: add_months(LAST_DAY, 1), id="month-after-the-last"),
        pytest.param(lambda: add_months(0, 10**12), id="months-without-number"),
        pytest.param(lambda: period_start(FIRST_DAY, "year", -1), id="year-before-the-first"),
        pytest.param(lambda: period_start(LAST_DAY, "quarter", 1), id="quarter-after-the-last"),
    ],
)
def test_day_that_the_calendar_has_not_is_refused(calculate: Callable[[], object]) -> None:
    """The refusal is one that everybody who evaluates knows."""
    with pytest.raises(NumberTooLargeError, match="a day lies outside the years 1 to 9999"):
        calculate()
