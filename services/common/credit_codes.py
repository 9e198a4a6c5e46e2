"""Numbers that others issued: why one is refused, and unified social credit codes.

Only what a code says about itself is checked. A division that was abolished, or a department with a
letter, is no reason to refuse one.
"""

import re
from functools import lru_cache
from operator import mul
from typing import Final

_CREDIT_CODE: Final = re.compile("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")

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


# Private functions -----------------------------------------------------------


def _organisation_check(body: str) -> str:
    total = sum(map(mul, map(_ORGANISATION_VALUES.__getitem__, body), _ORGANISATION_WEIGHTS))
    # A remainder of 0 is written 0, one of 1 is written X.
    return _ORGANISATION_CHECKS[-total % 11]
