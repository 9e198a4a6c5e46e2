"""Gaps and overlaps of bands: seeded mistakes, and right ladders that must pass."""

import pytest

from tests.unit.engine.covering import BODY, HEAD, LESS, TOTALS, codes, found, ladder, points


def bands(*conditions: str) -> list[str]:
    """Check a ladder with these bands."""
    return codes(BODY + TOTALS + LESS + ladder(*conditions))


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param(
            ("{score: {at_least: 90}}", "{score: {at_least: 75}}", "true"), id="thresholds"
        ),
        pytest.param(
            (
                "{score: {at_least: 90, at_most: 100}}",
                "{score: {at_least: 60, below: 90}}",
                "{score: {at_least: 0, below: 60}}",
            ),
            id="from-floor-to-cap",
        ),
        pytest.param(
            (
                "{score: {at_least: 90, at_most: 100}}",
                "{score: {at_least: 60}}",
                "{score: {at_least: 0, below: 60}}",
            ),
            id="threshold-above-a-floor",
        ),
        pytest.param(
            (
                "{points: 0}",
                "{points: {above: 0, at_most: 3}}",
                "{points: {above: 3, at_most: 11}}",
                "{points: {at_least: 12}}",
            ),
            id="exclusive-and-never-negative",
        ),
        pytest.param(
            (
                "{points: 0}",
                "{points: {at_most: 3}}",
                "{points: {below: 12}}",
                "{points: {at_least: 12}}",
            ),
            id="thresholds-from-below",
        ),
        pytest.param(("{deaths: 0}", "{deaths: {at_least: 1}}"), id="sum-never-negative"),
        pytest.param(("{deaths: {at_least: 1}}", "{score: {below: 60}}", "true"), id="worst-first"),
        pytest.param(
            ("{score: {at_least: 90}, deaths: 0}", "{score: {at_least: 60}, deaths: 0}", "true"),
            id="thresholds-with-a-condition-in-common",
        ),
        pytest.param(
            ("{points: {at_least: limit}}", "{points: {below: limit}}"), id="limit-of-a-run"
        ),
        pytest.param(
            ("{points: {at_least: limit}}", "{points: {at_least: other_limit}}", "true"),
            id="two-limits-of-a-run",
        ),
        pytest.param(
            ("{maybe: {known: true}, points: 0}", "{maybe: {known: false}}", "true"), id="known"
        ),
        pytest.param(
            (
                "{serious: 0, counted: 0}",
                "{serious: 0, counted: {at_least: 1}}",
                "{serious: {above: 0}}",
            ),
            id="counts-of-which-one-holds-the-other",
        ),
        pytest.param(
            ("{fields: {includes_any: [fire]}}", "{not: {fields: {includes_any: [fire]}}}"),
            id="set-of-codes",
        ),
        pytest.param(
            ("{gravest: {at_least: major}}", "{gravest: {known: true}}", "true"),
            id="thresholds-of-codes",
        ),
    ],
)
def test_right_bands_pass(conditions: tuple[str, ...]) -> None:
    """Bands that give every value one grade, by themselves or as steps, have no problem."""
    assert bands(*conditions) == []


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        pytest.param(
            ("{points: 0}", "{points: {at_most: 3}}", "{points: {at_least: 3}}"),
            "grade-overlap",
            id="one-value-twice",
        ),
        pytest.param(
            ("{score: {at_least: 90}}", "{score: {at_least: 60, at_most: 90}}", "true"),
            "grade-overlap",
            id="one-edge-twice",
        ),
        pytest.param(
            ("{free: 5}", "{free: {at_least: 0, at_most: 9}}", "true"),
            "grade-overlap",
            id="closed-band-around-an-earlier-one",
        ),
        pytest.param(
            ("{points: {at_most: limit}}", "{points: {at_least: limit}}"),
            "grade-overlap",
            id="limit-of-a-run-twice",
        ),
        pytest.param(
            ("{points: {at_most: limit}}", "{points: {at_least: other_limit}}", "true"),
            "?grade-overlap",
            id="two-limits-of-a-run-from-two-sides",
        ),
        pytest.param(
            (
                "{serious: 0, counted: {at_most: 2}}",
                "{serious: 0, counted: {at_least: 2}}",
                "true",
            ),
            "?grade-overlap",
            id="counts-that-may-not-go-together",
        ),
        pytest.param(
            ("{score: {at_least: 90}}", "{score: {at_least: 60, at_most: 89}}", "true"),
            "",
            id="catch-all-below",
        ),
        pytest.param(
            ("{score: {at_least: 90}}", "{score: {at_least: 60}}", "{score: {below: 50}}"),
            "grade-gap",
            id="gap-between-thresholds",
        ),
        pytest.param(
            ("{score: {at_least: 90}}", "{score: {at_most: 89}}"), "grade-gap", id="gap-of-decimals"
        ),
        pytest.param(
            ("{score: {at_least: 90}}", "{score: {above: 0, below: 90}}"),
            "grade-gap",
            id="floor-left-out",
        ),
        pytest.param(
            ("{points: {at_most: limit}}", "{points: {above: other_limit}}"),
            "?grade-gap ?grade-overlap",
            id="gap-that-only-a-run-knows",
        ),
        pytest.param(
            ("{maybe: {known: true}}", "{points: 0}"), "grade-gap", id="gap-of-what-is-not-known"
        ),
        pytest.param(
            (
                "{score: {at_least: 90}, gravest: {known: true}}",
                "{score: {at_least: 60}}",
                "{score: {below: 50}}",
            ),
            "grade-gap",
            id="gap-beside-what-is-known",
        ),
        pytest.param(
            ("{score: {at_least: 101}}", "{score: {at_least: 75}}", "true"),
            "dead-band",
            id="above-the-cap",
        ),
        pytest.param(
            ("{score: {at_least: 100}}", "{score: {at_least: 75}}", "true"), "", id="at-the-cap"
        ),
        pytest.param(
            ("{score: {at_least: 75}}", "{score: {at_least: 90}}", "true"),
            "dead-band",
            id="thresholds-in-the-wrong-order",
        ),
        pytest.param(("{deaths: {below: 0}}", "true"), "dead-band", id="sum-below-zero"),
        pytest.param(("{any: []}", "true"), "dead-band", id="none-of-nothing"),
    ],
)
def test_wrong_bands_are_caught(conditions: tuple[str, ...], code: str) -> None:
    """One mistake among the bands is found, and nothing else; a question mark is a warning."""
    assert bands(*conditions) == code.split()


def test_band_above_an_unlimited_total_is_dead() -> None:
    """A total from which rules only take away cannot pass its start, also without a cap."""
    body = BODY + TOTALS.replace(", at_most: 100", "") + LESS

    assert codes(body + ladder("{score: {at_least: 100}}", "true")) == []
    assert codes(body + ladder("{score: {above: 100}}", "true")) == ["dead-band"]


def test_band_that_few_rules_do_not_reach_may_stand() -> None:
    """Rules that take 10 points away do not reach a band below 60, and its text may have it."""
    body = BODY + TOTALS + "    rules:\n" + points("EX-1", "{serious: 1}", "-10", "score")

    assert codes(body + ladder("{score: {at_least: 60}}", "true")) == []
    # The score is 90 or 100 then, so that nothing below 90 needs a grade.
    assert (
        codes(body + ladder("{score: {at_least: 95}}", "{score: {at_least: 90, below: 95}}")) == []
    )
    assert codes(
        body + ladder("{score: {at_least: 95}}", "{score: {at_least: 91, below: 95}}")
    ) == ["grade-gap"]


def test_messages_name_the_value_and_the_place() -> None:
    """Which value has no grade or two, and where, stands in the message."""
    body = BODY + TOTALS + LESS
    gap = body + ladder("{score: {at_least: 90}}", "{score: {at_least: 60}}", "{score: 0}")
    overlap = body + ladder("{points: {at_most: 3}}", "{points: {at_least: 3}}")
    # The ladder's part follows HEAD and body; the second band stands four lines below.
    line = (HEAD + body).count("\n") + 1

    assert [str(one).removeprefix("policy.yaml:") for one in found(gap)] == [
        f"{line + 1}:7: grade-gap: no band gives a grade for score = 0.01; close the gap"
    ]
    assert [str(one).removeprefix("policy.yaml:") for one in found(overlap)] == [
        f"{line + 4}:11: grade-overlap: points = 3 fits both 'A' and 'B'; part the two bands"
    ]


def test_one_grade_may_have_bands_that_overlap() -> None:
    """A value that two bands of one grade hold for has one grade all the same."""
    body = BODY + ladder("{points: {at_most: 3}}", "{points: {at_least: 3}}")
    same = body.replace("grade: B", "grade: A").replace("[A, B]", "[A]")

    assert (codes(body), codes(same)) == (["grade-overlap"], [])


def test_values_between_those_allowed_need_no_grade() -> None:
    """Where 0, 5 and 10 points are allowed alone, nobody has 3."""
    bands_of_three = ladder("{points: 0}", "{points: 5}", "{points: 10}")
    allowed, more = (
        BODY.replace("allowed: {at_least: 0}", f"allowed: {values}")
        for values in ("[0, 5, 10]", "[0, 3, 5, 10]")
    )

    assert codes(allowed + bands_of_three) == []
    assert codes(more + bands_of_three) == ["grade-gap"]
