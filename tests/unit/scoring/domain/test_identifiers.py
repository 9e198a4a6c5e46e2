"""Identifiers: one name for one number."""

import pytest

from services.scoring.domain.identifiers import ENTERPRISE, name_of, number_of


def test_a_name_leads_back_to_its_number() -> None:
    """The largest number that a store keeps has a name too."""
    assert number_of(ENTERPRISE, name_of(ENTERPRISE, 2**63 - 1)) == 2**63 - 1


@pytest.mark.parametrize(
    "text",
    ["", "e", "e-", "e-0", "e-01", "p-1", "e-1 ", "e--1", "e-١", "e-9223372036854775808", "e-1-2"],
)
def test_what_is_no_identifier_is_none(text: str) -> None:
    """Another letter, a sign, leading zeros, other digits and too large a number are refused."""
    assert number_of(ENTERPRISE, text) is None
