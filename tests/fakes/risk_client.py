"""A client of RiskService for tests: anybody may call through it."""

from typing import Any, Final

import grpc

from safetycredit.scoring.v1 import risk_service_pb2 as pb
from services.common.identity import Caller, caller_metadata
from tests.fakes.risk_models import trained_enterprise
from tests.fakes.scoring_client import RefusedError

_SERVICE: Final = pb.DESCRIPTOR.services_by_name["RiskService"]


class RiskClient:
    """Calls RiskService; writes get a request id of their own unless one is given."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Call through a channel."""
        self._channel = channel
        self._requests = 0

    async def call(
        self,
        method: str,
        *,
        by: str = "trainer",
        role: str = "regulator",
        **fields: Any,  # noqa: ANN401 -- fields of any request.
    ) -> Any:  # noqa: ANN401 -- any response.
        """Call a method as somebody, and give the response.

        Raises:
            RefusedError: The call was refused.
        """
        described = _SERVICE.methods_by_name[method]
        request = getattr(pb, described.input_type.name)(**fields)
        if "request_id" in described.input_type.fields_by_name and not request.request_id:
            self._requests += 1
            request.request_id = f"{self._requests}"
        unary: Any = self._channel.unary_unary(f"/{_SERVICE.full_name}/{method}")
        caller = Caller(identity=by, roles=frozenset({role}))
        try:
            answer = await unary(
                request.SerializeToString(), metadata=caller_metadata(caller), timeout=30
            )
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error
        return getattr(pb, described.output_type.name).FromString(answer)

    async def step(self, method: str, model_id: str, *, by: str, **fields: Any) -> Any:  # noqa: ANN401 -- any response.
        """Take a step of a model."""
        return await self.call(method, by=by, model_id=model_id, document_number="1", **fields)

    async def register(self, *, seed: int = 1, by: str = "trainer", **fields: Any) -> Any:  # noqa: ANN401 -- any response.
        """Register a small model of enterprises."""
        files = trained_enterprise(seed).files
        message = pb.RiskModelFiles(manifest=files.manifest, trees=files.trees, linear=files.linear)
        return await self.call(
            "RegisterRiskModel", by=by, **{"files": message, "document_number": "1", **fields}
        )

    async def approved(self, *, seed: int = 1) -> str:
        """Bring a model as far as two approvals, and give its identifier."""
        model_id: str = (await self.register(seed=seed)).model.model_id
        await self.step("ValidateRiskModel", model_id, by="validator")
        await self.step("ApproveRiskModel", model_id, by="first")
        await self.step("ApproveRiskModel", model_id, by="second")
        return model_id

    async def in_force(self, *, seed: int = 1, **fields: Any) -> str:  # noqa: ANN401 -- as the request has it.
        """Bring a model into force, and give its identifier."""
        model_id = await self.approved(seed=seed)
        await self.step("PutRiskModelInForce", model_id, by="chief", **fields)
        return model_id
