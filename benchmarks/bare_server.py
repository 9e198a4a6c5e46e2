"""A gRPC server with one empty method and nothing else: ``python -m benchmarks.bare_server``."""

import asyncio
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc

SERVICE: Final = "benchmarks.Bare"
METHOD: Final = "Empty"
MODELS: Final = ("threads", "asyncio", "asyncio with uvloop")
"""Ways to serve, in the order of the report."""

_THREADS: Final = 16


def main(model: str, port: str) -> None:
    """Serve until the process is told to end."""
    address = f"127.0.0.1:{port}"
    if model == "threads":
        _serve_in_threads(address)
    elif model == "asyncio":
        asyncio.run(_serve_on_a_loop(address))
    else:
        import uvloop  # noqa: PLC0415 -- the other models do without it.

        uvloop.run(_serve_on_a_loop(address))


# Private functions -----------------------------------------------------------


def _serve_in_threads(address: str) -> None:
    def empty(request: bytes, _context: grpc.ServicerContext) -> bytes:
        return request

    server = grpc.server(ThreadPoolExecutor(_THREADS))
    server.add_generic_rpc_handlers((_handlers(empty),))
    server.add_insecure_port(address)
    server.start()
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: told.set())
    told.wait()
    server.stop(None).wait()


async def _serve_on_a_loop(address: str) -> None:
    async def empty(request: bytes, _context: object) -> bytes:
        return request

    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_handlers(empty),))
    server.add_insecure_port(address)
    await server.start()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await server.stop(None)


def _handlers(empty: Any) -> grpc.GenericRpcHandler:  # noqa: ANN401 -- a function or a coroutine function.
    # Bytes in and out: reading and writing messages is no matter of the model.
    method: Any = grpc.unary_unary_rpc_method_handler(empty)
    return grpc.method_handlers_generic_handler(SERVICE, {METHOD: method})


if __name__ == "__main__":
    main(*sys.argv[1:])
