"""Working days: holidays, worked Saturdays, and what nobody has announced yet."""

from datetime import date, timedelta
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.working_days import (
    CalendarContradictionError,
    CalendarInvalidError,
    Deadline,
    WorkingDays,
    load_working_days,
)

POLICIES = Path(__file__).parents[3] / "policies"
ANNOUNCED = load_working_days(POLICIES)
YEAR_END = 'year_end: {open_from: "12-29", reason: 测试}\n'
# An invented notice of 2027: a Spring Festival from 5 to 11 February, two weekend days worked.
NOTICE_2027 = """
years:
  - year: 2027
    notice:
      instrument: 测试通知
      document_number: 测试〔2026〕1号
      publish_date: 2026-11-01
      checked_date: 2026-11-22
      confidence: text-seen
    holidays:
      - {name: 元旦, first_date: 2027-01-01, last_date: 2027-01-03, worked: [2026-12-27]}
      - name: 春节
        first_date: 2027-02-05
        last_date: 2027-02-11
        worked: [2027-01-31, 2027-02-20]
"""


def calendar(folder: Path, years: str) -> WorkingDays:
    """Load a calendar file with these years."""
    (folder / "calendar.yaml").write_text(YEAR_END + dedent(years), encoding="utf-8")
    return load_working_days(folder)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        pytest.param(date(2026, 2, 13), True, id="friday-before-spring-festival"),
        pytest.param(date(2026, 2, 14), True, id="saturday-worked-for-spring-festival"),
        pytest.param(date(2026, 2, 15), False, id="first-day-of-spring-festival"),
        pytest.param(date(2026, 2, 23), False, id="monday-last-day-of-spring-festival"),
        pytest.param(date(2026, 2, 24), True, id="tuesday-after-spring-festival"),
        pytest.param(date(2026, 2, 28), True, id="saturday-worked-after"),
        pytest.param(date(2026, 3, 7), False, id="common-saturday"),
        pytest.param(date(2026, 10, 8), True, id="day-after-national-day-week"),
    ],
)
def test_days_follow_the_announced_calendar(day: date, *, working: bool) -> None:
    """Holidays are off though they are weekdays, and 调休 weekends are worked."""
    assert ANNOUNCED.is_working(day) is working


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        pytest.param(date(2026, 3, 2), 1, date(2026, 3, 3), id="the-day-itself-is-not-counted"),
        pytest.param(date(2026, 3, 2), 5, date(2026, 3, 9), id="over-a-weekend"),
        pytest.param(date(2026, 2, 12), 2, date(2026, 2, 14), id="ends-on-a-worked-saturday"),
        pytest.param(date(2026, 2, 12), 3, date(2026, 2, 24), id="over-spring-festival"),
        pytest.param(date(2026, 2, 24), 5, date(2026, 3, 2), id="counts-the-worked-saturday"),
        pytest.param(date(2026, 2, 17), 1, date(2026, 2, 24), id="begins-in-the-holiday"),
        # 2018-12-29 was a Saturday that the notice of 2019 made a working day.
        pytest.param(date(2018, 12, 28), 1, date(2018, 12, 29), id="worked-at-a-year's-end"),
    ],
)
def test_a_period_ends_on_its_last_working_day(day: date, count: int, last: date) -> None:
    """行政处罚法 art. 85: periods of days are working days, from the next day on."""
    assert ANNOUNCED.after(day, count) == Deadline(last, provisional=False)


@pytest.mark.parametrize(
    ("day", "count", "deadline"),
    [
        pytest.param(
            date(2026, 12, 25), 1, Deadline(date(2026, 12, 28), provisional=False), id="settled"
        ),
        pytest.param(
            date(2026, 12, 28),
            1,
            Deadline(date(2026, 12, 29), provisional=True),
            id="a-notice-of-2027-may-still-move-it",
        ),
        pytest.param(
            date(2026, 12, 25),
            6,
            # By weekends alone 1 January would be worked; nobody has said otherwise yet.
            Deadline(date(2027, 1, 4), provisional=True),
            id="falls-in-a-year-nobody-announced",
        ),
        pytest.param(
            date(2003, 12, 30),
            2,
            # Wednesday, then Friday: the library has New Year's Day, but not the year before.
            Deadline(date(2004, 1, 2), provisional=True),
            id="begins-before-the-library-does",
        ),
    ],
)
def test_what_is_not_announced_is_marked(day: date, count: int, deadline: Deadline) -> None:
    """A deadline that a later notice can move says so; nothing is guessed silently."""
    assert ANNOUNCED.after(day, count) == deadline


def test_the_file_settles_a_year_that_the_library_does_not_know(tmp_path: Path) -> None:
    """Once a notice is transcribed the same deadline is settled, and may have moved."""
    before = ANNOUNCED.after(date(2026, 12, 25), 6)

    after = calendar(tmp_path, NOTICE_2027).after(date(2026, 12, 25), 6)

    # 27 (Sunday, worked), 28, 29, 30 and 31 December, then 4 January.
    assert (before, after) == (
        Deadline(date(2027, 1, 4), provisional=True),
        Deadline(date(2027, 1, 4), provisional=False),
    )


def test_the_file_moves_the_end_of_the_announced_calendar(tmp_path: Path) -> None:
    """The calendar is announced to the end of the file's last year."""
    known = calendar(tmp_path, NOTICE_2027)

    assert (ANNOUNCED.announced_until, known.announced_until, known.settled_until) == (
        date(2026, 12, 31),
        date(2027, 12, 31),
        date(2027, 12, 28),
    )


def test_days_of_the_file_count(tmp_path: Path) -> None:
    """Days off and worked days of the file are like those of the library."""
    known = calendar(tmp_path, NOTICE_2027)

    # Thursday the 4th; off from the 5th to Thursday the 11th; Friday the 12th is worked again.
    assert known.after(date(2027, 2, 4), 1) == Deadline(date(2027, 2, 12), provisional=False)
    assert known.is_working(date(2027, 2, 20))
    assert not known.is_working(date(2027, 2, 27))


def _year_2026(without: str = "", extra: str = "") -> str:
    """Write the year as the library knows it, with a holiday less or more."""
    holidays = {
        "01-01": "last_date: 2026-01-03, worked: [2026-01-04]",
        "02-15": "last_date: 2026-02-23, worked: [2026-02-14, 2026-02-28]",
        "04-04": "last_date: 2026-04-06",
        "05-01": "last_date: 2026-05-05, worked: [2026-05-09]",
        "06-19": "last_date: 2026-06-21",
        "09-25": "last_date: 2026-09-27",
        "10-01": "last_date: 2026-10-07, worked: [2026-09-20, 2026-10-10]",
    }
    if extra:
        holidays[extra] = f"last_date: 2026-{extra}"
    days = "".join(
        f"\n      - {{name: 假日, first_date: 2026-{first}, {rest}}}"
        for first, rest in holidays.items()
        if first != without
    )
    notice = (
        "{instrument: 测试通知, document_number: 测试〔2025〕1号, publish_date: 2025-11-04,"
        " checked_date: 2026-11-22, confidence: text-seen}"
    )
    return f"years:\n  - year: 2026\n    notice: {notice}\n    holidays:{days}\n"


def test_a_year_that_the_library_learnt_may_stay_in_the_file(tmp_path: Path) -> None:
    """A file that agrees with the library changes nothing."""
    assert calendar(tmp_path, _year_2026()) == ANNOUNCED


@pytest.mark.parametrize(
    ("years", "day"),
    [
        pytest.param(_year_2026(without="06-19"), "2026-06-19", id="a-holiday-left-out"),
        pytest.param(
            _year_2026(extra="07-01"),
            "2026-07-01",
            id="a-holiday-too-many",
        ),
    ],
)
def test_the_file_must_not_contradict_the_library(tmp_path: Path, years: str, day: str) -> None:
    """A contradiction is an error that names the first day, whoever is right."""
    with pytest.raises(CalendarContradictionError) as error:
        calendar(tmp_path, years)

    assert error.value.facts["day"] == day


@pytest.mark.parametrize(
    "years",
    [
        pytest.param(NOTICE_2027.replace("2027", "2028").replace("2026-12", "2027-12"), id="gap"),
        pytest.param(NOTICE_2027.replace("document_number", "number"), id="notice-not-cited"),
        pytest.param(NOTICE_2027.replace("2027-02-20", "2027-02-22"), id="worked-on-a-weekday"),
        pytest.param(NOTICE_2027.replace("2027-02-20", "2027-02-06"), id="off-and-worked"),
        pytest.param(NOTICE_2027.replace("2027-02-11", "2027-02-01"), id="ends-before-it-begins"),
        pytest.param(NOTICE_2027.replace("2026-12-27", "2026-11-29"), id="another-year's-day"),
        pytest.param("years: [", id="no-yaml"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path: Path, years: str) -> None:
    """A year is cited, complete, consistent and follows on the year before."""
    with pytest.raises(CalendarInvalidError):
        calendar(tmp_path, years)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The folder of policies has the file, if only to say that it adds nothing."""
    with pytest.raises(CalendarInvalidError):
        load_working_days(tmp_path)


@settings(max_examples=50)
@given(
    day=st.dates(date(2004, 1, 1), date(2027, 6, 30)),
    first=st.integers(1, 30),
    second=st.integers(1, 30),
)
def test_periods_add_up(day: date, first: int, second: int) -> None:
    """A period of both counts ends where the second ends that begins where the first ended."""
    middle = ANNOUNCED.after(day, first)

    whole = ANNOUNCED.after(day, first + second)

    assert whole.date == ANNOUNCED.after(middle.date, second).date
    assert ANNOUNCED.is_working(whole.date)
    assert whole.date > day + timedelta(days=first)
