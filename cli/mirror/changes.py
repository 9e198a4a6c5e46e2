"""Changes of a copy: how changed entries stand in the end, and writing them into its file."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Final

from cli.mirror.copy_file import INSERT, Row, bucket_of_place, place_of, rows_of
from cli.mirror.tree import Replacement
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListDelta

_KEYS_AT_ONCE: Final = 500

_UPDATE: Final = (
    "UPDATE entries SET digest = exchanged(place, digest, ?), body = ?"
    " WHERE place = ? AND credit_code = ? AND subject_id = ?"
)
_UPDATED: Final = itemgetter(3, 6, 0, 4, 5)
"""What that takes of a row."""


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
        self._before: dict[int, bytes] = {}
        connection.create_function("exchanged", 3, self._exchange)

    def write(
        self, field: int, last: Mapping[str, ListEntry | None]
    ) -> Mapping[int, Sequence[Replacement]]:
        """Write changed entries; give what that changes in each bucket.

        Args:
            field: Field of the list.
            last: How each entry stands now; nothing for one that is gone.
        """
        rows = rows_of(field, [entry for entry in last.values() if entry is not None])
        gone = [place_of(name) for name, entry in last.items() if entry is None]
        self._before = {}
        self._update(rows)
        if len(self._before) < len(last):
            self._rewrite(rows, gone)
        before = self._before
        changes: dict[int, list[Replacement]] = defaultdict(list)
        for row in rows:
            place = row[0]
            changes[bucket_of_place(place)].append((before.get(place), row[3]))
        for place in gone:
            changes[bucket_of_place(place)].append((before.get(place), None))
        return changes

    # Private methods -------------------------------------------------------------

    def _update(self, rows: Sequence[Row]) -> None:
        """Write entries whose keys are as they were, so that no index is touched.

        Most changes are of this kind. Their old digests are noted as they are written over: to read
        them before would be to find every row twice.
        """
        self._connection.executemany(_UPDATE, map(_UPDATED, rows))

    def _exchange(self, place: int, before: bytes, now: bytes) -> bytes:
        self._before[place] = before
        return now

    def _rewrite(self, rows: Sequence[Row], gone: Sequence[int]) -> None:
        """Take out what is gone or is found by other keys now, and put in what is new."""
        rest = [row for row in rows if row[0] not in self._before]
        old = self._old_digests(sorted([*gone, *(row[0] for row in rest)]))
        self._connection.executemany(
            "DELETE FROM entries WHERE place = ?", [(place,) for place in old]
        )
        self._connection.executemany(INSERT, rest)
        self._before |= old

    def _old_digests(self, places: Sequence[int]) -> dict[int, bytes]:
        """Give the digests of the entries that there are."""
        found: dict[int, bytes] = {}
        for start in range(0, len(places), _KEYS_AT_ONCE):
            part = places[start : start + _KEYS_AT_ONCE]
            marks = ",".join("?" * len(part))
            found.update(
                self._connection.execute(
                    f"SELECT place, digest FROM entries WHERE place IN ({marks})",  # noqa: S608 -- question marks alone.
                    part,
                ).fetchall()
            )
        return found
