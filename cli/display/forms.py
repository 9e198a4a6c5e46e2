"""Messages from what people write: YAML or JSON, with days and amounts as they are said."""

import json
import sys
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import yaml
from google.protobuf.descriptor import Descriptor
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message
from google.type.money_pb2 import Money

from cli.errors import CliError
from cli.importing.targets import code_numbers, descriptor_of
from services.common.clock import CIVIL_ZONE

_STANDARD_INPUT: Final = Path("-")
_CURRENCY: Final = "CNY"
_NANOS_PER_YUAN: Final = 10**9


class FormError(CliError):
    """A file does not hold the message that it should."""

    reason = "FORM_INVALID"


def read_form(path: Path, *, private: bool = False) -> dict[str, Any]:
    """Read a YAML or JSON file that holds one message.

    Args:
        path: The file; ``-`` is standard input.
        private: Whether it holds what a refusal must not repeat.

    Raises:
        FormError: It cannot be read or is neither.
    """
    try:
        text = _text_of(path)
        content = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise FormError(f"{path} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        why = "look at quotes, colons and indents" if private else error
        raise FormError(f"{path} is neither YAML nor JSON in UTF-8: {why}") from error
    if not isinstance(content, dict):
        raise FormError(
            f"{path} should hold names and values; safetycredit record example shows one"
        )
    return content


def fill(message: Message, content: dict[str, Any]) -> None:
    """Fill a message from its JSON form, in which some values may be written plainly.

    Days may be written as 2024-05-31 and amounts as 30000.00 (yuan), instead of
    as their parts; codes may be given as in policies/vocabulary.yaml.

    Raises:
        FormError: The content does not fit the message.
    """
    try:
        ParseDict(_plain_values(content, descriptor_of(type(message))), message)
    except (ParseError, ValueError) as error:
        raise FormError(
            f"the file does not fit {message.DESCRIPTOR.name}: {error}",
            advice="safetycredit record example KIND prints one that does.",
        ) from error


def day_parts(text: str) -> dict[str, int]:
    """Take a day such as 2024-05-31 apart.

    Raises:
        ValueError: It is no day.
    """
    day = date.fromisoformat(text)
    return {"year": day.year, "month": day.month, "day": day.day}


def money_of_text(text: str) -> Money:
    """Make an amount out of yuan such as 400000 or 30000.00.

    Raises:
        ValueError: It is no amount.
    """
    parts = _money_parts(text)
    return Money(
        currency_code=parts["currency_code"], units=int(parts["units"]), nanos=parts["nanos"]
    )


# Private functions -----------------------------------------------------------


def _text_of(path: Path) -> str:
    if path == _STANDARD_INPUT:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    return path.read_text(encoding="utf-8-sig")


def _plain_values(content: Any, message: Descriptor) -> Any:  # noqa: ANN401 -- a tree of plain values.
    if message.full_name == "google.type.Date" and isinstance(content, str | date):
        text = content.isoformat()[:10] if isinstance(content, date) else content
        return day_parts(text)
    if message.full_name == "google.type.Money" and isinstance(content, str | int | float):
        return _money_parts(str(content))
    if message.full_name == "google.type.Decimal" and isinstance(content, str | int | float):
        return {"value": str(content)}
    if message.full_name == "google.protobuf.Timestamp" and isinstance(content, datetime):
        # Without a zone it is meant as the law counts: in Asia/Shanghai.
        aware = content if content.tzinfo else content.replace(tzinfo=CIVIL_ZONE)
        return aware.isoformat()
    if not isinstance(content, dict):
        return content
    fields = {field.name: field for field in message.fields}
    fields.update({field.json_name: field for field in message.fields})
    filled: dict[str, Any] = {}
    for name, value in content.items():
        field = fields.get(name)
        if field is None or value is None:
            filled[name] = value
            continue
        values = value if field.is_repeated and isinstance(value, list) else [value]
        if field.enum_type is not None:
            values = [_code(one, field.enum_type) for one in values]
        elif field.message_type is not None:
            values = [_plain_values(one, field.message_type) for one in values]
        filled[name] = values if field.is_repeated else values[0]
    return filled


def _code(value: Any, codes: Any) -> Any:  # noqa: ANN401 -- a code, a name of the proto or a number.
    return code_numbers(codes).get(value, value) if isinstance(value, str) else value


def _money_parts(text: str) -> dict[str, Any]:
    try:
        nanos = Decimal(text.replace(",", "")) * _NANOS_PER_YUAN
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no amount") from error
    if not nanos.is_finite() or nanos != nanos.to_integral_value():
        raise ValueError(f"{text!r} is no amount")
    units, rest = divmod(abs(int(nanos)), _NANOS_PER_YUAN)
    sign = -1 if nanos < 0 else 1
    return {"currency_code": _CURRENCY, "units": str(sign * units), "nanos": sign * rest}
