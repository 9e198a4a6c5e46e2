"""The file of an export: one entry a line, verified, and put in its place only when it is whole."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Final

from google.protobuf.json_format import MessageToJson

from cli.errors import CliError
from cli.mirror.beside import NEW_MODE, liken, synchronise
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

    A pipe or a device is written to at once. Of several exports of one file each writes a part of
    its own, and the last one to end stays.

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
        with _begun(path) as (part, file):
            yield ExportFile(file)
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        synchronise(path.parent)
    except OSError as error:
        raise CopyUnwritableError(f"{path} cannot be written: {error.strerror}") from error


# Private functions -----------------------------------------------------------

_PART: Final = ".safetycredit-part"
"""Names what is being written; nobody else calls a file so."""

_OWNER_ONLY: Final = 0o600


@contextmanager
def _begun(path: Path) -> Iterator[tuple[Path, IO[str]]]:
    """Begin a part beside a file, which those may read who may read that; drop it on failure.

    It is locked until it is closed: another export takes the next name meanwhile, and what a killed
    one left is taken up.
    """
    like = path.stat() if path.exists() else None
    names = (
        path.with_name(f"{path.name}{_PART}{f'.{number}' if number else ''}") for number in count()
    )
    begun = ((part, _locked(part, _OWNER_ONLY if like else NEW_MODE)) for part in names)
    part, descriptor = next((part, found) for part, found in begun if found is not None)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 -- it is open already.
        try:
            if like is not None:
                liken(descriptor, like)
            os.ftruncate(descriptor, 0)
            yield part, file
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _locked(part: Path, mode: int) -> int | None:
    """Open a part, or create it, and lock it; give nothing if it is another export's."""
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, mode)
    except OSError:
        if os.path.lexists(part):
            return None
        raise
    kept = False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it may just have put it in its place, and it is no part any more.
        kept = part.exists() and os.path.samestat(os.fstat(descriptor), part.stat())
    except BlockingIOError:
        pass
    finally:
        if not kept:
            os.close(descriptor)
    return descriptor if kept else None


def _line(entry: ListEntry) -> str:
    written = MessageToJson(
        entry, preserving_proto_field_name=True, ensure_ascii=False, indent=None
    )
    return f"{written}\n"
