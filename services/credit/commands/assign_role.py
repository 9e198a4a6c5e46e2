"""Give a person a role in an enterprise for a period."""

from dataclasses import dataclass
from datetime import date

from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.credit.commands.ports import Store, Writing
from services.credit.commands.subjects import (
    fields_of,
    find_enterprise,
    require_scope,
    unknown_subject,
)
from services.credit.domain.codes import RoleKind
from services.credit.domain.errors import RoleOverlapsError
from services.credit.domain.person import Person, Role, overlapping_role
from services.credit.domain.subject import EnterpriseRef, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWish:
    """A role as somebody wants it assigned.

    Attributes:
        person_id: The person.
        enterprise: The enterprise.
        kind: What the person is there.
        start_date: First day.
        end_date: Day after the last day; none while it lasts.
    """

    person_id: int
    enterprise: EnterpriseRef
    kind: RoleKind
    start_date: date
    end_date: date | None = None


@dataclass(frozen=True, slots=True)
class StoredRole:
    """What became of a role.

    Attributes:
        role: The role as stored.
        point: Point of the store that includes it.
    """

    role: Role
    point: StorePoint


@dataclass(frozen=True, slots=True)
class AssignRole:
    """Assigns a role.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(self, call: WriteCall[StoredRole], wish: RoleWish) -> Answer:
        """Store the role.

        Args:
            call: Who assigns, and how the answer is encoded.
            wish: The role; right in itself.

        Raises:
            SubjectUnknownError: The person or the enterprise is not known.
            OutOfScopeError: The caller may not write about the enterprise.
            RoleOverlapsError: The person has such a role there in the period.
        """

        def work(write: Writing) -> StoredRole:
            revision = write.point.revision
            person = write.persons.person(wish.person_id, revision=revision)
            if person is None:
                raise unknown_subject(PersonId(wish.person_id))
            enterprise = find_enterprise(write.enterprises, wish.enterprise, revision=revision)
            require_scope(call.caller, enterprise, fields=fields_of(enterprise), day=call.today)
            row_id = write.new_id()
            role = Role(
                row_id=row_id,
                role_id=row_id,
                person_id=wish.person_id,
                enterprise_id=enterprise.subject_id,
                kind=wish.kind,
                start_date=wish.start_date,
                end_date=wish.end_date,
            )
            require_no_overlap(person, role)
            write.persons.add_role(role)
            return StoredRole(role, write.point)

        return write_once(self.store, call, work)


def require_no_overlap(person: Person, role: Role) -> None:
    """Refuse a role that overlaps another of its kind in the same enterprise.

    Raises:
        RoleOverlapsError: Names the other role.
    """
    other = overlapping_role(person.roles, role)
    if other is not None:
        raise RoleOverlapsError(
            f"the person has the role {other.name} of this kind there from {other.start_date} to"
            f" {other.end_date or 'now'}; end it first, or choose another period",
            role_id=other.name,
            start_date=other.start_date,
            end_date=other.end_date or "",
        )
