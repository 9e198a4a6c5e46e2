"""The file of an export: one entry a line, verified, and put in its place only when it is whole."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from google.protobuf.json_format import MessageToJson

from cli.errors import CliError
from cli.mirror.beside import create, free_name, synchronise
from cli.mirror.copy_file import CopyUnwritableError
from cli.mirror.encoding import Encoded
from cli.mirror.leaves import Leaves
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListState


class ExportDamagedError(CliError):
    """What came is not what the service says that it sends, or not all of it."""

    reason = "EXPORT_DAMAGED"


class ExportFile:
    """Writes entries of one list after the other.

    Attributes:
        states: The lists that are written whole.
    """

    def __init__(self, file: IO[str]) -> None:
        """Begin with no list."""
        self.states: list[ListState] = []
        self._file = file
        self._field = 0
        self._leaves: list[Leaves] = []

    def begin(self, state: ListState) -> None:
        """Begin a list."""
        self._field, self._leaves = state.field, []

    def add(self, entries: Iterable[ListEntry]) -> None:
        """Write entries of the list."""
        given = list(entries)
        self._leaves.append(Encoded.of(self._field, given).leaves)
        self._file.writelines(map(_line, given))

    def end(self, state: ListState) -> None:
        """Finish the list.

        Raises:
            ExportDamagedError: It is not what the service says.
        """
        tree = DigestTree.of(Leaves.joined(self._leaves))
        if tree.digest != state.digest or tree.entry_count != state.entry_count:
            raise ExportDamagedError(
                f"field {state.field}: what was exported is not version {state.version}",
                field=state.field,
                version=state.version,
            )
        self.states.append(state)


@contextmanager
def exporting(path: Path) -> Iterator[ExportFile]:
    """Write an export inside a block; only its end puts the file in its place.

    A pipe or a device is written to at once.

    Raises:
        CopyUnwritableError: The disk is full, or the folder may not be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8") as file:
                yield ExportFile(file)
            return
        # A link stays one.
        path = path.resolve()
        part = free_name(path, ".part")
        create(part, path.stat() if path.exists() else None)
        try:
            with part.open("w", encoding="utf-8") as file:
                yield ExportFile(file)
            synchronise(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise CopyUnwritableError(f"{path} cannot be written: {error.strerror}") from error


# Private functions -----------------------------------------------------------


def _line(entry: ListEntry) -> str:
    written = MessageToJson(
        entry, preserving_proto_field_name=True, ensure_ascii=False, indent=None
    )
    return f"{written}\n"
