"""Reading public data files: CSV, plain or gzip, by the names of the columns."""

import csv
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from math import isinf, nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.scoring.domain.risk_errors import RiskDataColumnsError
from services.scoring.risk.dataset import FloatColumn


@dataclass(frozen=True, slots=True)
class TextTable:
    """A file's columns as texts.

    Attributes:
        name: Name of the file, or of several.
        files: SHA-256 of the bytes of each file by its name, hexadecimal.
        columns: Texts by the name of the column, lower case.
    """

    name: str
    files: Mapping[str, str]
    columns: Mapping[str, Sequence[str]]

    @property
    def size(self) -> int:
        """Give the number of rows."""
        return len(next(iter(self.columns.values())))

    def numbers(self, name: str) -> FloatColumn:
        """Give a column of numbers; an empty cell is not a number.

        Raises:
            RiskDataColumnsError: Something else stands in a cell; names the first.
        """
        texts = self.columns[name]
        try:
            return np.array([_number(one) for one in texts], dtype=np.float64)
        except ValueError:
            place = next(place for place, one in enumerate(texts) if not _is_number(one))
            raise RiskDataColumnsError(
                f"{self.name}, row {place + 1}: {name} must be a number, not {texts[place]!r}",
                file=self.name,
                row=place + 1,
                column=name,
            ) from None

    def wholes(self, name: str) -> NDArray[np.int64]:
        """Give a column of whole numbers, none missing.

        Raises:
            RiskDataColumnsError: A cell is empty, broken or below zero.
        """
        numbers = self.numbers(name)
        wrong = np.isnan(numbers) | (numbers != np.floor(numbers)) | (numbers < 0)
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            raise RiskDataColumnsError(
                f"{self.name}, row {place + 1}: {name} must be a whole number from 0,"
                f" not {self.columns[name][place]!r}",
                file=self.name,
                row=place + 1,
                column=name,
            )
        return numbers.astype(np.int64)


def read_table(path: Path, renamed: Mapping[str, str] | None = None) -> TextTable:
    """Read a CSV file, UTF-8, with a line of headings.

    Args:
        path: The file; gzip if its name ends in ``.gz``.
        renamed: Heading in the file by the name that this program knows the column by.

    Raises:
        RiskDataColumnsError: It cannot be read, is empty, or lines have other lengths.
    """
    try:
        content = path.read_bytes()
        plain = gzip.decompress(content) if path.suffix == ".gz" else content
        rows = list(csv.reader(StringIO(plain.decode("utf-8-sig"), newline="")))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise RiskDataColumnsError(
            f"{path.name} cannot be read as CSV in UTF-8, plain or gzip: {error}", file=path.name
        ) from error
    if len(rows) < len(("headings", "a row")):
        raise RiskDataColumnsError(f"{path.name} has no rows", file=path.name)
    headings = [one.strip().lower() for one in rows[0]]
    for place, row in enumerate(rows[1:], start=1):
        if len(row) != len(headings):
            raise RiskDataColumnsError(
                f"{path.name}, row {place}: {len(row)} cells under {len(headings)} headings",
                file=path.name,
                row=place,
            )
    columns = dict(zip(headings, zip(*rows[1:], strict=True), strict=True))
    for name, heading in (renamed or {}).items():
        if heading.lower() in columns:
            columns[name.lower()] = columns[heading.lower()]
    return TextTable(path.name, {path.name: sha256(content).hexdigest()}, columns)


def joined_tables(tables: Sequence[TextTable]) -> TextTable:
    """Put files one after the other; columns that not all have are left out."""
    if len(tables) == 1:
        return tables[0]
    shared = [name for name in tables[0].columns if all(name in one.columns for one in tables)]
    return TextTable(
        ", ".join(one.name for one in tables),
        {name: digest for one in tables for name, digest in one.files.items()},
        {name: [cell for one in tables for cell in one.columns[name]] for name in shared},
    )


# Private functions -----------------------------------------------------------


def _number(text: str) -> float:
    number = float(text) if text else nan
    if isinf(number):
        raise ValueError("a number has an end")
    return number


def _is_number(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True
