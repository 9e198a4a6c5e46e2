"""Finding the rows of hundreds of keys at once.

All keys are one parameter. A parameter for each part of each key would be another statement for
every number of keys, to be put together, planned and prepared anew, and for keys of several columns
SQLite scans the table instead of using the index.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    Join,
    and_,
    any_,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB


def keyed(
    key: Column[Any], values: Collection[int] | Collection[str], dialect: Dialect
) -> ColumnElement[bool]:
    """Select the rows with keys of one column.

    Args:
        key: The column; the beginning of an index.
        values: Keys, in any number.
        dialect: The database's.
    """
    if dialect.name == "postgresql":
        return key == any_(literal([*values], ARRAY(key.type)))
    wanted = func.json_each(json.dumps([*values])).table_valued("value", name="wanted")
    return key.in_(select(wanted.c.value))


def joined_keys(
    columns: Sequence[Column[Any]], keys: Iterable[tuple[int | str, ...]], dialect: Dialect
) -> Join:
    """Join a table to a set of keys of several columns, so that its rows with these keys are left.

    Args:
        columns: Columns of the table that make up the key, texts or whole numbers; the beginning
            of an index.
        keys: Keys, a part for each column.
        dialect: The database's.
    """
    rows = [*keys]
    wanted: FromClause
    parts: Sequence[ColumnElement[Any]]
    if dialect.name == "postgresql":
        # The driver takes five times as long over arrays of texts.
        elements = func.jsonb_array_elements(literal(rows, JSONB))
        wanted = elements.table_valued(column("value", JSONB)).render_derived(name="wanted")
        texts = [wanted.c.value[place].astext for place in range(len(columns))]
        parts = [
            text.cast(one.type) if isinstance(one.type, Integer) else text
            for one, text in zip(columns, texts, strict=True)
        ]
    else:
        wanted = func.json_each(json.dumps(rows, ensure_ascii=False)).table_valued(
            "value", name="wanted"
        )
        parts = [func.json_extract(wanted.c.value, f"$[{place}]") for place in range(len(columns))]
    found = and_(*(one == part for one, part in zip(columns, parts, strict=True)))
    # The keys come first: databases then look each of them up.
    return wanted.join(columns[0].table, found)
