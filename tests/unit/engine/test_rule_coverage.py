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
