"""Whatever bands and conditions are written, the check finds what trying every value finds."""

import json
from itertools import product
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.engine.covering import BODY, codes, ladder, rule

# Edges lie within, so that the first and the last value stand for all beyond them.
EDGES = st.integers(0, 6)
VALUES = range(-2, 10)

COMPARISONS = {
    "at_least": lambda value, edge: value >= edge,
    "above": lambda value, edge: value > edge,
    "at_most": lambda value, edge: value <= edge,
    "below": lambda value, edge: value < edge,
    "is": lambda value, edge: value == edge,
}
Condition = dict[str, Any]

BANDS = st.dictionaries(st.sampled_from(sorted(COMPARISONS)), EDGES, max_size=2)


def compares(limits: Condition, value: int | None) -> bool:
    """Say whether a value is as said; what is missing is not."""
    return all(
        (value is not None) is edge
        if word == "known"
        else value is not None and COMPARISONS[word](value, edge)
        for word, edge in limits.items()
    )


def holds(condition: Condition, point: dict[str, int | None]) -> bool:
    """Say whether a condition holds where names have values."""
    (word, part), *more = condition.items()
    if word == "all":
        held = all(holds(one, point) for one in part)
    elif word == "any":
        held = any(holds(one, point) for one in part)
    elif word == "not":
        held = not holds(part, point)
    else:
        held = compares(part, point[word])
    return held and not more


def conditions() -> st.SearchStrategy[Condition]:
    """Draw conditions over three names, one of them never negative and one perhaps missing."""
    limits = st.dictionaries(
        st.sampled_from(sorted(COMPARISONS)), EDGES, min_size=1, max_size=2
    ) | st.fixed_dictionaries({"known": st.booleans()})
    plain = st.sampled_from(["points", "free", "maybe"]).flatmap(
        lambda name: limits.map(lambda one: {name: one})
    )
    return st.recursive(
        plain,
        lambda inner: st.one_of(
            st.sampled_from(["all", "any"]).flatmap(
                lambda word: st.lists(inner, max_size=3).map(lambda parts: {word: parts})
            ),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=6,
    )


@settings(max_examples=30)
@given(condition=conditions())
def test_never_holds_as_every_value_says(condition: Condition) -> None:
    """A rule is reported exactly when no combination of values makes it hold."""
    possible = product(range(10), VALUES, [None, *VALUES])
    reached = any(
        holds(condition, {"points": points, "free": free, "maybe": maybe})
        for points, free, maybe in possible
    )

    found = codes(BODY + "    rules:\n" + rule("EX-1", json.dumps(condition), "set: {duty: talk}"))

    assert found == ([] if reached else ["never-holds"])


@settings(max_examples=50)
@example(limits=[{"above": 0, "at_most": 1}, {"above": 0}])
@given(limits=st.lists(BANDS, min_size=1, max_size=4))
def test_bands_as_every_value_says(limits: list[Condition]) -> None:
    """Gaps, overlaps and dead bands are those that trying every value finds."""
    held = [{value for value in VALUES if compares(one, value)} for one in limits]
    starts = {
        next((number for number, band in enumerate(held) if value in band), None)
        for value in VALUES
    }
    dead = [number for number in range(len(held)) if number not in starts]
    overlaps = [
        later
        for later, band in enumerate(held)
        if later not in dead
        for earlier in range(later)
        if held[earlier] & band and not _is_step(held[earlier], band)
    ]
    expected = ["dead-band"] * len(dead) + ["grade-gap"] * (None in starts)

    found = codes(BODY + ladder(*(json.dumps({"free": one}) for one in limits)))

    assert found == expected + ["grade-overlap"] * len(overlaps)


def _is_step(earlier: set[int], later: set[int]) -> bool:
    """Say whether the later band takes in the earlier one, and is open on one side."""
    return earlier <= later and (VALUES[0] in later or VALUES[-1] in later)
