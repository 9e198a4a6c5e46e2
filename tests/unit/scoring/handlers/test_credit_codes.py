"""Credit codes: both check characters."""

import pytest

from services.scoring.handlers.credit_codes import credit_code_fault


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        pytest.param("91110000600037341L", "", id="right"),
        pytest.param("91110000600037341A", "CREDIT_CODE_CHECK_WRONG", id="last-character"),
        pytest.param("9111000060003734AL", "CREDIT_CODE_CHECK_WRONG", id="organisation-check"),
        pytest.param("91110000600037341", "CREDIT_CODE_MALFORMED", id="short"),
        pytest.param("9111000060003734111", "CREDIT_CODE_MALFORMED", id="long"),
        pytest.param("9I110000600037341L", "CREDIT_CODE_MALFORMED", id="letter-that-none-has"),
        pytest.param("91A10000600037341L", "CREDIT_CODE_MALFORMED", id="letter-in-the-division"),
        pytest.param("", "CREDIT_CODE_MALFORMED", id="empty"),
    ],
)
def test_faults_are_told_apart(code: str, fault: str) -> None:
    """Length and characters first, then the two check characters."""
    assert credit_code_fault(code) == fault


def test_each_character_matters() -> None:
    """Any other digit or letter in any place is found."""
    right = "91110000600037341L"

    for place in range(18):
        for other in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            wrong = right[:place] + other + right[place + 1 :]
            assert bool(credit_code_fault(wrong)) == (wrong != right)


def test_a_department_with_a_letter_is_right() -> None:
    """N is the farming department (农业); of all endings of a code exactly one is right."""
    digits = "0123456789X"
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"

    right = [
        ending
        for ending in (first + second for first in digits for second in letters)
        if not credit_code_fault(f"N2110105MA000001{ending}")
    ]

    assert len(right) == 1
