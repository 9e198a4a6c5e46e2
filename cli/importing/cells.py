"""What can be wrong with one cell, and the signs that people put around numbers."""

from collections.abc import Callable, Sequence
from typing import Final

Row = Sequence[str]
"""Cells of one row as stripped text, as many as the header has."""

CellReader = Callable[[Row], str]
"""Gives one text of a row; empty for none."""

_SHOWN_CHARACTERS_MAX: Final = 40
"""House decision: enough of a cell to find it again in its file."""

_FULL_WIDTH: Final = {
    ord(wide): narrow
    for wide, narrow in zip("０１２３４５６７８９．，－／：＋％", "0123456789.,-/:+%", strict=True)
}


class CellError(Exception):
    """One value of a row cannot be used.

    Attributes:
        reason: Stable UPPER_SNAKE word.
        message: What is wrong and what would be right.
    """

    def __init__(self, reason: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.reason = reason
        self.message = message


def narrow(text: str) -> str:
    """Replace full-width digits and signs (０１２．－) by plain ones."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def shown(text: str) -> str:
    """Quote a cell for a message, cut to a length that one can read."""
    if len(text) > _SHOWN_CHARACTERS_MAX:
        text = text[:_SHOWN_CHARACTERS_MAX] + "…"
    return f'"{text}"'
