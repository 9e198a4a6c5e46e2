"""Each construct of the language gives what it says, alone and in a population, on every day."""

import pytest

from services.engine.numbers import MISSING
from services.engine.plan import Plan
from services.engine.population import Population
from tests.unit.engine.holding import cases_of, compiled, hold, lines_of, problems, written


def taken(plan: Plan, as_of: int, place: int, output: str) -> int | None:
    """Give a result of a plan that starts at a place, as another policy takes it in."""
    run = plan.run(Population(1, {}), as_of, {"place": place})
    number = int(run.taken(output, 0))
    return None if number == MISSING else number


SEVERAL_KINDS = written("""\
    indicators:
      marks:
        records: [violation, penalty]
        where: {violation_code: [training, management]}
        window: {last: {months: 12}}
        measure: count
        unit: record
        SOURCE
    rules:
      - id: K-1
        when: {marks: {at_least: 2}}
        set: {duty: retraining}
        wording: {zh: 培训, en: x}
        SOURCE
    outputs: {marks: {is: marks, unit: record}}
""")


def test_several_kinds_are_counted_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A violation and a penalty of the codes named make two marks; a fine for another does not."""
    cases = cases_of("""\
  - name: one of each
    as_of: 2024-06-01
    records:
      - {kind: penalty, event_date: 2024-05-01, violation_code: management}
      - {kind: violation, event_date: 2024-02-01, violation_code: training}
      - {kind: penalty, event_date: 2024-04-01, violation_code: equipment}
    expect: {marks: 2, rules: [K-1]}
  - name: a violation a year ago left on the same day
    as_of: 2024-06-01
    records:
      - {kind: violation, event_date: 2023-06-01, violation_code: training}
      - {kind: penalty, event_date: 2024-05-01, violation_code: training}
    expect: {marks: 1, rules: []}
  - name: nothing at all
    as_of: 2024-06-01
    expect: {marks: 0}
""")
    plan = compiled(SEVERAL_KINDS)

    hold(plan, cases, monkeypatch)

    # Records of both kinds stand behind the line, by event date.
    (line,) = [one for one in lines_of(plan, cases[0]) if one.rule_id == "K-1"]
    assert line.record_ids == (1, 0)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("{violation_code:", "{severity:", "unknown-name", id="not-common-to-both"),
        pytest.param("[violation, penalty]", "[violation, fine]", "unknown-kind", id="kind"),
        pytest.param("[violation, penalty]", "[penalty, penalty]", "record-kinds", id="kind-twice"),
    ],
)
def test_wrong_kinds_are_named(old: str, new: str, code: str) -> None:
    """Several kinds share only what all of them have."""
    assert [one.split(":")[2] for one in problems(SEVERAL_KINDS.replace(old, new))] == [code]


PARAMETERS = written("""\
    indicators:
      serious:
        records: penalty
        where: {fine_fen: {at_least: heavy_fine}}
        window: {last: {months: looked_back}}
        measure: count
        unit: penalty
        SOURCE
    values:
      heavy_fine: {is: 5000000, unit: fen, SOURCE}
      looked_back: {is: 12, unit: month, SOURCE}
      edge: {is: 80, unit: point, SOURCE}
      each: {is: 10, unit: point, SOURCE}
    totals:
      score: {unit: point, start: 100, combine: sum, SOURCE}
    rules:
      - id: P-1
        when: {serious: {at_least: 1}}
        add: {to: score, amount: {multiply: [serious, {subtract: [0, each]}]}}
        wording: {zh: 扣分, en: points off}
        SOURCE
    grade:
      ladder: [A, B]
      start:
        - {grade: A, when: {score: {at_least: edge}}}
        - {grade: B, when: true}
      SOURCE
    score: score
""")
PACK = """\
policy: cn.example.pack
kind: grade
title: {zh: 区级, en: district}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2015-01-01
    end_date: null
    extends: {policy: cn.example.construct, version: "1"}
    source: {instrument: 区办法, confidence: assumed}
    values:
      edge: {is: 95, unit: point, source: {article: 第二条, confidence: text-seen}}
      looked_back: {is: 24, unit: month, source: {article: 第三条, confidence: text-seen}}
"""
PENALISED = """\
    as_of: 2024-06-01
    records:
      - {kind: penalty, event_date: 2024-05-01, fine_fen: 5000000}
      - {kind: penalty, event_date: 2024-05-02, fine_fen: 4999999}
      - {kind: penalty, event_date: 2023-01-01, fine_fen: 9000000}
"""


def test_named_values_are_windows_thresholds_and_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    """One fine of 50,000 within 12 months takes 10 points; 90 points are A from 80 on."""
    cases = cases_of(f"  - name: one\n{PENALISED}    expect: {{grade: A, score: 90}}\n")

    hold(compiled(PARAMETERS), cases, monkeypatch)


def test_pack_overrides_single_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """The district looks back 24 months and asks for 95 points: two fines, 80 points, grade B."""
    plan = compiled(PARAMETERS, PACK)
    cases = cases_of(f"  - name: one\n{PENALISED}    expect: {{grade: B, score: 80}}\n")

    hold(plan, cases, monkeypatch)

    # What is overridden is visible, each with its own source.
    assert plan.version.replaced == ("edge", "looked_back")
    assert plan.version.values["edge"].source.instrument == "区办法"
    assert plan.version.values["each"].source.instrument == "示例办法"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("looked_back: {is: 12,", "looked_back: {is: 1.5,", "not-whole", id="half"),
        pytest.param("months: looked_back", "months: lookback", "not-whole", id="no-such-value"),
        pytest.param(
            "looked_back: {is: 12,",
            "looked_back: {is: {add: [each, 2]},",
            "not-whole",
            id="worked-out",
        ),
        pytest.param("at_least: heavy_fine", "at_least: heavy", "unknown-name", id="threshold"),
    ],
)
def test_wrong_parameter_is_named(old: str, new: str, code: str) -> None:
    """A length must be a whole number that the file writes."""
    found = [one.split(":")[2] for one in problems(PARAMETERS.replace(old, new, 1))]

    assert found == [code]


def test_pack_with_another_unit_is_refused() -> None:
    """A value in days for one in months is a slip of the pen."""
    wrong = PACK.replace("{is: 24, unit: month", "{is: 24, unit: day")

    assert problems(PARAMETERS, wrong) == ["1.yaml:15:unit-changed"]


OWN_FIELD = """\
    applies: {fields: {includes_any: [own]}}
    inputs:
      fields: {from: subject, if_missing: no_data}
    indicators:
      found:
        records: violation
        where: {field: own}
        window: ever
        measure: count
        unit: violation
        SOURCE
    outputs: {found: {is: found, unit: violation}}
"""


@pytest.mark.parametrize(("field", "found"), [("fire", 1), ("transport", 2)])
def test_own_field_is_that_of_the_policy(
    field: str, found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One text counts fire's records in a policy of fire, and transport's in one of transport."""
    cases = cases_of(f"""\
  - name: one of fire and two of transport
    as_of: 2024-06-01
    subject: {{fields: [fire, transport]}}
    records:
      - {{kind: violation, event_date: 2024-05-01, field: fire}}
      - {{kind: violation, event_date: 2024-05-01, field: transport, times: 2}}
    expect: {{found: {found}}}
  - name: supervised in another field
    as_of: 2024-06-01
    subject: {{fields: [work_safety]}}
    expect: {{state: not_applicable}}
""")

    hold(compiled(written(OWN_FIELD, field)), cases, monkeypatch)


def test_policy_of_every_field_has_no_own() -> None:
    """Where a policy is for every field, `own` says nothing."""
    found = problems(written(OWN_FIELD, "all"))

    assert {one.split(":")[2] for one in found} == {"unknown-code"}


PERSONS = written("""\
    indicators:
      of_principals:
        records: penalty
        of: persons
        where: {roles: {includes_any: [principal, safety_deputy]}}
        window: {last: {years: 3}}
        measure: count
        unit: penalty
        SOURCE
      before_merger:
        records: accident
        of: predecessors
        where: {succession: merged}
        window: ever
        measure: {sum: deaths}
        unit: person
        SOURCE
      own:
        records: penalty
        window: ever
        measure: count
        unit: penalty
        SOURCE
    outputs:
      of_principals: {is: of_principals, unit: penalty}
      before_merger: {is: before_merger, unit: person}
      own: {is: own, unit: penalty}
""")


def test_records_of_persons_and_predecessors_count_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A principal's penalty is not the enterprise's; a manager's is not a principal's."""
    cases = cases_of("""\
  - name: one of everything
    as_of: 2024-06-01
    records:
      - {kind: penalty, of: persons, event_date: 2021-06-02, roles: [principal, technical_head]}
      - {kind: penalty, of: persons, event_date: 2021-06-01, roles: [principal]}
      - {kind: penalty, of: persons, event_date: 2024-01-01, roles: [safety_manager]}
      - {kind: penalty, event_date: 2024-01-01}
      - {kind: accident, of: predecessors, event_date: 2020-01-01, succession: merged, deaths: 2}
      - {kind: accident, of: predecessors, event_date: 2020-01-01, succession: split, deaths: 5}
      - {kind: accident, event_date: 2020-01-01, deaths: 7}
    expect: {of_principals: 1, before_merger: 2, own: 1}
""")

    hold(compiled(PERSONS), cases, monkeypatch)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("of: persons", "of: people", "unknown-relation", id="relation"),
        pytest.param("        of: persons\n", "", "unknown-name", id="roles-without-persons"),
        pytest.param("principal, safety", "chief, safety", "unknown-code", id="role"),
    ],
)
def test_wrong_relation_is_named(old: str, new: str, code: str) -> None:
    """A relation and what it says are words of the vocabulary."""
    found = [one.split(":")[2] for one in problems(PERSONS.replace(old, new, 1))]

    assert found == [code]


JOINED = written("""\
    indicators:
      late_days:
        records: rectification
        where: {outcome: accepted, target_level: major}
        window: ever
        measure: {sum: {elapsed: days, from: target_due_date, to: event_date}}
        unit: day
        SOURCE
      fatal_fines:
        records: penalty
        where: {accident_level: {at_least: larger}, accident_liability: liable}
        window: ever
        measure: {sum: fine_fen}
        unit: fen
        SOURCE
      unjoined:
        records: penalty
        where: {accident_level: {known: false}}
        window: ever
        measure: count
        unit: penalty
        SOURCE
    outputs:
      late_days: {is: late_days, unit: day}
      fatal_fines: {is: fatal_fines, unit: fen}
      unjoined: {is: unjoined, unit: penalty}
""")


def test_record_says_what_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten days late counts, five days early is no lateness; a fine joins its accident."""
    cases = cases_of("""\
  - name: late, early, and two fines
    as_of: 2024-06-01
    records:
      - {kind: rectification, event_date: 2024-03-11, outcome: accepted, target_level: major, target_due_date: 2024-03-01}
      - {kind: rectification, event_date: 2024-03-11, outcome: accepted, target_level: major, target_due_date: 2024-03-16}
      - {kind: rectification, event_date: 2024-03-11, outcome: accepted, target_severity: serious}
      - {kind: penalty, event_date: 2024-03-11, fine_fen: 7, accident_level: larger, accident_liability: liable}
      - {kind: penalty, event_date: 2024-03-11, fine_fen: 9, accident_level: general, accident_liability: liable}
      - {kind: penalty, event_date: 2024-03-11, fine_fen: 11}
    expect: {late_days: 10, fatal_fines: 7, unjoined: 1}
""")  # noqa: E501 -- a row or case a line.

    hold(compiled(JOINED), cases, monkeypatch)


OTHER = """\
policy: cn.example.other
kind: grade
title: {zh: 示例, en: example}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2015-01-01
    end_date: null
    source: {instrument: 示例办法, confidence: assumed}
    inputs: {place: {from: request, unit: place, if_missing: no_data}}
    rules:
      - id: O-1
        when: {place: {at_least: 9}}
        set: {status: cancelled}
        wording: {zh: 取消, en: cancelled}
        source: {article: 第一条, confidence: assumed}
    grade:
      ladder: [A, B, C]
      start: place
      beyond: fallen
      source: {article: 第一条, confidence: assumed}
"""
WORDS = written("""\
    inputs:
      grade: {from: policy, policy: cn.example.other, output: grade, if_missing: unknown}
      word: {from: policy, policy: cn.example.other, output: status_word, if_missing: unknown}
    rules:
      - id: W-GOOD
        when: {grade: {at_least: B}}
        set: {duty: good}
        wording: {zh: 好, en: good}
        SOURCE
      - id: W-WORSE
        when: {grade: {below: B}}
        set: {duty: bad}
        wording: {zh: 差, en: bad}
        SOURCE
      - id: W-OUT
        when: {word: [cancelled, fallen]}
        set: {duty: out}
        wording: {zh: 出, en: out}
        SOURCE
      - id: W-NONE
        when: {word: none}
        set: {duty: none}
        wording: {zh: 无, en: none}
        SOURCE
""")


def test_grades_and_statuses_of_another_policy_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    """At least B is B or better; below B is worse; a status is a word, `none` without one."""
    cases = cases_of("""\
  - {name: A, as_of: 2024-06-01, inputs: {grade: A, word: none}, expect: {rules: [W-GOOD, W-NONE]}}
  - {name: B, as_of: 2024-06-01, inputs: {grade: B, word: none}, expect: {rules: [W-GOOD, W-NONE]}}
  - {name: C, as_of: 2024-06-01, inputs: {grade: C, word: none}, expect: {rules: [W-NONE, W-WORSE]}}
  - {name: out, as_of: 2024-06-01, inputs: {word: cancelled}, expect: {rules: [W-OUT]}}
  - {name: off the ladder, as_of: 2024-06-01, inputs: {word: fallen}, expect: {rules: [W-OUT]}}
  - {name: nobody knows, as_of: 2024-06-01, expect: {rules: []}}
""")

    hold(compiled(OTHER, WORDS), cases, monkeypatch)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param("grade", [1, None, None], id="grade"),
        pytest.param("place", [1, None, None], id="place"),
        pytest.param("status_word", [0, 2, 1], id="word"),
        pytest.param("status", [0, 0, 0], id="candidate-of-a-list"),
    ],
)
def test_results_are_taken_in_by_word(output: str, expected: list[int | None]) -> None:
    """A grade, a fall off the ladder and a status, as another policy takes them in."""
    plan = compiled(OTHER)
    (case,) = cases_of("  - {name: any, as_of: 2024-06-01, expect: {}}\n")

    found = [taken(plan, case.as_of, place, output) for place in (1, 4, 9)]

    assert found == expected


DAYS = written("""\
    inputs:
      applied_date: {from: request, unit: date, if_missing: unknown}
      founding_date: {from: subject, if_missing: unknown}
    indicators:
      last_penalty:
        records: penalty
        window: ever
        measure: last_day
        if_none: founding_date
        unit: date
        SOURCE
    rules:
      - id: D-1
        when: {applied_date: {on_or_after: free_date}}
        set: {duty: examine}
        wording: {zh: 审查, en: examine}
        SOURCE
    values:
      free_date: {is: {day: last_penalty, years: 3}, unit: date, SOURCE}
    outputs:
      free_date: {is: free_date, unit: date}
""")


def test_days_are_given_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three years after the last penalty, or after the founding, an application is examined."""
    cases = cases_of("""\
  - name: on the day
    as_of: 2024-06-01
    inputs: {applied_date: 2024-05-31}
    records: [{kind: penalty, event_date: 2021-05-31}]
    expect: {free_date: 2024-05-31, rules: [D-1]}
  - name: a day too early
    as_of: 2024-06-01
    inputs: {applied_date: 2024-05-30}
    records: [{kind: penalty, event_date: 2021-05-31}]
    expect: {free_date: 2024-05-31, rules: []}
  - name: no penalty, founded on a leap day
    as_of: 2024-06-01
    subject: {founding_date: 2020-02-29}
    expect: {free_date: 2023-02-28, rules: []}
""")

    hold(compiled(DAYS), cases, monkeypatch)


def test_day_is_shown_as_a_day_only() -> None:
    """A day shown with another unit, or a number as a date, is refused."""
    wrong = DAYS.replace("{is: free_date, unit: date}", "{is: free_date, unit: day}")

    assert [one.split(":")[2] for one in problems(wrong)] == ["type"]
