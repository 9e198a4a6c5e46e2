"""Exact numbers as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.amount import Amount


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        pytest.param(0, 0, "0", id="zero"),
        pytest.param(0, 4, "0", id="zero-with-decimals"),
        pytest.param(9000, 2, "90", id="needless-zeros"),
        pytest.param(8950, 2, "89.5", id="one-decimal-kept"),
        pytest.param(8000, 4, "0.8", id="below-one"),
        pytest.param(-1000, 4, "-0.1", id="negative-below-one"),
        pytest.param(-2250, 2, "-22.5", id="negative"),
        pytest.param(5, 2, "0.05", id="leading-zero"),
        pytest.param(2**62, 2, "46116860184273879.04", id="beyond-a-float"),
    ],
)
def test_amounts_are_written_exactly(number: int, places: int, text: str) -> None:
    """All decimals that matter stand there, and no others."""
    assert str(Amount(number, places)) == text


@given(number=st.integers(-(2**63), 2**63 - 1), places=st.integers(0, 9))
def test_the_text_is_the_number(number: int, places: int) -> None:
    """Read back, the text is the number again."""
    text = str(Amount(number, places))
    whole, _, rest = text.partition(".")

    assert int(f"{whole}{rest:0<{places}}") == number


def test_no_number_is_no_amount() -> None:
    """Nothing stays nothing."""
    assert Amount.of(None, 2) is None
    assert Amount.of(3, 2) == Amount(3, 2)
