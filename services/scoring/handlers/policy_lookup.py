"""The calls of PolicyService that look policies up: versions, differences, reasons."""

from dataclasses import dataclass

from safetycredit.scoring.v1 import policy_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.common.clock import today
from services.engine.policy_file import KINDS
from services.scoring.commands.policies.diff_policy_versions import DiffPolicyVersions
from services.scoring.commands.policies.list_policy_versions import ListPolicyVersions
from services.scoring.commands.policies.list_reason_codes import ListReasonCodes, ReasonsWanted
from services.scoring.handlers.issuing_messages import (
    difference_message,
    reason_message,
    version_message,
)
from services.scoring.handlers.issuing_rules import (
    DiffPolicyVersionsRules,
    ListPolicyVersionsRules,
    ListReasonCodesRules,
    page_wanted,
)
from services.scoring.handlers.messages import point_message, policy_ref_message
from services.scoring.handlers.requests import PageLimits
from services.scoring.handlers.wire_values import write_day


@dataclass(frozen=True, slots=True)
class LookupHandlers:
    """Answers the calls that look policies up.

    Attributes:
        versions: Lists versions.
        differences: Compares two.
        reasons: Lists reasons.
        limits: How many rows a page holds.
    """

    versions: ListPolicyVersions
    differences: DiffPolicyVersions
    reasons: ListReasonCodes
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "ListPolicyVersions": self.list_policy_versions,
            "DiffPolicyVersions": self.diff_policy_versions,
            "ListReasonCodes": self.list_reason_codes,
        }

    async def list_policy_versions(
        self, request: pb.ListPolicyVersionsRequest, context: CallContext
    ) -> pb.ListPolicyVersionsResponse:
        """List every version ever."""
        rules = ListPolicyVersionsRules.read(request, self.limits)
        page = await context.run_command(
            self.versions,
            rules.policy_id,
            rules.standpoint(),
            page_wanted(request, rules, method=context.method),
        )
        return pb.ListPolicyVersionsResponse(
            versions=[version_message(one) for one in page.records],
            next_page_token=page.next_token,
            point=point_message(page.point),
        )

    async def diff_policy_versions(
        self, request: pb.DiffPolicyVersionsRequest, context: CallContext
    ) -> pb.DiffPolicyVersionsResponse:
        """Say what differs between two versions."""
        rules = DiffPolicyVersionsRules.read(request)
        found = await context.run_command(self.differences, rules.from_version, rules.later())
        return pb.DiffPolicyVersionsResponse(
            from_version=policy_ref_message(found.earlier),
            to_version=policy_ref_message(found.later),
            differences=[difference_message(one) for one in found.differences],
        )

    async def list_reason_codes(
        self, request: pb.ListReasonCodesRequest, context: CallContext
    ) -> pb.ListReasonCodesResponse:
        """List the reasons that explanations give."""
        rules = ListReasonCodesRules.read(request, self.limits)
        as_of = rules.as_of or today(context.clock)
        page = await context.run_command(
            self.reasons,
            ReasonsWanted(
                policy_id=rules.policy_id,
                kind=KINDS[rules.kind - 1] if rules.kind else "",
                field=rules.field,
                division=rules.division,
                as_of=as_of,
            ),
            page_wanted(request, rules, method=context.method),
        )
        return pb.ListReasonCodesResponse(
            reasons=[reason_message(one) for one in page.reasons],
            next_page_token=page.next_token,
            as_of=write_day(as_of),
        )
