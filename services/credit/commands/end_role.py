"""End a role on a day."""

from dataclasses import dataclass, replace
from datetime import date

from services.common.errors import FieldViolation, InvalidInputError
from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.assign_role import StoredRole, require_no_overlap
from services.credit.commands.ports import Store, Writing
from services.credit.commands.subjects import fields_of, find_enterprise, require_scope
from services.credit.domain.errors import RoleEndedError, RoleUnknownError
from services.credit.domain.identifiers import ROLE, name_of
from services.credit.domain.person import Role
from services.credit.domain.subject import EnterpriseId


@dataclass(frozen=True, slots=True)
class EndRole:
    """Ends a role; that it lasted stays known for what was known before.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(self, call: WriteCall[StoredRole], role_id: int, *, end_date: date) -> Answer:
        """Store the end.

        Args:
            call: Who ends it, and how the answer is encoded.
            role_id: The role.
            end_date: Day after its last day.

        Raises:
            RoleUnknownError: There is no such role.
            OutOfScopeError: The caller may not write about the enterprise.
            RoleEndedError: It has ended by today.
            InvalidInputError: The day is not after the first day of the role.
            RoleOverlapsError: An end put off would overlap a later role.
        """

        def work(write: Writing) -> StoredRole:
            role = _required(write, role_id)
            enterprise = find_enterprise(
                write.enterprises,
                EnterpriseId(role.enterprise_id),
                revision=write.point.revision,
            )
            require_scope(call.caller, enterprise, fields=fields_of(enterprise), day=call.today)
            _require_endable(role, end_date, call.today)
            ended = replace(role, row_id=write.new_id(), end_date=end_date)
            person = write.persons.person(role.person_id, revision=write.point.revision)
            assert person is not None, "a role has its person"
            require_no_overlap(person, ended)
            write.persons.add_role(ended, superseded_row_id=role.row_id)
            return StoredRole(ended, write.point)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _required(write: Writing, role_id: int) -> Role:
    role = write.persons.role(role_id, revision=write.point.revision)
    if role is None:
        name = name_of(ROLE, role_id)
        raise RoleUnknownError(f"{name} was never assigned", role_id=name)
    return role


def _require_endable(role: Role, end_date: date, today: date) -> None:
    if role.ended_by(today):
        raise RoleEndedError(
            f"{role.name} ended on {role.end_date}; assign a new one for another period",
            role_id=role.name,
            end_date=role.end_date,
        )
    if end_date <= role.start_date:
        raise InvalidInputError(
            [
                FieldViolation(
                    "end_date", "END_NOT_AFTER_START", f"give a day after {role.start_date}"
                )
            ]
        )
