"""The day on which a record first got into the store."""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Integer, cast, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from models.store_state import RevisionRow
from services.common.database import IDS_PER_REVISION
from services.engine.vocabulary import Attribute
from services.scoring.store.columns import NumberColumn, least_of, table_of, width_of

ENTRY_DATE: Final = "entry_date"
"""Attribute that no column holds: it follows from the revision that gave the identifier."""

_REVISIONS: Final = table_of(RevisionRow)


class civil_day(FunctionElement[int]):  # noqa: N801 -- it reads as a function of SQL.
    """The civil day of an instant in Asia/Shanghai, as days since 1970-01-01."""

    type = Integer()
    inherit_cache = True


@compiles(civil_day, "sqlite")
def _civil_day_sqlite(element: civil_day, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own.
    # Instants are microseconds there; the zone has been 8 hours ahead since 1991.
    return f"(({compiler.process(element.clauses, **options)}) / 1000000 + 28800) / 86400"


@compiles(civil_day, "postgresql")
def _civil_day_postgresql(element: civil_day, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 -- SQLAlchemy's own.
    inner = compiler.process(element.clauses, **options)
    return f"(CAST(({inner}) AT TIME ZONE 'Asia/Shanghai' AS DATE) - DATE '1970-01-01')"


def entry_column(record_id: ColumnElement[Any], attribute: Attribute) -> NumberColumn:
    """Give the column of `ENTRY_DATE`.

    Args:
        record_id: The record's identifier: that of its first edition, from the store's revision.
        attribute: What the vocabulary says of it.
    """
    first_revision = cast(record_id, BigInteger) // IDS_PER_REVISION
    day = (
        select(civil_day(_REVISIONS.c.recorded_time))
        .where(_REVISIONS.c.revision == first_revision)
        .scalar_subquery()
    )
    expression = cast(func.coalesce(day, least_of(attribute)), BigInteger)
    return NumberColumn(ENTRY_DATE, expression, width_of(attribute))
