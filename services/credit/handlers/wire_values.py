"""Single values of the wire as values of the domain, and the reasons why one is none.

Each reader takes what a message holds and gives the value, or raises a `WireError` with the stable
reason. Whoever calls it knows the path of the field.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as WireDecimal
from google.type.money_pb2 import Money

from services.credit.domain.identifiers import number_of

CURRENCY: Final = "CNY"

_NANOS_OF_FEN: Final = 10_000_000
_NANOS_OF_UNIT: Final = 10**9
_NANOS_OF_MICROSECOND: Final = 1_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A day short of the ends of the calendar, so that every instant has a civil day.
_SECONDS_MIN: Final = int(datetime(1, 1, 2, tzinfo=UTC).timestamp())
_SECONDS_MAX: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?", re.ASCII)
_DECIMAL_CHARACTERS_MAX: Final = 40
_DIVISION: Final = re.compile("[1-9][0-9]{5}")
_INDUSTRY_PREFIX: Final = re.compile("[A-T][0-9]{0,4}")
# Line breaks and tabs belong to texts; what else controls a terminal or ends a string does not.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Code = TypeVar("Code", bound=IntEnum)


class WireError(Exception):
    """What a field holds is no value of its kind.

    Attributes:
        reason: Stable UPPER_SNAKE word.
        message: What would be right.
        within: Where in the field, to be appended to its path.
    """

    def __init__(self, reason: str, message: str, *, within: str = "") -> None:
        """Keep the parts."""
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.within = within


def read_text(text: str) -> str:
    """Read a text, which is kept as it came."""
    # Nearly every text is printable, and asking so is quicker than searching.
    if not text.isprintable() and _CONTROL.search(text):
        raise WireError("TEXT_WITH_CONTROL_CHARACTER", "leave out control characters")
    return text


def read_day(day: Date) -> date:
    """Read a civil day."""
    year, month, number = day.year, day.month, day.day
    if not (year and month and number):
        raise WireError("DATE_INCOMPLETE", "give year, month and day")
    try:
        return date(year, month, number)
    except ValueError as error:
        raise WireError("DATE_INVALID", "give a day of the calendar") from error


def read_instant(instant: Timestamp) -> datetime:
    """Read an instant; what is finer than a microsecond is cut off."""
    if not (_SECONDS_MIN <= instant.seconds < _SECONDS_MAX and 0 <= instant.nanos < _NANOS_OF_UNIT):
        raise WireError("TIME_INVALID", "give an instant between the years 1 and 9999")
    return _EPOCH + timedelta(
        seconds=instant.seconds, microseconds=instant.nanos // _NANOS_OF_MICROSECOND
    )


def read_fen(money: Money) -> int:
    """Read an amount of money, in fen."""
    if money.currency_code != CURRENCY:
        raise WireError("MONEY_NOT_CNY", f"give the amount in {CURRENCY}")
    units, nanos = money.units, money.nanos
    if abs(nanos) >= _NANOS_OF_UNIT or units * nanos < 0:
        raise WireError("MONEY_INVALID", "give units and nanos of one sign, nanos below 10^9")
    if nanos % _NANOS_OF_FEN:
        raise WireError("MONEY_BELOW_FEN", "give whole fen")
    return units * 100 + nanos // _NANOS_OF_FEN


def read_hundredths(decimal: WireDecimal) -> int:
    """Read a decimal with at most two decimals, in hundredths; an empty one is 0."""
    text = decimal.value or "0"
    if len(text) > _DECIMAL_CHARACTERS_MAX or not _DECIMAL.fullmatch(text):
        raise WireError("DECIMAL_MALFORMED", 'give a decimal such as "2.5"')
    hundredths = Decimal(text).scaleb(2)
    if hundredths != hundredths.to_integral_value():
        raise WireError("DECIMAL_TOO_PRECISE", "give at most two decimals")
    return int(hundredths)


def read_division(code: str) -> int:
    """Read a division of GB/T 2260; whether it exists, or did, is not asked."""
    if not _DIVISION.fullmatch(code):
        raise WireError("DIVISION_MALFORMED", "give six digits, the first not 0")
    return int(code)


def read_division_range(code: str) -> range:
    """Read a division as the range of itself and what lies below it (GB/T 2260)."""
    first = read_division(code)
    if code.endswith("0000"):
        return range(first, first + 10_000)
    return range(first, first + (100 if code.endswith("00") else 1))


def read_industry_prefix(code: str) -> str:
    """Read an industry as the beginning of its own code and of those below it (GB/T 4754)."""
    if not _INDUSTRY_PREFIX.fullmatch(code):
        raise WireError("INDUSTRY_MALFORMED", "give a letter from A to T and up to four digits")
    return code


def identifier_reader(letter: str) -> Callable[[str], int]:
    """Make the reader of identifiers with a letter."""

    def read(text: str) -> int:
        number = number_of(letter, text)
        if number is None:
            raise WireError("ID_MALFORMED", f'give an identifier such as "{letter}-100001"')
        return number

    return read


def code_reader(code: type[Code]) -> Callable[[int], Code]:
    """Make the reader of the numbers of an enumeration."""
    members = {int(one): one for one in code}

    def read(number: int) -> Code:
        member = members.get(number)
        if member is None:
            raise _no_member(number)
        return member

    return read


def codes_reader(code: type[Code]) -> Callable[[Iterable[int]], frozenset[Code]]:
    """Make the reader of a list of an enumeration's numbers, none of which stands twice."""
    members = {int(one): one for one in code}

    def read(numbers: Iterable[int]) -> frozenset[Code]:
        found: set[Code] = set()
        for position, number in enumerate(numbers):
            member = members.get(number)
            if member is None:
                raise _no_member(number, within=f"[{position}]")
            if member in found:
                raise WireError("REPEATED", "give each value once", within=f"[{position}]")
            found.add(member)
        return frozenset(found)

    return read


def wire_code(code: IntEnum) -> Any:  # noqa: ANN401 -- the stubs of generated enumerations take their own members only.
    """Write a code; its number is the same on both sides."""
    return int(code)


def write_day(day: date) -> Date:
    """Write a civil day."""
    return Date(year=day.year, month=day.month, day=day.day)


def write_instant(instant: datetime) -> Timestamp:
    """Write an instant to the microsecond."""
    since = instant - _EPOCH
    return Timestamp(
        seconds=since.days * 86_400 + since.seconds,
        nanos=since.microseconds * _NANOS_OF_MICROSECOND,
    )


def write_money(fen: int) -> Money:
    """Write an amount; units and nanos have one sign."""
    units, rest = divmod(abs(fen), 100)
    sign = -1 if fen < 0 else 1
    return Money(currency_code=CURRENCY, units=sign * units, nanos=sign * rest * _NANOS_OF_FEN)


def write_decimal(hundredths: int) -> WireDecimal:
    """Write a decimal of at least zero without needless zeros."""
    units, rest = divmod(hundredths, 100)
    text = f"{units}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(units)
    return WireDecimal(value=text)


# Private functions -----------------------------------------------------------


def _no_member(number: int, within: str = "") -> WireError:
    if number == 0:
        return WireError("ENUM_UNSPECIFIED", "name a value", within=within)
    return WireError("ENUM_UNKNOWN", f"{number} is no value of this enumeration", within=within)
