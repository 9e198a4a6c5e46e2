"""A client of InsuranceService and PreventionService, for tests: any caller, one channel."""

from itertools import count
from typing import Any

import grpc
import pytest

from safetycredit.scoring.v1 import insurance_service_pb2, prevention_service_pb2
from tests.fakes.scoring_client import RefusedError

_numbers = count(1)

METHODS: dict[str, tuple[str, Any, Any]] = {
    method.name: (
        f"/{service.full_name}/{method.name}",
        getattr(module, method.input_type.name),
        getattr(module, method.output_type.name),
    )
    for module, name in (
        (insurance_service_pb2, "InsuranceService"),
        (prevention_service_pb2, "PreventionService"),
    )
    for service in (module.DESCRIPTOR.services_by_name[name],)
    for method in service.methods
}


class InsuranceClient:
    """Calls the scoring server as one caller.

    Attributes:
        role: Role of the caller.
        authority: Authority that it acts for.
        divisions: Divisions that it may write in.
    """

    def __init__(
        self,
        channel: grpc.aio.Channel,
        role: str = "regulator",
        *,
        authority: str = "",
        divisions: str = "*",
    ) -> None:
        """Call through a channel."""
        self._channel = channel
        self._metadata = [
            ("x-safetycredit-caller", "test"),
            ("x-safetycredit-roles", role),
            ("x-safetycredit-divisions", divisions),
            ("x-safetycredit-fields", "*"),
        ]
        if authority:
            # Percent-encoded, as metadata is plain ASCII.
            quoted = "".join(f"%{byte:02X}" for byte in authority.encode())
            self._metadata.append(("x-safetycredit-authority", quoted))

    def acting(self, role: str, **scope: str) -> "InsuranceClient":
        """Give a client of the same server that is another caller."""
        return InsuranceClient(self._channel, role, **scope)

    async def call(self, method: str, **fields: Any) -> Any:  # noqa: ANN401 -- any response.
        """Call a method with a request made of its fields, and give the response.

        A write that names no request identifier gets one.

        Raises:
            RefusedError: The call was refused.
        """
        path, request, response = METHODS[method]
        if "request_id" in request.DESCRIPTOR.fields_by_name:
            fields = {"request_id": f"request-{next(_numbers)}", **fields}
        unary: Any = self._channel.unary_unary(path)
        try:
            answer: bytes = await unary(
                request(**fields).SerializeToString(), metadata=self._metadata, timeout=20
            )
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error
        return response.FromString(answer)


async def refused(call: Any) -> RefusedError:  # noqa: ANN401 -- a call.
    """Give the refusal of a call."""
    with pytest.raises(RefusedError) as error:
        await call
    return error.value
