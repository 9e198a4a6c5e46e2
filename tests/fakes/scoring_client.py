"""A client of the scoring server, for tests: one channel, one caller."""

from typing import Any

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from safetycredit.scoring.v1 import (
    grade_service_pb2,
    list_service_pb2,
    measure_service_pb2,
    peer_table_service_pb2,
    policy_service_pb2,
    rate_service_pb2,
    supervision_service_pb2,
)

METADATA = (("x-safetycredit-caller", "test"), ("x-safetycredit-roles", "regulator"))
PACKAGE = "safetycredit.scoring.v1"
METHODS: dict[str, tuple[str, Any, Any]] = {
    method.name: (
        f"/{service.full_name}/{method.name}",
        getattr(module, method.input_type.name),
        getattr(module, method.output_type.name),
    )
    for module, name in (
        (grade_service_pb2, "GradeService"),
        (list_service_pb2, "ListService"),
        (rate_service_pb2, "RateService"),
        (policy_service_pb2, "PolicyService"),
        (supervision_service_pb2, "SupervisionService"),
        (peer_table_service_pb2, "PeerTableService"),
        (measure_service_pb2, "MeasureService"),
    )
    for service in (module.DESCRIPTOR.services_by_name[name],)
    for method in service.methods
}


class RefusedError(Exception):
    """A call that was refused.

    Attributes:
        code: Name of the gRPC status.
        reason: Reason of the ErrorInfo.
        facts: Facts of the ErrorInfo.
        violations: Reasons of the violations by field.
        message: What the caller is told.
    """

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        """Read the details of a refusal."""
        super().__init__(error.details())
        self.code = error.code().name
        self.message = error.details() or ""
        self.reason = ""
        self.facts: dict[str, str] = {}
        self.violations: dict[str, str] = {}
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin" and isinstance(value, bytes):
                self._read(Status.FromString(value))

    def _read(self, status: Status) -> None:
        for detail in status.details:
            info, bad = ErrorInfo(), BadRequest()
            if detail.Unpack(info):
                self.reason, self.facts = info.reason, dict(info.metadata)
            elif detail.Unpack(bad):
                self.violations = {one.field: one.reason for one in bad.field_violations}


class ScoringClient:
    """Calls the scoring server."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Call through a channel."""
        self._channel = channel

    async def call(self, method: str, **fields: Any) -> Any:  # noqa: ANN401 -- any response.
        """Call a method with a request made of its fields, and give the response.

        Raises:
            RefusedError: The call was refused.
        """
        _, request, response = METHODS[method]
        return response.FromString(await self.raw(method, request(**fields).SerializeToString()))

    async def raw(self, method: str, request: bytes) -> bytes:
        """Call a method with the bytes of a request, and give those of the response.

        Raises:
            RefusedError: The call was refused.
        """
        return await self.send(METHODS[method][0], request)

    async def send(
        self, path: str, request: bytes, *, metadata: tuple[tuple[str, str], ...] = METADATA
    ) -> bytes:
        """Call whatever method a path names, as any caller.

        Raises:
            RefusedError: The call was refused.
        """
        unary: Any = self._channel.unary_unary(path)
        try:
            answer: bytes = await unary(request, metadata=metadata, timeout=20)
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error
        return answer
