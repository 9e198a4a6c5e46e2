"""The file of an export while it is written: by several at once, or by one that is killed."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from cli.mirror.copy_file import CopyUnwritableError
from cli.mirror.export_file import ExportFile, exporting
from cli.mirror.leaves import Leaves
from cli.mirror.tree import DigestTree
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry
from safetycredit.scoring.v1.list_sync_service_pb2 import ListState
from safetycredit.type.v1.field_pb2 import Field


class CutError(Exception):
    """The export ends in the middle."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file that has yesterday's export."""
    path = tmp_path / "blacklist.jsonl"
    path.write_text("yesterday's\n", encoding="utf-8")
    path.chmod(0o640)
    return path


def write(file: ExportFile, *names: str) -> None:
    """Write entries of a list."""
    file.begin(ListState(field=Field.FIELD_WORK_SAFETY))
    file.add([ListEntry(entry_id=name) for name in names])


def names_beside(path: Path) -> list[str]:
    """Give the names of the files of a folder."""
    return sorted(one.name for one in path.parent.iterdir())


def test_two_exports_at_once_do_not_write_into_each_other(path: Path) -> None:
    """Each puts in its place what it wrote itself; one that is cut leaves the other's."""
    with ExitStack() as first:
        one = first.enter_context(exporting(path))
        with suppress(CutError), exporting(path) as other:
            write(one, "l-1", "l-2")
            write(other, "l-3")
            first.close()
            whole = path.read_text(encoding="utf-8")
            raise CutError

    assert whole.count("entry_id") == 2
    assert path.read_text(encoding="utf-8") == whole
    assert names_beside(path) == ["blacklist.jsonl"]


def test_the_last_of_two_exports_stays(path: Path) -> None:
    """Both are whole."""
    with exporting(path) as one:
        with exporting(path) as other:
            write(other, "l-1", "l-2")
        write(one, "l-3")

    assert path.read_text(encoding="utf-8") == '{"entry_id": "l-3"}\n'
    assert names_beside(path) == ["blacklist.jsonl"]
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_a_killed_export_left_is_taken_up(path: Path) -> None:
    """It does not fill the disk, however often that happens, and nothing of it is exported."""
    code = (
        "import os, sys; from pathlib import Path;"
        "from cli.mirror.export_file import exporting;"
        "block = exporting(Path(sys.argv[1])); file = block.__enter__()._file;"
        "file.write('x' * 100_000); file.flush();"
        "os.kill(os.getpid(), int(sys.argv[2]))"
    )
    for number in (signal.SIGKILL, signal.SIGTERM):
        command = [sys.executable, "-c", code, str(path), str(int(number))]
        done = subprocess.run(command, check=False)
        assert done.returncode == -number
    left = names_beside(path)

    with exporting(path) as file:
        write(file, "l-1")

    assert left == ["blacklist.jsonl", "blacklist.jsonl.safetycredit-part"]
    assert path.read_text(encoding="utf-8") == '{"entry_id": "l-1"}\n'
    assert names_beside(path) == ["blacklist.jsonl"]


def test_a_first_export_is_as_any_new_file(path: Path) -> None:
    """Whoever may read new files may read it."""
    path.unlink()
    mask = os.umask(0o022)
    try:
        with exporting(path) as file:
            write(file, "l-1")
    finally:
        os.umask(mask)

    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("make", [Path.mkdir, lambda part: part.symlink_to("/dev/null")])
def test_what_cannot_be_a_part_is_left_alone(path: Path, make: object) -> None:
    """The next name is taken."""
    part = path.with_name("blacklist.jsonl.safetycredit-part")
    assert callable(make)
    make(part)

    with exporting(path) as file:
        write(file, "l-1")

    assert path.read_text(encoding="utf-8") == '{"entry_id": "l-1"}\n'
    assert names_beside(path) == ["blacklist.jsonl", part.name]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Nothing is tried for ever."""
    with pytest.raises(CopyUnwritableError), exporting(tmp_path / "none" / "blacklist.jsonl"):
        pytest.fail("there is nothing to write into")


def test_an_empty_list_is_a_whole_one(path: Path) -> None:
    """Its digest is held against as every other's."""
    empty = DigestTree.of(Leaves.joined([]))

    with exporting(path) as file:
        file.begin(ListState(field=Field.FIELD_WORK_SAFETY))
        file.end(ListState(field=Field.FIELD_WORK_SAFETY, digest=empty.digest))

    assert path.read_text(encoding="utf-8") == ""
