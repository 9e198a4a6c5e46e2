"""Unified social credit codes as callers write them.

A division that was abolished, or a department with a letter, is no reason to refuse a code.
"""

import re
from functools import lru_cache
from operator import mul
from typing import Final

_CODE: Final = re.compile("[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_VALUES: Final = {
    character: value for value, character in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")
}
# The weighted sum of a right code, its check character included, is a multiple of 31.
_WEIGHTS: Final = (*(3**position % len(_VALUES) for position in range(17)), 1)

# GB 11714: the organisation code within a credit code ends in a check character of its own.
_ORGANISATION: Final = slice(8, 16)
_ORGANISATION_CHECK: Final = 16
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECKS: Final = "0123456789X"


@lru_cache(maxsize=65_536)
def credit_code_fault(code: str) -> str:
    """Say what is wrong with a credit code in upper case.

    Returns:
        Empty if nothing is, else CREDIT_CODE_MALFORMED or CREDIT_CODE_CHECK_WRONG.

    Source:
        GB 32100-2015; GB 11714-1997 for characters 9 to 17.
    """
    if not _CODE.fullmatch(code):
        return "CREDIT_CODE_MALFORMED"
    if sum(map(mul, map(_VALUES.__getitem__, code), _WEIGHTS)) % len(_VALUES):
        return "CREDIT_CODE_CHECK_WRONG"
    # Here letters count as in base 36, and a remainder of 1 is written X.
    digits = (int(character, 36) for character in code[_ORGANISATION])
    check = _ORGANISATION_CHECKS[-sum(map(mul, digits, _ORGANISATION_WEIGHTS)) % 11]
    return "" if check == code[_ORGANISATION_CHECK] else "CREDIT_CODE_CHECK_WRONG"
