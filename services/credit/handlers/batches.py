"""Cutting a stream into batches: when there is enough, and whenever it rests."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final, TypeVar

Item = TypeVar("Item")

_BATCHES_AHEAD: Final = 2
"""House decision: what is read while a batch is at work, so that neither waits for the other."""


async def batches_of(
    items: AsyncIterator[Item], *, size_max: int, pause_seconds: float
) -> AsyncGenerator[list[Item], None]:
    """Cut a stream into lists, in order, none of them empty.

    A stream that breaks gives what it held before it raises.

    Args:
        items: The stream; it is read ahead, and rests while enough waits.
        size_max: Items of a list at most.
        pause_seconds: A stream that gives nothing for so long is cut where it is.
    """
    waiting: list[Item] = []
    # Set when there is a full batch, or nothing more to wait for.
    enough = asyncio.Event()
    some = asyncio.Event()
    room = asyncio.Event()

    async def fill() -> None:
        try:
            async for item in items:
                waiting.append(item)
                some.set()
                if len(waiting) >= size_max:
                    enough.set()
                if len(waiting) >= size_max * _BATCHES_AHEAD:
                    room.clear()
                    await room.wait()
        finally:
            some.set()
            enough.set()

    filling = asyncio.create_task(fill())
    try:
        while True:
            await some.wait()
            while not enough.is_set():
                count = len(waiting)
                if await _rested(enough, pause_seconds) and len(waiting) == count:
                    break
            if not waiting:
                break
            batch = waiting[:size_max]
            del waiting[:size_max]
            room.set()
            if not filling.done():
                _reset(enough, len(waiting) >= size_max)
                _reset(some, bool(waiting))
            yield batch
        await filling
    finally:
        filling.cancel()


# Private functions -----------------------------------------------------------


async def _rested(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event; say whether the time passed without it."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return True
    return False


def _reset(event: asyncio.Event, wanted: bool) -> None:  # noqa: FBT001 -- the state is the argument.
    if wanted:
        event.set()
    else:
        event.clear()
