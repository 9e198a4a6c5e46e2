"""The day on which a number was reached, and what lasts from that day: ``reached``."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import Case, case_population, case_results
from services.engine.days import add_months, day_date, day_number, period_start
from services.engine.explaining import explain
from services.engine.outlook import Act, find_lifts, looking_by
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written
from tests.unit.engine.test_policies import VOCABULARY

FIRST, AS_OF = date(2022, 1, 1), date(2025, 7, 15)

TEXT = """\
    indicators:
      since:
        records: accident
        where: {liability: liable}
        window: WINDOW
        measure: {reached: NUMBER, again: AGAIN, sum: deaths}
        if_none: unknown
        unit: date
        SOURCE
    values:
      number: {is: 12, unit: person, SOURCE}
      until: {is: {day: since, months: 12}, unit: date, SOURCE}
    rules:
      - id: T-WATCHED
        when: {until: {after: as_of}}
        set: {grade: B}
        wording: {zh: 自达到之日起12个月内, en: twelve months from the day it was reached}
        SOURCE
    grade:
      ladder: [A, B]
      start: [{grade: A, when: true}]
      beyond: clamp
      SOURCE
    outputs:
      since: {is: since, unit: date}
"""


def policy(window: str, again: str = "from_below", number: str = "number") -> str:
    """Write a policy of whoever reached a number of deaths in a window."""
    text = TEXT.replace("WINDOW", window).replace("AGAIN", again).replace("NUMBER", number)
    return written(text)


YEAR = policy("{calendar: year}")
ROLLING = policy("{last: {months: 12}}")


def case(as_of: str, facts: dict[str, int], since: str, grade: str) -> str:
    """Write a case of liable accidents on some days."""
    records = ", ".join(
        f"{{kind: accident, liability: liable, deaths: {deaths}, event_date: {day}}}"
        for day, deaths in facts.items()
    )
    return (
        f"  - {{name: case CASE, as_of: {as_of}, records: [{records}],"
        f" expect: {{since: {since}, grade: {grade}}}}}\n"
    )


def named(*cases: str) -> tuple[Case, ...]:
    """Read cases, each by its number."""
    return cases_of("".join(one.replace("CASE", str(n)) for n, one in enumerate(cases)))


def test_a_status_lasts_from_the_day_on_which_the_number_was_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twelve in a calendar year, on 1 September: twelve months until 1 September of the next."""
    facts = {"2024-01-10": 5, "2024-06-01": 6, "2024-09-01": 1, "2024-11-01": 3}

    cases = named(
        case("2024-08-31", facts, "null", "A"),
        case("2024-09-01", facts, "2024-09-01", "B"),
        case("2025-08-31", facts, "2024-09-01", "B"),
        case("2025-09-01", facts, "2024-09-01", "A"),
        case("2024-12-31", {"2024-01-01": 11, "2024-12-31": 1}, "2024-12-31", "B"),
        # A day later it is another year.
        case("2025-01-01", {"2024-01-01": 11, "2025-01-01": 1}, "null", "A"),
        # Both years reach it, the second on its first day.
        case("2026-01-01", {"2025-12-31": 12, "2026-01-01": 12}, "2026-01-01", "B"),
        case("2025-01-01", {}, "null", "A"),
    )

    hold(compiled(YEAR), cases, monkeypatch)


def test_a_rolling_window_is_seen_from_each_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six count with six of the last day of the twelve months, and no more of the day after."""
    cases = named(
        case("2025-07-15", {"2024-03-01": 6, "2025-02-28": 6}, "2025-02-28", "B"),
        case("2025-07-15", {"2024-03-01": 6, "2025-03-01": 6}, "null", "A"),
        # The one goes as the other comes: reached by other records.
        case("2025-07-15", {"2024-03-01": 12, "2025-03-01": 12}, "2025-03-01", "B"),
        # What left the twelve months long ago is what reached it then.
        case("2025-01-31", {"2024-01-20": 6, "2024-02-01": 6}, "2024-02-01", "B"),
        case("2027-12-31", {"2024-01-20": 6, "2024-02-01": 6}, "2024-02-01", "A"),
        # Of the same day, in whatever order they were recorded.
        case("2025-07-15", {"2025-02-01": 4, "2025-03-01": 9}, "2025-03-01", "B"),
    )

    hold(compiled(ROLLING), cases, monkeypatch)


@pytest.mark.parametrize(
    ("again", "since"),
    [
        pytest.param("from_below", "2024-03-01", id="from-below"),
        pytest.param("from_zero", "2024-08-01", id="from-zero"),
        pytest.param("with_each_record", "2024-10-01", id="with-each-record"),
    ],
)
def test_what_comes_after_it_was_reached_counts_as_the_file_says(
    again: str, since: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """12 on 1 March; counted anew 5 + 7 on 1 August; 1 more on 1 October: never below since."""
    facts = {"2024-03-01": 12, "2024-05-01": 5, "2024-08-01": 7, "2024-10-01": 1}
    plan = compiled(policy("{last: {months: 12}}", again))

    hold(plan, named(case("2024-12-31", facts, since, "B")), monkeypatch)


def test_it_is_reached_again_after_it_fell_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven are left on 1 February 2025, when the first goes; one more on the next day."""
    facts = {"2024-02-01": 1, "2024-03-01": 11, "2025-02-02": 1}

    hold(compiled(ROLLING), named(case("2025-02-02", facts, "2025-02-02", "B")), monkeypatch)


def test_without_a_sum_records_are_counted_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the day of the third liable accident within twelve months."""
    plan = compiled(ROLLING.replace(", sum: deaths", "").replace("reached: number", "reached: 3"))
    two = {"2024-03-01": 9, "2024-05-01": 9}

    cases = named(
        case("2025-07-15", two | {"2025-02-28": 0}, "2025-02-28", "B"),
        case("2025-07-15", two | {"2025-03-01": 0}, "null", "A"),
    )

    hold(plan, cases, monkeypatch)


def test_a_line_names_the_records_by_which_it_was_reached_and_its_days() -> None:
    """Those of 2024 up to September; what came in November reached nothing."""
    facts = {"2023-12-31": 9, "2024-01-10": 5, "2024-06-01": 6, "2024-09-01": 1, "2024-11-01": 3}
    (one,) = named(case("2025-01-15", facts, "2024-09-01", "B"))

    (line,) = [one for one in lines_of(compiled(YEAR), one) if one.rule_id == "T-WATCHED"]

    assert line.record_ids == (1, 2, 3)
    assert line.start_day == day_number(date(2024, 9, 1))
    assert line.end_day == day_number(date(2025, 9, 1))


def test_without_a_record_that_was_revoked_it_was_never_reached() -> None:
    """One point less, and there is no line; another, later, is what reaches it instead."""
    facts = {"2024-01-10": 5, "2024-06-01": 6, "2024-09-01": 1, "2024-11-01": 3}
    plan = compiled(YEAR)

    revoked = {day: deaths for day, deaths in facts.items() if day != "2024-09-01"}
    (one,) = named(case("2025-01-15", revoked, "2024-11-01", "B"))
    (line,) = [one for one in lines_of(plan, one) if one.rule_id == "T-WATCHED"]

    assert line.record_ids == (0, 1, 2)
    assert line.start_day == day_number(date(2024, 11, 1))


def test_what_would_lift_it_is_its_end_or_a_record_less() -> None:
    """Waiting leads to A on the last day; without the first or second it was never reached.

    Without that of September the one of November reaches it in its place, two months later.
    """
    facts = {"2024-01-10": 5, "2024-06-01": 6, "2024-09-01": 1, "2024-11-01": 1}
    (one,) = named(case("2025-08-15", facts, "2024-09-01", "B"))
    plan = compiled(YEAR)

    lifts = find_lifts(
        looking_by(plan), case_population([one], plan, VOCABULARY), one.as_of, horizon_days=400
    )

    found = {(lift.act, tuple(item.record_id for item in lift.items), lift.day) for lift in lifts}
    today = day_number(date(2025, 8, 15))
    assert found == {
        (Act.REMOVE, (0,), today),
        (Act.REMOVE, (1,), today),
        (Act.WAIT, (None,), day_number(date(2025, 9, 1))),
    }


HISTORIES = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 1_300).map(lambda late: FIRST + timedelta(late)), st.integers(0, 9)
        ),
        max_size=8,
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("again", ["from_below", "from_zero", "with_each_record"])
@pytest.mark.parametrize(
    "window", ["{calendar: year}", "{last: {months: 12}}", "ever"], ids=["year", "rolling", "ever"]
)
@settings(max_examples=15)
@given(HISTORIES)
def test_one_and_many_find_the_day_that_going_through_all_days_finds(
    window: str, again: str, histories: list[list[tuple[date, int]]]
) -> None:
    """Alone and together each has the last day on which it was reached, and the same lines."""
    plan = compiled(policy(window, again))
    cases = [_case(history) for history in histories]

    together = plan.run(case_population(cases, plan, VOCABULARY), day_number(AS_OF))

    for position, (one, history) in enumerate(zip(cases, histories, strict=True)):
        assert case_results(together, position)["since"] == _slow(history, window, again)
        assert explain(together, position) == lines_of(plan, one)


def test_sums_beyond_64_bits_are_exact() -> None:
    """Two of more than half of what 64 bits hold are more than the number, and no error."""
    most = (1 << 62) - 1
    plan = compiled(policy("{last: {months: 12}}", number=str(most + 1)))
    one = _case([(date(2024, 2, 1), most), (date(2024, 3, 1), most), (date(2024, 4, 1), most)])
    other = _case([(date(2024, 2, 1), most)])

    alone = plan.run(case_population([one], plan, VOCABULARY), day_number(AS_OF))
    together = plan.run(case_population([one, other], plan, VOCABULARY), day_number(AS_OF))

    assert case_results(alone, 0)["since"] == case_results(together, 0)["since"]
    assert case_results(together, 0)["since"] == date(2024, 3, 1)
    assert case_results(together, 1)["since"] is None


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param("again: from_below, ", "", ["0.yaml:17:missing-again"], id="no-again"),
        pytest.param("from_below", "twice", ["0.yaml:17:unknown-word"], id="again"),
        pytest.param("reached: number", "reached: 0", ["0.yaml:17:syntax"], id="zero"),
        pytest.param("reached: number", "reached: true", ["0.yaml:17:syntax"], id="truth"),
        pytest.param("number: {is: 12", "number: {is: 0", ["0.yaml:17:type"], id="named-zero"),
        pytest.param("reached: number", "reached: x", ["0.yaml:17:unknown-name"], id="nothing"),
        pytest.param("sum: deaths", "sum: level", ["0.yaml:17:not-a-number"], id="codes"),
        pytest.param("sum: deaths", "max: deaths", ["0.yaml:17:unknown-key"], id="max"),
        pytest.param("        if_none: unknown\n", "", ["0.yaml:14:missing-if-none"], id="if-none"),
        pytest.param(
            "{calendar: year}",
            "{calendar: year, first: -1}",
            ["0.yaml:16:unknown-window"],
            id="last-year",
        ),
        pytest.param("{calendar: year}", "{calendar: year, first: -1, last_period: 0}", [], id="2"),
    ],
)
def test_what_is_reached_is_said_in_full(old: str, new: str, found: list[str]) -> None:
    """A number above 0, of what, when again, and what holds as long as it never was."""
    assert problems(YEAR.replace(old, new, 1)) == found


def test_a_child_has_no_day_on_which_a_number_was_reached() -> None:
    """Children are measured as they are on the day asked for."""
    text = YEAR.replace(
        "    indicators:\n",
        """\
    children:
      sites:
        each: site_number
        roster: {records: inspection, window: ever}
        unnamed: left_out
        measures:
          since:
            records: accident
            window: ever
            measure: {reached: 3, again: from_zero}
            if_none: unknown
            unit: date
            source: {article: 第一条, confidence: assumed}
        source: {article: 第一条, confidence: assumed}
    indicators:
""",
    )

    assert problems(text) == ["0.yaml:21:unknown-measure"]


# Private functions -----------------------------------------------------------


def _case(history: list[tuple[date, int]]) -> Case:
    records = ", ".join(
        f"{{kind: accident, liability: liable, deaths: {deaths}, event_date: {day}}}"
        for day, deaths in history
    )
    (one,) = cases_of(
        f"  - {{name: one, as_of: {AS_OF}, records: [{records}], expect: {{state: result}}}}\n"
    )
    return one


def _end(day: date, window: str) -> date:
    """Give the first day on which what happened on a day does not count any more."""
    if window == "ever":
        return date.max
    if "year" in window:
        return day_date(period_start(day_number(day), "year", 1))
    return day_date(add_months(day_number(day), 12))


def _slow(history: list[tuple[date, int]], window: str, again: str) -> date | None:
    """Go through every day."""
    found, cleared, day = None, date.min, FIRST
    while day <= AS_OF:
        counting = [
            (own, deaths) for own, deaths in history if cleared < own <= day < _end(own, window)
        ]
        total = sum(deaths for _, deaths in counting)
        before = sum(deaths for own, deaths in counting if own < day)
        comes = any(own == day for own, _ in counting)
        if comes and total >= 12 and (before < 12 or again == "with_each_record"):
            found = day
            cleared = day if again == "from_zero" else cleared
        day += timedelta(1)
    return found
