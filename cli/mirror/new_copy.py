"""Filling a new copy from an export."""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from cli.mirror.copy_file import (
    FORMAT,
    INDEXES,
    INSERT,
    INSERT_KEYS,
    TABLES,
    CopyDamagedError,
    remove_file,
    synchronise,
)
from cli.mirror.encoding import Encoded
from cli.mirror.leaves import Leaves
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListState

_PRAGMAS: Final = (
    # A change rewrites a page, and entries are changed here and there: small pages cost less.
    "page_size = 2048",
    # Nobody reads the file before it is whole, and it is synchronised then.
    "journal_mode = OFF",
    "synchronous = OFF",
    "cache_size = -131072",
)


class NewCopy:
    """A copy that is being filled; it becomes one when it is finished."""

    def __init__(self, path: Path, notes: Mapping[str, str]) -> None:
        """Begin a file; one that was begun before is dropped."""
        remove_file(path)
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("BEGIN")
        for statement in TABLES:
            self._connection.execute(statement)
        for name, value in {**notes, "format": FORMAT}.items():
            self._connection.execute("INSERT INTO notes VALUES (?, ?)", (name, value))
        self._field = 0
        self._leaves: list[Leaves] = []

    def begin(self, state: ListState) -> None:
        """Begin a list."""
        self._field = state.field
        self._leaves = []

    def add(self, entries: Iterable[ListEntry]) -> None:
        """Add entries of the list."""
        # An export comes bucket by bucket, so rows in their order are nearly appended.
        encoded = Encoded.of(self._field, entries)
        self._leaves.append(encoded.leaves)
        self._connection.executemany(INSERT, encoded.rows())
        self._connection.executemany(INSERT_KEYS, encoded.key_rows())

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
        self._connection.execute(
            "INSERT INTO lists VALUES (?, ?, ?, ?)",
            (state.field, state.version, tree.entry_count, tree.digest),
        )

    def finish(self, notes: Mapping[str, str]) -> None:
        """Make the file whole and durable."""
        for statement in INDEXES:
            self._connection.execute(statement)
        for name, value in notes.items():
            self._connection.execute("INSERT INTO notes VALUES (?, ?)", (name, value))
        self._connection.execute("COMMIT")
        self._connection.close()
        synchronise(self.path)

    def close(self) -> None:
        """Leave the file as it is; it is no copy unless it was finished."""
        self._connection.close()
