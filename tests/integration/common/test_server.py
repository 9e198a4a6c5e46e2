"""The life of a server: refusal to start, health, reflection, drain, signals."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from typing import ClassVar

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from services.common.access import AccessTableError
from services.common.call_context import CallContext
from services.common.calls import ServedService
from services.common.database import Database
from services.common.errors import Category, SafetyCreditError
from services.common.listening import ListenAddressError, ListenNotLoopbackError
from services.common.schema import require_schema_head
from services.common.server import GrpcServer, ServerPlan
from services.common.settings import Settings
from tests.fakes.echo_service import NAME, echo_access, echo_descriptor, echo_service
from tests.integration.common.conftest import METADATA, Echo

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class PoliciesMissingError(SafetyCreditError):
    """There are no policies; for these tests alone."""

    reason: ClassVar[str] = "POLICIES_MISSING"
    category: ClassVar[Category] = Category.PRECONDITION


class Readiness:
    """Is ready when it is told to be."""

    def __init__(self, *, ready: bool) -> None:
        """Begin ready, or not."""
        self.ready = ready

    def __call__(self) -> None:
        """Refuse while not ready."""
        if not self.ready:
            raise PoliciesMissingError("put policies into policies/", folder="policies")


async def health(channel: grpc.aio.Channel, service: str) -> int:
    """Ask for the health of a service."""
    check: grpc.aio.UnaryUnaryMultiCallable[
        health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse
    ] = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    return (await check(health_pb2.HealthCheckRequest(service=service))).status


class HealthWatch:
    """Follows the health of a service."""

    def __init__(self, channel: grpc.aio.Channel, service: str) -> None:
        """Begin to follow."""
        watch: grpc.aio.UnaryStreamMultiCallable[
            health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse
        ] = channel.unary_stream(
            "/grpc.health.v1.Health/Watch",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        self._call = watch(health_pb2.HealthCheckRequest(service=service))

    async def next_status(self) -> int:
        """Wait for the next change."""
        response = await self._call.read()
        assert isinstance(response, health_pb2.HealthCheckResponse)
        return response.status

    def stop(self) -> None:
        """Follow no more."""
        self._call.cancel()


def echo_method(channel: grpc.aio.Channel) -> "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]":
    """Give a stub of the unary method."""
    return channel.unary_unary(f"/{NAME}/Echo")


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.168.1.7:50051"])
def test_a_server_does_not_start_off_loopback(listen: str) -> None:
    """A server that believes its callers must not be reached by others."""
    with pytest.raises(ListenNotLoopbackError):
        GrpcServer(
            Settings(),
            ServerPlan(listen=listen, services=(echo_service(),), access=echo_access()),
        )


def test_a_server_does_not_start_without_rows() -> None:
    """A service whose methods have no row in the table of access is not served."""
    with pytest.raises(AccessTableError) as error:
        GrpcServer(Settings(), ServerPlan(listen="127.0.0.1:0", services=(echo_service(),)))

    assert f"{NAME}/Echo" in error.value.facts["missing"]


def test_a_service_needs_all_its_handlers() -> None:
    """A method without a handler is a programmer's mistake."""
    with pytest.raises(ValueError, match="Collect, Converse, Repeat, Sing"):
        ServedService(
            echo_descriptor(),
            {"Echo": echo_service().handlers["Echo"], "Sing": echo_service().handlers["Echo"]},
        )


async def test_a_port_is_not_shared(echo: Echo) -> None:
    """A second server on the same port fails instead of taking half the calls."""
    async with echo() as (server, _):
        with pytest.raises(ListenAddressError, match="is another server running"):
            async with echo(plan={"listen": f"127.0.0.1:{server.port}"}):
                pass


async def test_health_follows_readiness(echo: Echo) -> None:
    """A server serves while it is ready, and says what is missing while it is not."""
    readiness = Readiness(ready=False)
    async with echo(plan={"readiness": readiness}) as (server, channel):
        watch = HealthWatch(channel, NAME)
        statuses = [await watch.next_status()]
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await echo_method(channel)(b"", metadata=METADATA)
        readiness.ready = True
        statuses.append(await watch.next_status())
        await echo_method(channel)(b"", metadata=METADATA)
        serving = server.serving
        readiness.ready = False
        statuses.append(await watch.next_status())
        watch.stop()

    assert statuses == [NOT_SERVING, SERVING, NOT_SERVING]
    assert serving
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert error.value.details() == "this server does not serve: put policies into policies/"


async def test_a_server_waits_for_its_schema(echo: Echo, empty_database_url: str) -> None:
    """On a store without a schema every call is told so, and health is NOT_SERVING."""
    database = Database(empty_database_url)
    plan = {"readiness": lambda: require_schema_head(database)}
    async with echo(plan=plan) as (_, channel):
        status = await health(channel, "")
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await echo_method(channel)(b"", metadata=METADATA)
    database.close()

    assert status == NOT_SERVING
    assert "run safetycredit migrate" in (error.value.details() or "")


async def test_an_unmeant_error_in_readiness_stops_serving(echo: Echo) -> None:
    """A server that cannot find out whether it is ready says that it does not serve."""

    def fail() -> None:
        raise KeyError("secret text")

    async with echo(plan={"readiness": fail}) as (_, channel):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await echo_method(channel)(b"", metadata=METADATA)

        assert await health(channel, NAME) == NOT_SERVING
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "secret" not in (error.value.details() or "")


async def test_health_and_reflection_need_no_caller(echo: Echo) -> None:
    """Probes and tools look at a server without saying who they are."""
    async with echo() as (_, channel):
        reflect: grpc.aio.StreamStreamMultiCallable[
            reflection_pb2.ServerReflectionRequest, reflection_pb2.ServerReflectionResponse
        ] = channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        answers = reflect(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
        listed = {
            service.name async for one in answers for service in one.list_services_response.service
        }

        assert await health(channel, NAME) == await health(channel, "") == SERVING
    assert listed == {
        NAME,
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }


async def test_a_stopping_server_drains(echo: Echo) -> None:
    """Health says NOT_SERVING first, a running call finishes, a new one is refused."""
    began, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_request: StringValue, _context: CallContext) -> StringValue:
        began.set()
        await go_on.wait()
        return StringValue(value="done")

    async with echo(Echo=wait) as (server, channel):
        watch = HealthWatch(channel, "")
        assert await watch.next_status() == SERVING
        running = asyncio.ensure_future(echo_method(channel)(b"", metadata=METADATA))
        await began.wait()

        stopping = asyncio.create_task(server.stop())
        last = await watch.next_status()
        watch.stop()
        still_running = not running.done()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as late:
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await echo_method(late)(b"", metadata=METADATA)
        go_on.set()

        assert StringValue.FromString(await running).value == "done"
        await stopping
    assert (last, still_running) == (NOT_SERVING, True)
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert error.value.details() == (
        "this server does not serve: it is stopping; call another replica"
    )


async def test_a_drain_has_an_end(echo: Echo) -> None:
    """A call that does not finish in time is cancelled."""
    began = asyncio.Event()

    async def hang(_request: StringValue, _context: CallContext) -> StringValue:
        began.set()
        await asyncio.Event().wait()
        return StringValue()

    async with echo(variables={"SAFETYCREDIT_DRAIN_SECONDS": "0"}, Echo=hang) as (server, channel):
        running = asyncio.ensure_future(echo_method(channel)(b"", metadata=METADATA))
        await began.wait()
        await server.stop()

        with pytest.raises(grpc.aio.AioRpcError) as error:
            await running
    assert error.value.code() in {grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE}


_PROGRAM = """
from services.common.logs import configure_logging
from services.common.server import ServerPlan, serve
from services.common.settings import load_settings
from tests.fakes.echo_service import echo_access, echo_service

settings = load_settings({"SAFETYCREDIT_LOG_FORMAT": "json"})
configure_logging(settings)
serve(settings, ServerPlan(listen="127.0.0.1:0", services=(echo_service(),), access=echo_access()))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_process_cleanly(number: signal.Signals) -> None:
    """Ctrl-C and a termination both drain, and the process ends without an error."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _PROGRAM, stderr=PIPE)
    assert process.stderr is not None
    started = json.loads(await process.stderr.readline())

    async with grpc.aio.insecure_channel(f"127.0.0.1:{started['port']}") as channel:
        await echo_method(channel)(b"", metadata=METADATA)
    process.send_signal(number)
    lines = [json.loads(line) for line in (await process.stderr.read()).splitlines()]

    assert await process.wait() == 0
    assert [line["event"] for line in lines] == ["rpc_completed", "server_stopped"]
