"""A copy of the lists in a SQLite file: always at one version, and verified by digest.

Everything that is applied is applied in one transaction, and only if the digest afterwards is the
one that the service names. The digests are taken from the entries' bodies when the file is opened,
and kept in memory from then on, unless an application fails.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cli.errors import CliError
from cli.mirror.changes import EntryWriter, last_changes
from cli.mirror.copy_file import (
    INSERT,
    MARK,
    CopyDamagedError,
    CopyTouchedError,
    CopyUnreadableError,
    readable,
    require_header,
)
from cli.mirror.encoding import Encoded
from cli.mirror.leaves import Leaves, places_in
from cli.mirror.reading import (
    Held,
    agrees,
    collector_off,
    read_contents,
    read_lists,
    read_notes,
    require_intact,
    seal,
)
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListDelta, ListState

_PRAGMAS: Final = (
    "journal_mode = WAL",
    # What a power cut takes off the end is got again: the cursor goes with it.
    "synchronous = NORMAL",
    "cache_size = -131072",
    # Folding the log into the file waits for a quiet moment, unless the log grows to 512 MiB.
    "wal_autocheckpoint = 262144",
)


_AHEAD_COUNT: Final = "ahead_count"
"""The note of how often the store was behind the copy since it last confirmed it."""


class CopyOutOfStepError(CliError):
    """Changes do not begin where the copy stands."""

    reason = "COPY_OUT_OF_STEP"


class ListCopy:
    """An open copy.

    Attributes:
        path: The file.
        mirrored: The lists that it is a copy of.
    """

    def __init__(self, path: Path) -> None:
        """Open a copy; a transaction that a kill interrupted is undone.

        Raises:
            CopyUnreadableError: The file is none, or of another form.
            CopyUnwritableError: It cannot be opened or written.
        """
        self.path = path
        self._trees: dict[int, DigestTree] | None = None
        with readable(path):
            self._connection = sqlite3.connect(path, isolation_level=None)
        try:
            with readable(path):
                require_header(path)
                for pragma in _PRAGMAS:
                    self._connection.execute(f"PRAGMA {pragma}")
                self.mirrored, _ = read_lists(self._connection)
                self._mark()
                self._left = _standing(path)
                self._opened_at = self._commits_of_others()
        except CliError:
            self._connection.close()
            raise
        self._writer = EntryWriter(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def note(self, name: str) -> str:
        """Give a note about the copy; empty if there is none."""
        with readable(self.path):
            return read_notes(self._connection).get(name, "")

    def cursor(self) -> str:
        """Give where to go on.

        Raises:
            CopyUnreadableError: That is lost.
        """
        cursor = self.note("cursor")
        if not cursor:
            raise CopyUnreadableError(f"{self.path} does not say where to go on", path=self.path)
        return cursor

    def held(self) -> dict[int, Held]:
        """Give where each list stands, by field."""
        with readable(self.path):
            _, held = read_lists(self._connection)
        return held

    def trees(self) -> Mapping[int, DigestTree]:
        """Give the digests of each list, by field; the first time it takes seconds a million."""
        if self._trees is None:
            self._trees = self._read_trees()
        return self._trees

    def sound(self) -> bool:
        """Say whether every list is, by its entries' bodies, what it is noted to be.

        Raises:
            CopyUnreadableError: SQLite cannot read the file, or finds it damaged.
        """
        with readable(self.path):
            # One snapshot, whoever writes meanwhile.
            self._connection.execute("BEGIN")
            try:
                require_intact(self._connection)
                self._trees = self._read_trees()
                return agrees(self.held(), self._trees)
            finally:
                # SQLite itself ends one in which it cannot go on.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def confirm(self, now: datetime) -> None:
        """Note that the service said that the copy is right as it stands.

        Raises:
            CopyTouchedError: The file is no longer as it was left, which every method may find that
                writes; nothing was written.
        """
        with self._writing():
            self._confirm(now)

    def count_ahead(self) -> int:
        """Note that the store is behind the copy; say how often, since it last confirmed it."""
        count = self.note(_AHEAD_COUNT)
        number = int(count) + 1 if count.isdecimal() else 1
        with self._writing():
            self._note(_AHEAD_COUNT, str(number))
        return number

    def settle(self) -> None:
        """Fold the log into the file; for a quiet moment."""
        with readable(self.path):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._left = _standing(self.path)

    def apply(
        self, deltas: Iterable[ListDelta], cursor: str, *, confirmed: datetime | None
    ) -> None:
        """Apply changes, all or none of them.

        Args:
            deltas: Changes, those of one list in order.
            cursor: Where to go on after them.
            confirmed: When the service was asked for the last of them; none where more may wait,
                for then the copy is right, and not up to date.

        Raises:
            CopyOutOfStepError: They do not begin where the copy stands.
            CopyDamagedError: The copy would not be what the service says; it is as it was.
            CopyUnreadableError: SQLite cannot read the file.
        """
        by_field: dict[int, list[ListDelta]] = {}
        for delta in deltas:
            by_field.setdefault(delta.state.field, []).append(delta)
        held, trees = self.held(), dict(self.trees())
        # Whatever goes wrong from here on, the file is looked at anew before it is trusted again.
        self._trees = None
        with collector_off(), self._writing():
            for field, parts in by_field.items():
                _require_step(field, held.get(field), parts)
                last = last_changes(parts)
                if last:
                    trees[field] = self._writer.write(field, last, trees[field])
                if last or parts[-1].state.version != parts[0].base_version:
                    self._hold(parts[-1].state, trees[field])
            self._finish(cursor, confirmed)
        self._trees = trees

    def replace(
        self,
        states: Sequence[ListState],
        buckets: Mapping[int, Mapping[int, Sequence[ListEntry]]],
        *,
        cursor: str,
        now: datetime,
    ) -> None:
        """Replace whole buckets, and bring the lists to the states that this gives.

        Args:
            states: Where the lists stand then.
            buckets: Entries of each bucket that is replaced, by field and bucket.
            cursor: Where to go on after them.
            now: When they were got.

        Raises:
            CopyDamagedError: The copy would not be what the service says; it is as it was.
            CopyUnreadableError: SQLite cannot read the file.
        """
        trees = dict(self.trees())
        with self._writing():
            # All of the old go before any of the new comes: an entry may stand in a wrong place.
            for field, found in buckets.items():
                self._clear(field, found)
            for state in states:
                leaves: dict[int, Leaves] = {}
                for bucket, entries in buckets.get(state.field, {}).items():
                    encoded = Encoded.of(state.field, entries)
                    self._connection.executemany(INSERT, encoded.rows())
                    leaves[bucket] = encoded.leaves
                trees[state.field] = trees[state.field].with_buckets(leaves)
                self._hold(state, trees[state.field])
            self._finish(cursor, now)
        self._trees = trees

    # Private methods -------------------------------------------------------------

    def _mark(self) -> None:
        """Mark a copy that an earlier release made."""
        (mark,) = self._connection.execute("PRAGMA application_id").fetchone()
        if mark != MARK:
            self._connection.execute(f"PRAGMA application_id = {MARK}")

    def _commits_of_others(self) -> int:
        """Give a number that changes with what others commit, and with nothing that this does."""
        (number,) = self._connection.execute("PRAGMA data_version").fetchone()
        return int(number)

    def _require(self, *, untouched: bool) -> None:
        if not untouched:
            raise CopyTouchedError(
                f"{self.path} was changed by somebody else, and is read anew", path=self.path
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with readable(self.path):
            self._require(untouched=_standing(self.path) == self._left)
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                # What SQLite writes for others goes to the log; from here on they write nothing.
                self._require(untouched=self._commits_of_others() == self._opened_at)
                yield
                seal(self._connection)
                self._connection.execute("COMMIT")
                self._left = _standing(self.path)
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def _note(self, name: str, value: str) -> None:
        self._connection.execute(
            "INSERT INTO notes (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def _finish(self, cursor: str, confirmed: datetime | None) -> None:
        self._note("cursor", cursor)
        if confirmed is not None:
            self._confirm(confirmed)

    def _confirm(self, now: datetime) -> None:
        self._note("confirm_time", now.astimezone(UTC).isoformat())
        self._connection.execute("DELETE FROM notes WHERE name = ?", (_AHEAD_COUNT,))

    def _hold(self, state: ListState, tree: DigestTree) -> None:
        """Note where a list stands, if it is what the service says."""
        digest, count = tree.digest, tree.entry_count
        if digest != state.digest or count != state.entry_count:
            raise CopyDamagedError(
                f"field {state.field}: the copy would be {digest.hex()[:12]} with {count} entries,"
                f" but version {state.version} is {state.digest.hex()[:12]}"
                f" with {state.entry_count}",
                field=state.field,
                version=state.version,
            )
        self._connection.execute(
            "UPDATE lists SET version = ?, entry_count = ?, digest = ? WHERE field = ?",
            (state.version, count, digest, state.field),
        )

    def _clear(self, field: int, buckets: Iterable[int]) -> None:
        """Take out whatever stands in some buckets of a list."""
        for bucket in buckets:
            # The end of the last bucket is more than SQLite's numbers hold.
            first, end = places_in(bucket)
            self._connection.execute(
                "DELETE FROM entries WHERE field = ? AND place BETWEEN ? AND ?",
                (field, first, end - 1),
            )

    def _read_trees(self) -> dict[int, DigestTree]:
        with collector_off(), readable(self.path):
            found = read_contents(self._connection, self.held())
        return {field: DigestTree.of(leaves) for field, leaves in found.leaves.items()}


# Private functions -----------------------------------------------------------


def _standing(path: Path) -> tuple[object, ...]:
    """Say which file stands at a name and when it was written to, and which log beside it."""
    found: list[object] = []
    for part in (path, path.with_name(path.name + "-wal")):
        try:
            now = part.stat()
        except FileNotFoundError:
            found.append(None)
            continue
        # The log is written to at every change, the file when SQLite folds the log into it.
        written = (now.st_size, now.st_mtime_ns) if part == path else ()
        found.append((now.st_dev, now.st_ino, *written))
    return tuple(found)


def _require_step(field: int, held: Held | None, parts: Sequence[ListDelta]) -> None:
    version = -1 if held is None else held.version
    for part in parts:
        if part.base_version != version:
            raise CopyOutOfStepError(
                f"field {field}: the copy is at {version}, the changes begin at"
                f" {part.base_version}",
                field=field,
                version=version,
            )
        version = part.state.version
