"""Finding the rows of hundreds of keys of several columns at once.

All keys are one parameter. A list of row values would be a parameter for each part of each key, and
SQLite scans the table for it instead of using the index.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    FromClause,
    Join,
    and_,
    func,
    literal,
)
from sqlalchemy.dialects.postgresql import ARRAY


def joined_keys(
    columns: Sequence[Column[Any]], keys: Iterable[tuple[int | str, ...]], dialect: Dialect
) -> Join:
    """Join a table to a set of keys, so that its rows with these keys are left.

    Args:
        columns: Columns of the table that make up the key; the beginning of an index.
        keys: Keys, a part for each column; at least one.
        dialect: The database's.
    """
    rows = [tuple(key) for key in keys]
    parts: Sequence[ColumnElement[Any]]
    wanted: FromClause
    if dialect.name == "postgresql":
        arrays = (
            literal([*values], ARRAY(column.type))
            for column, values in zip(columns, zip(*rows, strict=True), strict=True)
        )
        names = [f"part_{place}" for place in range(len(columns))]
        wanted = func.unnest(*arrays).table_valued(*names, name="wanted").render_derived()
        parts = [wanted.c[name] for name in names]
    else:
        wanted = func.json_each(json.dumps(rows, ensure_ascii=False)).table_valued(
            "value", name="wanted"
        )
        parts = [func.json_extract(wanted.c.value, f"$[{place}]") for place in range(len(columns))]
    found = and_(*(column == part for column, part in zip(columns, parts, strict=True)))
    # The keys come first: databases then look each of them up.
    return wanted.join(columns[0].table, found)
