"""Steps that rules leave out: seeded mistakes, and right rules that must pass."""

import pytest

from tests.unit.engine.covering import BODY, TOTALS, codes, ladder, points, rule


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        pytest.param(
            {"{serious: 0}": 100, "{serious: 1}": 80, "{serious: {at_least: 3}}": 40},
            "rule-gap",
            id="nothing-for-two",
        ),
        pytest.param(
            {"{serious: 0}": 100, "{serious: 1}": 80, "{serious: {at_least: 2}}": 40},
            "",
            id="a-step-for-each",
        ),
        pytest.param(
            {"{serious: 1}": -5, "{serious: 2}": 0, "{serious: {at_least: 3}}": -20},
            "",
            id="nothing-on-purpose",
        ),
        pytest.param(
            {"{serious: 1}": 0, "{serious: {at_least: 3}}": 20}, "", id="nothing-for-less-either"
        ),
        pytest.param(
            {"{serious: 0}": 10, "{serious: {at_least: 3}}": -20}, "", id="bonus-and-malus"
        ),
        pytest.param(
            {"{serious: 1}": 10, "{serious: {at_least: 3}}": -20}, "", id="nothing-lies-between"
        ),
        pytest.param(
            {"{serious: 0}": -5, "{serious: {at_least: 3}}": -20}, "", id="too-few-or-many"
        ),
        pytest.param({"{serious: 1}": -5, "{serious: {at_least: 3}}": -20}, "rule-gap", id="malus"),
        pytest.param(
            {
                "{serious: 1}": -5,
                "{serious: 2, deaths: 0}": -10,
                "{serious: {at_least: 3}}": -20,
            },
            "",
            id="step-with-another-condition",
        ),
        pytest.param(
            {"{points: 1}": -5, "{points: {at_least: 3}}": -20}, "", id="no-count-of-records"
        ),
    ],
)
def test_steps_that_rules_leave_out(steps: dict[str, int], code: str) -> None:
    """A count between two steps for which no rule counts is found, unless it lies between."""
    rules = "".join(
        points(f"EX-{number}", when, str(amount))
        for number, (when, amount) in enumerate(steps.items())
    )

    assert codes(BODY + TOTALS + "    rules:\n" + rules) == ([code] if code else [])


def test_vetoes_that_leave_a_step_out() -> None:
    """A veto for one and for three serious violations, and none for two, has a hole."""
    start = BODY + "    rules:\n" + rule("EX-1", "{serious: 1}", "set: {grade: B}")
    right, wrong = (
        start + rule("EX-2", f"{{serious: {{at_least: {least}}}}}", "set: {grade: C}")
        for least in (2, 3)
    )

    assert codes(right + ladder("{points: 0}", "{points: {below: 9}}", "true")) == []
    assert codes(wrong + ladder("{points: 0}", "{points: {below: 9}}", "true")) == ["rule-gap"]


@pytest.mark.parametrize(
    ("when", "effect", "expected"),
    [
        pytest.param("{serious: 2}", "{grade: B}", [], id="for-two-alone"),
        pytest.param("{serious: {at_least: 2}}", "{exactly: B}", [], id="from-two-on"),
        pytest.param("{serious: {at_most: 2}}", "{at_worst: B}", [], id="up-to-two"),
        pytest.param("{serious: {at_least: 1}}", "{grade: B}", ["rule-gap"], id="all-over"),
        pytest.param("{serious: 3}", "{grade: B}", ["rule-gap"], id="for-others"),
    ],
)
def test_step_for_which_a_rule_sets_the_grade_is_none_left_out(
    when: str, effect: str, expected: list[str]
) -> None:
    """One costs 5, three and more 50, and for two there may be a veto instead."""
    rules = points("EX-1", "{serious: 1}", "-5", "score")
    rules += rule("EX-2", when, f"set: {effect}")
    rules += points("EX-3", "{serious: {at_least: 3}}", "-50", "score")
    bands = ladder("{score: {at_least: 90}}", "true")

    found = codes(BODY + TOTALS + "    rules:\n" + rules + bands)

    assert [one for one in found if one == "rule-gap"] == expected
