"""Subjects on the tables."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, or_, select, tuple_

from models.persons import PersonRow
from services.scoring.domain.subject import (
    CreditCode,
    EnterpriseId,
    LocalIdentity,
    Period,
    PersonId,
    Subject,
    SubjectRef,
    masked_name,
)
from services.scoring.domain.viewpoint import Viewpoint
from services.scoring.store.columns import table_of, visible
from services.scoring.store.enterprises import AS_OF, ENTERPRISES, REVISION, VERSIONS, parameters

_PERSONS: Final = table_of(PersonRow)


class SqlSubjects:
    """Finds subjects; implements `SubjectReads`."""

    def __init__(self, connection: Connection) -> None:
        """Read on a connection, in its transaction."""
        self._connection = connection

    def find(self, refs: Collection[SubjectRef], at: Viewpoint) -> Mapping[SubjectRef, Subject]:
        """Find the subjects that references name."""
        found: dict[SubjectRef, Subject] = {}
        if codes := [ref.value for ref in refs if isinstance(ref, CreditCode)]:
            for subject, _ in self._enterprises(_BY_CODE, codes, at):
                found[CreditCode(subject.credit_code)] = subject
        if numbers := [ref.value for ref in refs if isinstance(ref, EnterpriseId)]:
            for subject, _ in self._enterprises(_BY_NUMBER, numbers, at):
                found[EnterpriseId(subject.subject_id)] = subject
        if local := [(ref.scheme, ref.value) for ref in refs if isinstance(ref, LocalIdentity)]:
            for subject, row in self._enterprises(_BY_LOCAL_IDENTITY, local, at):
                found[LocalIdentity(row.local_scheme, row.local_value)] = subject
        if persons := [ref.value for ref in refs if isinstance(ref, PersonId)]:
            for subject in self._persons(persons, at):
                found[PersonId(subject.subject_id)] = subject
        return found

    def by_number(self, subject_ids: Collection[int], at: Viewpoint) -> Mapping[int, Subject]:
        """Find enterprises and persons by their numbers."""
        if not subject_ids:
            return {}
        numbers = list(subject_ids)
        found = {
            subject.subject_id: subject for subject, _ in self._enterprises(_BY_NUMBER, numbers, at)
        }
        if persons := [number for number in numbers if number not in found]:
            found |= {subject.subject_id: subject for subject in self._persons(persons, at)}
        return found

    def changes_on(
        self, subject_ids: Collection[int], attributes: Collection[str], at: Viewpoint
    ) -> Mapping[int, date]:
        """Give the days on which attributes of enterprises become others."""
        if not attributes or not subject_ids:
            return {}
        # Few enterprises have anything but the one period that lasts; only those are read.
        rows = self._connection.execute(_CHANGING, {"values": list(subject_ids), **parameters(at)})
        changing = rows.scalars().all()
        days = {
            number: subject.changes_on(attributes)
            for number, subject in self.by_number(changing, at).items()
        }
        return {number: day for number, day in days.items() if day is not None}

    def _enterprises(
        self, query: Select[Any], values: Collection[Any], at: Viewpoint
    ) -> Iterable[tuple[Subject, Row[Any]]]:
        rows = self._connection.execute(query, {"values": values, **parameters(at)})
        grouped: dict[int, list[Row[Any]]] = {}
        for row in rows:
            grouped.setdefault(row.enterprise_id, []).append(row)
        for number, periods in grouped.items():
            first = periods[0]
            subject = Subject(
                subject_id=number,
                credit_code=first.credit_code or "",
                periods=tuple(_period(row) for row in periods if row.start_date is not None),
                as_of=at.as_of,
            )
            yield subject, first

    def _persons(self, numbers: Collection[int], at: Viewpoint) -> Iterable[Subject]:
        rows = self._connection.execute(_PERSON, {"values": numbers, **parameters(at)})
        for number, name in rows:
            yield Subject(
                subject_id=number, person=True, as_of=at.as_of, person_name=masked_name(name)
            )


# Private functions and statements ---------------------------------------------

_PERIOD: Final = (
    "name",
    "division",
    "industry",
    "fields",
    "kind",
    "state",
    "headcount",
    "founding_date",
    "start_date",
    "end_date",
    "activities",
)


def _period(row: Row[Any]) -> Period:
    return Period(**{name: getattr(row, name) for name in _PERIOD})


def _select(condition: ColumnElement[bool]) -> Select[Any]:
    """Select enterprises with their periods; one without a period has a row of its own."""
    known = and_(
        VERSIONS.c.enterprise_id == ENTERPRISES.c.enterprise_id, visible(VERSIONS, REVISION)
    )
    return (
        select(
            ENTERPRISES.c.enterprise_id,
            ENTERPRISES.c.credit_code,
            ENTERPRISES.c.local_scheme,
            ENTERPRISES.c.local_value,
            *(VERSIONS.c[name] for name in _PERIOD),
        )
        .select_from(ENTERPRISES.outerjoin(VERSIONS, known))
        .where(condition, ENTERPRISES.c.recorded_revision <= REVISION)
        .order_by(ENTERPRISES.c.enterprise_id, VERSIONS.c.start_date)
    )


_VALUES: Final[Any] = bindparam("values", expanding=True)
_BY_CODE: Final = _select(ENTERPRISES.c.credit_code.in_(_VALUES))
_BY_NUMBER: Final = _select(ENTERPRISES.c.enterprise_id.in_(_VALUES))
_BY_LOCAL_IDENTITY: Final = _select(
    tuple_(ENTERPRISES.c.local_scheme, ENTERPRISES.c.local_value).in_(_VALUES)
)
_CHANGING: Final = (
    select(VERSIONS.c.enterprise_id)
    .distinct()
    .where(
        VERSIONS.c.enterprise_id.in_(_VALUES),
        visible(VERSIONS, REVISION),
        or_(VERSIONS.c.start_date > AS_OF, VERSIONS.c.end_date > AS_OF),
    )
)
_PERSON: Final = select(_PERSONS.c.person_id, _PERSONS.c.name).where(
    _PERSONS.c.person_id.in_(_VALUES), _PERSONS.c.recorded_revision <= REVISION
)
