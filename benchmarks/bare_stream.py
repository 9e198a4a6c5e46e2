"""A gRPC server with one stream of equal messages: ``python -m benchmarks.bare_stream PORT``.

The request says how many messages of how many bytes: two decimal numbers with a space.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any, Final

import grpc

SERVICE: Final = "benchmarks.Stream"
METHOD: Final = "Send"


async def serve(port: str) -> None:
    """Serve until the process is told to end."""

    async def send(request: bytes, _context: object) -> AsyncIterator[bytes]:
        count, size = map(int, request.split())
        message = bytes(size)
        for _ in range(count):
            yield message

    server = grpc.aio.server()
    # Bytes in and out: the stream itself is what is measured.
    method: Any = grpc.unary_stream_rpc_method_handler(send)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {METHOD: method}),)
    )
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await server.stop(None)


def main() -> None:
    """Serve as the project's servers do: on uvloop where there is one."""
    import uvloop  # noqa: PLC0415 -- only this process needs it.

    uvloop.run(serve(sys.argv[1]))


if __name__ == "__main__":
    main()
