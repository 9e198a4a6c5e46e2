"""Exact arithmetic, one number and a column of them."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engine.errors import NumberTooLargeError
from services.engine.numbers import (
    MISSING,
    add,
    divide_rounded,
    multiply,
    rescale,
    subtract,
    sum_each,
)

MODES = {
    "half_up": ROUND_HALF_UP,
    "half_even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
}
LARGEST = int(np.iinfo(np.int64).max)


@pytest.mark.parametrize("mode", MODES)
@given(number=st.integers(-(10**15), 10**15), divisor=st.integers(-999, 999).filter(bool))
def test_division_rounds_as_decimal_does(mode: str, number: int, divisor: int) -> None:
    """Every named mode agrees with the decimal module, ties and signs included."""
    exact = (Decimal(number) / Decimal(divisor)).quantize(Decimal(1), MODES[mode])

    rounded = divide_rounded(number, divisor, mode)
    column = divide_rounded(np.array([number]), np.array([divisor]), mode)

    assert rounded == column.tolist()[0]
    # A quotient of 15 digits is exact in decimal's 28 unless it repeats just beside a tie.
    assert rounded == exact


@pytest.mark.parametrize(
    ("number", "mode", "expected"),
    [
        pytest.param(25, "half_up", 3, id="tie-up"),
        pytest.param(-25, "half_up", -3, id="tie-away-from-zero"),
        pytest.param(25, "half_even", 2, id="tie-to-even"),
        pytest.param(35, "half_even", 4, id="tie-to-even-above"),
        pytest.param(21, "up", 3, id="up"),
        pytest.param(-21, "up", -3, id="up-is-away-from-zero"),
        pytest.param(29, "down", 2, id="down"),
        pytest.param(-29, "down", -2, id="down-is-towards-zero"),
    ],
)
def test_dropping_a_decimal_follows_its_mode(number: int, mode: str, expected: int) -> None:
    """2.5, -2.5, 3.5, 2.1 and 2.9 to whole numbers."""
    assert rescale(number, 1, 0, mode) == expected


def test_more_decimals_change_nothing_but_the_unit() -> None:
    """1.5 with three decimals is 1500 thousandths."""
    assert rescale(15, 1, 3) == 1500
    assert rescale(np.array([15, -2]), 1, 3).tolist() == [1500, -200]


@given(left=st.integers(-LARGEST, LARGEST), right=st.integers(-LARGEST, LARGEST))
def test_sum_is_exact_or_refused(left: int, right: int) -> None:
    """A column never wraps round: it gives the exact sum or the named error."""
    fits = MISSING < left + right <= LARGEST
    if fits:
        assert add(np.array([left, 0]), np.array([right, 0])).tolist() == [left + right, 0]
        assert add(left, right) == left + right
    else:
        with pytest.raises(NumberTooLargeError):
            add(left, right)


@pytest.mark.parametrize("pair", [(2**62, 2**62), (-(2**62) - 1, -(2**62) - 1)])
def test_sum_beyond_the_range_is_refused_in_a_column(pair: tuple[int, int]) -> None:
    """Two numbers of one sign whose sum leaves 64 bits are refused."""
    with pytest.raises(NumberTooLargeError):
        add(np.array([0, pair[0]]), np.array([0, pair[1]]))


@pytest.mark.parametrize("pair", [(2**32, 2**32), (-(2**40), 2**30)])
def test_product_beyond_the_range_is_refused(pair: tuple[int, int]) -> None:
    """A product that leaves 64 bits is refused, alone and in a column."""
    with pytest.raises(NumberTooLargeError):
        multiply(*pair)
    with pytest.raises(NumberTooLargeError):
        multiply(np.array([1, pair[0]]), np.array([1, pair[1]]))


@given(left=st.integers(-(10**9), 10**9), right=st.integers(-(10**9), 10**9))
def test_column_calculates_as_one_number_does(left: int, right: int) -> None:
    """Products and differences of a column equal those of plain numbers."""
    a, b = np.array([left, 7]), np.array([right, 3])

    assert multiply(a, b).tolist() == [multiply(left, right), 21]
    assert subtract(a, b).tolist() == [subtract(left, right), 4]


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        pytest.param([2**62, 2**62], False, id="one-subject-beyond-the-range"),
        pytest.param([2**61, 2**61], True, id="just-within"),
    ],
)
def test_sums_of_subjects_are_exact_or_refused(values: list[int], *, fits: bool) -> None:
    """No sum goes round the end of the range."""
    subjects = np.zeros(len(values), dtype=np.int64)
    if fits:
        assert sum_each(subjects, np.array(values), 2).tolist() == [sum(values), 0]
    else:
        with pytest.raises(NumberTooLargeError):
            sum_each(subjects, np.array(values), 2)


def test_sums_are_of_each_subject() -> None:
    """Values of two subjects, and a third without any."""
    found = sum_each(np.array([0, 1, 0]), np.array([5, 7, -2]), 3)

    assert found.tolist() == [3, 7, 0]
