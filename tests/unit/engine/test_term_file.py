"""Terms of a list by circumstance and by listing: what they may say, and what is wrong."""

from datetime import date

import pytest

from services.engine.citing import check_sources
from services.engine.errors import PolicyRefusedError
from services.engine.policy_file import read_policy
from services.engine.procedure_file import check_procedure
from tests.fakes.list_policies import SEVERAL
from tests.unit.engine.test_schema import VALIDATOR, parsed

TERMS = SEVERAL.replace(
    "      term: {value: 1, unit: year, source: {article: 第十三条, confidence: assumed}}\n",
    """\
      term:
        value: 2
        unit: year
        source: {article: 第十三条, confidence: assumed}
        by:
          - rules: [TS-MAJOR]
            value: 3
            unit: year
            source: {article: 第十三条第一项, confidence: text-seen}
          - rules: [TS-MINOR]
            value: 6
            unit: month
            source: {article: 第十三条第二项, confidence: text-seen}
        combine: max
        at_most: 4
""",
).replace(
    "      repeat_term: {value: 3, unit: year, source: {article: 第十四条, confidence: assumed}}\n",
    """\
      repeat_term:
        value: 3
        unit: year
        source: {article: 第十四条, confidence: assumed}
        by:
          - rules: [TS-MINOR]
            listing: 2
            value: 12
            unit: month
            source: {article: 第十四条第一款, confidence: text-seen}
          - listing: {at_least: 3}
            value: 5
            unit: year
            source: {article: 第十四条第二款, confidence: text-seen}
        combine: max
""",
)
TERM_LINE = TERMS[: TERMS.index("      term:\n")].count("\n") + 1


def found(text: str) -> list[str]:
    """Read a policy and check its procedure; give ``line code``, lines counted from the term's."""
    try:
        policy = read_policy(text.encode(), "policy.yaml")
    except PolicyRefusedError as error:
        return [f"{one.line - TERM_LINE} {one.code}" for one in error.problems]
    problems = check_procedure(policy, policy.versions[0])
    return [f"{one.line - TERM_LINE} {one.code}" for one in problems]


def test_rows_of_terms_are_read() -> None:
    """Circumstances, listings, lengths and sources, each with its place."""
    (version,) = read_policy(TERMS.encode(), "policy.yaml").versions
    term, again = version.procedure["term"], version.procedure["repeat_term"]

    assert (term.value, term.combine, term.at_least, term.at_most) == (2, "max", None, 4)
    assert [(row.rules, row.first, row.last, row.value, row.unit) for row in term.by] == [
        (("TS-MAJOR",), 1, None, 3, "year"),
        (("TS-MINOR",), 1, None, 6, "month"),
    ]
    assert [(row.rules, row.first, row.last, row.value) for row in again.by] == [
        (("TS-MINOR",), 2, 2, 12),
        ((), 3, None, 5),
    ]
    assert again.by[1].source.article == "第十四条第二款"


def test_right_terms_have_no_problem() -> None:
    """Nothing is wrong with what the others change, and an editor takes it as right."""
    assert TERMS.count("combine: max") == 2
    assert found(TERMS) == []
    assert [one.message for one in VALIDATOR.iter_errors(parsed(TERMS))] == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("rules: [TS-MAJOR]", "rules: [TS-OTHER]", "5 unknown-rule", id="no-such-rule"),
        pytest.param("[TS-MINOR]", "[TS-MAJOR]", "9 dead-row", id="row-that-never-counts"),
        pytest.param(
            "            unit: month\n", "            unit: day\n", "1 unit", id="days-among-years"
        ),
        pytest.param(
            "        combine: max\n        at_most",
            "        at_most",
            "1 missing-combine",
            id="not-said-which-counts",
        ),
        pytest.param(
            "at_most: 4", "at_most: 4\n        at_least: 5", "1 clause-value", id="bounds"
        ),
        pytest.param(
            "value: 12\n", "value: 5\n", "21 clause-value", id="second-shorter-than-first"
        ),
        pytest.param("value: 12\n", "value: 6\n", "", id="second-as-long-as-the-first"),
        pytest.param(
            "            value: 5\n            unit: year",
            "            value: 35\n            unit: month",
            "26 clause-value",
            id="third-shorter-than-second",
        ),
        pytest.param(
            "            value: 5\n            unit: year",
            "            value: 36\n            unit: month",
            "",
            id="third-as-long-as-the-second",
        ),
        pytest.param(
            "{value: 6, unit: month, source: {article: 第十五条",
            "{value: 60, unit: month, source: {article: 第十五条",
            "31 clause-value",
            id="nobody-early-from-the-longest",
        ),
        pytest.param(
            "{value: 6, unit: month, source: {article: 第十五条",
            "{value: 59, unit: month, source: {article: 第十五条",
            "",
            id="a-month-before-the-longest-ends",
        ),
    ],
)
def test_wrong_terms_are_found(old: str, new: str, problem: str) -> None:
    """Each at the line of its row, or of the term."""
    wrong = TERMS.replace(old, new, 1)
    assert wrong != TERMS

    assert found(wrong)[:1] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(
            "          - rules: [TS-MAJOR]\n            value",
            "          - value",
            "missing-rules",
            id="row-for-nobody",
        ),
        pytest.param("rules: [TS-MAJOR]", "rules: []", "clause-value", id="no-circumstance"),
        pytest.param(
            "rules: [TS-MAJOR]",
            "rules: [TS-MAJOR]\n            listing: 2",
            "unknown-key",
            id="listing-of-a-first",
        ),
        pytest.param("listing: 2", "listing: 1", "clause-value", id="first-is-no-repeat"),
        pytest.param(
            "{at_least: 3}", "{at_least: 3, at_most: 2}", "clause-value", id="none-between"
        ),
        pytest.param("value: 6\n", "value: 0\n", "clause-value", id="no-time"),
        pytest.param(
            "            source: {article: 第十三条第一项, confidence: text-seen}\n",
            "",
            "missing-source",
            id="no-source",
        ),
        pytest.param("combine: max", "combine: longest", "unknown-word", id="combination"),
    ],
)
def test_what_a_term_cannot_say_is_refused(old: str, new: str, code: str) -> None:
    """It is no policy; most of it an editor refuses as well."""
    wrong = TERMS.replace(old, new, 1)
    assert wrong != TERMS

    with pytest.raises(PolicyRefusedError) as refused:
        read_policy(wrong.encode(), "policy.yaml")

    assert [one.code for one in refused.value.problems] == [code]


def test_other_periods_have_no_rows() -> None:
    """Only how long a listing lasts hangs on its circumstances."""
    wrong = TERMS.replace(
        "early_removal_after: {value: 6,", "early_removal_after: {combine: max, value: 6,"
    )

    with pytest.raises(PolicyRefusedError) as refused:
        read_policy(wrong.encode(), "policy.yaml")

    assert [one.code for one in refused.value.problems] == ["unknown-key"]
    assert not VALIDATOR.is_valid(parsed(wrong))


def test_source_of_a_row_is_checked() -> None:
    """A row that was compared with its text on a day yet to come is found like any other part."""
    wrong = TERMS.replace(
        "{article: 第十三条第一项, confidence: text-seen}",
        "{article: 第十三条第一项, checked_date: 2030-01-01, confidence: text-seen}",
    )
    policy = read_policy(wrong.encode(), "policy.yaml")

    problems = check_sources(policy, {}, date(2025, 6, 1))

    assert [one.line - TERM_LINE for one in problems] == [5]
