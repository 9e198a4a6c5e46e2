"""Values of the protos in a few characters, for tables."""

from datetime import UTC
from decimal import Decimal
from typing import Final

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from cli.importing.targets import code_numbers
from safetycredit.type.v1.subject_pb2 import LocalIdentity
from services.common.clock import CIVIL_ZONE

_NANOS: Final = Decimal(10) ** -9


def day(date: Date) -> str:
    """Write a day; nothing if there is none."""
    return f"{date.year:04}-{date.month:02}-{date.day:02}" if date.year else ""


def instant(timestamp: Timestamp) -> str:
    """Write an instant in Asia/Shanghai, to the microsecond; nothing if there is none."""
    if not timestamp.seconds:
        return ""
    return timestamp.ToDatetime(UTC).astimezone(CIVIL_ZONE).isoformat()


def money(amount: Money) -> str:
    """Write an amount with its currency; nothing if there is none."""
    if not amount.currency_code:
        return ""
    value = amount.units + amount.nanos * _NANOS
    return f"{value:,.2f} {amount.currency_code}"


def decimal(number: DecimalMessage) -> str:
    """Write a decimal as it came."""
    return number.value


def code(codes: EnumDescriptor, number: int) -> str:
    """Write a value of an enumeration as policies/vocabulary.yaml does."""
    for name, known in code_numbers(codes).items():
        if known == number:
            return "" if number == 0 else name
    return str(number)


def identity(credit_code: str, local: LocalIdentity | None = None) -> str:
    """Write who an enterprise is."""
    if credit_code or local is None or not local.value:
        return credit_code
    return f"{local.scheme}:{local.value}"


def summary(message: Message) -> str:
    """Write what a message says in one line: names and values of the fields that are set."""
    parts = []
    for field, value in message.ListFields():
        texts = [_text(field, one) for one in (value if field.is_repeated else [value])]
        parts.append(f"{field.name}: {', '.join(texts)}")
    return "; ".join(parts)


# Private functions -----------------------------------------------------------


def _text(field: FieldDescriptor, value: object) -> str:
    match value:
        case Date():
            return day(value)
        case Money():
            return money(value)
        case DecimalMessage():
            return decimal(value)
        case Timestamp():
            return instant(value)
        case Message():
            return f"({summary(value)})"
        case bool():
            return "yes" if value else "no"
        case int() if field.enum_type is not None:
            return code(field.enum_type, value)
        case _:
            return str(value)
