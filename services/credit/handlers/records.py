"""Answers the RPCs about records, for all kinds alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from google.protobuf.message import Message

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.credit.v1 import record_pb2
from services.common.call_context import CallContext
from services.common.calls import Handler, Response, UnaryHandler
from services.common.write_calls import response_of, write_call
from services.credit.commands.corrections import Correction
from services.credit.commands.get_record import GetRecord
from services.credit.commands.list_records import ListRecords, RecordsQuestion
from services.credit.commands.ports import RecordFilter
from services.credit.commands.record_fact import RecordFact, StoredRecord
from services.credit.commands.revise_record import ReviseRecord
from services.credit.commands.revoke_record import RevokeRecord
from services.credit.domain.codes import Field, RecordKind
from services.credit.domain.identifiers import RECORD
from services.credit.domain.record_rules import DOCUMENT_CHARACTERS_MAX, REASON_CHARACTERS_MAX
from services.credit.handlers.decoding import RequestReader
from services.credit.handlers.drafts import DraftDecoder, body_of
from services.credit.handlers.enterprise_messages import write_point
from services.credit.handlers.record_messages import RecordEncoder
from services.credit.handlers.requests import (
    PageLimits,
    moment_of,
    read_as_of,
    read_page,
    read_request_id,
    read_standpoint,
)
from services.credit.handlers.subject_refs import read_subject
from services.credit.handlers.wire_values import (
    code_reader,
    codes_reader,
    identifier_reader,
    read_day,
    write_day,
)

_RESPONSES: Final[Mapping[RecordKind, type[Message]]] = {
    kind: getattr(service, f"Record{kind.title}Response") for kind in RecordKind
}
_read_record_id: Final = identifier_reader(RECORD)
_read_field: Final = code_reader(Field)
_read_kinds: Final = codes_reader(RecordKind)


@dataclass(frozen=True, slots=True)
class RecordHandlers:
    """Handlers of the RPCs about records.

    Attributes:
        record: Records facts.
        revise: Replaces records.
        revoke: Revokes records.
        get: Gets one.
        page: Lists them.
        decoder: Reads headers and bodies.
        encoder: Writes editions.
        limits: How many rows a page holds.
    """

    record: RecordFact
    revise: ReviseRecord
    revoke: RevokeRecord
    get: GetRecord
    page: ListRecords
    decoder: DraftDecoder
    encoder: RecordEncoder
    limits: PageLimits

    def by_method(self) -> dict[str, Handler]:
        """Give the handlers by the name of their method."""
        return {
            **{f"Record{kind.title}": self._record_fact(kind) for kind in RecordKind},
            "ReviseRecord": self.revise_record,
            "RevokeRecord": self.revoke_record,
            "GetRecord": self.get_record,
            "ListRecords": self.list_records,
        }

    def _record_fact(self, kind: RecordKind) -> UnaryHandler:
        """Make the handler that records facts of one kind."""
        response = _RESPONSES[kind]

        async def record_fact(request: Any, context: CallContext) -> Response:  # noqa: ANN401 -- request messages of one shape.
            reader = RequestReader(request)
            read_request_id(reader)
            body = getattr(request, kind.label) if request.HasField(kind.label) else None
            draft, wrong = self.decoder.decode(
                request.header, body, path=kind.label, moment=moment_of(context)
            )
            reader.add(wrong)
            reader.finish()
            assert draft is not None, "the request is whole"
            call = write_call(request, context, partial(self._stored, response))
            answer = await context.run_command(self.record, call, draft)
            return response_of(answer, response)

        return record_fact

    async def revise_record(
        self, request: service.ReviseRecordRequest, context: CallContext
    ) -> Response:
        """Answer ReviseRecord."""
        reader = RequestReader(request)
        correction = _read_correction(reader)
        body, path = body_of(request.body)
        draft, wrong = self.decoder.decode(
            request.header, body, path=path, moment=moment_of(context)
        )
        reader.add(wrong)
        reader.finish()
        assert draft is not None, "the request is whole"
        response = service.ReviseRecordResponse
        call = write_call(request, context, partial(self._stored, response))
        answer = await context.run_command(self.revise, call, correction, draft=draft)
        return response_of(answer, response)

    async def revoke_record(
        self, request: service.RevokeRecordRequest, context: CallContext
    ) -> Response:
        """Answer RevokeRecord."""
        reader = RequestReader(request)
        correction = _read_correction(reader)
        reader.finish()
        response = service.RevokeRecordResponse
        call = write_call(request, context, partial(self._stored, response))
        answer = await context.run_command(self.revoke, call, correction)
        return response_of(answer, response)

    async def get_record(self, request: service.GetRecordRequest, context: CallContext) -> Response:
        """Answer GetRecord."""
        reader = RequestReader(request)
        record_id = reader.required("record_id", _read_record_id, 0)
        standpoint = read_standpoint(reader)
        reader.finish()
        found = await context.run_command(self.get, record_id, standpoint, caller=context.caller)
        editions = [self.encoder.encode(one) for one in found.editions]
        return service.GetRecordResponse(
            record=editions[-1], editions=editions, point=write_point(found.point)
        )

    async def list_records(
        self, request: service.ListRecordsRequest, context: CallContext
    ) -> Response:
        """Answer ListRecords."""
        reader = RequestReader(request)
        wanted = RecordFilter(
            kinds=reader.optional("kinds", _read_kinds) or frozenset(),
            field=reader.optional("field", _read_field),
            authority=reader.text("authority", DOCUMENT_CHARACTERS_MAX),
            document_number=reader.text("document_number", DOCUMENT_CHARACTERS_MAX),
            event_start_date=reader.optional("event_start_date", read_day),
            event_end_date=reader.optional("event_end_date", read_day),
        )
        start, end = wanted.event_start_date, wanted.event_end_date
        if start is not None and end is not None and end <= start:
            reader.refuse(
                "event_end_date", "END_NOT_AFTER_START", "give a day after the event start date"
            )
        subject = reader.optional("subject", read_subject)
        page = read_page(
            request, reader, method=context.method, limits=self.limits, key_types=(date, int)
        )
        as_of = read_as_of(reader, moment_of(context).today)
        standpoint = read_standpoint(reader)
        reader.finish()
        found = await context.run_command(
            self.page,
            wanted,
            standpoint,
            question=RecordsQuestion(caller=context.caller, subject=subject, as_of=as_of),
            page=page,
        )
        records: list[record_pb2.Record] = []
        size = 0
        for edition in found.editions:
            record = self.encoder.encode(edition)
            size += record.ByteSize()
            if records and size > self.limits.bytes_max:
                break
            records.append(record)
        found = found.cut(max(1, len(records)))
        return service.ListRecordsResponse(
            records=records,
            next_page_token=found.next_token,
            as_of=write_day(found.as_of),
            point=write_point(found.point),
        )

    def _stored(self, response: Any, stored: StoredRecord) -> Message:  # noqa: ANN401 -- response messages of one shape.
        message: Message = response(
            record=self.encoder.encode(stored.edition),
            repeated=stored.repeated,
            point=write_point(stored.point),
        )
        return message


# Private functions -----------------------------------------------------------


def _read_correction(reader: RequestReader) -> Correction:
    """Read what revising and revoking have in common."""
    read_request_id(reader)
    record_id = reader.required("record_id", _read_record_id, 0)
    edition = reader.required("edition", int, 0)
    if edition < 0:
        reader.refuse("edition", "NUMBER_TOO_SMALL", "give at least 1")
    return Correction(
        record_id=record_id,
        edition=edition,
        reason=reader.required_text("reason", REASON_CHARACTERS_MAX),
        document_number=reader.required_text("document_number", DOCUMENT_CHARACTERS_MAX),
    )
