"""Answers kept in memory, and given only while nothing was written about their subject.

Every call asks the store where it stands. When it has moved on, the subjects written about since
are asked for, once for all calls that wait; an answer is good while its subject is not among them.
So no answer is ever stale, and the point that it names is the store's present one.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from services.common.tokens import StorePoint
from services.scoring.commands.ports import Changes, FreshPoints

BYTES_MAX: Final = 64 * 2**20
"""House decision: memory for answers."""

CHANGED_MAX: Final = 50_000
"""House decision: with more subjects written about, everything is forgotten instead."""

_OVERHEAD_BYTES: Final = 500


@dataclass(frozen=True, slots=True)
class WarmAnswer:
    """An answer as kept.

    Attributes:
        subject_id: Subject that it is about.
        revision: Revision at which it was made.
        body: The answer without the point of the store, serialised.
    """

    subject_id: int
    revision: int
    body: bytes


class WarmAnswers:
    """Answers by request; used on one event loop."""

    def __init__(self, points: FreshPoints, *, bytes_max: int = BYTES_MAX) -> None:
        """Keep nothing yet.

        Args:
            points: Tells where the store stands.
            bytes_max: Memory for answers.
        """
        self._points = points
        self._bytes_max = bytes_max
        self._bytes = 0
        self._answers: OrderedDict[bytes, WarmAnswer] = OrderedDict()
        self._changed: dict[int, int] = {}
        self._floor = 0
        self._point: StorePoint | None = None
        self._advancing: asyncio.Task[None] | None = None
        self._making: dict[bytes, asyncio.Future[None]] = {}
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="changes")

    def close(self) -> None:
        """Let the thread go."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def point(self) -> StorePoint:
        """Give a point that was the store's last after this call began; answers are good for it.

        Raises:
            StoreUnavailableError: The store cannot be reached.
        """
        before = self._point
        fresh = await self._points.fresh_point()
        known = self._point
        if known is fresh:
            return fresh
        if known is None or known.store_id != fresh.store_id:
            return self._start_at(fresh)
        if fresh == known:
            return known
        if fresh.revision == known.revision:
            # The store was put back, and written to until it came there another way.
            return self._start_at(fresh)
        if fresh.revision < known.revision:
            # Another call may have seen a later write meanwhile; if none has, the store was put
            # back to an earlier state.
            return known if known is not before else self._start_at(fresh)
        while known.revision < fresh.revision:
            await self._advance(known, fresh)
            known = self._point or self._start_at(fresh)
        return known

    def find(self, key: bytes) -> WarmAnswer | None:
        """Give the answer to a request, if it is good at the point given last."""
        answer = self._answers.get(key)
        if answer is None or self._point is None:
            return None
        if answer.revision > self._point.revision:
            return None
        if self._changed.get(answer.subject_id, self._floor) > answer.revision:
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return answer

    async def made_by_another(self, key: bytes) -> bool:
        """Wait for another call that is making the answer to the same request.

        After a write all who ask about its subject find no answer at once; one of them makes it.

        Returns:
            Whether there was one; its answer may have failed, or be too old.
        """
        making = self._making.get(key)
        if making is None:
            return False
        await asyncio.wait((making,))
        return True

    @contextmanager
    def making(self, key: bytes) -> Iterator[None]:
        """Let others wait for the answer that is made inside the block."""
        made: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        first = self._making.setdefault(key, made) is made
        try:
            yield
        finally:
            if first:
                del self._making[key]
            made.set_result(None)

    def keep(self, key: bytes, answer: WarmAnswer) -> None:
        """Keep an answer; the one that has not been asked for longest makes room."""
        self._drop(key)
        self._answers[key] = answer
        self._bytes += _size(key, answer)
        while self._bytes > self._bytes_max:
            self._drop(next(iter(self._answers)))

    # Private methods -------------------------------------------------------------

    def _start_at(self, point: StorePoint) -> StorePoint:
        self._forget(point.revision)
        self._point = point
        return point

    async def _advance(self, known: StorePoint, fresh: StorePoint) -> None:
        """Learn what was written, together with everybody who waits for it."""
        if self._advancing is None:
            self._advancing = asyncio.get_running_loop().create_task(self._learn(known, fresh))
            self._advancing.add_done_callback(_retrieve)
        # A caller who goes away does not take the others' work with it.
        await asyncio.shield(self._advancing)

    async def _learn(self, known: StorePoint, fresh: StorePoint) -> None:
        loop = asyncio.get_running_loop()
        try:
            changes = await loop.run_in_executor(self._executor, self._ask, known, fresh)
        finally:
            self._advancing = None
        self._apply(changes)

    def _ask(self, known: StorePoint, fresh: StorePoint) -> Changes:
        return self._points.changes(known, fresh, limit=CHANGED_MAX)

    def _apply(self, changes: Changes) -> None:
        self._point = changes.point
        if changes.subject_ids is None:
            self._forget(changes.point.revision)
            return
        self._changed.update(dict.fromkeys(changes.subject_ids, changes.point.revision))
        if len(self._changed) > CHANGED_MAX:
            self._forget(changes.point.revision)

    def _forget(self, floor: int) -> None:
        """Forget every answer; only those made at the floor or later are good from now on."""
        self._answers.clear()
        self._changed.clear()
        self._bytes = 0
        self._floor = floor

    def _drop(self, key: bytes) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._bytes -= _size(key, answer)


# Private functions -----------------------------------------------------------


def _size(key: bytes, answer: WarmAnswer) -> int:
    return len(key) + len(answer.body) + _OVERHEAD_BYTES


def _retrieve(task: "asyncio.Task[None]") -> None:
    """Look at a failure, which those who wait for the task hear of; nobody may be left."""
    if not task.cancelled():
        task.exception()
