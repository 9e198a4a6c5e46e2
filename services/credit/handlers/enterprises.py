"""Answers the RPCs about enterprises."""

from dataclasses import dataclass
from typing import Final

from safetycredit.credit.v1 import credit_service_pb2 as service
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.write_calls import response_of, write_call
from services.credit.commands.get_enterprise import GetEnterprise
from services.credit.commands.ports import EnterpriseFilter
from services.credit.commands.register_enterprise import (
    RegisterEnterprise,
    Registration,
    StoredEnterprise,
)
from services.credit.commands.search_enterprises import SearchEnterprises
from services.credit.commands.update_enterprise import UpdateEnterprise
from services.credit.domain.codes import EnterpriseState, Field
from services.credit.domain.enterprise import (
    DOCUMENT_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    Change,
    Profile,
    successor_violations,
)
from services.credit.domain.subject import EnterpriseId, EnterpriseRef
from services.credit.handlers.decoding import RequestReader
from services.credit.handlers.enterprise_messages import (
    read_profile,
    write_enterprise,
    write_point,
)
from services.credit.handlers.requests import (
    PageLimits,
    moment_of,
    read_as_of,
    read_page,
    read_request_id,
    read_standpoint,
)
from services.credit.handlers.subject_refs import (
    read_credit_code,
    read_enterprise,
    read_identity,
)
from services.credit.handlers.wire_values import (
    WireError,
    code_reader,
    read_day,
    read_division_range,
    read_industry_prefix,
    write_day,
)

_NOBODY: Final[EnterpriseRef] = EnterpriseId(0)
_NO_PROFILE: Final = Profile(name="", fields=frozenset())
_read_state: Final = code_reader(EnterpriseState)
_read_field: Final = code_reader(Field)


@dataclass(frozen=True, slots=True)
class EnterpriseHandlers:
    """Handlers of the RPCs about enterprises.

    Attributes:
        register: Registers.
        update: Records changes.
        get: Gets one.
        search: Searches.
        limits: How many rows a page holds.
    """

    register: RegisterEnterprise
    update: UpdateEnterprise
    get: GetEnterprise
    search: SearchEnterprises
    limits: PageLimits

    def by_method(self) -> dict[str, Handler]:
        """Give the handlers by the name of their method."""
        return {
            "RegisterEnterprise": self.register_enterprise,
            "UpdateEnterprise": self.update_enterprise,
            "GetEnterprise": self.get_enterprise,
            "SearchEnterprises": self.search_enterprises,
        }

    async def register_enterprise(
        self, request: service.RegisterEnterpriseRequest, context: CallContext
    ) -> Response:
        """Answer RegisterEnterprise."""
        moment = moment_of(context)
        reader = RequestReader(request)
        read_request_id(reader)
        identity = reader.required("identity", read_identity, None)
        profile, wrong = read_profile(request.profile, moment)
        reader.refuse_all("profile", wrong)
        start_date = reader.optional("start_date", read_day)
        if start_date is not None and start_date > moment.today:
            reader.refuse("start_date", "DATE_IN_FUTURE", "give a day that is not in the future")
        reader.finish()
        assert identity is not None, "the request is whole"

        def encode(stored: StoredEnterprise) -> service.RegisterEnterpriseResponse:
            return service.RegisterEnterpriseResponse(
                enterprise=write_enterprise(stored.file, as_of=moment.today),
                repeated=stored.repeated,
                point=write_point(stored.point),
            )

        wanted = Registration(identity=identity, profile=profile, start_date=start_date)
        call = write_call(request, context, encode)
        answer = await context.run_command(self.register, call, wanted)
        return response_of(answer, service.RegisterEnterpriseResponse)

    async def update_enterprise(
        self, request: service.UpdateEnterpriseRequest, context: CallContext
    ) -> Response:
        """Answer UpdateEnterprise."""
        moment = moment_of(context)
        reader = RequestReader(request)
        read_request_id(reader)
        ref = reader.required("subject", read_enterprise, _NOBODY)
        day = reader.required("effective_date", read_day, moment.today)
        if day > moment.today:
            reader.refuse(
                "effective_date", "DATE_IN_FUTURE", "give a day that is not in the future"
            )
        profile = None
        if request.HasField("profile"):
            profile, wrong = read_profile(request.profile, moment)
            reader.refuse_all("profile", wrong)
        state = reader.optional("state", _read_state)
        successors = []
        for position, one in enumerate(request.successors):
            try:
                successors.append(read_enterprise(one))
            except WireError as error:
                path = f"successors[{position}]{error.within}"
                reader.refuse(path, error.reason, error.message)
        change = Change(
            effective_date=day,
            document_number=reader.required_text("document_number", DOCUMENT_CHARACTERS_MAX),
            profile=profile,
            state=state,
        )
        if profile is None and not request.state:
            reader.refuse("profile", "NOTHING_CHANGES", "give a profile or a state")
        reader.add(successor_violations(state, len(request.successors)))
        reader.finish()

        def encode(stored: StoredEnterprise) -> service.UpdateEnterpriseResponse:
            return service.UpdateEnterpriseResponse(
                enterprise=write_enterprise(stored.file, as_of=moment.today, with_history=True),
                repeated=stored.repeated,
                point=write_point(stored.point),
            )

        call = write_call(request, context, encode)
        answer = await context.run_command(
            self.update, call, ref, change=change, successors=successors
        )
        return response_of(answer, service.UpdateEnterpriseResponse)

    async def get_enterprise(
        self, request: service.GetEnterpriseRequest, context: CallContext
    ) -> Response:
        """Answer GetEnterprise."""
        reader = RequestReader(request)
        ref = reader.required("subject", read_enterprise, _NOBODY)
        as_of = read_as_of(reader, moment_of(context).today)
        standpoint = read_standpoint(reader)
        reader.finish()
        found = await context.run_command(
            self.get, ref, standpoint, as_of=as_of, with_history=request.with_history
        )
        return service.GetEnterpriseResponse(
            enterprise=write_enterprise(found.file, as_of=as_of, with_history=request.with_history),
            as_of=write_day(as_of),
            point=write_point(found.point),
        )

    async def search_enterprises(
        self, request: service.SearchEnterprisesRequest, context: CallContext
    ) -> Response:
        """Answer SearchEnterprises."""
        reader = RequestReader(request)
        wanted = EnterpriseFilter(
            name_contains=reader.text("name_contains", NAME_CHARACTERS_MAX),
            credit_code=reader.optional("credit_code", read_credit_code) or "",
            divisions=reader.optional("division", read_division_range),
            industry_prefix=reader.optional("industry", read_industry_prefix) or "",
            field=reader.optional("field", _read_field),
        )
        page = read_page(
            request, reader, method=context.method, limits=self.limits, key_types=(int,)
        )
        as_of = read_as_of(reader, moment_of(context).today)
        standpoint = read_standpoint(reader)
        reader.finish()
        found = await context.run_command(self.search, wanted, standpoint, as_of=as_of, page=page)
        return service.SearchEnterprisesResponse(
            enterprises=[write_enterprise(file, as_of=found.as_of) for file in found.files],
            next_page_token=found.next_token,
            as_of=write_day(found.as_of),
            point=write_point(found.point),
        )
