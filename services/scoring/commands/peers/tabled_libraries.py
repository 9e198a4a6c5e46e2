"""Libraries with the tables of peers that were recorded up to a revision.

As with publications, what was recorded up to a revision holds at that revision and at every later
one, so an answer at a revision finds the tables that it found the first time. Libraries without a
policy that asks for peers are left as they are, and the store is not asked.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache, partial
from threading import Lock
from typing import Final, Protocol

from services.scoring.commands.peers.pinned_tables import (
    OpenTables,
    PeerTables,
    PinnedTable,
    opened,
)
from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.peer_table import Groups, TableStamp

OPEN_MAX: Final = 16
"""House limit: tables kept in memory at once."""

LIBRARIES_MAX: Final = 16
"""House limit: libraries kept ready at once; most questions are about the last."""


class PeerTableLog(Protocol):
    """Tells which tables were recorded."""

    def since(self, table_id: int, *, at_least: int) -> tuple[Sequence[TableStamp], int]:
        """Give the tables after one, in the order of recording, and up to where that is all.

        Args:
            table_id: The last table known; 0 for none.
            at_least: Revision that the answer must have reached.
        """
        ...

    def groups(self, table_id: int) -> Groups:
        """Give the values of a table."""
        ...


class TabledLibraries:
    """Gives libraries their tables; used by several threads."""

    def __init__(self, log: PeerTableLog) -> None:
        """Know of no table yet.

        Args:
            log: Tells which tables were recorded.
        """
        self._log = log
        self._lock = Lock()
        self._known = -1
        self._tables: list[PinnedTable] = []
        self._revisions: list[int] = []
        self._ready: OrderedDict[tuple[PolicyLibrary, int], PolicyLibrary] = OrderedDict()
        self._open = lru_cache(maxsize=OPEN_MAX)(self._read)

    def of(self, library: PolicyLibrary, revision: int) -> PolicyLibrary:
        """Give a library the tables recorded up to a revision of the store."""
        if not library.ask_for_peers:
            return library
        with self._lock:
            if revision > self._known:
                self._learn(revision)
            count = bisect_right(self._revisions, revision)
            if not count:
                return library
            key = (library, count)
            found = self._ready.get(key)
            if found is None:
                found = library.with_tables(PeerTables(self._tables[:count]))
                self._ready[key] = found
                if len(self._ready) > LIBRARIES_MAX:
                    self._ready.popitem(last=False)
            self._ready.move_to_end(key)
            return found

    # Private methods -------------------------------------------------------------

    def _learn(self, revision: int) -> None:
        last = self._tables[-1].stamp.table_id if self._tables else 0
        stamps, self._known = self._log.since(last, at_least=revision)
        for stamp in stamps:
            self._tables.append(PinnedTable(stamp, partial(self._open, stamp.table_id)))
            self._revisions.append(stamp.recorded_revision)

    def _read(self, table_id: int) -> OpenTables:
        return opened(self._log.groups(table_id))
