"""Clean years in a row: of the calendar, of insurance, back from a day, and none from before."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import Case, case_inputs, case_population, case_results
from services.engine.days import add_months, day_date, day_number
from services.engine.numbers import MISSING
from services.engine.plan import Plan
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written
from tests.unit.engine.test_policies import VOCABULARY

TEXT = """\
    inputs:
      founding_date: {from: subject, if_missing: unknown}
      inception: {from: request, unit: date, if_missing: unknown}
    indicators:
      clean:
        records: accident
        window: WINDOW
        measure: {consecutive: count, each_period: 0SINCE}
        unit: year
        SOURCE
    rules:
      - id: T-CLEAN
        when: {clean: {at_least: 3}}
        set: {duty: discount}
        wording: {zh: 连续三年无事故, en: three years in a row without an accident}
        SOURCE
    grade:
      ladder: [A]
      start: [{grade: A, when: {any: [{inception: {known: true}}, {inception: {known: false}}]}}]
      beyond: clamp
      SOURCE
    outputs:
      clean: {is: clean, unit: year}
"""


def policy(window: str, since: str = "") -> str:
    """Write a policy that counts clean years."""
    return written(TEXT.replace("WINDOW", window).replace("SINCE", since))


CALENDAR = policy("{calendar: year, first: -3, last_period: -1}", ", since: founding_date")
INSURED = policy("{anniversary: founding_date, first: -3, last_period: -1}")
QUOTED = policy("{back_from: inception, first: -3, last_period: -1}", ", since: founding_date")


def case(
    as_of: str, founded: str, accidents: list[str], clean: int, inception: str = "null"
) -> str:
    """Write a case of somebody founded on a day, with accidents on others."""
    records = ", ".join(f"{{kind: accident, event_date: {day}}}" for day in accidents)
    inputs = "" if inception == "null" else f" inputs: {{inception: {inception}}},"
    subject = "" if founded == "null" else f" subject: {{founding_date: {founded}}},"
    return (
        f"  - {{name: case CASE, as_of: {as_of},{subject}{inputs} records: [{records}],"
        f" expect: {{clean: {clean}}}}}\n"
    )


def named(*cases: str) -> tuple[Case, ...]:
    """Read cases, each by its number."""
    return cases_of("".join(one.replace("CASE", str(n)) for n, one in enumerate(cases)))


def test_nobody_has_clean_years_from_before_the_founding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calendar years that began before the day of founding are none of the firm's."""
    cases = named(
        case("2026-06-01", "2026-05-01", [], 0),
        case("2026-06-01", "2025-01-02", [], 0),
        case("2026-06-01", "2025-01-01", [], 1),
        case("2026-06-01", "2023-01-01", [], 3),
        case("2026-06-01", "2023-01-02", [], 2),
        case("2026-06-01", "2010-01-01", ["2025-01-01"], 0),
        case("2026-06-01", "2010-01-01", ["2024-12-31"], 1),
        case("2026-06-01", "2010-01-01", ["2022-12-31", "2026-01-01"], 3),
        # Nobody knows since when.
        case("2026-06-01", "null", [], 0),
        # The day before a third year is over, and the day after.
        case("2025-12-31", "2023-01-01", [], 2),
        case("2026-01-01", "2023-01-01", [], 3),
    )

    hold(compiled(CALENDAR), cases, monkeypatch)


def test_years_of_insurance_are_counted_from_their_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Years from 1 May, the present one left out; there are none before the first."""
    cases = named(
        case("2026-05-01", "2025-05-01", [], 1),
        case("2026-04-30", "2025-05-01", [], 0),
        case("2026-05-01", "2020-05-01", [], 3),
        case("2026-05-01", "2020-05-01", ["2025-04-30"], 1),
        case("2026-05-01", "2020-05-01", ["2025-05-01"], 0),
        case("2026-05-01", "2020-05-01", ["2026-05-01"], 3),
        # The first year lies ahead, or nobody knows when it begins.
        case("2026-05-01", "2026-06-01", [], 0),
        case("2026-05-01", "null", [], 0),
    )

    hold(compiled(INSURED), cases, monkeypatch)


def test_years_are_counted_back_from_the_day_of_the_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The years that end with the inception, wherever it lies from the day asked for."""
    cases = named(
        case("2026-05-01", "2000-01-01", [], 3, "2026-06-15"),
        case("2026-05-01", "2000-01-01", ["2025-06-15"], 0, "2026-06-15"),
        case("2026-05-01", "2000-01-01", ["2025-06-14"], 1, "2026-06-15"),
        case("2026-07-01", "2000-01-01", ["2026-06-14"], 0, "2026-06-15"),
        # From the day of the inception on it is the next period's.
        case("2026-07-01", "2000-01-01", ["2026-06-15"], 3, "2026-06-15"),
        case("2026-05-01", "2024-06-15", [], 2, "2026-06-15"),
        case("2026-05-01", "2024-06-16", [], 1, "2026-06-15"),
        case("2026-05-01", "2000-01-01", [], 0),
        # A year that ends with 29 February begins with 28 February, or 29.
        case("2028-02-29", "2000-01-01", ["2027-02-28"], 0, "2028-02-29"),
        case("2028-02-29", "2000-01-01", ["2027-02-27"], 1, "2028-02-29"),
    )

    hold(compiled(QUOTED), cases, monkeypatch)


def test_a_line_begins_when_the_third_year_is_over() -> None:
    """Founded on the first day of 2023, after three calendar years there is a line."""
    (one,) = named(case("2026-06-01", "2023-01-01", [], 3))

    (line,) = [line for line in lines_of(compiled(CALENDAR), one) if line.rule_id == "T-CLEAN"]

    assert line.start_day == day_number(date(2026, 1, 1))
    assert line.end_day is None


def test_periods_are_as_long_as_the_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half years back from the inception, as many as are clean, six at most."""
    window = "{back_from: inception, months: 6, first: -6, last_period: -1}"

    cases = named(
        case("2026-05-01", "null", ["2025-06-14"], 2, "2026-06-15"),
        case("2026-05-01", "null", ["2025-06-15"], 1, "2026-06-15"),
        case("2026-05-01", "null", ["2023-06-14"], 6, "2026-06-15"),
        case("2026-05-01", "null", ["2023-06-15"], 5, "2026-06-15"),
    )

    hold(compiled(policy(window)), cases, monkeypatch)


def test_years_are_counted_back_from_the_day_of_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those before the last cover that has begun; its line names the cover's record."""
    text = policy("{back_from: covered, first: -3, last_period: -1}").replace(
        "    indicators:\n",
        """\
    indicators:
      covered: {records: insurance_policy, window: ever, measure: last_day, if_none: unknown,
        unit: date, source: {article: 第一条, confidence: assumed}}
""",
        1,
    )
    covers = """\
  - name: NAME
    as_of: AS_OF
    records:
      - {kind: insurance_policy, event_date: 2024-06-15}
      - {kind: insurance_policy, event_date: 2025-06-15}
      - {kind: accident, event_date: 2024-06-14}
    expect: {clean: CLEAN}
"""

    def written_out(as_of: str, clean: str) -> str:
        return covers.replace("AS_OF", as_of).replace("CLEAN", clean).replace("NAME", f"on {as_of}")

    cases = cases_of(
        written_out("2024-06-14", "0")
        + written_out("2024-06-15", "0")
        + written_out("2025-06-14", "0")
        + written_out("2025-06-15", "1")
    )

    hold(compiled(text), cases, monkeypatch)


START = date(2022, 1, 1)
DAYS = st.integers(0, 1_600).map(lambda late: START + timedelta(late))


@pytest.mark.parametrize("text", [CALENDAR, INSURED, QUOTED], ids=["year", "own", "back"])
@settings(max_examples=40)
@given(
    people=st.lists(
        st.tuples(st.none() | DAYS, st.none() | DAYS, st.lists(DAYS, max_size=3)),
        min_size=1,
        max_size=3,
    ),
    as_of=DAYS,
)
def test_one_and_many_count_the_years_that_going_back_counts(
    text: str, people: list[tuple[date | None, date | None, list[date]]], as_of: date
) -> None:
    """Alone and together each has as many years as going back one by one gives."""
    plan = compiled(text)
    wanted = [_slow(text, person, as_of) for person in people]
    cases = named(
        *(
            case(
                str(as_of),
                str(founded or "null"),
                [str(day) for day in accidents],
                0,
                str(inception or "null"),
            )
            for founded, inception, accidents in people
        )
    )

    assert _many(plan, cases) == wanted
    assert [_many(plan, (one,))[0] for one in cases] == wanted


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param("first: -3, last_period: -1", "first: 0", ["unknown-window"], id="ahead"),
        pytest.param("first: -3", "first: -3, months: 0", ["syntax"], id="no-months"),
        pytest.param("back_from: inception", "back_from: clean", ["cycle"], id="itself"),
        pytest.param("back_from: inception", "back_from: x", ["type"], id="nothing"),
        pytest.param("back_from: inception", "back_from: event_date", ["type"], id="of-the-record"),
        pytest.param("since: founding_date", "since: x", ["type"], id="since-nothing"),
        pytest.param("since: founding_date", "since: publish_date", ["type"], id="since-record"),
        pytest.param(
            "{back_from: inception, first: -3, last_period: -1}", "ever", ["run-window"], id="ever"
        ),
    ],
)
def test_periods_are_counted_from_a_day_of_the_subject(
    old: str, new: str, found: list[str]
) -> None:
    """A day that a record has cannot be where everybody's years begin."""
    assert [one.split(":")[2] for one in problems(QUOTED.replace(old, new, 1))] == found


# Private functions -----------------------------------------------------------


def _many(plan: Plan, cases: tuple[Case, ...]) -> list[object]:
    inceptions = np.array([case_inputs(plan, one).get("inception", MISSING) for one in cases])
    population = case_population(cases, plan, VOCABULARY)
    run = plan.run(population, cases[0].as_of, {"inception": inceptions})
    return [case_results(run, position)["clean"] for position in range(len(cases))]


def _moved(day: date, years: int) -> date:
    return day_date(add_months(day_number(day), 12 * years))


def _slow(text: str, person: tuple[date | None, date | None, list[date]], as_of: date) -> int:
    founded, inception, accidents = person
    if text == CALENDAR:
        edges = [date(as_of.year - back, 1, 1) for back in range(4)]
    elif text == QUOTED:
        if inception is None:
            return 0
        edges = [_moved(inception, -back) for back in range(4)]
    else:
        if founded is None or founded > as_of:
            return 0
        present = max(n for n in range(10) if _moved(founded, n) <= as_of)
        edges = [_moved(founded, present - back) for back in range(4) if present >= back]
    count = 0
    for after, first in pairwise(edges):
        if founded is None or first < founded:
            return count
        if any(first <= day < after and day <= as_of for day in accidents):
            return count
        count += 1
    return count
