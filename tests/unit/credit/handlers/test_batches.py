"""Cutting streams: when there is enough, when it rests, when it breaks."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.credit.handlers.batches import batches_of

LONG = 30.0


async def counting(count: int) -> AsyncIterator[int]:
    """Count to a number."""
    for number in range(1, count + 1):
        yield number


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(0, [], id="nothing"),
        pytest.param(1, [[1]], id="one"),
        pytest.param(3, [[1, 2, 3]], id="just-enough"),
        pytest.param(4, [[1, 2, 3], [4]], id="one-too-many"),
        pytest.param(7, [[1, 2, 3], [4, 5, 6], [7]], id="a-rest"),
    ],
)
async def test_a_stream_is_cut_in_order(count: int, expected: list[list[int]]) -> None:
    """No list is empty or too long, and nothing is lost."""
    found = [batch async for batch in batches_of(counting(count), size_max=3, pause_seconds=LONG)]

    assert found == expected


async def test_a_stream_that_rests_is_cut() -> None:
    """Who waits for a result before sending the next row gets it."""
    answered = asyncio.Event()

    async def patient() -> AsyncIterator[int]:
        yield 1
        await answered.wait()
        yield 2

    found = []
    async for batch in batches_of(patient(), size_max=100, pause_seconds=0.001):
        found.append(batch)
        answered.set()

    assert found == [[1], [2]]


async def test_a_broken_stream_gives_what_it_held() -> None:
    """What came before the break is not lost; the break is not hidden."""

    async def broken() -> AsyncIterator[int]:
        yield 1
        yield 2
        raise ConnectionError

    batches = batches_of(broken(), size_max=100, pause_seconds=LONG)

    assert await anext(batches) == [1, 2]
    with pytest.raises(ConnectionError):
        await anext(batches)


async def test_a_stream_is_not_read_far_ahead() -> None:
    """A slow store makes a fast client wait."""
    sent = []

    async def eager() -> AsyncIterator[int]:
        for number in range(1_000):
            sent.append(number)
            yield number

    ahead = []
    async for batch in batches_of(eager(), size_max=10, pause_seconds=LONG):
        await asyncio.sleep(0)
        ahead.append(len(sent) - batch[-1])

    assert len(sent) == 1_000
    assert max(ahead) <= 2 * 10 + 1


async def test_a_stream_that_nobody_wants_any_more_is_left() -> None:
    """The reader of an abandoned stream ends."""
    stopped = asyncio.Event()

    async def endless() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
                await asyncio.sleep(0)
        finally:
            stopped.set()

    batches = batches_of(endless(), size_max=2, pause_seconds=LONG)
    assert await anext(batches) == [1, 1]

    await batches.aclose()
    await asyncio.wait_for(stopped.wait(), LONG)
