"""Reading a whole copy: what it really holds, whatever it notes of itself."""

import sqlite3
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any, Final

import numpy as np
from google.protobuf.message import DecodeError

from cli.mirror.copy_file import CopyUnreadableError
from cli.mirror.leaves import Leaves, mark_of, places_of
from safetycredit.scoring.v1.list_entry_pb2 import ListEntry

_ROWS: Final = """SELECT place, body, entry_id, field, credit_code, subject_id
FROM entries LEFT JOIN keys USING (place) ORDER BY place"""
_ROWS_AT_ONCE: Final = 500
"""So few that they stay near the processor while one thing after the other is done with them."""

_Row = tuple[int, bytes, str, int, str, str]


def read_leaves(
    connection: sqlite3.Connection, fields: Collection[int], kind: int
) -> dict[int, Leaves]:
    """Digest every entry of a copy by its body.

    Args:
        connection: The copy.
        fields: Fields of its lists.
        kind: Kind of them.

    Returns:
        The entries by field. One whose place or keys are not those of its body has a digest that
        there cannot be, so that the copy is found to be damaged.

    Raises:
        CopyUnreadableError: An entry is of no list.
    """
    parts: dict[int, list[Leaves]] = {field: [] for field in fields}
    cursor = connection.execute(_ROWS)
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        for field in {row[3] for row in rows}:
            if field not in parts or rows[0][0] < 0:
                raise CopyUnreadableError("the copy has an entry of no list")
            parts[field].append(_leaves([row for row in rows if row[3] == field], chr(kind)))
    return {field: Leaves.joined(found) for field, found in parts.items()}


# Private functions -----------------------------------------------------------


def _leaves(rows: Sequence[_Row], kind: str) -> Leaves:
    columns: Any = zip(*rows, strict=True)
    places, bodies, names, _, codes, subjects = columns
    digests = [sha256(body).digest() for body in bodies]
    noted = np.array(places, np.int64)
    right = places_of(names) == noted
    right &= np.array([_found_by_its_keys(row, kind) for row in rows], np.bool_)
    for position in (~right).nonzero()[0].tolist():
        digests[position] = sha256(digests[position]).digest()
    return Leaves.of(noted, digests, list(map(mark_of, codes, subjects)))


def _found_by_its_keys(row: _Row, kind: str) -> bool:
    """Say whether an entry is found by what its body says."""
    _, body, name, field, code, subject = row
    # What nearly every body begins with; to decode them would take longer than all the rest.
    start = (
        f"\n{chr(len(name))}{name}\x10{kind}\x18{chr(field)}"
        f'"{chr(len(subject))}{subject}*{chr(len(code))}{code}'
    )
    if code and body.startswith(start.encode()):
        return True
    try:
        entry = ListEntry.FromString(body)
    except DecodeError:
        return False
    written = (entry.entry_id, entry.field, entry.credit_code, entry.subject_id)
    return (name, field, code, subject) == written
