"""Single values of the wire as values of the domain, and the reasons why one is none.

Each reader gives the value or raises a `PydanticCustomError` whose type is the stable reason, so
that the models of `requests` can be made of them. The reasons are those of the credit service.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money
from pydantic_core import PydanticCustomError

from safetycredit.type.v1.subject_pb2 import SubjectRef as WireSubjectRef
from safetycredit.type.v1.wording_pb2 import Wording
from services.common.credit_codes import NumberRefusedError, checked_credit_code
from services.scoring.commands.showing import Shown, Word
from services.scoring.domain.amount import Amount
from services.scoring.domain.identifiers import ENTERPRISE, PERSON, number_of
from services.scoring.domain.subject import (
    CreditCode,
    EnterpriseId,
    LocalIdentity,
    PersonId,
    SubjectRef,
)
from services.scoring.domain.viewpoint import AS_OF_MAX, AS_OF_MIN, answerable

CURRENCY: Final = "CNY"

_NANOS_OF_FEN: Final = 10_000_000
_NANOS_OF_UNIT: Final = 10**9
_NANOS_OF_MICROSECOND: Final = 1_000
_FEN_MAX: Final = 10**15
"""House limit: ten thousand milliards of yuan."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# A day short of the ends of the calendar, so that every instant has a civil day.
_SECONDS_MIN: Final = int(datetime(1, 1, 2, tzinfo=UTC).timestamp())
_SECONDS_MAX: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())
_SCHEME: Final = re.compile("[a-z0-9.-]{1,64}")
_NAME_CHARACTERS_MAX: Final = 100
_HEADCOUNT_MAX: Final = 10_000_000
_DIVISION: Final = re.compile("[1-9][0-9]{5}")
_COUNTRY: Final = "000000"
_INDUSTRY: Final = re.compile("[A-T][0-9]{0,4}")
_LOCAL_VALUE_CHARACTERS_MAX: Final = 200
_RESERVED_SCHEME: Final = "uscc"
# Line breaks and tabs belong to texts; what else controls a terminal or ends a string does not.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def wrong(reason: str, message: str, *, within: str = "") -> PydanticCustomError:
    """Say why a field holds no value of its kind.

    Args:
        reason: Stable UPPER_SNAKE word.
        message: What would be right; without braces.
        within: Path from the field to what is wrong in it.
    """
    return PydanticCustomError(reason, message, {"within": within})


def read_day(day: Date) -> date:
    """Read a civil day that questions may be asked about."""
    if not (day.year and day.month and day.day):
        raise wrong("DATE_INCOMPLETE", "give year, month and day")
    try:
        read = date(day.year, day.month, day.day)
    except ValueError as error:
        raise wrong("DATE_INVALID", "give a day of the calendar") from error
    if not answerable(read):
        raise wrong("DATE_OUT_OF_RANGE", f"give a day from {AS_OF_MIN} to {AS_OF_MAX}")
    return read


def read_instant(instant: Timestamp) -> datetime:
    """Read an instant; what is finer than a microsecond is cut off."""
    if not (_SECONDS_MIN <= instant.seconds < _SECONDS_MAX and 0 <= instant.nanos < _NANOS_OF_UNIT):
        raise wrong("TIME_INVALID", "give an instant between the years 1 and 9999")
    return _EPOCH + timedelta(
        seconds=instant.seconds, microseconds=instant.nanos // _NANOS_OF_MICROSECOND
    )


def read_fen(money: Money) -> int:
    """Read an amount of money above zero, in fen."""
    if money.currency_code != CURRENCY:
        raise wrong("MONEY_NOT_CNY", f"give the amount in {CURRENCY}")
    if abs(money.nanos) >= _NANOS_OF_UNIT or money.units * money.nanos < 0:
        raise wrong("MONEY_INVALID", "give units and nanos of one sign, nanos below 10^9")
    if money.nanos % _NANOS_OF_FEN:
        raise wrong("MONEY_BELOW_FEN", "give whole fen")
    fen = money.units * 100 + money.nanos // _NANOS_OF_FEN
    if not 0 < fen <= _FEN_MAX:
        raise wrong("MONEY_OUT_OF_RANGE", "give an amount above zero, at most 10^13 CNY")
    return fen


def read_name(text: str) -> str:
    """Read the name of a policy, version or grade; whether there is one is not asked here."""
    if len(text) > _NAME_CHARACTERS_MAX:
        raise wrong("TEXT_TOO_LONG", f"give at most {_NAME_CHARACTERS_MAX} characters")
    if _CONTROL.search(text):
        raise wrong("TEXT_WITH_CONTROL_CHARACTER", "leave out control characters")
    return text


def read_required_name(text: str) -> str:
    """Read a name that must be given."""
    if not text:
        raise wrong("REQUIRED", "give it")
    return read_name(text)


def read_division(text: str) -> str:
    """Read a division of GB/T 2260; whether it exists, or did, is not asked."""
    if text and not _DIVISION.fullmatch(text):
        raise wrong("DIVISION_MALFORMED", "give six digits, the first not 0")
    return text


def read_place(text: str) -> int | None:
    """Read a division, or the whole country as ``000000``, as a number."""
    return None if not text else 0 if text == _COUNTRY else int(read_division(text))


def read_industry(text: str) -> str:
    """Read an industry of GB/T 4754."""
    if text and not _INDUSTRY.fullmatch(text):
        raise wrong("INDUSTRY_MALFORMED", "give a letter from A to T and up to four digits")
    return text


def read_headcount(number: int) -> int:
    """Read a number of employees."""
    if not 0 < number <= _HEADCOUNT_MAX:
        raise wrong("NUMBER_OUT_OF_RANGE", f"give a number from 1 to {_HEADCOUNT_MAX}")
    return number


def enum_reader(values: Iterable[int]) -> Callable[[int], int]:
    """Make the reader of an enumeration's numbers, 0 included."""
    known = frozenset(values)

    def read(number: int) -> int:
        if number not in known:
            raise wrong("ENUM_UNKNOWN", f"{number} is no value of this enumeration")
        return number

    return read


def read_subject(ref: WireSubjectRef) -> SubjectRef:
    """Read how a subject is named."""
    match ref.WhichOneof("ref"):
        case "credit_code":
            return CreditCode(_credit_code(ref.credit_code))
        case "enterprise_id":
            return EnterpriseId(_identifier(ENTERPRISE, ref.enterprise_id, "enterprise_id"))
        case "person_id":
            return PersonId(_identifier(PERSON, ref.person_id, "person_id"))
        case "local_identity":
            return _local_identity(ref.local_identity.scheme, ref.local_identity.value)
        case _:
            raise wrong("REQUIRED", "name the subject")


def read_enterprise(ref: WireSubjectRef) -> SubjectRef:
    """Read how an enterprise is named."""
    subject = read_subject(ref)
    if isinstance(subject, PersonId):
        raise wrong("NOT_AN_ENTERPRISE", "name an enterprise", within="person_id")
    return subject


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
    """Write an amount of money."""
    sign = -1 if fen < 0 else 1
    units, rest = divmod(abs(fen), 100)
    return Money(currency_code=CURRENCY, units=sign * units, nanos=sign * rest * _NANOS_OF_FEN)


def write_amount(amount: Amount) -> Decimal:
    """Write an exact number."""
    return Decimal(value=str(amount))


def write_shown(value: Shown) -> dict[str, Any]:
    """Write a result as its fields: ``value`` for an amount, ``text`` for a day or a word."""
    if isinstance(value, Amount):
        return {"value": write_amount(value)}
    if isinstance(value, Word):
        wording = Wording(zh=value.wording.zh, en=value.wording.en)
        return {"text": value.code, "wording": wording}
    return {"text": value.isoformat()}


# Private functions -----------------------------------------------------------


def _credit_code(text: str) -> str:
    try:
        return checked_credit_code(text)
    except NumberRefusedError as error:
        raise wrong(error.reason, error.message, within="credit_code") from error


def _identifier(letter: str, text: str, within: str) -> int:
    number = number_of(letter, text)
    if number is None:
        raise wrong("ID_MALFORMED", f'give an identifier such as "{letter}-100001"', within=within)
    return number


def _local_identity(scheme: str, value: str) -> LocalIdentity:
    within = "local_identity.scheme"
    if not _SCHEME.fullmatch(scheme):
        raise wrong(
            "SCHEME_MALFORMED",
            "give 1 to 64 lower-case letters, digits, dots and hyphens",
            within=within,
        )
    if scheme == _RESERVED_SCHEME:
        raise wrong("SCHEME_RESERVED", "send it as a credit code", within=within)
    return LocalIdentity(scheme, _local_value(value))


def _local_value(value: str) -> str:
    within = "local_identity.value"
    if not value.strip():
        characters = f"give 1 to {_LOCAL_VALUE_CHARACTERS_MAX} characters"
        raise wrong("REQUIRED", characters, within=within)
    if len(value) > _LOCAL_VALUE_CHARACTERS_MAX:
        characters = f"give at most {_LOCAL_VALUE_CHARACTERS_MAX} characters"
        raise wrong("TEXT_TOO_LONG", characters, within=within)
    if _CONTROL.search(value):
        raise wrong("TEXT_WITH_CONTROL_CHARACTER", "leave out control characters", within=within)
    return value
