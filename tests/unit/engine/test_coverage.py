"""Rules, filters and inputs that can never count; shipped policies that are all right."""

import pytest

from services.engine.building import compile_policy
from services.engine.coverage import check_coverage
from services.engine.language import Policy
from tests.unit.engine.covering import BODY, CHILDREN, LESS, TOTALS, codes, rule
from tests.unit.engine.test_policies import LADDERS, POLICIES, VOCABULARY


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_shipped_policies_are_decided(policy: Policy) -> None:
    """Every part of every shipped policy can be decided, and is right."""
    problems = [
        problem
        for version in policy.versions
        for problem in check_coverage(
            policy, compile_policy(policy, version, VOCABULARY, LADDERS), VOCABULARY, LADDERS
        )
    ]

    assert problems == []


@pytest.mark.parametrize(
    ("when", "code"),
    [
        pytest.param("{score: {below: 0}}", "never-holds", id="below-the-floor"),
        pytest.param("{score: {at_most: 0}}", "", id="at-the-floor"),
        pytest.param("{deaths: {below: 0}}", "never-holds", id="sum-below-zero"),
        pytest.param("{any: []}", "never-holds", id="none-of-nothing"),
        pytest.param("{maybe: {known: false}}", "", id="not-known"),
        pytest.param("{points: {known: false}}", "never-holds", id="no-result-without"),
        pytest.param("{points: {below: 0}}", "never-holds", id="not-allowed"),
        pytest.param(
            "{all: [{gravest: {known: true}}, {gravest: {known: false}}]}",
            "never-holds",
            id="known-and-not-known",
        ),
        pytest.param(
            "{maybe: {known: false, at_least: 1}}", "never-holds", id="not-known-and-compared"
        ),
        pytest.param("{not: {maybe: {at_least: 1}}, maybe: {below: 1}}", "", id="below-one"),
        pytest.param(
            "{not: {any: [{maybe: {at_least: 1}}, {maybe: {below: 1}}]}}", "", id="missing-is-false"
        ),
        pytest.param(
            "{not: {any: [{points: {at_least: 1}}, {points: {below: 1}}]}}",
            "never-holds",
            id="never-missing",
        ),
        pytest.param(
            "{counted: {at_least: 5, below: 3}, gravest: {known: true}}",
            "never-holds",
            id="contradiction-beside-what-is-known",
        ),
        pytest.param("{points: {above: limit, below: limit}}", "never-holds", id="both-sides"),
        pytest.param("{points: {above: limit, below: other_limit}}", "", id="two-limits"),
        pytest.param(
            "{fields: {includes_all: [fire, transport], includes_none: [fire]}}",
            "never-holds",
            id="set-with-and-without",
        ),
        pytest.param(
            "{fields: {includes_any: [fire, transport], includes_none: [fire]}}",
            "",
            id="set-with-the-other",
        ),
        pytest.param(
            "{gravest: {above: major, below: extra_major}}", "never-holds", id="no-code-between"
        ),
        pytest.param("{gravest: {above: larger, below: extra_major}}", "", id="code-between"),
    ],
)
def test_rules_that_never_hold(when: str, code: str) -> None:
    """A rule that nothing can make hold is found, whatever else it asks for."""
    body = BODY + TOTALS + LESS + rule("EX-2", when, "set: {duty: training}")

    assert codes(body) == ([code] if code else [])


@pytest.mark.parametrize(
    ("where", "code"),
    [
        pytest.param("{severity: serious, all: [{severity: minor}]}", "never-holds", id="codes"),
        pytest.param("{any: [{severity: serious}, {severity: minor}]}", "", id="one-of-two-codes"),
        pytest.param(
            "{closed_date: {before: 2021-01-01, after: 2022-01-01}}", "never-holds", id="days"
        ),
        pytest.param("{closed_date: {after: 2021-01-01, before: 2022-01-01}}", "", id="days-apart"),
        pytest.param("{any: []}", "never-holds", id="none-of-nothing"),
        pytest.param("{field: own, not: {field: work_safety}}", "never-holds", id="own-field"),
        pytest.param("{field: own, not: {field: fire}}", "", id="not-another-field"),
        pytest.param(
            "{closed_date: {on_or_before: as_of, after: as_of}}", "never-holds", id="day-asked-for"
        ),
        pytest.param("{closed_date: {known: false}}", "", id="not-closed"),
        pytest.param("{event_date: {known: false}}", "never-holds", id="day-of-every-record"),
    ],
)
def test_filters_that_nothing_passes(where: str, code: str) -> None:
    """A filter that contradicts itself is found."""
    body = BODY.replace("where: {severity: serious}", f"where: {where}")

    assert codes(body) == ([code] if code else [])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("", "", "", id="right"),
        pytest.param("{lost: {below: 12}}", "{lost: {below: 11}}", "grade-gap", id="gap"),
        pytest.param("{lost: {at_least: 12}}", "{lost: {above: 12}}", "grade-gap", id="edge"),
        pytest.param("{lost: 0}", "{lost: {below: 0}}", "dead-band", id="dead"),
        pytest.param(
            "where: {grade: {below: good}}",
            "where: {grade: {above: good}}",
            "never-holds",
            id="over",
        ),
        pytest.param(
            "where: {grade: {below: good}}", "where: {grade: {above: barred}}", "", id="over-right"
        ),
        pytest.param("each_period: 0", "each_period: {below: 0}", "never-holds", id="periods"),
        pytest.param(
            "of: persons\n",
            "of: persons\n            where: {severity: minor, not: {severity: minor}}\n",
            "never-holds",
            id="filter-of-a-child",
        ),
    ],
)
def test_children_and_periods(old: str, new: str, code: str) -> None:
    """Ladders, measures and filters of children are checked as those of their subject are."""
    content = CHILDREN.replace(old, new, 1)

    assert (content != CHILDREN) is (old != new)
    assert codes(content) == ([code] if code else [])


def test_what_nobody_can_be_or_say() -> None:
    """A policy for nobody and an input that allows nothing are found."""
    body = BODY + TOTALS

    assert (
        codes("    applies: {kind: production_unit, not: {kind: individual_trader}}\n" + body) == []
    )
    assert codes("    applies: {kind: production_unit, not: {kind: production_unit}}\n" + body) == [
        "never-holds"
    ]
    assert codes(body.replace("{at_least: 0}}\n      free", "{at_most: 0}}\n      free")) == []
    assert codes(
        body.replace("{at_least: 0}}\n      free", "{above: 0, below: 0}}\n      free")
    ) == ["never-holds"]


def test_too_much_to_try_is_a_warning_and_the_rest_is_checked() -> None:
    """What has more combinations than anybody tries is said to be unchecked, alone."""
    count = 14
    names = [f"{letter}{number}" for letter in "xy" for number in range(count)]
    inputs = "".join(
        f"      {name}: {{from: request, unit: point, if_missing: no_data}}\n" for name in names
    )
    # Every pair is a question of its own, and the answers come far apart.
    first = ", ".join(f"{{{name}: 0}}" for name in names)
    pairs = ", ".join(f"{{x{number}: 1, y{number}: 1}}" for number in range(count))
    body = BODY.replace("    inputs:\n", "    inputs:\n" + inputs) + "    rules:\n"
    large = rule("EX-1", f"{{any: [{{all: [{first}]}}, {pairs}]}}", "set: {duty: talk}")
    wrong = rule("EX-2", "{deaths: {below: 0}}", "set: {duty: talk}")

    assert codes(body + large + wrong) == ["?not-checked", "never-holds"]
