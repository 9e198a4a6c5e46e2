"""Answers the RPCs about persons and their roles."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.credit_codes import NumberRefusedError
from services.common.identity import Caller
from services.common.write_calls import response_of, write_call
from services.credit.commands.assign_role import AssignRole, RoleWish, StoredRole
from services.credit.commands.end_role import EndRole
from services.credit.commands.get_person import FoundPerson, GetPerson
from services.credit.commands.identity_numbers import checked_identity_number
from services.credit.commands.register_person import RegisterPerson, StoredPerson
from services.credit.domain.codes import RoleKind
from services.credit.domain.identifiers import PERSON, ROLE
from services.credit.domain.person import NAME_CHARACTERS_MAX
from services.credit.domain.subject import EnterpriseId, EnterpriseRef
from services.credit.handlers.decoding import RequestReader
from services.credit.handlers.enterprise_messages import write_point
from services.credit.handlers.person_messages import PersonEncoder, write_role
from services.credit.handlers.requests import (
    moment_of,
    read_request_id,
    read_standpoint,
)
from services.credit.handlers.subject_refs import read_enterprise
from services.credit.handlers.wire_values import (
    WireError,
    code_reader,
    identifier_reader,
    read_day,
)

_NOBODY: Final[EnterpriseRef] = EnterpriseId(0)
_read_kind: Final = code_reader(RoleKind)
_read_person_id: Final = identifier_reader(PERSON)
_read_role_id: Final = identifier_reader(ROLE)


@dataclass(frozen=True, slots=True)
class PersonHandlers:
    """Handlers of the RPCs about persons.

    Attributes:
        register: Registers.
        assign: Assigns roles.
        end: Ends roles.
        get: Gets one.
        encoder: Writes persons, masked.
    """

    register: RegisterPerson
    assign: AssignRole
    end: EndRole
    get: GetPerson
    encoder: PersonEncoder

    def by_method(self) -> dict[str, Handler]:
        """Give the handlers by the name of their method."""
        return {
            "RegisterPerson": self.register_person,
            "AssignRole": self.assign_role,
            "EndRole": self.end_role,
            "GetPerson": self.get_person,
        }

    async def register_person(
        self, request: service.RegisterPersonRequest, context: CallContext
    ) -> Response:
        """Answer RegisterPerson."""
        today = moment_of(context).today

        def read_number(text: str) -> str:
            try:
                return checked_identity_number(text, today=today)
            except NumberRefusedError as error:
                raise WireError(error.reason, error.message) from error

        reader = RequestReader(request)
        read_request_id(reader)
        name = reader.required_text("name", NAME_CHARACTERS_MAX)
        number = reader.required("identity_number", read_number, "")
        reader.finish()

        def encode(stored: StoredPerson) -> service.RegisterPersonResponse:
            return service.RegisterPersonResponse(
                # Who registers a person gave the name.
                person=self.encoder.encode(stored.person, context.caller, named=True),
                repeated=stored.repeated,
                point=write_point(stored.point),
            )

        call = write_call(request, context, encode, digest=self.encoder.vault.digest)
        answer = await context.run_command(self.register, call, name, identity_number=number)
        return response_of(answer, service.RegisterPersonResponse)

    async def assign_role(
        self, request: service.AssignRoleRequest, context: CallContext
    ) -> Response:
        """Answer AssignRole."""
        today = moment_of(context).today
        reader = RequestReader(request)
        read_request_id(reader)
        wish = RoleWish(
            person_id=reader.required("person_id", _read_person_id, 0),
            enterprise=reader.required("enterprise", read_enterprise, _NOBODY),
            kind=reader.required("kind", _read_kind, RoleKind.PRINCIPAL),
            start_date=reader.required("start_date", read_day, today),
            end_date=reader.optional("end_date", read_day),
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
        call = write_call(request, context, partial(_role_response, service.AssignRoleResponse))
        answer = await context.run_command(self.assign, call, wish)
        return response_of(answer, service.AssignRoleResponse)

    async def end_role(self, request: service.EndRoleRequest, context: CallContext) -> Response:
        """Answer EndRole."""
        reader = RequestReader(request)
        read_request_id(reader)
        role_id = reader.required("role_id", _read_role_id, 0)
        end_date = reader.required("end_date", read_day, moment_of(context).today)
        reader.finish()
        call = write_call(request, context, partial(_role_response, service.EndRoleResponse))
        answer = await context.run_command(self.end, call, role_id, end_date=end_date)
        return response_of(answer, service.EndRoleResponse)

    async def get_person(self, request: service.GetPersonRequest, context: CallContext) -> Response:
        """Answer GetPerson."""
        reader = RequestReader(request)
        person_id = reader.required("person_id", _read_person_id, 0)
        standpoint = read_standpoint(reader)
        reader.finish()
        found = await context.run_command(self.get, person_id, standpoint)
        return service.GetPersonResponse(
            person=self.encoder.encode(
                found.person, context.caller, named=_reaches(context.caller, found)
            ),
            point=write_point(found.point),
        )


# Private functions -----------------------------------------------------------


def _reaches(caller: Caller, found: FoundPerson) -> bool:
    """Say whether a person is of a caller's divisions; one of no enterprise is for those of all."""
    return any(caller.covers_division(code) for code in found.divisions or {""})


_RoleResponse = service.AssignRoleResponse | service.EndRoleResponse


def _role_response(response: type[_RoleResponse], stored: StoredRole) -> _RoleResponse:
    return response(role=write_role(stored.role), point=write_point(stored.point))
