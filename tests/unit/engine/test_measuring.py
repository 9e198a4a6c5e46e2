"""How a version measures: units of amounts, and windows into which no day falls."""

import pytest

from services.engine.fitting import check_fitting
from services.engine.measuring import check_measuring
from services.engine.policy_file import read_policy
from tests.unit.engine.covering import CHILDREN, HEAD, SOURCE, TOTALS
from tests.unit.engine.test_policies import VOCABULARY

FINES = f"""\
    indicators:
      fines:
        records: penalty
        window: {{last: {{months: 12}}}}
        measure: {{sum: fine_fen}}
        unit: fen
        {SOURCE}
"""


def codes(content: str) -> list[str]:
    """Check how a policy measures; give the codes, those of warnings marked."""
    policy = read_policy((HEAD + content).encode(), "policy.yaml")
    found = check_measuring(policy, policy.versions[0], VOCABULARY)
    return [f"{'?' if one.warning else ''}{one.code}" for one in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("", "", [], id="as-in-the-records"),
        pytest.param("unit: fen", "unit: CNY", ["unit"], id="hundred-times-less"),
        pytest.param(
            "{sum: fine_fen}", "{max: fine_fen}\n        if_none: unknown", [], id="greatest"
        ),
        pytest.param(
            "{sum: fine_fen}\n        unit: fen",
            "{min: fine_fen}\n        if_none: unknown\n        unit: point",
            ["unit"],
            id="least",
        ),
        pytest.param(
            "{sum: fine_fen}\n        unit: fen", "count\n        unit: penalty", [], id="count"
        ),
        pytest.param(
            "{sum: fine_fen}\n        unit: fen",
            "{sum: {divide: [fine_fen, 100], places: 0, rounding: up}}\n        unit: CNY",
            [],
            id="converted",
        ),
    ],
)
def test_what_is_summed_has_the_unit_of_its_records(
    old: str, new: str, expected: list[str]
) -> None:
    """Fines are kept in fen; a sum of them said to be yuan is a hundred times too large."""
    assert codes(FINES.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param("{calendar: year, first: -2, last_period: -1}", [], id="two-years"),
        pytest.param("{calendar: year, first: -1, last_period: -1}", [], id="one-year"),
        pytest.param("{calendar: year, first: -1, last_period: -2}", ["window-empty"], id="turned"),
        pytest.param("{calendar: year, first: 0, last_period: 1}", [], id="into-the-next"),
        pytest.param("{calendar: year, first: 0}", [], id="present"),
        pytest.param("{calendar: month, first: 1}", ["window-empty"], id="next"),
        pytest.param(
            "{anniversary: founding_date, months: 12, first: 1}", ["window-empty"], id="next-of-own"
        ),
    ],
)
def test_window_takes_in_a_day_that_has_come(window: str, expected: list[str]) -> None:
    """A window ends where it begins or later, and begins in the present period or earlier."""
    assert codes(FINES.replace("{last: {months: 12}}", window)) == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        pytest.param("point", [], id="known"),
        pytest.param("points", ["?unknown-unit"], id="nearly-known"),
        pytest.param("yuan", ["?unknown-unit"], id="title-of-one"),
        pytest.param("元", ["?unknown-unit"], id="chinese-title-of-one"),
        pytest.param("award", [], id="of-its-own"),
    ],
)
def test_unit_that_is_nearly_one_of_the_vocabulary_is_pointed_out(
    unit: str, expected: list[str]
) -> None:
    """A scheme may count what nobody counted before; `points` are most likely `point`."""
    assert codes(TOTALS.replace("unit: point", f"unit: {unit}")) == expected


def test_children_are_looked_at_too() -> None:
    """What is measured of a child has a unit and a window of its own."""
    right = CHILDREN.replace("each_period: 0", "each_period: 1")
    wrong = right.replace("{last: {months: 12}}", "{calendar: year, first: 2}")

    assert codes(right) == []
    assert codes(wrong) == ["window-empty"]


@pytest.mark.parametrize(
    ("window", "where", "expected"),
    [
        pytest.param("", "event_date: {after: as_of}", ["never-holds"], id="ahead"),
        pytest.param("", "event_date: {on_or_after: as_of}", [], id="today"),
        pytest.param("", "event_date: {before: 2023-01-02}", ["never-holds"], id="out-of-window"),
        pytest.param("", "event_date: {before: 2023-01-03}", [], id="its-first-day"),
        pytest.param("", "event_date: 2023-01-01", ["never-holds"], id="day-out-of-window"),
        pytest.param("", "event_date: 2023-01-02", [], id="first-day"),
        pytest.param("", "publish_date: {before: 2020-01-01}", [], id="another-day"),
        pytest.param(
            "", "any: [{event_date: {after: as_of}}, {fine_fen: 0}]", [], id="one-of-several"
        ),
        pytest.param(
            "{calendar: year, first: -1}",
            "event_date: {on_or_before: 2022-12-31}",
            ["never-holds"],
            id="before-the-year",
        ),
        pytest.param(
            "{calendar: year, first: -1}",
            "event_date: {on_or_before: 2023-01-01}",
            [],
            id="first-day-of-the-year",
        ),
        pytest.param("ever", "event_date: {before: 2020-01-01}", [], id="ever"),
    ],
)
def test_filter_lets_a_day_of_the_window_through(
    window: str, where: str, expected: list[str]
) -> None:
    """Twelve months before 2024-01-01, when the version begins, are from 2023-01-02 on."""
    text = FINES.replace("{last: {months: 12}}", window or "{last: {months: 12}}")

    assert codes(text.replace("        window", f"        where: {{{where}}}\n        window")) == (
        expected
    )


@pytest.mark.parametrize("measure", ["{sum: deaths}", "{max: level}\n        if_none: unknown"])
@pytest.mark.parametrize(
    "records", ["accidents", "[accident, acident]", "accident\n        of: person"]
)
def test_kind_that_is_not_there_is_left_to_whoever_names_it(measure: str, records: str) -> None:
    """Nothing is known of the units of what has no word."""
    text = FINES.replace("{sum: fine_fen}", measure).replace("unit: fen", "unit: person")

    assert "unit" not in codes(text.replace("records: penalty", f"records: {records}"))


CLEAN = f"""\
    indicators:
      clean:
        records: accident
        window: {{calendar: year, first: -3, last_period: -1}}
        measure: {{consecutive: count, each_period: 0}}
        unit: year
        {SOURCE}
"""
FOUNDED = "    inputs: {founding_date: {from: subject, if_missing: no_data}}\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("", "", 1, id="of-anybody"),
        pytest.param("each_period: 0", "each_period: {at_most: 1}", 1, id="at-most"),
        pytest.param("each_period: 0", "each_period: {below: 1}", 1, id="below"),
        pytest.param("each_period: 0", "each_period: {at_least: 1}", 0, id="at-least-one"),
        pytest.param("each_period: 0", "each_period: {at_least: 0, below: 2}", 1, id="up-to-one"),
        pytest.param("each_period: 0", "each_period: 1", 0, id="one"),
        pytest.param("each_period: 0", "each_period: 0, since: founding_date", 0, id="since"),
        pytest.param("calendar: year", "back_from: inception", 1, id="back"),
        pytest.param("calendar: year", "anniversary: founding_date", 0, id="own-years"),
        pytest.param("    indicators:\n", f"{FOUNDED}    indicators:\n", 0, id="asked-otherwise"),
    ],
)
def test_clean_years_are_not_those_of_before_the_founding(
    old: str, new: str, expected: int
) -> None:
    """Whoever was founded last month has no records of any year: that is no merit."""
    found = codes(CLEAN.replace(old, new, 1))

    assert found == ["?clean-before-founding"] * expected


REACHED = f"""\
    values:
      limit: {{is: 50000, unit: CNY, {SOURCE}}}
    indicators:
      since:
        records: penalty
        window: {{last: {{months: 12}}}}
        measure: {{reached: limit, sum: fine_fen, again: from_below}}
        if_none: unknown
        unit: date
        {SOURCE}
"""


def test_what_is_reached_and_what_is_added_up_have_one_unit() -> None:
    """Fines in fen do not come to a number of yuan; written in fen it is right."""
    found = []
    for text in (REACHED, REACHED.replace("unit: CNY", "unit: fen")):
        policy = read_policy((HEAD + text).encode(), "policy.yaml")
        found.append([one.code for one in check_fitting(policy, policy.versions[0], VOCABULARY)])

    assert found == [["unit"], []]
