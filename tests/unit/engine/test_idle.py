"""Parts that change nothing: seeded wrong policies that the check must catch, right ones beside."""

import pytest

from tests.unit.engine.covering import (
    BODY,
    HEAD,
    INDICATORS,
    INPUTS,
    LESS,
    TOTALS,
    found,
    ladder,
    rule,
)
from tests.unit.engine.covering import codes as codes_of

ALWAYS = ["?always-holds"]


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        pytest.param("{serious: {at_least: 1}, deaths: {at_most: 0}}", [], id="right"),
        pytest.param("{serious: {at_least: 1}, deaths: {at_least: 0}}", ALWAYS, id="count-from-0"),
        pytest.param("{serious: {at_least: 1}, deaths: {above: 0}}", [], id="count-above-0"),
        pytest.param("{deaths: {at_least: 0}}", ALWAYS, id="nothing-else"),
        pytest.param("true", [], id="open-on-purpose"),
        pytest.param("{serious: {at_least: 0, below: 3}}", [], id="range-from-0"),
        pytest.param("{all: [{serious: {at_least: 0}}, {serious: {below: 3}}]}", [], id="in-two"),
        pytest.param("{any: [{serious: 1}, {deaths: {at_least: 0}}]}", ALWAYS, id="of-any"),
        pytest.param(
            "{serious: 1, not: {any: [{deaths: 2}, {counted: {below: 0}}]}}", [], id="never-of-any"
        ),
        pytest.param("{points: {at_least: 0}}", ALWAYS, id="what-is-allowed"),
        pytest.param("{points: {at_least: 1}}", [], id="one-more-than-is-allowed"),
        pytest.param("{free: {at_least: 0}}", [], id="may-be-negative"),
        pytest.param("{maybe: {at_least: 0}}", [], id="may-be-missing"),
        pytest.param("{gravest: {at_least: general}}", [], id="no-accident-at-all"),
        pytest.param("{score: {at_most: 100}, serious: 1}", ALWAYS, id="cap-of-a-total"),
        pytest.param("{score: {below: 100}, serious: 1}", [], id="under-the-cap"),
        pytest.param("{serious: {at_least: none_at_all}}", [], id="number-of-a-pack"),
    ],
)
def test_part_that_always_holds_is_told(when: str, codes: list[str]) -> None:
    """Points are allowed from 0, counts are never negative, the score has floor 0 and cap 100."""
    values = "    values:\n      none_at_all: {is: 0, unit: violation, SOURCE}\n".replace(
        "SOURCE", "source: {article: 第一条, confidence: assumed}"
    )
    rules = LESS + rule("EX-9", when, "set: {duty: training}")

    assert codes_of(BODY + values + TOTALS + rules) == codes


def test_part_that_always_holds_is_told_in_its_place() -> None:
    """Line and column of the comparison, what it asks, and what to write."""
    rules = "    rules:\n" + rule(
        "EX-9", "{serious: 0, deaths: {at_least: 0}}", "set: {duty: training}"
    )

    (problem,) = found(BODY + rules)

    assert problem.message.startswith(
        "EX-9 asks deaths at least 0, which always holds; leave it out, or"
    )
    place = (BODY + rules).splitlines()[problem.line - 1 - HEAD.count("\n")]
    assert place[problem.column - 1 :].startswith("0}}")


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        pytest.param("{severity: {at_least: minor}}", [], id="without-unspecified"),
        pytest.param("{severity: {at_least: unspecified}}", ALWAYS, id="from-the-first-word"),
        pytest.param("{severity: {at_most: serious}}", ALWAYS, id="up-to-the-last-word"),
        pytest.param("{severity: {above: unspecified}}", [], id="above-the-first-word"),
    ],
)
def test_filter_that_always_passes_is_told(where: str, codes: list[str]) -> None:
    """Severities are unspecified, minor, general, serious; every violation has one."""
    filtered = INDICATORS.replace("{severity: serious}", where)

    assert codes_of(INPUTS + filtered) == codes


@pytest.mark.parametrize(
    ("bands", "codes"),
    [
        pytest.param(
            ("{score: {at_least: 90}}", "{score: {at_least: 0}}"), [], id="last-one-is-open"
        ),
        pytest.param(
            ("{score: {at_least: 90}}", "{score: {at_least: 0, below: 90}}"),
            [],
            id="from-the-floor",
        ),
        pytest.param(
            ("{score: {at_least: 90}, deaths: {at_least: 0}}", "true"), ALWAYS, id="besides"
        ),
        pytest.param(("{score: {at_least: 90}, deaths: 0}", "true"), [], id="asks-both"),
    ],
)
def test_band_asks_nothing_idle(bands: tuple[str, ...], codes: list[str]) -> None:
    """The last band may be open in what it compares; what is asked besides has to ask something."""
    assert codes_of(BODY + TOTALS + LESS + ladder(*bands)) == codes


@pytest.mark.parametrize(
    ("effect", "codes"),
    [
        pytest.param("set: {grade: A}", ["?without-effect"], id="at-best-the-best"),
        pytest.param("set: {grade: B}", [], id="at-best-B"),
        pytest.param("set: {grade: C}", [], id="veto"),
        pytest.param("set: {at_worst: A}", [], id="lifted-to-the-best"),
        pytest.param("set: {at_worst: B}", [], id="at-worst-B"),
        pytest.param("set: {at_worst: C}", ["?without-effect"], id="at-worst-the-worst"),
        pytest.param("set: {exactly: A}", [], id="exactly-the-best"),
        pytest.param("set: {exactly: C}", [], id="exactly-the-worst"),
    ],
)
def test_rule_without_effect_is_told(effect: str, codes: list[str]) -> None:
    """The ladder is A, B, C: no grade is better than A, and none worse than C."""
    bands = ladder("{score: {at_least: 90}}", "{score: {at_least: 60}}", "true")

    assert codes_of(BODY + TOTALS + LESS + rule("EX-9", "{deaths: 3}", effect) + bands) == codes


@pytest.mark.parametrize(
    ("start", "bounds", "combine", "codes"),
    [
        pytest.param("100", "at_least: 0, at_most: 100", "sum", [], id="at-the-cap"),
        pytest.param("0", "at_least: 0, at_most: 100", "sum", [], id="at-the-floor"),
        pytest.param("100.01", "at_least: 0, at_most: 100", "sum", 1, id="above-the-cap"),
        pytest.param("-0.01", "at_least: 0, at_most: 100", "sum", 1, id="below-the-floor"),
        pytest.param("101", "at_least: 0", "sum", [], id="no-cap"),
        pytest.param("0", "at_least: 1", "max", [], id="what-holds-without-a-rule"),
    ],
)
def test_start_lies_within_its_bounds(
    start: str, bounds: str, combine: str, codes: list[str] | int
) -> None:
    """Beyond them everybody is held at a bound at once; of a greatest the floor is the default."""
    total = TOTALS.replace("start: 100, combine: sum, at_least: 0, at_most: 100", "BOUNDS").replace(
        "BOUNDS", f"start: {start}, combine: {combine}, {bounds}"
    )
    rules = "    rules:\n" + rule("EX-1", "{serious: 1}", "add: {to: score, amount: 1}")

    problems = found(BODY + total + rules)

    wanted = ["start-outside"] if codes == 1 else codes
    assert [one.code for one in problems] == wanted
    assert not any(one.warning for one in problems)
