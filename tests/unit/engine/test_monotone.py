"""The search for records that improve a result: what it must find, where, and in which words."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from services.engine.building import compile_policy
from services.engine.comparing import Compared, laid_outputs
from services.engine.days import day_number
from services.engine.language import Literal, Operation, Policy
from services.engine.monotone import search
from services.engine.monotone_problems import check_monotone
from services.engine.policy_file import read_policy
from tests.unit.engine.test_policies import LADDERS, POLICIES, VOCABULARY

SOURCE: Final = "source: {article: 第一条, confidence: assumed}"
WORDING: Final = "wording: {zh: 示例, en: example}"

HEAD: Final = """policy: cn.example.x
kind: KIND
title: {zh: 示例, en: example}
documentation: An example.
field: work_safety
division: "110105"
versions:
  - version: "1"
    start_date: 2020-01-01
    end_date: null
    source: {instrument: 示例办法, checked_date: 2026-11-21, confidence: assumed}
"""

SERIOUS: Final = """    indicators:
      n:
        records: violation
        where: {severity: serious}
        window: {last: {months: 12}}
        measure: count
        unit: violation
        SOURCE
"""

POINTS: Final = """    totals:
      score: {unit: point, start: 100, combine: sum, at_least: 0, at_most: 100, SOURCE}
    rules:
      - id: OFF
        when: {n: {at_least: 1}}
        add: {to: score, amount: {multiply: [n, -10]}}
        WORDING
        SOURCE
      - id: EX
        when: WHEN
        set: EFFECT
        WORDING
        SOURCE
    grade:
      ladder: [A, B, C]
      start:
        - {grade: A, when: {score: {at_least: 90}}}
        - {grade: B, when: {score: {at_least: 60}}}
        - {grade: C, when: true}
      beyond: clamp
      SOURCE
    score: score
"""

CLEAN_RUN: Final = """      years:
        records: violation
        window: {calendar: year, first: -3, last_period: -1}
        measure: {consecutive: count, each_period: {at_least: 5}}
        unit: year
        SOURCE
"""

DEATHS: Final = """      deaths:
        records: accident
        window: {last: {years: 5}}
        measure: {sum: deaths}
        unit: person
        SOURCE
"""

KINDS: Final = """      kinds:
        records: violation
        window: ever
        measure: {distinct: violation_code}
        unit: kind
        SOURCE
"""

BONUS: Final = """    inputs:
      asked: INPUT
    indicators:
      p:
        records: penalty
        window: {last: {years: 3}}
        measure: count
        unit: penalty
        SOURCE
    rules:
      - id: L-1
        when: {p: {at_least: LEAST}, asked: VALUE}
        set: {status: candidate}
        WORDING
        SOURCE
"""

RATE: Final = """    indicators:
      n:
        records: accident
        window: {calendar: year, first: -1}
        measure: count
        unit: accident
        SOURCE
    values:
      lowered:
        is: {if: {n: {at_least: 6}}, then: 0.9, else: 1}
        unit: ratio
        SOURCE
    outputs:
      OUTPUT
"""


def policy_of(body: str, kind: str = "grade") -> Policy:
    """Read a policy of one version."""
    text = HEAD.replace("KIND", kind) + body.replace("SOURCE", SOURCE).replace("WORDING", WORDING)
    return read_policy(text.encode(), "x.yaml")


def placed(policy: Policy) -> list[tuple[str, int, str]]:
    """Search a policy; give code, line and message of each problem."""
    plan = compile_policy(policy, policy.versions[0], VOCABULARY, LADDERS)
    problems = check_monotone(policy, plan, VOCABULARY, ladders=LADDERS)
    return [(problem.code, problem.line, problem.message) for problem in problems]


def codes(policy: Policy) -> list[str]:
    """Search a policy; give the codes of its problems."""
    return [code for code, _, _ in placed(policy)]


def graded(when: str, effect: str, indicators: str = "") -> Policy:
    """Make a grade policy with one rule more than ten points off for a serious violation."""
    return policy_of(SERIOUS + indicators + POINTS.replace("WHEN", when).replace("EFFECT", effect))


@pytest.mark.parametrize("number", [3, 4, 6, 9, 13, 40, 150])
def test_the_best_grade_from_any_number_of_violations_on_is_found(number: int) -> None:
    """Whatever the number: with 10 points off for each it is B from two on and C from five on."""
    wrong = graded(f"{{n: {{at_least: {number}}}}}", "{exactly: A}")
    right = graded(f"{{n: {{at_least: {number}}}}}", "{grade: C}")

    assert codes(wrong) == ["not-monotone"]
    assert codes(right) == []


def test_what_lifts_nobody_is_right() -> None:
    """One violation leaves A; that exactly two still are A makes nobody better than one does."""
    assert codes(graded("{n: 2}", "{exactly: A}")) == []
    assert codes(graded("{n: 3}", "{exactly: A}")) == ["not-monotone"]


@pytest.mark.parametrize(
    ("when", "effect", "indicators"),
    [
        pytest.param("{n: {at_least: 5}}", "{at_worst: A}", "", id="at-worst"),
        pytest.param("{n: {at_least: 2, at_most: 3}}", "{grade: C}", "", id="cap-that-goes"),
        pytest.param("{years: {at_least: 2}}", "{exactly: A}", CLEAN_RUN, id="by-period"),
        pytest.param("{years: {at_least: 3}}", "{exactly: A}", CLEAN_RUN, id="every-period"),
        pytest.param("{deaths: {at_least: 30}}", "{exactly: A}", DEATHS, id="sum"),
        pytest.param("{kinds: {at_least: 7}}", "{exactly: A}", KINDS, id="distinct"),
        pytest.param(
            "{n: {at_least: 6}, deaths: {at_least: 10}}", "{exactly: A}", DEATHS, id="two-at-once"
        ),
    ],
)
def test_thresholds_of_every_measure_are_reached(when: str, effect: str, indicators: str) -> None:
    """In windows and by period, for counts, sums and distinct codes."""
    used = indicators or KINDS

    assert codes(graded(when, effect, used)) == ["not-monotone"]
    assert codes(graded(when.replace("2, at_most: 3", "2"), "{grade: C}", used)) == []


@pytest.mark.parametrize("number", [2, 7])
def test_numbers_of_child_subjects_are_reached(number: int) -> None:
    """Several sites with a hazard each lift the grade: the copies of a record go to other sites."""
    body = (
        SERIOUS
        + """      bad_sites: {over: sites, measure: count, unit: site, SOURCE}
    children:
      sites:
        each: site_number
        roster: {records: hazard, window: ever}
        unnamed: left_out
        SOURCE
"""
        + POINTS
    )
    body = body.replace("WHEN", f"{{bad_sites: {{at_least: {number}}}}}")

    assert codes(policy_of(body.replace("EFFECT", "{exactly: A}"))) == ["not-monotone"]
    assert codes(policy_of(body.replace("EFFECT", "{grade: C}"))) == []


def test_a_band_of_the_ladder_is_an_edge() -> None:
    """A grade that starts from eight violations on is better than the one before it."""
    body = SERIOUS + POINTS.replace("WHEN", "{n: {at_least: 99}}").replace("EFFECT", "{grade: C}")
    wrong = body.replace("{score: {at_least: 90}}", "{n: {at_least: 8}}")
    right = body.replace("{score: {at_least: 90}}", "{n: {at_most: 0}}")
    line = 1 + HEAD.count("\n") + body[: body.index("- {grade: A")].count("\n")

    assert [one[:2] for one in placed(policy_of(wrong))] == [("not-monotone", line)]
    assert codes(policy_of(right)) == []


def test_a_row_of_a_table_is_named() -> None:
    """95 points from seven violations on, where fewer have 50: the second row improves."""
    body = (
        SERIOUS
        + """    tables:
      points:
        keys: [n]
        outputs: {p: point}
        rows:
          - {n: {below: 7}, p: 50}
          - {n: {at_least: 7}, p: 95}
        otherwise: no_data
        SOURCE
    values:
      score: {is: {lookup: points}, unit: point, SOURCE}
"""
        + POINTS[POINTS.index("    grade:") :]
    )
    line = 1 + HEAD.count("\n") + body[: body.index("- {n: {at_least: 7}")].count("\n")

    assert [one[:2] for one in placed(policy_of(body))] == [("not-monotone", line)]
    assert codes(policy_of(body.replace("p: 50", "p: 96").replace("p: 95", "p: 80"))) == []


@pytest.mark.parametrize(
    ("given", "value"),
    [
        pytest.param(
            "{from: request, unit: truth, if_missing: no_data, allowed: {in: [0, 1]}}",
            "1",
            id="request",
        ),
        pytest.param(
            "{from: request, unit: CNY, places: 2, if_missing: no_data,"
            " allowed: {at_least: 7000.5, at_most: 9000}}",
            "{at_least: 8999.99}",
            id="at-the-edge-of-what-is-allowed",
        ),
        pytest.param("{from: request, codes: severity, if_missing: no_data}", "serious", id="code"),
        pytest.param(
            "{from: policy, policy: cn.beijing.grade.work-safety, output: grade,"
            " if_missing: no_data}",
            "{at_least: B}",
            id="grade-of-another-policy",
        ),
        pytest.param(
            "{from: last_period, period: year, back: 1, output: status, unit: truth,"
            " if_missing: no_data}",
            "1",
            id="last-period",
        ),
        pytest.param(
            "{from: peers, attribute: rank, of: p, among: [], if_missing: no_data}",
            "{at_least: 1}",
            id="place-among-peers",
        ),
    ],
)
def test_inputs_without_which_there_is_no_result_are_drawn(given: str, value: str) -> None:
    """A redlist that admits the penalised is found, whatever the caller has to tell."""
    body = BONUS.replace("INPUT", given).replace("VALUE", value)
    wrong = policy_of(body.replace("{at_least: LEAST}", "{at_least: 5}"), "list\nlist: redlist")
    right = policy_of(body.replace("{at_least: LEAST}", "{at_most: 5}"), "list\nlist: redlist")

    assert codes(wrong) == ["not-monotone"]
    assert codes(right) == []


def test_rules_of_many_parts_are_met() -> None:
    """Twelve answers must all be 7 before a penalty admits; chance alone never gives that."""
    names = [f"asked_{number}" for number in range(12)]
    given = "{from: request, unit: point, if_missing: no_data, allowed: {at_least: 0}}"
    body = BONUS.replace("      asked: INPUT\n", "".join(f"      {n}: {given}\n" for n in names))
    body = body.replace("LEAST}, asked: VALUE", "3}, " + ", ".join(f"{n}: 7" for n in names))

    assert codes(policy_of(body, "list\nlist: redlist")) == ["not-monotone"]


@pytest.mark.parametrize(
    ("output", "code"),
    [
        pytest.param("rate: {is: lowered, unit: percent, places: 2}", "not-monotone", id="rate"),
        pytest.param("x: {is: lowered, unit: ratio, places: 2}", "not-monotone", id="ratio"),
        pytest.param("x: {is: lowered, unit: per mille, places: 2}", "not-monotone", id="mille"),
        pytest.param("x: {is: lowered, unit: CNY, places: 2}", "not-monotone", id="money"),
        pytest.param("x: {is: lowered, unit: hundredth, places: 2}", "not-monotone", id="share"),
        pytest.param(
            "x: {is: lowered, unit: CNY per person, places: 2}", "not-monotone", id="by-head"
        ),
        pytest.param("x: {is: lowered, unit: inspection, places: 2}", "missing-direction", id="no"),
        pytest.param(
            "x: {is: lowered, unit: point, places: 2, better: less}", "not-monotone", id="said"
        ),
        pytest.param(
            "x: {is: lowered, unit: CNY, places: 2, better: more}", "not-monotone", id="no-clause"
        ),
    ],
)
def test_what_somebody_pays_is_compared_by_its_unit(output: str, code: str) -> None:
    """Any output of a rate policy in money, or of a rate, counts, whatever it is called."""
    policy = policy_of(RATE.replace("OUTPUT", output), "rate\ninsurance: work_safety_liability")

    assert codes(policy) == ([code] if code else [])


def test_outputs_that_are_paid_are_told_by_their_units() -> None:
    """Those of the work-injury float: the step, the rate and the premium."""
    policy = POLICIES["cn.unnamed.work-injury-float"]
    plan = compile_policy(policy, policy.versions[0], VOCABULARY, LADDERS)

    assert laid_outputs(plan, "rate") == {"step": "less", "rate": "less", "premium": "less"}


def test_a_search_that_never_had_a_result_is_reported() -> None:
    """No number is allowed, so nobody has a result and nothing was tried; a warning says so."""
    given = "{from: request, unit: point, if_missing: no_data, allowed: {below: 0, above: 0}}"
    body = BONUS.replace("VALUE", "1").replace("LEAST", "1")
    policy = policy_of(body.replace("INPUT", given), "list\nlist: redlist")
    plan = compile_policy(policy, policy.versions[0], VOCABULARY, LADDERS)

    problems = list(check_monotone(policy, plan, VOCABULARY))

    assert [(one.code, one.warning) for one in problems] == [("not-searched", True)]
    assert "only 0 had one" in problems[0].message
    assert "lack 'asked'" in problems[0].message


def test_numbers_beyond_64_bits_are_reported() -> None:
    """A value that the numbers drawn make too large stops the search, and the file says where."""
    body = RATE.replace("OUTPUT", "x: {is: lowered, unit: ratio, places: 2}").replace(
        "then: 0.9, else: 1",
        "then: 0.9, else: {multiply: [n, 4000000000000000000, 9]}",
    )

    assert codes(policy_of(body, "rate\ninsurance: work_safety_liability")) == ["not-searched"]


def test_the_message_is_in_words_at_the_rule() -> None:
    """Days, code words with their Chinese, and grades; the line is that of the rule."""
    policy = graded("{n: {at_least: 6}}", "{exactly: A}")
    text = HEAD + SERIOUS + POINTS
    line = 1 + text[: text.index("- id: EX")].count("\n")

    ((code, at, message),) = placed(policy)

    assert (code, at) == ("not-monotone", line)
    assert message.startswith("EX: one more violation 违法行为 (20")
    assert "severity 情节: serious 严重" in message
    assert "grade C → grade A" in message
    assert "× violation" in message
    assert "rank" not in message
    assert "=" not in message


def test_the_case_is_as_small_as_it_can_be() -> None:
    """What improves a premium by itself needs no other record."""
    body = RATE.replace("at_least: 6", "at_least: 1").replace(
        "OUTPUT", "x: {is: lowered, unit: CNY, places: 2}"
    )

    ((_, _, message),) = placed(policy_of(body, "rate\ninsurance: work_safety_liability"))

    assert "x 1.00 → 0.90 CNY; before, there was no record;" in message


@pytest.mark.parametrize("rule_id", ["BJ-VIOLATIONS", "BJ-PENALTIES", "BJ-ACCIDENTS"])
def test_a_slip_of_the_sign_in_a_shipped_grade_is_found(rule_id: str) -> None:
    """Points added instead of taken off lift a grade only near a band, and nothing else caps it."""
    policy = POLICIES["cn.beijing.grade.work-safety"]
    version = policy.versions[0]
    rules = tuple(
        replace(rule, amount=Operation("subtract", (Literal(0, (1, 1)), rule.amount), (1, 1)))
        if rule.id == rule_id and rule.amount is not None
        else rule
        for rule in version.rules
    )
    wrong = replace(policy, versions=(replace(version, rules=rules),))
    (line,) = [rule.place[0] for rule in version.rules if rule.id == rule_id]

    assert [one[:2] for one in placed(wrong)] == [("not-monotone", line)]
    assert codes(policy) == []


def test_a_search_gives_the_same_again() -> None:
    """The draw has one seed."""
    policy = graded("{n: {at_least: 6}}", "{exactly: A}")

    assert placed(policy) == placed(policy)


@pytest.mark.parametrize(
    "policy_id",
    [
        "cn.joint-incentive-list",
        "cn.beijing.joint-incentive-list",
        "cn.beijing.chaoyang.joint-incentive-list",
        "cn.standardisation-score",
    ],
)
def test_shipped_policies_that_ask_for_much_are_searched(policy_id: str) -> None:
    """More than nine in ten of the enterprises drawn have a result with and without the record."""
    policy = POLICIES[policy_id]
    version = policy.versions[0]
    plan = compile_policy(policy, version, VOCABULARY, LADDERS)
    as_of = day_number(max(version.start_date, date(2022, 1, 1)))

    compared = Compared({}, favourable=policy.favourable)
    done = search(plan, VOCABULARY, as_of, compared=compared)

    assert done.improvement is None
    assert done.drawn > 5000
    assert done.settled > 0.9 * done.drawn


@pytest.mark.parametrize(
    ("amount", "found"),
    [
        pytest.param("{subtract: [{multiply: [n, 20]}, {multiply: [n, 5]}]}", ["not-searched"],
                     id="more-for-each"),
        pytest.param("{subtract: [{multiply: [n, 5]}, {multiply: [n, 20]}]}", [], id="less"),
    ],
)  # fmt: skip
def test_scheme_by_which_everybody_is_the_best_is_pointed_out(
    amount: str, found: list[str]
) -> None:
    """From 100 points 15 for each violation lead nowhere but to A: nothing could improve."""
    body = POINTS.replace("{multiply: [n, -10]}", amount).replace("WHEN", "{n: {at_least: 1}}")

    assert codes(policy_of(SERIOUS + body.replace("EFFECT", "{at_worst: C}"))) == found
