"""Persons and roles as messages, with what the caller may see."""

from dataclasses import dataclass

from safetycredit.credit.v1 import person_pb2
from services.common.identity import Caller
from services.common.identity import Role as CallerRole
from services.credit.commands.ports import IdentityVault
from services.credit.domain.identifiers import ENTERPRISE, PERSON, name_of
from services.credit.domain.person import Person, Role, masked_identity_number, masked_name
from services.credit.handlers.wire_values import wire_code, write_day


@dataclass(frozen=True, slots=True)
class PersonEncoder:
    """Writes persons.

    Attributes:
        vault: Decrypts identity numbers, which are masked at once.
    """

    vault: IdentityVault

    def encode(self, person: Person, caller: Caller, *, named: bool) -> person_pb2.Person:
        """Write a person: the name in full and the masked number to some callers only.

        Args:
            person: The person.
            caller: Who is answered.
            named: Whether a regulator may see the name in full.

        Raises:
            IdentityNumberUnreadableError: The number was encrypted with another key.
        """
        named = named and caller.has_role(CallerRole.REGULATOR)
        numbered = caller.has_role(CallerRole.REGULATOR, CallerRole.AUDITOR)
        masked = masked_identity_number(self.vault.open(person.identity_cipher)) if numbered else ""
        return person_pb2.Person(
            person_id=name_of(PERSON, person.person_id),
            name=person.name if named else masked_name(person.name),
            masked_identity_number=masked,
            roles=[write_role(role) for role in person.roles],
        )


def write_role(role: Role) -> person_pb2.Role:
    """Write a role."""
    message = person_pb2.Role(
        role_id=role.name,
        enterprise_id=name_of(ENTERPRISE, role.enterprise_id),
        kind=wire_code(role.kind),
        start_date=write_day(role.start_date),
    )
    if role.end_date is not None:
        message.end_date.CopyFrom(write_day(role.end_date))
    return message
