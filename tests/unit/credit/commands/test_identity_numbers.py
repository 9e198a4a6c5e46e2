"""Identity numbers: what passes and what does not."""

from datetime import date

import pytest

from services.common.credit_codes import NumberRefusedError
from services.credit.commands.identity_numbers import checked_identity_number

TODAY = date(2025, 6, 1)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("11010519491231002X", id="check-character-x"),
        # No list of divisions knows the place for this year; that is no reason to refuse.
        pytest.param("440524188001010014", id="born-in-1880"),
        pytest.param("110105202506010029", id="born-today"),
    ],
)
def test_sample_identity_numbers_pass(number: str) -> None:
    """Check character and birth date of the samples of GB 11643 are right."""
    assert checked_identity_number(number.lower(), today=TODAY) == number


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        pytest.param("11010519491231002", "IDENTITY_NUMBER_MALFORMED", id="17-characters"),
        pytest.param("11010519491231002XX", "IDENTITY_NUMBER_MALFORMED", id="19-characters"),
        pytest.param("1101051949123100X2", "IDENTITY_NUMBER_MALFORMED", id="x-within"),
        pytest.param("110105194912310021", "IDENTITY_NUMBER_CHECK_WRONG", id="check"),
        pytest.param(
            "110105194902310026", "IDENTITY_NUMBER_BIRTH_DATE_WRONG", id="thirty-first-of-february"
        ),
        pytest.param("110105202506020024", "IDENTITY_NUMBER_BIRTH_DATE_WRONG", id="born-tomorrow"),
    ],
)
def test_wrong_identity_numbers_are_refused(number: str, reason: str) -> None:
    """Each refusal has its reason, and does not repeat the number."""
    with pytest.raises(NumberRefusedError) as error:
        checked_identity_number(number, today=TODAY)

    assert error.value.reason == reason
    assert number not in str(error.value)
