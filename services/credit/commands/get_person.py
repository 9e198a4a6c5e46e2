"""Get a person with roles."""

from dataclasses import dataclass

from services.common.tokens import StorePoint
from services.credit.commands.ports import Store
from services.credit.commands.standpoint import Standpoint, reading_at
from services.credit.commands.subjects import unknown_subject
from services.credit.domain.person import Person
from services.credit.domain.subject import PersonId


@dataclass(frozen=True, slots=True, repr=False)
class FoundPerson:
    """A person, and where the answer stands; never printed.

    Attributes:
        person: The person.
        divisions: Codes of the divisions of the enterprises in which it has or had a role; empty
            where none is known.
        point: Point of the store.
    """

    person: Person
    divisions: frozenset[str]
    point: StorePoint


@dataclass(frozen=True, slots=True)
class GetPerson:
    """Gets one person.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(self, person_id: int, standpoint: Standpoint) -> FoundPerson:
        """Read the person.

        Raises:
            SubjectUnknownError: There was no such person.
            SafetyCreditError: As `reading_at` says.
        """
        with reading_at(self.store, standpoint) as (reading, point):
            person = reading.persons.person(person_id, revision=point.revision)
            divisions = reading.persons.role_divisions([person_id], revision=point.revision)
        if person is None:
            raise unknown_subject(PersonId(person_id))
        codes = frozenset(f"{one:06d}" for one in divisions.get(person_id, ()))
        return FoundPerson(person, codes, point)
