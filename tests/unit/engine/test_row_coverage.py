"""Gaps and overlaps of tables: seeded mistakes, and right tables that must pass."""

import pytest

from tests.unit.engine.covering import BODY, SOURCE, codes


def table(*rows: str, keys: str = "[points]", otherwise: str = "no_data") -> str:
    """Write a table with one output."""
    lines = "".join(f"          - {{{row}, off: 1}}\n" for row in rows)
    return (
        f"{BODY}    tables:\n      offs:\n        keys: {keys}\n        outputs: {{off: point}}\n"
        f"        rows:\n{lines}        otherwise: {otherwise}\n        {SOURCE}\n"
        f"    values:\n      off: {{is: {{lookup: offs}}, unit: point, {SOURCE}}}\n"
    )


@pytest.mark.parametrize(
    ("rows", "codes_expected"),
    [
        pytest.param(("points: {below: 3}", "points: {at_least: 3}"), [], id="right"),
        pytest.param(("points: {below: 3}", "points: {at_least: 4}"), ["table-gap"], id="gap"),
        pytest.param(
            ("points: {at_most: 3}", "points: {at_least: 3}"), ["table-overlap"], id="overlap"
        ),
        pytest.param(
            ("points: {below: limit}", "points: {at_least: limit}"), [], id="limit-of-a-run"
        ),
        pytest.param(
            ("points: {at_most: limit}", "points: {at_least: limit}"),
            ["table-overlap"],
            id="limit-of-a-run-twice",
        ),
        pytest.param(
            ("points: {at_most: limit}", "points: {above: other_limit}"),
            ["?table-overlap"],
            id="overlap-that-only-a-run-knows",
        ),
        pytest.param(("points: {below: 0}", "points: {at_least: 0}"), ["dead-row"], id="dead"),
        pytest.param(
            ("points: {below: 3}", "points: {at_least: 3}", "points: 7"),
            ["dead-row", "table-overlap"],
            id="taken-by-an-earlier-row",
        ),
    ],
)
def test_rows_of_a_table(rows: tuple[str, ...], codes_expected: list[str]) -> None:
    """Rows leave nothing between them, and nothing fits two of them."""
    assert codes(table(*rows)) == codes_expected


@pytest.mark.parametrize(
    ("rows", "codes_expected"),
    [
        pytest.param(("points: {below: 3}", "points: {at_least: 3}"), [], id="right"),
        pytest.param(("points: {below: 3}", "points: {above: 3}"), ["?table-gap"], id="one-number"),
        pytest.param(
            ("points: {below: 3}", "points: {at_least: 5}"), ["?table-gap"], id="several-numbers"
        ),
        pytest.param(
            ("points: {below: 3}", "points: 3", "points: {above: 3}"), [], id="row-of-its-own"
        ),
        pytest.param(("points: {at_least: 3}",), [], id="before-the-first"),
        pytest.param(("points: {at_least: 1, below: 3}",), [], id="before-and-after"),
        pytest.param(("points: 1", "points: 3", "points: 7"), [], id="single-numbers"),
        pytest.param(("points: 1", "points: {at_least: 3}"), [], id="single-number-and-a-range"),
        pytest.param(("points: {below: 3}", "points: 5"), [], id="range-and-a-single-number"),
    ],
)
@pytest.mark.parametrize("otherwise", ["{off: 0}", "{off: 1}"])
def test_hole_between_bounds_is_told_where_a_number_stands_in(
    rows: tuple[str, ...], codes_expected: list[str], otherwise: str
) -> None:
    """What stands in is for what no row is for, and hardly for what lies between two bounds."""
    assert codes(table(*rows, otherwise=otherwise)) == codes_expected


def test_codes_may_be_few_where_a_number_stands_in() -> None:
    """Grave and minor accidents cost something, and those between cost nothing."""
    few = table("gravest: general", "gravest: major", keys="[gravest]", otherwise="{off: 0}")

    assert codes(few) == []


def test_large_table_is_checked() -> None:
    """Eight bands on each of four keys are checked like three; one row too many is found."""
    keys = ("points", "free", "limit", "other_limit")
    first = [
        f"points: {{at_least: {10 * step}, below: {10 * step + 10}}}, "
        + ", ".join(f"{key}: {{at_least: {10 * step}}}" for key in keys[1:])
        for step in range(8)
    ]
    more = "points: {at_least: 0, below: 10}, free: any, limit: {below: 1}, other_limit: any"
    right, wrong = (table(*rows, keys=f"[{', '.join(keys)}]") for rows in (first, [*first, more]))

    assert codes(right) == []
    assert codes(wrong) == ["table-overlap"]
