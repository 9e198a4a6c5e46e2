"""Checking citizen identity numbers.

Only what the numbers say about themselves is checked. A division that was abolished is no reason to
refuse one.
"""

import re
from datetime import date
from typing import Final

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from services.common.credit_codes import NumberRefusedError

_IDENTITY_NUMBER: Final = re.compile("[0-9]{17}[0-9X]")


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
