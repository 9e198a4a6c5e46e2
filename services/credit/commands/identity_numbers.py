"""Checking numbers that others issued: credit codes and citizen identity numbers.

Only what the numbers say about themselves is checked. A division that was abolished, in a credit
code or an identity number, is no reason to refuse it.
"""

import re
from datetime import date
from functools import lru_cache
from operator import mul
from typing import Final

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

_CREDIT_CODE: Final = re.compile("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_IDENTITY_NUMBER: Final = re.compile("[0-9]{17}[0-9X]")

# The weighted sum of a right code, its check character included, is a multiple of 31. stdnum's own
# check of these codes refuses departments with a letter (N: 农业), and is too slow for imports.
_VALUES: Final = {
    character: value for value, character in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")
}
_WEIGHTS: Final = (*(3**position % len(_VALUES) for position in range(17)), 1)

# GB 11714: the organisation code within a credit code ends in a check character of its own.
_ORGANISATION: Final = slice(8, 16)
_ORGANISATION_CHECK: Final = 16
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUES: Final = {character: int(character, 36) for character in _VALUES}
_ORGANISATION_CHECKS: Final = "0123456789X"


class NumberRefusedError(ValueError):
    """A number is not one that its authority can have issued.

    Attributes:
        reason: Stable UPPER_SNAKE word.
        message: What is wrong; never the number itself.
    """

    def __init__(self, reason: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.reason = reason
        self.message = message


@lru_cache(maxsize=65_536)
def checked_credit_code(text: str) -> str:
    """Give a unified social credit code in upper case.

    Raises:
        NumberRefusedError: CREDIT_CODE_MALFORMED if length or characters are wrong,
            CREDIT_CODE_CHECK_WRONG if one of the two check characters is.

    Source:
        GB 32100-2015; GB 11714-1997 for characters 9 to 17.
    """
    code = text.upper()
    if not text.isascii() or not _CREDIT_CODE.fullmatch(code):
        raise NumberRefusedError(
            "CREDIT_CODE_MALFORMED",
            "give 18 digits and capital letters without I, O, S, V and Z, digits from the third"
            " to the eighth",
        )
    if sum(map(mul, map(_VALUES.__getitem__, code), _WEIGHTS)) % len(_VALUES):
        raise NumberRefusedError(
            "CREDIT_CODE_CHECK_WRONG", "compare with the licence: the 18th character is wrong"
        )
    if _organisation_check(code[_ORGANISATION]) != code[_ORGANISATION_CHECK]:
        raise NumberRefusedError(
            "CREDIT_CODE_CHECK_WRONG", "compare with the licence: the 17th character is wrong"
        )
    return code


def checked_identity_number(text: str, *, today: date) -> str:
    """Give a citizen identity number in upper case.

    The place of birth is not looked up: no list of divisions is complete for every year.

    Args:
        text: The number.
        today: Civil day, on which the person must have been born.

    Raises:
        NumberRefusedError: IDENTITY_NUMBER_MALFORMED if length or characters are wrong,
            IDENTITY_NUMBER_CHECK_WRONG if the check character is,
            IDENTITY_NUMBER_BIRTH_DATE_WRONG if there is no such day, or not yet.

    Source:
        GB 11643-1999.
    """
    number = text.upper()
    if not text.isascii() or not _IDENTITY_NUMBER.fullmatch(number):
        raise NumberRefusedError("IDENTITY_NUMBER_MALFORMED", "give 17 digits and a digit or X")
    if ric.calc_check_digit(number) != number[-1]:
        raise NumberRefusedError(
            "IDENTITY_NUMBER_CHECK_WRONG", "compare with the card: the last character is wrong"
        )
    try:
        birth_date = ric.get_birth_date(number)
    except ValidationError:
        birth_date = date.max
    if birth_date > today:
        raise NumberRefusedError(
            "IDENTITY_NUMBER_BIRTH_DATE_WRONG", "compare with the card: there is no such birthday"
        )
    return number


# Private functions -----------------------------------------------------------


def _organisation_check(body: str) -> str:
    total = sum(map(mul, map(_ORGANISATION_VALUES.__getitem__, body), _ORGANISATION_WEIGHTS))
    # A remainder of 0 is written 0, one of 1 is written X.
    return _ORGANISATION_CHECKS[-total % 11]
