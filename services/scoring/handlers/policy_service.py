"""PolicyService: the law as dated, cited data."""

from dataclasses import dataclass

from safetycredit.scoring.v1 import policy_service_pb2 as pb
from services.common.call_context import CallContext
from services.common.calls import Handler
from services.common.clock import today
from services.engine.policy_file import KINDS
from services.scoring.commands.policies.get_policy import GetPolicy
from services.scoring.commands.policies.list_policies import ListPolicies, PoliciesWanted
from services.scoring.handlers.messages import policy_message
from services.scoring.handlers.requests import (
    GetPolicyRules,
    ListPoliciesRules,
    PageLimits,
    page_of,
)


@dataclass(frozen=True, slots=True)
class PolicyHandlers:
    """Answers the calls of PolicyService that list and show policies.

    Attributes:
        list_versions: Lists versions.
        get_version: Gets one.
        limits: How many versions a page holds.
    """

    list_versions: ListPolicies
    get_version: GetPolicy
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {"ListPolicies": self.list_policies, "GetPolicy": self.get_policy}

    async def list_policies(
        self, request: pb.ListPoliciesRequest, context: CallContext
    ) -> pb.ListPoliciesResponse:
        """List policy versions."""
        rules = ListPoliciesRules.read(request, self.limits)
        page = await context.run_command(
            self.list_versions,
            PoliciesWanted(
                kind=KINDS[rules.kind - 1] if rules.kind else "",
                field=rules.field,
                division=rules.division,
                as_of=rules.as_of,
            ),
            page_of(request, rules, method=context.method),
        )
        return pb.ListPoliciesResponse(
            policies=[policy_message(version) for version in page.versions],
            next_page_token=page.next_token,
        )

    async def get_policy(
        self, request: pb.GetPolicyRequest, context: CallContext
    ) -> pb.GetPolicyResponse:
        """Get one policy version with its exact bytes."""
        rules = GetPolicyRules.read(request)
        compiled = await context.run_command(
            self.get_version,
            rules.policy_id,
            version=rules.version,
            as_of=rules.as_of or today(context.clock),
        )
        return pb.GetPolicyResponse(
            policy=policy_message(compiled), content=compiled.policy.content
        )
