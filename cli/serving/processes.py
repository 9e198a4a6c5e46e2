"""The two server processes: how they start, become ready, and end."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final, NoReturn

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from cli.client.connection import open_channel
from cli.errors import CliError
from cli.serving.child import MODULES
from services.common.listening import ListenAddress, loopback_address
from services.common.settings import PREFIX, Settings

READY_SECONDS: Final = 60.0
"""House decision: a server that needs longer to become ready has a problem."""

_HEALTH_CHECK: Final = "/grpc.health.v1.Health/Check"
_LOOK_SECONDS: Final = 0.1
_ANSWER_SECONDS: Final = 2.0
_KILL_AFTER_DRAIN_SECONDS: Final = 10.0


class PortTakenError(CliError):
    """Something else listens where a server should."""

    reason = "PORT_TAKEN"


class ServerEndedError(CliError):
    """A server ended by itself."""

    reason = "SERVER_ENDED"


class ServerNotReadyError(CliError):
    """A server runs and does not serve."""

    reason = "SERVER_NOT_READY"


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """One server.

    Attributes:
        name: Which.
        address: Where it listens.
        process: The process.
    """

    name: str
    address: ListenAddress
    process: "subprocess.Popen[bytes]"

    def require_alive(self) -> None:
        """Make sure that it still runs.

        Raises:
            ServerEndedError: It does not.
        """
        status = self.process.poll()
        if status is not None:
            raise ServerEndedError(
                f"the {self.name} server ended by itself {_spoken_status(status)}",
                advice="What it wrote before stands above; the other server is stopped too.",
                server=self.name,
                exit_status=status,
            )


def addresses_of(settings: Settings) -> dict[str, ListenAddress]:
    """Give the address of each server, and make sure that both are free.

    Raises:
        ListenAddressError: An address is malformed.
        ListenNotLoopbackError: Other machines could reach it.
        PortTakenError: Something else listens there.
    """
    texts = {"credit": settings.credit_listen, "scoring": settings.scoring_listen}
    addresses = {name: loopback_address(text) for name, text in texts.items()}
    with ExitStack() as sockets:
        for name, address in addresses.items():
            variable = f"{PREFIX}{name.upper()}_LISTEN"
            if address.port == 0:
                raise PortTakenError(f"name a port in {variable}: clients must find the server")
            try:
                sockets.enter_context(_bound(address))
            except OSError as error:
                raise PortTakenError(
                    f"something else listens on {address}, where the {name} server should",
                    advice=(
                        "Is safetycredit running already? Stop it, or choose another port:"
                        f" {variable}={address.host}:{address.port + 100} safetycredit up"
                    ),
                    listen=address,
                ) from error
    return addresses


@contextmanager
def running_servers(settings: Settings) -> Iterator[tuple[ServerProcess, ...]]:
    """Run both servers inside a block; drain and end both after it, whatever happens."""
    addresses = addresses_of(settings)
    servers: list[ServerProcess] = []
    try:
        for name in MODULES:
            servers.append(ServerProcess(name, addresses[name], _start(name)))  # noqa: PERF401 -- what was started must be known when the next fails.
        yield tuple(servers)
    finally:
        _stop(servers, drain_seconds=settings.drain_seconds)


def wait_until_serving(servers: Sequence[ServerProcess]) -> None:
    """Wait until every server says that it serves.

    Raises:
        ServerEndedError: One ended instead.
        ServerNotReadyError: One took too long.
    """
    give_up = time.monotonic() + READY_SECONDS
    waiting = list(servers)
    while waiting:
        for server in servers:
            server.require_alive()
        waiting = [server for server in waiting if not _serves(server.address)]
        if waiting and time.monotonic() > give_up:
            raise ServerNotReadyError(
                f"the {waiting[0].name} server runs and does not serve; its log says why",
                server=waiting[0].name,
            )
        time.sleep(_LOOK_SECONDS)


def watch(servers: Sequence[ServerProcess]) -> NoReturn:
    """Look after the servers until somebody interrupts.

    Raises:
        ServerEndedError: One ended by itself.
    """
    while True:
        for server in servers:
            server.require_alive()
        time.sleep(_LOOK_SECONDS)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT and SIGTERM interrupt inside a block, even where Ctrl-C was ignored at the start.

    A program that a script starts in the background is told to ignore Ctrl-C; whoever then sends
    it on purpose means it.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, _interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


# Private functions -----------------------------------------------------------


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _bound(address: ListenAddress) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # Connections of a server that has just ended do not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
        # A second server of ours on the same port is noticed only if this one listens.
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _start(name: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 -- the program is this interpreter, the module ours.
        [sys.executable, "-m", "cli.serving.child", name],
        stdin=subprocess.PIPE,
        # Ctrl-C in a terminal reaches the parent only, which then ends both in order.
        start_new_session=True,
    )


def _stop(servers: Sequence[ServerProcess], *, drain_seconds: float) -> None:
    for server in servers:
        if server.process.poll() is None:
            server.process.terminate()
    give_up = time.monotonic() + drain_seconds + _KILL_AFTER_DRAIN_SECONDS
    for server in servers:
        try:
            server.process.wait(max(0.0, give_up - time.monotonic()))
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            # Too long, or interrupted once more: nothing half-written can be left behind.
            server.process.kill()
            server.process.wait()
        if server.process.stdin is not None:
            server.process.stdin.close()


def _serves(address: ListenAddress) -> bool:
    with open_channel(str(address)) as channel:
        check = channel.unary_unary(
            _HEALTH_CHECK,
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )
        try:
            answer = check(HealthCheckRequest(), timeout=_ANSWER_SECONDS)
        except grpc.RpcError:
            return False
    return bool(answer.status == HealthCheckResponse.SERVING)


def _spoken_status(status: int) -> str:
    return f"by signal {-status}" if status < 0 else f"with exit code {status}"
