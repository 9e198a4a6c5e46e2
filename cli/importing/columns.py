"""Columns of a file by name, and the texts that rules read from them."""

from collections.abc import Callable, Sequence
from string import Formatter
from typing import Final

from cli.errors import CliError
from cli.importing.cells import CellReader, Row
from cli.importing.mapping_schema import Rule

Shorten = Callable[[str], str]


class ColumnsMissingError(CliError):
    """The file lacks columns that the mapping needs."""

    reason = "COLUMNS_MISSING"


class Columns:
    """The header of a file; remembers what a mapping looked for in vain."""

    def __init__(self, names: Sequence[str] | None) -> None:
        """Keep the header; none stands for a file that has every column.

        Args:
            names: Names in the order of the file; compared without case and
                without the spaces around them.
        """
        self._known = names is not None
        self._names = list(names or ())
        self._places: dict[str, int] = {}
        for place, name in enumerate(self._names):
            # Of two equal names the first counts, as it does for people.
            self._places.setdefault(_plain(name), place)
        self.missing: list[Sequence[str]] = []

    def place(self, names: Sequence[str], *, optional: bool = False) -> int | None:
        """Give the place of the first of these columns that the file has.

        Args:
            names: The names that the column may have.
            optional: Whether the file may lack it.

        Returns:
            Its place from 0; none if the file lacks it.
        """
        if not self._known:
            return 0
        for name in names:
            if (place := self._places.get(_plain(name))) is not None:
                return place
        if not optional and names not in self.missing:
            self.missing.append(names)
        return None

    def require(self) -> None:
        """Make sure that nothing was looked for in vain.

        Raises:
            ColumnsMissingError: The file lacks columns; names all of them.
        """
        if not self.missing:
            return
        missing = ", ".join(" or ".join(names) for names in self.missing)
        raise ColumnsMissingError(
            f"the file lacks these columns: {missing}",
            advice=(
                f"It has: {', '.join(self._names) or 'none'}. Correct the names in the mapping,"
                " mark a column optional: true, or name the header's row with header_row."
            ),
            missing=missing,
        )


def compile_text(rule: Rule, columns: Columns, nothing: frozenset[str]) -> CellReader:
    """Build the reader of the text that a rule's source gives; empty for none.

    Args:
        rule: Where the text comes from.
        columns: The file's header.
        nothing: Texts that mean that there is none.

    Raises:
        ValueError: The template is wrong.
    """
    if isinstance(rule.constant, str):
        constant = rule.constant
        return lambda _row: constant
    if rule.template is not None:
        read = _template(rule.template, columns, nothing)
    else:
        assert rule.column is not None, "the schema asks for one source"
        read = _cell(columns.place(rule.column, optional=rule.optional), nothing)
    if rule.characters is None and rule.cut is None:
        return read
    first, last = rule.characters or (1, None)
    cut = rule.cut

    def read_part(row: Row) -> str:
        return read(row)[first - 1 : last][:cut]

    return read_part


# Private functions -----------------------------------------------------------

_NO_COLUMN: Final = ""


def _plain(name: str) -> str:
    return name.strip().casefold()


def _cell(place: int | None, nothing: frozenset[str]) -> CellReader:
    if place is None:
        return lambda _row: _NO_COLUMN
    if not nothing:
        return lambda row: row[place]

    def read(row: Row) -> str:
        text = row[place]
        return "" if text in nothing else text

    return read


def _template(template: str, columns: Columns, nothing: frozenset[str]) -> CellReader:
    parts: list[tuple[str, CellReader | None]] = []
    for literal, name, form, conversion in Formatter().parse(template):
        if form or conversion or name == "":
            raise ValueError(f"{template!r}: write columns as {{name}} and nothing more")
        reader = _cell(columns.place([name]), nothing) if name is not None else None
        parts.append((literal, reader))

    def read(row: Row) -> str:
        texts: list[str] = []
        for literal, reader in parts:
            texts.append(literal)
            if reader is not None:
                text = reader(row)
                # A text with a hole in it would look like another one.
                if not text:
                    return ""
                texts.append(text)
        return "".join(texts)

    return read
