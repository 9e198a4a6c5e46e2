"""Filling a new copy from an export."""

import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from cli.mirror.beside import create, remove_file, synchronise
from cli.mirror.copy_file import FORMAT, INSERT, MARK, TABLES, CopyDamagedError, readable
from cli.mirror.encoding import Encoded
from cli.mirror.leaves import Leaves
from cli.mirror.reading import seal
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListState

_PRAGMAS: Final = (
    # A change rewrites a page, and entries are changed here and there: small pages cost less.
    "page_size = 2048",
    f"application_id = {MARK}",
    # Nobody reads the file before it is whole, and it is synchronised then.
    "journal_mode = OFF",
    "synchronous = OFF",
    "cache_size = -131072",
)


class NewCopy:
    """A copy that is being filled; it becomes one when it is finished."""

    def __init__(
        self, path: Path, notes: Mapping[str, str], *, like: os.stat_result | None = None
    ) -> None:
        """Begin a file; one that was begun before is dropped.

        Args:
            path: The file.
            notes: Which lists it is a copy of.
            like: Whose owner and permissions it gets; none for those of any new file.

        Raises:
            CopyUnwritableError: It cannot be written, which every other method may find too.
        """
        self.path = path
        self._field = 0
        self._leaves: list[Leaves] = []
        with readable(path):
            create(path, like)
            self._connection = sqlite3.connect(path, isolation_level=None)
        try:
            self._begin(notes)
        except BaseException:
            self.drop()
            raise

    def begin(self, state: ListState) -> None:
        """Begin a list."""
        self._field = state.field
        self._leaves = []

    def add(self, entries: Iterable[ListEntry]) -> None:
        """Add entries of the list."""
        # An export comes bucket by bucket, so rows in their order are nearly appended.
        encoded = Encoded.of(self._field, entries)
        self._leaves.append(encoded.leaves)
        with readable(self.path):
            self._connection.executemany(INSERT, encoded.rows())

    def end(self, state: ListState) -> None:
        """Finish the list.

        Raises:
            CopyDamagedError: It is not what the service says.
        """
        tree = DigestTree.of(Leaves.joined(self._leaves))
        if tree.digest != state.digest or tree.entry_count != state.entry_count:
            raise CopyDamagedError(
                f"field {state.field}: what was exported is not version {state.version}",
                field=state.field,
                version=state.version,
            )
        with readable(self.path):
            self._connection.execute(
                "INSERT INTO lists VALUES (?, ?, ?, ?)",
                (state.field, state.version, tree.entry_count, tree.digest),
            )

    def finish(self, notes: Mapping[str, str]) -> None:
        """Make the file whole and durable."""
        with readable(self.path):
            self._note(notes)
            seal(self._connection)
            self._connection.execute("COMMIT")
            self._connection.close()
            synchronise(self.path)

    def drop(self) -> None:
        """Give up a file that was not finished; it must not keep a full disk full."""
        self._connection.close()
        with readable(self.path):
            remove_file(self.path)

    # Private methods -------------------------------------------------------------

    def _begin(self, notes: Mapping[str, str]) -> None:
        with readable(self.path):
            for pragma in _PRAGMAS:
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.execute("BEGIN")
            for statement in TABLES:
                self._connection.execute(statement)
            self._note({**notes, "format": FORMAT})

    def _note(self, notes: Mapping[str, str]) -> None:
        self._connection.executemany("INSERT INTO notes VALUES (?, ?)", notes.items())
