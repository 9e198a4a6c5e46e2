"""Answers the RPCs about enterprise groups."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.write_calls import response_of, write_call
from services.credit.commands.join_group import JoinGroup, MembershipWish, StoredMembership
from services.credit.commands.leave_group import LeaveGroup, Leaving
from services.credit.domain.enterprise import DOCUMENT_CHARACTERS_MAX
from services.credit.domain.identifiers import MEMBERSHIP
from services.credit.domain.subject import EnterpriseId, EnterpriseRef
from services.credit.handlers.decoding import RequestReader
from services.credit.handlers.enterprise_messages import write_membership, write_point
from services.credit.handlers.requests import moment_of, read_request_id
from services.credit.handlers.subject_refs import read_enterprise
from services.credit.handlers.wire_values import identifier_reader, read_day

_NOBODY: Final[EnterpriseRef] = EnterpriseId(0)
_read_membership_id: Final = identifier_reader(MEMBERSHIP)


@dataclass(frozen=True, slots=True)
class GroupHandlers:
    """Handlers of the RPCs about enterprise groups.

    Attributes:
        join: Records members.
        leave: Ends memberships.
    """

    join: JoinGroup
    leave: LeaveGroup

    def by_method(self) -> dict[str, Handler]:
        """Give the handlers by the name of their method."""
        return {"JoinGroup": self.join_group, "LeaveGroup": self.leave_group}

    async def join_group(self, request: service.JoinGroupRequest, context: CallContext) -> Response:
        """Answer JoinGroup."""
        today = moment_of(context).today
        reader = RequestReader(request)
        read_request_id(reader)
        wish = MembershipWish(
            group=reader.required("group", read_enterprise, _NOBODY),
            member=reader.required("member", read_enterprise, _NOBODY),
            start_date=reader.required("start_date", read_day, today),
            end_date=reader.optional("end_date", read_day),
            document_number=reader.required_text("document_number", DOCUMENT_CHARACTERS_MAX),
            authority=reader.required_text("authority", DOCUMENT_CHARACTERS_MAX),
        )
        if wish.start_date > today:
            reader.refuse("start_date", "DATE_IN_FUTURE", "give a day that is not in the future")
        if (
            reader.intact("start_date")
            and wish.end_date is not None
            and wish.end_date <= wish.start_date
        ):
            reader.refuse("end_date", "END_NOT_AFTER_START", "give a day after the start date")
        reader.finish()
        call = write_call(request, context, partial(_response, service.JoinGroupResponse))
        answer = await context.run_command(self.join, call, wish)
        return response_of(answer, service.JoinGroupResponse)

    async def leave_group(
        self, request: service.LeaveGroupRequest, context: CallContext
    ) -> Response:
        """Answer LeaveGroup."""
        reader = RequestReader(request)
        read_request_id(reader)
        membership_id = reader.required("membership_id", _read_membership_id, 0)
        leaving = Leaving(
            end_date=reader.required("end_date", read_day, moment_of(context).today),
            document_number=reader.required_text("document_number", DOCUMENT_CHARACTERS_MAX),
            authority=reader.required_text("authority", DOCUMENT_CHARACTERS_MAX),
        )
        reader.finish()
        call = write_call(request, context, partial(_response, service.LeaveGroupResponse))
        answer = await context.run_command(self.leave, call, membership_id, leaving)
        return response_of(answer, service.LeaveGroupResponse)


# Private functions -----------------------------------------------------------

_Response = service.JoinGroupResponse | service.LeaveGroupResponse


def _response(response: type[_Response], stored: StoredMembership) -> _Response:
    return response(membership=write_membership(stored.membership), point=write_point(stored.point))
