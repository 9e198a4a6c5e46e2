"""Register a responsible person."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.credit.commands.ports import IdentityVault, Store, Writing
from services.credit.domain.errors import PersonDiffersError
from services.credit.domain.identifiers import PERSON, name_of
from services.credit.domain.person import Person


@dataclass(frozen=True, slots=True, repr=False)
class StoredPerson:
    """What became of a person; never printed.

    Attributes:
        person: The person as stored.
        repeated: Whether the person had been registered before.
        point: Point of the store that includes the person.
    """

    person: Person
    repeated: bool
    point: StorePoint


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """Registers a person under the identity number.

    Attributes:
        store: Where facts are stored.
        vault: Encrypts identity numbers.
    """

    store: Store
    vault: IdentityVault

    def __call__(self, call: WriteCall[StoredPerson], name: str, *, identity_number: str) -> Answer:
        """Register a person, or find that the person is registered already.

        Args:
            call: Who registers, and how the answer is encoded.
            name: Name in full.
            identity_number: Citizen identity number, checked, in upper case.

        Raises:
            PersonDiffersError: The number is registered with another name.
        """
        sealed = self.vault.seal(identity_number)

        def work(write: Writing) -> StoredPerson:
            known = write.persons.by_lookup(sealed.lookup)
            if known is None:
                person = Person(person_id=write.new_id(), name=name, identity_cipher=sealed.cipher)
                write.persons.register(person, lookup=sealed.lookup)
                return StoredPerson(person, repeated=False, point=write.point)
            if known.name != name:
                known_name = name_of(PERSON, known.person_id)
                raise PersonDiffersError(
                    f"the identity number is registered as {known_name} with another name; check"
                    " both",
                    person_id=known_name,
                    fields="name",
                )
            return StoredPerson(known, repeated=True, point=write.point)

        return write_once(self.store, call, work)
