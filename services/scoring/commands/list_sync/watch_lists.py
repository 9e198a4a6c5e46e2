"""Watch lists: one look at the store for all watchers of a process, and shared answers."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from services.common.errors import SafetyCreditError
from services.scoring.commands.list_sync.list_cursor import CursorScope, require_reachable
from services.scoring.commands.list_sync.list_feed_ports import FeedStore
from services.scoring.domain.list_entry import ListKey
from services.scoring.domain.list_feed import ListDelta, ListState, ListView, Position, Wanted

DELTA_CHANGES: Final = 1000
"""House limit: changes of a list that are sent at once, unless one version has more."""

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
        heads: Last version of each list when the watcher came.
        positions: Its position with each list, by field; moved on by whoever sends.
        states: Where each view stands there, by field; moved on likewise.
    """

    scope: CursorScope
    heads: Mapping[ListKey, int]
    positions: dict[int, Position]
    states: dict[int, ListState]

    @property
    def versions(self) -> dict[ListKey, int]:
        """Give the version that the watcher has come to, for each list."""
        views = self.scope.wanted.views
        return {view.key: self.positions[view.key.field].version for view in views}


_Wish = tuple[ListView, int]
"""A view, and the version after which its changes are wanted."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the store has found.

    Attributes:
        revision: Revision that it saw.
        heads: Last version of each list.
        found: Changes for those who waited.
    """

    revision: int
    heads: Mapping[ListKey, int]
    found: Mapping[_Wish, SharedDelta]


class ListWatch:
    """What the watchers of one process share; lives on one event loop."""

    def __init__(
        self, store: FeedStore, *, encode: Callable[[ListDelta], bytes], poll_seconds: float
    ) -> None:
        """Watch nothing yet.

        Args:
            store: The lists.
            encode: Writes changes as they are sent.
            poll_seconds: Time between two looks at the store.
        """
        self._store = store
        self._encode = encode
        self._poll_seconds = poll_seconds
        self._watchers = 0
        self._polling: asyncio.Task[None] | None = None
        self._heads: Mapping[ListKey, int] = {}
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
            return OpenedWatch(scope, reading.head_versions(), positions, states)

    @contextmanager
    def watching(self, opened: OpenedWatch) -> Iterator[None]:
        """Look at the store inside a block, together with everybody else who watches."""
        # What the watcher has seen may be newer than the last look, and the other way round.
        known = self._heads
        later = {key: max(version, known.get(key, 0)) for key, version in opened.heads.items()}
        self._heads = {**known, **later}
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

    async def changes(self, view: ListView, version: int) -> SharedDelta | None:
        """Give the changes of a view after a version; nothing if there are none yet.

        Whoever asks for the same shares one read of the store.
        """
        if self._heads.get(view.key, 0) <= version:
            return None
        key = (view, version)
        shared = self._shared.get(key)
        if shared is None:
            shared = asyncio.ensure_future(asyncio.to_thread(self._read, view, version))
            self._share(key, shared)
        try:
            return await asyncio.shield(shared)
        except SafetyCreditError:
            self._shared.pop(key, None)
            raise

    async def wait(self, opened: OpenedWatch, seconds: float) -> None:
        """Wait until there is more for a watcher, but not for longer than some seconds.

        Raises:
            SafetyCreditError: The store cannot be looked at.
        """
        if any(self._heads.get(key, 0) > version for key, version in opened.versions.items()):
            return
        if self._changed is None or self._changed.done():
            self._changed = asyncio.get_running_loop().create_future()
        wishes = [
            (view, opened.positions[view.key.field].version) for view in opened.scope.wanted.views
        ]
        self._waiting.update(wishes)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await asyncio.shield(self._changed)
        finally:
            self._waiting.subtract(wishes)
        if self._failure is not None:
            raise self._failure

    # Private methods -------------------------------------------------------------

    def _read(self, view: ListView, version: int) -> SharedDelta:
        with self._store.read() as reading:
            return self._encoded(reading.delta(view, version, limit=DELTA_CHANGES))

    def _encoded(self, delta: ListDelta) -> SharedDelta:
        return SharedDelta(delta.state, delta.position, self._encode(delta))

    def _share(self, wish: _Wish, found: asyncio.Future[SharedDelta]) -> None:
        """Keep an answer for whoever wants the same; drop the oldest beyond the limit."""
        self._shared[wish] = found
        size = sum(map(_size, self._shared.values()))
        while size > _SHARED_BYTES_MAX and len(self._shared) > 1:
            size -= _size(self._shared.popitem(last=False)[1])

    async def _poll(self) -> None:
        """Look at the store's point, and at the lists only after a commit."""
        self._failure = None
        revision = -1
        try:
            while True:
                point = await self._store.fresh_point()
                if point.revision != revision:
                    wishes = [wish for wish, _ in self._waiting.most_common(_WISHES_MAX)]
                    look = await asyncio.to_thread(self._look, wishes)
                    revision = look.revision
                    if look.heads != self._heads:
                        self._take(look)
                await asyncio.sleep(self._poll_seconds)
        except Exception as error:  # noqa: BLE001 -- raised again in every watcher.
            self._failure = error
            self._wake()

    def _look(self, wishes: Sequence[_Wish]) -> _Look:
        """Read where the lists stand, and at once what those who wait are waiting for."""
        with self._store.read() as reading:
            heads = reading.head_versions()
            found: dict[_Wish, SharedDelta] = {}
            for view, version in wishes:
                if heads.get(view.key, 0) > version:
                    # Whoever waits for what is refused asks again, and is refused by itself.
                    with suppress(SafetyCreditError):
                        delta = reading.delta(view, version, limit=DELTA_CHANGES)
                        found[view, version] = self._encoded(delta)
            return _Look(reading.point.revision, heads, found)

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


def _size(found: asyncio.Future[SharedDelta]) -> int:
    done = found.done() and not found.cancelled() and found.exception() is None
    return len(found.result().encoded) if done else 0
