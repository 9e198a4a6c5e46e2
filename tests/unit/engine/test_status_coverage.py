"""Two statuses that can hold together: the version says which counts, or is refused."""

from dataclasses import replace

import numpy as np
import pytest

from services.engine.building import compile_policy
from services.engine.evaluation import RESULT
from services.engine.numbers import MISSING
from services.engine.policy_file import read_policy
from services.engine.population import Population
from services.engine.unfolding import unfolded
from tests.unit.engine.covering import BODY, HEAD, SOURCE, codes, found, ladder, rule
from tests.unit.engine.test_policies import VOCABULARY

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
        pytest.param("[watched, barred]", [], id="both"),
        pytest.param("[barred]", ["missing-statuses"], id="one-left-out"),
        pytest.param("[watched, barred, barred]", ["missing-statuses"], id="one-twice"),
        pytest.param("[watched, barred, gone]", ["unknown-status"], id="one-that-nothing-sets"),
    ],
)
def test_what_is_said_of_statuses_is_compared(statuses: str, expected: list[str]) -> None:
    """Every status stands there once, and no other."""
    rules = rule("EX-1", "{points: 5}", LATE) + rule("EX-2", "{points: {at_least: 3}}", FRAUD)

    assert codes(RULES + rules + BANDS + f"    statuses: {statuses}\n") == expected


@pytest.mark.parametrize(
    ("watched", "barred", "statuses", "expected"),
    [
        pytest.param("{points: {at_least: 3}}", "{points: {at_least: 5}}", "[watched, barred]",
                     ["dead-status"], id="always-covered"),
        pytest.param("{points: {at_least: 3}}", "{points: {at_least: 5}}", "[barred, watched]", [],
                     id="the-graver-first"),
        pytest.param("{points: {at_least: 5}}", "{points: {at_least: 3}}", "[watched, barred]", [],
                     id="below-it-counts"),
        pytest.param("{points: {at_least: 5}}", "{points: {at_least: 5}}", "[watched, barred]",
                     ["dead-status"], id="the-same"),
        pytest.param("{points: {above: 5}}", "{points: {at_least: 5}}", "[watched, barred]", [],
                     id="but-for-one-number"),
        pytest.param("{points: {at_least: 3}}", "{points: {at_least: 5}, free: 1}",
                     "[watched, barred]", ["dead-status"], id="covered-with-more-to-it"),
        pytest.param("{points: {at_least: 3}, free: 1}", "{points: {at_least: 5}}",
                     "[watched, barred]", [], id="which-asks-for-more"),
        pytest.param("{maybe: {below: 5}}", "{not: {maybe: {at_least: 5}}}",
                     "[watched, barred]", [], id="but-for-what-nobody-knows"),
    ],
)  # fmt: skip
def test_status_that_another_always_covers_is_found(
    watched: str, barred: str, statuses: str, expected: list[str]
) -> None:
    """Whoever has 5 points has 3, and is watched: nobody is ever barred."""
    rules = rule("EX-1", watched, LATE) + rule("EX-2", barred, FRAUD)

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


def value(name: str, expression: str) -> str:
    """Write a value."""
    return f"      {name}: {{is: {expression}, unit: point, {SOURCE}}}\n"


def table(rows: str, otherwise: str) -> str:
    """Write a table of sizes by points."""
    return f"""\
    tables:
      sizes:
        keys: [points]
        outputs: {{size: size, mark: point}}
        rows: [{rows}]
        otherwise: {otherwise}
        {SOURCE}
"""


SMALL_AND_LARGE = table(
    "{points: {below: 5}, size: 1, mark: free}, {points: {in: [5, 6, 7, 8]}, size: 3, mark: 0}",
    "unknown",
)
VALUES = (
    "    values:\n"
    + value("few", "{if: {points: {below: 5}}, then: 1, else: 0}")
    + value("many", "{if: {points: {at_least: 5}}, then: 1, else: 0}")
    + value("five_or_more", "{if: {points: {below: 5}}, then: 0, else: points}")
    + value("full", "12")
    + value("left", "{subtract: [full, points]}")
    + value("more", "{add: [points, 3, 1]}")
    + value("kept", "{max: [left, 0]}")
    + value("at_most_nine", "{min: [9, points]}")
    + value("same", "points")
    + value("size", "{lookup: sizes}")
    + value("mark", "{lookup: sizes, output: mark}")
    + value("perhaps", "{if: {maybe: {at_least: 5}}, then: 1, else: 0}")
    + value("twice", "{multiply: [points, 2]}")
)


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        pytest.param("{few: 1}", "{many: 1}", False, id="of-one-choice-and-its-opposite"),
        pytest.param("{few: 0}", "{many: 1}", True, id="of-one-choice-and-the-same"),
        pytest.param("{five_or_more: 0}", "{points: 7}", False, id="a-name-in-a-choice"),
        pytest.param("{five_or_more: 7}", "{points: 7}", True, id="the-same-name"),
        pytest.param("{left: {at_most: 0}}", "{points: {below: 12}}", False, id="what-is-left"),
        pytest.param("{left: {at_most: 1}}", "{points: {below: 12}}", True, id="one-more-is-left"),
        pytest.param("{more: {below: 9}}", "{points: {at_least: 5}}", False, id="sum"),
        pytest.param("{more: {at_most: 9}}", "{points: {at_least: 5}}", True, id="sum-at-its-edge"),
        pytest.param("{kept: 0}", "{points: {below: 12}}", False, id="nothing-is-kept"),
        pytest.param("{kept: [0, 1]}", "{points: {below: 12}}", True, id="one-is-kept"),
        pytest.param("{at_most_nine: {above: 8}}", "{points: 8}", False, id="least"),
        pytest.param("{at_most_nine: {above: 8}}", "{points: 99}", True, id="held-at-nine"),
        pytest.param("{same: {at_least: 5}}", "{points: 4}", False, id="another-name"),
        pytest.param("{same: {at_least: full}}", "{points: 11}", False, id="a-named-number"),
        pytest.param("{size: 3}", "{points: 9}", False, id="row-of-a-table"),
        pytest.param("{size: 3}", "{points: 8}", True, id="the-row-itself"),
        pytest.param("{size: {known: false}}", "{points: 8}", False, id="where-there-is-a-row"),
        pytest.param("{size: {known: false}}", "{points: 9}", True, id="where-there-is-none"),
        pytest.param("{mark: 7}", "{free: 7, points: 8}", False, id="name-in-another-row"),
        pytest.param("{mark: 7}", "{free: 7, points: 4}", True, id="name-in-the-row"),
        pytest.param("{perhaps: 0}", "{maybe: {known: false}}", True, id="unknown-is-otherwise"),
        pytest.param("{perhaps: 1}", "{maybe: {known: false}}", False, id="unknown-is-not-so"),
    ],
)
def test_values_of_one_thing_are_told_by_it(first: str, second: str, together: bool) -> None:  # noqa: FBT001 -- a parameter.
    """Choices, tables, sums with constants, least and greatest say what they are made of."""
    rules = rule("EX-1", first, LATE) + rule("EX-2", second, FRAUD)

    found_ones = codes(BODY + SMALL_AND_LARGE + VALUES + "    rules:\n" + rules + BANDS)

    assert found_ones == (["missing-statuses"] if together else [])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # Every serious violation is a violation, which no formula here knows.
        pytest.param("{serious: {at_least: 1}}", "{counted: 0}", ["?missing-statuses"], id="none"),
        pytest.param("{serious: {at_least: 1}}", "{counted: 2}", ["missing-statuses"], id="drawn"),
        pytest.param("{serious: 1}", "{deaths: 10}", ["missing-statuses"], id="of-two-kinds"),
        pytest.param("{twice: 6}", "{points: 4}", ["?missing-statuses"], id="not-followed"),
        pytest.param(
            "{twice: 8}", "{points: 4}", ["missing-statuses"], id="not-followed-and-drawn"
        ),
    ],
)
def test_what_rests_on_one_thing_is_drawn(first: str, second: str, expected: list[str]) -> None:
    """An enterprise that meets both is a mistake; where none turns up, a warning says so."""
    rules = rule("EX-1", first, LATE) + rule("EX-2", second, FRAUD)

    assert codes(BODY + SMALL_AND_LARGE + VALUES + "    rules:\n" + rules + BANDS) == expected


NAMES = ("few", "five_or_more", "left", "more", "kept", "at_most_nine", "same", "size", "perhaps")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "compared",
    [
        "0",
        "1",
        "{at_least: 3}",
        "{above: 5}",
        "{at_most: 8}",
        "{below: full}",
        "{in: [1, 7, 12]}",
        "{known: true}",
        "{known: false}",
        "{at_least: free}",
    ],
)
def test_condition_told_otherwise_holds_for_the_same(name: str, compared: str) -> None:
    """Whatever is known of the points and of the others, and for the opposite as well."""
    when = f"{{any: [{{{name}: {compared}}}, {{not: {{mark: {compared}}}}}]}}"
    text = BODY + SMALL_AND_LARGE + VALUES + "    rules:\n" + rule("EX-1", when, LATE) + BANDS
    policy = read_policy((HEAD + text).encode(), "policy.yaml")
    (version,) = policy.versions
    (one,) = version.rules
    told = replace(version, rules=(replace(one, when=unfolded(one.when, version)),))
    # Between -1 and 14, and what nobody knows.
    points, free, maybe = (
        column.ravel() for column in np.meshgrid(np.arange(15), np.arange(-1, 14), [4, 5, MISSING])
    )
    names = {"limit": 0, "other_limit": 0, "points": points, "free": free, "maybe": maybe}
    nobody = Population(points.size, dict.fromkeys(("fields", "kind"), np.zeros(points.size, int)))

    held = [
        compile_policy(policy, each, VOCABULARY).run(nobody, 20_000, names)
        for each in (version, told)
    ]

    hits = [run.column(run.plan.rules[0].hit).tolist() for run in held]
    assert hits[0] == hits[1]
    assert [run.states().tolist() for run in held].count([RESULT] * points.size) == 2
