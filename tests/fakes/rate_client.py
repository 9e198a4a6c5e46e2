"""A client of the scoring server for tests, that calls in any role and sends streams."""

from collections.abc import Iterable, Sequence
from typing import Any

import grpc

from safetycredit.scoring.v1 import credit_statement_service_pb2, rate_service_pb2
from services.common.identity import EVERYTHING, Caller, caller_metadata
from tests.fakes.scoring_client import RefusedError

_METHODS: dict[str, tuple[str, Any, Any]] = {
    method.name: (
        f"/{service.full_name}/{method.name}",
        getattr(module, method.input_type.name),
        getattr(module, method.output_type.name),
    )
    for module, name in (
        (rate_service_pb2, "RateService"),
        (credit_statement_service_pb2, "CreditStatementService"),
    )
    for service in (module.DESCRIPTOR.services_by_name[name],)
    for method in service.methods
}
SECONDS = 20


def caller(role: str, authority: str = "", divisions: str = EVERYTHING) -> Caller:
    """Make a caller of one role."""
    return Caller(
        identity=f"test:{role}:{len(authority)}",
        roles=frozenset({role}),
        authority=authority,
        divisions=frozenset({divisions}),
    )


REGULATOR = caller("regulator", "朝阳区应急管理局")
JIA = caller("insurer", "甲保险")
YI = caller("insurer", "乙保险公司")


class RateClient:
    """Calls the scoring server as whoever is named."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Call through a channel."""
        self._channel = channel

    async def call(self, method: str, caller: Caller = REGULATOR, **fields: Any) -> Any:  # noqa: ANN401 -- any response.
        """Call a method with a request made of its fields.

        Raises:
            RefusedError: The call was refused.
        """
        _, request, response = _METHODS[method]
        answer = await self.raw(method, request(**fields).SerializeToString(), caller)
        return response.FromString(answer)

    async def raw(self, method: str, request: bytes, caller: Caller = REGULATOR) -> bytes:
        """Call a method with the bytes of a request, and give those of the response.

        Raises:
            RefusedError: The call was refused.
        """
        unary: Any = self._channel.unary_unary(_METHODS[method][0])
        try:
            answer: bytes = await unary(request, metadata=caller_metadata(caller), timeout=SECONDS)
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error
        return answer

    async def batch(
        self, messages: Iterable[rate_service_pb2.BatchRecommendRatesRequest]
    ) -> Sequence[rate_service_pb2.BatchRecommendRatesResponse]:
        """Send messages, each when the one before is answered, and give all answers.

        Raises:
            RefusedError: The stream was refused.
        """
        stream: Any = self._channel.stream_stream(
            _METHODS["BatchRecommendRates"][0],
            request_serializer=rate_service_pb2.BatchRecommendRatesRequest.SerializeToString,
            response_deserializer=rate_service_pb2.BatchRecommendRatesResponse.FromString,
        )
        call = stream(metadata=caller_metadata(REGULATOR), timeout=SECONDS)
        answers = []
        try:
            for message in messages:
                await call.write(message)
                answers.append(await call.read())
            await call.done_writing()
            assert await call.read() is grpc.aio.EOF
        except grpc.aio.AioRpcError as error:
            raise RefusedError(error) from error
        return answers
