"""Constructs of time, of state and of peers give what they say, on every day and in every way."""

import pytest

from services.engine.cases import case_population, case_results
from services.engine.frames import Setting
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written
from tests.unit.engine.test_policies import VOCABULARY

DECAY = written("""\
    indicators:
      points:
        records: violation
        each:
          age: {elapsed: years, from: event_date}
        window: {last: {years: 3}}
        measure: {sum: {lookup: points_by_age}}
        unit: point
        SOURCE
      last_accident:
        records: accident
        window: ever
        measure: last_day
        if_none: unknown
        unit: date
        SOURCE
    tables:
      points_by_age:
        keys: [severity, age]
        outputs: {points: point}
        rows:
          - {severity: serious, age: {below: 1}, points: 12}
          - {severity: serious, age: {at_least: 1, below: 2}, points: 6, source: {article: 第二条, confidence: text-seen}}
          - {severity: serious, age: {at_least: 2}, points: 3}
        otherwise: {points: 1}
        SOURCE
    values:
      clean_months: {is: {elapsed: months, from: last_accident}, unit: month, SOURCE}
    outputs:
      points: {is: points, unit: point}
      clean_months: {is: clean_months, unit: month}
""")  # noqa: E501 -- a row or case a line.


def test_points_fade_with_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """12 points in the first year, 6 in the second, 3 in the third, each from the same day on."""
    cases = cases_of("""\
  - name: day before the first year is full
    as_of: 2024-02-28
    records: [{kind: violation, event_date: 2023-03-01, severity: serious}]
    expect: {points: 12}
  - name: the first year is full
    as_of: 2024-03-01
    records: [{kind: violation, event_date: 2023-03-01, severity: serious}]
    expect: {points: 6}
  - name: one of each age and a minor one
    as_of: 2024-03-01
    records:
      - {kind: violation, event_date: 2024-03-01, severity: serious}
      - {kind: violation, event_date: 2023-02-28, severity: serious}
      - {kind: violation, event_date: 2022-03-01, severity: serious}
      - {kind: violation, event_date: 2022-03-01, severity: minor}
      - {kind: violation, event_date: 2021-03-01, severity: serious}
    expect: {points: 22}
  - name: eleven full months since the accident
    as_of: 2024-03-30
    records: [{kind: accident, event_date: 2023-03-31}]
    expect: {points: 0, clean_months: 11}
  - name: twelve
    as_of: 2024-03-31
    records: [{kind: accident, event_date: 2023-03-31}]
    expect: {points: 0, clean_months: 12}
""")
    plan = compiled(DECAY)

    hold(plan, cases, monkeypatch)

    # A row may have a source of its own.
    row = plan.version.tables["points_by_age"].rows[1]
    assert row.source is not None
    assert (row.source.article, row.source.confidence) == ("第二条", "text-seen")


RUN = written("""\
    indicators:
      bad_years:
        records: violation
        window: {calendar: year, first: -3, last_period: -1}
        measure: {consecutive: {sum: {lookup: points}}, each_period: {at_least: 6, below: 12}}
        unit: year
        SOURCE
      clean_quarters:
        records: penalty
        window: {calendar: quarter, first: -4, last_period: -1}
        measure: {consecutive: count, each_period: 0}
        unit: quarter
        SOURCE
    tables:
      points:
        keys: [severity]
        outputs: {points: point}
        rows:
          - {severity: serious, points: 3}
        otherwise: {points: 1}
        SOURCE
    rules:
      - id: R-2
        when: {bad_years: {at_least: 2}}
        set: {duty: lowered}
        wording: {zh: 降级, en: lowered}
        SOURCE
    outputs:
      bad_years: {is: bad_years, unit: year}
      clean_quarters: {is: clean_quarters, unit: quarter}
""")


def test_periods_run_without_a_break(monkeypatch: pytest.MonkeyPatch) -> None:
    """Years of 6 to 11 points are counted back from the last one until one breaks the run."""
    cases = cases_of("""\
  - name: 6 points last year and 11 the year before
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2023-01-01, severity: serious, times: 2}
      - {kind: violation, event_date: 2022-12-31, severity: serious, times: 3}
      - {kind: violation, event_date: 2022-01-01, severity: minor, times: 2}
    expect: {bad_years: 2, rules: [R-2], clean_quarters: 4}
  - name: 12 points break the run
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2023-01-01, severity: serious, times: 2}
      - {kind: violation, event_date: 2022-12-31, severity: serious, times: 4}
      - {kind: violation, event_date: 2021-01-01, severity: serious, times: 2}
    expect: {bad_years: 1, rules: []}
  - name: nothing last year
    as_of: 2024-06-01
    records: [{kind: violation, event_date: 2022-01-01, severity: serious, times: 2}]
    expect: {bad_years: 0}
  - name: a penalty two quarters ago leaves one clean quarter
    as_of: 2024-06-01
    records: [{kind: penalty, event_date: 2023-12-31}]
    expect: {clean_quarters: 1}
""")
    plan = compiled(RUN)

    hold(plan, cases, monkeypatch)

    (line,) = [one for one in lines_of(plan, cases[0]) if one.rule_id == "R-2"]
    assert len(line.record_ids) == 7


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(
            "{calendar: year, first: -3, last_period: -1}",
            "{last: {years: 3}}",
            "run-window",
            id="window-without-periods",
        ),
        pytest.param("consecutive: count,", "consecutive: tally,", "unknown-measure", id="measure"),
        pytest.param(", each_period: 0", "", "missing-each-period", id="no-condition"),
    ],
)
def test_wrong_run_is_named(old: str, new: str, code: str) -> None:
    """A run needs periods, a measure and what it must be."""
    found = [one.split(":")[2] for one in problems(RUN.replace(old, new, 1))]

    # What uses the part is left out with it.
    assert code in found


ANNIVERSARY = written("""\
    inputs:
      licence_date: {from: request, unit: date, if_missing: unknown}
    indicators:
      this_period:
        records: violation
        window: {anniversary: licence_date}
        measure: count
        unit: violation
        SOURCE
      before:
        records: violation
        window: {anniversary: licence_date, months: 6, first: -1}
        measure: count
        unit: violation
        SOURCE
      since_training:
        records: violation
        where: {event_date: {after: last_training}}
        window: ever
        measure: count
        unit: violation
        SOURCE
      last_training:
        records: honour
        window: ever
        measure: last_day
        if_none: 1990-01-01
        unit: date
        SOURCE
    outputs:
      this_period: {is: this_period, unit: violation}
      before: {is: before, unit: violation}
      since_training: {is: since_training, unit: violation}
""")


def test_periods_begin_on_the_subjects_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A year from 15 March to 14 March; the half year before began on 15 September."""
    cases = cases_of("""\
  - name: last day of the period
    as_of: 2024-03-14
    inputs: {licence_date: 2020-03-15}
    records:
      - {kind: violation, event_date: 2023-03-15}
      - {kind: violation, event_date: 2023-03-14}
      - {kind: violation, event_date: 2023-09-14}
      - {kind: violation, event_date: 2023-09-15}
    expect: {this_period: 3, before: 2}
  - name: first day of the next
    as_of: 2024-03-15
    inputs: {licence_date: 2020-03-15}
    records:
      - {kind: violation, event_date: 2024-03-14}
      - {kind: violation, event_date: 2024-03-15}
    expect: {this_period: 1, before: 1}
  - name: no licence, no period
    as_of: 2024-03-15
    records: [{kind: violation, event_date: 2024-03-15}]
    expect: {this_period: 0, before: 0, since_training: 1}
  - name: no period before the licence, though the half year before it will be one
    as_of: 2024-04-01
    inputs: {licence_date: 2024-06-01}
    records: [{kind: violation, event_date: 2024-03-01}]
    expect: {this_period: 0, before: 0}
  - name: on the day of the licence it is
    as_of: 2024-06-01
    inputs: {licence_date: 2024-06-01}
    records: [{kind: violation, event_date: 2024-03-01}]
    expect: {this_period: 0, before: 1}
  - name: only what came after the training counts
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2024-01-01}
      - {kind: honour, event_date: 2024-02-01}
      - {kind: violation, event_date: 2024-02-01}
      - {kind: violation, event_date: 2024-02-02}
    expect: {since_training: 1}
""")

    hold(compiled(ANNIVERSARY), cases, monkeypatch)


STATE = written("""\
    inputs:
      last_place: {from: last_period, period: year, back: 3, output: place, if_missing: own_place}
      last_grade: {from: last_period, period: year, back: 1, output: grade, if_missing: unknown}
    indicators:
      violations:
        records: violation
        window: {calendar: year}
        measure: count
        unit: violation
        SOURCE
    values:
      own_place: {is: {min: [{add: [violations, 1]}, 4]}, unit: place on the ladder, SOURCE}
    rules:
      - id: S-FELL
        when: {last_grade: A, violations: {at_least: 1}}
        set: {duty: explain}
        wording: {zh: 说明, en: explain}
        SOURCE
    grade:
      ladder: [A, B, C, D]
      # Down at once, up at most one step a year.
      start: {max: [own_place, {subtract: [last_place, 1]}]}
      SOURCE
""")


def test_last_years_result_holds_this_years_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """D two years ago is at best C last year and B this year, however clean they are."""
    cases = cases_of("""\
  - name: three violations in 2022, clean since
    as_of: 2024-06-01
    records: [{kind: violation, event_date: 2022-05-01, times: 3}]
    expect: {grade: B}
  - name: a year later
    as_of: 2025-06-01
    records: [{kind: violation, event_date: 2022-05-01, times: 3}]
    expect: {grade: A}
  - name: last day of the year of the violations
    as_of: 2022-12-31
    records: [{kind: violation, event_date: 2022-05-01, times: 3}]
    expect: {grade: D}
  - name: down at once
    as_of: 2024-06-01
    records: [{kind: violation, event_date: 2024-05-01, times: 2}]
    expect: {grade: C, rules: [S-FELL]}
  - name: nothing is known of the time before the third year back
    as_of: 2024-06-01
    records: [{kind: violation, event_date: 2020-05-01, times: 3}]
    expect: {grade: A}
""")

    hold(compiled(STATE), cases, monkeypatch)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("period: year, back: 3", "period: week, back: 3", "unknown-word", id="period"),
        pytest.param("back: 3, ", "", "missing-back", id="no-depth"),
        pytest.param("back: 3", "back: 99", "back", id="too-deep"),
        pytest.param("from: last_period, period", "from: subject, period", "unknown-key", id="key"),
    ],
)
def test_wrong_state_is_named(old: str, new: str, code: str) -> None:
    """How far back a policy looks at itself is bounded and said."""
    assert code in {one.split(":")[2] for one in problems(STATE.replace(old, new, 1))}


PEERS = written("""\
    inputs:
      division: {from: subject, if_missing: no_data}
      better_than:
        from: peers
        attribute: percentile
        of: score
        among: [division]
        if_missing: unknown
      place: {from: peers, attribute: rank, of: score, among: [division], if_missing: unknown}
      peers: {from: peers, attribute: count, of: score, among: [division], if_missing: unknown}
    indicators:
      violations:
        records: violation
        window: ever
        measure: count
        unit: violation
        SOURCE
    values:
      score: {is: {subtract: [10, violations]}, unit: point, SOURCE}
    grade:
      ladder: [A, B]
      start:
        - {grade: A, when: {better_than: {at_least: 50}}}
        - {grade: B, when: true}
      SOURCE
    outputs:
      better_than: {is: better_than, unit: percent, places: 2}
      place: {is: place, unit: place}
      peers: {is: peers, unit: enterprise}
""")


def test_place_is_read_off_the_pinned_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """9 among 7, 8, 9, 10 is better than two of four: 50 %, and second."""
    cases = cases_of("""\
  - name: second of four
    as_of: 2024-06-01
    subject: {division: "110105"}
    peers: {better_than: [10, 7, 9, 8], place: [10, 7, 9, 8], peers: [10, 7, 9, 8]}
    records: [{kind: violation, event_date: 2024-05-01}]
    expect: {grade: A, better_than: 50.00, place: 2, peers: 4}
  - name: third
    as_of: 2024-06-01
    subject: {division: "110105"}
    peers: {better_than: [10, 7, 9, 8], place: [10, 7, 9, 8], peers: [10, 7, 9, 8]}
    records: [{kind: violation, event_date: 2024-05-01, times: 2}]
    expect: {grade: B, better_than: 25.00, place: 3, peers: 4}
  - name: nobody to compare with
    as_of: 2024-06-01
    subject: {division: "110105"}
    expect: {grade: B, place: null, peers: null}
""")

    hold(compiled(PEERS), cases, monkeypatch)


def test_table_of_a_population_gives_one_what_it_gives_all() -> None:
    """Three of Chaoyang and two of Xicheng are peers of their own; single equals population."""
    plan = compiled(PEERS)
    text = "".join(
        f"  - name: case {number}\n"
        "    as_of: 2024-06-01\n"
        f"    subject: {{division: '{division}'}}\n"
        f"    records: [{{kind: violation, event_date: 2024-05-01, times: {count}}}]\n"
        "    expect: {}\n"
        for number, (division, count) in enumerate(
            [("110105", 3), ("110105", 1), ("110102", 2), ("110105", 2), ("110102", 0)]
        )
    )
    cases, as_of = cases_of(text), cases_of(text)[0].as_of
    population = case_population(cases, plan, VOCABULARY)

    setting = Setting(peers=plan.run(population, as_of).peer_tables())

    together = plan.run(population, as_of, setting=setting)
    assert together.output("peers").tolist() == [3, 3, 2, 3, 2]
    assert together.output("place").tolist() == [3, 1, 2, 2, 1]
    # Better than none, two and one of three; better than none and one of two.
    assert together.output("better_than").tolist() == [0, 6666, 0, 3333, 5000]
    for position, case in enumerate(cases):
        alone = plan.run(case_population([case], plan, VOCABULARY), as_of, setting=setting)
        assert case_results(alone, 0) == case_results(together, position)


def test_place_that_rests_on_itself_is_refused() -> None:
    """What is compared among peers cannot come from the comparison."""
    wrong = PEERS.replace("{subtract: [10, violations]}", "{subtract: [10, place]}")

    assert {one.split(":")[2] for one in problems(wrong)} == {"cycle"}


TRANSITION = written("""\
    indicators:
      old_rule:
        records: penalty
        where: {event_date: {before: 2024-01-01}}
        window: {last: {months: 36}}
        measure: count
        unit: penalty
        SOURCE
      new_rule:
        records: penalty
        where: {event_date: {on_or_after: 2024-01-01}}
        window: {last: {months: 12}}
        measure: count
        unit: penalty
        SOURCE
    outputs: {counted: {is: {add: [old_rule, new_rule]}, unit: penalty}}
""")


def test_facts_of_before_keep_their_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """A penalty of 2023 counts for 36 months, one of 2024 for 12, by the day of the fact."""
    records = (
        "records: [{kind: penalty, event_date: 2023-12-31},"
        " {kind: penalty, event_date: 2024-01-01}]"
    )
    cases = cases_of(f"""\
  - name: last day of the new rule's year
    as_of: 2024-12-31
    {records}
    expect: {{counted: 2}}
  - name: the new one has left
    as_of: 2025-01-01
    {records}
    expect: {{counted: 1}}
  - name: the old one stays for its 36 months
    as_of: 2026-12-30
    {records}
    expect: {{counted: 1}}
  - name: and leaves
    as_of: 2026-12-31
    {records}
    expect: {{counted: 0}}
""")

    hold(compiled(TRANSITION), cases, monkeypatch)
