"""Dates as files write them: every pattern, ROC years, and what is refused."""

from datetime import UTC, date, datetime

import pytest

from cli.importing.cells import CellError
from cli.importing.dates import PatternError, compile_dates, compile_instants, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "day"),
    [
        pytest.param("YYYYMMDD", "20141007", date(2014, 10, 7), id="eight-digits"),
        pytest.param("YYYY-MM-DD", "2014-10-07", date(2014, 10, 7), id="iso"),
        pytest.param("YYYY/M/D", "2014/1/7", date(2014, 1, 7), id="slashes-one-digit"),
        pytest.param("YYYY/M/D", "2014/11/17", date(2014, 11, 17), id="slashes-two-digits"),
        pytest.param("YYYY.M.D", "2014.1.7", date(2014, 1, 7), id="points"),
        pytest.param("YYYY年M月D日", "2014年1月7日", date(2014, 1, 7), id="chinese"),
        pytest.param(
            "YYYY年M月D日", "２０１４年１月７日", date(2014, 1, 7), id="full-width-digits"
        ),
        pytest.param("D/M/YYYY", "7/10/2014", date(2014, 10, 7), id="day-first"),
        pytest.param("M/D/YYYY", "7/10/2014", date(2014, 7, 10), id="month-first"),
        pytest.param("YYYY-MM-DD hh:mm", "2014-10-07 16:05", date(2014, 10, 7), id="time-aside"),
        # 民國 103 is 1911 + 103 = 2014; 民國 99 is 2010; 民國 1 is 1912.
        pytest.param("RRRMMDD", "1030826", date(2014, 8, 26), id="roc-seven-digits"),
        pytest.param("RRRMMDD", "990826", date(2010, 8, 26), id="roc-six-digits"),
        pytest.param("RRR.MM.DD", "103.08.26", date(2014, 8, 26), id="roc-points"),
        pytest.param("RRR/M/D", "103/8/26", date(2014, 8, 26), id="roc-slashes"),
        pytest.param("RRR年M月D日", "103年8月26日", date(2014, 8, 26), id="roc-chinese"),
        pytest.param("民國RRR年M月D日", "民國1年1月1日", date(1912, 1, 1), id="roc-first-day"),
        pytest.param("民國 RRR年M月D日", "民國103年8月26日", date(2014, 8, 26), id="space-or-none"),
        # Spreadsheets count 1900-01-01 as 1 and believe in 1900-02-29: 45292 is 2024-01-01.
        pytest.param("excel", "45292", date(2024, 1, 1), id="spreadsheet-number"),
        pytest.param("excel", "45292.75", date(2024, 1, 1), id="spreadsheet-number-with-time"),
        pytest.param("YYYYMMDD", "2024-02-29", date(2024, 2, 29), id="iso-needs-no-pattern"),
    ],
)
def test_a_date_is_read_by_its_pattern(pattern: str, text: str, day: date) -> None:
    """Each pattern reads the day that the text names."""
    assert compile_dates([pattern])(text) == day


@pytest.mark.parametrize(
    ("patterns", "text", "day"),
    [
        pytest.param(["D/M/YYYY", "M/D/YYYY"], "3/4/2024", date(2024, 4, 3), id="first-wins"),
        pytest.param(["D/M/YYYY", "M/D/YYYY"], "3/25/2024", date(2024, 3, 25), id="next-if-no-day"),
        pytest.param(["YYYYMMDD", "RRRMMDD"], "1030826", date(2014, 8, 26), id="by-length"),
    ],
)
def test_patterns_are_tried_in_order(patterns: list[str], text: str, day: date) -> None:
    """The first pattern that gives a real day decides."""
    assert compile_dates(patterns)(text) == day


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("20230229", id="no-such-day"),
        pytest.param("20231301", id="no-such-month"),
        pytest.param("2023", id="year-only"),
        pytest.param("20230101x", id="something-after"),
        pytest.param("明天", id="no-date"),
    ],
)
def test_a_text_that_is_no_day_is_refused(text: str) -> None:
    """What names no real day is refused with one reason."""
    with pytest.raises(CellError) as error:
        compile_dates(["YYYYMMDD"])(text)

    assert error.value.reason == "DATE_UNREADABLE"
    assert text in error.value.message


@pytest.mark.parametrize(
    ("pattern", "text", "first", "last"),
    [
        pytest.param("YYYY", "2012", date(2012, 1, 1), date(2012, 12, 31), id="year"),
        pytest.param("YYYYMM", "201202", date(2012, 2, 1), date(2012, 2, 29), id="month"),
        pytest.param("YYYY-Q", "2012-3", date(2012, 7, 1), date(2012, 9, 30), id="quarter"),
        pytest.param("RRR年Q季", "101年1季", date(2012, 1, 1), date(2012, 3, 31), id="roc-quarter"),
    ],
)
def test_a_date_without_a_day_means_the_end_that_the_mapping_says(
    pattern: str, text: str, first: date, last: date
) -> None:
    """A year, month or quarter is read as its first or its last day, never by a guess."""
    assert compile_dates([pattern], "first_day")(text) == first
    assert compile_dates([pattern], "last_day")(text) == last


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("MMDD", id="no-year"),
        pytest.param("YYYYRRRMMDD", id="two-years"),
        pytest.param("YYYYDD", id="day-without-month"),
        pytest.param("YYYYQDD", id="day-of-a-quarter"),
        pytest.param("YYYYMMMMDD", id="month-twice"),
        pytest.param("", id="empty"),
    ],
)
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    """A pattern must name a year once, and a day only with its month."""
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_a_pattern_without_a_day_needs_to_say_which_is_meant() -> None:
    """Without ``partial`` a month could be any of its days."""
    with pytest.raises(PatternError, match="partial"):
        compile_dates(["YYYYMM"])


def test_an_instant_is_read_in_the_time_of_shanghai() -> None:
    """Asia/Shanghai is eight hours before UTC."""
    instant = compile_instants(["YYYY/M/D hh:mm"])("2024/5/1 7:30")

    assert instant.astimezone(UTC) == datetime(2024, 4, 30, 23, 30, tzinfo=UTC)


def test_an_instant_with_an_impossible_hour_is_refused() -> None:
    """There is no 25th hour."""
    with pytest.raises(CellError):
        compile_instants(["YYYY/M/D hh:mm"])("2024/5/1 25:30")


def test_an_instant_needs_an_hour_in_its_pattern() -> None:
    """A day alone is no instant."""
    with pytest.raises(PatternError):
        compile_instants(["YYYY/M/D"])
