"""ListService: where subjects stand with the lists."""

from dataclasses import dataclass

from safetycredit.scoring.v1 import list_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.scoring.commands.lists.get_list_status import GetListStatus
from services.scoring.commands.lists.list_candidates import ListCandidates
from services.scoring.handlers.messages import basis_message, list_status_message
from services.scoring.handlers.requests import (
    GetListStatusRules,
    ListCandidatesRules,
    PageLimits,
    page_of,
)


@dataclass(frozen=True, slots=True)
class ListHandlers:
    """Answers the calls of ListService.

    Attributes:
        get_status: Finds where one subject stands.
        list_by_rule: Lists candidates.
        limits: How many candidates a page holds.
    """

    get_status: GetListStatus
    list_by_rule: ListCandidates
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "GetListStatus": self.get_list_status,
            "ListCandidates": self.list_candidates,
        }

    async def get_list_status(
        self, request: pb.GetListStatusRequest, context: CallContext
    ) -> pb.GetListStatusResponse:
        """Say where one subject stands."""
        rules = GetListStatusRules.read(request)
        statuses = await context.run_command(
            self.get_status,
            rules.subject,
            rules.standpoint(context.clock),
            field=rules.field,
            policy_id=rules.policy_id,
        )
        return pb.GetListStatusResponse(
            statuses=[list_status_message(status, status.basis.policy.field) for status in statuses]
        )

    async def list_candidates(
        self, request: pb.ListCandidatesRequest, context: CallContext
    ) -> pb.ListCandidatesResponse:
        """List the candidates of one list."""
        rules = ListCandidatesRules.read(request, self.limits)
        page = await context.run_command(
            self.list_by_rule,
            rules.policy_id,
            rules.standpoint(context.clock),
            wanted=rules.filter(),
            page=page_of(request, rules, method=context.method),
        )
        return pb.ListCandidatesResponse(
            candidates=[
                list_status_message(status, status.basis.policy.field) for status in page.candidates
            ],
            next_page_token=page.next_token,
            basis=basis_message(page.basis),
        )
