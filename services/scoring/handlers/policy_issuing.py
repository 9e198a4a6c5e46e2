"""The calls of PolicyService that check, propose, approve, publish and withdraw."""

from dataclasses import dataclass

from safetycredit.scoring.v1 import policy_service_pb2 as pb
from safetycredit.scoring.v1.policy_proposal_pb2 import PolicyFile
from services.common.call_context import CallContext
from services.common.calls import Handler, Response
from services.common.clock import today
from services.common.write_calls import response_of, write_call
from services.scoring.commands.policies.approve_policy import ApprovePolicy
from services.scoring.commands.policies.check_policy import CheckPolicy
from services.scoring.commands.policies.get_proposal import GetProposal
from services.scoring.commands.policies.list_proposals import ListProposals, ProposalsWanted
from services.scoring.commands.policies.propose_policy import ProposePolicy
from services.scoring.commands.policies.publish_policy import PublishPolicy
from services.scoring.commands.policies.withdraw_proposal import WithdrawProposal
from services.scoring.domain.proposal import digest_of_files
from services.scoring.handlers.issuing_messages import (
    approved_message,
    problem_messages,
    proposal_message,
    proposed_message,
    published_message,
    reviewed_file_message,
    withdrawn_message,
)
from services.scoring.handlers.issuing_rules import (
    ApprovePolicyRules,
    CheckPolicyRules,
    GetProposalRules,
    ListProposalsRules,
    ProposePolicyRules,
    PublishPolicyRules,
    WithdrawProposalRules,
    page_wanted,
)
from services.scoring.handlers.messages import point_message
from services.scoring.handlers.requests import PageLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuingHandlers:
    """Answers the calls that lead a policy to its publication.

    Attributes:
        check: Checks.
        propose: Proposes.
        get: Gets a proposal.
        list_all: Lists proposals.
        approve: Approves.
        withdraw: Withdraws.
        publish: Publishes.
        limits: How many proposals a page holds.
    """

    check: CheckPolicy
    propose: ProposePolicy
    get: GetProposal
    list_all: ListProposals
    approve: ApprovePolicy
    withdraw: WithdrawProposal
    publish: PublishPolicy
    limits: PageLimits

    def by_name(self) -> dict[str, Handler]:
        """Give the handlers by the names of their methods."""
        return {
            "CheckPolicy": self.check_policy,
            "ProposePolicy": self.propose_policy,
            "GetProposal": self.get_proposal,
            "ListProposals": self.list_proposals,
            "ApprovePolicy": self.approve_policy,
            "WithdrawProposal": self.withdraw_proposal,
            "PublishPolicy": self.publish_policy,
        }

    async def check_policy(
        self, request: pb.CheckPolicyRequest, context: CallContext
    ) -> pb.CheckPolicyResponse:
        """Check a policy file."""
        rules = CheckPolicyRules.read(request)
        found = await context.run_command(self.check, rules.files(), today=today(context.clock))
        several = len(found.files) > 1
        return pb.CheckPolicyResponse(
            passed=not found.mistakes and not found.clashing,
            problems=problem_messages(found.problems),
            policy_id=found.policy.policy_id if found.policy else "",
            new_versions=[one.version.version for file in found.files[:1] for one in file.added],
            versions_checked=found.versions_checked,
            cases_tried=found.cases_tried,
            digest=digest_of_files([one.digest for one in rules.files()]),
            files=[reviewed_file_message(one) for one in found.files] if several else [],
        )

    async def propose_policy(
        self, request: pb.ProposePolicyRequest, context: CallContext
    ) -> Response:
        """Propose a policy file, or several together."""
        rules = ProposePolicyRules.read(request)
        answer = await context.run_command(
            self.propose,
            write_call(request, context, proposed_message),
            rules.files(),
            document_number=rules.document_number,
            note=rules.note,
        )
        return response_of(answer, pb.ProposePolicyResponse)

    async def get_proposal(
        self, request: pb.GetProposalRequest, context: CallContext
    ) -> pb.GetProposalResponse:
        """Get a proposal."""
        rules = GetProposalRules.read(request)
        answer = await context.run_command(
            self.get, rules.proposal_id, rules.standpoint(), with_content=rules.with_content
        )
        return pb.GetProposalResponse(
            proposal=proposal_message(answer.proposal),
            content=answer.files[0].content if answer.files else b"",
            cases=answer.files[0].cases if answer.files else b"",
            point=point_message(answer.point),
            further_files=[
                PolicyFile(content=one.content, cases=one.cases) for one in answer.files[1:]
            ],
        )

    async def list_proposals(
        self, request: pb.ListProposalsRequest, context: CallContext
    ) -> pb.ListProposalsResponse:
        """List proposals."""
        rules = ListProposalsRules.read(request, self.limits)
        page = await context.run_command(
            self.list_all,
            ProposalsWanted(policy_id=rules.policy_id, state=rules.state),
            rules.standpoint(),
            page_wanted(request, rules, method=context.method),
        )
        return pb.ListProposalsResponse(
            proposals=[proposal_message(one) for one in page.proposals],
            next_page_token=page.next_token,
            point=point_message(page.point),
        )

    async def approve_policy(
        self, request: pb.ApprovePolicyRequest, context: CallContext
    ) -> Response:
        """Approve a proposal."""
        rules = ApprovePolicyRules.read(request)
        answer = await context.run_command(
            self.approve,
            write_call(request, context, approved_message),
            rules.proposal_id,
            digest=rules.digest,
            document_number=rules.document_number,
            note=rules.note,
        )
        return response_of(answer, pb.ApprovePolicyResponse)

    async def withdraw_proposal(
        self, request: pb.WithdrawProposalRequest, context: CallContext
    ) -> Response:
        """Withdraw a proposal."""
        rules = WithdrawProposalRules.read(request)
        answer = await context.run_command(
            self.withdraw,
            write_call(request, context, withdrawn_message),
            rules.proposal_id,
            document_number=rules.document_number,
            note=rules.note,
        )
        return response_of(answer, pb.WithdrawProposalResponse)

    async def publish_policy(
        self, request: pb.PublishPolicyRequest, context: CallContext
    ) -> Response:
        """Publish a proposal."""
        rules = PublishPolicyRules.read(request)
        answer = await context.run_command(
            self.publish,
            write_call(request, context, published_message),
            rules.proposal_id,
            digest=rules.digest,
            document_number=rules.document_number,
            recorded_levels_kept=rules.recorded_levels_kept,
        )
        return response_of(answer, pb.PublishPolicyResponse)
