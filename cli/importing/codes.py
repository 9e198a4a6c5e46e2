"""Code tables of a mapping: what a file's words mean."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from cli.importing.cells import CellError, shown
from cli.importing.mapping_schema import Rule

Codes = Sequence[str]
Lookup = Callable[[str], Codes]
"""Gives the codes that a text means, in the order of the text, none twice."""

_UNKNOWN: Final = "CODE_UNKNOWN"
_BETWEEN: Final = " \t\r\n,.;:/|+&、，；。：和及与並并或（）()"
"""What may stand between the words of a text in which several are looked for."""


def compile_lookup(rule: Rule, table: dict[str, list[str]] | None) -> Lookup:
    """Build the reader of codes from text.

    Without a table the text is the code itself. Else the text, or each of its parts
    if the rule splits it, must be a word of the table. With ``match: contains``
    the words that the text contains count, longer words first, and the rest of
    the text is of no interest. With ``match: words`` the text must consist of words
    of the table, with signs between them. What does not fit is refused unless
    ``unmatched`` says what it means.

    Args:
        rule: Says how to match, and what unmatched text means.
        table: Codes of each word.
    """
    if table is None:
        pieces = _split(rule)
        return lambda text: _unique(pieces(text))
    if rule.match in {"contains", "words"}:
        return _containing(rule, table)
    return _exact(rule, table)


# Private functions -----------------------------------------------------------


def _split(rule: Rule) -> Callable[[str], list[str]]:
    if not rule.split:
        return lambda text: [text]
    separators = re.compile(f"[{re.escape(rule.split)}]")
    return lambda text: [piece for part in separators.split(text) if (piece := part.strip())]


def _exact(rule: Rule, table: dict[str, list[str]]) -> Lookup:
    pieces = _split(rule)

    def read(text: str) -> Codes:
        found: list[str] = []
        for piece in pieces(text):
            codes = table.get(piece)
            if codes is None:
                if rule.unmatched is None:
                    raise _unknown(piece, rule)
                codes = [rule.unmatched]
            found.extend(codes)
        return _unique(found)

    return read


def _containing(rule: Rule, table: dict[str, list[str]]) -> Lookup:
    longest_first = sorted(table, key=lambda word: (-len(word), word))
    words = re.compile("|".join(map(re.escape, longest_first)))

    def read(text: str) -> Codes:
        found = [code for word in words.findall(text) for code in table[word]]
        rest = rule.match == "words" and words.sub("", text).strip(_BETWEEN)
        if rest or not found:
            if rule.unmatched is None:
                raise _unknown(text, rule)
            found.append(rule.unmatched)
        return _unique(found)

    return read


def _unique(codes: Codes) -> Codes:
    return list(dict.fromkeys(codes))


def _unknown(text: str, rule: Rule) -> CellError:
    return CellError(
        _UNKNOWN,
        f"{shown(text)} is not in the table {rule.table}; add it there, or say unmatched",
    )
