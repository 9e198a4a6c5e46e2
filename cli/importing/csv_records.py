"""Splitting of CSV text into records, so that a broken one costs no other.

The standard reader takes everything after an unclosed quotation mark for one
field, and with it every good row that follows. Here a record may go over several
lines only if it then closes and has as many cells as the header.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_LINES_PER_RECORD_MAX: Final = 200
"""House decision: more lines in one record are a quotation mark gone astray."""

_CHARACTERS_MAX: Final = 2**20
"""House decision: no cell of a table is longer; the library's own limit is lower."""

_QUOTE: Final = '"'


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One record.

    Attributes:
        cells: Stripped text.
        whole: Whether every quotation mark in it is closed.
    """

    cells: list[str]
    whole: bool = True


class CsvRecords:
    """Splits lines into records; goes on where it stopped."""

    def __init__(self, lines: Iterable[str], delimiter: str) -> None:
        """Prepare to split.

        Args:
            lines: With their ends, as a file opened with ``newline=""`` gives them.
            delimiter: What stands between cells.
        """
        csv.field_size_limit(_CHARACTERS_MAX)
        self._coming = iter(lines)
        self._put_back: deque[str] = deque()
        self._delimiter = delimiter

    def read(self, width: int | None = None) -> Iterator[CsvRecord]:
        """Give the records.

        Args:
            width: Cells that a record should have; none if that is not known.
        """
        while (line := self._next_line()) is not None:
            if _QUOTE not in line:
                yield CsvRecord([cell.strip() for cell in line.split(self._delimiter)])
            elif line.count(_QUOTE) % 2 == 0:
                yield _parse([line], self._delimiter)
            else:
                yield self._assemble(line, width)

    def _next_line(self) -> str | None:
        return self._put_back.popleft() if self._put_back else next(self._coming, None)

    def _assemble(self, first: str, width: int | None) -> CsvRecord:
        """Read on until the quotation closes; if it never does, the first line stands alone."""
        taken = [first]
        while len(taken) < _LINES_PER_RECORD_MAX and (line := self._next_line()) is not None:
            taken.append(line)
            if line.count(_QUOTE) % 2 == 0:
                continue
            # Two marks gone astray may close each other; only strict reading notices.
            record = _parse(taken, self._delimiter, strict=True)
            if record.whole and width in {None, len(record.cells)}:
                return record
            break
        self._put_back.extendleft(reversed(taken[1:]))
        # A quotation mark inside an unquoted cell is a character like others.
        record = _parse([first], self._delimiter)
        inside = len(record.cells) == width and not _open(first, self._delimiter)
        return record if inside else CsvRecord(record.cells, whole=False)


# Private functions -----------------------------------------------------------


def _parse(lines: list[str], delimiter: str, *, strict: bool = False) -> CsvRecord:
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=strict), [])
    except csv.Error:
        return CsvRecord([line.strip() for line in lines], whole=False)
    return CsvRecord([cell.strip() for cell in cells])


def _open(line: str, delimiter: str) -> bool:
    """Say whether a line ends inside a quoted cell."""
    try:
        list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False
