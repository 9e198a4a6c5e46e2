"""A gRPC server from start to drain: handlers, health, reflection, signals."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.common.access import AccessTable, AccessTableError
from services.common.call_log import CallLog, call_log
from services.common.calls import CallRules, MethodTable, ServedService
from services.common.clock import Clock, SystemClock
from services.common.errors import Category, SafetyCreditError
from services.common.identity import Authenticator, MetadataAuthenticator
from services.common.listening import ListenAddressError, loopback_address
from services.common.portals import SubjectFinder
from services.common.settings import Settings
from services.common.status import meant_error

_PING_SECONDS_MIN: Final = 10
"""House decision: clients may ping so often; more is refused as abuse."""

_LAST_ANSWERS_SECONDS: Final = 1.0
"""House decision: longest time that the last answers may take to be sent."""


class ServerStoppingError(SafetyCreditError):
    """The server lets its calls finish and takes no new ones."""

    reason = "SERVER_STOPPING"
    category = Category.UNAVAILABLE


class ReadinessFailedError(SafetyCreditError):
    """Finding out whether the server is ready failed."""

    reason = "READINESS_FAILED"
    category = Category.UNAVAILABLE


def _always_ready() -> None:
    """Be ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPlan:
    """What a server is to serve, and by which rules.

    Attributes:
        listen: ``HOST:PORT`` on loopback; port 0 lets the system choose.
        services: The services with their handlers.
        readiness: Raises a `SafetyCreditError` that says what is missing while the
            server must not serve; runs in a worker thread, again and again.
        access: Who may call what.
        authenticator: Finds out who calls.
        clock: The clock that handlers see.
        find_subjects: Finds out whom requests are about, for what portals may call.
        log: Gets a line for every call; by default what the settings ask for.
    """

    listen: str
    services: tuple[ServedService, ...]
    readiness: Callable[[], None] = _always_ready
    access: AccessTable = field(default_factory=AccessTable.load)
    authenticator: Authenticator = field(default_factory=MetadataAuthenticator)
    clock: Clock = field(default_factory=SystemClock)
    find_subjects: SubjectFinder | None = None
    log: CallLog | None = None


class GrpcServer:
    """Serves a plan: `start`, then `stop`, on one event loop."""

    def __init__(self, settings: Settings, plan: ServerPlan) -> None:
        """Check the plan; nothing is opened yet.

        Raises:
            ListenAddressError: The address is malformed.
            ListenNotLoopbackError: Other machines could reach the server.
            AccessTableError: The table of access does not fit the services.
        """
        self._settings = settings
        self._address = loopback_address(plan.listen)
        descriptors = [served.descriptor for served in plan.services]
        plan.access.require_rows(descriptors)
        if plan.find_subjects is None and plan.access.binds_portals(descriptors):
            raise AccessTableError(
                "a server that portals may call must find out whom calls concern"
            )
        self._plan = plan
        self._names = tuple(served.descriptor.full_name for served in plan.services)
        self._rules = CallRules(
            access=plan.access,
            authenticator=plan.authenticator,
            clock=plan.clock,
            log=plan.log or call_log(settings),
            calls_max=settings.concurrent_calls_max,
            find_subjects=plan.find_subjects,
            workers=ThreadPoolExecutor(settings.worker_threads, thread_name_prefix="command"),
        )
        self._health = health.aio.HealthServicer()
        self._stopping = asyncio.Event()
        self._server: grpc.aio.Server | None = None
        self._watch: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def serving(self) -> bool:
        """Say whether calls are answered."""
        return self._rules.refusal is None

    async def start(self) -> None:
        """Look at readiness once, listen, and go on looking.

        Raises:
            ListenAddressError: The address is taken.
        """
        server = grpc.aio.server(options=_options(self._settings))
        server.add_generic_rpc_handlers((MethodTable(self._plan.services, self._rules),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        reflection.enable_server_reflection(
            (*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME), server
        )
        await self._look()
        try:
            self.port = server.add_insecure_port(str(self._address))
        except RuntimeError as error:
            raise ListenAddressError(
                f"nothing can listen on {self._address}; is another server running",
                listen=self._address,
            ) from error
        await server.start()
        self._server = server
        self._watch = asyncio.create_task(self._keep_looking())
        _log.info("server_started", listen=self._address.host, port=self.port, services=self._names)

    async def stop(self) -> None:
        """Say NOT_SERVING, refuse new calls, let running ones finish, and close."""
        self._stopping.set()
        self._rules.refusal = ServerStoppingError("it is stopping; call another replica")
        await self._health.enter_graceful_shutdown()
        if self._watch is not None:
            # Waited for rather than cancelled: it may be reading the store.
            await self._watch
        if self._server is not None:
            await self._drain()
            # What is answered by now is still on its way to the caller.
            await self._server.stop(min(_LAST_ANSWERS_SECONDS, self._settings.drain_seconds))
        # A command that outlived its call finishes first: it commits or it does not.
        await asyncio.to_thread(self._rules.workers.shutdown, cancel_futures=True)
        self._rules.log.flush()
        _log.info("server_stopped", services=self._names)

    async def _drain(self) -> None:
        """Wait for running calls, while new ones are refused at once.

        grpc's own drain would leave a call that arrives meanwhile without an answer
        until the drain is over.
        """
        self._rules.calls_over = asyncio.Event()
        if self._rules.calls_running:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.drain_seconds):
                    await self._rules.calls_over.wait()

    async def _keep_looking(self) -> None:
        while not self._stopping.is_set():
            await self._look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.health_seconds):
                    await self._stopping.wait()

    async def _look(self) -> None:
        """Find out whether the server may serve, and tell the health service."""
        before = self._rules.refusal
        after = await self._refusal()
        if self._stopping.is_set():
            return
        self._rules.refusal = after
        if after is not None and (before is None or before.reason != after.reason):
            _log.warning("server_not_serving", reason=after.reason, message=after.message)
        if after is None and before is not None:
            _log.info("server_serving")
        status = (
            health_pb2.HealthCheckResponse.SERVING
            if after is None
            else health_pb2.HealthCheckResponse.NOT_SERVING
        )
        for name in ("", *self._names):
            await self._health.set(name, status)

    async def _refusal(self) -> SafetyCreditError | None:
        try:
            await asyncio.to_thread(self._plan.readiness)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong, the server must say that it does not serve.
            meant = meant_error(error)
            if meant is not None:
                return meant
            _log.error("readiness_failed", exc_info=error)
            return ReadinessFailedError("readiness cannot be found out; see the log")
        return None


@contextlib.asynccontextmanager
async def running(settings: Settings, plan: ServerPlan) -> AsyncIterator[GrpcServer]:
    """Run a server inside a block; drain it at the end, whatever happens."""
    server = GrpcServer(settings, plan)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


def serve(settings: Settings, plan: ServerPlan) -> None:
    """Run a server until the process is told to end (SIGINT or SIGTERM)."""
    _run(_serve_until_told(settings, plan))


# Private functions -----------------------------------------------------------

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


async def _serve_until_told(settings: Settings, plan: ServerPlan) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    async with running(settings, plan):
        # What is loaded by now stays to the end. Looking through all of it for cycles, again and
        # again, would stop every call and every stream for a fifth of a second each time.
        gc.collect()
        gc.freeze()
        await told.wait()


def _run(main: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop  # noqa: PLC0415 -- it exists on some systems only.
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def _options(settings: Settings) -> tuple[tuple[str, int], ...]:
    keepalive_ms = int(settings.keepalive_seconds * 1000)
    return (
        ("grpc.max_receive_message_length", settings.message_bytes_max),
        ("grpc.max_send_message_length", settings.message_bytes_max),
        ("grpc.keepalive_time_ms", keepalive_ms),
        ("grpc.keepalive_timeout_ms", keepalive_ms // 2),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", _PING_SECONDS_MIN * 1000),
        # A second server on the same port must fail instead of taking half the calls.
        ("grpc.so_reuseport", 0),
    )
