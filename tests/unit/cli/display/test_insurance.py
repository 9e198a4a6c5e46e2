"""Participation as people read it."""

import pytest

from cli.display.insurance import curve, percent


@pytest.mark.parametrize(
    ("basis_points", "text"),
    [
        pytest.param(0, "0.00 %", id="none"),
        pytest.param(3_305, "33.05 %", id="two-decimals"),
        pytest.param(10_000, "100.00 %", id="all"),
    ],
)
def test_basis_points_are_percentages(basis_points: int, text: str) -> None:
    """Two decimals, exactly."""
    assert percent(basis_points) == text


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        pytest.param([0, 10_000], "▁█  0.00 % → 100.00 %", id="from-none-to-all"),
        pytest.param([None, 5_000, None], " ▄   50.00 % → 50.00 %", id="months-without-anybody"),
        pytest.param([None], "", id="nothing-to-draw"),
    ],
)
def test_shares_are_drawn_as_bars(values: list[int | None], drawn: str) -> None:
    """The lowest bar is none, the highest all of the obliged."""
    assert curve(values) == drawn
