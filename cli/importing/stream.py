"""One pass over ImportRecords: rows out, outcomes back in the order of the file."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cli.errors import CliError
from cli.importing.converter import Refusal
from safetycredit.credit.v1.credit_service_pb2 import (
    ImportRecordsRequest,
    ImportRecordsResponse,
    ImportRow,
    ImportRowResult,
)
from safetycredit.credit.v1.credit_service_pb2_grpc import CreditServiceStub

WINDOW_ROWS: Final = 10_000
"""House decision: rows under way at once, several batches of the service."""

ROWS_OF_A_MESSAGE: Final = 100
"""House decision: a message costs as much as many rows (measured)."""

Metadata = tuple[tuple[str, str], ...]


class AnswersDisorderedError(CliError):
    """The service answered another row than the next one: a defect of the service."""

    reason = "ANSWERS_DISORDERED"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row.

    Attributes:
        row_number: Number of the row in its file.
        outcome: An ``ImportRowResult.Outcome``; 0 for a row that was left out.
        document_number: As sent, or as far as it could be read.
        record_id: Identifier of the record; empty unless stored or unchanged.
        reason: Why it was refused or left out; empty otherwise.
        message: For people.
        fields: Fields that are wrong or differ.
    """

    row_number: int
    outcome: int
    document_number: str
    record_id: str = ""
    reason: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()


class ImportStream:
    """Sends rows, and never has more than a window of them unanswered.

    gRPC reads the rows in a thread of its own, so that conversion goes on while
    the service commits.

    Attributes:
        enterprise_count: Enterprises registered on the way.
        token: Token of the last batch; empty before the first.
    """

    def __init__(
        self, stub: CreditServiceStub, metadata: Metadata, *, window_rows: int = WINDOW_ROWS
    ) -> None:
        """Prepare one pass."""
        self.enterprise_count = 0
        self.token = ""
        self._stub = stub
        self._metadata = metadata
        self._window = threading.Semaphore(window_rows)
        # Rows in the order of the file: those under way, and between them those
        # that the mapping refused. Written by gRPC's thread, read by the caller's.
        self._rows: deque[tuple[int, str] | Refusal] = deque()
        self._source_failure: Exception | None = None
        self._stopped = False

    def outcomes(self, rows: Iterable[ImportRow | Refusal]) -> Iterator[list[RowOutcome]]:
        """Send rows and give what became of them, batch by batch.

        Raises:
            grpc.RpcError: The stream broke; rows without an outcome may or may
                not be stored, and sending them again is safe.
            AnswersDisorderedError: The service does not keep to its contract.
            Exception: Whatever reading the rows raised, after the outcomes of
                the rows before it.
        """
        call = self._stub.ImportRecords(self._sent(rows), metadata=self._metadata)
        try:
            for response in call:
                yield self._answered(response)
        finally:
            self._stopped = True
            self._window.release()
            call.cancel()
        if self._source_failure is None and any(isinstance(row, tuple) for row in self._rows):
            raise AnswersDisorderedError("the service ended the import before its last answer")
        yield list(self._refusals())
        if self._source_failure is not None:
            raise self._source_failure

    # --- the sending thread ---

    def _sent(self, rows: Iterable[ImportRow | Refusal]) -> Iterator[ImportRecordsRequest]:
        message = ImportRecordsRequest()
        for row in self._read(rows):
            if self._stopped:
                return
            # What is read already must not wait for answers to what is not sent yet.
            if not self._window.acquire(blocking=False):
                if message.rows:
                    yield message
                    message = ImportRecordsRequest()
                self._window.acquire()
            self._rows.append((row.row_number, row.header.document_number))
            message.rows.append(row)
            if len(message.rows) == ROWS_OF_A_MESSAGE:
                yield message
                message = ImportRecordsRequest()
        if message.rows:
            yield message

    def _read(self, rows: Iterable[ImportRow | Refusal]) -> Iterator[ImportRow]:
        """Give the rows to be sent; note the others in their places, and a failing source."""
        try:
            for row in rows:
                if isinstance(row, Refusal):
                    self._rows.append(row)
                else:
                    yield row
        except Exception as error:  # noqa: BLE001 -- gRPC would swallow it; it is raised again by `outcomes`.
            self._source_failure = error

    # --- the caller's thread ---

    def _answered(self, response: ImportRecordsResponse) -> list[RowOutcome]:
        outcomes: list[RowOutcome] = []
        for result in response.results:
            outcomes.extend(self._refusals())
            sent = self._rows.popleft() if self._rows else None
            if not isinstance(sent, tuple) or sent[0] != result.row_number:
                raise AnswersDisorderedError(
                    f"the service answered row {result.row_number} out of order",
                    row_number=result.row_number,
                )
            outcomes.append(_outcome(result, sent[1]))
        if response.results:
            self._window.release(len(response.results))
        self.enterprise_count += response.enterprise_count
        self.token = response.point.token or self.token
        return outcomes

    def _refusals(self) -> Iterator[RowOutcome]:
        """Give the rows at the head of the line that need no answer."""
        while self._rows and isinstance(row := self._rows[0], Refusal):
            self._rows.popleft()
            yield RowOutcome(
                row.row_number,
                ImportRowResult.OUTCOME_UNSPECIFIED
                if row.skipped
                else ImportRowResult.OUTCOME_REFUSED,
                row.document_number,
                reason=row.reason,
                message=row.message,
                fields=tuple(row.fields),
            )


# Private functions -----------------------------------------------------------


def _outcome(result: ImportRowResult, document_number: str) -> RowOutcome:
    if result.outcome != ImportRowResult.OUTCOME_REFUSED:
        # Nearly all rows come this way.
        return RowOutcome(result.row_number, result.outcome, document_number, result.record_id)
    return RowOutcome(
        result.row_number,
        result.outcome,
        document_number,
        reason=result.reason,
        message=result.message,
        fields=tuple(result.fields),
    )
