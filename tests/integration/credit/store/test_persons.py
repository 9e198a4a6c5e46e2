"""Persons behind the store's ports, in memory and on both databases."""

from dataclasses import replace

from services.credit.commands.ports import (
    Store,
)
from services.credit.domain.codes import (
    RoleKind,
)
from services.credit.domain.person import Person, Role
from services.credit.domain.subject import (
    PersonId,
)
from tests.fakes.credit_facts import (
    BARE,
    DATONG,
    DAY,
    LIU,
    START,
    registered,
)


def person_of(store: Store, number: str = "1", name: str = "王小明") -> Person:
    """Register a person."""
    with store.write(caller=LIU, method="register") as write:
        person = Person(
            person_id=write.new_id(), name=name, identity_cipher=f"\x00{number}".encode()
        )
        write.persons.register(person, lookup=number)
        write.commit()
    return person


def role_of(store: Store, person: Person, enterprise_id: int) -> Role:
    """Assign a role."""
    with store.write(caller=LIU, method="assign") as write:
        row_id = write.new_id()
        role = Role(
            row_id=row_id,
            role_id=row_id,
            person_id=person.person_id,
            enterprise_id=enterprise_id,
            kind=RoleKind.TECHNICAL_HEAD,
            start_date=START,
        )
        write.persons.add_role(role)
        write.commit()
    return role


def test_a_person_is_found_by_number_and_by_digest(store: Store) -> None:
    """From its revision on, and nobody else."""
    person = person_of(store)

    with store.read() as reading:
        assert reading.persons.person(person.person_id, revision=1) == person
        assert reading.persons.person(person.person_id, revision=0) is None
        refs = [PersonId(person.person_id), PersonId(1)]
        assert set(reading.persons.resolve(refs, revision=1)) == {PersonId(person.person_id)}
    with store.write(caller=LIU, method="register") as write:
        assert write.persons.by_lookup("1") == person
        assert write.persons.by_lookup("2") is None


def test_roles_have_their_own_knowledge(store: Store) -> None:
    """A role that was ended is known to have lasted before that."""
    enterprise_id = registered(store)
    person = person_of(store)
    role = role_of(store, person, enterprise_id)
    with store.write(caller=LIU, method="end") as write:
        ended = replace(role, row_id=write.new_id(), end_date=DAY)
        write.persons.add_role(ended, superseded_row_id=role.row_id)
        write.commit()

    with store.read() as reading:
        known = [
            reading.persons.person(person.person_id, revision=revision) for revision in (2, 3, 4)
        ]
        assert reading.persons.role(role.role_id, revision=3) == role
        assert reading.persons.role(role.role_id, revision=4) == ended
        assert reading.persons.role(role.role_id, revision=2) is None

    assert [one.roles for one in known if one] == [(), (role,), (ended,)]


def test_divisions_of_roles_are_those_of_their_enterprises(store: Store) -> None:
    """An enterprise without division gives none; a person without roles has none."""
    person, other = person_of(store), person_of(store, "2")
    role_of(store, person, registered(store))
    role_of(store, person, registered(store, DATONG, BARE))

    with store.read() as reading:
        found = reading.persons.role_divisions(
            [person.person_id, other.person_id], revision=store.point().revision
        )

    assert found == {person.person_id: frozenset({110105})}


def test_who_stands_around_subjects_is_named(store: Store) -> None:
    """In an enterprise who has a role in it, beside a person who has one where it has; as known."""
    first, second = registered(store), registered(store, DATONG, BARE)
    both = person_of(store, "1", "王小明")
    once = person_of(store, "2", "李大力")
    nobody = person_of(store, "3", "周五")
    role_of(store, both, first)
    before = store.point().revision
    role_of(store, both, second)
    role_of(store, once, second)

    with store.read() as reading:
        asked = {
            "persons": [both.person_id, once.person_id, nobody.person_id],
            "enterprises": [first, second],
        }
        then = reading.persons.names_around(**asked, revision=before)
        now = reading.persons.names_around(**asked, revision=store.point().revision)
        none = reading.persons.names_around(persons=[], enterprises=[], revision=before)

    assert none == {}
    assert then == {
        first: {"王小明"},
        both.person_id: {"王小明"},
        once.person_id: {"李大力"},
        nobody.person_id: {"周五"},
    }
    assert now == {
        first: {"王小明"},
        second: {"王小明", "李大力"},
        both.person_id: {"王小明", "李大力"},
        once.person_id: {"王小明", "李大力"},
        nobody.person_id: {"周五"},
    }
