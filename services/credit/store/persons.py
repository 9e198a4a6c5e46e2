"""Persons and roles on the tables."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, insert, select, update

from models.enterprises import EnterpriseVersionRow
from models.persons import PersonRow, RoleRow
from services.credit.domain.codes import RoleKind
from services.credit.domain.person import Person, Role
from services.credit.domain.subject import PersonId
from services.credit.store.columns import among, table_of, visible
from services.credit.store.write_point import WritePoint

_PERSONS: Final = table_of(PersonRow)
_ROLES: Final = table_of(RoleRow)
_VERSIONS: Final = table_of(EnterpriseVersionRow)


class SqlPersons:
    """Reads and writes persons; implements `PersonWrites`."""

    def __init__(self, connection: Connection, writes: WritePoint | None = None) -> None:
        """Work on a connection, in its transaction.

        Args:
            connection: Where to read and write.
            writes: Gives the revision; none to read only.
        """
        self._connection = connection
        self._writes = writes

    def resolve(self, refs: Collection[PersonId], *, revision: int) -> Collection[PersonId]:
        """Give those of the references that name a known person."""
        query = select(_PERSONS.c.person_id).where(
            among(_PERSONS.c.person_id, [ref.value for ref in refs]),
            _PERSONS.c.recorded_revision <= revision,
        )
        return [PersonId(number) for number in self._connection.execute(query).scalars()]

    def person(self, person_id: int, *, revision: int) -> Person | None:
        """Give a person with the current roles, by start date and identifier."""
        row = self._connection.execute(
            select(_PERSONS).where(
                _PERSONS.c.person_id == person_id, _PERSONS.c.recorded_revision <= revision
            )
        ).one_or_none()
        return None if row is None else self._person(row, revision)

    def by_lookup(self, lookup: str) -> Person | None:
        """Find the person of an identity number, by its keyed digest."""
        row = self._connection.execute(
            select(_PERSONS).where(_PERSONS.c.identity_lookup == lookup)
        ).one_or_none()
        return None if row is None else self._person(row, self._required_writes().revision)

    def role(self, role_id: int, *, revision: int) -> Role | None:
        """Give the current row of a role."""
        row = self._connection.execute(
            select(_ROLES).where(_ROLES.c.role_id == role_id, visible(_ROLES, revision))
        ).one_or_none()
        return None if row is None else _role(row)

    def role_divisions(
        self, person_ids: Collection[int], *, revision: int
    ) -> Mapping[int, frozenset[int]]:
        """Give the divisions of the enterprises in which persons have or had roles."""
        query = (
            select(_ROLES.c.person_id, _VERSIONS.c.division)
            .join(_VERSIONS, _VERSIONS.c.enterprise_id == _ROLES.c.enterprise_id)
            .where(
                among(_ROLES.c.person_id, person_ids),
                visible(_ROLES, revision),
                visible(_VERSIONS, revision),
                _VERSIONS.c.division.is_not(None),
            )
            .distinct()
        )
        found: defaultdict[int, set[int]] = defaultdict(set)
        for person_id, division in self._connection.execute(query):
            found[person_id].add(division)
        return {person_id: frozenset(divisions) for person_id, divisions in found.items()}

    def names_around(
        self, *, persons: Collection[int], enterprises: Collection[int], revision: int
    ) -> Mapping[int, frozenset[str]]:
        """Give who stands around subjects, by name."""
        theirs = _ROLES.alias("theirs")
        known = _PERSONS.c.recorded_revision <= revision
        queries: list[Select[Any]] = []
        if enterprises:
            in_office = select(_ROLES.c.enterprise_id, _PERSONS.c.name).join(
                _PERSONS, _PERSONS.c.person_id == _ROLES.c.person_id
            )
            of_them = among(_ROLES.c.enterprise_id, enterprises)
            queries.append(in_office.where(of_them, visible(_ROLES, revision), known).distinct())
        if persons:
            themselves = select(_PERSONS.c.person_id, _PERSONS.c.name)
            queries.append(themselves.where(among(_PERSONS.c.person_id, persons), known))
            beside = (
                select(theirs.c.person_id, _PERSONS.c.name)
                .join(_ROLES, _ROLES.c.enterprise_id == theirs.c.enterprise_id)
                .join(_PERSONS, _PERSONS.c.person_id == _ROLES.c.person_id)
            )
            both = visible(theirs, revision), visible(_ROLES, revision)
            queries.append(
                beside.where(among(theirs.c.person_id, persons), *both, known).distinct()
            )
        found: defaultdict[int, set[str]] = defaultdict(set)
        for query in queries:
            for number, name in self._connection.execute(query):
                found[number].add(name)
        return {number: frozenset(names) for number, names in found.items()}

    def register(self, person: Person, *, lookup: str) -> None:
        """Store a new person."""
        self._connection.execute(
            insert(_PERSONS).values(
                person_id=person.person_id,
                name=person.name,
                identity_cipher=person.identity_cipher,
                identity_lookup=lookup,
                recorded_revision=self._required_writes().revision,
            )
        )

    def add_role(self, role: Role, *, superseded_row_id: int | None = None) -> None:
        """Store a row of a role, in place of another where one is named."""
        revision = self._required_writes().revision
        if superseded_row_id is not None:
            self._connection.execute(
                update(_ROLES)
                .where(_ROLES.c.row_id == superseded_row_id)
                .values(superseded_revision=revision)
            )
        self._connection.execute(
            insert(_ROLES).values(
                row_id=role.row_id,
                role_id=role.role_id,
                person_id=role.person_id,
                enterprise_id=role.enterprise_id,
                kind=int(role.kind),
                start_date=role.start_date,
                end_date=role.end_date,
                recorded_revision=revision,
            )
        )

    def _person(self, row: Row[Any], revision: int) -> Person:
        query = (
            select(_ROLES)
            .where(_ROLES.c.person_id == row.person_id, visible(_ROLES, revision))
            .order_by(_ROLES.c.start_date, _ROLES.c.role_id)
        )
        return Person(
            person_id=row.person_id,
            name=row.name,
            identity_cipher=row.identity_cipher,
            roles=tuple(map(_role, self._connection.execute(query))),
        )

    def _required_writes(self) -> WritePoint:
        assert self._writes is not None, "only a write transaction writes"
        return self._writes


# Private functions -----------------------------------------------------------


def _role(row: Row[Any]) -> Role:
    return Role(
        row_id=row.row_id,
        role_id=row.role_id,
        person_id=row.person_id,
        enterprise_id=row.enterprise_id,
        kind=RoleKind(row.kind),
        start_date=row.start_date,
        end_date=row.end_date,
    )
