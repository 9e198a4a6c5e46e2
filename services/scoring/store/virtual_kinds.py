"""Kinds of records that are no facts, but rows that scoring itself keeps.

Plans read them like any other kind. Such a table has the subject, the event day, an identifier and
the two revisions under the names that records have them by, and the day after the last of each row.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, Table, and_, cast, select
from sqlalchemy.sql import literal_column

from models.records import RecordRow
from models.risk_models import RiskPredictionRow
from services.engine.vocabulary import Attribute
from services.scoring.store.columns import (
    NumberColumn,
    day_number,
    least_of,
    number_column,
    table_of,
    visible,
    width_of,
)
from services.scoring.store.enterprises import REVISION
from services.scoring.store.entry_dates import ENTRY_DATE, entry_column
from services.scoring.store.list_entries import LISTINGS
from services.scoring.store.membership_terms import MEMBERSHIP_TERMS
from services.scoring.store.related import Relation
from services.scoring.store.role_terms import ROLE_TERMS

VIRTUAL_KINDS: Final[Mapping[str, Table]] = {
    "listing": LISTINGS,
    "risk_prediction": table_of(RiskPredictionRow),
    "role": ROLE_TERMS,
    "membership": MEMBERSHIP_TERMS,
}
"""Table of each virtual kind by its name in the vocabulary."""

_RECORDS: Final = table_of(RecordRow)


def virtual_owner(kind: str, name: str) -> Table | None:
    """Give the table that serves an attribute of a virtual kind; none if nothing does.

    What every record has, and the rows of a virtual kind have not, is missing in all of them.
    """
    table = VIRTUAL_KINDS[kind]
    return table if name in table.c or name in _RECORDS.c or name == ENTRY_DATE else None


def virtual_columns(
    kind: str, names: Iterable[str], attributes: Mapping[str, Attribute]
) -> tuple[NumberColumn, ...]:
    """Give the columns of attributes of a virtual kind, in the order of the names."""
    table = VIRTUAL_KINDS[kind]
    return tuple(_column(table, name, attributes[name]) for name in names)


def virtual_statement(
    kind: str,
    columns: Iterable[NumberColumn],
    members: Callable[[ColumnElement[Any]], ColumnElement[bool]],
    relation: Relation | None,
) -> Select[Any]:
    """Select subject, event day and record, then the columns, of the rows that were current.

    A row lasts from its event day until its end. That of somebody else counts from the first day
    on which it ran and its subject belonged to the enterprise.

    Args:
        kind: The virtual kind.
        columns: The columns.
        members: Selects the rows of the subjects of the statement, by their column.
        relation: Whose rows are wanted; none for the subject's own.
    """
    table = VIRTUAL_KINDS[kind]
    whose: ColumnElement[Any] = table.c.subject_id
    first: ColumnElement[Any] = table.c.event_date
    source: Any = table
    if relation is not None:
        joins = and_(relation.member == whose, relation.holds_within(first, table.c.end_date))
        source = table.join(relation.table, joins)
        whose, first = relation.owner, relation.first_day(first)
    return (
        select(
            cast(whose, BigInteger),
            cast(day_number(first), BigInteger),
            cast(table.c.record_id, BigInteger),
            *(column.expression for column in columns),
        )
        .select_from(source)
        .where(members(whose), visible(table, REVISION))
    )


# Private functions -----------------------------------------------------------


def _column(table: Table, name: str, attribute: Attribute) -> NumberColumn:
    if name == ENTRY_DATE:
        return entry_column(table.c.record_id, attribute)
    if name in table.c:
        return number_column(name, attribute, table.c[name])
    return _missing(name, attribute)


def _missing(name: str, attribute: Attribute) -> NumberColumn:
    least: ColumnElement[int] = literal_column(str(least_of(attribute)))
    return NumberColumn(name, cast(least, BigInteger), width_of(attribute))
