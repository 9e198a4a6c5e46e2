"""A service of the tests' own, with one method of each of gRPC's four kinds."""

from collections.abc import AsyncIterator, Mapping
from functools import cache

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.wrappers_pb2 import StringValue

from services.common.access import AccessTable
from services.common.call_context import CallContext
from services.common.calls import Handler, ServedService

NAME = "safetycredit.test.v1.EchoService"
"""Full name of the service."""

_KINDS = {
    # Name of the method: whether requests, and whether answers, are streams.
    "Echo": (False, False),
    "Collect": (True, False),
    "Repeat": (False, True),
    "Converse": (True, True),
}


@cache
def echo_descriptor() -> ServiceDescriptor:
    """Describe the service, as a generated module would."""
    file = descriptor_pb2.FileDescriptorProto(
        name="safetycredit/test/v1/echo_service.proto",
        package="safetycredit.test.v1",
        syntax="proto3",
        dependency=["google/protobuf/wrappers.proto"],
    )
    service = file.service.add(name="EchoService")
    for name, (client_streaming, server_streaming) in _KINDS.items():
        service.method.add(
            name=name,
            input_type=".google.protobuf.StringValue",
            output_type=".google.protobuf.StringValue",
            client_streaming=client_streaming,
            server_streaming=server_streaming,
        )
    added = descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    descriptor: ServiceDescriptor = added.services_by_name["EchoService"]
    return descriptor


def echo_access(roles: tuple[str, ...] = ("regulator",)) -> AccessTable:
    """Open all methods to some roles."""
    return AccessTable({NAME: dict.fromkeys(_KINDS, frozenset(roles))})


def echo_service(**handlers: Handler) -> ServedService:
    """Serve the echo, with some handlers replaced by a test's own."""
    return ServedService(echo_descriptor(), {**_ECHO, **handlers})


# Private functions -----------------------------------------------------------


async def _echo(request: StringValue, context: CallContext) -> StringValue:
    return StringValue(value=f"{context.caller.identity}: {request.value}")


async def _collect(requests: AsyncIterator[StringValue], _context: CallContext) -> StringValue:
    return StringValue(value=" ".join([request.value async for request in requests]))


async def _repeat(request: StringValue, _context: CallContext) -> AsyncIterator[StringValue]:
    for word in request.value.split():
        yield StringValue(value=word)


async def _converse(
    requests: AsyncIterator[StringValue], _context: CallContext
) -> AsyncIterator[bytes]:
    async for request in requests:
        yield StringValue(value=request.value.upper()).SerializeToString()


_ECHO: Mapping[str, Handler] = {
    "Echo": _echo,
    "Collect": _collect,
    "Repeat": _repeat,
    "Converse": _converse,
}
