"""Answers ImportRecords: a stream of rows in, the results of committed batches out."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.errors import FieldViolation, InvalidInputError, SafetyCreditError
from services.common.once import Call
from services.common.write_calls import call_of
from services.credit.commands.import_records import ImportRecords, ImportRow
from services.credit.commands.intake import Newcomer, Taken
from services.credit.domain.errors import RecordDiffersError, SubjectUnknownError
from services.credit.domain.rules import Moment
from services.credit.handlers.batches import batches_of
from services.credit.handlers.decoding import RequestReader, within
from services.credit.handlers.drafts import DraftDecoder, body_of
from services.credit.handlers.enterprise_messages import read_profile, write_point
from services.credit.handlers.wire_values import read_day

_ROWS_MAX: Final = 500
"""House decision: rows of a batch; more make commits hardly cheaper and results later."""

_PAUSE_SECONDS: Final = 0.02
"""House decision: a stream that rests for so long wants the results of what it has sent."""

_ROWS_OF_A_MESSAGE_MAX: Final = 1000
"""Limit of the interface: rows of one message."""

_ROWS_READ_AHEAD_MIN: Final = 50
"""House decision: fewer rows of a message are not worth a turn of a thread (measured)."""

_Row = service.ImportRow
_Result = service.ImportRowResult
_Read = ImportRow | InvalidInputError
"""What a row says, or all that is wrong with it in itself."""


@dataclass(frozen=True, slots=True)
class ImportHandlers:
    """The handler of ImportRecords.

    Attributes:
        import_batch: Imports a batch.
        decoder: Reads headers and bodies.
    """

    import_batch: ImportRecords
    decoder: DraftDecoder

    def by_method(self) -> dict[str, Handler]:
        """Give the handler by the name of its method."""
        return {"ImportRecords": self.import_records}

    async def import_records(
        self, requests: AsyncIterator[service.ImportRecordsRequest], context: CallContext
    ) -> AsyncIterator[Response]:
        """Answer ImportRecords."""
        rows = self._rows(requests, context)
        async for batch in batches_of(rows, size_max=_ROWS_MAX, pause_seconds=_PAUSE_SECONDS):
            yield await context.run_command(self._import, call_of(context), batch)

    def _import(
        self, call: Call, rows: Sequence[tuple[_Row, _Read | None]]
    ) -> service.ImportRecordsResponse:
        """Import a batch, from reading what is not read yet to its results."""
        moment = _moment(call)
        batch = self.import_batch(call, [read or self._read(row, moment) for row, read in rows])
        return service.ImportRecordsResponse(
            results=[
                _result(row, became) for (row, _), became in zip(rows, batch.results, strict=True)
            ],
            enterprise_count=batch.enterprise_count,
            point=write_point(batch.point),
        )

    async def _rows(
        self, requests: AsyncIterator[service.ImportRecordsRequest], context: CallContext
    ) -> AsyncIterator[tuple[_Row, _Read | None]]:
        """Give the rows; many are read at once, while the batch before waits for the database."""
        async for request in requests:
            rows = request.rows
            if not 1 <= len(rows) <= _ROWS_OF_A_MESSAGE_MAX:
                message = f"send 1 to {_ROWS_OF_A_MESSAGE_MAX} rows in a message"
                raise InvalidInputError([FieldViolation("rows", "ROWS_OUT_OF_RANGE", message)])
            if len(rows) < _ROWS_READ_AHEAD_MIN:
                for row in rows:
                    yield row, None
            else:
                for read in await context.run_command(self._read_all, call_of(context), rows):
                    yield read

    def _read_all(self, call: Call, rows: Iterable[_Row]) -> list[tuple[_Row, _Read]]:
        moment = _moment(call)
        return [(row, self._read(row, moment)) for row in rows]

    def _read(self, row: _Row, moment: Moment) -> _Read:
        body, path = body_of(row.body)
        draft, wrong = self.decoder.decode(row.header, body, path=path, moment=moment)
        if row.row_number < 1:
            wrong.append(FieldViolation("row_number", "NUMBER_TOO_SMALL", "give at least 1"))
        newcomer = None
        if row.HasField("enterprise"):
            newcomer, unfit = _read_newcomer(row, moment)
            wrong += unfit
        if wrong:
            return InvalidInputError(wrong)
        assert draft is not None, "the row is whole"
        return ImportRow(draft, newcomer)


# Private functions -----------------------------------------------------------


def _moment(call: Call) -> Moment:
    return Moment(now=call.now, today=call.today, event_date=call.today)


def _read_newcomer(row: _Row, moment: Moment) -> tuple[Newcomer, list[FieldViolation]]:
    profile, wrong = read_profile(row.enterprise, moment)
    wrong = within("enterprise", wrong)
    start_date = None
    if row.HasField("enterprise_start_date"):
        reader = RequestReader(row)
        start_date = reader.optional("enterprise_start_date", read_day)
        if start_date is not None and start_date > moment.today:
            reader.refuse(
                "enterprise_start_date", "DATE_IN_FUTURE", "give a day that is not in the future"
            )
        wrong += reader.violations
    return Newcomer(profile=profile, start_date=start_date), wrong


def _result(row: _Row, became: Taken | SafetyCreditError) -> _Result:
    if isinstance(became, Taken):
        unchanged = became.repeated
        return _Result(
            row_number=row.row_number,
            outcome=_Result.OUTCOME_UNCHANGED if unchanged else _Result.OUTCOME_STORED,
            record_id=became.edition.name,
        )
    return _Result(
        row_number=row.row_number,
        outcome=_Result.OUTCOME_REFUSED,
        reason=_reason(became),
        message=became.message,
        fields=_fields(became, row),
    )


def _reason(error: SafetyCreditError) -> str:
    """Give the reason by which refusals are counted: of a wrong field, its own."""
    if isinstance(error, InvalidInputError):
        return error.violations[0].reason
    return error.reason


def _fields(error: SafetyCreditError, row: _Row) -> list[str]:
    """Give the paths, in the row, of what is wrong or differs."""
    match error:
        case InvalidInputError():
            return list(dict.fromkeys(one.field for one in error.violations))
        case RecordDiffersError():
            return [path if path.startswith("header.") else f"body.{path}" for path in error.fields]
        case SubjectUnknownError():
            return ["header.subject"]
        case _:
            attribute = error.facts.get("field")
            _, path = body_of(row.body)
            return [f"{path}.{attribute}"] if attribute else []
