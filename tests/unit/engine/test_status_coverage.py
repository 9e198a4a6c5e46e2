"""Two statuses that can hold together: the version says which counts, or is refused."""

import pytest

from tests.unit.engine.covering import BODY, codes, found, ladder, rule

LATE, FRAUD = "set: {status: watched}", "set: {status: barred}"
RULES = BODY + "    rules:\n"
BANDS = ladder("{points: {at_least: 60}}", "true")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("{points: {below: 9}}", "{points: {at_least: 9}}", [], id="apart"),
        pytest.param(
            "{points: {at_most: 9}}", "{points: {at_least: 9}}", ["missing-statuses"], id="at-9"
        ),
        pytest.param("{points: 1}", "{free: 1}", ["missing-statuses"], id="of-two-names"),
        pytest.param("{maybe: {known: false}}", "{maybe: 1}", [], id="known-and-not"),
    ],
)
def test_statuses_that_can_hold_together_are_found(
    first: str, second: str, expected: list[str]
) -> None:
    """9 points are at most and at least 9; below 9 and 9 or more part them."""
    rules = rule("EX-1", first, LATE) + rule("EX-2", second, FRAUD)

    assert codes(RULES + rules + BANDS) == expected


def test_place_and_samples_are_named() -> None:
    """The later of the two rules, and what holds for both."""
    rules = rule("EX-1", "{points: 5}", LATE) + rule("EX-2", "{points: {at_least: 3}}", FRAUD)

    (problem,) = found(RULES + rules + BANDS)

    assert problem.message.startswith(
        "EX-1 sets 'watched', EX-2 'barred', and both can hold, where points = 5; write 'statuses'"
    )


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param("[barred, watched]", [], id="both"),
        pytest.param("[barred]", ["missing-statuses"], id="one-left-out"),
        pytest.param("[barred, watched, barred]", ["missing-statuses"], id="one-twice"),
        pytest.param("[barred, watched, gone]", ["unknown-status"], id="one-that-nothing-sets"),
    ],
)
def test_what_is_said_of_statuses_is_compared(statuses: str, expected: list[str]) -> None:
    """Every status stands there once, and no other."""
    rules = rule("EX-1", "{points: 5}", LATE) + rule("EX-2", "{points: {at_least: 3}}", FRAUD)

    assert codes(RULES + rules + BANDS + f"    statuses: {statuses}\n") == expected


@pytest.mark.parametrize(
    ("beyond", "expected"),
    [
        pytest.param("clamp", [], id="clamp"),
        pytest.param("watched", [], id="the-same-status"),
        pytest.param("removed", ["missing-statuses"], id="another-status"),
    ],
)
def test_status_of_who_falls_off_the_ladder_is_one_of_them(
    beyond: str, expected: list[str]
) -> None:
    """Who falls off the ladder may meet a rule with a status as well."""
    bands = BANDS.replace("      start:\n", f"      beyond: {beyond}\n      start:\n")

    assert codes(RULES + rule("EX-1", "{points: 5}", LATE) + bands) == expected
