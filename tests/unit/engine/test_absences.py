"""A value that may be missing has a word for it, and no missing score is silently the best."""

import pytest

from services.engine.absences import check_absences
from services.engine.building import compile_policy
from services.engine.cases import Case
from services.engine.errors import PolicyRefusedError
from services.engine.policy_file import read_policy
from tests.unit.engine.holding import cases_of, compiled, hold, written
from tests.unit.engine.test_policies import VOCABULARY

RATE = "{divide: [serious, headcount], places: 2, rounding: half_up}"
BODY = """\
    inputs:
      headcount: {from: subject, if_missing: no_data}
      due_date: {from: request, unit: date, if_missing: no_data}
      done_date: {from: request, unit: date, if_missing: no_data}
    indicators:
      serious: {records: violation, window: ever, measure: count, unit: violation, SOURCE}
    values:
      rate: {is: RATE, unit: ratio, SOURCE}
      shown: {is: RATE, unit: ratio, SOURCE}
    totals:
      score: {unit: point, places: 2, start: 100, combine: sum, SOURCE}
    rules:
      - id: EX-1
        when: {rate: {at_least: 0.1}}
        add: {to: score, amount: -60}
        wording: {zh: 例, en: example}
        SOURCE
    grade:
      ladder: [A, C]
      start:
        - {grade: C, when: {score: {below: 60}}}
        - {grade: A, when: true}
      SOURCE
    score: score
    outputs:
      shown: {is: shown, unit: ratio, places: 2}
""".replace("RATE", RATE)
AMOUNT = "{divide: [{multiply: [serious, -60]}, headcount], places: 2, rounding: half_up}"


def places(body: str) -> list[str]:
    """Check a policy; give where it says nothing of what may be missing."""
    policy = read_policy(written(body).encode(), "policy.yaml")
    plan = compile_policy(policy, policy.versions[0], VOCABULARY)
    found = list(check_absences(policy, plan, VOCABULARY))
    assert {one.code for one in found} <= {"missing-if-none"}
    return [f"{one.line}:{one.column}" for one in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("", "", ["19:18"], id="no-word"),
        pytest.param("unit: ratio, SOURCE", "if_none: no_data, unit: ratio, SOURCE", [], id="word"),
        pytest.param("unit: ratio, SOURCE", "if_none: 9.99, unit: ratio, SOURCE", [], id="number"),
        pytest.param("serious, headcount", "serious, 4", [], id="by-a-number"),
        pytest.param("subject, if_missing", "subject, allowed: {at_least: 1}, if_missing", [],
                     id="never-zero"),
        pytest.param("subject, if_missing", "subject, allowed: {at_least: 0}, if_missing",
                     ["19:18"], id="allowed-zero"),
        pytest.param(RATE, f"{{if: {{headcount: 0}}, then: 1, else: {RATE}}}", [], id="guarded"),
        pytest.param(RATE, f"{{if: {{headcount: {{at_least: 1}}}}, then: {RATE}, else: 1}}", [],
                     id="guarded-from-above"),
        pytest.param(RATE, f"{{if: {{headcount: {{at_least: 0}}}}, then: {RATE}, else: 1}}",
                     ["19:57"], id="guarded-wrongly"),
        pytest.param(RATE,
                     f"{{if: {{any: [{{headcount: 0}}, {{serious: 0}}]}}, then: 0, else: {RATE}}}",
                     [], id="guarded-by-any"),
        pytest.param(RATE,
                     f"{{if: {{all: [{{headcount: 0}}, {{serious: 0}}]}}, then: 0, else: {RATE}}}",
                     ["19:77"], id="guarded-by-both-at-once"),
        pytest.param(RATE, "{if: {any: [{headcount: {above: 9}}, {headcount: 1}]}, then: "
                     f"{RATE}, else: 0}}", [], id="guarded-by-either"),
        pytest.param(RATE, "{if: {any: [{headcount: {above: 9}}, {serious: 1}]}, then: "
                     f"{RATE}, else: 0}}", ["19:77"], id="guarded-by-one-of-either"),
        pytest.param("    inputs:\n", "    applies: {headcount: {at_least: 1}}\n    inputs:\n", [],
                     id="applies-to-somebody"),
        pytest.param("    inputs:\n", "    applies: {headcount: {at_least: 0}}\n    inputs:\n",
                     ["20:18"], id="applies-to-nobody-too"),
        pytest.param("when: {rate: {at_least: 0.1}}",
                     "when: {any: [{rate: {known: false}}, {rate: {at_least: 0.1}}]}", [],
                     id="asked-for"),
        pytest.param("when: {rate: {at_least: 0.1}}",
                     "when: {any: [{not: {rate: {known: true}}}, {rate: {at_least: 0.1}}]}", [],
                     id="asked-for-the-other-way-round"),
        pytest.param("when: {rate: {at_least: 0.1}}",
                     "when: {rate: {known: true, at_least: 0.1}}", ["19:18"],
                     id="asked-for-being-known"),
        pytest.param("when: {rate: {at_least: 0.1}}",
                     "when: {rate: {at_least: 0.1}, not: {rate: {known: false}}}", ["19:18"],
                     id="asked-for-not-being-unknown"),
        pytest.param("when: {rate: {at_least: 0.1}}",
                     "when: {headcount: {above: 0}, rate: {at_least: 0.1}}", [],
                     id="counts-where-it-has-one"),
        pytest.param("when: {rate: {at_least: 0.1}}",
                     "when: {headcount: {at_least: 0}, rate: {at_least: 0.1}}", ["19:18"],
                     id="counts-where-it-has-none-too"),
        pytest.param("when: {rate: {at_least: 0.1}}",
                     "when: {any: [{headcount: {above: 0}}, {rate: {at_least: 0.1}}]}", ["19:18"],
                     id="kept-out-on-one-side"),
        pytest.param("when: {rate: {at_least: 0.1}}",
                     "when: {headcount: {above: 0}, not: {rate: {below: 0.1}}}", [],
                     id="turned-round-where-it-has-one"),
        pytest.param("{grade: C, when: {score: {below: 60}}}",
                     "{grade: C, when: {headcount: {above: 0}, rate: {above: 1}}}", ["19:18"],
                     id="kept-out-of-a-band-and-not-of-the-rule"),
        pytest.param("amount: -60}\n        wording",
                     "amount: rate}\n        wording", ["19:18"], id="amount-too"),
        pytest.param("when: {rate: {at_least: 0.1}}\n        add: {to: score, amount: -60}",
                     "when: {headcount: {above: 0}}\n        add: {to: score, amount: rate}", [],
                     id="amount-where-it-has-one"),
        pytest.param("amount: -60",
                     "amount: {if: {rate: {known: true}}, then: -60, else: -100}", [],
                     id="chosen-by"),
        pytest.param("{grade: C, when: {score: {below: 60}}}",
                     "{grade: A, when: {score: {at_least: 60}, rate: {known: true}}}", [],
                     id="asked-for-by-a-band"),
        pytest.param("when: {rate: {at_least: 0.1}}", "when: {serious: {at_least: 1}}", [],
                     id="only-shown"),
        pytest.param(RATE, "{elapsed: days, from: due_date, to: done_date}", ["19:18"],
                     id="time-that-ends-before"),
        pytest.param(RATE, "{elapsed: days, from: due_date}", [], id="time-until-now"),
    ],
)  # fmt: skip
def test_what_may_have_no_value_has_a_word(old: str, new: str, expected: list[str]) -> None:
    """An amount per head has none with nobody employed; a comparison with it would not hold."""
    assert places(BODY.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        pytest.param("combine: sum", ["26:34"], id="sum"),
        pytest.param("combine: weighted_mean, rounding: half_up, if_none: no_data", [], id="mean"),
    ],
)
def test_amount_that_is_worked_out_in_a_rule_has_a_word(combine: str, expected: list[str]) -> None:
    """A sum lacks what one amount lacks; a mean leaves it out."""
    mean = combine != "combine: sum"
    body = BODY.replace("combine: sum", combine).replace("rate: {at_least: 0.1}", "serious: 1")
    body = body.replace("start: 100, ", "" if mean else "start: 100, ")
    body = body.replace("amount: -60", f"amount: {AMOUNT}" + (", weight: 1" if mean else ""))

    assert places(body) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        pytest.param("{serious: 1, headcount: {at_least: 1}}", [], id="rule-of-whoever-has-some"),
        pytest.param("{serious: 1, headcount: {at_least: 0}}", ["26:34"], id="rule-of-everybody"),
        pytest.param("{any: [{serious: 1}, {headcount: {at_least: 1}}]}", ["26:34"], id="either"),
    ],
)
def test_rule_keeps_its_own_amount_from_zero(when: str, expected: list[str]) -> None:
    """Where nobody is employed, a rule for employers costs nothing, and divides nothing."""
    body = BODY.replace("{rate: {at_least: 0.1}}", when).replace("amount: -60", f"amount: {AMOUNT}")

    assert places(body) == expected


def test_mean_leaves_out_what_its_rule_asks_for() -> None:
    """A rule of a weighted mean that does not hold spreads its weight: that is the word for it."""
    mean = "weight: 1}\n        wording"
    body = BODY.replace("start: 100, combine: sum", MEAN).replace(
        "-60}\n        wording", f"-60, {mean}"
    )

    assert places(body.replace("{at_least: 0.1}", "{known: true, at_least: 0.1}", 1)) == []
    assert places(body) == ["19:18"]


MEAN = "combine: weighted_mean, rounding: half_up, if_none: no_data"


@pytest.mark.parametrize(
    ("word", "headcount", "expected"),
    [
        pytest.param("no_data", 0, "{state: no_data}", id="no-result"),
        pytest.param("0.1", 0, "{grade: C, score: 40, rules: [EX-1]}", id="what-stands-in"),
        pytest.param("unknown", 0, "{grade: A, score: 100, rules: []}", id="unknown"),
        pytest.param("0.1", 21, "{grade: A, score: 100, rules: []}", id="with-a-value"),
    ],
)
def test_word_of_a_value_holds_where_it_has_none(
    word: str, headcount: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two violations among nobody are no rate, 0.1 if the file says so; among 21 they are 0.10."""
    body = BODY.replace("unit: ratio, SOURCE", f"if_none: {word}, unit: ratio, SOURCE", 1)
    # Two among 21 are 0.095, which is less than 0.1 before it is rounded.
    body = body.replace("places: 2, rounding: half_up}", "places: 3, rounding: down}", 1)

    hold(compiled(written(body)), _case(headcount, expected), monkeypatch)


@pytest.mark.parametrize(
    ("headcount", "expected"),
    [
        pytest.param(0, "{state: no_data}", id="nobody"),
        pytest.param(3, "{grade: A, score: 60}", id="three"),
        pytest.param(2, "{grade: C, score: 40}", id="two"),
    ],
)
def test_score_without_a_value_gives_no_result(
    headcount: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two violations cost 120 points by heads; by none, nobody can say what, and A is not it."""
    body = BODY.replace("when: {rate: {at_least: 0.1}}", "when: {serious: {at_least: 1}}")
    plan = compiled(written(body.replace("amount: -60", f"amount: {AMOUNT}")))

    hold(plan, _case(headcount, expected), monkeypatch)


def _case(headcount: int, expected: str) -> tuple[Case, ...]:
    return cases_of(f"""\
  - name: two violations
    as_of: 2026-06-01
    subject: {{headcount: {headcount}}}
    inputs: {{due_date: 2026-01-01, done_date: 2026-01-02}}
    records:
      - {{kind: violation, event_date: 2024-05-01, times: 2}}
    expect: {expected}
""")


CHILD = """\
    children:
      drivers:
        each: person
        roster: {records: role, where: {role: driver}, window: {valid_until: end_date}}
        measures:
          lost:
            records: violation
            of: persons
            window: ever
            measure: count
            unit: violation
            SOURCE
          checks:
            records: inspection
            of: persons
            window: ever
            measure: count
            unit: inspection
            SOURCE
        values:
          share: {is: DIVIDED, unit: ratio, SOURCE}
        grade:
          ladder: [good, barred]
          start:
            - {grade: barred, when: {share: {at_least: 0.5}}}
            - {grade: good, when: true}
          SOURCE
        SOURCE
    indicators:
      barred: {over: drivers, where: {grade: barred}, measure: count, unit: person, SOURCE}
    rules:
      - id: EX-1
        when: {barred: {at_least: 1}}
        set: {status: bad}
        wording: {zh: 例, en: example}
        SOURCE
    statuses: [bad]
"""
DIVIDED = "{divide: [lost, checks], places: 2, rounding: half_up}"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param(DIVIDED, ["32:23"], id="no-word"),
        pytest.param(f"{{if: {{checks: 0}}, then: 1, else: {DIVIDED}}}", [], id="chosen"),
    ],
)
def test_value_of_a_child_that_its_bands_compare_has_a_word(
    expression: str, expected: list[str]
) -> None:
    """Who was never inspected has no share, and would be good."""
    assert places(CHILD.replace("DIVIDED", expression)) == expected


def test_child_chooses_instead_of_a_word() -> None:
    """What stands in for a value of a child is written with `if`."""
    body = CHILD.replace("DIVIDED", f"{DIVIDED}, if_none: 1")

    with pytest.raises(PolicyRefusedError, match="choose with 'if' what holds then"):
        read_policy(written(body).encode(), "policy.yaml")
