"""Approve a proposed policy."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.policies.issuing_ports import (
    ProposalStore,
    ProposalWriting,
    StoredProposal,
)
from services.scoring.commands.policies.stepping import take_step
from services.scoring.domain.proposal import Proposal, StepKind


@dataclass(frozen=True, slots=True)
class ApprovePolicy:
    """Approves exactly the proposed bytes.

    Attributes:
        store: Where proposals are kept.
    """

    store: ProposalStore

    def __call__(
        self,
        call: WriteCall[StoredProposal],
        proposal_id: int,
        *,
        digest: str,
        document_number: str,
        note: str,
    ) -> Answer:
        """Store the approval.

        Raises:
            ProposalUnknownError: There is no such proposal.
            ProposalClosedError: It is published or withdrawn.
            ProposalDigestDiffersError: Other bytes are meant.
            ApproverIsProposerError: The caller proposed it.
            AlreadyApprovedError: The caller has approved it.
            PolicyOutOfScopeError: The caller may not issue policies of that division or field.
        """

        def allowed(proposal: Proposal) -> None:
            proposal.require_digest(digest)
            proposal.require_approver(call.caller.identity)

        def work(write: ProposalWriting) -> StoredProposal:
            step = (StepKind.APPROVED, document_number, note)
            return take_step(write, call, proposal_id, step=step, allowed=allowed)

        return write_once(self.store, call, work)
