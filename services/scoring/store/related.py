"""Records of others that count for an enterprise, and what a record says of the one it follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Table,
    and_,
    case,
    cast,
    literal,
    or_,
    true,
)

from models.enterprises import GroupMembershipRow, SuccessionRow
from models.persons import RoleRow
from models.records import (
    AccidentRow,
    HazardRow,
    PenaltyRow,
    RecordRow,
    RectificationRow,
    ViolationRow,
)
from services.engine.vocabulary import Attribute
from services.scoring.store.columns import (
    NumberColumn,
    number_column,
    table_of,
    visible,
    width_of,
)
from services.scoring.store.enterprises import REVISION
from services.scoring.store.numbers import Numbers

_RECORDS: Final = table_of(RecordRow)
_ROLES: Final = table_of(RoleRow)
_SUCCESSIONS: Final = table_of(SuccessionRow)
_MEMBERSHIPS: Final = table_of(GroupMembershipRow)


# Records of others --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Relation:
    """Whose records count for an enterprise besides its own.

    Attributes:
        owner: Column of the enterprise for which they count.
        member: Column of the subject whose records they are.
        since: First day on which the member belongs to it; none where it always did.
        until: Day after the last; null while it does.
        known: When that is known.
        columns: Column of each attribute of the relation.
    """

    owner: ColumnElement[Any]
    member: ColumnElement[Any]
    since: ColumnElement[Any] | None
    until: ColumnElement[Any]
    known: ColumnElement[bool]
    columns: Mapping[str, ColumnElement[Any]]

    def holds_on(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        """Select members that belong to the enterprise on a day: a record of that day counts."""
        begun = true() if self.since is None else self.since <= day
        return and_(begun, or_(self.until.is_(None), self.until > day), self.known)

    def holds_within(
        self, first: ColumnElement[Any], end: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Select members that belong to it on some day from one to the day before another.

        What lasts, such as an entry of a list, counts for whoever the member belongs to meanwhile.

        Args:
            first: The first day.
            end: Day after the last; null for no end.
        """
        begun = true() if self.since is None else or_(end.is_(None), self.since < end)
        return and_(begun, or_(self.until.is_(None), self.until > first), self.known)

    def first_day(self, first: ColumnElement[Any]) -> ColumnElement[Any]:
        """Give the first day of what lasts on which the member belonged to the enterprise."""
        since = self.since
        return first if since is None else case((since > first, since), else_=first)

    @property
    def table(self) -> Any:  # noqa: ANN401 -- a table.
        """Give the table of the relation."""
        return self.owner.table

    def column(self, name: str, attribute: Attribute) -> NumberColumn:
        """Give the column of an attribute of the relation."""
        column = self.columns[name]
        if isinstance(column, Column):
            return number_column(name, attribute, column)
        return NumberColumn(name, cast(column, BigInteger), width_of(attribute))


RELATIONS: Final[Mapping[str, Relation]] = {
    # A person's record counts for the enterprises in which the person had a role on its day.
    "persons": Relation(
        owner=_ROLES.c.enterprise_id,
        member=_ROLES.c.person_id,
        since=_ROLES.c.start_date,
        until=_ROLES.c.end_date,
        known=visible(_ROLES, REVISION),
        columns={"roles": literal(1).op("<<")(_ROLES.c.kind), "person": _ROLES.c.person_id},
    ),
    # A record of an enterprise that was merged or split counts for the one that went on from it,
    # if it is from before that day; only the direct predecessor's.
    "predecessors": Relation(
        owner=_SUCCESSIONS.c.successor_id,
        member=_SUCCESSIONS.c.predecessor_id,
        since=None,
        until=_SUCCESSIONS.c.effective_date,
        known=_SUCCESSIONS.c.recorded_revision <= REVISION,
        columns={
            "succession": _SUCCESSIONS.c.kind,
            "succession_date": _SUCCESSIONS.c.effective_date,
        },
    ),
    # A record of a member counts for the group to which it belonged on its day; only a direct
    # member's.
    "members": Relation(
        owner=_MEMBERSHIPS.c.group_id,
        member=_MEMBERSHIPS.c.member_id,
        since=_MEMBERSHIPS.c.start_date,
        until=_MEMBERSHIPS.c.end_date,
        known=visible(_MEMBERSHIPS, REVISION),
        columns={"member": _MEMBERSHIPS.c.member_id, "member_since": _MEMBERSHIPS.c.start_date},
    ),
}


def one_row_each(rows: Numbers, columns: tuple[NumberColumn, ...]) -> Numbers:
    """Put the rows of one record for one enterprise together: a person may have several roles.

    What lasts counts from another day for a role that began meanwhile; that is a row of its own.

    Args:
        rows: Subject, event day and record, then the columns; sorted by the three.
        columns: The columns after those three.
    """
    if len(rows) == 0:
        return rows
    new = np.any(rows[1:, :3] != rows[:-1, :3], axis=1)
    firsts = np.flatnonzero(np.concatenate(([True], new)))
    kept = rows[firsts]
    for position, column in enumerate(columns, start=3):
        if column.name == "roles":
            kept[:, position] = np.bitwise_or.reduceat(rows[:, position], firsts)
    return kept


# What a record follows ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parent:
    """The record that another one follows.

    Attributes:
        key: Column with the parent's identifier.
        bodies: Tables that the parent's attributes may stand in.
    """

    key: ColumnElement[Any]
    bodies: tuple[Table, ...]


_PARENTS: Final[Mapping[str, Mapping[str, Parent]]] = {
    "rectification": {
        "target_": Parent(
            table_of(RectificationRow).c.target_record_id,
            (table_of(ViolationRow), table_of(HazardRow)),
        ),
    },
    "penalty": {
        "violation_": Parent(table_of(PenaltyRow).c.violation_record_id, (table_of(ViolationRow),)),
        "accident_": Parent(table_of(PenaltyRow).c.accident_record_id, (table_of(AccidentRow),)),
    },
}


@dataclass(frozen=True, slots=True)
class ParentColumn:
    """An attribute of the record that another one follows.

    Attributes:
        prefix: Prefix of the names of that parent's attributes.
        table: Table that has it: the header of records, or a body.
        name: Column in that table.
    """

    prefix: str
    table: Table
    name: str


def parent_column(kind: str, name: str) -> ParentColumn | None:
    """Find the column behind an attribute of a parent; nothing if there is none."""
    for prefix, parent in _PARENTS.get(kind, {}).items():
        own = name.removeprefix(prefix)
        if own == name:
            continue
        for table in (*parent.bodies, _RECORDS):
            if own in table.c:
                return ParentColumn(prefix, table, own)
    return None


class ParentJoins:
    """Joins the parents that a statement needs, each once."""

    def __init__(self, kind: str, source: Any) -> None:  # noqa: ANN401 -- something to select from.
        """Start with the record and its body."""
        self.source = source
        self._kind = kind
        self._headers: dict[str, Any] = {}
        self._bodies: dict[tuple[str, str], Any] = {}

    def column(self, name: str, attribute: Attribute, found: ParentColumn) -> NumberColumn:
        """Give a parent's column, missing where there is no parent of that kind."""
        header = self._header(found.prefix)
        table = header if found.table is _RECORDS else self._body(found, header)
        return number_column(name, attribute, table.c[found.name], nullable=True)

    def _header(self, prefix: str) -> Any:  # noqa: ANN401 -- an alias.
        if prefix not in self._headers:
            header = _RECORDS.alias(f"{prefix}record")
            # A record counts for its own subject alone, so that nobody else's answer changes.
            follows = and_(
                header.c.record_id == _PARENTS[self._kind][prefix].key,
                header.c.subject_id == _RECORDS.c.subject_id,
                visible(header, REVISION),
            )
            self.source = self.source.outerjoin(header, follows)
            self._headers[prefix] = header
        return self._headers[prefix]

    def _body(self, found: ParentColumn, header: Any) -> Any:  # noqa: ANN401 -- aliases.
        key = (found.prefix, found.table.name)
        if key not in self._bodies:
            body = found.table.alias(f"{found.prefix}{found.table.name}")
            self.source = self.source.outerjoin(body, body.c.row_id == header.c.row_id)
            self._bodies[key] = body
        return self._bodies[key]
