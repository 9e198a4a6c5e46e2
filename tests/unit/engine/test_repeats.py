"""How many of its like came before a record, on earlier days: ``repeats``."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.engine.cases import Case, case_population, case_results
from services.engine.checking import CheckContext, check_policy
from services.engine.days import add_months, day_date, day_number
from services.engine.explained import ExplainedLine
from services.engine.explaining import explain, records_behind
from services.engine.policy_file import read_policy
from services.engine.scales import scales_of
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written
from tests.unit.engine.test_policies import VOCABULARY

FIRST, AS_OF = date(2022, 1, 1), date(2025, 7, 15)
KINDS = ("training", "equipment")
SEVERITIES = ("minor", "serious")
REPEATS = "repeats: {same: [violation_code], window: {last: {months: 12}}}"

POLICY = written(f"""\
    indicators:
      repeated:
        records: violation
        where: {{severity: serious, earlier: {{at_least: 1}}}}
        {REPEATS}
        window: {{last: {{years: 2}}}}
        measure: count
        unit: violation
        SOURCE
      weighed:
        records: violation
        {REPEATS}
        window: {{last: {{years: 2}}}}
        measure: {{sum: {{add: [earlier, 1]}}}}
        unit: point
        SOURCE
    rules:
      - id: T-AGAIN
        when: {{repeated: {{at_least: 1}}}}
        set: {{grade: B}}
        wording: {{zh: 一年内再次发生同类严重违法行为, en: a serious violation again}}
        SOURCE
    grade:
      ladder: [A, B]
      start: [{{grade: A, when: true}}]
      beyond: clamp
      SOURCE
    outputs:
      repeated: {{is: repeated, unit: violation}}
      weighed: {{is: weighed, unit: point}}
""")


def violations(*facts: tuple[date, str, str]) -> Case:
    """Write a case of violations: their day, kind and severity."""
    records = ", ".join(
        f"{{kind: violation, event_date: {day}, violation_code: {kind}, severity: {severity}}}"
        for day, kind, severity in facts
    )
    (case,) = cases_of(
        f"  - {{name: one, as_of: {AS_OF}, records: [{records}], expect: {{state: result}}}}\n"
    )
    return case


def line_of(case: Case, text: str = POLICY) -> ExplainedLine:
    """Give the line of the rule."""
    (line,) = [one for one in lines_of(compiled(text), case) if one.rule_id == "T-AGAIN"]
    return line


def a_year_before(earlier: date, later: date) -> bool:
    """Say whether a day lies before another, less than twelve months."""
    return earlier < later < day_date(add_months(day_number(earlier), 12))


CASES = """\
  - name: what the filter says besides must hold of the earlier one as well
    as_of: 2025-07-15
    records:
      - {kind: violation, event_date: 2025-01-10, violation_code: training, severity: minor}
      - {kind: violation, event_date: 2025-02-10, violation_code: training, severity: serious}
    # One and two: the second indicator takes in both.
    expect: {grade: A, repeated: 0, weighed: 3}
  - name: both are serious
    as_of: 2025-07-15
    records:
      - {kind: violation, event_date: 2025-01-10, violation_code: training, severity: serious}
      - {kind: violation, event_date: 2025-02-10, violation_code: training, severity: serious}
    expect: {grade: B, repeated: 1, weighed: 3}
  - name: the first has left the window of two years, and the second is a repeat yet
    as_of: 2025-07-15
    records:
      - {kind: violation, event_date: 2023-07-15, violation_code: training, severity: serious}
      - {kind: violation, event_date: 2023-07-16, violation_code: training, severity: serious}
    expect: {grade: B, repeated: 1, weighed: 2}
  - name: more than are few, on two days
    as_of: 2025-07-15
    records:
      - {kind: violation, event_date: 2025-01-10, severity: serious, times: 40}
      - {kind: violation, event_date: 2025-02-10, severity: serious, times: 20}
    # 40 of the first day once, 20 that have 40 before them: 40 + 20 x 41.
    expect: {grade: B, repeated: 20, weighed: 860}
  - name: nobody did anything
    as_of: 2025-07-15
    expect: {grade: A, repeated: 0, weighed: 0}
"""


def test_repeats_count_by_the_day_of_each_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone and together, in any order, and until the day that is said."""
    hold(compiled(POLICY), cases_of(CASES), monkeypatch)


def test_line_names_what_is_repeated_and_holds_as_long_as_the_repeat() -> None:
    """The first repeat begins it, that of 2024-05-02 keeps it until 2026-05-02; both are named."""
    first, second = date(2023, 7, 1), date(2024, 5, 2)
    case = violations(
        (date(2023, 5, 2), "training", "serious"),
        (first, "training", "serious"),
        (date(2024, 1, 1), "training", "minor"),
        (date(2024, 1, 2), "equipment", "serious"),
        (second, "training", "serious"),
    )

    line = line_of(case)

    # That of 2023-05-02 is no year old on 2023-07-01, which the two years have left as well.
    assert line.record_ids == (1, 4)
    assert line.start_day == day_number(first)
    assert line.end_day == day_number(date(2026, 5, 2))
    run = compiled(POLICY).run(case_population([case], compiled(POLICY), VOCABULARY), case.as_of)
    assert records_behind(run, 0, ["repeated"]) == ((1, ""), (4, ""))


facts = st.tuples(
    st.integers(0, 1_290).map(lambda late: FIRST + timedelta(late)),
    st.sampled_from(KINDS),
    st.sampled_from(SEVERITIES),
)


@given(st.lists(st.lists(facts, max_size=9), min_size=1, max_size=4), st.integers(0, 60))
@settings(max_examples=25)
def test_one_and_many_count_what_looking_at_every_pair_gives(
    histories: list[list[tuple[date, str, str]]], padding: int
) -> None:
    """Alone, beside many and together each has the same numbers, and the same lines."""
    plan = compiled(POLICY)
    cases = [violations(*history) for history in histories]
    old = [(date(2015, 1, 1), "other", "minor")] * padding

    together = plan.run(case_population(cases, plan, VOCABULARY), day_number(AS_OF))

    for position, (case, history) in enumerate(zip(cases, histories, strict=True)):
        inside = [one for one in history if date(2023, 7, 15) < one[0] <= AS_OF]
        weighed, repeated = 0, 0
        for day, kind, severity in inside:
            like = [one for one in history if one[1] == kind and a_year_before(one[0], day)]
            weighed += 1 + len(like)
            repeated += severity == "serious" and any(one[2] == "serious" for one in like)
        found = case_results(together, position)
        assert (found["weighed"], found["repeated"]) == (weighed, repeated)
        assert explain(together, position) == lines_of(plan, case)
        beside = violations(*old, *history)
        alone = plan.run(case_population([beside], plan, VOCABULARY), day_number(AS_OF))
        assert case_results(alone, 0) == found


def with_window(window: str) -> str:
    """Let both indicators look at other earlier records."""
    return POLICY.replace("window: {last: {months: 12}}}", f"window: {window}}}")


@pytest.mark.parametrize(
    ("window", "days", "weighed"),
    [
        pytest.param("ever", ["2015-01-01", "2025-07-01"], 2, id="ever"),
        pytest.param("{calendar: year}", ["2025-01-01", "2025-07-01"], 3, id="the-same-year"),
        pytest.param("{calendar: year}", ["2024-12-31", "2025-07-01"], 2, id="not-the-same-year"),
        pytest.param(
            "{calendar: year, first: -1}", ["2024-12-31", "2025-07-01"], 3, id="the-year-before"
        ),
        pytest.param(
            "{calendar: year, first: -1}", ["2025-01-01", "2025-07-01"], 2, id="not-the-year-before"
        ),
        pytest.param("{last: {days: 30}}", ["2025-06-02", "2025-07-01"], 3, id="thirty-days"),
        pytest.param("{last: {days: 29}}", ["2025-06-02", "2025-07-01"], 2, id="twenty-nine-days"),
        pytest.param(
            "{valid_until: closed_date}", ["2025-01-01", "2025-07-01"], 3, id="still-open"
        ),
        pytest.param(
            "{valid_until: closed_date}",
            ["2025-01-01, closed_date: 2025-07-02", "2025-07-01"],
            3,
            id="open-on-the-day",
        ),
        pytest.param(
            "{valid_until: closed_date}",
            ["2025-01-01, closed_date: 2025-07-01", "2025-07-01"],
            2,
            id="closed-on-the-day",
        ),
        pytest.param(
            "{by: severity, months: {unspecified: 0, minor: 3, general: 0, serious: 6}}",
            ["2025-01-02", "2025-07-01"],
            3,
            id="by-severity",
        ),
        pytest.param(
            "{by: severity, months: {unspecified: 0, minor: 3, general: 0, serious: 6}}",
            ["2025-01-01", "2025-07-01"],
            2,
            id="by-severity-a-day-more",
        ),
        pytest.param(
            "{anniversary: founded}",
            ["2025-03-01", "2025-07-01"],
            3,
            id="the-same-year-of-business",
        ),
        pytest.param(
            "{anniversary: founded}", ["2025-02-28", "2025-07-01"], 2, id="the-year-before-it"
        ),
    ],
)
def test_windows_of_earlier_records_are_seen_from_the_record(
    window: str, days: list[str], weighed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every form that a window has; the later one counts one more for one before it.

    That of 2015 has left the two years itself, and makes the other a repeat all the same.
    """
    founded = "founded: {from: subject, attribute: founding_date, if_missing: no_data}"
    text = with_window(window).replace(
        "    indicators:\n", f"    inputs:\n      {founded}\n    indicators:\n"
    )
    records = "".join(
        f"      - {{kind: violation, severity: serious, event_date: {day}}}\n" for day in days
    )
    cases = cases_of(
        "  - name: two\n    as_of: 2025-07-15\n    subject: {founding_date: 2010-03-01}\n"
        f"    records:\n{records}    expect: {{weighed: {weighed}}}\n"
    )

    hold(compiled(text), cases, monkeypatch)


def test_children_are_measured_by_their_own_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver who does the same again counts; two drivers who do it once each do not."""
    text = written("""\
    children:
      drivers:
        each: person
        roster: {records: violation, of: persons, window: ever}
        measures:
          again:
            records: violation
            of: persons
            where: {earlier: {at_least: 1}}
            repeats: {same: [person, violation_code], window: {last: {months: 12}}}
            window: {last: {years: 2}}
            measure: count
            unit: violation
            SOURCE
        SOURCE
    indicators:
      repeating:
        over: drivers
        where: {again: {at_least: 1}}
        measure: count
        unit: person
        SOURCE
    outputs:
      repeating: {is: repeating, unit: person}
""")
    record = "{kind: violation, of: persons, violation_code: training, person:"
    cases = cases_of(f"""\
  - name: one driver twice
    as_of: 2025-07-15
    records:
      - {record} 1, event_date: 2025-01-01}}
      - {record} 1, event_date: 2025-02-01}}
    expect: {{repeating: 1}}
  - name: two drivers once
    as_of: 2025-07-15
    records:
      - {record} 1, event_date: 2025-01-01}}
      - {record} 2, event_date: 2025-02-01}}
    expect: {{repeating: 0}}
""")

    hold(compiled(text), cases, monkeypatch)


def test_runs_of_periods_ask_for_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Months in a row with a repeat: of three months with the same violation the last two."""
    text = POLICY.replace(
        "window: {last: {years: 2}}\n        measure: count",
        "window: {calendar: month, first: -6, last_period: 0}\n"
        "        measure: {consecutive: count, each_period: {at_least: 1}}",
    )
    record = "{kind: violation, violation_code: training, severity: serious, event_date:"
    cases = cases_of(f"""\
  - name: three months
    as_of: 2025-07-15
    records:
      - {record} 2025-05-01}}
      - {record} 2025-06-01}}
      - {record} 2025-07-01}}
    expect: {{repeated: 2}}
""")

    hold(compiled(text), cases, monkeypatch)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(("[violation_code]", "[kind_of_it]"), "unknown-name", id="unknown"),
        pytest.param(("[violation_code]", "[earlier]"), "unknown-name", id="itself"),
        pytest.param(("[violation_code]", "violation_code"), "syntax", id="no-list"),
        pytest.param(("same: [violation_code], ", ""), "missing-same", id="nothing-said"),
        pytest.param((", window: {last: {months: 12}}}", "}"), "missing-window", id="no-window"),
        pytest.param(
            ("repeats: {same", "each: {earlier: 1}\n        repeats: {same"),
            "duplicate-name",
            id="another-meaning",
        ),
        pytest.param(
            (REPEATS, "each: {odd: earlier}\n        " + REPEATS.replace("violation_code", "odd")),
            "cycle",
            id="in-a-circle",
        ),
        pytest.param((REPEATS, "each: {odd: 1}"), "unknown-name", id="earlier-than-what"),
    ],
)
def test_what_is_repeated_is_told_apart(change: tuple[str, str], found: str) -> None:
    """Attributes of records that have one value each, and a window."""
    text = POLICY.replace(*change)

    assert {one.rsplit(":", 1)[1] for one in problems(text)} == {found}


def test_sets_of_codes_are_not_the_same_or_another() -> None:
    """Two penalties share some sanctions and not others."""
    text = POLICY.replace("violation_code", "sanctions").replace(
        "records: violation", "records: penalty"
    )

    assert {one.rsplit(":", 1)[1] for one in problems(text.replace("severity: serious, ", ""))} == {
        "type"
    }


SCHEME = (Path(__file__).parent / "schemes" / "repeat-offences.yaml").read_text(encoding="utf-8")


def found_in(text: str) -> list[str]:
    """Check a scheme; give the codes of its problems."""
    policy = read_policy(text.encode(), "scheme.yaml")
    context = CheckContext(
        vocabulary=VOCABULARY,
        ladders=scales_of(policy.policy_id, policy.versions[0]),
        ended={},
        today=date(2026, 11, 22),
    )
    return [one.code for one in check_policy(policy, context)]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(
            ("earlier: {at_least: 2}, points: 6", "earlier: {at_least: 3}, points: 6"),
            ["not-monotone", "table-gap"],
            id="no-row-for-the-third",
        ),
        pytest.param(
            ("earlier: 1, points: 4", "earlier: {at_least: 1, at_most: 2}, points: 4"),
            ["table-overlap"],
            id="two-rows-for-the-third",
        ),
        pytest.param(
            (
                "{violation_severity: {known: true}, earlier: {at_least: 1}}",
                "{earlier: {below: 0}}",
            ),
            ["never-holds"],
            id="less-than-none",
        ),
        pytest.param(
            ("{violation_severity: {known: true}, earlier: {at_least: 1}}", "{fine_fen: 1}"),
            ["unused"],
            id="nobody-asks",
        ),
        pytest.param(
            ("window: {calendar: year}}", "window: {calendar: year, first: 1}}"),
            ["window-empty"],
            id="a-year-ahead",
        ),
        pytest.param(
            ("earlier: 1, points: 10", "earlier: 1, points: 1"),
            ["not-monotone"],
            id="cheaper-the-second-time",
        ),
        pytest.param(
            ("{violation_severity: {known: true}, earlier: {at_least: 1}}", "{earlier: 0}"),
            ["not-monotone"],
            id="first-ones-alone",
        ),
    ],
)
def test_checks_know_how_many_there_can_be(change: tuple[str, str], found: list[str]) -> None:
    """None to any number; where an earlier one takes something away, the search finds it."""
    text = SCHEME.replace(*change)
    if "{earlier: 0}" in change:
        # Two first ones of one day are two no more when there is one before them.
        two = "when: {punished_again: {at_least: 2}}"
        text = text.replace("when: {punished_again: {at_least: 1}}", two)

    assert text != SCHEME
    assert sorted(found_in(text)) == found
