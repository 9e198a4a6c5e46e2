"""End the membership of an enterprise in a group on a day."""

from dataclasses import dataclass, replace
from datetime import date

from services.common.errors import FieldViolation, InvalidInputError
from services.common.once import Answer, WriteCall, write_once
from services.credit.commands.join_group import StoredMembership
from services.credit.commands.ports import Store, Writing
from services.credit.commands.subjects import fields_of, find_enterprise, require_scope
from services.credit.domain.errors import MembershipEndedError, MembershipUnknownError
from services.credit.domain.group import Membership
from services.credit.domain.identifiers import MEMBERSHIP, name_of
from services.credit.domain.subject import EnterpriseId


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """How a membership ends.

    Attributes:
        end_date: Day after its last day.
        document_number: Document that says so.
        authority: Who issued or registered it.
    """

    end_date: date
    document_number: str
    authority: str


@dataclass(frozen=True, slots=True)
class LeaveGroup:
    """Ends a membership; that it lasted stays known for what was known before.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(
        self, call: WriteCall[StoredMembership], membership_id: int, leaving: Leaving
    ) -> Answer:
        """Store the end.

        Args:
            call: Who ends it, and how the answer is encoded.
            membership_id: The membership.
            leaving: How it ends; right in itself.

        Raises:
            MembershipUnknownError: There is no such membership.
            OutOfScopeError: The caller may not write about the group.
            MembershipEndedError: It has ended by today.
            InvalidInputError: The day is not after the first day of the membership.
        """

        def work(write: Writing) -> StoredMembership:
            membership = _required(write, membership_id)
            group = find_enterprise(
                write.enterprises,
                EnterpriseId(membership.group_id),
                revision=write.point.revision,
            )
            require_scope(call.caller, group, fields=fields_of(group), day=call.today)
            _require_endable(membership, leaving.end_date, call.today)
            ended = replace(
                membership,
                row_id=write.new_id(),
                end_date=leaving.end_date,
                document_number=leaving.document_number,
                authority=leaving.authority,
            )
            # No membership begins in the future, so an end that is put off meets no other.
            write.groups.add(ended, superseded_row_id=membership.row_id)
            return StoredMembership(ended, write.point)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _required(write: Writing, membership_id: int) -> Membership:
    membership = write.groups.membership(membership_id, revision=write.point.revision)
    if membership is None:
        name = name_of(MEMBERSHIP, membership_id)
        raise MembershipUnknownError(f"{name} was never recorded", membership_id=name)
    return membership


def _require_endable(membership: Membership, end_date: date, today: date) -> None:
    if membership.ended_by(today):
        raise MembershipEndedError(
            f"{membership.name} ended on {membership.end_date}; record a new one for another"
            " period",
            membership_id=membership.name,
            end_date=membership.end_date,
        )
    if end_date <= membership.start_date:
        message = f"give a day after {membership.start_date}"
        raise InvalidInputError([FieldViolation("end_date", "END_NOT_AFTER_START", message)])
