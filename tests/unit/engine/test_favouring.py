"""Missing is never the best: seeded wrong starts that the check must catch, right ones beside."""

import pytest

from tests.unit.engine.covering import BODY, SOURCE, codes, found, ladder

WRONG = ["?missing-is-best"]
LEVEL = f"""\
      level:
        records: honour
        where: {{honour_kind: standardisation}}
        window: {{valid_until: end_date}}
        measure: {{min: standardisation_level}}
        if_none: unknown
        unit: level
        {SOURCE}
"""
BROKEN = LEVEL.replace(
    "honour_kind: standardisation", "honour_kind: commitment, commitment: broken"
).replace("level:", "broken_level:", 1)
VALUES = f"""\
    values:
      size: {{is: {{if: {{maybe: {{at_least: 300}}}}, then: 2, else: 1}}, unit: point, {SOURCE}}}
      marked: {{is: {{subtract: [100, {{lookup: offs}}]}}, unit: point, {SOURCE}}}
    tables:
      offs:
        keys: [maybe]
        outputs: {{off: point}}
        rows:
          - {{maybe: {{at_least: 300}}, off: 20}}
          - {{maybe: {{at_least: 100, below: 300}}, off: 10}}
        otherwise: {{off: 0}}
        {SOURCE}
"""


def graded(*bands: tuple[str, str], ranked: str = "") -> str:
    """Write grades of A, B and C that start with some bands, or at a place."""
    text = ladder("true", "true", "true")
    start = "".join(f"        - {{grade: {grade}, when: {when}}}\n" for grade, when in bands)
    old = text[text.index("      start:\n") : text.index("      source")]
    return text.replace(old, f"      start: {ranked}\n" if ranked else f"      start:\n{start}")


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        pytest.param(
            [("C", "{maybe: {at_least: 300}}"), ("B", "{maybe: {at_least: 100}}"), ("A", "true")],
            WRONG,
            id="open-band-is-the-best",
        ),
        pytest.param(
            [("A", "{maybe: {below: 100}}"), ("B", "{maybe: {below: 300}}"), ("C", "true")],
            [],
            id="open-band-is-the-worst",
        ),
        pytest.param(
            [("A", "{not: {maybe: {at_least: 300}}}"), ("C", "true")], WRONG, id="best-but-for-some"
        ),
        pytest.param(
            [
                ("B", "{maybe: {known: false}}"),
                ("C", "{maybe: {at_least: 300}}"),
                ("A", "true"),
            ],
            [],
            id="says-what-holds-then",
        ),
        pytest.param(
            [
                ("A", "{maybe: {known: false}}"),
                ("C", "{maybe: {at_least: 300}}"),
                ("A", "true"),
            ],
            [],
            id="says-that-it-is-meant",
        ),
        pytest.param(
            [("C", "{points: {at_least: 300}}"), ("A", "true")], [], id="no-result-without-it"
        ),
        pytest.param([("C", "{level: {at_least: 3}}"), ("A", "true")], WRONG, id="no-level-at-all"),
        pytest.param([("C", "{gravest: major}"), ("A", "true")], [], id="no-accident-at-all"),
        pytest.param(
            [("C", "{broken_level: {at_least: 3}}"), ("A", "true")], [], id="nothing-broken"
        ),
        pytest.param([("C", "{size: 2}"), ("A", "true")], WRONG, id="by-the-else-of-a-value"),
        pytest.param(
            [("A", "{marked: {at_least: 90}}"), ("B", "{marked: {below: 90}}")],
            WRONG,
            id="by-the-otherwise-of-a-table",
        ),
        pytest.param(
            [
                ("C", "{points: 1}"),
                ("B", "{maybe: {at_least: 300}}"),
                ("A", "{points: {above: 7}}"),
                ("C", "true"),
            ],
            WRONG,
            id="best-where-another-says-so",
        ),
    ],
)
def test_missing_is_never_the_best(bands: list[tuple[str, str]], expected: list[str]) -> None:
    """A headcount or level that nobody knows is no small headcount, and no good level."""
    problems = codes(BODY + LEVEL + BROKEN + VALUES + graded(*bands))

    assert [one for one in problems if one.endswith("missing-is-best")] == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("{if: {maybe: {at_least: 300}}, then: 3, else: 1}", 1, id="best-otherwise"),
        pytest.param("{if: {maybe: {at_least: 300}}, then: 1, else: 3}", 0, id="worst-otherwise"),
        pytest.param("size", 1, id="named"),
    ],
)
def test_missing_gives_no_best_place(start: str, expected: int) -> None:
    """A start that is a number is the best where it is 1."""
    problems = found(BODY + VALUES + graded(ranked=start))

    assert [one.code for one in problems] == ["missing-is-best"] * expected


def test_value_that_asks_says_what_holds_then() -> None:
    """A size of its own for whom nobody counted: the else is for those whose headcount is known."""
    asking = VALUES.replace("else: 1}", "else: {if: {maybe: {known: false}}, then: 2, else: 1}}")

    assert codes(BODY + asking + graded(ranked="size")) == []


@pytest.mark.parametrize(
    ("applies", "expected"),
    [
        pytest.param("{maybe: {at_least: 0}}", [], id="for-whom-it-is-known"),
        pytest.param("{not: {maybe: {at_least: 900}}}", WRONG, id="for-whom-it-is-not-known-too"),
        pytest.param("{points: {at_least: 1}}", WRONG, id="for-others"),
    ],
)
def test_whom_the_version_is_not_for_lacks_nothing(applies: str, expected: list[str]) -> None:
    """Who has no result by it has no best one either."""
    bands = graded(("C", "{maybe: {at_least: 300}}"), ("A", "true"))
    found_codes = codes(f"    applies: {applies}\n" + BODY + bands)

    assert [one for one in found_codes if one.endswith("missing-is-best")] == expected


def test_missing_that_is_best_names_what_is_lower() -> None:
    """It tells the band, what is missing, and a value with which the grade is lower."""
    bands = graded(("C", "{maybe: {at_least: 300}}"), ("A", "true"), ("B", "false"))
    text = BODY + bands.replace("        - {grade: B, when: false}\n", "")

    (problem,) = [one for one in found(text) if one.code == "missing-is-best"]

    assert problem.message.startswith(
        "the grade starts at 'A', the best, where 'maybe' is not known, and lower where maybe = 300"
    )
    assert problem.warning
