"""Answers the RPCs about objections and repairs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from google.protobuf.message import Message

from safetycredit.credit.v1 import remedy_service_pb2 as service
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.once import Answer
from services.common.write_calls import response_of, write_call
from services.credit.commands.accept_repair import AcceptRepair
from services.credit.commands.apply_for_repair import ApplyForRepair
from services.credit.commands.decide_objection import DecideObjection, ObjectionOutcome
from services.credit.commands.decide_repair import DecideRepair
from services.credit.commands.extend_repair import ExtendRepair
from services.credit.commands.file_objection import FileObjection
from services.credit.commands.get_publication import GetPublication
from services.credit.commands.get_remedy import GetRemedy
from services.credit.commands.list_remedies import ListRemedies, Wanted
from services.credit.commands.remedy_ports import (
    Calendar,
    RemedyFilter,
    RemedyStore,
    RepairLaws,
)
from services.credit.commands.remedy_views import RemedyView, RemedyViews
from services.credit.commands.share_result import ShareResult
from services.credit.commands.withdraw_repair import WithdrawRepair
from services.credit.domain.identifiers import RECORD
from services.credit.domain.record_rules import DOCUMENT_CHARACTERS_MAX
from services.credit.domain.remedy import (
    REMEDY,
    RemedyKind,
    RemedyState,
)
from services.credit.handlers.decoding import RequestReader
from services.credit.handlers.enterprise_messages import write_point
from services.credit.handlers.remedy_messages import write_publication, write_remedy
from services.credit.handlers.remedy_requests import (
    read_acceptance,
    read_decision,
    read_opening,
    read_sharing,
    read_step,
    read_target,
    read_told_date,
)
from services.credit.handlers.requests import (
    PageLimits,
    moment_of,
    read_as_of,
    read_page,
    read_standpoint,
)
from services.credit.handlers.wire_values import (
    code_reader,
    identifier_reader,
    write_day,
)

_read_remedy_id: Final = identifier_reader(REMEDY)
_read_record_id: Final = identifier_reader(RECORD)
_read_state: Final = code_reader(RemedyState)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyPorts:
    """What the handlers of remedies need of the world.

    Attributes:
        store: Where remedies are stored.
        law: Classes and periods.
        calendar: Counts working days.
    """

    store: RemedyStore
    law: RepairLaws
    calendar: Calendar


def remedy_handlers(ports: RemedyPorts, limits: PageLimits) -> Mapping[str, Handler]:
    """Give the handler of every method of RemedyService.

    Args:
        ports: What the service works with.
        limits: How many rows a page holds.
    """
    store, law = ports.store, ports.law
    views = RemedyViews(law, ports.calendar)
    return RemedyHandlers(
        file_objection=FileObjection(store, law, views),
        decide_objection=DecideObjection(store, law, views),
        apply=ApplyForRepair(store, law, views),
        accept=AcceptRepair(store, law, views),
        decide=DecideRepair(store, law, views),
        extend=ExtendRepair(store, law, views),
        share=ShareResult(store, law, views),
        withdraw=WithdrawRepair(store, law, views),
        get=GetRemedy(store, views),
        page=ListRemedies(store, views),
        publication=GetPublication(store, law),
        limits=limits,
    ).by_method()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyHandlers:
    """Handlers of the RPCs about objections and repairs; each runs the command of its name."""

    file_objection: FileObjection
    decide_objection: DecideObjection
    apply: ApplyForRepair
    accept: AcceptRepair
    decide: DecideRepair
    extend: ExtendRepair
    share: ShareResult
    withdraw: WithdrawRepair
    get: GetRemedy
    page: ListRemedies
    publication: GetPublication
    limits: PageLimits

    def by_method(self) -> dict[str, Handler]:
        """Give the handlers by the name of their method."""
        return {
            "FileObjection": self.answer_file_objection,
            "DecideObjection": self.answer_decide_objection,
            "ApplyForRepair": self.answer_apply,
            "AcceptRepair": self.answer_accept,
            "DecideRepair": self.answer_decide,
            "ExtendRepair": self.answer_extend,
            "ShareResult": self.answer_share,
            "WithdrawRepair": self.answer_withdraw,
            "GetRemedy": self.answer_get,
            "ListRemedies": self.answer_list,
            "GetPublication": self.answer_publication,
        }

    async def answer_file_objection(
        self, request: service.FileObjectionRequest, context: CallContext
    ) -> Response:
        """Answer FileObjection."""
        reader = RequestReader(request)
        step = read_step(reader, context, text="ground")
        opening = read_opening(request, reader, RemedyKind.OBJECTION, step)
        run = partial(self._run, self.file_objection, service.FileObjectionResponse)
        return await run(request, context, opening)

    async def answer_apply(
        self, request: service.ApplyForRepairRequest, context: CallContext
    ) -> Response:
        """Answer ApplyForRepair."""
        reader = RequestReader(request)
        step = read_step(reader, context, text="commitment")
        if not request.evidence:
            reader.refuse("evidence", "REQUIRED", "give at least one piece")
        opening = read_opening(request, reader, RemedyKind.REPAIR, step)
        run = partial(self._run, self.apply, service.ApplyForRepairResponse)
        return await run(request, context, opening)

    async def answer_decide_objection(
        self, request: service.DecideObjectionRequest, context: CallContext
    ) -> Response:
        """Answer DecideObjection."""
        reader = RequestReader(request)
        remedy_id = reader.required("remedy_id", _read_remedy_id, 0)
        outcome = reader.required("outcome", code_reader(ObjectionOutcome), ObjectionOutcome.REJECT)
        step = read_decision(reader, context, reasons_required=True)
        reader.finish()
        return await self._run(
            self.decide_objection,
            service.DecideObjectionResponse,
            request,
            context,
            remedy_id,
            step,
            outcome=outcome,
        )

    async def answer_accept(
        self, request: service.AcceptRepairRequest, context: CallContext
    ) -> Response:
        """Answer AcceptRepair."""
        reader = RequestReader(request)
        remedy_id = reader.required("remedy_id", _read_remedy_id, 0)
        step = read_acceptance(reader, context)
        reader.finish()
        return await self._run(
            self.accept, service.AcceptRepairResponse, request, context, remedy_id, step
        )

    async def answer_decide(
        self, request: service.DecideRepairRequest, context: CallContext
    ) -> Response:
        """Answer DecideRepair."""
        reader = RequestReader(request)
        remedy_id = reader.required("remedy_id", _read_remedy_id, 0)
        grant = service.DecideRepairRequest.OUTCOME_GRANT
        if request.outcome not in {grant, service.DecideRepairRequest.OUTCOME_REFUSE}:
            reader.refuse("outcome", "REQUIRED", "grant or refuse")
        granted = request.outcome == grant
        step = read_decision(reader, context, reasons_required=not granted)
        reader.finish()
        return await self._run(
            self.decide,
            service.DecideRepairResponse,
            request,
            context,
            remedy_id,
            step,
            granted=granted,
        )

    async def answer_extend(
        self, request: service.ExtendRepairRequest, context: CallContext
    ) -> Response:
        """Answer ExtendRepair."""
        reader = RequestReader(request)
        remedy_id = reader.required("remedy_id", _read_remedy_id, 0)
        step = read_decision(reader, context, reasons_required=True)
        told_date = read_told_date(reader, context, step.step_date)
        reader.finish()
        run = partial(self._run, self.extend, service.ExtendRepairResponse, request, context)
        return await run(remedy_id, step, told_date=told_date)

    async def answer_share(
        self, request: service.ShareResultRequest, context: CallContext
    ) -> Response:
        """Answer ShareResult."""
        reader = RequestReader(request)
        remedy_id = reader.required("remedy_id", _read_remedy_id, 0)
        step = read_sharing(reader, context)
        reader.finish()
        run = partial(self._run, self.share, service.ShareResultResponse, request, context)
        return await run(remedy_id, step)

    async def answer_withdraw(
        self, request: service.WithdrawRepairRequest, context: CallContext
    ) -> Response:
        """Answer WithdrawRepair."""
        reader = RequestReader(request)
        remedy_id = reader.required("remedy_id", _read_remedy_id, 0)
        step = read_decision(reader, context, reasons_required=True)
        reader.finish()
        return await self._run(
            self.withdraw, service.WithdrawRepairResponse, request, context, remedy_id, step
        )

    async def answer_get(self, request: service.GetRemedyRequest, context: CallContext) -> Response:
        """Answer GetRemedy."""
        reader = RequestReader(request)
        remedy_id = reader.required("remedy_id", _read_remedy_id, 0)
        as_of = read_as_of(reader, moment_of(context).today)
        standpoint = read_standpoint(reader)
        reader.finish()
        view = await context.run_command(self.get, remedy_id, standpoint, as_of=as_of)
        return service.GetRemedyResponse(
            remedy=write_remedy(view), as_of=write_day(as_of), point=write_point(view.point)
        )

    async def answer_list(
        self, request: service.ListRemediesRequest, context: CallContext
    ) -> Response:
        """Answer ListRemedies."""
        reader = RequestReader(request)
        wanted = Wanted(
            filter=RemedyFilter(
                authority=reader.text("authority", DOCUMENT_CHARACTERS_MAX),
                target=reader.optional("target_id", read_target),
                state=reader.optional("state", _read_state),
            ),
            open=request.open,
            overdue=request.overdue,
        )
        page = read_page(
            request, reader, method=context.method, limits=self.limits, key_types=(int,)
        )
        as_of = read_as_of(reader, moment_of(context).today)
        standpoint = read_standpoint(reader)
        reader.finish()
        found = await context.run_command(self.page, wanted, standpoint, as_of=as_of, page=page)
        return service.ListRemediesResponse(
            remedies=[write_remedy(view) for view in found.views],
            next_page_token=found.next_token,
            as_of=write_day(found.as_of),
            point=write_point(found.point),
        )

    async def answer_publication(
        self, request: service.GetPublicationRequest, context: CallContext
    ) -> Response:
        """Answer GetPublication."""
        reader = RequestReader(request)
        record_id = reader.required("record_id", _read_record_id, 0)
        as_of = read_as_of(reader, moment_of(context).today)
        standpoint = read_standpoint(reader)
        reader.finish()
        found = await context.run_command(self.publication, record_id, standpoint, as_of=as_of)
        return service.GetPublicationResponse(
            publication=write_publication(found),
            as_of=write_day(as_of),
            point=write_point(found.point),
        )

    async def _run(
        self,
        command: Callable[..., Answer],
        response: Any,  # noqa: ANN401 -- six response messages of one shape.
        request: Message,
        context: CallContext,
        *arguments: object,
        **options: object,
    ) -> Response:
        def stored(view: RemedyView) -> Message:
            message: Message = response(remedy=write_remedy(view), point=write_point(view.point))
            return message

        call = write_call(request, context, stored)
        answer = await context.run_command(command, call, *arguments, **options)
        return response_of(answer, response)
