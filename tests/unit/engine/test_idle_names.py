"""Totals that nothing reads, and values that are worked out for nothing."""

import pytest

from services.engine.errors import Problem
from tests.unit.engine.test_checking_names import (
    ABOVE,
    PACK,
    PART_SOURCE,
    _of_pack,
    changed,
    messages,
    problems,
)
from tests.unit.engine.test_review import CASES, review_of

STEPS = f"      steps: {{unit: step, start: 0, combine: sum, {PART_SOURCE}}}\n"
STEP = f"""\
      - id: EX-2
        when: {{serious: {{at_least: 2}}}}
        add: {{to: steps, amount: 1}}
        wording: {{zh: 降一级, en: one step down}}
        {PART_SOURCE}
"""
ADDED = (
    changed("    rules:\n", STEPS + "    rules:\n")
    .replace("    grade:\n", STEP + "    grade:\n")
    .replace("      start:\n", "READ      start:\n")
)


def unread(text: str) -> list[tuple[str, bool]]:
    """Check a policy; give the codes of what is idle in it, and whether each is a warning."""
    return [(one.code, one.warning) for one in problems(text)]


def value(name: str, expression: str) -> str:
    """Write a value."""
    return f"      {name}: {{is: {expression}, unit: step, {PART_SOURCE}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(ADDED.replace("READ", ""), ["unread-total"], id="grade-forgot-its-steps"),
        pytest.param(ADDED.replace("READ", "      steps_down: steps\n"), [], id="steps-of-it"),
        pytest.param(
            ADDED.replace("READ", "").replace("{score: {at_least: 90}}", "{steps: 0}"),
            [],
            id="compared-in-a-band",
        ),
        pytest.param(
            ADDED.replace("READ", "").replace("amount: {subtract: [0, off]}", "amount: steps"),
            ["unused"],
            id="added-to-another",
        ),
        pytest.param(
            ADDED.replace("READ", "") + "    outputs:\n      steps: {is: steps, unit: step}\n",
            [],
            id="shown-as-an-output",
        ),
        pytest.param(
            ADDED.replace("READ", "").replace("score: score", "score: steps"), [], id="the-score"
        ),
    ],
)
def test_total_that_nothing_reads_is_a_mistake(text: str, expected: list[str]) -> None:
    """One step down from two serious violations on, if anything asks for the steps."""
    found = problems(text)

    assert [one.code for one in found if one.code != "unused"] == [
        code for code in expected if code != "unused"
    ]
    assert not any(one.warning for one in found if one.code == "unread-total")


def test_total_that_nothing_reads_is_told_at_the_total() -> None:
    """Place, the rule that adds, and where it could be read."""
    wrong = ADDED.replace("READ", "")
    line = wrong[: wrong.index("      steps: {unit")].count("\n") + 1

    (message,) = messages(wrong)

    assert message.startswith(
        f"policy.yaml:{line}:14: unread-total: EX-2 adds to 'steps', and nothing reads it:"
    )


def test_total_without_rules_is_unused() -> None:
    """Nothing adds to it either: a leftover, which is a warning as ever."""
    assert unread(changed("    rules:\n", STEPS + "    rules:\n")) == [("unused", True)]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param(value("more", "{add: [serious, 1]}"), [("unused", True)], id="worked-out"),
        pytest.param(value("days_kept", "30"), [], id="number-of-the-text-for-its-readers"),
        pytest.param(
            value("more", "{add: [rest, 1]}") + value("rest", "{add: [serious, 1]}"),
            [("unused", True)],
            id="what-it-uses-is-used",
        ),
    ],
)
def test_value_worked_out_for_nothing_is_warned_of(
    more: str, expected: list[tuple[str, bool]]
) -> None:
    """A number that stands for itself works nothing out."""
    assert unread(changed("    values:\n", "    values:\n" + more)) == expected


def test_value_of_a_pack_is_told_once() -> None:
    """It overrides nothing, and nothing uses it: one slip."""
    found = _of_pack(f"extra: {{is: {{add: [whole, 1]}}, unit: point, {PART_SOURCE}}}")

    assert [one.code for one in found] == ["unused"]


READING = f"""\
    grade:
      ladder: [A, B]
      steps_down: steps
      start:
        - {{grade: A, when: {{score: {{at_least: more}}}}}}
        - {{grade: B, when: true}}
      {PART_SOURCE}
"""


def _together(*, reading: bool) -> list[Problem]:
    """Review a policy with a total and a value that, if anything, the one below it reads."""
    worked_out = ABOVE.replace(
        "    values:\n", f"    values:\n{value('more', '{add: [whole, 1]}')}"
    )
    above = (
        worked_out.replace("unit: step", "unit: point", 1)
        .replace("    rules:\n", STEPS + "    rules:\n")
        .replace("    grade:\n", STEP + "    grade:\n")
    )
    below = PACK.replace("    values:\n      VALUE\n", READING if reading else "")
    files = {
        "cn.example/points.yaml": above,
        "cn.example/points.cases.yaml": CASES,
        "cn.example/pack.yaml": below,
    }
    idle = {"unread-total", "unused"}
    return [one for one in review_of(files).problems if one.code in idle]


def test_what_an_extending_policy_reads_is_read() -> None:
    """The grade below has the steps and the edge; without it nothing has them, above or below."""
    assert _together(reading=True) == []
    assert [(one.code, one.file) for one in _together(reading=False)] == [
        ("unused", "cn.example/points.yaml"),
        ("unread-total", "cn.example/points.yaml"),
    ]
