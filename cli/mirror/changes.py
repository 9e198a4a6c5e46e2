"""Changes of a copy: how changed entries stand in the end, and writing them into its file."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from cli.mirror.copy_file import INSERT, CopyDamagedError
from cli.mirror.encoding import Encoded
from cli.mirror.leaves import Numbers, places_of
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListDelta

_UPDATE: Final = "UPDATE entries SET body = ?3 WHERE place = ?1 AND field = ?2"
_DELETE: Final = "DELETE FROM entries WHERE place = ? AND field = ?"


def last_changes(parts: Sequence[ListDelta]) -> dict[str, ListEntry | None]:
    """Give how each changed entry stands in the end; nothing for one that is gone."""
    last: dict[str, ListEntry | None] = {}
    for part in parts:
        for change in part.changes:
            if change.HasField("entry"):
                entry = change.entry
                last[entry.entry_id] = entry
            else:
                last[change.removal.entry_id] = None
    return last


class EntryWriter:
    """Writes changed entries into the file of a copy, in whatever transaction is open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write through a connection."""
        self._connection = connection

    def write(
        self, field: int, last: Mapping[str, ListEntry | None], tree: DigestTree
    ) -> DigestTree:
        """Write changed entries.

        Args:
            field: Field of the list.
            last: How each entry stands now; nothing for one that is gone.
            tree: The list as it is in the file.

        Returns:
            The list as it is then.

        Raises:
            CopyDamagedError: The file does not hold what the tree says.
        """
        now = Encoded.of(field, [entry for entry in last.values() if entry is not None])
        gone = places_of([name for name, entry in last.items() if entry is None])
        gone.sort()
        after, standing = tree.changed(now.leaves, gone)
        if standing.known.all():
            self._update(now)
        else:
            self._update(now.only(standing.known))
            self._connection.executemany(INSERT, now.only(~standing.known).rows())
        self._delete(field, gone[standing.gone])
        return after

    # Private methods -------------------------------------------------------------

    def _update(self, now: Encoded) -> None:
        """Write over the bodies of entries that are there."""
        cursor = self._connection.executemany(_UPDATE, now.rows())
        _require_rows(cursor, len(now.bodies))

    def _delete(self, field: int, places: Numbers) -> None:
        wanted = [(place, field) for place in places.tolist()]
        _require_rows(self._connection.executemany(_DELETE, wanted), len(wanted))


# Private functions -----------------------------------------------------------


def _require_rows(cursor: sqlite3.Cursor, count: int) -> None:
    """Hold the rows that were written against those that are known to be there."""
    if count and cursor.rowcount != count:
        raise CopyDamagedError(f"the copy lacks {count - cursor.rowcount} of its entries")
