"""Withdraw a proposal."""

from dataclasses import dataclass

from services.common.once import Answer, WriteCall, write_once
from services.scoring.commands.policies.issuing_ports import (
    ProposalStore,
    ProposalWriting,
    StoredProposal,
)
from services.scoring.commands.policies.stepping import take_step
from services.scoring.domain.proposal import StepKind


@dataclass(frozen=True, slots=True)
class WithdrawProposal:
    """Withdraws a proposal that is not published.

    Attributes:
        store: Where proposals are kept.
    """

    store: ProposalStore

    def __call__(
        self, call: WriteCall[StoredProposal], proposal_id: int, *, document_number: str, note: str
    ) -> Answer:
        """Store the withdrawal.

        Raises:
            ProposalUnknownError: There is no such proposal.
            ProposalClosedError: It is published or withdrawn.
            PolicyOutOfScopeError: The caller may not issue policies of that division or field.
        """

        def work(write: ProposalWriting) -> StoredProposal:
            step = (StepKind.WITHDRAWN, document_number, note)
            return take_step(write, call, proposal_id, step=step, allowed=lambda _: None)

        return write_once(self.store, call, work)
