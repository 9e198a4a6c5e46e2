"""Stretches of whole lists that were exported lately, for the next subscriber."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from services.scoring.commands.list_sync.list_feed_ports import ExportPage, ExportPlace
from services.scoring.domain.list_feed import ListState

KEPT_BYTES_MAX: Final = 64 * 2**20
"""House limit: memory of a process for what it has exported."""


class KeptStretches:
    """What was read for an export, by the state of the list and the place; the oldest goes first.

    Subscribers load a version again at about the same time: after a compaction, or when a server
    was lost. What was read from far away for the first serves the others. Nothing here can be
    wrong: a state names the digest of its list, and so every byte of it.

    Shared by all threads of a process.
    """

    def __init__(self, bytes_max: int = KEPT_BYTES_MAX) -> None:
        """Keep nothing yet, and never more than so many bytes."""
        self._bytes_max = bytes_max
        self._lock = Lock()
        self._pages: OrderedDict[tuple[ListState, ExportPlace | None], ExportPage] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Say how many bytes are kept, about."""
        return self._size

    def find(self, state: ListState, after: ExportPlace | None) -> ExportPage | None:
        """Give a stretch of a list, if it is kept."""
        with self._lock:
            page = self._pages.get((state, after))
            if page is not None:
                self._pages.move_to_end((state, after))
            return page

    def keep(self, state: ListState, after: ExportPlace | None, page: ExportPage) -> None:
        """Keep a stretch, unless all of its list has no room: then none would be kept for long.

        Args:
            state: State of the whole list.
            after: Place that the stretch was read after.
            page: The stretch.
        """
        size = _size(page)
        if state.entry_count * _ENTRY_BYTES > self._bytes_max or size > self._bytes_max:
            return
        with self._lock:
            if (state, after) in self._pages:
                return
            self._pages[(state, after)] = page
            self._size += size
            while self._size > self._bytes_max:
                _, oldest = self._pages.popitem(last=False)
                self._size -= _size(oldest)


# Private functions -----------------------------------------------------------

_ENTRY_BYTES: Final = 450
"""About what an entry takes; decides whether a list is kept at all, and nothing else."""

_CHUNK_BYTES: Final = 64
_PAGE_BYTES: Final = 2**10
"""About what the objects take beside the entries."""


def _size(page: ExportPage) -> int:
    return sum(map(len, page.chunks)) + _CHUNK_BYTES * len(page.chunks) + _PAGE_BYTES
