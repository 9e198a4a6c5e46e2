"""The credit server as it runs: put together from settings, on loopback."""

import asyncio
import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from services.common.server import running
from services.common.settings import Settings, load_settings
from services.credit.main import CreditServer

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30


def settings_of(store_url: str) -> Settings:
    """Give the settings of a server on a named store."""
    return load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": store_url,
            "SAFETYCREDIT_CREDIT_LISTEN": "127.0.0.1:0",
            "SAFETYCREDIT_POLICIES_DIR": str(ROOT / "policies"),
            "SAFETYCREDIT_ID_KEY": base64.b64encode(bytes(range(32))).decode(),
            "SAFETYCREDIT_DRAIN_SECONDS": "0",
            "SAFETYCREDIT_LOG_LEVEL": "error",
        }
    )


@contextmanager
def serving(server: CreditServer) -> Iterator[int]:
    """Run a server on a thread of its own, so that tests may block."""
    ports: list[int] = []
    started, stop = Event(), Event()

    async def serve() -> None:
        async with running(server.settings, server.plan) as running_server:
            ports.append(running_server.port)
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert started.wait(PATIENCE_SECONDS), "the server starts"
        yield ports[0]
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
