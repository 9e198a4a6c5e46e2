"""Checks before use: seeded wrong policies that each must catch, and right ones that must pass."""

from datetime import date

import pytest

from services.engine.checking import CheckContext, check_policy
from services.engine.instruments import read_instruments
from services.engine.language import Policy
from services.engine.policy_file import read_policy
from tests.unit.engine.test_policies import LADDERS, POLICIES, ROOT, VOCABULARY
from tests.unit.engine.test_policy_file import RIGHT

ENDED = read_instruments((ROOT / "instruments.yaml").read_bytes(), "instruments.yaml")
CONTEXT = CheckContext(
    vocabulary=VOCABULARY, ladders=LADDERS, ended=ENDED, today=date(2026, 11, 22)
)
CHECKED = RIGHT.replace(
    "source: {instrument: 示例办法, confidence: assumed}",
    "source: {instrument: 示例办法, checked_date: 2026-11-21, confidence: assumed}",
).replace("    inputs:\n      headcount: {from: subject, if_missing: 1}\n", "")

SECOND_VERSION = CHECKED[CHECKED.index('  - version: "1"') :].replace(
    'version: "1"', 'version: "2"'
)


def codes(content: str) -> list[str]:
    """Check a policy; give the codes of its problems."""
    policy = read_policy(content.encode(), "policy.yaml")
    return [problem.code for problem in check_policy(policy, CONTEXT)]


def test_right_policy_passes() -> None:
    """The example that the others change has no problem and no warning."""
    assert codes(CHECKED) == []


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_shipped_policy_passes(policy: Policy) -> None:
    """No shipped policy has a problem that keeps it from use."""
    problems = check_policy(policy, CONTEXT)

    assert [str(problem) for problem in problems if not problem.warning] == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param("{at_least: 3}, off", "{at_least: 4}, off", "table-gap", id="gap-in-a-table"),
        pytest.param(
            "{at_least: 3}, off", "{at_least: 2}, off", "table-overlap", id="overlap-in-a-table"
        ),
        pytest.param(
            "          - {serious: {at_least: 3}, off: 30}\n",
            "          - {serious: {at_least: 3}, off: 30}\n"
            "          - {serious: {at_least: 5}, off: 50}\n",
            "dead-row",
            id="row-that-never-counts",
        ),
        pytest.param(
            "- {grade: B, when: true}",
            "- {grade: B, when: {score: {below: 80}}}",
            "grade-gap",
            id="gap-between-grades",
        ),
        pytest.param(
            "        - {grade: B, when: true}\n",
            "        - {grade: B, when: {score: {at_least: 95}}}\n"
            "        - {grade: B, when: true}\n",
            "dead-band",
            id="band-that-never-counts",
        ),
        pytest.param(
            "when: {serious: {at_least: 1}}",
            "when: {serious: {at_least: 5, below: 3}}",
            "never-holds",
            id="rule-that-contradicts-itself",
        ),
        pytest.param(
            "when: {serious: {at_least: 1}}",
            "when: {serious: {below: 0}}",
            "never-holds",
            id="count-below-zero",
        ),
        pytest.param("id: EX-1", "id: EX-1", "", id="no-change"),
        pytest.param(
            "end_date: null", "end_date: 2023-01-01", "time-empty", id="ends-before-it-starts"
        ),
        pytest.param(
            "{instrument: 示例办法, checked_date: 2026-11-21,",
            "{document_number: 安监总办〔2017〕140号, instrument: 旧, checked_date: 2026-11-21,",
            "superseded",
            id="instrument-no-longer-in-force",
        ),
        pytest.param("checked_date: 2026-11-21", "checked_date: 2025-11-22", "stale", id="stale"),
        pytest.param(
            "checked_date: 2026-11-21", "checked_date: 2025-11-23", "", id="not-yet-stale"
        ),
        pytest.param(", checked_date: 2026-11-21", "", "never-checked", id="never-checked"),
        pytest.param(
            "{last: {months: 12}}",
            "{by: severity, months: {minor: 3, general: 12, serious: 36}}",
            "missing-length",
            id="code-left-out-of-a-window",
        ),
        pytest.param(
            "{last: {months: 12}}",
            "{by: severity, months: {unspecified: 0, minor: 3, general: 12, serious: 36}}",
            "",
            id="every-code-has-a-length",
        ),
        pytest.param(
            "- {serious: {at_least: 3}, off: 30}",
            "- {serious: {at_least: 3}, off: 30, source: {instrument: 旧,"
            " document_number: 安监总办〔2017〕140号, article: 一, confidence: assumed}}",
            "superseded",
            id="row-of-an-instrument-no-longer-in-force",
        ),
        pytest.param(
            "    values:\n",
            "    values:\n      spare: {is: 1, unit: point,"
            " source: {article: 一, confidence: assumed}}\n",
            "",
            id="value-for-readers-alone",
        ),
    ],
)
def test_seeded_mistake_is_caught(old: str, new: str, code: str) -> None:
    """One changed part makes the problem that it should, and no other; or none."""
    changed = CHECKED.replace(old, new, 1)

    found = set(codes(changed))

    # A row that never counts also fits where an earlier one does.
    also = {"table-overlap"} if code == "dead-row" else set()
    # Where the only rule that takes points off never holds, everybody has the best grade.
    also |= {"not-searched"} if code == "never-holds" else set()
    assert found == ({code} if code else set()) | also


@pytest.mark.parametrize(
    ("end", "start", "code"),
    [
        pytest.param("2025-01-01", "2025-01-01", "", id="one-follows-the-other"),
        pytest.param("2025-01-02", "2025-01-01", "time-overlap", id="one-day-twice"),
        pytest.param("2024-12-31", "2025-01-01", "time-gap", id="one-day-without"),
        pytest.param("null", "2025-01-01", "time-overlap", id="first-without-an-end"),
    ],
)
def test_versions_follow_each_other(end: str, start: str, code: str) -> None:
    """Versions of a policy leave no day without one and none with two."""
    first = CHECKED.replace("end_date: null", f"end_date: {end}")
    second = SECOND_VERSION.replace("start_date: 2024-01-01", f"start_date: {start}")

    assert codes(first + second) == ([code] if code else [])


def test_two_rules_with_one_name_are_caught() -> None:
    """A reason code stands for one rule."""
    start = CHECKED.index("      - id: EX-1")
    rule = CHECKED[start : CHECKED.index("    grade:\n")]

    assert "duplicate-rule" in codes(CHECKED.replace(rule, rule + rule))


def test_declared_exemption_silences_the_search() -> None:
    """A clause may say that a worse record gives a better result."""
    wrong = CHECKED.replace("{subtract: [0, off]}", "off").replace("start: 100", "start: 85")
    declared = wrong.replace(
        "    indicators:\n",
        "    monotone_exemption:\n      reason: 示例\n      rules: [EX-1]\n"
        "      source: {article: 第九条, confidence: assumed}\n    indicators:\n",
        1,
    )

    assert codes(wrong) == ["not-monotone"]
    assert codes(declared) == []


def test_unused_part_is_a_warning() -> None:
    """What nothing uses is pointed out, and the policy may be used."""
    policy = read_policy(
        RIGHT.replace(
            "confidence: assumed}\n    inputs",
            "checked_date: 2026-11-21, confidence: assumed}\n    inputs",
        ).encode(),
        "policy.yaml",
    )

    problems = check_policy(policy, CONTEXT)

    assert [(problem.code, problem.warning) for problem in problems] == [("unused", True)]
