"""Amounts of money: units, signs around them, and exactness to the fen."""

import pytest

from cli.importing.amounts import compile_amounts
from cli.importing.cells import CellError


@pytest.mark.parametrize(
    ("unit", "text", "amount_fen"),
    [
        pytest.param("yuan", "0", 0, id="zero"),
        pytest.param("yuan", "12.34", 1_234, id="fen"),
        pytest.param("yuan", "1,234,567.80", 123_456_780, id="thousands"),
        pytest.param("yuan", "¥ 3000元", 300_000, id="signs"),
        pytest.param("yuan", "３０００", 300_000, id="full-width"),
        pytest.param("yuan", "-5", -500, id="negative-is-for-the-service-to-refuse"),
        pytest.param("fen", "7", 7, id="unit-fen"),
        pytest.param("wan_yuan", "3", 3_000_000, id="wan"),
        # 0.1 of 10,000 yuan is 1,000 yuan exactly, whatever binary fractions make of it.
        pytest.param("wan_yuan", "0.1", 100_000, id="wan-tenth"),
        pytest.param("wan_yuan", "4.35万元", 4_350_000, id="wan-with-its-sign"),
        pytest.param("wan_yuan", "0.000001", 1, id="wan-one-fen"),
        pytest.param("wan_yuan", "1234.567891", 1_234_567_891, id="wan-six-decimals"),
        pytest.param("wan_yuan", "1.50000000", 1_500_000, id="wan-zeros-behind"),
        pytest.param("yi_yuan", "1.2亿", 12_000_000_000, id="yi"),
    ],
)
def test_an_amount_is_read_exactly(unit: str, text: str, amount_fen: int) -> None:
    """An amount in any unit is the whole number of fen that it says."""
    assert compile_amounts(unit)(text) == amount_fen


@pytest.mark.parametrize(
    ("unit", "text", "reason"),
    [
        pytest.param("yuan", "0.001", "AMOUNT_BELOW_FEN", id="tenth-of-a-fen"),
        pytest.param("wan_yuan", "0.0000001", "AMOUNT_BELOW_FEN", id="wan-tenth-of-a-fen"),
        pytest.param("wan_yuan", "3元", "AMOUNT_UNIT_DIFFERS", id="yuan-in-a-column-of-wan"),
        pytest.param("yuan", "3万元", "AMOUNT_UNIT_DIFFERS", id="wan-in-a-column-of-yuan"),
        pytest.param("yuan", "三千", "AMOUNT_UNREADABLE", id="words"),
        pytest.param("yuan", "1,23", "AMOUNT_UNREADABLE", id="comma-astray"),
        pytest.param("yuan", "3 USD", "AMOUNT_UNREADABLE", id="other-currency"),
        pytest.param("yuan", "1e3", "AMOUNT_UNREADABLE", id="exponent"),
        pytest.param("yuan", "", "AMOUNT_UNREADABLE", id="nothing"),
        pytest.param("yuan", "9" * 16, "AMOUNT_UNREADABLE", id="too-many-digits"),
    ],
)
def test_an_amount_that_is_not_exact_or_not_clear_is_refused(
    unit: str, text: str, reason: str
) -> None:
    """Nothing is rounded, and no unit is guessed."""
    with pytest.raises(CellError) as error:
        compile_amounts(unit)(text)

    assert error.value.reason == reason
