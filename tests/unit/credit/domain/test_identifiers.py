"""Identifiers: a letter and a number, in one way only."""

import pytest

from services.credit.domain.identifiers import RECORD, name_of, number_of


def test_an_identifier_is_read_as_it_was_written() -> None:
    """What was named is found again."""
    assert number_of(RECORD, name_of(RECORD, 100_001)) == 100_001


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("r-1", id="smallest"),
        pytest.param("r-9223372036854775807", id="largest-that-is-stored"),
    ],
)
def test_the_ends_of_the_range_are_identifiers(text: str) -> None:
    """Everything that a store can keep has a name."""
    number = number_of(RECORD, text)

    assert number is not None
    assert name_of(RECORD, number) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("r", id="no-dash"),
        pytest.param("r-", id="no-number"),
        pytest.param("e-1", id="another-letter"),
        pytest.param("R-1", id="capital-letter"),
        pytest.param("r-0", id="zero"),
        pytest.param("r-01", id="leading-zero"),
        pytest.param("r--1", id="negative"),
        pytest.param("r-1 ", id="trailing-space"),
        pytest.param("r-١", id="digit-of-another-script"),
        pytest.param("r-9223372036854775808", id="beyond-what-is-stored"),
        pytest.param("r-" + "9" * 5_000, id="far-beyond"),
    ],
)
def test_anything_else_is_no_identifier(text: str) -> None:
    """One number has one name, and what a store cannot keep has none."""
    assert number_of(RECORD, text) is None
