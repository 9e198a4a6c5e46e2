"""Codes of invented enterprises and persons, with right check characters."""

from datetime import date, timedelta
from typing import Final

ENTERPRISE_PREFIX: Final = "91"
"""Market supervision, enterprise (GB 32100-2015)."""

TRADER_PREFIX: Final = "92"
"""Market supervision, individual trader (GB 32100-2015)."""

INVENTED_PREFIX: Final = "YY"
"""House decision: no organisation code that was ever issued begins so."""

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS: Final = "10X98765432"
_IDENTITY_DIVISION: Final = "110105"
_FIRST_BIRTHDAY: Final = date(1900, 1, 1)
_BIRTHDAYS: Final = 365
"""1900 only: nobody born then can be met today."""


def credit_code(prefix: str, division: str, serial: int) -> str:
    """Make the credit code of an invented enterprise.

    Args:
        prefix: `ENTERPRISE_PREFIX` or `TRADER_PREFIX`.
        division: Six digits.
        serial: From 0 to 999,999; different for each enterprise.

    Source:
        GB 32100-2015 and, for the organisation code inside, GB 11714-1997.
    """
    assert 0 <= serial < 10**6, "six digits hold the serial"
    organisation = f"{INVENTED_PREFIX}{serial:06}"
    body = f"{prefix}{division}{organisation}{_organisation_check(organisation)}"
    total = sum(
        _ALPHABET.index(character) * weight
        for character, weight in zip(body, _CREDIT_WEIGHTS, strict=True)
    )
    return body + _ALPHABET[(31 - total % 31) % 31]


def identity_number(serial: int) -> str:
    """Make the identity number of an invented person.

    Args:
        serial: From 0; different for each person.

    Source:
        GB 11643-1999.
    """
    birthday = _FIRST_BIRTHDAY + timedelta(days=serial % _BIRTHDAYS)
    body = f"{_IDENTITY_DIVISION}{birthday:%Y%m%d}{1 + serial // _BIRTHDAYS:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _IDENTITY_WEIGHTS, strict=True))
    return body + _IDENTITY_CHECKS[total % 11]


# Private functions -----------------------------------------------------------


def _organisation_check(organisation: str) -> str:
    total = sum(
        int(character, 36) * weight
        for character, weight in zip(organisation, _ORGANISATION_WEIGHTS, strict=True)
    )
    check = 11 - total % 11
    return {10: "X", 11: "0"}.get(check, str(check))
