"""Days on which a line began and will end, worked out by hand for windows of every form."""

from datetime import date

import pytest

from services.engine.days import day_number
from tests.unit.engine.holding import cases_of, compiled, lines_of, written

LINE = """\
    inputs:
      founding_date: {from: subject, if_missing: unknown}
    indicators:
      counted:
        records: RECORDS
        each: EACH
        where: WHERE
        window: WINDOW
        measure: MEASURE
        unit: record
        SOURCE
    totals:
      score: {unit: point, start: 100, combine: sum, SOURCE}
    rules:
      - id: LINE
        when: {counted: ASKED}
        EFFECT
        wording: {zh: 行, en: line}
        SOURCE
"""
PENALTIES = ["{kind: penalty, event_date: 2022-01-10}", "{kind: penalty, event_date: 2022-03-10}"]
HAZARD = "kind: hazard, event_date: 2022-01-01, due_date: 2022-06-30"
OPEN = "any: [{closed_date: {known: false}}, {closed_date: {after: as_of}}]"
OVERDUE = f"{{due_date: {{before: as_of}}, {OPEN}}}"
YEARS = "{consecutive: count, each_period: {at_least: 1}}"


def days_of(
    records: list[str],
    *,
    window: str,
    asked: str = "{at_least: 1}",
    where: str = "{}",
    measure: str = "count",
    adds: str = "",
    each: str = "{}",
) -> tuple[tuple[int, ...], date | None, date | None]:
    """Explain one line on 2022-09-01: its records, and the days on which it began and will end."""
    kind = records[0].split(",")[0].partition("kind: ")[2]
    effect = f"add: {{to: score, amount: {adds}}}" if adds else "set: {duty: duty}"
    text = LINE.replace("RECORDS", kind).replace("WHERE", where).replace("WINDOW", window)
    text = (
        text.replace("EACH", each)
        .replace("MEASURE", measure)
        .replace("ASKED", asked)
        .replace("EFFECT", effect)
    )
    (case,) = cases_of(
        "  - name: one\n    as_of: 2022-09-01\n    subject: {founding_date: 2020-02-29}\n"
        "    records:\n" + "".join(f"      - {record}\n" for record in records) + "    expect: {}\n"
    )
    (line,) = [one for one in lines_of(compiled(written(text)), case) if one.rule_id == "LINE"]
    ends = [
        None if day is None else date.fromordinal(day + date(1970, 1, 1).toordinal())
        for day in (line.start_day, line.end_day)
    ]
    assert line.start_day is None or line.start_day <= day_number(date(2022, 9, 1))
    return line.record_ids, ends[0], ends[1]


@pytest.mark.parametrize(
    ("asked", "adds", "start", "end"),
    [
        pytest.param("{at_least: 1}", "", (2022, 1, 10), (2025, 3, 10), id="one-is-enough"),
        pytest.param("{at_least: 2}", "", (2022, 3, 10), (2025, 1, 10), id="both-are-needed"),
        pytest.param("{above: 1}", "", (2022, 3, 10), (2025, 1, 10), id="more-than-one"),
        pytest.param("2", "", (2022, 3, 10), (2025, 1, 10), id="neither-more-nor-less"),
        pytest.param("{at_least: 1}", "-5", (2022, 1, 10), (2025, 3, 10), id="points-once"),
        pytest.param(
            "{at_least: 1}",
            "{multiply: [counted, -5]}",
            (2022, 3, 10),
            (2025, 1, 10),
            id="points-for-both",
        ),
    ],
)
def test_line_holds_while_as_many_records_count_as_its_rule_asks_for(
    asked: str, adds: str, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    """Two penalties of three years each: the second keeps a rule that asks for one."""
    found = days_of(PENALTIES, window="{last: {years: 3}}", asked=asked, adds=adds)

    assert found == ((0, 1), date(*start), date(*end))


@pytest.mark.parametrize(
    ("records", "asked", "start", "end"),
    [
        pytest.param(["2021-05-31"], "{below: 1}", (2022, 5, 31), None, id="none-since-it-left"),
        pytest.param(["2021-05-31"], "0", (2022, 5, 31), None, id="none-in-one-number"),
        pytest.param(
            ["2021-02-01", "2021-05-31"], "0", (2022, 5, 31), None, id="none-since-the-last-left"
        ),
        pytest.param(
            ["2021-02-01", "2021-05-31"],
            "{at_most: 1}",
            (2022, 2, 1),
            None,
            id="one-since-the-first-left",
        ),
        pytest.param(["2022-05-31"], "{at_most: 1}", None, None, id="one-was-never-too-many"),
        pytest.param(["2022-09-02"], "0", None, (2022, 9, 2), id="none-until-the-day-ahead"),
        pytest.param(
            ["2021-05-31", "2022-10-01"], "0", (2022, 5, 31), (2022, 10, 1), id="between-two"
        ),
    ],
)
def test_line_without_records_holds_between_those_that_would_break_it(
    records: list[str],
    asked: str,
    start: tuple[int, int, int] | None,
    end: tuple[int, int, int] | None,
) -> None:
    """A year without penalties begins when the last one leaves the window."""
    penalties = [f"{{kind: penalty, event_date: {day}}}" for day in records]

    _, *days = days_of(penalties, window="{last: {months: 12}}", asked=asked)

    assert days == [start and date(*start), end and date(*end)]


@pytest.mark.parametrize(
    ("where", "start", "end"),
    [
        pytest.param(
            "{event_date: {on_or_after: {period_start: year}}}",
            date(2022, 3, 1),
            date(2023, 1, 1),
            id="of-this-calendar-year",
        ),
        pytest.param(
            "{event_date: {before: {period_start: month}}}",
            date(2022, 4, 1),
            None,
            id="of-earlier-months",
        ),
        pytest.param("{age: {at_least: 30}}", date(2022, 3, 31), None, id="thirty-days-old"),
        pytest.param("{age: {below: 200}}", date(2022, 3, 1), date(2022, 9, 17), id="not-too-old"),
        pytest.param(
            "{age: {at_least: 30, below: 200}}", date(2022, 3, 31), date(2022, 9, 17), id="between"
        ),
    ],
)
def test_line_follows_a_filter_that_time_changes(where: str, start: date, end: date | None) -> None:
    """A penalty of 2022-03-01, chosen by the calendar or by its age on the day asked for."""
    found = days_of(
        ["{kind: penalty, event_date: 2022-03-01}"],
        window="ever",
        where=where,
        each="{age: {elapsed: days, from: event_date}}",
    )

    assert found == ((0,), start, end)


def test_line_of_the_subject_alone_begins_on_its_anniversary() -> None:
    """Founded on 2020-02-29: two full years are over on 2022-02-28, three on 2023-02-28."""
    text = written(
        LINE.replace("RECORDS", "penalty").replace("EACH", "{}").replace("WHERE", "{}")
        .replace("WINDOW", "ever").replace("MEASURE", "count")
        .replace("{counted: ASKED}", "{years: 2}").replace("EFFECT", "set: {duty: duty}")
        .replace(
            "    totals:",
            "    values:\n      years: {is: {elapsed: years, from: founding_date}, unit: year,"
            " SOURCE}\n    totals:",
            1,
        )
    )  # fmt: skip
    (case,) = cases_of(
        "  - name: one\n    as_of: 2022-09-01\n    subject: {founding_date: 2020-02-29}\n"
        "    expect: {}\n"
    )

    (line,) = [one for one in lines_of(compiled(text), case) if one.rule_id == "LINE"]

    assert (line.start_day, line.end_day) == (
        day_number(date(2022, 2, 28)),
        day_number(date(2023, 2, 28)),
    )


@pytest.mark.parametrize(
    ("record", "window", "where", "start", "end"),
    [
        pytest.param(
            "{kind: penalty, event_date: 2021-05-01}",
            "{calendar: year, first: -1}",
            "{}",
            date(2022, 1, 1),
            date(2023, 1, 1),
            id="last-calendar-year",
        ),
        pytest.param(
            "{kind: penalty, event_date: 2022-05-01}",
            "{calendar: year, first: -2, last_period: 0}",
            "{}",
            date(2022, 5, 1),
            date(2025, 1, 1),
            id="this-year-and-two-before",
        ),
        pytest.param(
            "{kind: penalty, event_date: 2021-03-10, publish_date: 2022-08-01}",
            "{last: {months: 12}, day: publish_date}",
            "{}",
            date(2022, 8, 1),
            date(2023, 8, 1),
            id="by-the-day-of-publication",
        ),
        pytest.param(
            "{kind: violation, event_date: 2022-06-15, severity: minor}",
            "{by: severity, months: {unspecified: 12, minor: 3, general: 12, serious: 36}}",
            "{}",
            date(2022, 6, 15),
            date(2022, 9, 15),
            id="by-severity",
        ),
        pytest.param(
            "{kind: honour, event_date: 2022-02-01, end_date: 2024-02-01}",
            "{valid_until: end_date}",
            "{}",
            date(2022, 2, 1),
            date(2024, 2, 1),
            id="valid-until",
        ),
        pytest.param(
            "{kind: honour, event_date: 2022-02-01}",
            "{valid_until: end_date}",
            "{}",
            date(2022, 2, 1),
            None,
            id="valid-for-good",
        ),
        pytest.param(
            "{kind: penalty, event_date: 2021-03-10}",
            "{anniversary: founding_date, months: 12, first: -1}",
            "{}",
            date(2022, 2, 28),
            date(2023, 2, 28),
            id="year-since-founding",
        ),
        pytest.param(
            f"{{{HAZARD}}}",
            "ever",
            OVERDUE,
            date(2022, 7, 1),
            None,
            id="overdue-since-the-day-after",
        ),
        pytest.param(
            f"{{{HAZARD}, closed_date: 2022-10-01}}",
            "ever",
            OVERDUE,
            date(2022, 7, 1),
            date(2022, 10, 1),
            id="overdue-until-it-is-closed",
        ),
    ],
)
def test_record_counts_between_its_own_days(
    record: str, window: str, where: str, start: date, end: date | None
) -> None:
    """A line begins when its record comes to count, which need not be the day of the event."""
    assert days_of([record], window=window, where=where) == ((0,), start, end)


def test_run_of_periods_rests_on_its_own_records() -> None:
    """Two bad years before this one; the record of the year that broke the run is not behind it.

    This year has been clean so far: when it is over, the run is.
    """
    records = [
        "{kind: violation, event_date: 2018-05-01}",
        "{kind: violation, event_date: 2020-05-01}",
        "{kind: violation, event_date: 2021-05-01}",
    ]
    window = "{calendar: year, first: -4, last_period: -1}"

    found = days_of(records, window=window, measure=YEARS, asked="{at_least: 2}")

    assert found == ((1, 2), date(2022, 1, 1), date(2023, 1, 1))


def test_clean_periods_rest_on_no_record() -> None:
    """A violation of three years ago ended the run of clean years: it is no reason for it."""
    clean = "{consecutive: count, each_period: 0}"
    records = ["{kind: violation, event_date: 2019-05-01}"]
    window = "{calendar: year, first: -4, last_period: -1}"

    found = days_of(records, window=window, measure=clean, asked="{at_least: 2}")

    assert found == ((), date(2022, 1, 1), None)
