"""Gaps and overlaps of tables: seeded mistakes, and right tables that must pass."""

import pytest

from tests.unit.engine.covering import BODY, SOURCE, codes


def table(*rows: str, keys: str = "[points]") -> str:
    """Write a table with one output."""
    lines = "".join(f"          - {{{row}, off: 1}}\n" for row in rows)
    return (
        f"{BODY}    tables:\n      offs:\n        keys: {keys}\n        outputs: {{off: point}}\n"
        f"        rows:\n{lines}        otherwise: no_data\n        {SOURCE}\n"
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
