"""ListService: reading cases, entries and deadlines."""

from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from safetycredit.scoring.v1 import list_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.common.portals import other_subject
from services.scoring.commands.lists.get_list_case import GetListCase
from services.scoring.commands.lists.get_list_entry import GetListEntry
from services.scoring.commands.lists.list_case_ports import CaseFilter, EntryFilter
from services.scoring.commands.lists.list_deadlines import DeadlineFilter, ListDeadlines
from services.scoring.commands.lists.list_desk import ListDesk
from services.scoring.commands.lists.list_list_cases import ListListCases
from services.scoring.commands.lists.list_list_entries import ListListEntries
from services.scoring.commands.lists.own_view import part_of
from services.scoring.commands.standpoint import PageRequest
from services.scoring.domain.entry_course import EntryState
from services.scoring.domain.list_case import CaseState, StepKind
from services.scoring.domain.list_entry import ListKind
from services.scoring.handlers import list_case_requests as rules
from services.scoring.handlers.list_case_messages import (
    deadline_message,
    found_entry_message,
    list_case_message,
    own_party,
)
from services.scoring.handlers.listed_entries import listed_entry_message
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.requests import PageLimits


@dataclass(frozen=True, slots=True)
class ListCaseReadHandlers:
    """Answers the calls that read cases, entries and deadlines.

    Attributes:
        desk: Where cases are worked on.
        limits: How many rows a page holds.
    """

    desk: ListDesk
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "GetListCase": self.get_list_case,
            "ListListCases": self.list_list_cases,
            "GetListEntry": self.get_list_entry,
            "ListListEntries": self.list_list_entries,
            "ListDeadlines": self.list_deadlines,
        }

    async def get_list_case(
        self, request: pb.GetListCaseRequest, context: CallContext
    ) -> pb.GetListCaseResponse:
        """Get a case."""
        read = rules.GetListCaseRules.read(request)
        view = await context.run_command(
            GetListCase(self.desk),
            read.case_id,
            read.standpoint(context.clock),
            caller=context.caller,
            full_names=read.full_names,
        )
        own = own_party(context.caller)
        part = part_of(view, own)
        if part is None:
            # Before it is told of its case a party learns as little of it as everybody else.
            raise other_subject(own, method=context.method, field="party_subject_id")
        return pb.GetListCaseResponse(
            list_case=list_case_message(part, full_names=read.full_names),
            point=point_message(view.point),
        )

    async def list_list_cases(
        self, request: pb.ListListCasesRequest, context: CallContext
    ) -> pb.ListListCasesResponse:
        """List cases."""
        read = rules.ListListCasesRules.read(request, self.limits)
        wanted = CaseFilter(
            kind=ListKind(read.list) if read.list else None,
            field=read.field,
            state=CaseState(read.state) if read.state else None,
            authority=read.authority,
        )
        page = await context.run_command(
            ListListCases(self.desk),
            read.standpoint(context.clock),
            wanted=wanted,
            subject=read.subject,
            own=own_party(context.caller),
            page=_page(request, read, method=context.method),
        )
        return pb.ListListCasesResponse(
            list_cases=[list_case_message(view) for view in page.cases],
            next_page_token=page.next_token,
            point=point_message(page.point),
        )

    async def get_list_entry(
        self, request: pb.GetListEntryRequest, context: CallContext
    ) -> pb.GetListEntryResponse:
        """Get an entry."""
        read = rules.GetListEntryRules.read(request)
        found = await context.run_command(
            GetListEntry(self.desk),
            read.entry_id,
            read.standpoint(context.clock),
            caller=context.caller,
            full_names=read.full_names,
        )
        return found_entry_message(found)

    async def list_list_entries(
        self, request: pb.ListListEntriesRequest, context: CallContext
    ) -> pb.ListListEntriesResponse:
        """List entries."""
        read = rules.ListListEntriesRules.read(request, self.limits)
        wanted = EntryFilter(
            kind=ListKind(read.list) if read.list else None,
            field=read.field,
            division=read.division,
            state=EntryState(read.state) if read.state else None,
        )
        page = await context.run_command(
            ListListEntries(self.desk),
            read.standpoint(context.clock),
            wanted=wanted,
            subject=read.subject,
            page=_page(request, read, method=context.method),
        )
        return pb.ListListEntriesResponse(
            entries=[listed_entry_message(held) for held in page.entries],
            next_page_token=page.next_token,
            point=point_message(page.point),
        )

    async def list_deadlines(
        self, request: pb.ListDeadlinesRequest, context: CallContext
    ) -> pb.ListDeadlinesResponse:
        """List what is due."""
        read = rules.ListDeadlinesRules.read(request, self.limits)
        wanted = DeadlineFilter(
            kind=ListKind(read.list) if read.list else None,
            field=read.field,
            authority=read.authority,
            step=StepKind(read.step) if read.step else None,
            overdue=read.overdue,
            due_before=read.due_before,
            subject=read.subject,
        )
        page = await context.run_command(
            ListDeadlines(self.desk),
            read.standpoint(context.clock),
            wanted=wanted,
            own=own_party(context.caller),
            page=_page(request, read, method=context.method),
        )
        return pb.ListDeadlinesResponse(
            deadlines=[deadline_message(due) for due in page.deadlines],
            next_page_token=page.next_token,
            point=point_message(page.point),
        )


# Private functions -----------------------------------------------------------


def _page(request: Message, read: rules.ListedPageRules, *, method: str) -> PageRequest:
    """Give the page that a request wants; everything but page and token is the filter."""
    rest: Any = type(request)()
    rest.CopyFrom(request)
    for name in ("page_size", "page_token", "token"):
        rest.ClearField(name)
    return PageRequest(
        method=method,
        filter_bytes=rest.SerializeToString(deterministic=True),
        size=read.page_size,
        token=read.page_token,
    )
