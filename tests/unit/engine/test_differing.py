"""Differences of versions: every part that changed, and no other, in both languages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from services.engine.differing import Change, Difference, differences, same_meaning
from services.engine.language import Version
from services.engine.policy_file import read_policy
from tests.fakes.scoring_policies import GRADE, POLICIES, RATE


def version(text: str) -> Version:
    """Read the first version of a policy."""
    return read_policy(text.lstrip().encode(), "policy.yaml").versions[0]


def compared(old: str, new: str, text: str = GRADE) -> list[Difference]:
    """Compare a policy with one in which something stands otherwise."""
    assert old in text
    return list(differences(version(text), version(text.replace(old, new, 1))))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            "amount: -30",
            "amount: -40",
            [("rules.T-OPEN.amount", Change.CHANGED, "-30", "-40")],
            id="amount",
        ),
        pytest.param(
            "at_least: 0\n",
            "at_least: 10\n",
            [("totals.score.at_least", Change.CHANGED, "0", "10")],
            id="floor",
        ),
        pytest.param(
            "        at_least: 0\n",
            "",
            [("totals.score.at_least", Change.REMOVED, "0", "")],
            id="no-floor",
        ),
        pytest.param(
            "window: {last: {months: 12}}",
            "window: {last: {months: 24}}",
            [
                (
                    "indicators.penalties.window",
                    Change.CHANGED,
                    "form: last, unit: months, length: 12, first: 0, last: 0, day: event_date",
                    "form: last, unit: months, length: 24, first: 0, last: 0, day: event_date",
                )
            ],
            id="window",
        ),
        pytest.param(
            "- {grade: B, when: {score: {at_least: 60}}}",
            "- {grade: B, when: {score: {at_least: 70}}}",
            [
                (
                    "grade.start.2",
                    Change.CHANGED,
                    "grade: B, when: score ≥ 60",
                    "grade: B, when: score ≥ 70",
                )
            ],
            id="band",
        ),
        pytest.param(
            "article: 第五条",
            "article: 第五条第二款",
            [
                (
                    "rules.T-PENALTIES.source",
                    Change.CHANGED,
                    "测试办法 测〔2015〕1号 第五条 (assumed)",
                    "测试办法 测〔2015〕1号 第五条第二款 (assumed)",
                )
            ],
            id="clause-alone",
        ),
    ],
)
def test_a_changed_part_is_found_with_both_values(
    old: str, new: str, expected: list[tuple[str, Change, str, str]]
) -> None:
    """The path, what happened, what stood there and what stands there now."""
    found = [(one.path, one.change, one.old, one.new) for one in compared(old, new)]

    assert found == expected


def test_an_added_and_a_removed_rule_are_told_with_their_wording() -> None:
    """A rule under another name is one removed and one added, each with its clause."""
    found = compared("id: T-DEATHS", "id: T-FATAL")

    assert [(one.path, one.change) for one in found] == [
        ("rules.T-DEATHS", Change.REMOVED),
        ("rules.T-FATAL", Change.ADDED),
    ]
    removed, added = found
    assert removed.sentence.zh.startswith("删除规则T-DEATHS（死亡3人以上暂停评级）")
    assert added.sentence.en.startswith("rule T-FATAL (no grade after three deaths) is added")
    assert (removed.old_source is not None, removed.new_source) == (True, None)
    assert added.new_source is not None
    assert added.new_source.article == "第七条"


def test_a_row_of_a_table_names_its_outputs() -> None:
    """Whoever reads "outputs: 1" cannot know what it is."""
    text = (POLICIES / "cn/accident-level.yaml").read_text(encoding="utf-8")
    row = "- {deaths: {below: 3}, level: 1}"

    (found,) = compared(row, row.replace("1}", "2}"), text)

    assert found.path == "tables.by_deaths.rows.1"
    assert (found.old, found.new) == (
        "cells: deaths < 3, outputs: level: 1",
        "cells: deaths < 3, outputs: level: 2",
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("null", [], id="brought-by-the-next"),
        pytest.param("2025-07-01", ["end_date"], id="said-by-the-file"),
    ],
)
def test_only_an_end_that_a_file_says_is_a_difference(written: str, expected: list[str]) -> None:
    """No text says the day on which the next version happens to begin."""
    before = version(GRADE.replace("end_date: 2025-07-01", f"end_date: {written}", 1))
    ended = replace(before, end_date=date(2025, 7, 1))
    after = version(GRADE.replace("end_date: 2025-07-01", "end_date: null", 1))

    assert [one.path for one in differences(ended, after)] == expected


def test_rules_that_change_places_are_told() -> None:
    """Where the first that holds counts, order is law."""
    first, second = GRADE.index("      - id: T-OPEN"), GRADE.index("      - id: T-DEATHS")
    end = GRADE.index("    grade: &grade")
    swapped = GRADE[:first] + GRADE[second:end] + GRADE[first:second] + GRADE[end:]

    found = differences(version(GRADE), version(swapped))

    assert [(one.path, one.old, one.new) for one in found] == [
        (
            "rules.order",
            "T-PENALTIES, T-OPEN, T-DEATHS",
            "T-PENALTIES, T-DEATHS, T-OPEN",
        )
    ]


def test_places_in_the_file_make_no_difference() -> None:
    """The same text with a comment above says the same."""
    moved = GRADE.replace("    applies:", "    # A comment.\n\n    applies:", 1)

    assert not differences(version(GRADE), version(moved))
    assert same_meaning(version(GRADE), version(moved))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param(lambda text: text.replace("2025-07-01", "2025-06-01", 1), True, id="end"),
        pytest.param(lambda text: text.replace("2015-01-01", "2015-01-02", 1), False, id="start"),
        pytest.param(lambda text: text.replace("-10.5", "-10", 1), False, id="amount"),
    ],
)
def test_a_version_means_the_same_until_its_end(
    change: Callable[[str], str],
    same: bool,  # noqa: FBT001 -- a row of the table.
) -> None:
    """Only the last day may differ: a later publication closes an open end."""
    assert same_meaning(version(GRADE), version(change(GRADE))) is same


def test_arithmetic_is_written_in_signs() -> None:
    """Operations, roundings and tables read without a language."""
    found = compared(
        "{round: {multiply: [base_premium, factor]}, places: 2, rounding: half_up}",
        "{round: {multiply: [base_premium, {add: [factor, 1]}]}, places: 2, rounding: half_up}",
        RATE,
    )

    assert [(one.old, one.new) for one in found] == [
        (
            "round(base_premium × factor, 2, half_up)",
            "round(base_premium × (factor + 1), 2, half_up)",
        )
    ]
