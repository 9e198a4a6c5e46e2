"""Records as messages, for all kinds alike."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final

from google.protobuf.message import Message

from safetycredit.credit.v1 import record_pb2
from services.credit.commands.ports import Codes
from services.credit.domain.identifiers import RECORD, name_of
from services.credit.domain.record import BODIES, Body, Edition, Header
from services.credit.domain.rules import spoken_name
from services.credit.handlers.drafts import BODY_MESSAGES
from services.credit.handlers.subject_refs import write_subject
from services.credit.handlers.wire_values import (
    wire_code,
    write_day,
    write_decimal,
    write_instant,
    write_money,
)

Writer = Callable[[Any], Any]

_MESSAGE_WRITERS: Final[Mapping[str, Writer]] = {
    "google.type.Date": write_day,
    "google.type.Money": write_money,
    "google.type.Decimal": write_decimal,
    "google.protobuf.Timestamp": write_instant,
}


class RecordEncoder:
    """Writes editions of records."""

    def __init__(self, codes: Codes) -> None:
        """Prepare for every kind.

        Args:
            codes: The open sets of codes.
        """
        self._header = _Encoding(Header, record_pb2.RecordHeader, {"division": str})
        self._bodies = {
            kind: _Encoding(body, BODY_MESSAGES[kind], {"violation_code": codes.violation_code})
            for kind, body in BODIES.items()
        }

    def encode(self, edition: Edition) -> record_pb2.Record:
        """Write one edition."""
        header = record_pb2.RecordHeader(
            subject=write_subject(edition.subject_id, person=edition.person),
            **self._header.values(edition.header),
        )
        record = record_pb2.Record(
            record_id=edition.name,
            edition=edition.number,
            subject_id=edition.subject_name,
            header=header,
            body=self._body(edition.body),
            state=wire_code(edition.state),
            recorded_time=write_instant(edition.recorded_time),
        )
        if edition.superseded is not None:
            record.superseded_time.CopyFrom(write_instant(edition.superseded.time))
            record.superseded_reason = edition.superseded.reason
            record.superseded_document_number = edition.superseded.document_number
        return record

    def _body(self, body: Body) -> record_pb2.RecordBody:
        kind = body.kind
        said: dict[str, Any] = {kind.label: BODY_MESSAGES[kind](**self._bodies[kind].values(body))}
        return record_pb2.RecordBody(**said)


# Private functions and classes ------------------------------------------------


class _Encoding:
    """Writes the attributes of one dataclass as the fields of one message."""

    def __init__(
        self, value: type[Header | Body], message: type[Message], writers: Mapping[str, Writer]
    ) -> None:
        by_name = message.DESCRIPTOR.fields_by_name
        names = [(one.name, spoken_name(one.name)) for one in fields(value)]
        self._steps = tuple(
            (attribute, name, writers.get(name) or _writer(by_name[name]), name in writers)
            for attribute, name in names
        )

    def values(self, value: Header | Body) -> dict[str, Any]:
        """Give the fields, without those that hold what the wire takes for granted."""
        return {
            name: write(held)
            for attribute, name, write, numbered in self._steps
            # A code of the number 0 is a code like others.
            if (held := getattr(value, attribute)) or (numbered and held is not None)
        }


def _writer(field: Any) -> Writer:  # noqa: ANN401 -- descriptors come in two classes.
    if field.message_type is not None:
        return _MESSAGE_WRITERS[field.message_type.full_name]
    if field.is_repeated:
        return sorted
    if field.enum_type is not None:
        return int
    if field.name.endswith("_record_id"):
        return lambda number: name_of(RECORD, number)
    return lambda held: held
