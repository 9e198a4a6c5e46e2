"""XLSX workbooks as rows of text, streamed."""

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException


class Workbook:
    """One sheet of a workbook, read from top to bottom."""

    ERRORS: Final = (
        InvalidFileException,
        KeyError,
        OSError,
        ParseError,
        ValueError,
        zipfile.BadZipFile,
    )
    """What the library raises for damaged files."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        """Open a workbook.

        Args:
            path: The file.
            sheet: Name of the sheet; none for the first.
        """
        with warnings.catch_warnings():
            # Missing styles and the like change no value.
            warnings.simplefilter("ignore", UserWarning)
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        names = self._book.sheetnames
        if sheet is not None and sheet not in names:
            self._book.close()
            raise ValueError(f"it has no sheet {sheet!r}, but {', '.join(names)}")
        self._sheet = self._book[sheet or names[0]]
        self.rows_total: int | None = self._sheet.max_row
        # Programs write wrong sizes, and rows beyond them would be lost.
        self._sheet.reset_dimensions()

    def rows(self) -> Iterator[list[str]]:
        """Give the cells of every row as text."""
        for cells in self._sheet.iter_rows(values_only=True):
            yield [cell_text(cell) for cell in cells]

    def __enter__(self) -> Self:
        """Hold the workbook open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the workbook."""
        self._book.close()


def cell_text(cell: Any) -> str:  # noqa: ANN401 -- a cell holds what its author put there.
    """Write a cell's value as a CSV file would.

    Numbers are given to 15 significant digits, which is what spreadsheets keep;
    beyond them lies only the noise of binary fractions. Days are ISO dates.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return format(Decimal(f"{cell:.15g}"), "f")
    if isinstance(cell, datetime):
        if cell.time() == time():
            return cell.date().isoformat()
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
