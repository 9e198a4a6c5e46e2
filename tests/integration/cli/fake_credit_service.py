"""A credit service in memory, for the tests of its client."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc

from safetycredit.credit.v1 import credit_service_pb2 as service
from safetycredit.type.v1.point_pb2 import StorePoint

Result = service.ImportRowResult

_SERVICE = service.DESCRIPTOR.services_by_name["CreditService"].full_name


@dataclass
class FakeCreditService:
    """Keeps records by their business key, as the real one does, and can break off.

    Attributes:
        batch_rows: Rows of one committed batch.
        break_after_rows: Break the stream once so many rows are stored; none for never.
        refused: Reason with which each of these document numbers is refused.
        stored: Bodies by business key, in the order in which they came.
        callers: Who imported.
    """

    batch_rows: int = 10
    break_after_rows: int | None = None
    refused: dict[str, str] = field(default_factory=dict)
    stored: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    subjects: set[bytes] = field(default_factory=set)
    callers: list[str] = field(default_factory=list)

    def import_records(
        self,
        request_iterator: Iterator[service.ImportRecordsRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[service.ImportRecordsResponse]:
        """Answer rows batch by batch."""
        metadata = dict(context.invocation_metadata())
        self.callers.append(str(metadata["x-safetycredit-caller"]))
        batch: list[service.ImportRow] = []
        for row in (row for request in request_iterator for row in request.rows):
            batch.append(row)
            if len(batch) == self.batch_rows:
                yield self._commit(batch, context)
                batch = []
        if batch:
            yield self._commit(batch, context)

    def _commit(
        self, batch: list[service.ImportRow], context: grpc.ServicerContext
    ) -> service.ImportRecordsResponse:
        before = len(self.subjects)
        response = service.ImportRecordsResponse(
            results=[self._result(row) for row in batch],
            point=StorePoint(token=f"token-{len(self.stored)}"),
        )
        response.enterprise_count = len(self.subjects) - before
        if self.break_after_rows is not None and len(self.stored) >= self.break_after_rows:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the server is going away")
        return response

    def _result(self, row: service.ImportRow) -> service.ImportRowResult:
        header = row.header
        reason = self.refused.get(header.document_number)
        key = (header.authority, header.document_number, header.document_item)
        body = row.body.SerializeToString(deterministic=True)
        if reason is None and self.stored.get(key, body) != body:
            reason = "RECORD_DIFFERS"
        if reason is not None:
            return Result(
                row_number=row.row_number,
                outcome=Result.OUTCOME_REFUSED,
                reason=reason,
                message="not like this",
                fields=["header.document_number"],
            )
        repeated = key in self.stored
        self.stored.setdefault(key, body)
        self.subjects.add(header.subject.SerializeToString(deterministic=True))
        return Result(
            row_number=row.row_number,
            outcome=Result.OUTCOME_UNCHANGED if repeated else Result.OUTCOME_STORED,
            record_id="r-1",
        )


@contextmanager
def serving(servicer: FakeCreditService) -> Iterator[str]:
    """Serve it on loopback; gives the target."""
    server = grpc.server(ThreadPoolExecutor(4))
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.import_records,
        request_deserializer=service.ImportRecordsRequest.FromString,
        response_serializer=service.ImportRecordsResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(_SERVICE, {"ImportRecords": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
