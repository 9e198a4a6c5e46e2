"""The two consoles: results on standard output, everything else on standard error."""

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import typer
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table

from cli.client.failures import Failure

_PIPED_WIDTH: Final = 200
"""House decision: what goes into a file or a pipe is not folded to a terminal's width."""


def output() -> Console:
    """Give the console of results."""
    return _console(standard_error=False)


def messages() -> Console:
    """Give the console of progress and errors."""
    return _console(standard_error=True)


def print_json(message: Message) -> None:
    """Print a message as JSON, with the names of its proto."""
    typer.echo(MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False))


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str = "",
    numbers: Sequence[int] = (),
) -> None:
    """Print a table.

    Args:
        headings: One for each column.
        rows: Cells; what could steer a terminal is made visible.
        title: Stands above; empty for none.
        numbers: Places of the columns that are set to the right.
    """
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for place, heading in enumerate(headings):
        # Identifiers and numbers are useless if they are cut.
        table.add_column(heading, justify="right" if place in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(plain, row))
    output().print(table)


def print_pairs(pairs: Iterable[tuple[str, str]], *, title: str = "") -> None:
    """Print names and values below each other; empty values are left out."""
    table = Table(
        title=title or None, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0)
    )
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        if value:
            table.add_row(name, plain(value))
    output().print(table)


def print_failure(failure: Failure) -> None:
    """Print why a command ends without its result."""
    console = messages()
    console.print(plain(f"{failure.reason}: {failure.message}"), style="red")
    for fault in failure.faults:
        console.print(plain(f"  {fault.field}: {fault.message}"))
    if failure.advice:
        console.print(plain(failure.advice))


def plain(text: str) -> str:
    """Make characters visible that could steer a terminal."""
    if text.isprintable():
        return text
    return "".join(
        "�" if unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c != "\n" else c for c in text
    )


# Private functions -----------------------------------------------------------


def _console(*, standard_error: bool) -> Console:
    stream = sys.stderr if standard_error else sys.stdout
    return Console(
        stderr=standard_error,
        # Data may hold brackets and colons; none of it is markup.
        markup=False,
        emoji=False,
        highlight=False,
        width=None if stream.isatty() else _PIPED_WIDTH,
    )
