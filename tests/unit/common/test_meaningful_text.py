"""Texts that say something, and blanks in all their forms."""

import pytest

from services.common.meaningful_text import meaningful


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \t\n", id="white-space"),
        pytest.param("\u3000\u00a0", id="wide-and-fixed-space"),
        pytest.param("\u200b\ufeff\u2060", id="without-width"),
        pytest.param("\u3164\uffa0", id="letters-that-fill"),
        pytest.param("\u2800", id="empty-braille"),
        pytest.param("——", id="dashes"),
        pytest.param(" . \u200b", id="a-point-among-blanks"),
        pytest.param(".\u3164.", id="a-filler-among-points"),
    ],
)
def test_what_holds_neither_letter_nor_digit_says_nothing(text: str) -> None:
    """Whatever the blank, it is as if nothing had been written."""
    assert meaningful(text) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("瞒报", "瞒报", id="as-it-came"),
        pytest.param("\u3000瞒报 事故\u200b\n", "瞒报 事故", id="blanks-around-it"),
        pytest.param("1", "1", id="a-digit"),
        pytest.param("①", "①", id="a-digit-in-a-ring"),
        pytest.param("（无）。", "（无）。", id="signs-around-a-letter"),
    ],
)
def test_a_text_loses_the_blanks_around_it_alone(text: str, expected: str) -> None:
    """One letter or digit is enough, and what stands between stays."""
    assert meaningful(text) == expected
