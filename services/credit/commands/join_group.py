"""Record that an enterprise belongs to a group from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.common.errors import FieldViolation, InvalidInputError
from services.common.once import Answer, WriteCall, write_once
from services.common.tokens import StorePoint
from services.credit.commands.ports import Store, Writing
from services.credit.commands.subjects import fields_of, find_enterprise, require_scope
from services.credit.domain.enterprise import require_going_on, version_on
from services.credit.domain.errors import (
    BeforeFirstPeriodError,
    MembershipCircleError,
    MembershipOverlapsError,
)
from services.credit.domain.group import Membership, closes_circle, overlapping_membership
from services.credit.domain.identifiers import ENTERPRISE, name_of
from services.credit.domain.subject import EnterpriseRef, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipWish:
    """A membership as somebody wants it recorded.

    Attributes:
        group: The enterprise that heads the group.
        member: The enterprise that belongs to it.
        start_date: First day.
        end_date: Day after the last day; none while it lasts.
        document_number: Document that says so.
        authority: Who issued or registered it.
    """

    group: EnterpriseRef
    member: EnterpriseRef
    start_date: date
    end_date: date | None = None
    document_number: str
    authority: str


@dataclass(frozen=True, slots=True)
class StoredMembership:
    """What became of a membership.

    Attributes:
        membership: The membership as stored.
        point: Point of the store that includes it.
    """

    membership: Membership
    point: StorePoint


@dataclass(frozen=True, slots=True)
class JoinGroup:
    """Records a member of a group.

    Attributes:
        store: Where facts are stored.
    """

    store: Store

    def __call__(self, call: WriteCall[StoredMembership], wish: MembershipWish) -> Answer:
        """Store the membership.

        Args:
            call: Who records, and how the answer is encoded.
            wish: The membership; right in itself.

        Raises:
            SubjectUnknownError: The group or the member is not known.
            OutOfScopeError: The caller may not write about the group.
            InvalidInputError: The group is its own member.
            BeforeFirstPeriodError: One of them was not registered on the first day.
            EnterpriseEndedError: One of them was merged or closed by then.
            MembershipOverlapsError: The member belongs to the group in the period.
            MembershipCircleError: The group belongs to the member in the period.
        """

        def work(write: Writing) -> StoredMembership:
            revision = write.point.revision
            group = find_enterprise(write.enterprises, wish.group, revision=revision)
            # Whose result rests on it is the group.
            require_scope(call.caller, group, fields=fields_of(group), day=call.today)
            member = find_enterprise(write.enterprises, wish.member, revision=revision)
            if member.subject_id == group.subject_id:
                message = "name another enterprise than the group"
                raise InvalidInputError([FieldViolation("member", "MEMBER_IS_GROUP", message)])
            for subject in (group, member):
                _require_there(subject, wish.start_date)
            row_id = write.new_id()
            membership = Membership(
                row_id=row_id,
                membership_id=row_id,
                group_id=group.subject_id,
                member_id=member.subject_id,
                start_date=wish.start_date,
                end_date=wish.end_date,
                document_number=wish.document_number,
                authority=wish.authority,
            )
            _require_free(write, membership)
            write.groups.add(membership)
            return StoredMembership(membership, write.point)

        return write_once(self.store, call, work)


# Private functions -----------------------------------------------------------


def _require_there(subject: Subject, day: date) -> None:
    version = version_on(subject.versions, day)
    if version is None:
        first_date = subject.versions[0].period.start_date
        name = name_of(ENTERPRISE, subject.subject_id)
        raise BeforeFirstPeriodError(
            f"give a day from {first_date} on, the first of {name}",
            enterprise_id=name,
            first_date=first_date,
            start_date=day,
        )
    require_going_on([version])


def _require_free(write: Writing, wanted: Membership) -> None:
    """Refuse a membership that overlaps another, or makes a group belong to its own member."""

    def members_of(group_id: int) -> Sequence[Membership]:
        known = write.groups.around(group_id, revision=write.point.revision)
        return [one for one in known if one.group_id == group_id]

    other = overlapping_membership(members_of(wanted.group_id), wanted)
    if other is not None:
        raise MembershipOverlapsError(
            f"the enterprise belongs to the group by {other.name} from {other.start_date} to"
            f" {other.end_date or 'now'}; end it first, or choose another period",
            membership_id=other.name,
            start_date=other.start_date,
            end_date=other.end_date or "",
        )
    closing = closes_circle(wanted, members_of)
    if closing is not None:
        raise MembershipCircleError(
            f"the group belongs to the enterprise by {closing.name} in the period; end that first,"
            " or choose another period",
            membership_id=closing.name,
            start_date=closing.start_date,
            end_date=closing.end_date or "",
        )
