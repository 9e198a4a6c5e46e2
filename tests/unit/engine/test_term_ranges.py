"""Terms within a range that the deciding authority chooses from: what they may say."""

import pytest

from services.engine.errors import PolicyRefusedError
from services.engine.policy_file import read_policy
from services.engine.writing import written
from tests.fakes.list_policies import SEVERAL
from tests.unit.engine.test_schema import VALIDATOR, parsed
from tests.unit.engine.test_term_file import found

RANGED = SEVERAL.replace(
    "      term: {value: 1, unit: year, source: {article: 第十三条, confidence: assumed}}\n",
    """\
      term:
        value: 1
        to: 3
        unit: year
        source: {article: 第十三条, confidence: text-seen}
        by:
          - rules: [TS-MINOR]
            value: 6
            to: 12
            unit: month
            source: {article: 第十三条第二项, confidence: text-seen}
        combine: max
""",
).replace(
    "      repeat_term: {value: 3, unit: year, source: {article: 第十四条, confidence: assumed}}\n",
    """\
      repeat_term:
        value: 3
        unit: year
        source: {article: 第十四条, confidence: text-seen}
        by:
          - rules: [TS-MINOR]
            listing: 2
            value: 1
            to: 2
            unit: year
            source: {article: 第十四条第一款, confidence: text-seen}
        combine: max
""",
)
"""One to three years, of a minor one six to twelve months; again three years, or one to two."""


def test_ranges_are_read_and_right() -> None:
    """Least and greatest of the clause and of each row; an editor takes them as right."""
    (version,) = read_policy(RANGED.encode(), "policy.yaml").versions
    term, again = version.procedure["term"], version.procedure["repeat_term"]

    assert (term.value, term.to, again.value, again.to) == (1, 3, 3, None)
    assert [(row.value, row.to) for row in (*term.by, *again.by)] == [(6, 12), (1, 2)]
    assert found(RANGED) == []
    assert [one.message for one in VALIDATOR.iter_errors(parsed(RANGED))] == []


def test_range_is_written_out_with_both_ends() -> None:
    """Who compares two versions sees least and greatest."""
    (version,) = read_policy(RANGED.encode(), "policy.yaml").versions

    assert written(version.procedure["term"].by[0]) == "TS-MINOR → 6–12 month"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("        to: 3\n", "        to: 1\n", "1 clause-value", id="one-to-one"),
        pytest.param(
            "            to: 12\n", "            to: 5\n", "6 clause-value", id="downwards"
        ),
        pytest.param("            to: 12\n", "            to: 7\n", "", id="just-upwards"),
        pytest.param(
            "combine: max\n", "combine: max\n        at_most: 1\n", "1 clause-value", id="cut-off"
        ),
        pytest.param("combine: max\n", "combine: max\n        at_most: 2\n", "", id="cut-in-part"),
        pytest.param(
            "combine: max\n", "combine: max\n        at_least: 1\n", "6 clause-value", id="lifted"
        ),
        pytest.param(
            "combine: max\n", "combine: sum\n        at_least: 1\n", "", id="sum-reaches-above-it"
        ),
        pytest.param(
            "combine: max\n",
            "combine: sum\n        at_most: 1\n",
            "1 clause-value",
            id="sum-never-below-it",
        ),
        pytest.param(
            "combine: max\n", "combine: sum\n        at_most: 2\n", "", id="sum-cut-in-part"
        ),
        pytest.param(
            "            to: 12\n            unit: month",
            "            to: 12\n            unit: day",
            "1 unit",
            id="days-among-years",
        ),
        pytest.param(
            "            value: 1\n            to: 2\n            unit: year",
            "            value: 5\n            to: 24\n            unit: month",
            "18 clause-value",
            id="again-shorter-at-least",
        ),
        pytest.param(
            "            value: 1\n            to: 2\n            unit: year",
            "            value: 6\n            to: 11\n            unit: month",
            "18 clause-value",
            id="again-shorter-at-most",
        ),
        pytest.param(
            "            value: 1\n            to: 2\n            unit: year",
            "            value: 6\n            to: 12\n            unit: month",
            "",
            id="again-as-long",
        ),
    ],
)
def test_wrong_ranges_are_found(old: str, new: str, problem: str) -> None:
    """Each at the line of its row, or of the term."""
    wrong = RANGED.replace(old, new, 1)
    assert wrong != RANGED

    assert found(wrong)[:1] == ([problem] if problem else [])


def test_greatest_counts_for_early_removal_where_no_repeat_lasts_longer() -> None:
    """Twelve months are too late of six to twelve months; eleven are not."""
    short = RANGED.replace(
        "        value: 1\n        to: 3\n        unit: year",
        "        value: 6\n        to: 12\n        unit: month",
    )
    begin, end = short.index("      repeat_term:"), short.index("      early_removal_after")
    short = short[:begin] + short[end:]
    old = "{value: 6, unit: month, source: {article: 第十五条"

    late, in_time = (found(short.replace(old, old.replace("6", months))) for months in ("12", "11"))

    assert [one.partition(" ")[2] for one in late] == ["clause-value"]
    assert in_time == []


@pytest.mark.parametrize("to", ["three", "2.5", "[3]"])
def test_range_has_a_whole_number(to: str) -> None:
    """It is no policy, and an editor says so."""
    wrong = RANGED.replace("        to: 3\n", f"        to: {to}\n")

    with pytest.raises(PolicyRefusedError):
        read_policy(wrong.encode(), "policy.yaml")
    assert not VALIDATOR.is_valid(parsed(wrong))


def test_other_periods_are_no_ranges() -> None:
    """Nobody chooses how long a party may speak."""
    wrong = RANGED.replace(
        "early_removal_after: {value: 6,", "early_removal_after: {to: 9, value: 6,"
    )
    assert wrong != RANGED

    with pytest.raises(PolicyRefusedError) as refused:
        read_policy(wrong.encode(), "policy.yaml")

    assert [one.code for one in refused.value.problems] == ["unknown-key"]
    assert not VALIDATOR.is_valid(parsed(wrong))
