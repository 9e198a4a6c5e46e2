"""What a mapping may fill in, read off the descriptors of the protos.

A field added to a proto can be mapped at once; nothing here repeats their names.
"""

from enum import Enum
from functools import cache
from typing import Final, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from safetycredit.credit.v1 import credit_service_pb2, enterprise_pb2, record_pb2


def descriptor_of(message: type[Message]) -> Descriptor:
    """Give the descriptor of a message, whose published types name two classes."""
    return cast("Descriptor", message.DESCRIPTOR)


def _message_of(field: FieldDescriptor) -> Descriptor:
    assert field.message_type is not None, "the field holds a message"
    return field.message_type


HEADER: Final = descriptor_of(record_pb2.RecordHeader)
ENTERPRISE: Final = descriptor_of(enterprise_pb2.EnterpriseProfile)
IMPORT_ROW: Final = descriptor_of(credit_service_pb2.ImportRow)
BODIES: Final[dict[str, Descriptor]] = {
    field.name: _message_of(field) for field in descriptor_of(record_pb2.RecordBody).fields
}
"""Message of each kind of record, by the kind's name."""


class Target(Enum):
    """What kind of value a field takes."""

    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    FLAG = "flag"
    INTEGER = "integer"
    DECIMAL = "decimal"
    AMOUNT = "amount"
    DATE = "date"
    INSTANT = "instant"


_MESSAGES: Final = {
    "google.type.Date": Target.DATE,
    "google.type.Money": Target.AMOUNT,
    "google.type.Decimal": Target.DECIMAL,
    "google.protobuf.Timestamp": Target.INSTANT,
}
_SCALARS: Final = {
    FieldDescriptor.TYPE_STRING: Target.TEXT,
    FieldDescriptor.TYPE_BOOL: Target.FLAG,
    FieldDescriptor.TYPE_INT32: Target.INTEGER,
    FieldDescriptor.TYPE_INT64: Target.INTEGER,
}


def target_of(field: FieldDescriptor) -> Target | None:
    """Say what kind of value a field takes; none if a mapping cannot fill it."""
    if field.type == FieldDescriptor.TYPE_ENUM:
        return Target.CODES if field.is_repeated else Target.CODE
    if field.is_repeated:
        return None
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return _MESSAGES.get(_message_of(field).full_name)
    return _SCALARS.get(field.type)


def fillable(message: Descriptor) -> dict[str, FieldDescriptor]:
    """List the fields of a message that a mapping can fill, by name."""
    return {field.name: field for field in message.fields if target_of(field) is not None}


@cache
def code_numbers(codes: EnumDescriptor) -> dict[str, int]:
    """Give the codes of an enumeration as policies/vocabulary.yaml names them.

    ``SANCTION_FINE`` of ``Sanction`` is ``fine``.
    """
    prefix = _upper_snake(codes.name) + "_"
    return {value.name.removeprefix(prefix).lower(): value.number for value in codes.values}


# Private functions -----------------------------------------------------------


def _upper_snake(name: str) -> str:
    return "".join(f"_{c}" if c.isupper() else c for c in name).lstrip("_").upper()
