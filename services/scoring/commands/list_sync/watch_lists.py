"""Watch lists: one look at the store for all watchers of a process, and shared answers."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from math import inf
from typing import Final

from services.common.errors import SafetyCreditError
from services.common.tokens import StorePoint
from services.scoring.commands.list_sync.list_cursor import START, CursorScope, require_reachable
from services.scoring.commands.list_sync.list_feed_ports import FeedReading, FeedStore
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import ListDelta, ListState, ListView, Position, Wanted
from services.scoring.domain.list_feed_errors import StoreSilentError

DELTA_CHANGES: Final = 1000
"""House limit: changes of a list that are sent at once, unless one version has more."""

LOOK_SECONDS: Final = 10.0
"""House decision: a store that takes longer over a look is silent, and its watchers are told."""

_WISHES_MAX: Final = 16
"""House limit: views that are read together with the look at the lists; others cost one more."""

_SHARED_BYTES_MAX: Final = 32 * 2**20
"""House limit: bytes of changes that are kept for the next watcher who wants the same."""


@dataclass(frozen=True, slots=True)
class SharedDelta:
    """Changes as every watcher of a view gets them.

    Attributes:
        state: Where the view stands after them.
        position: Position of a watcher that has got them.
        encoded: The changes as they are sent.
    """

    state: ListState
    position: Position
    encoded: bytes


@dataclass(frozen=True, slots=True)
class OpenedWatch:
    """Where a watcher begins.

    Attributes:
        scope: Writes its cursors.
        heads: End of each list when the watcher came.
        positions: Its position with each list, by field; moved on by whoever sends.
        states: Where each view stands there, by field; moved on likewise.
    """

    scope: CursorScope
    heads: Mapping[ListKey, Position]
    positions: dict[int, Position]
    states: dict[int, ListState]

    @property
    def held(self) -> dict[ListKey, Position]:
        """Give the position that the watcher has come to, for each list."""
        views = self.scope.wanted.views
        return {view.key: self.positions[view.key.field] for view in views}


_Wish = tuple[ListView, Position]
"""A view, and the position after which its changes are wanted."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the store has found.

    Attributes:
        point: Point of the store that it saw.
        heads: End of each list.
        found: Changes for those who waited.
    """

    point: StorePoint
    heads: Mapping[ListKey, Position]
    found: Mapping[_Wish, SharedDelta]


class ListWatch:
    """What the watchers of one process share; lives on one event loop."""

    def __init__(
        self,
        store: FeedStore,
        *,
        encode: Callable[[ListDelta], bytes],
        poll_seconds: float,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """Watch nothing yet.

        Args:
            store: The lists.
            encode: Writes changes as they are sent.
            poll_seconds: Time between two looks at the store.
            look_seconds: How long the store may take over one.
        """
        self._store = store
        self._encode = encode
        self._poll_seconds = poll_seconds
        self._look_seconds = look_seconds
        self._seen_seconds = -inf
        self._watchers = 0
        self._polling: asyncio.Task[None] | None = None
        self._heads: Mapping[ListKey, Position] = {}
        self._changed: asyncio.Future[None] | None = None
        self._failure: Exception | None = None
        self._shared: OrderedDict[_Wish, asyncio.Future[SharedDelta]] = OrderedDict()
        self._waiting: Counter[_Wish] = Counter()

    def open(self, wanted: Wanted, cursor: str) -> OpenedWatch:
        """Find where a watcher begins; blocks.

        Raises:
            SafetyCreditError: As `ListChanges` says.
        """
        with self._store.read() as reading:
            scope = CursorScope(wanted, reading.point.store_id)
            positions = dict(scope.decode(cursor) if cursor else scope.start())
            require_reachable(reading, wanted, positions)
            states = {
                view.key.field: reading.state(view, positions[view.key.field].version)
                for view in wanted.views
            }
            return OpenedWatch(scope, reading.head_positions(), positions, states)

    @asynccontextmanager
    async def limited(self) -> AsyncIterator[None]:
        """Wait inside a block for the store, no longer than it may take.

        Raises:
            StoreSilentError: The store does not answer.
        """
        try:
            async with asyncio.timeout(self._look_seconds):
                yield
        except TimeoutError as error:
            raise StoreSilentError(
                "the store does not answer, and where the lists stand cannot be told;"
                " try again shortly"
            ) from error

    @contextmanager
    def watching(self, opened: OpenedWatch) -> Iterator[None]:
        """Look at the store inside a block, together with everybody else who watches."""
        # What the watcher has seen may be newer than the last look, and the other way round.
        later = {
            key: head
            for key, head in opened.heads.items()
            if head.version > self._heads.get(key, START).version
        }
        self._heads = {**self._heads, **later}
        self._watchers += 1
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers and self._polling is not None:
                self._polling.cancel()
                self._polling = None
                self._shared.clear()

    async def changes(self, view: ListView, after: Position) -> SharedDelta | None:
        """Give the changes of a view after a position; nothing if there are none yet.

        Whoever asks for the same shares one read of the store.

        Raises:
            StoreSilentError: The store does not answer.
            SafetyCreditError: As `ListChanges` says; so also where the store was set back, and
                what the watcher has got is not, or not any more, of the list.
        """
        head = self._heads.get(view.key, START)
        if head == after:
            return None
        if head.version <= after.version:
            # Either the store was set back, or the look is older than what the watcher holds.
            async with self.limited():
                await asyncio.to_thread(self._require_reachable, view, after)
            return None
        wish = (view, after)
        shared = self._shared.get(wish)
        if shared is None:
            shared = asyncio.ensure_future(asyncio.to_thread(self._read, view, after))
            shared.add_done_callback(lambda done: self._drop_useless(wish, done))
            self._share(wish, shared)
        async with self.limited():
            found = await asyncio.shield(shared)
        if found.position != after:
            return found
        # The store was set back since the last look, and the next one will say so.
        await asyncio.sleep(self._poll_seconds)
        return None

    async def wait(self, opened: OpenedWatch, seconds: float) -> None:
        """Wait until there is more for a watcher, but not for longer than some seconds.

        Raises:
            SafetyCreditError: The store cannot be looked at.
        """
        held = opened.held.items()
        if any(self._heads.get(key, START).version > position.version for key, position in held):
            return
        if self._changed is None or self._changed.done():
            self._changed = asyncio.get_running_loop().create_future()
        wishes = [(view, opened.positions[view.key.field]) for view in opened.scope.wanted.views]
        self._waiting.update(wishes)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await asyncio.shield(self._changed)
        finally:
            self._waiting.subtract(wishes)
        if self._failure is not None:
            raise self._failure

    def seen_within(self, seconds: float) -> bool:
        """Say whether the last good look at the store began so short a time ago.

        Before that nobody knows what the store has; so nobody may say that a list stands still.
        """
        now_seconds = asyncio.get_running_loop().time()
        return now_seconds - self._seen_seconds <= seconds + self._poll_seconds

    # Private methods -------------------------------------------------------------

    def _require_reachable(self, view: ListView, position: Position) -> None:
        with self._store.read() as reading:
            _require_in_history(reading, view, position)

    def _read(self, view: ListView, after: Position) -> SharedDelta:
        with self._store.read() as reading:
            return self._encoded(reading, view, after)

    def _encoded(self, reading: FeedReading, view: ListView, after: Position) -> SharedDelta:
        _require_in_history(reading, view, after)
        delta = reading.delta(view, after.version, limit=DELTA_CHANGES)
        return SharedDelta(delta.state, delta.position, self._encode(delta))

    def _drop_useless(self, wish: _Wish, done: asyncio.Future[SharedDelta]) -> None:
        """Forget an answer that is none, so that whoever asks again is not given it again."""
        failed = done.cancelled() or done.exception() is not None
        if (failed or done.result().position == wish[1]) and self._shared.get(wish) is done:
            del self._shared[wish]

    def _share(self, wish: _Wish, found: asyncio.Future[SharedDelta]) -> None:
        """Keep an answer for whoever wants the same; drop the oldest beyond the limit."""
        self._shared[wish] = found
        size = sum(map(_size, self._shared.values()))
        while size > _SHARED_BYTES_MAX and len(self._shared) > 1:
            size -= _size(self._shared.popitem(last=False)[1])

    async def _poll(self) -> None:
        """Look at the store's point, and at the lists only after a commit."""
        self._failure = None
        seen: StorePoint | None = None
        loop = asyncio.get_running_loop()
        try:
            while True:
                began_seconds = loop.time()
                look: _Look | None = None
                async with self.limited():
                    if await self._store.fresh_point() != seen:
                        wishes = [wish for wish, _ in self._waiting.most_common(_WISHES_MAX)]
                        look = await asyncio.to_thread(self._look, wishes)
                self._seen_seconds = began_seconds
                if look is not None:
                    if look.heads != self._heads:
                        self._take(look)
                    if seen is None:
                        # A watcher that has just come waits to hear where the lists stand.
                        self._wake()
                    seen = look.point
                await asyncio.sleep(self._poll_seconds)
        except Exception as error:  # noqa: BLE001 -- raised again in every watcher.
            self._failure = error
            self._wake()

    def _look(self, wishes: Sequence[_Wish]) -> _Look:
        """Read where the lists stand, and at once what those who wait are waiting for."""
        with self._store.read() as reading:
            heads = reading.head_positions()
            found: dict[_Wish, SharedDelta] = {}
            for view, after in wishes:
                if heads.get(view.key, START).version > after.version:
                    # Whoever waits for what is refused asks again, and is refused by itself.
                    with suppress(SafetyCreditError):
                        found[view, after] = self._encoded(reading, view, after)
            return _Look(reading.point, heads, found)

    def _take(self, look: _Look) -> None:
        """Note what a look has found, and wake those who wait."""
        self._heads = look.heads
        self._waiting = +self._waiting
        for wish, delta in look.found.items():
            found: asyncio.Future[SharedDelta] = asyncio.get_running_loop().create_future()
            found.set_result(delta)
            self._share(wish, found)
        self._wake()

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)


# Private functions -----------------------------------------------------------


def _require_in_history(reading: FeedReading, view: ListView, position: Position) -> None:
    wanted = Wanted(view.key.kind, view.key.field, view.division)
    require_reachable(reading, wanted, {view.key.field: position})


def _size(found: asyncio.Future[SharedDelta]) -> int:
    done = found.done() and not found.cancelled() and found.exception() is None
    return len(found.result().encoded) if done else 0
