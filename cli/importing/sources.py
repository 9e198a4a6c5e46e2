"""Files as rows of text cells, one after the other, never whole in memory."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Protocol, Self

from cli.errors import CliError
from cli.importing.csv_records import CsvRecord, CsvRecords
from cli.importing.mapping_schema import FileFormat
from cli.importing.workbooks import Workbook

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_SAMPLE_BYTES: Final = 2**20
"""House decision: how much of a file tells its encoding."""

_BROKEN_SHARE_MAX: Final = 0.25
"""House decision: text in another encoding has far more broken bytes, damage far fewer."""

_ASCII: Final = bytes(range(0x80))
_UNDECODABLE: Final = "surrogateescape"
_ESCAPED: Final = re.compile("[\udc80-\udcff]")
"""What the handler above puts in the place of each byte that is no text."""


class FileUnreadableError(CliError):
    """A file cannot be read as a table."""

    reason = "FILE_UNREADABLE"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a file.

    Attributes:
        number: Its number as a spreadsheet shows it: the header's is 1, or more.
        cells: Stripped text, as many as the header has.
        fault: Why the row cannot be used; empty if it can.
    """

    number: int
    cells: list[str]
    fault: str = ""


class Source(Protocol):
    """A table that is read once, from its first row to its last."""

    @property
    def header(self) -> list[str]:
        """Give the names of the columns."""
        ...

    def rows(self) -> Iterator[SourceRow]:
        """Give the rows below the header; blank ones are left out."""
        ...

    @property
    def fraction_read(self) -> float | None:
        """Say how much of the file has been read, 0 to 1; none if unknown."""
        ...

    def __enter__(self) -> Self:
        """Hold the file open."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        ...


def open_source(path: Path, form: FileFormat) -> Source:
    """Open a file by what it is, whatever its name: CSV, gzipped CSV or XLSX.

    Raises:
        FileUnreadableError: There is no such file, or it is no table.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_OLD_EXCEL))
        if beginning.startswith(_OLD_EXCEL):
            raise FileUnreadableError(
                f"{path} is an old Excel file (.xls); save it as .xlsx or as CSV"
            )
        if beginning.startswith(_ZIP):
            return WorkbookSource(path, form)
        return CsvSource(path, form, zipped=beginning.startswith(_GZIP))
    except OSError as error:
        raise FileUnreadableError(f"{path} cannot be read: {error.strerror or error}") from error


class _ClosingSource:
    """What both kinds of file do at the end."""

    def __init__(self) -> None:
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()


class CsvSource(_ClosingSource):
    """Comma-separated values, plain or gzipped."""

    def __init__(self, path: Path, form: FileFormat, *, zipped: bool) -> None:
        """Open the file, find its encoding and read its header."""
        super().__init__()
        self._path = path
        self._bytes_total = max(path.stat().st_size, 1)
        self._raw = self._closing.enter_context(path.open("rb"))
        encoding = self._encoding(form, zipped=zipped)
        self._raw.seek(0)
        content: IO[bytes] | gzip.GzipFile = self._raw
        if zipped:
            content = self._closing.enter_context(gzip.GzipFile(fileobj=self._raw))
        text = io.TextIOWrapper(content, encoding, errors=_UNDECODABLE, newline="")
        self._closing.callback(text.detach)
        self._records = CsvRecords(text, form.delimiter)
        self._number = 0
        self.header = self._read_header(form.header_row)

    @property
    def fraction_read(self) -> float:
        """Say how much of the file, as it lies on the disk, has been read."""
        return min(self._raw.tell() / self._bytes_total, 1.0)

    def rows(self) -> Iterator[SourceRow]:
        """Give the rows; one that cannot be read carries its fault.

        Raises:
            FileUnreadableError: The file ends or breaks in the middle.
        """
        width = len(self.header)
        try:
            for record in self._records.read(width):
                self._number += 1
                cells = record.cells
                if any(cells):
                    yield SourceRow(self._number, cells[:width], _fault(record, width))
        except (OSError, EOFError, zlib.error) as error:
            raise FileUnreadableError(
                f"{self._path} breaks off after row {self._number}: {error}",
                advice="Get the file again; the rows before it are imported.",
                row=self._number,
            ) from error

    def _encoding(self, form: FileFormat, *, zipped: bool) -> str:
        sample = self._sample(zipped=zipped)
        broken = {encoding: _broken_share(sample, encoding) for encoding in form.encodings}
        # A few broken bytes must not make another encoding of a whole file: their rows
        # are refused one by one.
        fitting = (encoding for encoding, share in broken.items() if share <= _BROKEN_SHARE_MAX)
        return next(fitting, min(broken, key=lambda encoding: broken[encoding]))

    def _sample(self, *, zipped: bool) -> bytes:
        if not zipped:
            return self._raw.read(_SAMPLE_BYTES)
        sample = b""
        try:
            with gzip.GzipFile(fileobj=self._raw) as content:
                while len(sample) < _SAMPLE_BYTES and (part := content.read1(_SAMPLE_BYTES)):
                    sample += part
        except (OSError, EOFError, zlib.error) as error:
            # What lies before the damage is good; reading comes upon it again.
            if not sample:
                self._closing.close()
                raise FileUnreadableError(f"{self._path} is no gzip file: {error}") from error
        return sample[:_SAMPLE_BYTES]

    def _read_header(self, header_row: int) -> list[str]:
        for record in self._records.read():
            self._number += 1
            if self._number == header_row:
                return record.cells
        self._closing.close()
        raise FileUnreadableError(
            f"{self._path} has no row {header_row}, where its header should be"
        )


class WorkbookSource(_ClosingSource):
    """One sheet of an XLSX workbook."""

    def __init__(self, path: Path, form: FileFormat) -> None:
        """Open the workbook and read the header of the sheet."""
        super().__init__()
        try:
            self._workbook = self._closing.enter_context(Workbook(path, form.sheet))
            self._rows = self._workbook.rows()
            self.header = self._read_header(path, form.header_row)
        except Workbook.ERRORS as error:
            self._closing.close()
            raise FileUnreadableError(f"{path} is no readable workbook: {error}") from error
        self._number = form.header_row

    @property
    def fraction_read(self) -> float | None:
        """Say how many of the sheet's rows have been read, if it says how many it has."""
        total = self._workbook.rows_total
        return min(self._number / total, 1.0) if total else None

    def rows(self) -> Iterator[SourceRow]:
        """Give the rows; cells beyond the header are left out, missing ones are empty.

        Raises:
            FileUnreadableError: The workbook breaks in the middle.
        """
        width = len(self.header)
        try:
            for cells in self._rows:
                self._number += 1
                if any(cells):
                    padded = cells[:width] + [""] * (width - len(cells))
                    yield SourceRow(self._number, padded)
        except Workbook.ERRORS as error:
            raise FileUnreadableError(
                f"the workbook breaks off after row {self._number}: {error}", row=self._number
            ) from error

    def _read_header(self, path: Path, header_row: int) -> list[str]:
        for number, cells in enumerate(self._rows, 1):
            if number == header_row:
                return cells
        raise FileUnreadableError(f"{path} has no row {header_row}, where its header should be")


# Private functions -----------------------------------------------------------


def _broken_share(sample: bytes, encoding: str) -> float:
    """Give the share of broken bytes among those that tell encodings apart."""
    decoder = codecs.getincrementaldecoder(encoding)(_UNDECODABLE)
    try:
        # A sample that is not the whole file may end in the middle of a character.
        text = decoder.decode(sample, final=len(sample) < _SAMPLE_BYTES)
    except UnicodeError:
        # Not every codec can go on after a fault.
        return 1.0
    return len(_ESCAPED.findall(text)) / max(1, len(sample.translate(None, _ASCII)))


def _fault(record: CsvRecord, width: int) -> str:
    if not record.whole:
        return "a quotation mark is opened and never closed; correct the row"
    if len(record.cells) < width or any(record.cells[width:]):
        return f"the row has {len(record.cells)} cells and the header {width}; correct the row"
    try:
        "".join(record.cells).encode()
    except UnicodeEncodeError:
        return (
            "the row holds bytes that are no text in this encoding; name another in file.encodings"
        )
    return ""
