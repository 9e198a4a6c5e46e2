"""Codes of the sample: right by both standards, and clearly invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from cli.sample.codes import ENTERPRISE_PREFIX, TRADER_PREFIX, credit_code, identity_number

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def organisation_check(code: str) -> int:
    """Sum the nine characters of the organisation code with the weights of GB 11714."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2, 1)
    values = [10 if place == 8 and c == "X" else int(c, 36) for place, c in enumerate(code[8:17])]
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) % 11


@given(
    prefix=st.sampled_from([ENTERPRISE_PREFIX, TRADER_PREFIX]),
    division=st.from_regex(r"[1-6][0-9]{5}", fullmatch=True),
    serial=st.integers(0, 999_999),
)
def test_every_credit_code_passes_both_checks(prefix: str, division: str, serial: int) -> None:
    """The last character is right by GB 32100, the ninth of the organisation by GB 11714."""
    code = credit_code(prefix, division, serial)

    assert uscc.is_valid(code)
    assert organisation_check(code) == 0
    assert set(code) <= set(ALPHABET)
    assert code[:10] == f"{prefix}{division}YY"


def test_the_construction_is_that_of_the_standards_own_example() -> None:
    """91350100M000100Y43 has the organisation code M000100Y-4, whose check is right."""
    assert organisation_check("91350100M000100Y43") == 0


@given(serial=st.integers(0, 100_000))
def test_every_identity_number_is_right_and_nobody_alive(serial: int) -> None:
    """The check character is right by GB 11643, and the year of birth is 1900."""
    number = identity_number(serial)

    assert ric.is_valid(number)
    assert number[:10] == "1101051900"


@pytest.mark.parametrize("count", [2_000])
def test_identity_numbers_differ(count: int) -> None:
    """Each person has one of its own."""
    assert len({identity_number(serial) for serial in range(count)}) == count
